"""Money of an order given back by hand: never more than it cost less what came back, and never of one under way."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update

from services import order_news, orders, outbox, placing, wallet
from services.db import ReadSession, WriteSession
from services.errors import OrderNotFound, RefundRefused
from services.models import Order
from services.money import ZERO, Money
from services.order_news import Change
from services.order_view import FINISHED, VIEW, OrderView
from services.staff_notices import Refunded


@dataclass(frozen=True, slots=True)
class Refundable:
    """An order and what of its charge is still with the shop."""

    order: OrderView
    left: Money

    @property
    def open(self) -> bool:
        """Whether its money is held: then it follows what becomes of the order."""
        return self.order.status not in FINISHED


async def look(read: ReadSession, order_id: int) -> Refundable:
    """What may be given back of an order, whoever's it is. OrderNotFound where there is none."""
    row = await read.first(select(*VIEW).where(Order.id == order_id))
    if row is None:
        raise OrderNotFound
    return _refundable(OrderView(*row))


async def by_hand(read: ReadSession, order_id: int) -> Money:
    """What the staff have given back of an order so far."""
    moved = await wallet.trail(read, order_id)
    return sum((each.amount for each in moved if each.code == "refund" and each.actor.startswith("admin:")), ZERO)


def _refundable(order: OrderView) -> Refundable:
    return Refundable(order, order.charge - order.refunded)


def require(found: Refundable, amount: Money) -> None:
    """RefundRefused where so much cannot be given back."""
    reason = "open" if found.open else "nothing" if found.left <= ZERO else "much" if amount > found.left else None
    if reason is not None:
        raise RefundRefused(reason=reason, left=found.left)


async def refund(
    write: WriteSession, *, order_id: int, amount: Money, before: Money, note: str, actor: str, now: datetime
) -> tuple[OrderView, Money]:
    """Give `amount` of a closed order back to its customer, who is told; the order and their balance after it.

    `before` is what had come back when that was asked for: where more has since, nothing is moved, so that what the
    provider gave back meanwhile is not paid twice. A later answer of the provider pays only what goes beyond both.
    OrderNotFound, RefundRefused.
    """
    locked = await placing.locked(write, Order.id == order_id)
    if not locked:
        raise OrderNotFound
    [order] = locked
    found = _refundable(order)
    if order.refunded != before:
        raise RefundRefused(reason="moved", left=found.left)
    require(found, amount)
    after = replace(order, refunded=order.refunded + amount)
    await write.run(update(Order).where(Order.id == order_id).values(refunded=after.refunded))
    settlement = wallet.Settlement(
        order_id, order.user_id, order.charge, order.refunded, after.refunded, closing=False, actor=actor
    )
    balance = (await wallet.settle(write, [settlement], now))[order.user_id]
    told = {"delivered": order.delivered, "refunded": str(after.refunded), "by": actor}
    await orders.record(write, [(order_id, order.status, told)], now)
    about = (order.id, order.service_name, order.server, order.quantity, order.delivered)
    notice = Refunded(*about, amount, balance, note, unit=order.unit)
    key = f"order:{order_id}:{notice.kind}:{after.refunded.micros}"
    await order_news.tell(write, [Change(after, order)], now)
    if not order.by_api:
        await outbox.put(write, [outbox.Outgoing(key, order.user_id, notice)], now)
    return after, balance
