"""The buttons that buy the rest of an order in one tap, with the server and the price on them."""

from collections.abc import Sequence
from datetime import timedelta

from aiogram.types import InlineKeyboardButton

from handlers import amounts, callbacks, keyboards
from handlers.i18n import Html, Texts, Value
from handlers.keyboards import Row
from handlers.screens import brief, tidy
from services.money import ZERO
from services.notices import Offer

LONGEST_NAME = 32
_UNTIL_ONE_COMES = frozenset({"no_alternative", "too_small", "too_large"})
"""Reasons for no offer that another service on sale would end."""


def remaining(texts: Texts, offer: Offer, *, look: bool = False) -> InlineKeyboardButton:
    """Order the remaining N on a server, and how much more or less that costs than what came back for it.

    `look`: its link was private, so this is for when it is public again.
    """
    return keyboards.tap(_label(texts, offer, look), callbacks.BuyRest(token=offer.token, look=look), "success")


def among(texts: Texts, order_id: int, offer: Offer, *, look: bool) -> InlineKeyboardButton:
    """The same in a message that offers the rests of several orders: it begins with the order's number."""
    label = texts.bare("button-of", order=str(order_id), label=_label(texts, offer, look))
    return keyboards.tap(label, callbacks.BuyRest(token=offer.token, look=look, among=True), "success")


def _label(texts: Texts, offer: Offer, look: bool) -> str:
    return texts.bare("button-rest", look="yes" if look else "no", **_said(texts, offer))


def on_server(texts: Texts, offer: Offer) -> InlineKeyboardButton:
    """One line of a choice of servers for the same rest."""
    return keyboards.tap(texts.bare("button-rest-on", **_said(texts, offer)), callbacks.BuyRest(token=offer.token))


def _said(texts: Texts, offer: Offer) -> dict[str, Value]:
    """What the buttons say, in the variables of their messages."""
    return {
        "unit": offer.unit,
        "way": offer.way,
        "quantity": amounts.amount(texts, _in_all(offer), offer.unit),
        "service": _named(offer),
        "server": offer.server,
        "other": offer.second.server if offer.second else "",
        "price": offer.price,
        "compared": "short" if offer.missing else _compared(offer),
        "difference": offer.missing or max(offer.difference, -offer.difference),
        "runs": offer.runs,
    }


def _in_all(offer: Offer) -> int:
    return offer.quantity + (offer.second.quantity if offer.second else 0)


def top_up(texts: Texts, offer: Offer | None) -> Row:
    """The way to the money that an offer lacks."""
    if offer is None or not offer.missing:
        return []
    return [keyboards.tap(texts.bare("button-top-up"), callbacks.Wallet(new=True))]


def tell_me(texts: Texts, order_id: int, no_offer: str | None) -> Row:
    """To be told later, where only the shelves are in the way."""
    if no_offer not in _UNTIL_ONE_COMES:
        return []
    return [keyboards.tap(texts.bare("button-tell-me"), callbacks.TellMe(order_id=order_id))]


def told(texts: Texts, offer: Offer) -> Sequence[Html]:
    """What speaks for an offer, what is unusual about it and what is missing for it: the lines under a notice."""
    missing = [texts("rest-missing", missing=offer.missing)] if offer.missing else []
    return [*unusual(texts, offer), *missing]


def unusual(texts: Texts, offer: Offer) -> Sequence[Html]:
    """What speaks for an offer, or how it differs from the rest as it is: at most one line of a choice."""
    if offer.way == "one":
        reasoned = reasons(texts, offer)
        return [] if reasoned is None else [reasoned]
    half = offer.second
    return [
        texts(
            "rest-way",
            way=offer.way,
            server=offer.server,
            quantity=offer.quantity,
            remaining=offer.remaining,
            other=half.server if half else "",
            others=half.quantity if half else 0,
            extra=offer.quantity - offer.remaining,
        )
    ]


def reasons(texts: Texts, offer: Offer) -> Html | None:
    """Server B: different server, 98 % completed this week, +$0.20; nothing of one that has but a price."""
    if not offer.reasons:
        return None
    told = [_reason(texts, str(code), [int(figure) for figure in figures]) for code, *figures in offer.reasons]
    amount = max(offer.difference, -offer.difference)
    told.append(texts("reason", code=_compared(offer), first=0, second=0, span=timedelta(), amount=amount))
    joined = Html(texts.bare("reason-separator").join(told))
    return texts("rest-reasons", server=offer.server, reasons=joined)


def _reason(texts: Texts, code: str, figures: Sequence[int]) -> Html:
    first, second = (*figures, 0, 0)[:2]
    return texts("reason", code=code, first=first, second=second, span=timedelta(seconds=first), amount=ZERO)


def _named(offer: Offer) -> str:
    """What is in a package, short enough for a button: panels put it after the name of the category."""
    name = tidy(offer.service_name)
    return brief(name.partition(" · ")[2] or name, LONGEST_NAME)


def _compared(offer: Offer) -> str:
    if offer.difference == ZERO:
        return "same"
    return "more" if offer.difference > ZERO else "less"
