"""The rest of a stopped order had elsewhere by the staff: offered to its customer again, or ordered at their wish.

An offer spends nothing: the customer's own tap does. What is ordered for them is paid by their wallet alone, at the
price that was agreed to, and they are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from services import notices, orders, outbox, reorder, switches, waiting, wallet
from services.db import ReadSession, WriteSession
from services.errors import OrderNotFound, PriceChanged, QuoteGone
from services.models import Order, User
from services.money import ZERO, Money
from services.order_view import FINISHED, VIEW, OrderView
from services.reorder import Way
from services.staff_notices import OrderedFor


@dataclass(frozen=True, slots=True)
class Portion:
    """An order to be made: so many on a server, which is whose."""

    server: str
    provider: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to have a rest, named by the service of its first order; `missing` is what the wallet lacks for it."""

    service_id: int
    portions: Sequence[Portion]
    price: Money
    missing: Money


@dataclass(frozen=True, slots=True)
class Choices:
    """All ways for one order, best first; `none` says why there is none: as Partial.no_offer, open, delivered,
    ordered, banned, or site: what a reseller's site ordered, its own customer has the money of."""

    order: OrderView
    remaining: int
    balance: Money
    choices: Sequence[Choice]
    none: str | None


async def choices(read: ReadSession, order_id: int, now: datetime) -> Choices:
    """Every way to have the rest of an order, whoever's it is. OrderNotFound where there is none."""
    row = await read.first(select(*VIEW, User.banned).join(User, User.id == Order.user_id).where(Order.id == order_id))
    if row is None:
        raise OrderNotFound
    order = OrderView(*row[: len(VIEW)])
    balance = await wallet.balance(read, order.user_id)
    refused = "open" if order.status not in FINISHED else "delivered" if order.lacking <= 0 else None
    refused = refused or ("banned" if row.banned else "site" if order.by_api else None)
    ways = [] if refused else await _ways(read, order, balance, now)
    if not ways:
        return Choices(order, order.lacking, balance, [], refused or "ordered")
    return Choices(
        order, ways[0].wanted.remaining, balance, [found for way in ways if (found := _choice(way))], ways[0].no_offer
    )


async def _ways(read: ReadSession, order: OrderView, balance: Money, now: datetime) -> Sequence[Way]:
    wanted = await reorder.wanted_of(read, [order.id], {order.user_id: balance})
    return await reorder.ways(read, wanted[0], now) if wanted else []


def _choice(way: Way) -> Choice | None:
    if way.plan is None:
        return None
    portions = [Portion(each.candidate.server, each.candidate.provider, each.quantity) for each in way.plan.portions]
    return Choice(way.plan.portions[0].candidate.id, portions, way.plan.price, way.missing)


async def _chosen(write: WriteSession, order_id: int, service_id: int, now: datetime) -> tuple[OrderView, Way]:
    """The way that begins with this service, as it stands now. QuoteGone where there is none any more, SalesStopped."""
    await switches.require_sales(write, staff=True)
    found = await choices(write, order_id, now)
    if found.none is None:
        for way in await _ways(write, found.order, found.balance, now):
            if way.plan is not None and way.plan.portions[0].candidate.id == service_id:
                return found.order, way
    raise QuoteGone


async def offer(write: WriteSession, *, order_id: int, service_id: int, key: str, now: datetime) -> None:
    """Send the customer the button that orders the rest there, once for each `key`.

    Where their wallet lacks something for it the offer says so, and comes again once it is there. QuoteGone where it
    cannot be had there any more, SalesStopped, OrderNotFound.
    """
    order, way = await _chosen(write, order_id, service_id, now)
    made = (await reorder.offer(write, [way], now))[order_id].offer
    balance = way.wanted.balance
    notice = notices.RestReady(order_id, way.wanted.remaining, order.unit, balance, made)
    await outbox.put(write, [outbox.Outgoing(f"rest:{order_id}:{key}", order.user_id, notice)], now)
    if way.missing:
        await waiting.keep(write, [order_id], waiting.MONEY, now)


async def order_for(
    write: WriteSession, *, order_id: int, service_id: int, price: Money, undo: timedelta, key: str, now: datetime
) -> Sequence[OrderView]:
    """Order the rest there from the customer's wallet, at `price` and no other; they are told, and may undo it.

    PriceChanged, NotEnoughMoney, and as `offer`.
    """
    order, way = await _chosen(write, order_id, service_id, now)
    made = (await reorder.offer(write, [way], now))[order_id].offer
    if made is None or made.price != price:
        raise PriceChanged(price=made.price if made else ZERO)
    placed = await orders.place(write, user_id=order.user_id, token=made.token, now=now, undo=undo, staff=True)
    bought = [placed.order, *([placed.second] if placed.second else [])]
    notice = OrderedFor(
        order_id=order_id,
        orders=[[each.server, each.quantity] for each in bought],
        unit=order.unit,
        price=price,
        balance=await wallet.balance(write, order.user_id),
    )
    await outbox.put(write, [outbox.Outgoing(f"ordered:{order_id}:{key}", order.user_id, notice)], now)
    return bought
