"""Amounts and percentages as resellers type them."""

import re
from decimal import Decimal

from handlers.i18n import Texts
from handlers.screens import Screen, brief
from services.money import ZERO, Money

MOST_PERCENT = 1000


_THOUSANDS = re.compile(r"[0-9]+[.,][0-9]{3}")
"""1,000 is a thousand to some, and one to others."""


def amount(text: str | None) -> Money | None:
    """An amount above 0; None for anything else, and for what may mean two amounts."""
    typed = (text or "").strip()
    if _THOUSANDS.fullmatch(typed):
        return None
    try:
        found = Money.parse(typed.replace(",", "."))
    except ValueError:
        return None
    return found if found > ZERO else None


def no_amount(texts: Texts, text: str | None) -> Screen:
    """What to type instead."""
    return Screen(texts("reseller-no-amount", text=brief(text or "")))


def percent(text: str | None) -> Decimal | None:
    """From 0 to MOST_PERCENT, with at most two decimals; a % behind it is no matter."""
    digits = (text or "").strip().removesuffix("%").strip().replace(",", ".")
    whole, _, part = digits.partition(".")
    if not ((whole + part).isdigit() and digits.isascii() and whole and len(whole) <= 4 and len(part) <= 2):
        return None
    found = Decimal(digits)
    return found if found <= MOST_PERCENT else None


def no_percent(texts: Texts, text: str | None) -> Screen:
    """What to type instead."""
    return Screen(texts("reseller-no-percent", text=brief(text or ""), most=str(MOST_PERCENT)))
