"""Orders that lie still: queued ones that nobody sends, and those at a provider that is no longer in the settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, text

from services import notices, outbox, placing
from services.db import ReadSession, WriteSession
from services.errors import TooLate
from services.models import POLLED, QUEUED, Order, Service
from services.policy import Policy
from services.settlement import OPEN


@dataclass(frozen=True, slots=True)
class Stranded:
    """How many orders lie still at a provider; `first` is the id of the first that waits to be sent, if any does.

    `missing`: it is not in the settings, so that nobody asks about the orders it has either.
    """

    provider: str
    missing: bool
    waiting: int
    first: int | None
    placed: int


async def find(session: ReadSession, policy: Policy, now: datetime) -> list[Stranded]:
    """Each provider with orders that lie still, by name."""
    missing = await _missing(session, policy)
    queued = {
        row[0]: (row[1], row[2])
        for row in await session.all(
            select(Order.provider, func.count(), func.min(Order.id))
            .where(text(QUEUED), _still(missing, policy, now))
            .group_by(Order.provider)
        )
    }
    placed = {
        row[0]: row[1]
        for row in await session.all(
            select(Order.provider, func.count())
            .where(text(POLLED), Order.provider.in_(missing), Order.status == OPEN)
            .group_by(Order.provider)
        )
    }
    found = []
    for name in sorted({*queued, *placed}):
        waiting, first = queued.get(name, (0, None))
        found.append(Stranded(name, name in missing, waiting, first, placed.get(name, 0)))
    return found


async def _missing(session: ReadSession, policy: Policy) -> Sequence[str]:
    """Providers that were once sold from and are not in the settings."""
    return await session.values(select(Service.provider).where(Service.provider.not_in(policy.providers)).distinct())


def _still(missing: Sequence[str], policy: Policy, now: datetime) -> ColumnElement[bool]:
    """Whether a queued order has waited too long, or for nothing."""
    return or_(Order.submit_at <= now - policy.stuck_after, Order.provider.in_(missing))


async def tell(session: WriteSession, policy: Policy, now: datetime) -> None:
    """Tell every admin of each provider with such orders, once a day as long as there are any."""
    told = [
        outbox.Outgoing(f"{key}:{admin}", admin, _alert(each))
        for each in await find(session, policy, now)
        for key in [f"alert:stranded:{each.provider}:{now.date()}"]
        for admin in policy.admins
    ]
    await outbox.put(session, told, now)


def _alert(found: Stranded) -> notices.AdminAlert:
    facts = {
        "provider": found.provider,
        "waiting to be sent": str(found.waiting or ""),
        "at the provider": str(found.placed or ""),
    }
    return notices.AdminAlert("provider-missing" if found.missing else "orders-stuck", found.first, facts)


async def give_back(session: WriteSession, *, order_id: int, policy: Policy, now: datetime) -> int:
    """Give up every order that waits beside this one, at the same provider, and never left; how many those are.

    Nobody can have them, so their money goes back. TooLate where there is none any more.
    """
    provider = select(Order.provider).where(Order.id == order_id).scalar_subquery()
    still = _still(await _missing(session, policy), policy, now)
    waiting = await placing.locked(session, text(QUEUED), Order.provider == provider, still, placing.NEVER_LEFT)
    if not waiting:
        raise TooLate
    await placing.reject(session, waiting, placing.UNREACHABLE, now)
    return len(waiting)
