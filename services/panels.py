"""The providers at a glance: what each has of our money, sells and delivers for us, and how its last answers were."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, func, select, true, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from services.db import ReadSession
from services.models import Order, Provider, Service, ServiceOverride
from services.money import ZERO, Money

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Panel:
    """One provider; `known` ones are in the settings, and nothing is sent to any other.

    `balance` is as it was last told, in `currency`; `spend` is what the orders cost that ended in the last 24 hours,
    `under_way` what the `open` ones will, both in shop currency. Of its services `offered` could be sold, `on_sale`
    are, `hidden` were taken off by hand, `below` cost more than our price.
    """

    name: str
    known: bool
    balance: str | None = None
    currency: str | None = None
    synced_at: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None
    offered: int = 0
    on_sale: int = 0
    hidden: int = 0
    below: int = 0
    open: int = 0
    spend: Money = ZERO
    under_way: Money = ZERO


async def of_shop(read: ReadSession, providers: Collection[str], now: datetime) -> list[Panel]:
    """Every provider of the settings, and those that are gone from them but were sold from; by name."""
    found = {name: Panel(name, known=True) for name in providers}
    for row in await read.all(select(*Provider.__table__.columns)):
        found[row.name] = replace(
            found.get(row.name) or Panel(row.name, known=False),
            balance=row.balance,
            currency=row.currency,
            synced_at=row.synced_at,
            last_error=row.last_error,
            last_error_at=row.last_error_at,
        )
    for row in await read.all(_stock()):
        panel = found.get(row.name) or Panel(row.name, known=False)
        found[row.name] = replace(panel, offered=row.offered, on_sale=row.on_sale, hidden=row.hidden, below=row.below)
    for row in await read.all(_spent(Order.closed_at >= now - DAY, Order.delivered)):
        found[row.name] = replace(found[row.name], spend=Money(int(row.cost)))
    for row in await read.all(_spent(Order.closed_at.is_(None), Order.quantity)):
        found[row.name] = replace(found[row.name], open=row.orders, under_way=Money(int(row.cost)))
    return [found[name] for name in sorted(found)]


def _stock() -> Select[*tuple[Any, ...]]:
    offered = Service.offered.is_(true())
    return (
        select(
            Service.provider.label("name"),
            func.count().filter(offered).label("offered"),
            func.count().filter(Service.on_sale.is_(true())).label("on_sale"),
            func.count().filter(offered, ServiceOverride.hidden.is_(true())).label("hidden"),
            func.count().filter(offered, Service.rate < Service.cost).label("below"),
        )
        .outerjoin(ServiceOverride, ServiceOverride.service_id == Service.id)
        .group_by(Service.provider)
    )


def _spent(which: ColumnElement[bool], count: InstrumentedAttribute[int]) -> Select[*tuple[Any, ...]]:
    """Orders by provider and what so many of each cost, by the index (service_id, closed_at): no look at old ones."""
    cost = type_coerce(Order.cost, BigInteger) * count * Order.each // 1000
    return (
        select(Service.provider.label("name"), func.count().label("orders"), func.sum(cost).label("cost"))
        .join(Order, Order.service_id == Service.id)
        .where(which)
        .group_by(Service.provider)
    )
