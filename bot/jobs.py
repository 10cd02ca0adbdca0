"""The table of jobs: name, period, function; durable work is rows, and bot.runner runs the table."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot import fsm, inbox, upstream
from bot.settings import Settings
from services import (
    alarm,
    audit,
    auditing,
    backups,
    broadcasts,
    causes,
    coming_markups,
    coming_prices,
    deliveries,
    finishing,
    fulfilment,
    lookout,
    low_balances,
    outbox,
    placing,
    quotes,
    reconciliation,
    refilling,
    refills,
    reseller_news,
    scheduled_markups,
    scheduled_prices,
    setback,
    stranded,
    waiting,
    webhooks,
)
from services.api_uses import Tally
from services.db import Database
from services.errors import ShopError
from services.link_check import LinkCheck
from services.policy import Policy
from services.provider import PanelClient
from services.site_posts import SitePosts

log = structlog.get_logger()

UPDATES_KEPT = timedelta(hours=48)
AUDITS_KEPT = timedelta(days=90)
CONVERSATIONS_KEPT = timedelta(days=90)
RECKONED_EVERY = timedelta(hours=6)
REMINDED_EVERY = timedelta(hours=1)
BACKED_UP_EVERY = timedelta(minutes=30)
"""So often it is looked whether the next backup is due, or one that failed is to be tried again."""
RECKONED_DAYS = 7
"""A day is told once it is over, or when the process is up again; panels correct it for a few days more."""


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
    """What jobs work with. `look` makes the sender look into the outbox; `pages` looks at links, None: nobody does;
    `sites` sends to resellers' sites, None: nobody does.

    `tally` counts what resellers ask of this process, `late` tells which of its jobs are late.
    """

    db: Database
    settings: Settings
    policy: Policy
    providers: Mapping[str, PanelClient]
    owner: str
    now: Callable[[], datetime]
    look: Callable[[], None]
    clock: Clock
    pages: LinkCheck | None = None
    tally: Tally = field(default_factory=Tally)
    sites: SitePosts | None = None
    late: Callable[[], Sequence["Late"]] = tuple


@dataclass(frozen=True, slots=True)
class Late:
    """A job that is late, and since when it has come to no good end."""

    name: str
    since: datetime


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


async def deliver(shop: Shop) -> None:
    """Send what waits for resellers' sites."""
    if shop.sites is not None:
        await deliveries.work(shop.db, shop.sites, shop.now)


async def look(shop: Shop) -> None:
    """The net under the announcements of the outbox."""
    shop.look()


async def sum_up(shop: Shop) -> None:
    """Tell resellers who hear once a day what the days came to that are over."""
    await shop.db.retrying(partial(reseller_news.sum_up, now=shop.now()))


async def sync(shop: Shop) -> None:
    """Bring the catalogue up to date."""
    for name, client in shop.providers.items():
        await upstream.sync(shop.db, client, shop.settings.providers[name], shop.policy, shop.now)


async def reprice(shop: Shop) -> None:
    """Put the announced prices and markups in force whose moment has come, each in a transaction of its own."""
    async with shop.db.read() as read:
        due = await scheduled_prices.due(read, shop.now())
        markups = await scheduled_markups.due(read, shop.settings.markups, shop.now())
    for service_id in due:
        step = partial(coming_prices.come_due, service_id=service_id, markups=shop.settings.markups)
        await shop.db.retrying(partial(step, admins=shop.policy.admins, now=shop.now()))
    for provider in markups:
        later = partial(coming_markups.come_due, provider=provider, settings=shop.settings.markups)
        await shop.db.retrying(partial(later, now=shop.now()))


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
        await auditing.answer(session, breaches, now, shop.now())
    for breach in fresh:
        log.error("audit.breach", invariant=str(breach.invariant), rows=[audit.worded(row) for row in breach.rows])


async def examine_asked(shop: Shop) -> None:
    """Check every invariant for somebody of the staff who waits for it."""
    async with shop.db.read() as read:
        waiting = await auditing.requests(read, shop.now())
    if waiting:
        await examine(shop)


