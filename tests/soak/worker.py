"""The process that is killed: the shop's real jobs, buying and sender, as fast as they will go."""

import asyncio
import contextlib
import logging
import os
import random
import resource
import ssl
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import structlog
from asyncpg import PostgresError
from sqlalchemy.exc import SQLAlchemyError

from bot import jobs, upstream
from bot.settings import Settings
from services.db import Database
from services.policy import Policy
from services.provider import ProviderError
from services.stock import CatalogueShrunk
from tests.soak.chance import dice
from tests.soak.clock import SharedClock
from tests.soak.outside import KEY, ONCE, TOKEN
from tests.soak.people import ADMIN
from tests.soak.points import Fuse
from tests.soak.post import Postman, line
from tests.soak.shop import Shop

PANELS = ("north", "south")
MARKUP_PERCENT = 25
SHORT = Policy(
    admins=(ADMIN,),
    providers=PANELS,
    poll_fastest=timedelta(seconds=5),
    poll_slowest=timedelta(seconds=30),
    watch_every=timedelta(seconds=10),
    watch_for=timedelta(seconds=35),
    placing_margin=timedelta(seconds=1),
    unsent_backoff=timedelta(seconds=1),
    unknown_for=timedelta(hours=1),
)
"""Everything a shop waits for, in seconds of the shared clock."""
MOMENT = timedelta(milliseconds=1)
CANCELLED = 0.05
"""The share of a rival's runs that are cancelled in the middle."""
PAUSE, LONG_PAUSE = 0.03, 1.0
"""Seconds between two runs of a rival's job, on average: of one that is waited for, and of the others."""
EXPECTED = (SQLAlchemyError, PostgresError, OSError, httpx.HTTPError, ProviderError, CatalogueShrunk)
"""What a job may fail with where connections are cut: TimeoutError is an OSError. The next run goes on."""
TURNS = 400
"""A story that has not settled after so many turns never will."""


class Wire:
    """The street over HTTP, to the process that outlives this one."""

    def __init__(self, http: httpx.AsyncClient, fuse: Fuse) -> None:
        self._http, self._fuse = http, fuse

    async def steps(self) -> list[dict[str, Any]]:
        """See Street."""
        steps: list[dict[str, Any]] = (await self._http.get("/people")).raise_for_status().json()
        return steps

    async def answer(self, answer: dict[str, Any]) -> None:
        """See Street."""
        (await self._http.post("/people", json=answer)).raise_for_status()

    async def settled(self) -> None:
        """Say that nothing is left to do, and how many points were passed."""
        (await self._http.post("/settled", json={"points": self._fuse.reached})).raise_for_status()


@dataclass(frozen=True)
class Task:
    """What a worker is told: where things are, when to die (the n-th point), how long things take.

    `confirmations` are what every panel must give. After each `upkeep` turns of a player the jobs that nobody waits for
    come round. Its clock jumps by `stride` at least; after `patience` it gives up orders that their panel never ends.
    A rival cancels its own jobs now and then, as `seed` has it; its own clock is `skew` ahead, no file of its may grow
    beyond `longest_file` bytes; it ends by itself after `lasts` seconds.
    """

    database: str
    outside: str
    clock: Path
    kill_at: int | None = None
    deadline: float = 0.25
    policy: Policy = SHORT
    confirmations: int = 1
    patience: timedelta | None = None
    stride: timedelta = timedelta(0)
    upkeep: int = 0
    seed: int = 0
    skew: timedelta = timedelta(0)
    longest_file: int | None = None
    lasts: float = 60.0

    @property
    def epitaph(self) -> Path:
        """Where the point at which it died is named."""
        return self.clock.with_suffix(".died")


