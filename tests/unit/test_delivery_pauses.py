"""Laws of the pause after a try that failed: as planned, spread, and never sooner than the site asks."""

import random
from datetime import timedelta

import pytest

from services import deliveries
from services.site_posts import Answer


def test_what_failed_together_does_not_come_back_together() -> None:
    spread = [deliveries.pause(3, Answer("500"), random.Random(seed).random()) for seed in range(50)]  # noqa: S311
    assert len(set(spread)) == 50
    assert all(abs(each - timedelta(minutes=30)) <= timedelta(minutes=3) for each in spread)


@pytest.mark.parametrize(
    ("tries", "wait", "pause"),
    [
        (1, timedelta(minutes=2), timedelta(minutes=2)),
        (5, timedelta(seconds=1), timedelta(hours=5)),
        (1, timedelta(days=9), timedelta(hours=24)),
        (99, None, timedelta(hours=24)),
    ],
)
def test_no_try_comes_sooner_than_the_site_asks_nor_much_sooner_than_planned(
    tries: int, wait: timedelta | None, pause: timedelta
) -> None:
    assert deliveries.pause(tries, Answer("429", wait), 0.5) == pause
