"""The table of jobs: name, period, function; APScheduler only ticks, durable work is rows.

Its ticks come by the wall clock. Where that is set back they stay away until it has caught up, so whoever waits for a
tick does not wait for it alone.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot import fsm, inbox, leases, upstream
from bot.settings import Settings
from services import (
    alarm,
    audit,
    broadcasts,
    causes,
    finishing,
    fulfilment,
    outbox,
    placing,
    quotes,
    reconciliation,
    refilling,
    refills,
    setback,
    staff,
    stranded,
    waiting,
)
from services.db import Database
from services.errors import ShopError
from services.link_check import LinkCheck
from services.policy import Policy
from services.provider import PanelClient, ProviderError
from services.stock import CatalogueShrunk

log = structlog.get_logger()

UPDATES_KEPT = timedelta(hours=48)
AUDITS_KEPT = timedelta(days=90)
CONVERSATIONS_KEPT = timedelta(days=90)
RECKONED_EVERY = timedelta(hours=6)
REMINDED_EVERY = timedelta(hours=1)
RECKONED_DAYS = 7
"""A day is told once it is over, or when the process is up again; panels correct it for a few days more."""
OVERDUE = 1.5
"""A job runs after so many of its periods, whether it was told that it is time or not."""


@dataclass(slots=True)
class Clock:
    """The wall clock, held against one that nobody sets."""

    now: Callable[[], datetime]
    steady: Callable[[], float] = time.monotonic
    known: datetime | None = None

    def origin(self) -> datetime:
        """When the steady clock began, by the wall clock: earlier than it was once that is set back."""
        return self.now() - timedelta(seconds=self.steady())

    def set_back(self, origin: datetime) -> bool:
        """Whether it was set back since `known`; nobody knows what happened before the process began."""
        return self.known is None or origin < self.known - timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Shop:
    """What jobs work with. `look` makes the sender look into the outbox; `pages` looks at links, None: nobody does."""

    db: Database
    settings: Settings
    policy: Policy
    providers: Mapping[str, PanelClient]
    owner: str
    now: Callable[[], datetime]
    look: Callable[[], None]
    clock: Clock
    pages: LinkCheck | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the table. `topic` is the commit announcement that runs it at once.

    `each`: separately for each provider, so that a slow one holds up no other. `alone`: of several processes on one
    database, one does it.
    """

    name: str
    period: Callable[[Settings], float]
    function: Callable[[Shop], Awaitable[object]]
    each: bool = False
    alone: bool = False
    topic: str | None = None


async def submit(shop: Shop) -> None:
    """Send the queued orders that are due."""
    await placing.submit_due(shop.db, shop.providers, shop.policy, shop.owner, shop.now)


async def poll(shop: Shop) -> None:
    """Ask about the open orders that are due."""
    await fulfilment.poll_due(shop.db, shop.providers, shop.policy, shop.now, shop.pages)


async def refill(shop: Shop) -> None:
    """Send the refills that were asked for, and ask about those under way."""
    await refilling.work(shop.db, shop.providers, shop.policy, shop.now)


async def remind(shop: Shop) -> None:
    """Remind customers that the guarantee of an order ends soon, a page of orders at a time."""
    while await shop.db.retrying(partial(refills.remind, now=shop.now())) == refills.PAGE:
        pass


async def sweep(shop: Shop) -> None:
    """Settle what the death or silence of somebody left half-done, and what a clock that was set back left waiting."""
    origin = shop.clock.origin()
    if shop.clock.set_back(origin):
        await shop.db.retrying(partial(setback.bring_back, policy=shop.policy, now=shop.now()))
    shop.clock.known = origin
    for tidy in (placing.sweep, stranded.tell, refilling.sweep):
        await shop.db.retrying(partial(tidy, policy=shop.policy, now=shop.now()))


async def rests(shop: Shop) -> None:
    """Tell who waits for it that the rest of their order can be had by now."""
    async with shop.db.write() as session:
        await waiting.look(session, shop.now())


