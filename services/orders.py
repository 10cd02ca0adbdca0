"""Quotes and orders: what a customer asks for, pays for and may take back."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, exists, func, insert, select, text, update
from sqlalchemy.orm import InstrumentedAttribute

from services import catalog, links, notices, order_fields, order_types, outbox, pricing, switches, wallet
from services.catalog import ServiceView
from services.db import ReadSession, WriteSession
from services.errors import (
    OrderNotFound,
    PriceChanged,
    QuoteGone,
    RestOrdered,
    SalesStopped,
    ServiceGone,
    TooLate,
)
from services.extras import PLAIN, Extras
from services.models import RESTS, Attempt, Order, OrderEvent, Quote, Service
from services.money import ZERO, Money

FINISHED = frozenset({"rejected", "completed", "partial", "canceled"})
"""Statuses in which nothing is held for an order any more."""
UNDONE = "Undone"
"""The progress of an order that its customer took back before it was sent."""


@dataclass(frozen=True, slots=True)
class QuoteView:
    """A price as shown. `after` = balance - price and may be negative; `missing` is what it lacks then, else zero."""

    token: str
    service: ServiceView
    link: str
    quantity: int
    price: Money
    balance: Money
    replaces_id: int | None
    extras: Extras = PLAIN

    @property
    def after(self) -> Money:
        """The wallet once this is paid."""
        return self.balance - self.price

    @property
    def missing(self) -> Money:
        """What must be paid in before this can be bought."""
        return max(ZERO, self.price - self.balance)


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
    type: str = "Default"
    unit: str = "thousand"
    each: int = 1
    extras: Extras = PLAIN


@dataclass(frozen=True, slots=True)
class Placed:
    """`created` is False where the same button had bought this order before."""

    order: OrderView
    created: bool


VIEW: tuple[InstrumentedAttribute[Any], ...] = tuple(getattr(Order, name) for name in OrderView.__dataclass_fields__)
"""The columns of an OrderView, in its order."""
TERMS = (Service.provider, Service.external_id, Service.name, Service.server, Service.cost)
"""What is frozen on an order of its service, beside the quoted price."""


async def quote(
    session: WriteSession,
    *,
    user_id: int,
    service_id: int,
    link: str,
    quantity: int,
    now: datetime,
    replaces_id: int | None = None,
    extras: Extras = PLAIN,
    instead_of: str | None = None,
) -> QuoteView:
    """Price an order and store the quote its Confirm button will carry.

    `instead_of` is the token of the quote that this one takes the place of, which buys nothing from now on.
    `quantity` is the whole of it, all runs of a drip-feed together. Raises ServiceGone, BadLink, BadAnswer,
    QuantityTooSmall or QuantityTooLarge. Nothing is checked against the wallet yet.
    """
    service = await catalog.service(session, service_id)
    kind = order_types.of(service.type)
    if kind is None:
        raise ServiceGone
    platform = links.platform_of(service.category)
    target = order_fields.target(kind, link, platform)
    about = order_fields.Situation(kind, service.min, service.max, platform, today=now.date())
    quantity, extras = order_fields.fitted(quantity, extras, about, dripfeed=service.dripfeed)
    token = new_token()
    priced = {
        "token": token,
        "user_id": user_id,
        "service_id": service_id,
        "link": target,
        "quantity": quantity,
        "rate": service.rate,
        "charge": pricing.charge(service.rate, quantity, kind.each(extras)),
        "type": service.type,
        "extras": extras,
        "replaces_id": replaces_id,
        "created_at": now,
    }
    await session.run(insert(Quote), [priced])
    if instead_of is not None:
        await session.run(delete(Quote).where(Quote.token == instead_of, Quote.user_id == user_id))
    return await _shown(session, user_id, await _on_sale(session, user_id, token))


def new_token() -> str:
    """A one-shot token: 96 random bits in 16 characters, short enough for a button."""
    return secrets.token_urlsafe(12)


async def requote(session: ReadSession, *, user_id: int, token: str) -> QuoteView:
    """The same quote again, against the balance of now; QuoteGone where it is not this person's."""
    return await _shown(session, user_id, await _quoted(session, user_id, token))


