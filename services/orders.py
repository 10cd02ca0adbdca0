"""Orders: what a customer pays for once, and may take back as long as it has not left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, exists, func, insert, or_, select, text, update
from sqlalchemy.orm import InstrumentedAttribute

from services import catalog, guarantees, notices, order_types, outbox, pricing, quotes, wallet
from services.db import ReadSession, WriteSession
from services.errors import (
    OrderNotFound,
    PriceChanged,
    QuoteGone,
    RestOrdered,
    TooLate,
)
from services.extras import PLAIN, Extras
from services.models import RESTS, Attempt, Finishing, Order, OrderEvent, Service
from services.money import ZERO, Money

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

    @property
    def guaranteed(self) -> bool:
        """Whether something was delivered whose drops are made up for, as was promised when it was ordered."""
        return self.refill and self.status in DELIVERED and self.delivered > 0 and self.closed_at is not None

    @property
    def guaranteed_until(self) -> datetime | None:
        """The end of the guarantee, counted from that of the delivery; None where it has none, or nobody says so."""
        return guarantees.until(self.guarantee_days, self.closed_at) if self.guaranteed else None

    @property
    def counted(self) -> int:
        """What it brought of what its goal was missing: what came beyond that is a gift of the server's minimum."""
        return min(self.delivered, self.covers)

    @property
    def lacking(self) -> int:
        """What is still missing of what it was for."""
        return self.covers - self.counted


@dataclass(frozen=True, slots=True)
class Placed:
    """`created` is False where the same button had bought this order before; `second` shares the rest with it."""

    order: OrderView
    created: bool
    second: OrderView | None = None


VIEW: tuple[InstrumentedAttribute[Any], ...] = tuple(getattr(Order, name) for name in OrderView.__dataclass_fields__)
"""The columns of an OrderView, in its order."""
PROMISED = case((or_(Order.closed_at.is_(None), Order.delivered > Order.covers), Order.covers), else_=Order.delivered)
"""What an order brings, or brought, of what its goal was missing."""
TERMS = (
    *(Service.provider, Service.external_id, Service.name, Service.server, Service.cost),
    *(Service.refill, Service.guarantee_days),
)
"""What is frozen on an order of its service, beside the quoted price."""


async def place(
    session: WriteSession,
    *,
    user_id: int,
    token: str,
    now: datetime,
    message_id: int | None = None,
    undo: timedelta = timedelta(0),
    staff: bool = False,
) -> Placed:
    """Buy what was quoted: the order, the hold on the wallet and the order card in one transaction.

    The token buys once; again, it answers with the order it bought. `message_id` is the message that becomes the
    order card, a new one is sent where it is None. Nothing leaves for the provider before `undo` is over; `staff` may
    order under maintenance. Raises QuoteGone, SalesStopped, UnderMaintenance, ServiceGone, PriceChanged,
    NotEnoughMoney, or RestOrdered where the rest was bought by another button. Where two servers share a rest both
    orders are bought, or neither.
    """
    bought = await _bought(session, user_id, token)
    if bought is not None:
        return Placed(bought, created=False)
    quoted = await quotes.on_sale(session, user_id, token, staff=staff)
    shared = None if quoted.second is None else await quotes.find(session, user_id, quoted.second)
    if shared is not None:
        await wallet.require(session, user_id, quoted.charge + shared.charge)
    order = await _buy(session, quoted, now=now, submit_at=now + undo, message_id=message_id)
    if order is None:
        bought = await _bought(session, user_id, token)
        if bought is None:
            raise RestOrdered
        return Placed(bought, created=False)
    second = None
    if shared is not None:
        second = await _buy(session, shared, now=now, submit_at=now + undo)
        if second is None:
            raise RestOrdered
    session.announce("submit")
    return Placed(order, created=True, second=second)


async def _buy(
    session: WriteSession, quoted: Any, *, now: datetime, submit_at: datetime, message_id: int | None = None
) -> OrderView | None:
    """One order with its hold and its card; None where its token, or the rest it would finish, was bought already."""
    service = await catalog.service(session, quoted.service_id)
    kind = order_types.of(quoted.type)
    if kind is None or order_types.of(service.type) is not kind:
        raise QuoteGone
    each = kind.each(quoted.extras)
    if service.rate != quoted.rate:
        raise PriceChanged(price=pricing.charge(service.rate, quoted.quantity, each))
    order_id = await _insert(session, quoted, now=now, submit_at=submit_at, unit=kind.unit, each=each)
    if order_id is None:
        return None
    await wallet.hold(session, user_id=quoted.user_id, order_id=order_id, amount=quoted.charge, now=now)
    await record(session, [(order_id, "queued", {})], now)
    order = await find(session, quoted.user_id, order_id)
    await outbox.put(session, [carded(order, message_id=message_id)], now)
    return order


async def _bought(session: ReadSession, user_id: int, token: str) -> OrderView | None:
    row = await session.first(select(*VIEW).where(Order.token == token, Order.user_id == user_id))
    return None if row is None else OrderView(*row)


