"""The buttons that buy the rest of an order in one tap, with the server and the price on them."""

from collections.abc import Sequence
from datetime import timedelta

from aiogram.types import InlineKeyboardButton

from handlers import amounts, callbacks, keyboards
from handlers.i18n import Html, Texts
from handlers.screens import brief, tidy
from services.money import ZERO
from services.notices import Offer

LONGEST_NAME = 32


def remaining(texts: Texts, offer: Offer, *, look: bool = False) -> InlineKeyboardButton:
    """Order the remaining N on a server, and how much more or less that costs than what came back for it.

    `look`: its link was private, so this is for when it is public again.
    """
    label = texts.bare(
        "button-rest",
        look="yes" if look else "no",
        unit=offer.unit,
        quantity=amounts.amount(texts, offer.quantity, offer.unit),
        service=_named(offer),
        server=offer.server,
        price=offer.price,
        compared=_compared(offer),
        difference=max(offer.difference, -offer.difference),
        runs=offer.runs,
    )
    return keyboards.tap(label, callbacks.BuyRest(token=offer.token, look=look), "success")


def on_server(texts: Texts, offer: Offer) -> InlineKeyboardButton:
    """One line of a choice of servers for the same rest."""
    label = texts.bare(
        "button-rest-on",
        unit=offer.unit,
        service=_named(offer),
        server=offer.server,
        price=offer.price,
        compared=_compared(offer),
        difference=max(offer.difference, -offer.difference),
        runs=offer.runs,
    )
    return keyboards.tap(label, callbacks.BuyRest(token=offer.token))


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
