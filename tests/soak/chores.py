"""What a soak consists of, in bouts of some seconds each: deaths at every point, frays, storms."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import URL

from tests.soak.cluster import binaries, cluster_place
from tests.soak.databases import Place, place
from tests.soak.killpoints import Lane, lane
from tests.soak.progress import KILLS_GOAL, ORDERS_GOAL, Engine, Progress
from tests.soak.rivals import Ring, ring
from tests.soak.stories import STORIES
from tests.soak.storm import storm_apart

POINTS = 24
"""Points that are tried in one bout."""
WISHES, DEATHS = 40, 120
"""What a fray is about."""
STORM = 1500
"""Orders of one storm."""
PATIENCE = 900.0
"""Seconds after which a storm is given up."""


class Chore(Protocol):
    """One kind of work on one engine. `weight` is its share of the time."""

    engine: str
    weight: float

    def left(self, progress: Progress) -> bool:
        """Whether its goal is not reached yet."""
        ...

    async def bout(self, progress: Progress) -> str:
        """Do some of it, count it, and say what was done."""
        ...

    async def close(self) -> None:
        """Let go of everything; the next bout opens it again."""
        ...


@dataclass
class EveryPoint:
    """The stories killed at their points, one after the other."""

    engine: str
    folder: Path
    server: URL
    weight: float = 3.0
    _lane: Lane | None = None
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    def left(self, progress: Progress) -> bool:
        """See Chore."""
        return self._next(progress.engines[self.engine]) is not None

    def _next(self, engine: Engine) -> str | None:
        return next((name for name in STORIES if not engine.story(name).over), None)

    async def bout(self, progress: Progress) -> str:
        """See Chore. Telling a story shows how many points it has; it is over where a try past them meets no death."""
        if self._lane is None:
            self._lane = await self._begin(progress)
        name = self._next(progress.engines[self.engine]) or ""
        story = progress.engines[self.engine].story(name)
        points = range(story.next, min(story.next + POINTS, story.points + 2))
        for point in points:
            tried = await self._lane.kill(name, point)
            progress.count(self.engine, f"{tried.story} at {tried.point} {tried.name!r}", tried.verdict)
            story.points = max(story.points, tried.point or 0)
            story.next = point + 1
        return f"{name}: points {points.start}-{points.stop - 1} of {story.points}"

    async def _begin(self, progress: Progress) -> Lane:
        """Open the lane. It tells every story: the points of all are known before one is tried."""
        opened = await self._open.enter_async_context(lane(self.engine, self.folder / "lane", self.server))
        engine = progress.engines[self.engine]
        for name, told in opened.told.items():
            if not engine.story(name).points:
                engine.story(name).points = told.reached
                progress.count(self.engine, name, told.verdict)
        return opened

    async def close(self) -> None:
        """See Chore."""
        self._lane = None
        await self._open.aclose()


@dataclass
class Frays:
    """Rivals at each other's heels, round after round."""

    engine: str
    where: Callable[[], AbstractAsyncContextManager[Place]]
    workers: int
    clock: Path
    weight: float
    name: str = "fray"
    _ring: Ring | None = None
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    def left(self, progress: Progress) -> bool:
        """See Chore: together the frays of all engines reach the goal."""
        return progress.killed < KILLS_GOAL

    async def bout(self, progress: Progress) -> str:
        """See Chore."""
        if self._ring is None:
            self._ring = await self._open.enter_async_context(ring(self.where(), self.workers, self.clock))
        engine = progress.engines[self.engine]
        seed, engine.rounds = engine.rounds, engine.rounds + 1
        fray = await self._ring.round(seed, wishes=WISHES, deaths=DEATHS)
        for what, count in fray.done.items():
            engine.deaths[what] = engine.deaths.get(what, 0) + count
        progress.count(self.engine, f"{self.name} {seed}", fray.verdict)
        return f"{self.name} {seed}: {_listed(fray.done)}; {fray.verdict.orders} orders"

    async def close(self) -> None:
        """See Chore."""
        self._ring = None
        await self._open.aclose()


@dataclass
class Storms:
    """Orders by the thousand, in a process of their own."""

    engine: str
    where: Callable[[], AbstractAsyncContextManager[Place]]
    until: Callable[[], float]
    weight: float = 1.0
    _place: Place | None = None
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    def left(self, progress: Progress) -> bool:
        """See Chore."""
        return progress.engines[self.engine].orders < ORDERS_GOAL

    async def bout(self, progress: Progress) -> str:
        """See Chore."""
        if self._place is None:
            self._place = await self._open.enter_async_context(self.where())
        engine = progress.engines[self.engine]
        verdict = await storm_apart(self._place, engine.storms, STORM, min(PATIENCE, self.until()))
        if verdict is None:
            return f"storm {engine.storms}: no time left to end it"
        progress.count(self.engine, f"storm {engine.storms}", verdict)
        engine.storms += 1
        return f"storm {engine.storms - 1}: {verdict.orders} orders"

    async def close(self) -> None:
        """See Chore."""
        self._place = None
        await self._open.aclose()


def all_chores(engines: list[str], folder: Path, server: URL, until: Callable[[], float]) -> list[list[Chore]]:
    """The chores of tracks that go side by side: the deaths on each engine, whose work is in their children; storms."""
    deaths: dict[str, list[Chore]] = {}
    storms: list[Chore] = []
    for engine in engines:
        here = folder / engine
        fray = Frays(
            engine,
            _places(engine, here / "ring", server, small=True),
            workers=3 if engine == "postgres" else 1,
            clock=folder / f"{engine}.clock",
            weight=1.0,
        )
        deaths[engine] = [EveryPoint(engine, here, server), fray]
        storms.append(Storms(engine, _places(engine, here / "sea", server), until))
    tools = binaries()
    if "postgres" in engines and tools is not None:
        clock = folder / "cluster.clock"
        restarts = Frays(
            "postgres", lambda: cluster_place(tools), 2, clock, weight=0.2, name="fray on a falling server"
        )
        deaths["postgres"].append(restarts)
    return [*deaths.values(), storms]


def _places(
    engine: str, folder: Path, server: URL, *, small: bool = False
) -> Callable[[], AbstractAsyncContextManager[Place]]:
    return lambda: place(engine, folder, server, small=small)


def _listed(done: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in done.items())
