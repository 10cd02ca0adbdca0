"""What is on sale: the shelves as customers see them, and their upkeep from the providers' catalogues."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import BigInteger, Select, bindparam, func, insert, select, true, type_coerce, update

from services import guarantees, links, order_types, pricing, quantities, server_labels
from services.db import ReadSession, WriteSession
from services.errors import ServiceGone
from services.models import Category, Service
from services.money import Money
from services.order_types import OrderType
from services.panel_answers import OfferedService

SHRUNK = 5
"""A catalogue with fewer than a fifth of what is on sale is taken for a fault of the panel, not for its wish."""
PAGE = 500
"""Rows written in one go: the loop is free in between."""


_LOCK = 0x0CA7A106
"""PostgreSQL's advisory lock of a sync: two at once might give two services the same letter."""
_PLATFORM_STRIDE = 100_000
"""Positions set apart for the categories of one platform."""

Item = TypeVar("Item")


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

    @property
    def spreads(self) -> bool:
        """Whether an order of it can be spread out."""
        kind = order_types.of(self.type)
        return self.dripfeed and kind is not None and kind.spreads


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did: services new, changed (back on sale included), taken off sale; `skipped` cannot be sold."""

    added: int
    changed: int
    withdrawn: int
    skipped: int


class CatalogueShrunk(RuntimeError):
    """A provider offers `offered` services that could be sold, where `on_sale` are: nothing was changed."""

    def __init__(self, provider: str, offered: int, on_sale: int) -> None:
        super().__init__(f"{provider} offers {offered} services to sell, {on_sale} are on sale: left as they are")
        self.offered = offered
        self.on_sale = on_sale


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


async def service(session: ReadSession, service_id: int) -> ServiceView:
    """One service on sale; ServiceGone for any other."""
    row = await session.first(_views().where(Service.id == service_id))
    if row is None:
        raise ServiceGone
    return ServiceView(*row)


def _views() -> Select[*tuple[Any, ...]]:
    return (
        select(
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
        )
        .join(Category, Category.id == Service.category_id)
        .where(Service.on_sale.is_(true()))
    )


class _Stock(NamedTuple):
    """The columns of a service row that a sync keeps true, money as micro-units."""

    category_id: int
    server: str
    name: str
    type: str
    unit: str
    description: str | None
    pace: str | None
    rate: int
    cost: int
    min: int
    max: int
    refill: bool
    guarantee_days: int | None
    cancel: bool
    dripfeed: bool
    on_sale: bool
    position: int

    def row(self, now: datetime) -> dict[str, Any]:
        """The same as the table takes it."""
        return {**self._asdict(), "rate": Money(self.rate), "cost": Money(self.cost), "updated_at": now}


@dataclass(frozen=True, slots=True)
class _Sellable:
    """An offered service at the shop's price; `wish` is the letter that its name gives its server."""

    offered: OfferedService
    kind: OrderType
    min: int
    name: str
    wish: str | None
    rate: int
    cost: int
    max: int


@dataclass(slots=True)
class _Plan:
    """What a sync has to write."""

    added: list[tuple[str, _Stock]]
    changed: list[tuple[int, _Stock]]
    withdrawn: list[int]


async def sync(
    session: WriteSession,
    provider: str,
    offered: Sequence[OfferedService],
    *,
    markup_percent: Decimal,
    exchange_rate: Decimal,
    now: datetime,
) -> SyncReport:
    """Make the shelves follow a provider's catalogue; only what differs is written.

    `exchange_rate` is shop currency for one unit of the provider's. A service keeps its id, its server letter and, in
    its orders, the terms it was ordered on. One that is offered no more, or no longer sellable, goes off sale and
    stays known. Not sellable are types the shop cannot order, limits that contradict themselves, and prices of
    nothing or beyond all money. Raises CatalogueShrunk where less than a fifth of what is on sale is left.
    """
    sellable = await asyncio.to_thread(_sellable, offered, markup_percent, exchange_rate)
    if session.on_postgres:
        await session.value(select(func.pg_advisory_xact_lock(_LOCK)))
    known = {row.external_id: row for row in await session.all(_known(provider))}
    on_sale = sum(1 for row in known.values() if row.on_sale)
    if len(sellable) * SHRUNK < on_sale:
        raise CatalogueShrunk(provider, len(sellable), on_sale)
    shelves = await _shelves(session, {service.offered.category for service in sellable.values()})
    plan = await _plan(session, sellable, known, shelves)
    await _carry_out(session, provider, plan, now)
    session.announce("rests")
    return SyncReport(
        added=len(plan.added),
        changed=len(plan.changed),
        withdrawn=len(plan.withdrawn),
        skipped=len(offered) - len(sellable),
    )


async def withdraw_strangers(session: WriteSession, providers: Collection[str], now: datetime) -> None:
    """Take off sale what nobody would deliver: the services of providers that are not, or no longer, among ours."""
    strange = update(Service).where(Service.on_sale.is_(true()), Service.provider.not_in(providers))
    await session.run(strange.values(on_sale=False, updated_at=now))


def _sellable(
    offered: Iterable[OfferedService], markup_percent: Decimal, exchange_rate: Decimal
) -> dict[str, _Sellable]:
    """What of the catalogue can be sold, priced, by the provider's id."""
    found: dict[str, _Sellable] = {}
    for service in offered:
        kind = order_types.of(service.type)
        if kind is None:
            continue
        smallest, largest = kind.limits(service.min, min(service.max, quantities.LARGEST))
        if not 1 <= smallest <= largest:
            continue
        try:
            cost = pricing.cost_rate(service.rate, exchange_rate)
            rate = pricing.selling_rate(cost, markup_percent)
            dearest = pricing.charge(rate, *kind.dearest(largest))
        except ValueError:
            continue
        if dearest:
            name, wish = server_labels.read(service.name)
            found[service.external_id] = _Sellable(
                service, kind, smallest, name or service.category, wish, rate.micros, cost.micros, largest
            )
    return found


