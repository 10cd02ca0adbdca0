"""Quantities as people type them: "10,000", "10 000", "10k", and the round numbers worth suggesting."""

import re

from services.errors import BadQuantity

LARGEST = 999_999_999
"""The largest quantity of one order, whatever the provider would take."""

BEYOND = LARGEST + 1
"""What every larger number is read as: it is understood, and more than any service takes."""

_PLAIN = re.compile(r"[1-9][0-9]{0,29}")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:([,. '’])[0-9]{3})(?:\1[0-9]{3}){0,8}")
_SHORT = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,2}))? ?([km])", re.IGNORECASE)
_SPACES = re.compile("[\u00a0\u2009\u202f\u2007]")
_SHOWN = 40

_LADDERS = ((1, 5), (1, 2, 3, 5), (10, 15, 20, 25, 30, 40, 50, 60, 75))
"""Steps that repeat at each power of ten, the roundest ladder first."""
_FEWEST, _MOST = 3, 6
_SMALLEST_USUAL = 100


def parse(text: str) -> int:
    """The whole number meant, from 1 to BEYOND; BadQuantity for anything else.

    Digits are ASCII. Groups of three may be parted by a comma, a dot, an apostrophe or a space, one and the same
    throughout: quantities are whole, so "10.000" can only be ten thousand. Before k (thousand) or m (million) comma
    and dot are decimal marks, and at most two decimals follow: "1.500k" might mean two numbers, and is refused.
    """
    typed = _SPACES.sub(" ", text.strip())
    if _PLAIN.fullmatch(typed):
        return min(int(typed), BEYOND)
    if _GROUPED.fullmatch(typed):
        return min(int("".join(digit for digit in typed if digit.isdigit())), BEYOND)
    if short := _SHORT.fullmatch(typed):
        hundredths = int(short[1] + (short[2] or "").ljust(2, "0"))
        quantity = hundredths * (10 if short[3] in "kK" else 10_000)
        if quantity:
            return min(quantity, BEYOND)
    raise BadQuantity(text=_brief(text.strip()))


def _brief(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def suggestions(minimum: int, maximum: int) -> list[int]:
    """Three to six round numbers from `minimum` to `maximum` that people would order, ascending.

    Fewer only where there are no three whole numbers between the two; none where they are crossed.
    """
    usual = max(minimum, _SMALLEST_USUAL)
    for start, steps in ((usual, _LADDERS[0]), *((minimum, ladder) for ladder in _LADDERS)):
        found = [step * 10**power for power in range(9) for step in steps if start <= step * 10**power <= maximum]
        if len(found) >= _FEWEST:
            return found[:_MOST]
    return sorted({minimum, (minimum + maximum) // 2, maximum}) if minimum <= maximum else []
