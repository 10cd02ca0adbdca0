"""Money is exact or it is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.money import LARGEST, ZERO, Money

AMOUNTS = st.builds(Money, st.integers(-LARGEST, LARGEST))
SMALL = st.builds(Money, st.integers(-(10**18) + 1, 10**18 - 1))


@given(SMALL)
def test_what_is_written_reads_back_the_same(amount: Money) -> None:
    assert Money.parse(str(amount)) == amount


@given(AMOUNTS)
def test_the_decimal_is_exact(amount: Money) -> None:
    assert amount.decimal * 1_000_000 == amount.micros
    assert Decimal(str(amount)) == amount.decimal


@given(st.integers(-(10**17), 10**17), st.integers(-(10**17), 10**17))
def test_sums_and_differences_are_those_of_the_micro_units(a: int, b: int) -> None:
    assert Money(a) + Money(b) == Money(a + b)
    assert Money(a) - Money(b) == Money(a) + -Money(b) == Money(a - b)
    assert (Money(a) < Money(b)) == (a < b)
    assert bool(Money(a)) == (a != 0)


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("10", 10_000_000),
        ("10.5", 10_500_000),
        ("0.000001", 1),
        (" 7.00 ", 7_000_000),
        ("-0.25", -250_000),
        ("007", 7_000_000),
        ("999999999999.999999", 10**18 - 1),
    ],
)
def test_plain_amounts_are_read_exactly(text: str, micros: int) -> None:
    assert Money.parse(text) == Money(micros)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        ".",
        ".5",
        "1e3",
        "1E3",
        "0x10",
        "1_000",
        "1,000",
        "1 000",
        "1.2.3",
        "--1",
        "+1",
        "- 1",
        "1.0000001",
        "1000000000000",
        "١٢",
        "1.٥",
        "１２",
        "²",
        "½",
        "inf",
        "nan",
        "$1",
        "1.-5",
    ],
)
def test_anything_else_is_no_money(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount of money"):
        Money.parse(text)


@given(st.text(max_size=12))
def test_any_text_is_read_as_its_decimal_or_refused(text: str) -> None:
    try:
        amount = Money.parse(text)
    except ValueError:
        return
    assert amount.decimal == Decimal(text.strip())


@pytest.mark.parametrize("micros", [1.0, 0.1, True, "1", Decimal(1), None])
def test_only_whole_numbers_of_micro_units_are_money(micros: object) -> None:
    with pytest.raises(TypeError):
        Money(micros)  # type: ignore[arg-type]


@pytest.mark.parametrize("micros", [LARGEST + 1, -LARGEST - 1, 10**30])
def test_an_amount_that_the_database_could_not_hold_is_refused(micros: int) -> None:
    with pytest.raises(ValueError, match="too large"):
        Money(micros)
    with pytest.raises(ValueError, match="too large"):
        Money(LARGEST) + Money(1)


@pytest.mark.parametrize(
    ("micros", "written"),
    [(10_000_000, "10.00"), (4_500, "0.0045"), (1, "0.000001"), (-250_000, "-0.25"), (0, "0.00"), (100, "0.0001")],
)
def test_two_decimals_are_shown_and_only_as_many_more_as_it_takes(micros: int, written: str) -> None:
    assert str(Money(micros)) == written
    assert str(ZERO) == "0.00"
