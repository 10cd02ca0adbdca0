"""What is on sale: the shelves as customers see them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, true, update

from services import links, order_types
from services.db import ReadSession, WriteSession
from services.errors import ServiceGone
from services.models import Category, Service
from services.money import Money


@dataclass(frozen=True, slots=True)
class CategoryView:
    """A shelf: how many services it has on sale, and the lowest rate among them.

    That is a rate per 1000 (`unit` is "thousand"), or per "package" where it has nothing else.
    """

    id: int
    name: str
    services: int
    cheapest: Money
    unit: str = "thousand"


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A service as customers may see it: no provider, no cost. `rate` is per 1000, or per package."""

    id: int
    category_id: int
    category: str
    name: str
    server: str
    type: str
    description: str | None
    pace: str | None
    rate: Money
    min: int
    max: int
    refill: bool
    cancel: bool
    dripfeed: bool
    on_sale: bool
    unit: str = "thousand"
    guarantee_days: int | None = None
    known_as: str = ""
    """What the providers call the category; like `category`, which the shop may have named anew, where this is ""."""

    @property
    def platform(self) -> str:
        """The platform that it works on, a name in services.links.PLATFORMS; "" for none."""
        return links.platform_of(self.known_as or self.category)

    @property
    def spreads(self) -> bool:
        """Whether an order of it can be spread out."""
        kind = order_types.of(self.type)
        return self.dripfeed and kind is not None and kind.spreads


async def categories(session: ReadSession) -> list[CategoryView]:
    """Every category with something on sale, in the shop's order."""
    per_package = Service.unit == "package"
    rows = await session.all(
        select(
            Category.id,
            Category.name,
            func.count(),
            func.min(Service.rate).filter(~per_package),
            func.min(Service.rate).filter(per_package),
        )
        .join(Service, Service.category_id == Category.id)
        .where(Service.on_sale.is_(true()))
        .group_by(Category.id, Category.name, Category.position)
        .order_by(Category.position, Category.id)
    )
    return [
        CategoryView(category_id, name, services, package, "package")
        if thousand is None
        else CategoryView(category_id, name, services, thousand)
        for category_id, name, services, thousand, package in rows
    ]


async def services(session: ReadSession, category_id: int) -> list[ServiceView]:
    """What a category has on sale, by server."""
    rows = await session.all(_views().where(Service.category_id == category_id).order_by(Service.position, Service.id))
    return [ServiceView(*row) for row in rows]


async def service(session: ReadSession, service_id: int, *, unsold: bool = False) -> ServiceView:
    """One service on sale, or with `unsold`, for those who decide about it, any; ServiceGone for any other."""
    row = await session.first((_all() if unsold else _views()).where(Service.id == service_id))
    if row is None:
        raise ServiceGone
    return ServiceView(*row)


def _views() -> Select[*tuple[Any, ...]]:
    return _all().where(Service.on_sale.is_(true()))


def _all() -> Select[*tuple[Any, ...]]:
    return select(
        Service.id,
        Service.category_id,
        Category.name,
        Service.name,
        Service.server,
        Service.type,
        Service.description,
        Service.pace,
        Service.rate,
        Service.min,
        Service.max,
        Service.refill,
        Service.cancel,
        Service.dripfeed,
        Service.on_sale,
        Service.unit,
        Service.guarantee_days,
        Category.known_as,
    ).join(Category, Category.id == Service.category_id)


async def withdraw_strangers(session: WriteSession, providers: Collection[str], now: datetime) -> None:
    """Take off sale what nobody would deliver: the services of providers that are not, or no longer, among ours."""
    strange = update(Service).where(Service.offered.is_(true()), Service.provider.not_in(providers))
    await session.run(strange.values(offered=False, on_sale=False, updated_at=now))