async def purge(session: WriteSession, before: datetime) -> None:
    """Forget the quotes shown before; what they bought stays bought."""
    await session.run(delete(Quote).where(Quote.created_at < before))


async def _shown(session: ReadSession, user_id: int, row: Any) -> QuoteView:
    service = await catalog.service(session, row.service_id)
    balance = await wallet.balance(session, user_id)
    return QuoteView(row.token, service, row.link, row.quantity, row.charge, balance, row.replaces_id, row.extras)


async def _quoted(session: ReadSession, user_id: int, token: str) -> Any:
    """The quote's row, and as `sales` whether the shop sells anything at the moment."""
    sales = switches.stands(switches.SALES).label("sales")
    found = select(*Quote.__table__.columns, sales).where(Quote.token == token, Quote.user_id == user_id)
    row = await session.first(found)
    if row is None:
        raise QuoteGone
    return row


async def _on_sale(session: ReadSession, user_id: int, token: str) -> Any:
    row = await _quoted(session, user_id, token)
    if not row.sales:
        raise SalesStopped
    return row


async def place(
    session: WriteSession,
    *,
    user_id: int,
    token: str,
    now: datetime,
    message_id: int | None = None,
    undo: timedelta = timedelta(0),
) -> Placed:
    """Buy what was quoted: the order, the hold on the wallet and the order card in one transaction.

    The token buys once; again, it answers with the order it bought. `message_id` is the message that becomes the
    order card, a new one is sent where it is None. Nothing leaves for the provider before `undo` is over. Raises
    QuoteGone, SalesStopped, ServiceGone, PriceChanged, NotEnoughMoney, or RestOrdered where the rest was bought by
    another button.
    """
    bought = await _bought(session, user_id, token)
    if bought is not None:
        return Placed(bought, created=False)
    quoted = await _on_sale(session, user_id, token)
    service = await catalog.service(session, quoted.service_id)
    kind = order_types.of(quoted.type)
    if kind is None or order_types.of(service.type) is not kind:
        raise QuoteGone
    each = kind.each(quoted.extras)
    if service.rate != quoted.rate:
        raise PriceChanged(price=pricing.charge(service.rate, quoted.quantity, each))
    order_id = await _insert(session, quoted, now=now, submit_at=now + undo, unit=kind.unit, each=each)
    if order_id is None:
        bought = await _bought(session, user_id, token)
        if bought is None:
            raise RestOrdered
        return Placed(bought, created=False)
    await wallet.hold(session, user_id=user_id, order_id=order_id, amount=quoted.charge, now=now)
    await record(session, [(order_id, "queued", {})], now)
    order = await find(session, user_id, order_id)
    await outbox.put(session, [carded(order, message_id=message_id)], now)
    session.announce("submit")
    return Placed(order, created=True)


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
        if not await _has_room(session, goal_id, quoted.quantity) or await _finished_by(session, quoted.replaces_id):
            return None
    rows = await session.returned(
        session.insert(Order)
        .values(
            token=quoted.token,
            user_id=quoted.user_id,
            goal_id=goal_id,
            replaces_id=quoted.replaces_id,
            service_id=quoted.service_id,
            provider=terms.provider,
            external_service=terms.external_id,
            service_name=terms.name,
            server=terms.server,
            cost=terms.cost,
            link=quoted.link,
            type=quoted.type,
            unit=unit,
            quantity=quoted.quantity,
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
    still = case((Order.closed_at.is_(None), Order.quantity), else_=Order.delivered)
    promised = await session.value(select(func.sum(still)).where(Order.goal_id == goal_id)) or 0
    return int(promised) + quantity <= wanted


async def _finished_by(session: WriteSession, order_id: int) -> int | None:
    """The order that is the rest of this one, or brought some of it; asked under the lock of `_has_room`."""
    return await session.value(select(Order.id).where(Order.replaces_id == order_id, text(RESTS)))


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
    )
    return outbox.Outgoing(outbox.card_key(order.id), order.user_id, card, priority, message_id)
