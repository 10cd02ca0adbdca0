"""What the shop holds at its providers, and how long that lasts at what it spent there in the last day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import BigInteger, func, select, true, type_coerce

from services import pricing
from services.db import ReadSession
from services.models import Order, Provider, Service
from services.money import ZERO, Money

DAY = timedelta(hours=24)
LONGEST = timedelta(days=999)
"""More is not worth telling apart."""


@dataclass(frozen=True, slots=True)
class Purse:
    """A provider: its `balance` in its own `currency` as last told, `held` the same in ours; None where nobody knows.

    `spent` is the cost of the orders that it took in the last 24 hours, `left` how long the balance lasts at that: None
    where nothing was spent or nothing is known. `selling` counts its services on sale. `failing` says how it fails
    since `failing_since`: silent, or key, where it refuses ours.
    """

    provider: str
    balance: str | None
    currency: str | None
    held: Money | None
    spent: Money
    left: timedelta | None
    selling: int
    failing: str | None
    failing_since: datetime | None


async def of(read: ReadSession, rates: Mapping[str, Decimal], now: datetime) -> list[Purse]:
    """The purse at each provider of the settings, by name; `rates` are shop currency for one unit of theirs."""
    told = select(Provider.name, Provider.balance, Provider.currency, Provider.failing, Provider.failing_since)
    known = {row[0]: row[1:] for row in await read.all(told.where(Provider.name.in_(sorted(rates))))}
    on_sale = select(Service.provider, func.count()).where(Service.on_sale.is_(true())).group_by(Service.provider)
    selling = {row[0]: row[1] for row in await read.all(on_sale)}
    spent = await _spent(read, now)
    found = []
    for name in sorted(rates):
        balance, currency, failing, since = known.get(name, (None, None, None, None))
        amount, used = pricing.foreign(balance), spent.get(name, ZERO)
        held = None if amount is None else pricing.exchanged(amount, rates[name])
        found.append(
            Purse(name, balance, currency, held, used, lasts(held, used), selling.get(name, 0), failing, since)
        )
    return found


def lasts(held: Money | None, spent: Money) -> timedelta | None:
    """How long `held` lasts where `spent` goes in a day; what is used up lasts no time, whatever is spent."""
    if held is None:
        return None
    if held <= ZERO:
        return timedelta(0)
    if not spent:
        return None
    seconds = held.micros * int(DAY.total_seconds()) // spent.micros
    return min(timedelta(seconds=min(seconds, 10**9)), LONGEST)


async def _spent(read: ReadSession, now: datetime) -> dict[str, Money]:
    """The cost of what each provider took in the last day: it asks for all of it when it takes an order."""
    cost = type_coerce(Order.cost, BigInteger) * Order.quantity * Order.each // 1000
    rows = await read.all(
        select(Order.provider, func.sum(cost))
        .where(Order.created_at > now - DAY, Order.placed_at.is_not(None))
        .group_by(Order.provider)
    )
    return {row[0]: Money(int(row[1])) for row in rows}
