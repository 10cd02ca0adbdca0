"""Guarantees against drops in words: until when, how a refill stands, and the button that asks for one."""

from dataclasses import dataclass
from datetime import datetime

from handlers import callbacks, keyboards
from handlers.i18n import Html, Texts
from handlers.keyboards import Row
from services import guarantees, refills
from services.guarantees import LIFETIME
from services.notices import Card
from services.order_view import OrderView


@dataclass(frozen=True, slots=True)
class Cover:
    """What is guaranteed of one order, wherever that is shown; `days` is None where nobody says how long."""

    order_id: int
    server: str
    guaranteed: bool
    days: int | None
    until: datetime | None
    state: str | None
    again_at: datetime | None

    def standing(self, now: datetime) -> refills.Standing:
        """Whether a drop can be reported."""
        return refills.standing(
            guaranteed=self.guaranteed, until=self.until, state=self.state, again_at=self.again_at, now=now
        )


def of_order(order: OrderView) -> Cover:
    """What is guaranteed of an order."""
    return Cover(
        order.id,
        order.server,
        order.guaranteed,
        order.guarantee_days,
        order.guaranteed_until,
        order.refill_state,
        order.refill_again_at,
    )


def of_card(card: Card) -> Cover:
    """The same of an order's card."""
    days, closed_at = card.guarantee_days, datetime.fromisoformat(card.closed_at) if card.closed_at else None
    until = guarantees.until(days, closed_at) if card.guaranteed else None
    again_at = datetime.fromisoformat(card.refill_again_at) if card.refill_again_at else None
    return Cover(card.order_id, card.server, card.guaranteed, days, until, card.refill_state, again_at)


def promised(texts: Texts, refill: bool, days: int | None) -> Html:
    """Whether a service makes up for drops, and for how long."""
    kind = "no" if not refill else "yes" if days is None else "lifetime" if days >= LIFETIME else "days"
    return texts("service-refill", kind=kind, days=days or 0)


def told(texts: Texts, cover: Cover, now: datetime) -> list[Html]:
    """Until when drops are made up for, and how the latest refill stands."""
    standing = cover.standing(now)
    if standing == "none":
        return []
    kind = "over" if standing == "over" else "until" if cover.until else "yes" if cover.days is None else "lifetime"
    day = texts.day(cover.until) if cover.until else ""
    said = [texts("card-guarantee", kind=kind, day=day)]
    if cover.state is not None:
        said.append(texts("card-refill", state=cover.state))
    return said


def report(texts: Texts, cover: Cover, now: datetime, *, name_server: bool = False) -> Row:
    """The button that asks for a refill; within the provider's pause it says when it can be asked for again."""
    if cover.standing(now) not in ("free", "early"):
        return []
    label = texts.bare("button-refill-on", server=cover.server) if name_server else texts.bare("button-refill")
    return [keyboards.tap(label, callbacks.AskRefill(order_id=cover.order_id))]
