"""Orders: what a customer pays for once, and may take back as long as it has not left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, insert, select, text, update

from services import catalog, low_balances, order_news, order_types, pricing, quotes, wallet
from services.db import ReadSession, WriteSession
from services.errors import (
    OrderNotFound,
    PriceChanged,
    QuoteGone,
    RestOrdered,
    TooLate,
)
from services.models import RESTS, Attempt, Finishing, Order, OrderEvent, Resale, Service
from services.money import ZERO
from services.order_news import Change
from services.order_view import PROMISED, UNDONE, VIEW, OrderView


@dataclass(frozen=True, slots=True)
class Placed:
    """`created` is False where the same button had bought this order before; `second` shares the rest with it."""

    order: OrderView
    created: bool
    second: OrderView | None = None


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
    resale: Mapping[str, Any] | None = None,
) -> Placed:
    """Buy what was quoted: the order, the hold on the wallet and the order card in one transaction.

    The token buys once; again, it answers with the order it bought. `message_id` is the message that becomes the
    order card, a new one is sent where it is None. Nothing leaves for the provider before `undo` is over; `staff` may
    order under maintenance; `resale` is the row of what a reseller's site says of it. Raises QuoteGone, SalesStopped,
    UnderMaintenance, ServiceGone, PriceChanged, NotEnoughMoney, or RestOrdered where the rest was bought by another
    button. Where two servers share a rest both orders are bought, or neither.
    """
    bought = await _bought(session, user_id, token)
    if bought is not None:
        return Placed(bought, created=False)
    quoted = await quotes.on_sale(session, user_id, token, staff=staff)
    shared = None if quoted.second is None else await quotes.find(session, user_id, quoted.second)
    if shared is not None:
        await wallet.require(session, user_id, quoted.charge + shared.charge)
    order = await _buy(session, quoted, now=now, submit_at=now + undo, message_id=message_id, resale=resale)
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
    session: WriteSession,
    quoted: Any,
    *,
    now: datetime,
    submit_at: datetime,
    message_id: int | None = None,
    resale: Mapping[str, Any] | None = None,
) -> OrderView | None:
    """One order with its hold and its card; None where its token, or the rest it would finish, was bought already."""
    service = await catalog.service(session, quoted.service_id)
    kind = order_types.of(quoted.type)
    if kind is None or order_types.of(service.type) is not kind:
        raise QuoteGone
    each = kind.each(quoted.extras)
    rate = await quotes.rate_for(session, quoted.user_id, service, by_api=quoted.by_api)
    if rate != quoted.rate:
        raise PriceChanged(price=pricing.charge(rate, quoted.quantity, each))
    order_id = await _insert(session, quoted, now=now, submit_at=submit_at, unit=kind.unit, each=each)
    if order_id is None:
        return None
    if resale is not None:
        await session.run(session.insert(Resale), [{"order_id": order_id, **resale}])
    await wallet.hold(session, user_id=quoted.user_id, order_id=order_id, amount=quoted.charge, now=now)
    await low_balances.spent(session, quoted.user_id, quoted.charge, now)
    await record(session, [(order_id, "queued", {})], now)
    order = await find(session, quoted.user_id, order_id)
    await order_news.tell(session, [Change(order)], now, message_id=message_id)
    return order


async def _bought(session: ReadSession, user_id: int, token: str) -> OrderView | None:
    row = await session.first(select(*VIEW).where(Order.token == token, Order.user_id == user_id))
    return None if row is None else OrderView(*row)


async def _insert(
    session: WriteSession, quoted: Any, *, now: datetime, submit_at: datetime, unit: str, each: int
) -> int | None:
    """Write the order row; None where its token, or the rest it would finish, was bought already."""
    [terms] = await session.all(select(*TERMS).where(Service.id == quoted.service_id))
    if terms.cost > quoted.rate:  # a sync was committed since the rate was looked at: nothing is sold below cost
        service = await catalog.service(session, quoted.service_id)
        rate = await quotes.rate_for(session, quoted.user_id, service, by_api=quoted.by_api)
        raise PriceChanged(price=pricing.charge(rate, quoted.quantity, each))
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
            by_api=quoted.by_api,
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
    after = await find(session, user_id, order_id)
    await order_news.tell(session, [Change(after, order)], now)
    return after


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
