"""The panel API's use cases for the sites of resellers: the catalogue, an order, how orders stand, the balance.

Whose key it is has been found out before: everything here is about the orders and the money of one person, and what
is another person's is answered exactly like what does not exist.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from services import (
    api_keys,
    catalog,
    order_types,
    orders,
    panel_intake,
    panel_words,
    price_lists,
    quotes,
    resellers,
    wallet,
)
from services.api_keys import KeyView
from services.catalog import ServiceView
from services.db import ReadSession, WriteSession
from services.errors import ServiceGone
from services.models import Order, Resale, Reseller
from services.money import Money
from services.order_fields import Situation
from services.order_view import VIEW, OrderView
from services.panel_intake import Fields, Sale
from services.reseller_errors import KeyLimitReached, NotAReseller, RequestTaken, TypeNotTaken


@dataclass(frozen=True, slots=True)
class Offer:
    """A service as a reseller may sell it on; `rate` is per 1000 or per package, for them."""

    id: int
    name: str
    type: str
    category: str
    rate: Money
    min: int
    max: int
    dripfeed: bool
    refill: bool
    cancel: bool


async def services(read: ReadSession, user_id: int) -> list[Offer]:
    """Everything on sale, in the shop's order, at this person's rates."""
    return [
        Offer(
            id=each.service,
            name=panel_words.service(each.name, each.server),
            type=kind.name,
            category=each.category,
            rate=each.rate,
            min=each.min,
            max=each.max,
            dripfeed=each.dripfeed and kind.spreads,
            refill=each.refill,
            cancel=each.cancel,
        )
        for each in await price_lists.of(read, user_id)
        if (kind := order_types.of(each.type)) is not None
    ]


async def add(write: WriteSession, key: KeyView, fields: Fields, *, currency: str, now: datetime) -> int:
    """Order what a reseller's site asks for; the order's id. All of it happens, or nothing.

    The same `request_id` with the same content is answered with the order that it made. `currency` is the shop's.
    Raises the errors of services.panel_intake, services.quotes and services.orders, and RequestTaken,
    KeyLimitReached, TypeNotTaken, NotAReseller.
    """
    sale = panel_intake.sale(fields)
    digest = panel_intake.digest(fields)
    markup = await _in_turn(write, key.user_id)
    if sale.request_id is not None and (made := await _made(write, key.user_id, sale, digest)) is not None:
        return made
    service = await _service(write, fields)
    kind = order_types.of(service.type)
    if kind is None:
        raise TypeNotTaken(type=service.type)
    if not service.on_sale:
        raise ServiceGone
    about = Situation(kind, service.min, service.max, service.platform, today=now.date())
    goods = panel_intake.goods(fields, about, dripfeed=service.dripfeed)
    quote = await quotes.quote(
        write,
        user_id=key.user_id,
        service_id=service.id,
        link=goods.link,
        quantity=goods.quantity,
        extras=goods.extras,
        now=now,
        by_api=True,
    )
    if key.limit is not None and await api_keys.spent(write, key.id, now) + quote.price > key.limit:
        raise KeyLimitReached(limit=key.limit)
    sale = sale.priced(quote.price, markup, currency)
    resale = {
        "user_id": key.user_id,
        "key_id": key.id,
        "request_id": sale.request_id,
        "digest": digest,
        "reference": sale.reference,
        "retail": sale.retail,
        "currency": sale.currency,
        "created_at": now,
    }
    placed = await orders.place(write, user_id=key.user_id, token=quote.token, now=now, resale=resale)
    return placed.order.id


async def _in_turn(write: WriteSession, user_id: int) -> Decimal:
    """Wait for whatever else this reseller's keys order: a limit and a request id hold for all. Their markup."""
    row = await write.first(
        select(Reseller.state, Reseller.markup).where(Reseller.user_id == user_id).with_for_update()
    )
    if row is None or row.state != resellers.APPROVED:
        raise NotAReseller(state="stranger" if row is None else row.state)
    return Decimal(row.markup)


async def _made(read: ReadSession, user_id: int, sale: Sale, digest: str) -> int | None:
    """The order that this request has made before; RequestTaken where it made another one."""
    row = await read.first(
        select(Resale.order_id, Resale.digest).where(Resale.user_id == user_id, Resale.request_id == sale.request_id)
    )
    if row is None:
        return None
    if row.digest != digest:
        raise RequestTaken
    return int(row.order_id)


async def _service(read: ReadSession, fields: Fields) -> ServiceView:
    service_id = panel_intake.number(fields.get("service", ""))
    if service_id is None:
        raise ServiceGone
    return await catalog.service(read, service_id, unsold=True)


async def found(read: ReadSession, user_id: int, order_ids: Collection[int]) -> dict[int, OrderView]:
    """Those of these orders that are this person's, by id."""
    rows = await read.all(select(*VIEW).where(Order.id.in_(sorted(order_ids)), Order.user_id == user_id))
    return {row.id: OrderView(*row) for row in rows}


async def balance(read: ReadSession, user_id: int) -> Money:
    """What this person can still spend."""
    return await wallet.balance(read, user_id)
