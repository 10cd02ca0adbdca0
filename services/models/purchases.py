"""The tables of what is bought: quotes, orders, the attempts to place them, their stories."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from services.columns import Document
from services.extras import PLAIN, Extras
from services.models.schema import STRICT, Model, one_of
from services.models.shelves import UNITS
from services.money import Money

ORDER_STATUSES = ("queued", "placing", "placed", "rejected", "unknown", "completed", "partial", "canceled")
LINK_CODES = ("there", "gone", "private", "renamed", "unclear")
WAITED_FOR = ("money", "server")
ATTEMPT_OUTCOMES = ("licensed", "accepted", "rejected", "unsent", "ambiguous")

# Conditions of the partial indexes. Queries repeat them as literals, or neither engine uses the index. The indexes
# begin with a column that queries fix: SQLite has no statistics, takes a mere range for wide, and reads every order.
POLLED = "next_poll_at IS NOT NULL"
QUEUED = "status = 'queued'"
PLACING = "status = 'placing'"
UNKNOWN = "status = 'unknown'"
DUE = "due_at IS NOT NULL"
REMINDED = "remind_at IS NOT NULL"
RESTS = "replaces_id IS NOT NULL AND (closed_at IS NULL OR delivered > 0)"


def _all_of_it(row: DefaultExecutionContext) -> int:
    """An order is for all that it asks for, unless it is said otherwise."""
    quantity: int = row.get_current_parameters()["quantity"]  # type: ignore[no-untyped-call]
    return quantity


class Quote(Model):
    """A price shown to somebody; its token is what the paying button carries, and buys at most once."""

    __tablename__ = "quotes"
    __table_args__ = (Index(None, "created_at"), STRICT)

    token: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    link: Mapped[str]
    quantity: Mapped[int]
    rate: Mapped[Money]
    charge: Mapped[Money]
    type: Mapped[str] = mapped_column(default="Default")  # the service's when it was quoted
    extras: Mapped[Extras] = mapped_column(default=PLAIN)
    replaces_id: Mapped[int | None]  # the order whose rest this is
    part: Mapped[int] = mapped_column(default=1)  # which of the orders that share that rest
    covers: Mapped[int] = mapped_column(
        default=_all_of_it
    )  # how much of what is missing: less than the quantity where a server takes no fewer
    second: Mapped[str | None]  # the token of the quote that is bought with this one, where two share a rest
    by_api: Mapped[bool] = mapped_column(default=False)  # as on the order
    created_at: Mapped[datetime]


class Order(Model):
    """A purchase with everything it was computed from frozen on it.

    `status` is the shop's own machine (ORDER_STATUSES); `progress` is the provider's word, for showing only.
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("token"),
        UniqueConstraint("provider", "provider_order_id"),
        one_of("status", ORDER_STATUSES),
        one_of("unit", UNITS),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("each > 0", name="each"),
        CheckConstraint("covers > 0 AND covers <= quantity", name="covers"),
        CheckConstraint("charge >= 0 AND refunded >= 0 AND refunded <= charge", name="refunded"),
        Index("ix_orders_due", "provider", "next_poll_at", sqlite_where=text(POLLED), postgresql_where=text(POLLED)),
        Index(
            "ix_orders_queued",
            "status",
            "provider",
            "submit_at",
            sqlite_where=text(QUEUED),
            postgresql_where=text(QUEUED),
        ),
        Index("ix_orders_placing", "status", "lease_until", sqlite_where=text(PLACING), postgresql_where=text(PLACING)),
        Index(None, "user_id", "goal_id"),
        Index(None, "goal_id"),
        Index(None, "service_id", "closed_at"),
        Index(None, "link"),
        Index(None, "created_at"),
        Index("ix_orders_unknown", "status", "moved_at", sqlite_where=text(UNKNOWN), postgresql_where=text(UNKNOWN)),
        Index(
            "ix_orders_remind",
            "refill",
            "remind_at",
            sqlite_where=text(REMINDED),
            postgresql_where=text(REMINDED),
        ),
        Index(
            "uq_orders_rest",
            "replaces_id",
            "part",
            unique=True,
            sqlite_where=text(RESTS),
            postgresql_where=text(RESTS),
        ),
        STRICT,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str]  # of the quote that bought it
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    goal_id: Mapped[int]  # the first order of the goal this one belongs to: its own id where it is the first
    replaces_id: Mapped[int | None]  # the order whose rest this is
    part: Mapped[int] = mapped_column(default=1)  # which of the orders that share that rest
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    provider: Mapped[str]
    external_service: Mapped[str]
    service_name: Mapped[str]
    server: Mapped[str]
    link: Mapped[str]
    type: Mapped[str] = mapped_column(default="Default")  # the service's when it was ordered
    unit: Mapped[str] = mapped_column(default="thousand")  # what `quantity` counts, see services.pricing
    quantity: Mapped[int]
    covers: Mapped[int] = mapped_column(
        default=_all_of_it
    )  # how much of its goal it is for: less than the quantity where the server takes no fewer
    refill: Mapped[bool] = mapped_column(default=False)  # whether it makes up for drops, and how long after the end:
    guarantee_days: Mapped[int | None]  # both as the service said when it was ordered
    each: Mapped[int] = mapped_column(default=1)  # items that one of `quantity` is priced as
    refill_state: Mapped[str | None]  # of its latest refill, see services.refills
    refill_again_at: Mapped[datetime | None]  # as of that refill: null is never
    remind_at: Mapped[datetime | None]  # that its guarantee ends; null: nobody is reminded, or any more
    extras: Mapped[Extras] = mapped_column(default=PLAIN)
    by_api: Mapped[bool] = mapped_column(default=False)  # a reseller's site made it: that is told, not their chat
    rate: Mapped[Money]
    cost: Mapped[Money]  # the provider's rate when it was ordered
    charge: Mapped[Money]
    refunded: Mapped[Money] = mapped_column(default=Money(0))  # the refund target reached so far
    status: Mapped[str]
    progress: Mapped[str] = mapped_column(default="Pending")
    delivered: Mapped[int] = mapped_column(default=0)
    start_count: Mapped[int | None]
    provider_order_id: Mapped[str | None]
    provider_charge: Mapped[Money | None]  # in the provider's currency, as last told; never the base of a refund
    unreadable_polls: Mapped[int] = mapped_column(default=0)
    unconfirmed: Mapped[str | None]  # the terminal answer that waits to be heard a second time
    submit_at: Mapped[datetime]  # not sent upstream before: the Undo window of a one-tap order
    next_poll_at: Mapped[datetime | None]  # null: no longer asked about
    watch_until: Mapped[datetime | None]
    silent_looks: Mapped[int] = mapped_column(default=0)  # without its row, in a row; once closed, after its watch
    moved_at: Mapped[datetime]  # when the provider last said something new
    cancel_asked_at: Mapped[datetime | None]  # of its provider by a reseller's site, and what that said:
    cancel_answer: Mapped[str | None]  # see services.canceling.Answer; null: nothing so far
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    placed_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]  # when the provider was first seen to have delivered something
    closed_at: Mapped[datetime | None]


