"""An order as its poller knows it: what the customer may see, and how it stands at its provider."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.models import Order
from services.money import Money
from services.order_view import VIEW, OrderView
from services.settlement import Terms

KNOWN = (
    *VIEW,
    Order.provider_order_id,
    Order.provider_charge,
    Order.unreadable_polls,
    Order.unconfirmed,
    Order.watch_until,
    Order.silent_looks,
)
"""Its columns."""


@dataclass(frozen=True, slots=True)
class Followed:
    """An order that its provider has, or had."""

    view: OrderView
    provider_order_id: str
    provider_charge: Money | None
    unreadable_polls: int
    unconfirmed: str | None
    watch_until: datetime | None
    silent_looks: int

    def terms(self, confirmations: int) -> Terms:
        """What settlement needs to know."""
        return Terms(
            status=self.view.status,
            quantity=self.view.quantity,
            charge=self.view.charge,
            refunded=self.view.refunded,
            delivered=self.view.delivered,
            progress=self.view.progress,
            start_count=self.view.start_count,
            provider_charge=self.provider_charge,
            unreadable_polls=self.unreadable_polls,
            unconfirmed=self.unconfirmed,
            confirmations=confirmations,
            unit=self.view.unit,
        )


def read(row: Any) -> Followed:
    """A row of KNOWN."""
    return Followed(OrderView(*row[: len(VIEW)]), *row[len(VIEW) :])
