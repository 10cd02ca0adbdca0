"""Markups told ahead: one that raises a price is announced and in force after its notice, unless it is called off."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from services import actions, markups, own_terms, scheduled_markups, service_news
from services.coming_prices import minute
from services.db import WriteSession
from services.errors import TermsMoved
from services.markups import Effect
from services.models import Service
from services.scheduled_markups import Scheduled


@dataclass(frozen=True, slots=True)
class Coming:
    """A markup that was announced, in percent: `old` is in force until `effective_at`, `new` from then on."""

    old: Decimal
    new: Decimal
    effective_at: datetime


def delay(effect: Effect, *, notice: timedelta) -> timedelta:
    """How long a markup waits before it is in force: only one that raises a price does, as single prices do."""
    return notice if effect.raises else timedelta(0)


async def put(
    write: WriteSession,
    provider: str,
    percent: Decimal | None,
    settings: Mapping[str, Decimal],
    *,
    notice: timedelta,
    by: str,
    now: datetime,
) -> tuple[Effect, datetime]:
    """Set a markup as `markups.put` does, at once or after `notice`, in the place of what waited.

    What it changes by the prices of today, and from when on: `now` where it is in force.
    """
    await own_terms.in_turn(write)
    effect = await markups.preview(write, provider, percent, settings)
    pause = delay(effect, notice=notice)
    if not pause:
        return await markups.put(write, provider, percent, settings, by=by, now=now), now
    scheduled = Scheduled(provider, percent, effect.new, now + pause, by, now)
    async with service_news.told(write, now, Service.provider == provider):
        await scheduled_markups.put(write, scheduled)
    return effect, scheduled.effective_at


async def call_off(
    write: WriteSession, provider: str, settings: Mapping[str, Decimal], *, mark: int, now: datetime
) -> Coming:
    """Leave the markup as it is: what was announced under `mark` does not come. TermsMoved where that waits no more."""
    await own_terms.in_turn(write)
    scheduled = await _waiting(write, provider, settings, mark)
    old = await own_terms.markup(write, provider, settings[provider])
    async with service_news.told(write, now, Service.provider == provider):
        await scheduled_markups.drop(write, provider)
    return Coming(old, scheduled.percent, scheduled.effective_at)


async def hasten(
    write: WriteSession, provider: str, settings: Mapping[str, Decimal], *, mark: int, now: datetime
) -> Effect:
    """Put what was announced under `mark` in force at once. TermsMoved as in `call_off`."""
    await own_terms.in_turn(write)
    return await _in_force(write, await _waiting(write, provider, settings, mark), settings, now)


async def come_due(write: WriteSession, provider: str, settings: Mapping[str, Decimal], *, now: datetime) -> None:
    """Put in force what waits for this provider and is due: once, whoever else is about it.

    The log has it under the name of who set it.
    """
    await own_terms.in_turn(write)
    scheduled = await scheduled_markups.find(write, provider)
    if scheduled is None or scheduled.effective_at > now:
        return
    effect = await _in_force(write, scheduled, settings, now)
    detail = {"set": minute(scheduled.set_at), "old": _words(effect.old), "new": _words(effect.new)}
    await actions.record(
        write,
        key=f"markup-came:{provider}:{scheduled.mark}",
        actor=scheduled.set_by,
        code="markup-came",
        subject=f"provider:{provider}",
        detail=detail | {"provider": provider, "changed": effect.changed},
        now=now,
    )


async def _in_force(
    write: WriteSession, scheduled: Scheduled, settings: Mapping[str, Decimal], now: datetime
) -> Effect:
    return await markups.put(write, scheduled.provider, scheduled.own, settings, by=scheduled.set_by, now=now)


async def _waiting(write: WriteSession, provider: str, settings: Mapping[str, Decimal], mark: int) -> Scheduled:
    """What whoever tapped has seen: another may wait by now, or none, or its provider is gone from the settings."""
    scheduled = await scheduled_markups.find(write, provider)
    if scheduled is None or scheduled.mark != mark or provider not in settings:
        raise TermsMoved
    return scheduled


def _words(percent: Decimal) -> str:
    """A percentage as the log keeps it: 30, 12.5."""
    return f"{percent.normalize():f}"
