"""One value of a panel's JSON at a time, whatever it was written as."""

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import panel_values
from services.panel_values import Unreadable, load


def test_fractions_are_exact_and_numbers_too_long_to_mean_anything_are_null() -> None:
    exact = Decimal("8.000000000000002")
    assert load(b'[8.000000000000002, 1e-7, 12, "a\\tb"]') == [exact, Decimal("1E-7"), 12, "a\tb"]
    hostile = f"[{'9' * 5000}, {'9' * 50}.5, 0.{'1' * 100}, NaN, -Infinity, 1e{'9' * 30}]"
    assert load(hostile.encode()) == [None, Decimal("9" * 50 + ".5"), None, None, None, None]


def test_a_byte_order_mark_and_raw_control_characters_do_no_harm() -> None:
    assert load(b'\xef\xbb\xbf {"order":"1\n"} ') == {"order": "1\n"}


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"order":', b"{'order':1}", b"[" * 200_000, b"\xff\xfe", b'{"order":1} trailing']
)
def test_what_is_not_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        load(body)


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_unreadable(body: bytes) -> None:
    try:
        load(body)
    except Unreadable:
        return


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ("157", 157),
        (" 157 ", 157),
        (157, 157),
        ("-2", -2),
        (-2, -2),
        ("4000.0", 4000),
        (Decimal("4000.0"), 4000),
        (Decimal("156.99999999999997"), 157),
        (Decimal("157.00000000000003"), 157),
        ("1e3", 1000),
        (0, 0),
        ("0", 0),
        *(
            (nothing, None)
            for nothing in (None, "", " ", "Unknown", "N/A", "null", "157.5", "1,570", "١٥٧", "0x10", "1_0")
        ),
        *((nothing, None) for nothing in (True, False, [], [1], {}, {"a": 1}, Decimal("NaN"), Decimal("0.5"), 10**16)),
        *((nothing, None) for nothing in (Decimal("1E+400"), Decimal("1E-400"), 10**400, "9" * 300, "1e99")),
    ],
)
def test_a_count_is_a_whole_number_however_written_and_else_nothing(value: object, count: int | None) -> None:
    assert panel_values.count(value) == count


NO_FLAGS: tuple[object, ...] = (None, [], ["yes"], {}, Decimal(0))


@pytest.mark.parametrize(
    ("value", "truth"),
    [
        *((yes, True) for yes in (True, 1, "1", "true", "True", "yes", "Refill button for 30 days", Decimal(1))),
        *((no, False) for no in (False, 0, "0", "false", "no", "No refill", "Not available", "", " ", "N/A", "-")),
        *((no, False) for no in NO_FLAGS),
    ],
)
def test_a_flag_is_set_in_every_spelling_that_does_not_deny_it(value: object, truth: bool) -> None:
    assert panel_values.flag(value) is truth


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("Likes", "Likes"),
        ("  Likes \t\r\n  | Real ", "Likes | Real"),
        ("Likes\x00\x07 ok", "Likes ok"),
        ("<b>Likes</b><script src=x>alert(1)</script>", "Likesalert(1)"),
        ("&lt;img src=x onerror=1&gt;Likes &amp; more", "Likes & more"),
        ("<<b>i>Likes", "Likes"),
        ("<\u200bb>Likes", "Likes"),
        ("Random <3 Emoji", "Random <3 Emoji"),
        ("\u202eekiL\u202c\u2066x\u2069", "ekiLx"),
        ("Flag 🇺🇸 family 👩‍👩‍👧", "Flag 🇺🇸 family 👩‍👩‍👧"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\ud800Likes\udfff", "Likes"),
        ("x" * 21, "x" * 19 + "…"),
    ],
)
def test_texts_of_strangers_come_out_as_one_clean_line(dirty: str, clean: str) -> None:
    assert panel_values.clean(dirty, 20 if dirty.startswith("x") else 80) == clean


@given(
    st.text(alphabet=st.sampled_from("ab <>/&;#ltg3!\x00\x1b\n\u202e\u200b\ud800é👍"), max_size=80), st.integers(1, 40)
)
def test_no_cleaned_text_holds_tags_controls_or_more_than_its_limit(text: str, limit: int) -> None:
    cleaned = panel_values.clean(text, limit)
    assert len(cleaned) <= limit
    assert not {unicodedata.category(letter) for letter in cleaned} & {"Cc", "Cs", "Co", "Zl", "Zp"}
    assert "\u202e" not in cleaned
    assert not panel_values._TAG.search(cleaned)
    cleaned.encode()
