"""What a reseller's site is told of an order: one event for each change, with the retail price's share.

    order.updated    its row in the panel API reads otherwise than before
    order.completed  all of it was delivered
    order.partial    it stopped: `delivered`, `remains`, `refund`, `kept`
    order.canceled   nothing of it was delivered, all of it came back
    order.refunded   more came back after its end: the provider corrected itself, or somebody of the shop did

`refund` is what came back with this event; `refunded` is all of it so far, and a site credits its customer up to that:
an event that it missed, because it was turned off or away for days, is made up for by the next. What the site's own
customer has coming follows by the same arithmetic from the retail price:

    kept     = floor(retail x delivered / quantity)   where the shop keeps by what was delivered,
               floor(retail x kept / charge)          where it keeps less, because it gave back more by hand: 0 of 0
    refunded = retail - kept, never less than what it was before
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services import panel_words, pricing
from services.money import ZERO, Money
from services.order_view import FINISHED, OrderView
from services.panel_words import amount

ENDS = {"Completed": "order.completed", "Partial": "order.partial", "Canceled": "order.canceled"}


@dataclass(frozen=True, slots=True)
class Retail:
    """What the site's customer paid for an order, in the site's currency (an ISO 4217 code), and has back so far."""

    price: Money
    currency: str
    refunded: Money = ZERO

    def after(self, order: OrderView) -> "Retail":
        """The same once the site has given back what it must as the order stands."""
        return replace(self, refunded=max(self.refunded, _due(order, self.price)))


@dataclass(frozen=True, slots=True)
class Change:
    """An order as it is, and as it was before where that is known: without it, nothing has ended or come back."""

    after: OrderView
    before: OrderView | None = None

    @property
    def ends(self) -> bool:
        """Whether this change ended it."""
        return self.before is not None and self.before.status not in FINISHED and self.after.status in FINISHED

    @property
    def returned(self) -> Money:
        """What comes back with it."""
        return ZERO if self.before is None else self.after.refunded - self.before.refunded

    @property
    def kind(self) -> str:
        """The name of its event."""
        if self.ends:
            return ENDS[panel_words.status(self.after)]
        return "order.refunded" if self.returned else "order.updated"

    @property
    def silent(self) -> bool:
        """Whether nothing ended, nothing came back, and its row in the panel API reads as before."""
        if self.before is None or self.ends or self.returned:
            return False
        return panel_words.row(self.after, "") == panel_words.row(self.before, "")


def _due(order: OrderView, price: Money) -> Money:
    """What of a retail price goes back to the site's customer as the order stands."""
    if not order.refunded:
        return ZERO
    if not order.kept:
        return price  # the site reads Canceled, even where the share of what came is less than the smallest amount
    if order.kept == pricing.kept(order.charge, order.delivered, order.quantity):
        return price - pricing.kept(price, order.delivered, order.quantity)
    return price - Money(price.micros * order.kept.micros // order.charge.micros)


def data(
    change: Change, *, currency: str, reference: str | None, retail: Retail | None, at: datetime
) -> dict[str, Any]:
    """The `data` of the change's event, ready for JSON: amounts are strings, `at` is in UTC."""
    order = change.after
    told: dict[str, Any] = {
        "order": order.id,
        "reference": reference,
        "status": panel_words.status(order),
        "quantity": order.quantity,
        "delivered": order.quantity - panel_words.remains(order),
        "remains": panel_words.remains(order),
        "start_count": order.start_count or 0,
        "charge": amount(order.charge),
        "kept": amount(order.kept),
        "refund": amount(change.returned),
        "refunded": amount(order.refunded),
        "currency": currency,
        "at": at.isoformat(timespec="microseconds"),
    }
    if retail is not None:
        after = retail.after(order)
        told["retail"] = {
            "charge": amount(retail.price),
            "kept": amount(retail.price - after.refunded),
            "refund": amount(after.refunded - retail.refunded),
            "refunded": amount(after.refunded),
            "currency": retail.currency,
        }
    return told
