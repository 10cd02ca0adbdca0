"""The shop's rows for a spreadsheet, page by page along an index, so that a long export holds nobody up."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, and_, func, literal, select, tuple_, type_coerce, union_all

from services import reports, wallet
from services.columns import Amount, Instant
from services.db import Database, ReadSession
from services.models import Category, Order, Resale, Service, Transfer, User
from services.money import ZERO, Money
from services.periods import Period

PAGE = 1000
"""Rows read at once."""

Row = Sequence[Any]
"""Text, whole numbers, Money, moments, truth values and None."""
Page = Callable[[ReadSession, Period, Any, int], Awaitable[Sequence[Row]]]


async def rows(db: Database, kind: str, period: Period, most: int, page: int = PAGE) -> AsyncIterator[Row]:
    """Up to `most` rows of a kind of KINDS, the oldest first, after the names of their columns."""
    columns, read_page = _KINDS[kind]
    yield columns
    async for row in _paged(db, read_page, period, most, page):
        yield row


async def statement(db: Database, user_id: int, period: Period, most: int, page: int = PAGE) -> AsyncIterator[Row]:
    """Up to `most` movements of somebody's wallet, the oldest first, after the names of their columns."""
    yield _STATEMENT
    async for row in _paged(db, partial(_movements, user_id), period, most, page):
        yield row


async def _paged(db: Database, read_page: Page, period: Period, most: int, page: int) -> AsyncIterator[Row]:
    after, left = None, most
    while left > 0:
        async with db.read() as read:
            found = await read_page(read, period, after, min(page, left))
        for row in found:
            yield row
        left -= len(found)
        if not found or len(found) < page:
            return
        after = found[-1]


_ORDERS: Mapping[str, Any] = {
    "id": Order.id,
    "created_at": Order.created_at,
    "customer": Order.user_id,
    "service": Order.service_id,
    "name": Order.service_name,
    "server": Order.server,
    "provider": Order.provider,
    "provider_order": Order.provider_order_id,
    "link": Order.link,
    "quantity": Order.quantity,
    "unit": Order.unit,
    "delivered": Order.delivered,
    "charge": Order.charge,
    "refunded": Order.refunded,
    "cost": type_coerce(reports.cost(), Amount()),
    "status": Order.status,
    "progress": Order.progress,
    "replaces": Order.replaces_id,
    "placed_at": Order.placed_at,
    "closed_at": Order.closed_at,
}


async def _orders(read: ReadSession, period: Period, after: Any, limit: int) -> Sequence[Row]:
    """Orders bought in the period."""
    found = select(*_ORDERS.values()).where(Order.created_at >= period.since, Order.created_at < period.until)
    if after is not None:
        found = found.where(tuple_(Order.created_at, Order.id) > _after(after[1], after[0]))
    return await read.all(found.order_by(Order.created_at, Order.id).limit(limit))


_LEDGER: Mapping[str, Any] = {
    "at": Transfer.created_at,
    "id": Transfer.id,
    "from": Transfer.src,
    "to": Transfer.dst,
    "amount": Transfer.amount,
    "code": Transfer.code,
    "order": Transfer.order_id,
    "actor": Transfer.actor,
}


async def _ledger(read: ReadSession, period: Period, after: Any, limit: int) -> Sequence[Row]:
    """Transfers of the period."""
    found = select(*_LEDGER.values()).where(Transfer.created_at >= period.since, Transfer.created_at < period.until)
    if after is not None:
        found = found.where(tuple_(Transfer.created_at, Transfer.id) > _after(after[0], after[1]))
    return await read.all(found.order_by(Transfer.created_at, Transfer.id).limit(limit))


_STATEMENT = ("at", "what", "amount", "order", "reference", "id")


