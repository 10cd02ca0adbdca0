"""The whole story of one order, for the staff: what it was, its money, its attempts, what was told and who did what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from services import actions, placing, pricing, wallet
from services.actions import Done
from services.db import ReadSession
from services.errors import OrderNotFound
from services.models import Attempt, Notice, Order, OrderEvent, Refill, User
from services.money import ZERO, Money
from services.order_view import FINISHED, VIEW, OrderView
from services.wallet import Moved

STEPS = 50
"""Staff actions of one order that are read: more than anybody takes."""
_ONCE = ("verifying", "clarifying", "guarantee")
_ENDS = ("completed", "partial", "canceled", "rejected", "corrected", "refunded")
_REFILLED = ("sent", "done", "rejected", "unknown")


@dataclass(frozen=True, slots=True)
class Upstream:
    """An order at its provider; `charge` in the provider's currency, `cost` what it should cost in ours."""

    provider: str
    service: str
    order_id: str | None
    charge: Money | None
    cost: Money
    unreadable_polls: int
    silent_looks: int
    next_poll_at: datetime | None
    never_left: bool


@dataclass(frozen=True, slots=True)
class Try:
    """One licence to send it, and what came of that."""

    number: int
    licensed_at: datetime
    answered_at: datetime | None
    outcome: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Told:
    """A notice about it: `state` is queued, sent or dropped, with the `error` that was met last."""

    kind: str
    state: str
    at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Step:
    """A status that it reached, with what was noted then."""

    at: datetime
    status: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refilled:
    """A refill that was asked for."""

    number: int
    state: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Trail:
    """Every transfer of the order, added up: what was `paid` is held, was `kept`, or was `returned`."""

    moves: Sequence[Moved]
    paid: Money
    held: Money
    kept: Money
    returned: Money
    lost: Money

    def whole(self, order: OrderView) -> bool:
        """Whether the ledger and the order say the same, to the micro-unit."""
        held = ZERO if order.status in FINISHED else order.charge
        told = (order.charge, held, order.refunded)
        return (self.paid, self.held, self.returned) == told and self.held + self.kept + self.returned == self.paid


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of one order; the lists begin with what came first, `done` with what was done last."""

    order: OrderView
    customer: str
    username: str | None
    upstream: Upstream
    money: Trail
    tries: Sequence[Try]
    told: Sequence[Told]
    steps: Sequence[Step]
    done: Sequence[Done]
    parts: Sequence[OrderView]
    refills: Sequence[Refilled]


async def tell(read: ReadSession, order_id: int) -> Story:
    """The story of an order, whoever's it is, in a handful of queries. OrderNotFound where there is none."""
    row = await read.first(
        select(*VIEW, User.name, User.username, *_UPSTREAM)
        .join(User, User.id == Order.user_id)
        .where(Order.id == order_id)
    )
    if row is None:
        raise OrderNotFound
    order, (name, username) = OrderView(*row[: len(VIEW)]), row[len(VIEW) : len(VIEW) + 2]
    trail = await wallet.trail(read, order_id)
    refills = await _refills(read, order_id)
    return Story(
        order=order,
        customer=name,
        username=username,
        upstream=_upstream(order, *row[len(VIEW) + 2 :]),
        money=added_up(trail, order),
        tries=await _tries(read, order_id),
        told=await _told(read, order_id, trail, refills),
        steps=await _steps(read, order_id),
        done=await actions.history(read, limit=STEPS, subject=f"order:{order_id}"),
        parts=await _parts(read, order.goal_id),
        refills=[Refilled(each.number, each.state, each.asked_at, each.reason or "") for each in refills],
    )


_UPSTREAM = (
    Order.cost,
    Order.provider,
    Order.external_service,
    Order.provider_order_id,
    Order.provider_charge,
    Order.unreadable_polls,
    Order.silent_looks,
    Order.next_poll_at,
    placing.NEVER_LEFT.label("never_left"),
)


def _upstream(order: OrderView, rate: Money, provider: str, service: str, number: str | None, *rest: Any) -> Upstream:
    charge, *how = rest
    return Upstream(provider, service, number, charge, pricing.charge(rate, order.quantity, order.each), *how)


def added_up(trail: Sequence[Moved], order: OrderView) -> Trail:
    """The transfers of an order, added up by where they came from and went to."""
    mine, hold = f"wallet:{order.user_id}", f"hold:{order.id}"

    def through(account: str) -> Money:
        moved = (
            each.amount if each.dst == account else -each.amount for each in trail if account in (each.src, each.dst)
        )
        return sum(moved, ZERO)

    return Trail(
        trail,
        paid=sum((each.amount for each in trail if each.src == mine), ZERO),
        held=through(hold),
        kept=through("revenue"),
        returned=sum((each.amount for each in trail if each.dst == mine), ZERO),
        lost=-through("loss"),
    )


async def _tries(read: ReadSession, order_id: int) -> Sequence[Try]:
    rows = await read.all(
        select(Attempt.number, Attempt.licensed_at, Attempt.answered_at, Attempt.outcome, Attempt.evidence)
        .where(Attempt.order_id == order_id)
        .order_by(Attempt.number)
    )
    return [Try(row.number, row.licensed_at, row.answered_at, row.outcome, row.evidence or "") for row in rows]


async def _told(read: ReadSession, order_id: int, trail: Sequence[Moved], refills: Iterable[Any]) -> Sequence[Told]:
    """What its customer was told of it. The outbox is looked up by key, which says what is told: never searched."""
    targets = {"0", *(each.id.rpartition(":")[2] for each in trail if each.code == "refund")}
    ends = [f"order:{order_id}:{kind}:{target}" for kind in _ENDS for target in sorted(targets)]
    once = [f"order:{order_id}:{kind}" for kind in _ONCE]
    refilled = [f"refill:{each.id}:{state}" for each in refills for state in _REFILLED]
    rows = await read.all(
        select(Notice.kind, Notice.state, Notice.created_at, Notice.sent_at, Notice.last_error)
        .where(Notice.key.in_([*ends, *once, *refilled]))
        .order_by(Notice.id)
    )
    return [Told(row.kind, row.state, row.sent_at or row.created_at, row.last_error or "") for row in rows]


async def _steps(read: ReadSession, order_id: int) -> Sequence[Step]:
    rows = await read.all(
        select(OrderEvent.at, OrderEvent.status, OrderEvent.detail)
        .where(OrderEvent.order_id == order_id)
        .order_by(OrderEvent.id)
    )
    return [Step(row.at, row.status, dict(row.detail)) for row in rows]


async def _parts(read: ReadSession, goal_id: int) -> Sequence[OrderView]:
    rows = await read.all(select(*VIEW).where(Order.goal_id == goal_id).order_by(Order.id))
    return [OrderView(*row) for row in rows]


async def _refills(read: ReadSession, order_id: int) -> Sequence[Any]:
    return await read.all(
        select(Refill.id, Refill.number, Refill.state, Refill.asked_at, Refill.reason)
        .where(Refill.order_id == order_id)
        .order_by(Refill.number)
    )