async def finish(shop: Shop) -> None:
    """Go on with the goals that the shop finishes by itself; each step is a transaction of its own."""
    undo, began = timedelta(seconds=shop.settings.undo_seconds), shop.now()
    while True:
        async with shop.db.write() as session:
            due = await finishing.claim(session, began)
        if not due:
            return
        codes = {} if shop.pages is None else await shop.pages.codes({each.link for each in due})
        seen = {link: code for link, code in codes.items() if code != "unclear"}
        if seen:
            await shop.db.retrying(partial(causes.remember, codes=seen, now=shop.now()))
        for each in due:
            page = codes.get(each.link, "unclear")
            step = partial(finishing.step, goal_id=each.goal_id, page=page, undo=undo, now=shop.now())
            try:
                await shop.db.retrying(step)
            except ShopError as refusal:  # somebody was quicker: it is looked at once more, and holds nobody up
                log.info("a goal was not gone on with", goal=each.goal_id, refusal=refusal.code)


async def broadcast(shop: Shop) -> None:
    """Put the next page of the messages to many into the outbox, where little of them waits there."""
    await shop.db.retrying(partial(broadcasts.feed, now=shop.now(), fallback=shop.settings.default_locale))


async def look(shop: Shop) -> None:
    """The net under the announcements of the outbox."""
    shop.look()


async def sync(shop: Shop) -> None:
    """Bring the catalogue up to date."""
    for name, client in shop.providers.items():
        await upstream.sync(shop.db, client, shop.settings.providers[name], shop.policy, shop.now)


async def weigh(shop: Shop) -> None:
    """Ask for the shop's balance at the provider."""
    for client in shop.providers.values():
        await upstream.weigh(shop.db, client, shop.now)


async def reckon(shop: Shop) -> None:
    """Compare what each provider charged for the last few days with what their orders cost; each day is told once."""
    now = shop.now()
    days = [(now - timedelta(days=ago)).date() for ago in range(RECKONED_DAYS, 0, -1)]
    async with shop.db.read() as read:
        reckonings = [
            reckoning
            for name in shop.providers
            for reckoning in await reconciliation.of_days(read, name, days, shop.settings.providers[name].exchange_rate)
        ]
    async with shop.db.write() as session:
        await reconciliation.report(session, reckonings, shop.policy, now)


async def examine(shop: Shop) -> None:
    """Check every invariant. What is merely late after a standstill is swept up first: it is not broken."""
    await sweep(shop)
    now = shop.now()
    async with shop.db.read() as read:
        breaches = await audit.check(read, shop.policy, now)
    async with shop.db.write() as session:
        fresh = await alarm.record(session, breaches, shop.policy.admins, now)
    for breach in fresh:
        log.error("audit.breach", invariant=str(breach.invariant), rows=[audit.worded(row) for row in breach.rows])


async def purge(shop: Shop) -> None:
    """Forget what is of no more use."""
    now = shop.now()
    async with shop.db.write() as session:
        await inbox.purge(session, now - UPDATES_KEPT)
        await outbox.purge(session, now - shop.policy.notices_kept)
        await quotes.purge(session, now - shop.policy.notices_kept)  # their buttons are under these notices
        await causes.purge(session, now - causes.JUST_NOW)
        await alarm.purge(session, now - AUDITS_KEPT)
        await fsm.purge(session, now - CONVERSATIONS_KEPT)


