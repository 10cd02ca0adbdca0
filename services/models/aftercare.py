"""The table of what comes after an order: refills of what dropped."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.models.schema import STRICT, Model, one_of

REFILL_STATES = ("asked", "sending", "sent", "done", "rejected", "unknown")

# Conditions of the partial indexes; queries repeat them as literals, see services.models.purchases.
REFILL_DUE = "due_at IS NOT NULL"
REFILL_OPEN = "state IN ('asked', 'sending', 'sent')"


class Refill(Model):
    """One request of a customer to bring back what dropped, at most one of an order under way at a time.

    `state` is the shop's own machine (REFILL_STATES); `tries` counts the licences, each for exactly one POST, that were
    committed before their sockets opened.
    """

    __tablename__ = "refills"
    __table_args__ = (
        UniqueConstraint("order_id", "number"),
        one_of("state", REFILL_STATES),
        Index(
            "ix_refills_due",
            "state",
            "provider",
            "due_at",
            sqlite_where=text(REFILL_DUE),
            postgresql_where=text(REFILL_DUE),
        ),
        Index(
            "uq_refills_open",
            "order_id",
            unique=True,
            sqlite_where=text(REFILL_OPEN),
            postgresql_where=text(REFILL_OPEN),
        ),
        STRICT,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    number: Mapped[int]  # of this order's refills
    provider: Mapped[str]
    provider_order_id: Mapped[str]
    state: Mapped[str]
    progress: Mapped[str] = mapped_column(default="")  # the provider's word
    provider_refill_id: Mapped[str | None]  # not unique: some panels call every refill 1
    reason: Mapped[str | None]  # why it came to nothing, see services.refills
    evidence: Mapped[str | None]  # the raw answer or the failure, capped
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]  # when it is sent, given up for lost, or asked about; null: it is over
    again_at: Mapped[datetime | None]  # the next may not be asked for before; null: never
    asked_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    moved_at: Mapped[datetime]
