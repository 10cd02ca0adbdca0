"""Markups that wait for their moment: at most one for a provider, as it was announced."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select

from services.columns import micros
from services.db import ReadSession, WriteSession
from services.models import ScheduledMarkup


@dataclass(frozen=True, slots=True)
class Scheduled:
    """What was set for a provider: a markup of its `own` or, None, the settings'; `percent` is what that is.

    `set_by` is an actor as in the log.
    """

    provider: str
    own: Decimal | None
    percent: Decimal
    effective_at: datetime
    set_by: str
    set_at: datetime

    @property
    def mark(self) -> int:
        """What tells it from another one of the same provider, on a button."""
        return micros(self.set_at)


_COLUMNS = tuple(getattr(ScheduledMarkup, name) for name in Scheduled.__dataclass_fields__)


async def find(read: ReadSession, provider: str) -> Scheduled | None:
    """What waits for this provider, if anything."""
    row = await read.first(select(*_COLUMNS).where(ScheduledMarkup.provider == provider))
    return None if row is None else _scheduled(row)


async def standing(read: ReadSession) -> dict[str, Scheduled]:
    """All that waits, by provider."""
    return {row.provider: _scheduled(row) for row in await read.all(select(*_COLUMNS))}


async def due(read: ReadSession, providers: Collection[str], now: datetime) -> Sequence[str]:
    """Those of these providers whose moment has come, the earliest first."""
    ripe = select(ScheduledMarkup.provider).where(
        ScheduledMarkup.effective_at <= now, ScheduledMarkup.provider.in_(providers)
    )
    return await read.values(ripe.order_by(ScheduledMarkup.effective_at, ScheduledMarkup.provider))


async def put(write: WriteSession, scheduled: Scheduled) -> None:
    """Let this wait, in the place of what did."""
    row = {
        "provider": scheduled.provider,
        "own": None if scheduled.own is None else f"{scheduled.own:f}",
        "percent": f"{scheduled.percent:f}",
        "effective_at": scheduled.effective_at,
        "set_by": scheduled.set_by,
        "set_at": scheduled.set_at,
    }
    insert = write.insert(ScheduledMarkup).values(row)
    await write.run(insert.on_conflict_do_update(index_elements=["provider"], set_=row))


async def drop(write: WriteSession, provider: str) -> None:
    """Let nothing wait for this provider."""
    await write.run(delete(ScheduledMarkup).where(ScheduledMarkup.provider == provider))


def _scheduled(row: Sequence[Any]) -> Scheduled:
    provider, own, percent, *rest = row
    return Scheduled(provider, None if own is None else Decimal(own), Decimal(percent), *rest)
