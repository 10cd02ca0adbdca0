"""What resellers' sites hear of the shelves: `service.changed`, with their own rate, written with the change itself.

One message tells of up to MOST services, so that a sync of thousands is a handful of messages to each site. Nothing is
read, and nothing written, where no site listens.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select, true

from services import own_terms, panel_words, pricing, tiers, webhooks
from services.db import ReadSession, WriteSession
from services.models import Category, Reseller, Service, Webhook
from services.money import Money
from services.tiers import Discounts
from services.webhooks import Event

CHANGED = "service.changed"
MOST = 500
"""Services in one message."""
Told = dict[str, Any]


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
    """Tell the sites of what changes in the block: about the services `which` (all of them), or their owners' terms."""
    if not await _listeners(write):
        yield
        return
    await own_terms.in_turn(write)
    chosen = true() if which is None else which
    before = await _shelves(write, chosen)
    yield
    after = await _shelves(write, chosen)
    said: dict[tuple[str | None, str | None], list[Told]] = {}
    events: list[Event] = []
    currency = await _currency(write)
    for user_id, tier in sorted(after.tiers.items()):
        alike = before.tiers.get(user_id), tier  # whoever goes the same way hears the same
        if alike not in said:
            terms = before.off(user_id), after.off(user_id)
            said[alike] = await asyncio.to_thread(_differences, before.wares, after.wares, *terms)
        events += _messages(user_id, said[alike], currency, at=now, effective_at=now)
    await webhooks.put(write, events, now)


async def foretell(write: WriteSession, service_id: int, rate: Money, *, at: datetime, now: datetime) -> None:
    """Tell the sites that a service will be sold at this rate from `at` on."""
    if not await _listeners(write):
        return
    shelves = await _shelves(write, Service.id == service_id)
    coming = {number: ware._replace(rate=rate) for number, ware in shelves.wares.items()}
    currency = await _currency(write)
    events: list[Event] = []
    for user_id in sorted(shelves.tiers):
        off = shelves.off(user_id)
        events += _messages(user_id, _differences(shelves.wares, coming, off, off), currency, at=now, effective_at=at)
    await webhooks.put(write, events, now)


def _messages(
    user_id: int, services: Sequence[Told], currency: str, *, at: datetime, effective_at: datetime
) -> list[Event]:
    terms = {
        "currency": currency,
        "at": at.isoformat(timespec="microseconds"),
        "effective_at": effective_at.isoformat(timespec="microseconds"),
    }
    return [
        Event(user_id, CHANGED, {"services": services[start : start + MOST], **terms})
        for start in range(0, len(services), MOST)
    ]


def _differences(before: Mapping[int, _Ware], after: Mapping[int, _Ware], was: Discounts, off: Discounts) -> list[Told]:
    """What differs for somebody with these discounts before and after; what they could order neither time does not."""
    found = []
    for number, ware in sorted(after.items()):
        old = before.get(number)
        if not ware.available and (old is None or not old.available):
            continue
        told, known = _told(number, ware, off), None if old is None else _told(number, old, was)
        if told != known:
            found.append(told | {"rate_before": None if known is None else known["rate"]})
    return found


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
    rows = await read.all(
        select(Webhook.user_id, Reseller.tier)
        .join(Reseller, Reseller.user_id == Webhook.user_id)
        .where(Webhook.state == "on", Reseller.state == "approved")
    )
    return {row.user_id: row.tier for row in rows}


async def _shelves(read: ReadSession, which: ColumnElement[bool]) -> _Shelves:
    columns = (Service.id, Service.name, Service.server, Category.name, Service.rate, Service.cost, Service.min)
    rows = await read.all(
        select(*columns, Service.max, Service.on_sale).join(Category, Category.id == Service.category_id).where(which)
    )
    return _Shelves({row[0]: _Ware(*row[1:]) for row in rows}, await tiers.everyone(read), await _listeners(read))


async def _currency(read: ReadSession) -> str:
    return await read.value(webhooks.CURRENCY) or ""
