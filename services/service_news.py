"""What resellers' sites hear of the shelves: `service.changed`, with their own rate, written with the change itself.

One message tells of up to MOST services, so that a sync of thousands is a handful of messages to each site. Nothing is
read, and nothing written, where no site listens.

A price that waits (services.scheduled_prices) is told as well, in a message whose `effective_at` is its moment, and so
is what a markup that waits (services.scheduled_markups) makes of every service with no price of its own. What is
told of a service takes the place of all that was told of it with an earlier `at`, what was only announced included: so
an announcement is called off by the service as it is, and repeated with whatever else changes about the service.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, false, select, true

from services import own_terms, panel_words, pricing, tiers, webhooks
from services.db import ReadSession, WriteSession
from services.models import (
    Category,
    Reseller,
    ScheduledMarkup,
    ScheduledPrice,
    Service,
    ServiceOverride,
    User,
    Webhook,
)
from services.money import Money
from services.tiers import Discounts
from services.webhooks import Event

CHANGED = "service.changed"
MOST = 500
"""Services in one message."""
Told = dict[str, Any]
Said = Mapping[datetime | None, Sequence[Told]]
"""Services as they are from a moment on; None: from now on."""


class _Ware(NamedTuple):
    """What a site knows of a service, and what its rate is worked out from."""

    name: str
    server: str
    category: str
    rate: Money
    cost: Money
    min: int
    max: int
    available: bool
    coming: Money | None
    """What waits, from `coming_at` on."""
    coming_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Shelves:
    """The services as they are, and the discounts of each tier; of None: of those in no tier."""

    wares: Mapping[int, _Ware]
    discounts: Mapping[str | None, Discounts]
    tiers: Mapping[int, str | None]
    """The tier of each reseller whose site listens."""

    def off(self, user_id: int) -> Discounts:
        """What a reseller has off."""
        return self.discounts[self.tiers.get(user_id)]


@asynccontextmanager
async def told(write: WriteSession, now: datetime, which: ColumnElement[bool] | None = None) -> AsyncIterator[None]:
    """Tell the sites of what changes in the block: about the services `which` (all of them), what waits for them, or
    the terms of their owners.
    """
    if not await _listeners(write):
        yield
        return
    await own_terms.in_turn(write)
    chosen = true() if which is None else which
    before = await _shelves(write, chosen)
    yield
    after = await _shelves(write, chosen)
    said: dict[tuple[str | None, str | None], Said] = {}
    events: list[Event] = []
    currency = await _currency(write)
    for user_id, tier in sorted(after.tiers.items()):
        alike = before.tiers.get(user_id), tier  # whoever goes the same way hears the same
        if alike not in said:
            terms = before.off(user_id), after.off(user_id)
            said[alike] = await asyncio.to_thread(_differences, before.wares, after.wares, *terms)
        events += _messages(user_id, said[alike], currency, now)
    await webhooks.put(write, events, now)


async def catch_up(write: WriteSession, user_id: int, now: datetime) -> None:
    """Tell the site of somebody who is let in again of everything: it heard of nothing that changed meanwhile."""
    if user_id not in await _listeners(write):
        return
    await own_terms.in_turn(write)
    shelves = await _shelves(write, true())
    off = shelves.off(user_id)
    said: dict[datetime | None, list[Told]] = defaultdict(list, {None: []})
    for number, ware in sorted(shelves.wares.items()):
        known = _told(number, ware, off)
        said[None].append(known | {"rate_before": None})
        if coming := _coming(number, ware, off, known):
            said[coming[0]].append(coming[1] | {"rate_before": known["rate"]})
    await webhooks.put(write, _messages(user_id, said, await _currency(write), now), now)


def _messages(user_id: int, said: Said, currency: str, now: datetime) -> list[Event]:
    found = []
    for moment, services in said.items():
        terms = {
            "currency": currency,
            "at": now.isoformat(timespec="microseconds"),
            "effective_at": (moment or now).isoformat(timespec="microseconds"),
        }
        found += [
            Event(user_id, CHANGED, {"services": services[start : start + MOST], **terms})
            for start in range(0, len(services), MOST)
        ]
    return found


def _differences(before: Mapping[int, _Ware], after: Mapping[int, _Ware], was: Discounts, off: Discounts) -> Said:
    """What differs for somebody with these discounts before and after; what they could order neither time does not."""
    found: dict[datetime | None, list[Told]] = defaultdict(list, {None: []})  # what is so now is told first
    for number, ware in sorted(after.items()):
        old = before.get(number)
        if not ware.available and (old is None or not old.available):
            continue
        told, known = _told(number, ware, off), None if old is None else _told(number, old, was)
        coming = _coming(number, ware, off, told)
        announced = None if old is None or known is None else _coming(number, old, was, known)
        changed = told != known or (announced is not None and coming is None)
        if changed:
            found[None].append(told | {"rate_before": None if known is None else known["rate"]})
        if coming is not None and (changed or coming != announced):
            moment, later = coming
            found[moment].append(later | {"rate_before": told["rate"]})
    return found


def _coming(number: int, ware: _Ware, off: Discounts, told: Told) -> tuple[datetime, Told] | None:
    """A service as it will be, and from when on; None where nothing changes for this site, or could by its cost."""
    if ware.coming is None or ware.coming_at is None or not ware.available or ware.coming < ware.cost:
        return None
    later = _told(number, ware._replace(rate=ware.coming), off)
    return None if later == told else (ware.coming_at, later)


def _told(number: int, ware: _Ware, off: Discounts) -> Told:
    """A service as a site is told of it, in the panel API's types."""
    rate = pricing.discounted(ware.rate, ware.cost, off.of(number))
    return {
        "service": number,
        "name": panel_words.service(ware.name, ware.server),
        "category": ware.category,
        "rate": panel_words.amount(rate),
        "min": str(ware.min),
        "max": str(ware.max),
        "available": ware.available,
    }


