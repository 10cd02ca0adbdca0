"""What providers charged against what the shop's orders cost, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import BigInteger, func, select, type_coerce

from services import notices, outbox, pricing
from services.db import ReadSession, WriteSession
from services.models import Order
from services.money import Money
from services.policy import Policy


@dataclass(frozen=True, slots=True)
class Reckoning:
    """One provider's closed orders of one UTC day; all amounts in shop currency.

    `charged` is what the provider last said it charges for them, `cost` what their delivered parts cost at the rates
    they were bought for. `silent` counts orders for which it never named a charge; they are in neither sum.
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


async def of_day(session: ReadSession, provider: str, day: date, exchange_rate: Decimal) -> Reckoning:
    """Reckon up the orders that closed on `day`; one query, which reads every order of the provider."""
    start = datetime.combine(day, time(), UTC)
    charge = type_coerce(Order.provider_charge, BigInteger)
    # Whole micro-units per order: the product of rate and count must not be summed up, it would leave 64 bits.
    cost = type_coerce(Order.cost, BigInteger) * Order.delivered * Order.each // 1000
    named = Order.provider_charge.is_not(None)
    row = await session.first(
        select(
            func.count(),
            func.count(Order.provider_charge),
            func.coalesce(func.sum(charge).filter(named), 0),
            func.coalesce(func.sum(cost).filter(named), 0),
        ).where(
            Order.provider == provider,
            Order.provider_order_id.is_not(None),
            Order.closed_at >= start,
            Order.closed_at < start + timedelta(days=1),
        )
    )
    orders, told, charged, spent = row if row is not None else (0, 0, 0, 0)
    return Reckoning(
        provider=provider,
        day=day,
        orders=orders,
        silent=orders - told,
        charged=pricing.exchanged(Money(int(charged)), exchange_rate),
        cost=Money(int(spent)),
    )


async def report(session: WriteSession, reckonings: Sequence[Reckoning], policy: Policy, now: datetime) -> None:
    """Tell every admin, once for each provider and day on which there was anything to reckon."""
    told = [
        outbox.Outgoing(
            f"reckoning:{each.provider}:{each.day}:{admin}",
            admin,
            notices.AdminAlert("reckoning" if within(each) else "reckoning-off", None, _facts(each)),
        )
        for each in reckonings
        if each.orders
        for admin in policy.admins
    ]
    await outbox.put(session, told, now)


TOLERANCE = Decimal("0.01")
"""The share of the cost that rounding may explain, order by order."""


def within(reckoning: Reckoning) -> bool:
    """Whether the difference is no more than rounding."""
    return abs(reckoning.difference.micros) <= reckoning.cost.micros * TOLERANCE


def _facts(reckoning: Reckoning) -> dict[str, str]:
    facts = {
        "provider": reckoning.provider,
        "day": reckoning.day.isoformat(),
        "orders": str(reckoning.orders),
        "charged": str(reckoning.charged),
        "cost": str(reckoning.cost),
        "difference": str(reckoning.difference),
    }
    return facts | ({"without a charge": str(reckoning.silent)} if reckoning.silent else {})