class WaitingRest(Model):
    """A rest that could not be had when its order stopped: its customer hears as soon as it can be."""

    __tablename__ = "waiting_rests"
    __table_args__ = (one_of("for_what", WAITED_FOR), Index(None, "looked_at"), STRICT)

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    for_what: Mapped[str]  # money in the wallet, or a server that takes it
    looked_at: Mapped[datetime]  # so that all have their turn
    created_at: Mapped[datetime]


class Finishing(Model):
    """Whether the shop finishes a goal by itself, and when it is to look at it again (services.finishing)."""

    __tablename__ = "finishings"
    __table_args__ = (
        CheckConstraint("used >= 0", name="used"),
        Index("ix_finishings_due", "due_at", sqlite_where=text(DUE), postgresql_where=text(DUE)),
        STRICT,
    )

    goal_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    is_on: Mapped[bool]
    used: Mapped[int] = mapped_column(default=0)  # orders that the shop made for it by itself
    due_at: Mapped[datetime | None]  # null: nothing has stopped since the last look


class Attempt(Model):
    """A licence for exactly one POST of `add`, committed before the socket opens, and what came of it."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("order_id", "number"), one_of("outcome", ATTEMPT_OUTCOMES), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    number: Mapped[int]
    licensed_at: Mapped[datetime]
    deadline: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    outcome: Mapped[str]
    evidence: Mapped[str | None]  # the raw answer or the failure, capped


class CheckedLink(Model):
    """What became of a link's target, as its page was last looked at (services.link_check)."""

    __tablename__ = "link_checks"
    __table_args__ = (one_of("code", LINK_CODES), Index(None, "checked_at"), STRICT)

    link: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str]
    checked_at: Mapped[datetime]


class OrderEvent(Model):
    """One state change of an order, for its story."""

    __tablename__ = "order_events"
    __table_args__ = (Index(None, "order_id"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    at: Mapped[datetime]
    status: Mapped[str]
    detail: Mapped[Document]
