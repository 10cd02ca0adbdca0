"""Prices told ahead: what rises is announced and in force after its notice, unless it is called off or refused then."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from services import actions, notices, outbox, overrides, own_terms, scheduled_prices, service_news
from services.db import WriteSession
from services.errors import NotInCatalogue, ShopError, TermsMoved
from services.models import Service
from services.money import Money
from services.overrides import Change
from services.scheduled_prices import Scheduled


@dataclass(frozen=True, slots=True)
class Coming:
    """A price that was announced: `old` is in force until `effective_at`, `new` from then on."""

    old: Money
    new: Money
    effective_at: datetime


def delay(old: Money, new: Money, *, on_sale: bool, notice: timedelta) -> timedelta:
    """How long a price waits before it is in force.

    Only what rises does: nobody minds paying less at once, and whoever sells on at the old price loses nothing by it.
    What is not on sale is paid by nobody, and a service that the margin guard has hidden must come back without delay.
    """
    return notice if on_sale and new > old else timedelta(0)


async def put(
    write: WriteSession,
    service_id: int,
    *,
    rate: Money | None = None,
    percent: Decimal | None = None,
    markups: Mapping[str, Decimal],
    notice: timedelta,
    by: str,
    now: datetime,
) -> Change | Coming:
    """Price a service as `overrides.reprice` does, at once or after `notice`, in the place of what waited.

    Raises what `reprice` does: what cannot be sold at that today is not announced.
    """
    await own_terms.in_turn(write)
    row = await _service(write, service_id)
    fresh = await overrides.foresee(write, service_id, rate=rate, percent=percent, markups=markups)
    pause = delay(row.rate, fresh, on_sale=row.on_sale, notice=notice)
    if not pause:
        return await overrides.reprice(write, service_id, rate=rate, percent=percent, markups=markups, now=now)
    scheduled = Scheduled(service_id, rate, percent, fresh, now + pause, by, now)
    async with service_news.told(write, now, Service.id == service_id):
        await scheduled_prices.put(write, scheduled)
    return Coming(row.rate, fresh, scheduled.effective_at)


async def call_off(write: WriteSession, service_id: int, *, mark: int, now: datetime) -> Coming:
    """Leave the price as it is: what was announced under `mark` does not come. TermsMoved where that waits no more."""
    await own_terms.in_turn(write)
    scheduled = await _waiting(write, service_id, mark)
    row = await _service(write, service_id)
    await _drop(write, service_id, now)
    return Coming(row.rate, scheduled.rate, scheduled.effective_at)


async def hasten(
    write: WriteSession, service_id: int, *, mark: int, markups: Mapping[str, Decimal], now: datetime
) -> Change:
    """Put what was announced under `mark` in force at once. TermsMoved as in `call_off`; raises what `reprice` does."""
    await own_terms.in_turn(write)
    scheduled = await _waiting(write, service_id, mark)
    return await _in_force(write, scheduled, markups, now)


async def come_due(
    write: WriteSession, service_id: int, *, markups: Mapping[str, Decimal], admins: Collection[int], now: datetime
) -> None:
    """Put in force what waits for this service and is due: once, whoever else is about it.

    The log has it under the name of who set it. What cannot be sold at that by now does not wait any longer: its price
    stays, and who set it is told; the other `admins`, where that is nobody of them any more.
    """
    await own_terms.in_turn(write)
    scheduled = await scheduled_prices.find(write, service_id)
    if scheduled is None or scheduled.effective_at > now:
        return
    detail: dict[str, Any] = {"set": minute(scheduled.set_at), "new": scheduled.rate}
    try:
        change = await _in_force(write, scheduled, markups, now)
    except ShopError:
        code = "price-refused"
        await _drop(write, service_id, now)
        await _tell(write, scheduled, admins, now)
    else:
        code = "price-came"
        detail |= {"old": change.old, "new": change.new}
    await actions.record(
        write,
        key=f"{code}:{service_id}:{scheduled.mark}",
        actor=scheduled.set_by,
        code=code,
        subject=f"service:{service_id}",
        detail=detail,
        now=now,
    )


def minute(moment: datetime) -> str:
    """A moment as log and alerts keep it."""
    return f"{moment:%Y-%m-%d %H:%M}"


async def _in_force(write: WriteSession, scheduled: Scheduled, markups: Mapping[str, Decimal], now: datetime) -> Change:
    number, rate, percent = scheduled.service_id, scheduled.own_rate, scheduled.percent
    return await overrides.reprice(write, number, rate=rate, percent=percent, markups=markups, now=now)


async def _waiting(write: WriteSession, service_id: int, mark: int) -> Scheduled:
    """What whoever tapped has seen: another price may wait by now, or none."""
    scheduled = await scheduled_prices.find(write, service_id)
    if scheduled is None or scheduled.mark != mark:
        raise TermsMoved
    return scheduled


async def _drop(write: WriteSession, service_id: int, now: datetime) -> None:
    async with service_news.told(write, now, Service.id == service_id):
        await scheduled_prices.drop(write, service_id)


async def _service(write: WriteSession, service_id: int) -> Any:
    columns = (Service.name, Service.server, Service.rate, Service.cost, Service.on_sale)
    row = await write.first(select(*columns).where(Service.id == service_id))
    if row is None:
        raise NotInCatalogue(kind="service", id=str(service_id))
    return row


async def _tell(write: WriteSession, scheduled: Scheduled, admins: Collection[int], now: datetime) -> None:
    number = scheduled.service_id
    row = await _service(write, number)
    facts = {
        f"#{number}": f"{row.name} · {row.server}",
        "announced": f"{scheduled.rate}, {minute(scheduled.effective_at)} UTC",
        "price": str(row.rate),
        "cost": str(row.cost),
    }
    alert = notices.AdminAlert("price-refused", None, facts, services=[number])
    theirs = [one for one in admins if actions.by(one) == scheduled.set_by] or sorted(admins)
    key = f"alert:price-refused:{number}:{scheduled.mark}"
    await outbox.put(write, outbox.to_each(key, theirs, alert), now)