JOBS = (
    Job("submit", lambda settings: settings.submit_interval, submit, each=True, topic="submit"),
    Job("poll", lambda settings: settings.poll_interval, poll, each=True),
    Job("refill", lambda settings: settings.poll_interval, refill, each=True, topic="refill"),
    Job("remind", lambda settings: REMINDED_EVERY.total_seconds(), remind, alone=True),
    Job("sweep", lambda settings: settings.sweep_interval, sweep),
    Job("rests", lambda settings: settings.sweep_interval, rests, topic="rests"),
    Job("finish", lambda settings: settings.sweep_interval, finish, topic="finish"),
    Job("broadcast", lambda settings: settings.outbox_interval, broadcast, alone=True, topic="broadcasts"),
    Job("outbox", lambda settings: settings.outbox_interval, look),
    Job("sync", lambda settings: settings.sync_interval, sync, each=True, alone=True),
    Job("balance", lambda settings: settings.balance_interval, weigh, each=True, alone=True),
    Job("reckon", lambda settings: RECKONED_EVERY.total_seconds(), reckon, alone=True),
    Job("audit", lambda settings: settings.audit_interval, examine, alone=True),
    Job("purge", lambda settings: settings.purge_interval, purge, alone=True),
)


@dataclass(slots=True)
class Running:
    """A job at work in this process, and how it has fared; `finished` is when it last came to a good end."""

    name: str
    job: Job
    shop: Shop
    due: asyncio.Event = field(default_factory=asyncio.Event)
    runs: int = 0
    failures: int = 0
    finished: datetime | None = None


class Runner:
    """Runs the table until stopped: each job by itself, one run at a time, a missed tick made up once."""

    def __init__(self, shop: Shop, table: tuple[Job, ...] = JOBS) -> None:
        self._shop = shop
        self._stopping = False
        self.running = [
            Running(job.name if name is None else f"{job.name}:{name}", job, _narrowed(shop, name))
            for job in table
            for name in (shop.providers if job.each else [None])
        ]
        for running in self.running:
            if running.job.topic is not None:
                shop.db.subscribe(running.job.topic, running.due.set)

    def stop(self) -> None:
        """Begin no run any more; `run` returns when those under way have ended."""
        self._stopping = True
        for running in self.running:
            running.due.set()

    @property
    def stocked(self) -> bool:
        """Whether the catalogue of every provider was asked for once, with or without success."""
        return all(running.runs for running in self.running if running.job.function is sync)

    async def run(self) -> None:
        """Tick and work until stopped or cancelled."""
        scheduler = AsyncIOScheduler(
            jobstores={"default": MemoryJobStore()},
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for running in self.running:
            period = running.job.period(self._shop.settings)
            scheduler.add_job(partial(_tick, running.due), IntervalTrigger(seconds=period, timezone=UTC))
            running.due.set()
        scheduler.start()
        try:
            async with asyncio.TaskGroup() as group:
                for running in self.running:
                    group.create_task(self._serve(running), name=running.name)
        finally:
            scheduler.shutdown(wait=False)

    async def _serve(self, running: Running) -> None:
        patience = running.job.period(self._shop.settings) * OVERDUE
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await running.due.wait()
            if self._stopping:
                return
            running.due.clear()
            with structlog.contextvars.bound_contextvars(job=running.name):
                await self._once(running)

    async def _once(self, running: Running) -> None:
        job, shop = running.job, running.shop
        try:
            if job.alone and not shop.db.on_sqlite:
                term = timedelta(seconds=job.period(shop.settings) * 1.5)
                if not await leases.acquire(shop.db, f"job:{running.name}", shop.owner, shop.now(), term):
                    return
            async with shop.db.read() as session:  # whom alerts go to may change at any time
                shop = replace(shop, policy=await staff.informed(session, shop.policy))
            await job.function(shop)
        except (ProviderError, CatalogueShrunk) as error:
            running.failures += 1
            log.warning("a provider is of no use just now", error=str(error))
        except Exception:  # the process edge: the next tick goes on
            running.failures += 1
            log.exception("a job failed")
        else:
            running.finished = shop.now()
        finally:
            running.runs += 1


async def _tick(due: asyncio.Event) -> None:
    """All that the scheduler does: its own tasks are cancelled when it shuts down, ours are not."""
    due.set()


def _narrowed(shop: Shop, provider: str | None) -> Shop:
    return shop if provider is None else replace(shop, providers={provider: shop.providers[provider]})
