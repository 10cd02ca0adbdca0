"""Tiers: what groups of resellers have off the shop's rates, on everything or on one service, never below cost."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select

from services import pricing
from services.db import ReadSession, WriteSession
from services.models import Reseller, Service, Tier, TierDiscount
from services.money import Money

NOTHING_OFF = Decimal(0)


@dataclass(frozen=True, slots=True)
class Discounts:
    """What somebody has off, in percent: on everything, and on services that are told apart."""

    on_all: Decimal = NOTHING_OFF
    on_service: Mapping[int, Decimal] = field(default_factory=dict)

    def of(self, service_id: int) -> Decimal:
        """What they have off this service."""
        return self.on_service.get(service_id, self.on_all)


NOTHING = Discounts()


@dataclass(frozen=True, slots=True)
class TierView:
    """A tier, and how many resellers are in it."""

    name: str
    discount: Decimal
    resellers: int
    on_service: Mapping[int, Decimal]


async def everyone(read: ReadSession) -> dict[str | None, Discounts]:
    """What each tier has off; under None those who are in no tier."""
    apart: dict[str, dict[int, Decimal]] = defaultdict(dict)
    for row in await read.all(select(TierDiscount.tier, TierDiscount.service_id, TierDiscount.discount)):
        apart[row.tier][row.service_id] = Decimal(row.discount)
    rows = await read.all(select(Tier.name, Tier.discount))
    return {None: NOTHING} | {row.name: Discounts(Decimal(row.discount), dict(apart[row.name])) for row in rows}


async def listed(read: ReadSession) -> list[TierView]:
    """The tiers there are, by name."""
    counted = select(Reseller.tier, func.count()).where(Reseller.tier.is_not(None)).group_by(Reseller.tier)
    members = {row[0]: row[1] for row in await read.all(counted)}
    found = await everyone(read)
    return [
        TierView(name, off.on_all, members.get(name, 0), off.on_service)
        for name, off in sorted(found.items(), key=lambda pair: pair[0] or "")
        if name is not None
    ]


async def discounts(read: ReadSession, user_id: int) -> Discounts:
    """What a reseller has off; nothing for everybody else."""
    row = await read.first(
        select(Tier.name, Tier.discount)
        .join(Reseller, Reseller.tier == Tier.name)
        .where(Reseller.user_id == user_id, Reseller.state == "approved")
    )
    if row is None:
        return NOTHING
    apart = await read.all(select(TierDiscount.service_id, TierDiscount.discount).where(TierDiscount.tier == row.name))
    return Discounts(Decimal(row.discount), {each.service_id: Decimal(each.discount) for each in apart})


async def rate(read: ReadSession, user_id: int, service_id: int) -> Money:
    """The rate of a service for this reseller: never below what it costs the shop.

    For whole catalogues there is services.price_lists, which names no ids: a statement takes some 32,000 of them.
    """
    off = await discounts(read, user_id)
    [row] = await read.all(select(Service.rate, Service.cost).where(Service.id == service_id))
    return pricing.discounted(row.rate, row.cost, off.of(service_id))


async def set_tier(write: WriteSession, name: str, discount: Decimal, *, actor: str, now: datetime) -> None:
    """Make a tier, or give it another discount on everything."""
    row = {"name": name, "discount": f"{discount:f}", "set_by": actor, "set_at": now}
    insert = write.insert(Tier).values(row)
    await write.run(insert.on_conflict_do_update(index_elements=["name"], set_=row))
