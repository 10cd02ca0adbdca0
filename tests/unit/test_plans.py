"""How a rest can be had: whole on one server, shared by two, or as the smallest order that covers it."""

from dataclasses import replace

import pytest

from services.extras import Drip, Extras
from services.money import Money
from services.plans import Plan, best, plans
from services.ranking import Candidate
from tests.unit.test_ranking import SAME, WANTED, candidate

FOUR = replace(WANTED, remaining=4000)
FORTY = replace(WANTED, remaining=40)

CASES = [
    ("one that fits", FOUR, [candidate(2)], [[(2, 4000, 4000)]]),
    ("whoever fits takes it alone", FOUR, [candidate(2), candidate(3, high=3000)], [[(2, 4000, 4000)]]),
    ("two share it", FOUR, [candidate(2, high=2500), candidate(3, high=3000)], [[(2, 2500, 2500), (3, 1500, 1500)]]),
    ("to the last one", FOUR, [candidate(2, high=2000), candidate(3, high=2000)], [[(2, 2000, 2000), (3, 2000, 2000)]]),
    (
        "the second's minimum is kept",
        FOUR,
        [candidate(2, high=3990), candidate(3, low=100, high=3000)],
        [[(2, 3900, 3900), (3, 100, 100)]],
    ),
    ("not three", FOUR, [candidate(number, high=1500) for number in (2, 3, 4)], []),
    (
        "the best two",
        FOUR,
        [candidate(2, high=500), candidate(3, high=2500), candidate(4, high=3000)],
        [[(3, 2500, 2500), (4, 1500, 1500)]],
    ),
    ("never the same one", FOUR, [SAME, candidate(2, high=2500)], []),
    ("the smallest that covers it", FORTY, [candidate(2, low=100), candidate(3)], [[(3, 50, 40)], [(2, 100, 40)]]),
    ("whoever takes so few", FORTY, [candidate(2, low=100), candidate(3, low=10)], [[(3, 40, 40)]]),
    (
        "too few for one, too many for the other",
        FOUR,
        [candidate(2, low=5000), candidate(3, high=3000)],
        [[(2, 5000, 4000)]],
    ),
    ("nothing there", FOUR, [], []),
]


@pytest.mark.parametrize(
    ("wanted", "offered", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_every_way_to_have_a_rest(
    wanted: object, offered: list[Candidate], expected: list[list[tuple[int, int, int]]]
) -> None:
    found = plans(wanted, offered)  # type: ignore[arg-type]
    assert [
        [(portion.candidate.id, portion.quantity, portion.covers) for portion in plan.portions] for plan in found
    ] == expected


def test_each_portion_has_its_own_price_rounded_up_by_itself() -> None:
    [plan] = plans(
        replace(WANTED, remaining=1001), [candidate(2, rate="0.000999", high=999), candidate(3, rate="0.001001")]
    )[:1]
    assert [str(portion.price) for portion in plan.portions] == ["0.001003"]
    [shared] = plans(
        replace(WANTED, remaining=1001),
        [candidate(2, rate="0.000999", high=951), candidate(3, rate="0.001001", high=999)],
    )
    assert sum(portion.quantity for portion in shared.portions) == 1001
    assert shared.price == Money(sum(portion.price.micros for portion in shared.portions))


LISTED = replace(WANTED, type="Custom Comments", remaining=4, extras=Extras(texts={"comments": "a\nb\nc\nd\ne\nf"}))
PACKED = replace(WANTED, type="Package", unit="package", remaining=1)


@pytest.mark.parametrize("wanted", [LISTED, PACKED], ids=["list", "package"])
@pytest.mark.parametrize("limits", [(50, 100), (1, 2)])
def test_lists_and_packages_are_neither_shared_nor_made_larger(wanted: object, limits: tuple[int, int]) -> None:
    kind = wanted.type  # type: ignore[attr-defined]
    offered = [replace(candidate(number, low=limits[0], high=limits[1]), type=kind) for number in (2, 3)]
    found = plans(wanted, offered)  # type: ignore[arg-type]
    assert all(portion.quantity == portion.covers for plan in found for portion in plan.portions)
    assert all(len(plan.portions) == 1 for plan in found)


def test_a_spread_order_goes_on_in_runs_where_its_portion_is_made_of_whole_ones() -> None:
    spread = replace(FOUR, quantity=10_000, extras=Extras(drip=Drip(10, 60)))
    [plan] = plans(spread, [replace(candidate(number, high=3000), dripfeed=True) for number in (2, 3)])
    first, second = plan.portions
    assert (first.quantity, second.quantity) == (3000, 1000)
    assert spread.carried(first.candidate, first.quantity).drip == Drip(3, 60)
    assert spread.carried(second.candidate, second.quantity).drip is None


@pytest.mark.parametrize(
    ("balance", "chosen"),
    [("9.00", 2), ("8.00", 2), ("7.99", 3), ("4.40", 3), ("4.39", 4), ("4.00", 4), ("1.00", 4)],
)
def test_what_the_wallet_pays_comes_first_and_else_what_it_lacks_least_for(balance: str, chosen: int) -> None:
    found = [
        Plan(plans(FOUR, [candidate(number, rate=rate)])[0].portions)
        for number, rate in ((2, "2.00"), (3, "1.10"), (4, "1.00"))
    ]
    picked = best(found, Money.parse(balance))
    assert picked is not None
    assert picked.portions[0].candidate.id == chosen
    assert best([], Money.parse(balance)) is None
