"""Workers on one shop, killed, stopped past their leases, cut off and cancelled at random: round after round."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from bot.sandbox.panel import BEHAVIOURS
from services.db import Database
from services.policy import Policy
from tests.soak.chance import dice
from tests.soak.clock import SharedClock
from tests.soak.databases import Place, likes
from tests.soak.laws import Verdict, audited, judge
from tests.soak.nursery import Child, Nursery, nursery
from tests.soak.outside import Outside
from tests.soak.people import ADMIN, CUSTOMERS
from tests.soak.stories import ROOT
from tests.soak.worker import Task, compete, play

HASTY = Policy(
    admins=(ADMIN,),
    poll_fastest=timedelta(seconds=0.1),
    poll_slowest=timedelta(minutes=10),
    watch_every=timedelta(seconds=0.3),
    watch_for=timedelta(seconds=3),
    placing_margin=timedelta(seconds=0.1),
    unsent_backoff=timedelta(seconds=0.05),
    unknown_for=timedelta(hours=1),
)
"""Everything a shop waits for, while real time goes by."""
CALM = replace(
    HASTY,
    poll_fastest=timedelta(minutes=1),
    watch_every=timedelta(minutes=1),
    watch_for=timedelta(minutes=5),
    placing_margin=timedelta(seconds=1),
)
"""The same while the clock jumps."""
PACE = 40.0
DEADLINE = 0.4
WORDS = tuple(behaviour.word for behaviour in BEHAVIOURS if behaviour.word not in ("huge", "drip"))
"""What the panels do at random; the two left out cost more than they show here."""
TROUBLES = ("down", "drop", "slow", "garbage", "rate_limit", "ignore_orders")
LONGEST_LIFE = 100
"""Points that a worker reaches at most before it dies at one: so deaths keep pace with work on a busy machine."""
FULL = 0.15
"""The share of workers that find their disk full."""
PEACE = 0.15
"""Seconds between two blows from without, on average."""
AT_ONCE = 30
"""Wishes that wait for a tap at any time."""


@dataclass
class Fray:
    """What a round did to its workers, and what came of it."""

    done: Counter[str] = field(default_factory=Counter)
    verdict: Verdict = field(default_factory=Verdict)


class Ring:
    """One database and so many workers on it, used round after round."""

    def __init__(self, where: Place, workers: int, nursery: Nursery, clock: Path) -> None:
        self._place, self._nursery = where, nursery
        self._workers: list[Child | None] = [None] * workers
        self._clock = SharedClock(clock, flows=True)
        self._standing = SharedClock(clock)
        self._db = Database(where.url, pool_size=1)

    async def prepare(self) -> None:
        """The nursery has seen a small shop through."""
        await self._place.renew()
        self._standing.begin()
        async with Outside(self._standing.seconds, pace=2).serving() as outside:
            services = await likes(self._db)
            for number, word in enumerate(("partial-60", "cancel", "reject", "accept-then-drop", "complete")):
                outside.people.want(
                    user=CUSTOMERS[0],
                    service=services[0],
                    link=f"{ROOT}/{number}/{word}",
                    quantity=1000,
                    rest=1,
                    undo=5 * (word == "complete"),
                    regrets=word == "complete",
                )
            await self._nursery.warm(play, Task(self._place.url, outside.url, self._clock.path))

    async def close(self) -> None:
        """Let go of the database."""
        await self._db.close()

    async def round(self, seed: int, *, wishes: int, deaths: int) -> Fray:
        """One round: so many wishes and at least so many deaths, then peace, then judgement."""
        await self._db.close()
        await self._place.renew()
        self._clock.begin()
        fray, fate = Fray(), dice("fray", seed)
        outside = Outside(self._clock.seconds, pace=PACE, seed=seed, lag=0.1, stall=0.6)
        outside.telegram.unsteady.chance = 0.02
        for panel in outside.panels.values():
            panel.chance, panel.chance_words = 0.7, WORDS
        async with outside.serving():
            task = Task(
                self._place.url, outside.url, self._clock.path, policy=HASTY, deadline=DEADLINE, seed=seed, lasts=120
            )
            await self._fight(outside, task, fray, fate, wishes, deaths)
            await self._settle(outside, task)
            fray.verdict.add(await judge(self._db, outside, CALM, self._standing()))
        return fray

    async def _fight(
        self, outside: Outside, task: Task, fray: Fray, fate: random.Random, wishes: int, deaths: int
    ) -> None:
        """Workers die and are born until all is wished and enough have died; then all of them die."""
        services = await likes(self._db)

        def goes_on() -> bool:
            while outside.people.open < AT_ONCE and len(outside.people.wishes) < wishes:
                _wish(outside, fate, services)
            return bool(outside.people.open or fray.done["killed"] < deaths)

        async def live(number: int) -> None:
            while goes_on():
                longest_file = self._place.longest_file(fate) if fate.random() < FULL else None
                fray.done["disk full"] += longest_file is not None
                told = replace(_told(task, number, fate), longest_file=longest_file)
                worker = await self._nursery.bear(compete, told)
                self._workers[number] = worker
                if (status := await worker.ended()) != -signal.SIGKILL:
                    raise RuntimeError(f"a rival ended with {status}: what it said is above")
                fray.done["killed"] += 1

        async with asyncio.TaskGroup() as group:
            for number in range(len(self._workers)):
                group.create_task(live(number))
            while goes_on():
                await asyncio.sleep(fate.expovariate(1 / PEACE))
                await self._hurt(outside, fray, fate)
            for worker in filter(None, self._workers):
                worker.send(signal.SIGKILL)

    async def _hurt(self, outside: Outside, fray: Fray, fate: random.Random) -> None:
        """What comes from without, at any moment: a signal, a cut, a clock that is set, a panel's bad hour."""
        worker, what = fate.choice([one for one in self._workers if one is not None]), fate.random()
        for panel in outside.panels.values():
            panel.modes = {fate.choice(TROUBLES)} if fate.random() < 0.05 else set()
        if what < 0.05:
            fray.verdict.broken += await audited(self._db, HASTY, self._clock(), at_peace=False)
            fray.done["audits in between"] += 1
        elif what < 0.4:
            worker.send(signal.SIGKILL)
        elif what < 0.7:
            worker.send(signal.SIGSTOP)
            await asyncio.sleep(fate.uniform(0.05, 2 * DEADLINE))
            worker.send(signal.SIGCONT)
            fray.done["stopped"] += 1
        elif what < 0.85 and (struck := await self._place.strike(fate)):
            fray.done[struck] += 1
        else:
            self._clock.push(timedelta(seconds=fate.choice((-0.2, 0.5, 5, 4000))))
            fray.done["clock jumps"] += 1

    async def _settle(self, outside: Outside, task: Task) -> None:
        """Peace: one worker, a clock that jumps, panels and chat at their best."""
        outside.telegram.unsteady.chance = 0.0
        for panel in outside.panels.values():
            panel.modes, panel.clock = set(), self._standing.seconds
        now = self._clock()
        self._standing.push(now - self._standing())
        worker = await self._nursery.bear(
            play, replace(task, policy=CALM, patience=timedelta(minutes=20), stride=timedelta(seconds=10))
        )
        if status := await worker.ended():
            raise RuntimeError(f"the last worker ended with {status}: what it said is above")


def _told(task: Task, number: int, fate: random.Random) -> Task:
    """The task of one rival, its death included; clocks of several machines never agree."""
    return replace(
        task, seed=fate.getrandbits(32), skew=timedelta(seconds=0.05 * number), kill_at=fate.randrange(1, LONGEST_LIFE)
    )


def _wish(outside: Outside, fate: random.Random, services: list[int]) -> None:
    number = len(outside.people.wishes)
    regrets = fate.random() < 0.1
    outside.people.want(
        user=fate.choice(CUSTOMERS),
        service=fate.choice(services),
        link=f"{ROOT}/{number}/x",
        quantity=fate.randrange(100, 10_000),
        rest=fate.randrange(3),
        undo=fate.choice((0, 0.1, 0.5)) if regrets else 0,
        regrets=regrets,
    )


@asynccontextmanager
async def ring(at: AbstractAsyncContextManager[Place], workers: int, clock: Path) -> AsyncIterator[Ring]:
    """A ring around this place, warm; its clock is in the file `clock`."""
    async with AsyncExitStack() as stack:
        where = await stack.enter_async_context(at)
        made = Ring(where, workers, await stack.enter_async_context(nursery(where.url)), clock)
        stack.push_async_callback(made.close)
        await made.prepare()
        yield made
