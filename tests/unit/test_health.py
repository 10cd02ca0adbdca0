"""What is said of a server, and from how many orders on."""

from datetime import timedelta

import pytest

from services.health import UNKNOWN, Health

TWO_HOURS = timedelta(hours=2)

CASES = [
    ("nothing of a server that nobody uses", UNKNOWN, ()),
    ("nothing of nine orders, however they went", Health(9, partial=9, lately=9, lately_stopped=9), ()),
    ("ten are enough", Health(10), ("completed",)),
    ("how long it takes, once ten were completed", Health(11, partial=1, finish=TWO_HOURS), ("completed", "finish")),
    ("no time by fewer", Health(11, partial=2, finish=TWO_HOURS), ("completed",)),
    ("struggling where half of the last stopped", Health(40, 6, lately=12, lately_stopped=6), ("struggling",)),
    ("not where fewer did", Health(40, 5, lately=12, lately_stopped=5), ("completed",)),
    ("not where few ended today", Health(40, 9, lately=9, lately_stopped=9), ("completed",)),
]


@pytest.mark.parametrize(("law", "health", "badges"), CASES, ids=[case[0] for case in CASES])
def test_the_badges(law: str, health: Health, badges: tuple[str, ...]) -> None:
    assert health.badges == badges


def test_one_that_did_not_come_to_its_end_is_not_rounded_away() -> None:
    assert Health(200, partial=1).completed_percent == 99
    assert Health(200).completed_percent == 100


def test_what_stands_still_counts_as_trouble_but_not_as_ended() -> None:
    health = Health(8, partial=1, canceled=1, silent=2)
    assert (health.completed, health.completed_percent, health.trouble_percent) == (6, 75, 40)
    assert (UNKNOWN.completed_percent, UNKNOWN.trouble_percent) == (0, 0)


@pytest.mark.parametrize(
    ("health", "trouble"),
    [
        (Health(9, partial=9), 0),
        (Health(10, partial=1), 0),
        (Health(10, partial=1, canceled=1), 1),
        (Health(10, partial=5), 2),
        (Health(8, silent=2), 1),
        (Health(100, lately=10, lately_stopped=5), 2),
    ],
)
def test_trouble_is_a_fifth_or_half_of_enough_orders(health: Health, trouble: int) -> None:
    assert health.trouble == trouble