async def _listeners(read: ReadSession) -> Mapping[int, str | None]:
    """The tier of each reseller whose site is told of changes."""
    listening = (
        select(Webhook.user_id, Reseller.tier)
        .join(Reseller, Reseller.user_id == Webhook.user_id)
        .join(User, User.id == Webhook.user_id)
        .where(Webhook.state == "on", Reseller.state == "approved", User.banned.is_(false()))
    )
    rows = await read.all(webhooks.staying(read, listening))
    return {row.user_id: row.tier for row in rows}


async def _shelves(read: ReadSession, which: ColumnElement[bool]) -> _Shelves:
    of_service = (Service.rate, Service.cost, Service.min, Service.max, Service.on_sale)
    columns: tuple[Any, ...] = (*of_service, ScheduledPrice.rate, ScheduledPrice.effective_at)
    by_markup: tuple[Any, ...] = (ScheduledMarkup.percent, ScheduledMarkup.effective_at, Service.type)
    priced_by_it = and_(
        ScheduledMarkup.provider == Service.provider,
        ServiceOverride.rate.is_(None),
        ServiceOverride.markup.is_(None),
        ScheduledPrice.service_id.is_(None),
    )
    rows = await read.all(
        select(Service.id, Service.name, Service.server, Category.name, *columns, *by_markup)
        .join(Category, Category.id == Service.category_id)
        .outerjoin(ScheduledPrice, ScheduledPrice.service_id == Service.id)
        .outerjoin(ServiceOverride, ServiceOverride.service_id == Service.id)
        .outerjoin(ScheduledMarkup, priced_by_it)
        .where(which)
    )
    wares = await asyncio.to_thread(_wares, rows)
    return _Shelves(wares, await tiers.everyone(read), await _listeners(read))


def _wares(rows: Sequence[Any]) -> dict[int, _Ware]:
    """What was read of each service; where a markup waits for it, with the rate that it makes by the cost of today."""
    found = {}
    for number, *known, percent, moment, kind in rows:
        ware = _Ware(*known)
        if percent is not None:
            with suppress(ValueError):  # what could not be counted keeps its price: there is nothing to tell
                rate = own_terms.countable(pricing.selling_rate(ware.cost, Decimal(percent)), kind, ware.max)
                ware = ware._replace(coming=rate, coming_at=moment)
        found[number] = ware
    return found


async def _currency(read: ReadSession) -> str:
    return await read.value(webhooks.CURRENCY) or ""
