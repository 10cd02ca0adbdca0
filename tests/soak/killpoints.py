"""Each story killed at its every point, looked at as it lies there, started again, and judged when it has settled."""

import signal
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import URL

from services.db import Database
from services.models import Order, Service
from tests.soak.clock import SharedClock
from tests.soak.databases import Place, place
from tests.soak.laws import Verdict, audited, judge
from tests.soak.nursery import Nursery, nursery
from tests.soak.outside import Outside
from tests.soak.stories import STORIES, Story
from tests.soak.worker import Task, play

PACE = 2.0
"""Panels deliver in ten seconds of the shared clock: a poll or two see an order move."""


@dataclass
class Tried:
    """One death: at the `point`-th point (None: nobody died), called `name`; `reached` is how many there were."""

    story: str
    point: int | None
    name: str
    reached: int
    verdict: Verdict


class Lane:
    """One database and one nursery; a story at a time. `told` is each story as it goes without a death."""

    def __init__(self, where: Place, workers: Nursery, folder: Path, stories: Iterable[str]) -> None:
        self._place, self._workers, self._stories = where, workers, stories
        folder.mkdir(parents=True, exist_ok=True)
        self._clock = SharedClock(folder / "clock")
        self._db = Database(where.url, pool_size=1)
        self._services: dict[tuple[str, str], int] = {}
        self.told: dict[str, Tried] = {}

    async def prepare(self) -> None:
        """Every story once, in the nursery itself; undisturbed it must end as it is written."""
        await self._place.renew()
        async with self._db.read() as session:
            rows = await session.all(select(Service.provider, Service.external_id, Service.id))
        self._services = {(row.provider, row.external_id): row.id for row in rows}
        for name in self._stories:
            self.told[name] = await self._run(name, None, warm=True)

    async def close(self) -> None:
        """Let go of the database."""
        await self._db.close()

    async def kill(self, name: str, point: int) -> Tried:
        """The story with a death at `point`, then the rest of it by a new worker."""
        return await self._run(name, point)

    async def _run(self, name: str, point: int | None, *, warm: bool = False) -> Tried:
        await self._db.close()
        await self._place.renew()
        self._clock.begin()
        async with Outside(self._clock.seconds, pace=PACE).serving() as outside:
            story = STORIES[name]
            story.begin(outside, self._services)
            task = Task(
                self._place.url,
                outside.url,
                self._clock.path,
                kill_at=point,
                deadline=story.deadline,
                policy=story.policy,
                confirmations=story.confirmations,
                upkeep=story.upkeep,
            )
            task.epitaph.unlink(missing_ok=True)
            aftermath = []
            if warm:
                await self._workers.warm(play, task)
            else:
                aftermath += await self._play(task)
            died = task.epitaph.read_text(encoding="utf-8") if task.epitaph.exists() else ""
            if died:
                aftermath += await audited(self._db, task.policy, self._clock(), at_peace=False)
                aftermath += await self._play(replace(task, kill_at=None))
            verdict = await judge(self._db, outside, task.policy, self._clock(), copies=int(bool(died)))
            verdict.broken += aftermath
            if not died:
                verdict.broken += await self._unlike(story)
            return Tried(name, point if died else None, died, outside.people.points, verdict)

    async def _play(self, task: Task) -> list[str]:
        """What is wrong with the way a worker ended: it must settle everything, or meet the death it was sent to."""
        worker = await self._workers.bear(play, task)
        status = await worker.ended()
        wanted = (0,) if task.kill_at is None else (0, -signal.SIGKILL)
        return [] if status in wanted else [f"a worker ended with {status}: what it said is above"]

    async def _unlike(self, story: Story) -> list[str]:
        """How the orders ended, where that is not what the story says."""
        async with self._db.read() as session:
            rows = await session.all(select(Order.status, Order.refunded).order_by(Order.id))
        ends = tuple((row.status, str(row.refunded)) for row in rows)
        return [] if ends == story.ends else [f"{story.word}: undisturbed it ended as {ends}"]


@asynccontextmanager
async def lane(engine: str, folder: Path, server: URL, stories: Iterable[str] = STORIES) -> AsyncIterator[Lane]:
    """A lane on this engine that has told these stories, with its files in `folder`."""
    async with place(engine, folder, server) as where, nursery(where.url) as workers:
        made = Lane(where, workers, folder, stories)
        await made.prepare()
        try:
            yield made
        finally:
            await made.close()
