"""The live card of an order, and the line that counts what was delivered and where."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers import amounts, callbacks, guarantees, keyboards
from handlers.i18n import Html, Texts
from handlers.keyboards import Row
from handlers.screens import Screen, lines, shown, tidy
from services.extras import Extras
from services.notices import Card
from services.order_view import FINISHED

SEGMENTS = 10
A_WHILE = timedelta(seconds=1)
"""No time is told before so much has passed."""


def bar(texts: Texts, delivered: int, quantity: int) -> str:
    """A progress bar in text with its percentage, both rounded down: full means full."""
    done = max(0, min(delivered, quantity))
    filled = done * SEGMENTS // quantity
    return texts("card-bar", bar="▰" * filled + "▱" * (SEGMENTS - filled), percent=done * 100 // quantity)


def status(texts: Texts, status: str, progress: str) -> Html:
    """Where an order stands, in a few words."""
    word = "".join(character for character in progress.casefold() if character.isalnum())
    return texts("order-status", status=status, progress=word)


def service(texts: Texts, name: str, server: str) -> Html:
    """What was ordered, and where."""
    return texts("ordered-service", service=tidy(name), server=server)


def delivered(texts: Texts, count: int, quantity: int, parts: Sequence[Sequence[str | int]], unit: str) -> str:
    """10,000 of 10,000 delivered: 6,000 on Server A, 4,000 on Server B. Each part is (server, delivered)."""
    whole = amounts.amount(texts, quantity, unit)
    told = [texts("goal-part", delivered=int(part[1]), server=str(part[0])) for part in parts if part[1]]
    if len(told) < 2:
        return texts("goal-delivered", delivered=count, quantity=whole)
    joined = Html(texts.bare("goal-separator").join(told))
    return texts("goal-delivered-on", delivered=count, quantity=whole, parts=joined)


def card(texts: Texts, card: Card, now: datetime) -> Screen:
    """The card as the order stands; its buttons answer below it, so that it lives on."""
    open_, cover = card.status not in FINISHED, guarantees.of_card(card)
    created = datetime.fromisoformat(card.created_at)
    link = texts("link", url=card.link, shown=shown(card.link))
    text = lines(
        texts("order-title", order=str(card.order_id), status=status(texts, card.status, card.progress)),
        service(texts, card.service_name, card.server),
        texts("ordering-link", link=link),
        *amounts.details(texts, card.quantity, Extras.from_document(card.extras)),
        "",
        bar(texts, card.delivered, card.quantity),
        texts("card-delivered", delivered=card.delivered, quantity=amounts.amount(texts, card.quantity, card.unit)),
        _start_count(texts, card),
        "",
        texts("card-paid", charge=card.charge),
        texts("card-refunded", refunded=card.refunded) if card.refunded else None,
        texts("card-ordered", at=created),
        texts("card-so-far", span=now - created) if open_ and now - created >= A_WHILE else None,
        _took(texts, card, created),
        *guarantees.told(texts, cover, now),
        texts("card-undo") if card.undo_until else None,
    )
    asks = guarantees.report(texts, cover, now)
    return Screen(text, keyboards.stack(asks, *_buttons(texts, card, open_)))


def _took(texts: Texts, card: Card, created: datetime) -> Html | None:
    """How long the delivery took; an order that nothing came of took no time worth telling."""
    if card.closed_at is None or not card.delivered:
        return None
    return texts("card-took", span=datetime.fromisoformat(card.closed_at) - created)


def _start_count(texts: Texts, card: Card) -> Html | None:
    """Before the first is delivered panels say 0 here, or null: nobody has counted yet."""
    if card.start_count is None or not card.delivered:
        return None
    return texts("card-start-count", count=card.start_count)


def _buttons(texts: Texts, card: Card, open_: bool) -> Sequence[Row]:
    undo = keyboards.tap(texts.bare("button-undo"), callbacks.Undo(order_id=card.order_id), "danger")
    repeat = keyboards.tap(texts.bare("button-repeat"), callbacks.Repeat(order_id=card.order_id))
    history = keyboards.tap(texts.bare("button-orders"), callbacks.Goals(new=True))
    return [[undo] if card.undo_until else [], _rest(texts, card), [history] if open_ else [repeat, history]]


def _rest(texts: Texts, card: Card) -> Row:
    """Who took the rest back changed their mind about the server: it is offered again, on any of them."""
    if card.rest_of is None:
        return []
    label = texts.bare("button-order-rest", quantity=amounts.amount(texts, card.quantity, card.unit))
    return [keyboards.tap(label, callbacks.ChooseRest(order_id=card.rest_of), "success")]
