"""Which service gets the rest of a stopped order: never the same one, another provider first, the nearest price."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.extras import Drip, Extras, Subscription
from services.health import UNKNOWN, Health
from services.money import Money
from services.ranking import Candidate, Wanted, rank, reasons, why_none

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
    refill=True,
)


WELL, UNEVEN, ILL = Health(50), Health(50, partial=10), Health(50, canceled=25)
QUICK, SLOW = Health(50, finish=timedelta(hours=1)), Health(50, finish=timedelta(hours=9))
STRUGGLING = Health(60, partial=7, lately=12, lately_stopped=7)


def candidate(
    number: int,
    provider: str = "south",
    rate: str = "1.00",
    low: int = 50,
    high: int = 100_000,
    health: Health = UNKNOWN,
    *,
    refill: bool = True,
) -> Candidate:
    return Candidate(
        number,
        provider,
        "Likes",
        str(number),
        Money.parse(rate),
        low,
        high,
        position=number,
        refill=refill,
        health=health,
    )


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
    ("a sound twin before another provider in trouble", [candidate(2, health=UNEVEN), candidate(3, "north")], [3, 2]),
    ("the least ill", [candidate(2, health=ILL), candidate(3, health=UNEVEN)], [3, 2]),
    ("who is struggling today comes last", [candidate(2, health=STRUGGLING), candidate(3, health=UNEVEN)], [3, 2]),
    ("silence is trouble", [candidate(2, health=Health(5, silent=5)), candidate(3, rate="3.00")], [3, 2]),
    ("an unknown server is no ill one", [candidate(2, health=UNEVEN), candidate(3, rate="3.00")], [3, 2]),
    ("a near price before a known server", [candidate(2, rate="1.20", health=WELL), candidate(3)], [3, 2]),
    ("of two near prices the known server", [candidate(2), candidate(3, rate="1.09", health=WELL)], [3, 2]),
    ("who delivers in full more often", [candidate(2, health=Health(50, 8)), candidate(3, health=WELL)], [3, 2]),
    ("who is quicker", [candidate(2, health=SLOW), candidate(3, rate="1.09", health=QUICK)], [3, 2]),
    ("a guarantee as the stopped one had", [candidate(2, refill=False), candidate(3, rate="1.09")], [3, 2]),
    ("no guarantee at a price far away", [candidate(2, refill=False), candidate(3, rate="1.50")], [2, 3]),
    ("nothing whose minimum is above the rest", [candidate(2, low=4001), candidate(3, low=4000)], [3]),
    ("nothing whose maximum is below the rest", [candidate(2, high=3999), candidate(3, high=4000)], [3]),
]


@pytest.mark.parametrize(("law", "candidates", "expected"), CASES, ids=[case[0] for case in CASES])
def test_the_ranking(law: str, candidates: list[Candidate], expected: list[int]) -> None:
    assert [found.id for found in rank(WANTED, candidates)] == expected


REASONS = [
    ("a twin has nothing to be said for it", candidate(2, "north"), [["refill"]]),
    ("another provider", candidate(2, refill=False), [["elsewhere"], ["no_refill"]]),
    ("how often it delivers", candidate(2, health=Health(50, 1)), [["elsewhere"], ["refill"], ["completed", 98]]),
    (
        "how long it takes",
        candidate(2, health=QUICK),
        [["elsewhere"], ["refill"], ["completed", 100], ["usual", 3600]],
    ),
    (
        "that it is struggling, in place of its week",
        candidate(2, "north", health=STRUGGLING),
        [["struggling", 7, 12], ["refill"]],
    ),
]


@pytest.mark.parametrize(("law", "offered", "expected"), REASONS, ids=[case[0] for case in REASONS])
def test_the_reasons_are_codes_and_figures(law: str, offered: Candidate, expected: list[list[object]]) -> None:
    assert reasons(WANTED, offered) == expected


def test_where_nothing_was_guaranteed_no_guarantee_is_spoken_of() -> None:
    bare = replace(WANTED, refill=False)
    assert reasons(bare, candidate(2)) == reasons(bare, candidate(2, refill=False)) == [["elsewhere"]]
    assert [found.id for found in rank(bare, [candidate(2, refill=False), candidate(3)])] == [2, 3]


def test_who_can_go_on_with_a_drip_feed_comes_before_health() -> None:
    dripping = replace(WANTED, quantity=10_000, extras=Extras(drip=Drip(10, 60)))
    goes_on = replace(candidate(2, health=ILL), dripfeed=True)
    assert [found.id for found in rank(dripping, [candidate(3), goes_on])] == [2, 3]


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
    ],
)
def test_the_reason_that_nothing_is_offered_is_named(candidates: list[Candidate], reason: str) -> None:
    assert why_none(WANTED, candidates) == reason
