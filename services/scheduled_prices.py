"""Prices that wait for their moment: at most one for a service, as it was announced, kept true to cost and markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import bindparam, delete, select, update

from services import own_terms, pricing
from services.columns import micros
from services.db import ReadSession, WriteSession
from services.models import ScheduledPrice, Service
from services.money import Money


@dataclass(frozen=True, slots=True)
class Scheduled:
    """What was set about a service: a rate of its own, a percentage above its cost, or, neither, its provider's markup.

    `rate` is what that makes by the cost of today; `set_by` is an actor as in the log.
    """

    service_id: int
    own_rate: Money | None
    percent: Decimal | None
    rate: Money
    effective_at: datetime
    set_by: str
    set_at: datetime

    @property
    def mark(self) -> int:
        """What tells it from another one of the same service, on a button."""
        return micros(self.set_at)


_COLUMNS = (
    ScheduledPrice.service_id,
    ScheduledPrice.own_rate,
    ScheduledPrice.markup,
    ScheduledPrice.rate,
    ScheduledPrice.effective_at,
    ScheduledPrice.set_by,
    ScheduledPrice.set_at,
)


async def find(read: ReadSession, service_id: int) -> Scheduled | None:
    """What waits for this service, if anything."""
    row = await read.first(select(*_COLUMNS).where(ScheduledPrice.service_id == service_id))
    if row is None:
        return None
    percent = None if row.markup is None else Decimal(row.markup)
    return Scheduled(row.service_id, row.own_rate, percent, row.rate, row.effective_at, row.set_by, row.set_at)


async def due(read: ReadSession, now: datetime) -> Sequence[int]:
    """The services whose moment has come, the earliest first."""
    ripe = select(ScheduledPrice.service_id).where(ScheduledPrice.effective_at <= now)
    return await read.values(ripe.order_by(ScheduledPrice.effective_at, ScheduledPrice.service_id))


async def put(write: WriteSession, scheduled: Scheduled) -> None:
    """Let this wait, in the place of what did."""
    row = {
        "service_id": scheduled.service_id,
        "own_rate": scheduled.own_rate,
        "markup": None if scheduled.percent is None else f"{scheduled.percent:f}",
        "rate": scheduled.rate,
        "effective_at": scheduled.effective_at,
        "set_by": scheduled.set_by,
        "set_at": scheduled.set_at,
    }
    insert = write.insert(ScheduledPrice).values(row)
    await write.run(insert.on_conflict_do_update(index_elements=["service_id"], set_=row))


async def drop(write: WriteSession, service_id: int) -> None:
    """Let nothing wait for this service."""
    await write.run(delete(ScheduledPrice).where(ScheduledPrice.service_id == service_id))


async def follow(write: WriteSession, provider: str, percent: Decimal) -> None:
    """Work out anew what waits for a provider's services: their costs, or its markup (`percent`), may have changed.

    A rate of its own stays what it is. So does what cannot be counted any more: it is refused when its moment comes.
    """
    rows = await write.all(
        select(ScheduledPrice.service_id, ScheduledPrice.markup, ScheduledPrice.rate)
        .add_columns(Service.cost, Service.type, Service.max)
        .join(Service, Service.id == ScheduledPrice.service_id)
        .where(Service.provider == provider, ScheduledPrice.own_rate.is_(None))
    )
    moved = []
    for number, markup, rate, cost, kind, largest in rows:
        try:
            above = percent if markup is None else Decimal(markup)
            fresh = own_terms.countable(pricing.selling_rate(cost, above), kind, largest)
        except ValueError:
            continue
        if fresh != rate:
            moved.append({"row_id": number, "fresh": fresh})
    mine = update(ScheduledPrice).where(ScheduledPrice.service_id == bindparam("row_id"))
    await write.run(mine.values(rate=bindparam("fresh")), moved)
