"""Any story at all: money, orders and a hostile panel, in any order, cut short anywhere; every law holds."""

import os
import shutil
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, run_state_machine_as_test

from tests.conftest import EMPTIED, in_own_loop, on_server
from tests.properties.admins import Admins
from tests.properties.customers import Customers, baskets
from tests.properties.panel import Manner
from tests.properties.works import Works

SOAKED = os.environ.get("STORIES")
"""So many stories, new ones each time; without it a few, the same ones each time."""
SETTINGS = settings(
    max_examples=int(SOAKED or 10),
    stateful_step_count=60 if SOAKED else 40,
    derandomize=SOAKED is None,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink] if SOAKED else [Phase.generate],
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


class AnyStory(Customers, Works, Admins):
    """All rules together, from a few orders that are on their way."""

    @initialize(first=st.lists(baskets, min_size=3, max_size=5))
    def begin(self, first: list[tuple[int, int, int, int, list[Manner]]]) -> None:
        """Rules are left out by chance in each story: no story is left without an order."""
        self.order(first, paid=True)
        self.submit(timedelta(seconds=11), dies=0)

    def teardown(self) -> None:
        """What has held all along must come to a good end."""
        try:
            if self.sound:
                self.all_ends_well()
        finally:
            self.world.close()


def test_no_story_breaks_a_law(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Each story begins on a database that nobody has used."""
    numbers = count(1)

    def on_sqlite() -> AnyStory:
        template = request.getfixturevalue("sqlite_template")
        return AnyStory(f"sqlite:///{shutil.copyfile(template, tmp_path / f'{next(numbers)}.db')}")

    def on_postgres() -> AnyStory:
        in_own_loop(on_server(url, EMPTIED))
        return AnyStory(url)

    if engine == "sqlite":
        run_state_machine_as_test(on_sqlite, settings=SETTINGS)  # type: ignore[arg-type]
        return
    url: str = request.getfixturevalue("database_url")
    run_state_machine_as_test(on_postgres, settings=SETTINGS)  # type: ignore[arg-type]
