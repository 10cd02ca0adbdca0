"""What people type for a quantity, and what they are suggested."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import quantities
from services.errors import BadQuantity

WHOLE = st.integers(1, quantities.LARGEST)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1", 1),
        ("  10000 ", 10_000),
        ("10,000", 10_000),
        ("10 000", 10_000),
        ("10\u00a0000", 10_000),
        ("10\u202f000", 10_000),
        ("10.000", 10_000),
        ("10'000", 10_000),
        ("1,234,567", 1_234_567),
        ("10k", 10_000),
        ("10 K", 10_000),
        ("1.5k", 1_500),
        ("1,5k", 1_500),
        ("0.5k", 500),
        ("1.25K", 1_250),
        ("2m", 2_000_000),
        ("2.75M", 2_750_000),
        ("999,999,999", 999_999_999),
        ("999999999", 999_999_999),
        ("1000000000", quantities.BEYOND),
        ("1000m", quantities.BEYOND),
        ("99,999,999,999", quantities.BEYOND),
        ("9" * 30, quantities.BEYOND),
    ],
)
def test_what_people_type_is_understood(typed: str, meant: int) -> None:
    assert quantities.parse(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "0", "0k", "-5", "+5", "007", "1_000", "1e3", "1.5", "10,00", "1,0000", "1,000.000", "1.500k"),
        *("1,000k", "10kk", "k", "ten", "١٢٣", "１２", "²", "10k likes", "10\n000", "0x10"),
        "1" * 5000,
    ],
)
def test_everything_else_is_refused_with_what_was_typed(typed: str) -> None:
    with pytest.raises(BadQuantity) as refused:
        quantities.parse(typed)
    text = refused.value.params["text"]
    assert isinstance(text, str)
    assert text == typed.strip() or (typed.startswith(text.removesuffix("…")) and text.endswith("…"))
    assert len(text) <= 40


@given(st.text(max_size=30))
def test_parsing_gives_a_quantity_or_its_own_refusal(typed: str) -> None:
    try:
        quantity = quantities.parse(typed)
    except BadQuantity:
        return
    assert 1 <= quantity <= quantities.BEYOND


@given(WHOLE, st.sampled_from(["", ",", ".", " ", "'"]))
def test_a_quantity_written_in_groups_is_the_same_quantity(quantity: int, mark: str) -> None:
    assert quantities.parse(f"{quantity:,}".replace(",", mark)) == quantity


@given(WHOLE, WHOLE)
def test_suggestions_lie_within_the_limits_ascending_and_at_most_six(one: int, other: int) -> None:
    minimum, maximum = sorted((one, other))
    suggested = quantities.suggestions(minimum, maximum)
    assert suggested == sorted(set(suggested))
    assert all(minimum <= quantity <= maximum for quantity in suggested)
    assert min(3, maximum - minimum + 1) <= len(suggested) <= 6


@pytest.mark.parametrize(
    ("minimum", "maximum", "suggested"),
    [
        (50, 100_000, [100, 500, 1_000, 5_000, 10_000, 50_000]),
        (1_000, 10_000_000, [1_000, 5_000, 10_000, 50_000, 100_000, 500_000]),
        (10, 500, [10, 50, 100, 500]),
        (250, 900, [250, 300, 400, 500, 600, 750]),
        (20, 40, [20, 25, 30, 40]),
        (37, 43, [37, 40, 43]),
        (1, 1, [1]),
        (5, 1, []),
    ],
)
def test_suggestions_are_round_numbers_that_people_order(minimum: int, maximum: int, suggested: list[int]) -> None:
    assert quantities.suggestions(minimum, maximum) == suggested