class Life:
    """What a process has at hand from one task to the next: an engine that knows its statements, and the fuse on it."""

    def __init__(self, database: str) -> None:
        self.db = Database(database, pool_size=4)
        self.fuse = Fuse()
        self.fuse.watch(self.db.writer)

    @asynccontextmanager
    async def shop(
        self, task: Task, now: SharedClock, steady: Callable[[], float] = time.monotonic
    ) -> AsyncIterator[tuple[Shop, Wire]]:
        """The shop of one task, its wires on the fuse too; `steady` goes on whatever `now` is set to."""
        self.fuse.set(task.kill_at, task.epitaph)
        owner, told = f"{os.getpid()}", settings(task)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.db.close)
            clients = upstream.clients(told)
            for name, client in clients.items():
                stack.push_async_callback(client.close)
                self.fuse.follow(client._http._http, name)
            postman = Postman(await stack.enter_async_context(line(told, self.fuse)), self.db, owner, now, now.seconds)
            http = await stack.enter_async_context(httpx.AsyncClient(base_url=task.outside, trust_env=False))
            wire = Wire(http, self.fuse)
            works = jobs.Shop(self.db, told, task.policy, clients, owner, now, postman.look, jobs.Clock(now, steady))
            yield Shop(works, wire, postman.empty), wire


def settings(task: Task) -> Settings:
    """What stands in the `.env` of such a shop; its policy is the task's."""
    panels = {
        name: {
            "url": f"{task.outside}/panels/{name}/api/v2",
            "key": KEY,
            "markup_percent": MARKUP_PERCENT,
            "deadline": task.deadline,
            "confirmations": task.confirmations,
            "idempotency_parameter": ONCE if name in task.policy.idempotent else None,
        }
        for name in PANELS
    }
    return Settings(
        _env_file=None,
        bot_token=TOKEN,
        telegram_api_url=task.outside,
        database_url=task.database,
        admin_ids=frozenset(task.policy.admins),
        providers=panels,
    )


async def play(life: Life, task: Task) -> None:
    """Turn after turn whatever is due, until nothing will ever be; the clock jumps to what comes next."""
    clock = SharedClock(task.clock)
    async with life.shop(task, clock, clock.seconds) as (shop, wire):
        moved = clock()
        for turn in range(TURNS):
            taps = await shop.serve()
            with life.fuse.aside():
                due = await shop.due()
            if taps or set(due) != {"poll"}:
                moved = clock()
            if not taps and (not due or (task.patience and clock() - moved > task.patience)):
                await wire.settled()
                return
            if due and not taps:
                clock.reach(max(min(due.values()), clock() + task.stride) + MOMENT)
            for name, at in due.items():
                if at <= clock():
                    await shop.jobs[name]()
            if task.upkeep and turn % task.upkeep == 0:
                for job in shop.upkeep:
                    with contextlib.suppress(*EXPECTED):  # the scheduler logs it, and the next run goes on
                        await job()
        raise RuntimeError(f"not settled after {TURNS} turns")


async def compete(life: Life, task: Task) -> None:
    """All jobs at once and again and again beside other workers, some of them cancelled wherever they stand."""
    clock = SharedClock(task.clock, flows=True, skew=task.skew)
    fate = dice(task.seed, "rival")
    if task.longest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (task.longest_file, resource.RLIM_INFINITY))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(task.lasts):
            async with life.shop(task, clock) as (shop, _), asyncio.TaskGroup() as group:
                for job in (shop.serve, *shop.pressing):
                    group.create_task(_again_and_again(job, fate, PAUSE))
                for job in shop.upkeep:
                    group.create_task(_again_and_again(job, fate, LONG_PAUSE))


async def _again_and_again(job: Callable[[], Awaitable[object]], fate: random.Random, pause: float) -> None:
    while True:
        await asyncio.sleep(fate.expovariate(1 / pause))
        patience = fate.expovariate(1 / 0.02) if fate.random() < CANCELLED else None
        try:
            async with asyncio.timeout(patience):
                await job()
        except* EXPECTED:
            pass


def quietly(work: Coroutine[Any, Any, None]) -> None:
    """Do it in a loop of its own, without the shop's log and without the driver's word for every connection cut."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    asyncio.run(work)


# Looked for by httpcore at each of its locks, and never found.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]
# Made once, before any fork: a client makes its own otherwise, with all the world's certificates in it.
ssl.create_default_context = cache(ssl.create_default_context)  # type: ignore[assignment]
