"""Quantities and rates in the unit of their order, and what an order carries beside its link, in words."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from handlers.i18n import Html, Texts
from handlers.screens import brief, shown
from services.extras import Extras
from services.money import Money
from services.order_fields import LISTS


def amount(texts: Texts, quantity: int, unit: str) -> int | Html:
    """So many, so many packages."""
    return quantity if unit == "thousand" else texts("amount", quantity=quantity, unit=unit)


def percent(share: Decimal) -> str:
    """A percentage as people write it: 30, 12.5."""
    text = f"{share:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rate(texts: Texts, price: Money, unit: str) -> Html:
    """A price per 1000, short, or per package."""
    return texts("rate", price=price, unit=unit)


def _carried(texts: Texts, name: str, text: str) -> Html:
    """One of the texts; of a list how many lines it has and how they begin."""
    if name not in LISTS:
        return texts("ordering-text", field=name, text=shown(text))
    lines = text.splitlines()
    counted = texts("answer-lines", field=name, count=len(lines))
    return texts("ordering-lines", lines=counted, first=brief(lines[0]) if lines else "")


def details(texts: Texts, quantity: int, extras: Extras) -> Sequence[Html]:
    """One line for each thing that an order of `quantity` carries."""
    found = [_carried(texts, name, text) for name, text in extras.texts.items()]
    if drip := extras.drip:
        pause = timedelta(minutes=drip.interval)
        in_all = pause * (drip.runs - 1)
        run = quantity // drip.runs
        found.append(texts("ordering-drip", runs=drip.runs, quantity=run, pause=pause, span=in_all))
    if terms := extras.subscription:
        delay = timedelta(minutes=terms.delay)
        found.append(
            texts("ordering-posts", quantity=terms.max)
            if terms.min == terms.max
            else texts("ordering-posts-range", least=terms.min, most=terms.max)
        )
        found.append(texts("ordering-delay", minutes=terms.delay, span=delay))
        found += [texts("ordering-until", day=texts.day(terms.expiry))] if terms.expiry else []
    return found