def _known(provider: str) -> Select[*tuple[Any, ...]]:
    """The provider's rows as (id, external id, *_Stock), without the detour over Money: there may be ten thousand."""
    plain = {"rate": type_coerce(Service.rate, BigInteger), "cost": type_coerce(Service.cost, BigInteger)}
    columns = [plain[name].label(name) if name in plain else getattr(Service, name) for name in _Stock._fields]
    return select(Service.id, Service.external_id, *columns).where(Service.provider == provider)


async def _shelves(session: WriteSession, names: Iterable[str]) -> dict[str, int]:
    """The id of the category for each name, whichever way it was first spelled; the missing ones are made."""
    rows = await session.all(select(Category.id, Category.name, Category.position))
    ids = {row.name.casefold(): row.id for row in rows}
    missing = {name.casefold(): name for name in sorted(names) if name.casefold() not in ids}
    if missing:
        last: dict[int, int] = defaultdict(int)
        for row in rows:
            platform = row.position // _PLATFORM_STRIDE
            last[platform] = max(last[platform], row.position)
        made = []
        for name in missing.values():
            platform = _platform_rank(name)
            last[platform] = max(last[platform], platform * _PLATFORM_STRIDE) + 1
            made.append({"name": name, "position": last[platform]})
        await session.run(insert(Category), made)
        rows = await session.all(select(Category.id, Category.name, Category.position))
    return {row.name.casefold(): row.id for row in rows}


def _platform_rank(category: str) -> int:
    """Where the platform of a category stands in the shop's order; the others come last."""
    platform = links.platform_of(category)
    order = list(links.PLATFORMS)
    return order.index(platform) if platform else len(order)


async def _plan(
    session: WriteSession, sellable: Mapping[str, _Sellable], known: Mapping[str, Any], shelves: Mapping[str, int]
) -> _Plan:
    arrivals: dict[int, list[tuple[str, str | None]]] = defaultdict(list)
    for external_id, service in sellable.items():
        category_id = shelves[service.offered.category.casefold()]
        row = known.get(external_id)
        if row is None or row.category_id != category_id:
            arrivals[category_id].append((external_id, service.wish))
    servers = await _servers(session, arrivals)
    return await asyncio.to_thread(_compared, sellable, known, shelves, servers)


async def _servers(session: WriteSession, arrivals: Mapping[int, list[tuple[str, str | None]]]) -> dict[str, str]:
    """A letter for each service that is new in its category, by the provider's id.

    Letters in use stay in use, also of services that leave the category or are off sale: they are on old orders, and
    no row then passes through another's letter while the page is written.
    """
    if not arrivals:
        return {}
    taken: dict[int, set[str]] = defaultdict(set)
    rows = await session.all(select(Service.category_id, Service.server).where(Service.category_id.in_(list(arrivals))))
    for row in rows:
        taken[row.category_id].add(row.server)
    given: dict[str, str] = {}
    for category_id, wishes in arrivals.items():
        given |= server_labels.assign(wishes, taken[category_id])
    return given


def _compared(
    sellable: Mapping[str, _Sellable], known: Mapping[str, Any], shelves: Mapping[str, int], servers: Mapping[str, str]
) -> _Plan:
    """What differs between the catalogue and the rows."""
    plan = _Plan([], [], [])
    for external_id, service in sellable.items():
        row = known.get(external_id)
        server = servers[external_id] if external_id in servers else known[external_id].server
        offered = service.offered
        days = guarantees.read(offered.name, offered.description) if offered.refill else 0
        stock = _Stock(
            category_id=shelves[offered.category.casefold()],
            server=server,
            name=service.name,
            type=service.kind.name,
            unit=service.kind.unit,
            description=offered.description,
            pace=offered.pace,
            rate=service.rate,
            cost=service.cost,
            min=service.min,
            max=service.max,
            refill=days != 0,
            guarantee_days=days or None,
            cancel=offered.cancel,
            dripfeed=offered.dripfeed,
            on_sale=True,
            position=server_labels.rank(server),
        )
        if row is None:
            plan.added.append((external_id, stock))
        elif row[2:] != stock:
            plan.changed.append((row.id, stock))
    plan.withdrawn = [row.id for row in known.values() if row.on_sale and row.external_id not in sellable]
    return plan


async def _carry_out(session: WriteSession, provider: str, plan: _Plan, now: datetime) -> None:
    for page in _pages(plan.added):
        rows = [stock.row(now) | {"provider": provider, "external_id": external_id} for external_id, stock in page]
        await session.run(insert(Service), rows)
    by_id = update(Service).where(Service.id == bindparam("row_id"))
    kept_true = by_id.values({name: bindparam(f"new_{name}") for name in (*_Stock._fields, "updated_at")})
    for changed in _pages(plan.changed):
        await session.run(
            kept_true,
            [
                {f"new_{name}": value for name, value in stock.row(now).items()} | {"row_id": row_id}
                for row_id, stock in changed
            ],
        )
    off_sale = by_id.values(on_sale=False, updated_at=now)
    for withdrawn in _pages(plan.withdrawn):
        await session.run(off_sale, [{"row_id": row_id} for row_id in withdrawn])


def _pages(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    return (items[start : start + PAGE] for start in range(0, len(items), PAGE))