async def alarms(shop: Shop) -> None:
    """Warn the staff of what will cost money, or cannot be told by anybody else."""
    settings, now = shop.settings, shop.now()
    async with shop.db.read() as read:
        seen = await lookout.signs(read, shop.policy, settings.exchange_rates, settings.sites, now)
    known = {sign.name for sign in seen}
    for name, client in shop.providers.items():
        if client.mute_since is not None and known.isdisjoint({f"down:{name}", f"key:{name}"}):
            seen.append(lookout.mute(name, client.mute_since, shop.policy, settings.sites.get(name, ""), now))
    for late in shop.late():
        facts = {"job": late.name, "no good end since": f"{late.since:%Y-%m-%d %H:%M} UTC"}
        seen.append(lookout.Sign(f"job:{late.name}", "job-late", facts))
    await shop.db.retrying(partial(lookout.report, seen=seen, admins=shop.policy.admins, now=now))


async def low_balance(shop: Shop) -> None:
    """Tell the resellers whose wallets run low, whatever emptied them."""
    await shop.db.retrying(partial(low_balances.look, now=shop.now()))


async def count(shop: Shop) -> None:
    """Write down how often resellers asked what."""
    await shop.tally.write(shop.db, shop.now())


async def purge(shop: Shop) -> None:
    """Forget what is of no more use."""
    now = shop.now()
    async with shop.db.write() as session:
        await inbox.purge(session, now - UPDATES_KEPT)
        await outbox.purge(session, now - shop.policy.notices_kept)
        await webhooks.purge(session, now - webhooks.KEPT)
        await quotes.purge(session, now - shop.policy.notices_kept)  # their buttons are under these notices
        await causes.purge(session, now - causes.JUST_NOW)
        await alarm.purge(session, now - AUDITS_KEPT)
        await fsm.purge(session, now - CONVERSATIONS_KEPT)


async def back_up(shop: Shop) -> None:
    """Make the backup that somebody asked for, or the clock."""
    every = timedelta(hours=shop.settings.backup_interval)
    if every:
        async with shop.db.write() as session:
            await backups.ask_in_time(session, every, shop.now())
    terms, owners = shop.settings.backups, shop.settings.admin_ids
    made = await backups.work(shop.db, terms, shop.policy, owners, shop.now)
    if made is not None:
        log.info("backup", state=made.state, file=made.file, size=made.size, reason=made.detail.get("reason"))


JOBS = (
    Job("submit", lambda settings: settings.submit_interval, submit, each=True, topic="submit"),
    Job("poll", lambda settings: settings.poll_interval, poll, each=True),
    Job("refill", lambda settings: settings.poll_interval, refill, each=True, topic="refill"),
    Job("remind", lambda settings: REMINDED_EVERY.total_seconds(), remind, alone=True),
    Job("resale-days", lambda settings: REMINDED_EVERY.total_seconds(), sum_up, alone=True),
    Job("sweep", lambda settings: settings.sweep_interval, sweep),
    Job("rests", lambda settings: settings.sweep_interval, rests, topic="rests"),
    Job("finish", lambda settings: settings.sweep_interval, finish, topic="finish"),
    Job("broadcast", lambda settings: settings.outbox_interval, broadcast, alone=True, topic="broadcasts"),
    Job("outbox", lambda settings: settings.outbox_interval, look),
    Job("deliveries", lambda settings: settings.outbox_interval, deliver, topic=webhooks.TOPIC),
    Job("sync", lambda settings: settings.sync_interval, sync, each=True, alone=True),
    Job("prices", lambda settings: settings.sweep_interval, reprice),
    Job("balance", lambda settings: settings.balance_interval, weigh, each=True, alone=True),
    Job("reckon", lambda settings: RECKONED_EVERY.total_seconds(), reckon, alone=True),
    Job("audit", lambda settings: settings.audit_interval, examine, alone=True),
    Job("audit-asked", lambda settings: settings.sweep_interval, examine_asked, topic=auditing.TOPIC),
    Job("alarms", lambda settings: settings.alarms_interval, alarms, alone=True),
    Job("low-balance", lambda settings: settings.alarms_interval, low_balance, alone=True),
    Job("backup", lambda settings: BACKED_UP_EVERY.total_seconds(), back_up, topic="backup"),
    Job("api-uses", lambda settings: settings.sweep_interval, count),
    Job("purge", lambda settings: settings.purge_interval, purge, alone=True),
)
