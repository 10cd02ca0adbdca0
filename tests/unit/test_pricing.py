"""What is charged covers the rate, and what is kept and given back is the charge, to the micro-unit."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services import pricing
from services.money import ZERO, Money

RATES = st.builds(Money, st.integers(0, 10**12))
QUANTITIES = st.integers(1, 10**7)
PRICES = st.decimals(min_value=0, max_value=100_000, places=5)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[Money, int, int]:
    """A charge, a quantity and how much of it was delivered."""
    quantity = draw(QUANTITIES)
    return draw(RATES), draw(st.integers(0, quantity)), quantity


@given(RATES, QUANTITIES)
def test_the_charge_is_the_rate_times_the_quantity_rounded_up(rate: Money, quantity: int) -> None:
    exact = Fraction(rate.micros * quantity, 1000)
    charge = pricing.charge(rate, quantity)
    assert 0 <= charge.micros - exact < 1


@given(deliveries())
@example((Money(10_000_000), 41, 100))  # $10.00, and 0.41 is no float
def test_kept_and_refund_are_the_charge(delivery: tuple[Money, int, int]) -> None:
    charge, delivered, quantity = delivery
    kept = pricing.kept(charge, delivered, quantity)
    refund = charge - kept
    assert kept + refund == charge
    assert ZERO <= kept <= charge
    assert 0 <= Fraction(charge.micros * delivered, quantity) - kept.micros < 1


@given(deliveries())
def test_the_refund_never_grows_with_what_was_delivered(delivery: tuple[Money, int, int]) -> None:
    charge, delivered, quantity = delivery
    assert pricing.kept(charge, 0, quantity) == ZERO
    assert pricing.kept(charge, quantity, quantity) == charge
    if delivered:
        assert pricing.kept(charge, delivered - 1, quantity) <= pricing.kept(charge, delivered, quantity)


def test_the_worked_example() -> None:
    charge = pricing.charge(Money.parse("1.00"), 10_000)
    assert str(charge) == "10.00"
    assert str(charge - pricing.kept(charge, 6_000, 10_000)) == "4.00"


@given(PRICES, st.decimals(min_value="0.0001", max_value=1000, places=4))
def test_a_providers_rate_is_never_rounded_down(rate: Decimal, exchange: Decimal) -> None:
    assert 0 <= pricing.cost_rate(rate, exchange).micros - Fraction(rate) * Fraction(exchange) * 10**6 < 1


@given(RATES, st.decimals(min_value=0, max_value=1000, places=2))
def test_the_markup_is_never_rounded_down(cost: Money, percent: Decimal) -> None:
    assert 0 <= pricing.selling_rate(cost, percent).micros - cost.micros * (1 + Fraction(percent) / 100) < 1


@given(PRICES.filter(bool), st.integers(50, 10**6))
def test_an_order_never_costs_the_shop_more_than_it_charges(rate: Decimal, quantity: int) -> None:
    sold = pricing.selling_rate(pricing.cost_rate(rate, Decimal(1)), Decimal(0))
    assert pricing.charge(sold, quantity).micros >= Fraction(rate) * quantity * 1000


@pytest.mark.parametrize("rate", ["-0.01", "NaN", "sNaN", "Infinity", "-Infinity", "1e10", "1e400"])
def test_what_is_no_rate_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        pricing.cost_rate(Decimal(rate), Decimal(1))


@pytest.mark.parametrize(("micros", "quantity"), [(1, 0), (1, -1), (-1, 1)])
def test_nothing_and_less_have_no_price(micros: int, quantity: int) -> None:
    with pytest.raises(ValueError, match="cannot price"):
        pricing.charge(Money(micros), quantity)


@pytest.mark.parametrize(("delivered", "quantity"), [(-1, 10), (11, 10), (0, 0), (0, -1)])
def test_what_is_no_share_of_an_order_is_refused(delivered: int, quantity: int) -> None:
    with pytest.raises(ValueError, match="not a share"):
        pricing.kept(Money(1), delivered, quantity)


@pytest.mark.parametrize(
    ("rate", "quantity", "each", "price"),
    [
        ("0.999", 1000, 1, "0.999"),
        ("0.000001", 1, 1, "0.000001"),  # a thousandth of a micro-unit is a whole one
        ("2.400001", 1, 1000, "2.400001"),  # a package costs its rate, exactly
        ("2.400001", 3, 1000, "7.200003"),
        ("1.10", 5, 100, "0.55"),  # five posts of up to 100
        ("0.333333", 7, 11, "0.025667"),  # ceil(0.025666641)
    ],
)
def test_the_price_counts_what_one_unit_is_made_of(rate: str, quantity: int, each: int, price: str) -> None:
    assert pricing.charge(Money.parse(rate), quantity, each) == Money.parse(price)


@given(RATES, st.integers(1, 10**5), st.integers(1, 10**4))
def test_units_are_priced_as_their_items(rate: Money, quantity: int, each: int) -> None:
    assert pricing.charge(rate, quantity, each) == pricing.charge(rate, quantity * each)


def test_a_unit_of_nothing_has_no_price() -> None:
    with pytest.raises(ValueError, match="cannot price"):
        pricing.charge(Money(1), 1, 0)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0.50", "0.50"),
        ("-1", "-1.00"),
        ("1e-7", "0.00"),
        ("0.0000005", "0.00"),
        ("0.0000015", "0.000002"),
        (None, None),
        ("free", None),
        ("NaN", None),
        ("1e400", None),
    ],
)
def test_a_foreign_amount_is_read_to_the_nearest_micro_unit_or_not_at_all(text: str | None, amount: str | None) -> None:
    assert pricing.foreign(text) == (None if amount is None else Money(round(Fraction(amount) * 10**6)))


@given(RATES, RATES, st.decimals(min_value=0, max_value=100, places=4))
@example(Money(10_000_001), Money(8_000_000), Decimal(10))
@example(Money(10_000_000), Money(12_000_000), Decimal(10))  # sold below cost: a discount makes that no worse
def test_a_discount_is_rounded_up_and_leaves_the_shop_its_cost(rate: Money, cost: Money, percent: Decimal) -> None:
    exact = Fraction(rate.micros) * (100 - Fraction(percent)) / 100
    lower = pricing.discounted(rate, cost, percent)
    assert min(rate, cost) <= lower <= rate
    assert lower.micros >= exact
    if cost.micros < exact:
        assert lower.micros - exact < 1
