"""What the shop decides about tiers: their discounts, who is in which, told to the sites of those it changes for.

Each decision waits its turn at the shelves (own_terms.in_turn) before it locks anything else: two that took a tier and
the shelves the other way round would wait for each other. So the end of a tier knows of all its members, too.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func, select, true

from services import own_terms, pricing, resellers, service_news, tiers
from services.db import ReadSession, WriteSession
from services.errors import NoSuchTier, NotInCatalogue, TierInUse, TooManyTiers
from services.models import Reseller, Service, Tier, TierDiscount
from services.money import ZERO
from services.tiers import TierView

MOST = 30
"""Tiers at the same time: a list of all of them is one message, and each has its button."""


@dataclass(frozen=True, slots=True)
class Margin:
    """What a discount leaves: of `services` on sale `clamped` would go below their cost, and are sold at it."""

    services: int
    clamped: int


async def find(read: ReadSession, name: str) -> TierView:
    """One tier. NoSuchTier."""
    for each in await tiers.listed(read):
        if each.name == name:
            return each
    raise NoSuchTier(name=name)


async def margin(read: ReadSession, percent: Decimal, *, service_id: int | None = None) -> Margin:
    """How many services on sale, or whether this one, a discount would push down to cost. NotInCatalogue."""
    chosen = select(Service.rate, Service.cost)
    if service_id is None:
        rows = await read.all(chosen.where(Service.on_sale.is_(true())))
    else:
        rows = await read.all(chosen.where(Service.id == service_id))
        if not rows:
            raise NotInCatalogue(kind="service", id=str(service_id))
    return Margin(len(rows), await asyncio.to_thread(_clamped, rows, percent))


def _clamped(rows: Sequence[Any], percent: Decimal) -> int:
    return sum(pricing.discounted(rate, ZERO, percent) < cost for rate, cost in rows)


async def put(write: WriteSession, name: str, percent: Decimal, *, actor: str, now: datetime) -> Decimal | None:
    """Make a tier, or give it another discount on everything; what it was, None where there was none. TooManyTiers."""
    await own_terms.in_turn(write)
    old = await write.value(select(Tier.discount).where(Tier.name == name))
    if old is None and (await write.value(select(func.count()).select_from(Tier)) or 0) >= MOST:
        raise TooManyTiers(maximum=MOST)
    async with service_news.told(write, now):
        await tiers.set_tier(write, name, percent, actor=actor, now=now)
    return None if old is None else Decimal(old)


async def put_apart(
    write: WriteSession, name: str, service_id: int, percent: Decimal | None, *, actor: str, now: datetime
) -> Decimal | None:
    """Give a tier another discount on one service, or, None, its own one again; what stood apart before.

    NoSuchTier, NotInCatalogue.
    """
    await own_terms.in_turn(write)
    old = (await find(write, name)).on_service.get(service_id)
    if await write.value(select(Service.id).where(Service.id == service_id)) is None:
        raise NotInCatalogue(kind="service", id=str(service_id))
    mine = TierDiscount.tier == name, TierDiscount.service_id == service_id
    async with service_news.told(write, now, Service.id == service_id):
        if percent is None:
            await write.run(delete(TierDiscount).where(*mine))
        else:
            row = {"tier": name, "service_id": service_id, "discount": f"{percent:f}", "set_by": actor, "set_at": now}
            insert = write.insert(TierDiscount).values(row)
            await write.run(insert.on_conflict_do_update(index_elements=["tier", "service_id"], set_=row))
    return old


async def drop(write: WriteSession, name: str) -> None:
    """Do away with a tier that nobody is in. NoSuchTier, TierInUse."""
    await own_terms.in_turn(write)
    await _require(write, name)
    members = await write.value(select(func.count()).select_from(Reseller).where(Reseller.tier == name))
    if members:
        raise TierInUse(name=name, count=members)
    await write.run(delete(TierDiscount).where(TierDiscount.tier == name))
    await write.run(delete(Tier).where(Tier.name == name))


async def enrol(write: WriteSession, user_id: int, name: str | None, *, now: datetime) -> str | None:
    """Put a reseller into a tier, or into none; the one they were in. NoSuchTier."""
    await own_terms.in_turn(write)
    if name is not None:
        await _require(write, name)
    old = await write.value(select(Reseller.tier).where(Reseller.user_id == user_id))
    async with service_news.told(write, now):
        await resellers.set_tier(write, user_id, name)
    return old


async def _require(read: ReadSession, name: str) -> None:
    if await read.value(select(Tier.name).where(Tier.name == name)) is None:
        raise NoSuchTier(name=name)
