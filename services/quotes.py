"""Quotes: a price shown to somebody, and the token that buys it once."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, insert, select, update

from services import catalog, order_fields, order_types, pricing, switches, tiers, wallet
from services.catalog import ServiceView
from services.db import ReadSession, WriteSession
from services.errors import QuoteGone, ServiceGone
from services.extras import PLAIN, Extras
from services.models import Order, Quote
from services.money import ZERO, Money


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
    part: int = 1
    covers: int = 0
    second: str | None = None
    """The token of the quote that is bought with this one, where two servers share a rest."""

    @property
    def after(self) -> Money:
        """The wallet once this is paid."""
        return self.balance - self.price

    @property
    def missing(self) -> Money:
        """What must be paid in before this can be bought."""
        return max(ZERO, self.price - self.balance)


async def quote(
    session: WriteSession,
    *,
    user_id: int,
    service_id: int,
    link: str,
    quantity: int,
    now: datetime,
    replaces_id: int | None = None,
    part: int = 1,
    covers: int | None = None,
    extras: Extras = PLAIN,
    instead_of: str | None = None,
    staff: bool = False,
    by_api: bool = False,
) -> QuoteView:
    """Price an order and store the quote its Confirm button will carry.

    `instead_of` is the token of the quote that this one takes the place of, which buys nothing from now on; where
    nothing has changed the new one keeps that token, so that the button already shown goes on buying.
    `staff` may order under maintenance; what a reseller's site asks for (`by_api`) has the rate of their tier.
    `quantity` is the whole of it, all runs of a drip-feed together. Where it is the rest of the order `replaces_id`,
    `part` and `covers` are as on Order. Raises ServiceGone, BadLink, BadAnswer,
    QuantityTooSmall or QuantityTooLarge. Nothing is checked against the wallet yet.
    """
    service = await catalog.service(session, service_id)
    kind = order_types.of(service.type)
    if kind is None:
        raise ServiceGone
    platform = service.platform
    target = order_fields.target(kind, link, platform)
    about = order_fields.Situation(kind, service.min, service.max, platform, today=now.date())
    quantity, extras = order_fields.fitted(quantity, extras, about, dripfeed=service.dripfeed)
    rate = await rate_for(session, user_id, service, by_api=by_api)
    priced = {
        "user_id": user_id,
        "service_id": service_id,
        "link": target,
        "quantity": quantity,
        "rate": rate,
        "charge": pricing.charge(rate, quantity, kind.each(extras)),
        "type": service.type,
        "extras": extras,
        "replaces_id": replaces_id,
        "part": part,
        "covers": quantity if covers is None else min(covers, quantity),
        "by_api": by_api,
    }
    if instead_of is not None and await _still(session, instead_of, priced, now):
        token = instead_of
    else:
        token = new_token()
        await session.run(insert(Quote), [{**priced, "token": token, "created_at": now}])
    if instead_of not in (None, token):
        await session.run(delete(Quote).where(Quote.token == instead_of, Quote.user_id == user_id))
    return await _shown(session, user_id, await on_sale(session, user_id, token, staff=staff))


async def _still(session: WriteSession, token: str, priced: Mapping[str, Any], now: datetime) -> bool:
    """Whether a quote that has bought nothing yet is for just this: an answer worked once more after a crash is.

    It counts as shown now.
    """
    bought = exists().where(Order.token == Quote.token)
    row = await session.first(select(*Quote.__table__.columns).where(Quote.token == token, ~bought))
    if row is None or any(getattr(row, name) != value for name, value in priced.items()):
        return False
    await session.run(update(Quote).where(Quote.token == token).values(created_at=now))
    return True


async def rate_for(read: ReadSession, user_id: int, service: ServiceView, *, by_api: bool) -> Money:
    """What a service costs this person now: in the chat the shop's rate, through the panel API that of their tier."""
    return await tiers.rate(read, user_id, service.id) if by_api else service.rate


def new_token() -> str:
    """A one-shot token: 96 random bits in 16 characters, short enough for a button."""
    return secrets.token_urlsafe(12)


async def requote(session: ReadSession, *, user_id: int, token: str) -> QuoteView:
    """The same quote again, against the balance of now; QuoteGone where it is not this person's."""
    return await _shown(session, user_id, await find(session, user_id, token))


async def purge(session: WriteSession, before: datetime) -> None:
    """Forget the quotes shown before; what they bought stays bought."""
    await session.run(delete(Quote).where(Quote.created_at < before))


async def _shown(session: ReadSession, user_id: int, row: Any) -> QuoteView:
    service = await catalog.service(session, row.service_id)
    balance = await wallet.balance(session, user_id)
    return QuoteView(
        row.token,
        service,
        row.link,
        row.quantity,
        row.charge,
        balance,
        row.replaces_id,
        row.extras,
        row.part,
        row.covers,
        row.second,
    )


async def find(session: ReadSession, user_id: int, token: str) -> Any:
    """The quote's row, and whether the shop sells anything at the moment (`sales`), to customers too (`ordering`)."""
    stands = [switches.stands(name).label(name) for name in (switches.SALES, switches.ORDERING)]
    found = select(*Quote.__table__.columns, *stands).where(Quote.token == token, Quote.user_id == user_id)
    row = await session.first(found)
    if row is None:
        raise QuoteGone
    return row


async def on_sale(session: ReadSession, user_id: int, token: str, *, staff: bool = False) -> Any:
    """The quote's row, where it may be bought. Raises QuoteGone, SalesStopped or UnderMaintenance."""
    row = await find(session, user_id, token)
    if not (row.sales and (row.ordering or staff)):
        await switches.require_sales(session, staff=staff)
    return row