async def _insert(
    session: WriteSession, quoted: Any, *, now: datetime, submit_at: datetime, unit: str, each: int
) -> int | None:
    """Write the order row; None where its token, or the rest it would finish, was bought already."""
    [terms] = await session.all(select(*TERMS).where(Service.id == quoted.service_id))
    goal_id = 0
    if quoted.replaces_id is not None:
        goal_id = await session.value(select(Order.goal_id).where(Order.id == quoted.replaces_id)) or 0
        if not await _has_room(session, goal_id, quoted.covers) or await _taken(session, quoted):
            return None
    rows = await session.returned(
        session.insert(Order)
        .values(
            token=quoted.token,
            user_id=quoted.user_id,
            goal_id=goal_id,
            replaces_id=quoted.replaces_id,
            part=quoted.part,
            service_id=quoted.service_id,
            provider=terms.provider,
            external_service=terms.external_id,
            service_name=terms.name,
            server=terms.server,
            cost=terms.cost,
            refill=terms.refill,
            guarantee_days=terms.guarantee_days,
            link=quoted.link,
            type=quoted.type,
            unit=unit,
            quantity=quoted.quantity,
            covers=quoted.covers,
            each=each,
            extras=quoted.extras,
            rate=quoted.rate,
            charge=quoted.charge,
            status="queued",
            submit_at=submit_at,
            moved_at=now,
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Order.id)
    )
    if not rows:
        return None
    order_id: int = rows[0].id
    if goal_id == 0:
        await session.run(update(Order).where(Order.id == order_id).values(goal_id=order_id))
    return order_id


async def _has_room(session: WriteSession, goal_id: int, quantity: int) -> bool:
    """Whether so many more keep a goal within what was wanted; asked under a lock, one rest of a goal after another.

    Buttons outlive what they were made for: a rest of 100, tapped when the 300 beside it have been taken back and
    ordered again with it, would be bought twice.
    """
    wanted = await session.value(select(Order.quantity).where(Order.id == goal_id).with_for_update()) or 0
    promised = await session.value(select(func.sum(PROMISED)).where(Order.goal_id == goal_id)) or 0
    return int(promised) + quantity <= wanted


async def _taken(session: WriteSession, quoted: Any) -> bool:
    """Whether this part of the rest is on its way, or some of it came; asked under the lock of `_has_room`."""
    same = (Order.replaces_id == quoted.replaces_id, Order.part == quoted.part)
    return await session.value(select(Order.id).where(*same, text(RESTS))) is not None


async def undo(session: WriteSession, *, user_id: int, order_id: int, now: datetime) -> OrderView:
    """Take an order back that never left: all the money returns. Undone twice is undone once; else TooLate."""
    order = await find(session, user_id, order_id)
    if order.status == "canceled" and order.placed_at is None:
        return order
    maybe_sent = exists().where(Attempt.order_id == order_id, Attempt.outcome != "unsent")
    taken = await session.run(
        update(Order)
        .where(Order.id == order_id, text("status = 'queued'"), ~maybe_sent)
        .values(status="canceled", refunded=Order.charge, progress=UNDONE, closed_at=now)
    )
    if taken.rowcount != 1:
        raise TooLate
    if order.replaces_id is not None:  # who takes a rest back does not want it ordered again by the shop
        told = {"is_on": False, "due_at": None}
        off = session.insert(Finishing).values(goal_id=order.goal_id, **told)
        await session.run(off.on_conflict_do_update(index_elements=["goal_id"], set_=told))
    await wallet.settle(
        session, [wallet.Settlement(order.id, user_id, order.charge, ZERO, order.charge, closing=True)], now
    )
    await record(session, [(order_id, "canceled", {"by": "customer"})], now)
    order = await find(session, user_id, order_id)
    await outbox.put(session, [carded(order)], now)
    return order


async def find(session: ReadSession, user_id: int, order_id: int) -> OrderView:
    """One order of this person's; OrderNotFound where it is not theirs."""
    row = await session.first(select(*VIEW).where(Order.id == order_id, Order.user_id == user_id))
    if row is None:
        raise OrderNotFound
    return OrderView(*row)


async def record(session: WriteSession, events: Sequence[tuple[int, str, dict[str, Any]]], now: datetime) -> None:
    """Write (order id, status reached, detail) into the orders' stories."""
    rows = [
        {"order_id": order_id, "at": now, "status": status, "detail": detail} for order_id, status, detail in events
    ]
    await session.run(insert(OrderEvent), rows)


def carded(order: OrderView, *, message_id: int | None = None, priority: int = outbox.INTERACTIVE) -> outbox.Outgoing:
    """The order's live card as it stands, ready for the outbox."""
    waits = order.status == "queued" and order.submit_at > order.created_at
    card = notices.Card(
        order_id=order.id,
        service_name=order.service_name,
        server=order.server,
        link=order.link,
        quantity=order.quantity,
        charge=order.charge,
        refunded=order.refunded,
        status=order.status,
        progress=order.progress,
        delivered=order.delivered,
        start_count=order.start_count,
        created_at=order.created_at.isoformat(),
        closed_at=order.closed_at.isoformat() if order.closed_at else None,
        undo_until=order.submit_at.isoformat() if waits else None,
        extras=order.extras.brief().to_document(),
        unit=order.unit,
        rest_of=order.replaces_id if order.progress == UNDONE else None,
        guaranteed=order.guaranteed,
        guarantee_days=order.guarantee_days,
        refill_state=order.refill_state,
        refill_again_at=order.refill_again_at.isoformat() if order.refill_again_at else None,
    )
    return outbox.Outgoing(outbox.card_key(order.id), order.user_id, card, priority, message_id)
