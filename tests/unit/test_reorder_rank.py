"""Which service gets the rest of a stopped order: never the same one, another provider first, the nearest price."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.extras import Extras, Subscription
from services.money import Money
from services.reorder import Candidate, Wanted, rank, why_none

WANTED = Wanted(
    order_id=1,
    user_id=1001,
    provider="north",
    category_id=1,
    link="https://x.com/a",
    remaining=4000,
    rate=Money.parse("1.00"),
    returned=Money.parse("4.00"),
    balance=Money.parse("9.00"),
    tried=frozenset({10, 11}),
    stands_for=1,
)


def candidate(
    number: int, provider: str = "south", rate: str = "1.00", low: int = 50, high: int = 100_000
) -> Candidate:
    return Candidate(number, provider, "Likes", str(number), Money.parse(rate), low, high, position=number)


SAME = candidate(10, "north")

CASES = [
    ("never the service that stopped", [SAME], []),
    ("never one that the goal has been tried on", [candidate(11), candidate(12)], [12]),
    (
        "another provider before the cheaper twin",
        [candidate(2, "north", "0.90"), candidate(3, "south", "1.50")],
        [3, 2],
    ),
    ("the price nearest to what was paid", [candidate(2, rate="0.40"), candidate(3, rate="1.10")], [3, 2]),
    ("the cheaper of two equally near", [candidate(2, rate="1.10"), candidate(3, rate="0.90")], [3, 2]),
    ("the shop's order between equals", [candidate(3), candidate(2)], [2, 3]),
    ("nothing whose minimum is above the rest", [candidate(2, low=4001), candidate(3, low=4000)], [3]),
    ("nothing whose maximum is below the rest", [candidate(2, high=3999), candidate(3, high=4000)], [3]),
]


@pytest.mark.parametrize(("law", "candidates", "expected"), CASES, ids=[case[0] for case in CASES])
def test_the_ranking(law: str, candidates: list[Candidate], expected: list[int]) -> None:
    assert [found.id for found in rank(WANTED, candidates)] == expected


SUBSCRIBED = replace(
    WANTED,
    type="Subscriptions",
    unit="post",
    remaining=3,
    quantity=5,
    extras=Extras(subscription=Subscription(100, 150, expiry=date(2026, 6, 1))),
)


def subscription(number: int, low: int, high: int) -> Candidate:
    return replace(candidate(number, low=low, high=high), type="Subscriptions")


def test_of_a_subscription_each_post_must_be_within_the_limits() -> None:
    offered = [subscription(1, 50, 500), subscription(2, 101, 500), subscription(3, 50, 149), candidate(4, low=1)]
    assert [found.id for found in rank(SUBSCRIBED, offered)] == [1]
    assert why_none(SUBSCRIBED, [subscription(2, 101, 500)]) == "too_small"
    assert why_none(SUBSCRIBED, [subscription(3, 50, 149)]) == "too_large"
    assert why_none(SUBSCRIBED, [candidate(4)]) == "no_alternative"


@pytest.mark.parametrize(("day", "over"), [(31, False), (1, True), (2, True)])
def test_the_last_day_of_a_subscription_ends_it(day: int, over: bool) -> None:
    month = 5 if day == 31 else 6
    assert SUBSCRIBED.over(datetime(2026, month, day, 12, tzinfo=UTC)) is over
    assert not WANTED.over(datetime(2026, month, day, 12, tzinfo=UTC))


def test_only_the_same_type_is_offered() -> None:
    package = replace(candidate(2), type="Package")
    assert [found.id for found in rank(WANTED, [package, candidate(3)])] == [3]
    assert why_none(WANTED, [package]) == "no_alternative"


@pytest.mark.parametrize(
    ("candidates", "reason"),
    [
        ([], "no_alternative"),
        ([SAME], "no_alternative"),
        ([SAME, candidate(2, low=5000)], "too_small"),
        ([SAME, candidate(2, high=3000)], "too_large"),
        ([candidate(2, low=5000), candidate(3, high=3000)], "no_alternative"),
        ([candidate(2, rate="9.00")], "not_enough_money"),
    ],
)
def test_the_reason_that_nothing_is_offered_is_named(candidates: list[Candidate], reason: str) -> None:
    assert why_none(WANTED, candidates) == reason
