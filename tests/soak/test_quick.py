"""The quick form of `make soak`: deaths spread over the points of every story, and a fray, judged in the same way."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from tests.conftest import POSTGRES
from tests.soak.chance import dice
from tests.soak.databases import place
from tests.soak.killpoints import lane
from tests.soak.rivals import ring
from tests.soak.stories import STORIES
from tests.soak.storm import storm_apart

DEATHS = 2
"""Points of each story at which it is killed; all of them in `make soak`."""
PARTS = 2
"""Each engine takes every other story, shared out among so many tests; in `make soak` both take all."""

Recorded = Callable[[str, object], None]


@pytest.fixture
def server(engine: str, request: pytest.FixtureRequest) -> URL:
    """Where PostgreSQL is; its half is skipped where it is not."""
    if engine == "postgres":
        request.getfixturevalue("postgres_url")
    return POSTGRES


@pytest.mark.parametrize("part", range(PARTS))
async def test_whoever_dies_wherever_no_money_no_order_and_no_message_is_lost_or_doubled(
    part: int, engine: str, server: URL, tmp_path: Path, record_property: Recorded
) -> None:
    fate, killed, points = dice("quick", engine), 0, 0
    stories = list(STORIES)[2 * part + (engine == "postgres") :: 2 * PARTS]
    async with lane(engine, tmp_path, server, stories) as one:
        for name in stories:
            told = one.told[name]
            assert told.verdict.clean, told.verdict.broken
            points += told.reached
            # Each drawn from its own half of the story, or luck would leave an end of it out.
            half = told.reached // DEATHS
            for point in (fate.randrange(1, half), fate.randrange(half, told.reached)):
                tried = await one.kill(name, point)
                assert tried.verdict.clean, (tried.story, tried.point, tried.name, tried.verdict.broken)
                killed += tried.point is not None
    assert killed >= len(stories)
    record_property("counts", f"{engine}: killed at {killed} of {points} points, nothing lost, nothing doubled")


async def test_rivals_killed_stopped_and_cut_off_lose_and_double_nothing(
    engine: str, server: URL, tmp_path: Path, record_property: Recorded
) -> None:
    workers = 3 if engine == "postgres" else 1
    async with ring(place(engine, tmp_path / "place", server), workers, tmp_path / "clock") as rivals:
        fray = await rivals.round(1, wishes=8, deaths=8)
    assert fray.verdict.clean, fray.verdict.broken
    assert fray.done["killed"] >= 8
    done = ", ".join(f"{count} {what}" for what, count in fray.done.items())
    record_property("counts", f"{engine}: {fray.verdict.orders} orders among rivals ({done}), nothing lost or doubled")


async def test_a_storm_of_orders_loses_and_doubles_nothing(
    engine: str, server: URL, tmp_path: Path, record_property: Recorded
) -> None:
    async with place(engine, tmp_path / "place", server) as sea:
        verdict = await storm_apart(sea, seed=1, orders=150, within=120)
    assert verdict is not None
    assert verdict.clean, verdict.broken
    assert verdict.orders >= 150
    record_property("counts", f"{engine}: {verdict.orders} orders in a storm, nothing lost or doubled")
