"""An order as its customer may see it, the columns that make it, and the words for how it stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, or_
from sqlalchemy.orm import InstrumentedAttribute

from services import guarantees
from services.extras import PLAIN, Extras
from services.models import Order
from services.money import Money

FINISHED = frozenset({"rejected", "completed", "partial", "canceled"})
"""Statuses in which nothing is held for an order any more."""
DELIVERED = frozenset({"completed", "partial"})
"""Those that something may have been delivered in, to stay."""
UNDONE = "Undone"
"""The progress of an order that its customer took back before it was sent."""


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as its customer may see it: no provider, no cost."""

    id: int
    goal_id: int
    replaces_id: int | None
    user_id: int
    service_id: int
    service_name: str
    server: str
    link: str
    quantity: int
    rate: Money
    charge: Money
    refunded: Money
    status: str
    progress: str
    delivered: int
    start_count: int | None
    created_at: datetime
    placed_at: datetime | None
    closed_at: datetime | None
    submit_at: datetime
    part: int
    covers: int
    type: str = "Default"
    unit: str = "thousand"
    each: int = 1
    extras: Extras = PLAIN
    refill: bool = False
    guarantee_days: int | None = None
    refill_state: str | None = None
    refill_again_at: datetime | None = None
    by_api: bool = False
    """Whether a reseller's site made it: then that is told of it, and nobody in the chat."""

    @property
    def guaranteed(self) -> bool:
        """Whether something was delivered whose drops are made up for, as was promised when it was ordered."""
        return self.refill and self.status in DELIVERED and self.delivered > 0 and self.closed_at is not None

    @property
    def guaranteed_until(self) -> datetime | None:
        """The end of the guarantee, counted from that of the delivery; None where it has none, or nobody says so."""
        return guarantees.until(self.guarantee_days, self.closed_at) if self.guaranteed else None

    @property
    def kept(self) -> Money:
        """What the shop keeps of its charge as things stand: all of it while it is under way."""
        return self.charge - self.refunded

    @property
    def counted(self) -> int:
        """What it brought of what its goal was missing: what came beyond that is a gift of the server's minimum."""
        return min(self.delivered, self.covers)

    @property
    def lacking(self) -> int:
        """What is still missing of what it was for."""
        return self.covers - self.counted


VIEW: tuple[InstrumentedAttribute[Any], ...] = tuple(getattr(Order, name) for name in OrderView.__dataclass_fields__)
"""The columns of an OrderView, in its order."""
PROMISED = case((or_(Order.closed_at.is_(None), Order.delivered > Order.covers), Order.covers), else_=Order.delivered)
"""What an order brings, or brought, of what its goal was missing."""