async def _movements(user_id: int, read: ReadSession, period: Period, after: Any, limit: int) -> Sequence[Row]:
    """Movements of a wallet, each with the order it is about and what the owner's site calls that."""
    mine = f"wallet:{user_id}"
    columns = (Transfer.created_at, Transfer.code, Transfer.amount, Transfer.order_id, Transfer.id, Transfer.src)
    within = [Transfer.created_at >= period.since, Transfer.created_at < period.until]
    if after is not None:
        within.append(tuple_(Transfer.created_at, Transfer.id) > _after(after[0], after[-1]))
    oldest = (Transfer.created_at, Transfer.id)
    sides = [
        select(*columns).where(side == mine, *within).order_by(*oldest).limit(limit).subquery()
        for side in (Transfer.src, Transfer.dst)
    ]
    moved = union_all(*(select(side) for side in sides)).subquery()
    rows = await read.all(
        select(moved, Resale.reference)
        .outerjoin(Resale, Resale.order_id == moved.c.order_id)
        .order_by(moved.c.created_at, moved.c.id)
        .limit(limit)
    )
    return [
        (row.created_at, row.code, -row.amount if row.src == mine else row.amount, row.order_id, row.reference, row.id)
        for row in rows
    ]


_CUSTOMERS: Mapping[str, Any] = {
    "id": User.id,
    "name": User.name,
    "username": User.username,
    "language": func.coalesce(User.locale, User.language_code),
    "joined_at": User.created_at,
    "banned": User.banned,
    "unreachable_since": User.unreachable_since,
}
_BOUGHT = ("balance", "orders", "paid", "refunded", "last_order_at")


async def _customers(read: ReadSession, period: Period, after: Any, limit: int) -> Sequence[Row]:
    """People who came in the period, with all that they ever bought."""
    came = and_(User.created_at >= period.since, User.created_at < period.until)
    found = select(*_CUSTOMERS.values()).where(came, User.id > (after[0] if after is not None else 0))
    people = await read.all(found.order_by(User.id).limit(limit))
    ids = [row[0] for row in people]
    balances = await wallet.balances(read, ids)
    bought = select(
        Order.user_id, func.count(), func.sum(Order.charge), func.sum(Order.refunded), func.max(Order.created_at)
    )
    known = {row[0]: row[1:] for row in await read.all(bought.where(Order.user_id.in_(ids)).group_by(Order.user_id))}
    return [(*row, balances.get(row[0], ZERO), *(known.get(row[0]) or (0, ZERO, ZERO, None))) for row in people]


_SERVICES: Mapping[str, Any] = {
    "id": Service.id,
    "category": Category.name,
    "name": Service.name,
    "server": Service.server,
    "provider": Service.provider,
    "external_id": Service.external_id,
    "type": Service.type,
    "price": Service.rate,
    "cost": Service.cost,
    "unit": Service.unit,
    "min": Service.min,
    "max": Service.max,
    "on_sale": Service.on_sale,
}
_SOLD = ("ended", "completed", "partial", "canceled", "kept", "spent")


async def _services(read: ReadSession, period: Period, after: Any, limit: int) -> Sequence[Row]:
    """Every service, with what became of its orders that ended in the period, as far as is known by now."""
    found = select(*_SERVICES.values()).join(Category, Category.id == Service.category_id)
    listed = await read.all(
        found.where(Service.id > (after[0] if after is not None else 0)).order_by(Service.id).limit(limit)
    )
    ids = [row[0] for row in listed]
    ended = (
        select(
            Order.service_id,
            func.count(),
            *(func.count().filter(Order.status == end) for end in reports.ENDS),
            func.sum(type_coerce(Order.charge, BigInteger) - type_coerce(Order.refunded, BigInteger)),
            func.sum(reports.cost()),
        )
        .where(
            Order.service_id.in_(ids),
            Order.closed_at >= period.since,
            Order.closed_at < period.until,
            Order.placed_at.is_not(None),
        )
        .group_by(Order.service_id)
    )
    known = {row[0]: (*row[1:5], Money(int(row[5])), Money(int(row[6]))) for row in await read.all(ended)}
    return [(*row, *(known.get(row[0]) or (0, 0, 0, 0, ZERO, ZERO))) for row in listed]


def _after(moment: Any, row_id: Any) -> Any:
    return tuple_(literal(moment, Instant()), literal(row_id))


_KINDS: Mapping[str, tuple[Row, Page]] = {
    "orders": (tuple(_ORDERS), _orders),
    "ledger": (tuple(_LEDGER), _ledger),
    "customers": ((*_CUSTOMERS, *_BOUGHT), _customers),
    "services": ((*_SERVICES, *_SOLD), _services),
}
KINDS = tuple(_KINDS)
