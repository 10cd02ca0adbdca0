"""Runs the table of jobs: each by itself, one run at a time; APScheduler only ticks.

Its ticks come by the wall clock. Where that is set back they stay away until it has caught up, so whoever waits for a
tick does not wait for it alone.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot import leases
from bot.jobs import JOBS, Job, Late, Shop, sync
from services import staff
from services.provider import ProviderError
from services.stock import CatalogueShrunk

log = structlog.get_logger()

OVERDUE = 1.5
"""A job runs after so many of its periods, whether it was told that it is time or not."""
LATE = 3
LEAST_LATE = timedelta(minutes=5)
"""A job that has come to no good end for LATE of its periods, and for so long, is late: staff and watchers are told."""


@dataclass(slots=True)
class Running:
    """A job at work in this process, and how it has fared; `finished` is when it last came to a good end.

    `excused` is when it last ended otherwise with nothing to answer for: a provider was of no use, which is told by
    itself, or another process does its work.
    """

    name: str
    job: Job
    shop: Shop
    due: asyncio.Event = field(default_factory=asyncio.Event)
    runs: int = 0
    failures: int = 0
    finished: datetime | None = None
    excused: datetime | None = None


class Runner:
    """Runs the table until stopped: each job by itself, one run at a time, a missed tick made up once."""

    def __init__(self, shop: Shop, table: tuple[Job, ...] = JOBS) -> None:
        self._shop = shop = replace(shop, late=self.late)
        self._stopping = False
        self._since = shop.now()
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

    def late(self) -> list[Late]:
        """The jobs that have come to no good end for too long."""
        now, found = self._shop.now(), []
        for running in self.running:
            since = max(filter(None, (running.finished, running.excused, self._since)))
            period = timedelta(seconds=running.job.period(self._shop.settings))
            if now - since > max(LATE * period, LEAST_LATE):
                found.append(Late(running.name, since))
        return found

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
                    running.excused = shop.now()
                    return
            async with shop.db.read() as session:  # whom alerts go to may change at any time
                shop = replace(shop, policy=await staff.informed(session, shop.policy))
            await job.function(shop)
        except (ProviderError, CatalogueShrunk) as error:
            running.failures += 1
            running.excused = shop.now()
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
