"""What is added to the providers' prices: the markups in force, what another would change, and the change."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, select, true, update

from services import own_terms, pricing, scheduled_markups, scheduled_prices, service_news
from services.db import ReadSession, WriteSession
from services.models import Markup, Service, ServiceOverride
from services.money import Money
from services.scheduled_markups import Scheduled

PAGE = 500
"""Prices written in one go."""
_OWN_PRICE = or_(ServiceOverride.rate.is_not(None), ServiceOverride.markup.is_not(None))


@dataclass(frozen=True, slots=True)
class InForce:
    """A provider's markup in percent: set by an admin (`set_by` as in the log) or, None, by the settings.

    `apart` of its services have a price or a markup of their own. `coming` was announced and is not in force yet.
    """

    provider: str
    percent: Decimal
    settings: Decimal
    set_by: str | None
    set_at: datetime | None
    apart: int
    coming: Scheduled | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What another markup does: `changed` prices by `least` to `most` percent; `apart` services keep a price of theirs.

    `beyond` would be more than money can be counted: these are left as they are, for the next sync to take off sale.
    `raises`: some price rises, be it by less than `most` can say.
    """

    old: Decimal
    new: Decimal
    changed: int
    apart: int
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(0)
    beyond: int = 0
    raises: bool = False


async def in_force(read: ReadSession, markups: Mapping[str, Decimal]) -> list[InForce]:
    """The markup of each provider of the settings, whose own `markups` count where nothing else was set."""
    chosen = {row.provider: row for row in await read.all(select(*Markup.__table__.columns))}
    apart, waiting = await _apart(read), await scheduled_markups.standing(read)
    found = []
    for provider, percent in sorted(markups.items()):
        row = chosen.get(provider)
        by, at = (row.set_by, row.set_at) if row else (None, None)
        own = Decimal(row.percent) if row else percent
        found.append(InForce(provider, own, percent, by, at, apart.get(provider, 0), waiting.get(provider)))
    return found


async def preview(read: ReadSession, provider: str, percent: Decimal | None, markups: Mapping[str, Decimal]) -> Effect:
    """What this markup would change; None: the one of the settings."""
    effect, _ = await _worked_out(read, provider, percent, markups)
    return effect


async def put(
    write: WriteSession,
    provider: str,
    percent: Decimal | None,
    markups: Mapping[str, Decimal],
    *,
    by: str,
    now: datetime,
) -> Effect:
    """Sell all of a provider's services at this markup, those with a price of their own aside; what it changed.

    In force at once, and instead of what was announced.
    """
    await own_terms.in_turn(write)
    effect, fresh = await _worked_out(write, provider, percent, markups)
    if percent is None:
        await write.run(delete(Markup).where(Markup.provider == provider))
    else:
        row = {"provider": provider, "percent": f"{percent:f}", "set_by": by, "set_at": now}
        insert = write.insert(Markup).values(row)
        await write.run(insert.on_conflict_do_update(index_elements=["provider"], set_=row))
    priced = update(Service).where(Service.id == bindparam("row_id")).values(rate=bindparam("fresh"), updated_at=now)
    rows = [{"row_id": service_id, "fresh": rate} for service_id, rate in fresh.items()]
    async with service_news.told(write, now, Service.provider == provider):
        await scheduled_markups.drop(write, provider)
        for start in range(0, len(rows), PAGE):
            await write.run(priced, rows[start : start + PAGE])
        await scheduled_prices.follow(write, provider, effect.new)
    write.announce("rests")
    return effect


async def _worked_out(
    read: ReadSession, provider: str, percent: Decimal | None, markups: Mapping[str, Decimal]
) -> tuple[Effect, dict[int, Money]]:
    settings = markups[provider]
    old = await own_terms.markup(read, provider, settings)
    new = settings if percent is None else percent
    apart = select(ServiceOverride.service_id).where(_OWN_PRICE)
    rows = await read.all(
        select(Service.id, Service.rate, Service.cost, Service.type, Service.max).where(
            Service.provider == provider, Service.offered.is_(true()), Service.id.not_in(apart)
        )
    )
    fresh, beyond = await asyncio.to_thread(_priced, rows, new)
    moves = [_percent(row.rate, fresh[row.id]) for row in rows if row.id in fresh]
    own = (await _apart(read)).get(provider, 0)
    least, most = min(moves, default=Decimal(0)), max(moves, default=Decimal(0))
    raises = any(fresh[row.id] > row.rate for row in rows if row.id in fresh)
    return Effect(old, new, len(fresh), own, least, most, beyond, raises), fresh


def _priced(rows: Sequence[Any], percent: Decimal) -> tuple[dict[int, Money], int]:
    """The prices that differ, by service, and how many there could not be."""
    fresh, beyond = {}, 0
    for row in rows:
        try:
            rate = own_terms.countable(pricing.selling_rate(row.cost, percent), row.type, row.max)
        except ValueError:
            beyond += 1
            continue
        if rate != row.rate:
            fresh[row.id] = rate
    return fresh, beyond


def _percent(old: Money, new: Money) -> Decimal:
    """By how many percent a price changes, to a tenth."""
    return (Decimal(new.micros - old.micros) * 100 / max(old.micros, 1)).quantize(Decimal("0.1"))


async def _apart(read: ReadSession) -> dict[str, int]:
    rows = await read.all(
        select(Service.provider, func.count())
        .join(ServiceOverride, ServiceOverride.service_id == Service.id)
        .where(_OWN_PRICE)
        .group_by(Service.provider)
    )
    return {row.provider: int(row[1]) for row in rows}
