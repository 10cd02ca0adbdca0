"""What providers charged against what the shop's orders cost, day by day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import BigInteger, func, select, type_coerce

from services import notices, outbox, pricing
from services.columns import micros
from services.db import ReadSession, WriteSession
from services.models import Notice, Order
from services.money import Money
from services.policy import Policy

_FIRST = date(1970, 1, 1)  # moments are kept as microseconds since then


@dataclass(frozen=True, slots=True)
class Reckoning:
    """One provider's closed orders of one UTC day; all amounts in shop currency.

    `charged` is what the provider last said it charges for them, `cost` what their delivered parts cost at the rates
    they were bought for. `silent` counts orders for which it named no charge; they are in neither sum.
    """

    provider: str
    day: date
    orders: int
    silent: int
    charged: Money
    cost: Money

    @property
    def difference(self) -> Money:
        """Above zero: the provider charged more than it delivered for."""
        return self.charged - self.cost


async def of_days(
    session: ReadSession, provider: str, days: Collection[date], exchange_rate: Decimal
) -> list[Reckoning]:
    """Reckon up the orders that closed on each of these days; one query, which reads every order of the provider."""
    charge = type_coerce(Order.provider_charge, BigInteger)
    # Whole micro-units per order: the product of rate and count must not be summed up, it would leave 64 bits.
    cost = type_coerce(Order.cost, BigInteger) * Order.delivered * Order.each // 1000
    named = Order.provider_charge.is_not(None)
    day = type_coerce(Order.closed_at, BigInteger) // micros(_midnight(_FIRST + timedelta(days=1)))
    rows = await session.all(
        select(
            day,
            func.count(),
            func.count(Order.provider_charge),
            func.coalesce(func.sum(charge).filter(named), 0),
            func.coalesce(func.sum(cost).filter(named), 0),
        )
        .where(
            Order.provider == provider,
            Order.provider_order_id.is_not(None),
            Order.closed_at >= _midnight(min(days)),
            Order.closed_at < _midnight(max(days) + timedelta(days=1)),
        )
        .group_by(day)
    )
    found = {_FIRST + timedelta(days=int(row[0])): row[1:] for row in rows}
    return [_reckoned(provider, each, found.get(each, (0, 0, 0, 0)), exchange_rate) for each in sorted(days)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _reckoned(provider: str, day: date, sums: Sequence[int], exchange_rate: Decimal) -> Reckoning:
    orders, told, charged, spent = map(int, sums)
    return Reckoning(
        provider=provider,
        day=day,
        orders=orders,
        silent=orders - told,
        charged=pricing.exchanged(Money(charged), exchange_rate),
        cost=Money(spent),
    )


async def report(session: WriteSession, reckonings: Sequence[Reckoning], policy: Policy, now: datetime) -> None:
    """Tell every admin, once for each provider and day on which there was anything to reckon.

    And once more where corrections that came later have changed what they were told of it.
    """
    keys = {f"reckoning:{each.provider}:{each.day}": each for each in reckonings if each.orders}
    for admin in policy.admins:
        told = await _told(session, [f"{key}:{admin}" for key in keys])
        first = [(f"{key}:{admin}", each, None) for key, each in keys.items() if f"{key}:{admin}" not in told]
        again = [
            (f"{key}:changed:{admin}", each, before)
            for key, each in keys.items()
            if (before := told.get(f"{key}:{admin}")) is not None and not _explained(each.difference - before, each)
        ]
        await outbox.put(
            session, [outbox.Outgoing(key, admin, _alert(each, before)) for key, each, before in first + again], now
        )


async def _told(session: ReadSession, keys: Sequence[str]) -> dict[str, Money]:
    """The difference that each notice told which was put under one of these keys."""
    rows = await session.all(select(Notice.key, Notice.kind, Notice.payload).where(Notice.key.in_(keys)))
    alerts = {row.key: notices.from_document(row.kind, row.payload) for row in rows}
    return {
        key: Money.parse(alert.facts["difference"])
        for key, alert in alerts.items()
        if isinstance(alert, notices.AdminAlert)
    }


TOLERANCE = Decimal("0.01")
"""The share of the cost that rounding may explain, order by order."""


def within(reckoning: Reckoning) -> bool:
    """Whether the difference is no more than rounding."""
    return _explained(reckoning.difference, reckoning)


def _explained(difference: Money, reckoning: Reckoning) -> bool:
    return abs(difference.micros) <= reckoning.cost.micros * TOLERANCE


def _alert(reckoning: Reckoning, before: Money | None) -> notices.AdminAlert:
    """What is told of a day; `before` is the difference that was told of it earlier."""
    facts = {
        "provider": reckoning.provider,
        "day": reckoning.day.isoformat(),
        "orders": str(reckoning.orders),
        "charged": str(reckoning.charged),
        "cost": str(reckoning.cost),
        "difference": str(reckoning.difference),
    }
    if reckoning.silent:
        facts["without a charge"] = str(reckoning.silent)
    if before is not None:
        return notices.AdminAlert("reckoning-changed", None, facts | {"difference told before": str(before)})
    return notices.AdminAlert("reckoning" if within(reckoning) else "reckoning-off", None, facts)
