"""The shelves' upkeep: they follow the providers' catalogues, and what the shop itself says of its services stands."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import BigInteger, Select, bindparam, insert, select, true, type_coerce, update

from services import (
    guarantees,
    links,
    margins,
    order_types,
    own_terms,
    pricing,
    quantities,
    scheduled_prices,
    server_labels,
    service_news,
)
from services.db import WriteSession
from services.margins import Loss
from services.models import Category, Service
from services.money import Money
from services.order_types import OrderType
from services.own_terms import NOTHING, Own
from services.panel_answers import OfferedService
from services.policy import Policy

SHRUNK = 5
"""A catalogue with fewer than a fifth of what was offered is taken for a fault of the panel, not for its wish."""
PAGE = 500
"""Rows written in one go: the loop is free in between."""
_PLATFORM_STRIDE = 100_000
"""Positions set apart for the categories of one platform."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did: services new, changed (back on sale included), taken off sale; `skipped` cannot be sold.

    `guarded` would have been sold below their cost (services.margins): hidden or repriced, and the staff told.
    """

    added: int
    changed: int
    withdrawn: int
    skipped: int
    guarded: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of asking a provider for its catalogue: what was changed, or, None, the words of what went wrong."""

    report: SyncReport | None
    error: str = ""


class CatalogueShrunk(RuntimeError):
    """A provider offers `offered` services that could be sold, where `on_sale` were: nothing was changed."""

    def __init__(self, provider: str, offered: int, on_sale: int) -> None:
        super().__init__(f"{provider} offers {offered} services to sell, {on_sale} are on sale: left as they are")
        self.offered = offered
        self.on_sale = on_sale


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
    offered: bool
    on_sale: bool
    position: int

    def row(self, now: datetime) -> dict[str, Any]:
        """The same as the table takes it."""
        return {**self._asdict(), "rate": Money(self.rate), "cost": Money(self.cost), "updated_at": now}


@dataclass(frozen=True, slots=True)
class _Sellable:
    """An offered service at the shop's price; `wish` is the letter that its name gives its server.

    `own` is what the shop itself says of it, `rate` its price by that, `usual` what the provider's markup makes it.
    """

    offered: OfferedService
    kind: OrderType
    min: int
    name: str
    wish: str | None
    own: Own
    rate: int
    usual: int
    cost: int
    max: int


@dataclass(slots=True)
class _Plan:
    """What a sync has to write; `own` is what changes about our own terms, by service."""

    added: list[tuple[str, _Stock]] = field(default_factory=list)
    changed: list[tuple[int, _Stock]] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    own: dict[int, dict[str, Any]] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where things go: categories by name, letters by the provider's id, hidden categories; and the margin rule."""

    shelves: Mapping[str, int]
    servers: Mapping[str, str]
    shut: Collection[int]
    rule: str


async def sync(
    session: WriteSession,
    provider: str,
    offered: Sequence[OfferedService],
    *,
    markup_percent: Decimal,
    exchange_rate: Decimal,
    policy: Policy,
    now: datetime,
) -> SyncReport:
    """Make the shelves follow a provider's catalogue; only what differs is written.

    `markup_percent` is the one of the settings, `exchange_rate` shop currency for one unit of the provider's. A service
    keeps its id, its server letter, what was set by hand and, in its orders, the terms it was ordered on. One that is
    offered no more, or no longer sellable, goes off sale and stays known. Not sellable are types the shop cannot order,
    limits that contradict themselves, and prices of nothing or beyond all money. What would cost more than it is sold
    for goes by the policy's margin rule. Raises CatalogueShrunk where less than a fifth of what was offered is left.
    """
    await own_terms.in_turn(session)
    own = await own_terms.of_provider(session, provider)
    percent = await own_terms.markup(session, provider, markup_percent)
    sellable = await asyncio.to_thread(_sellable, offered, own, percent, exchange_rate)
    known = {row.external_id: row for row in await session.all(_known(provider))}
    before = sum(1 for row in known.values() if row.offered)
    if len(sellable) * SHRUNK < before:
        raise CatalogueShrunk(provider, len(sellable), before)
    shelves = await _shelves(session, {service.offered.category for service in sellable.values()})
    plan = await _plan(session, sellable, known, shelves, policy.margin_rule)
    async with service_news.told(session, now, Service.provider == provider):
        await _carry_out(session, provider, plan, now)
        await scheduled_prices.follow(session, provider, percent)
    await margins.tell(session, provider, plan.losses, policy.admins, now)
    session.announce("rests")
    return SyncReport(
        added=len(plan.added),
        changed=len(plan.changed),
        withdrawn=len(plan.withdrawn),
        skipped=len(offered) - len(sellable),
        guarded=len(plan.losses),
    )


def _sellable(
    offered: Iterable[OfferedService], owns: Mapping[str, Own], markup_percent: Decimal, exchange_rate: Decimal
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
        own = owns.get(service.external_id, NOTHING)
        try:
            cost = pricing.cost_rate(service.rate, exchange_rate)
            usual = pricing.selling_rate(cost, markup_percent)
            rate = own_terms.rate(own, cost, usual)
            dearest = pricing.charge(max(rate, usual), *kind.dearest(largest))
        except ValueError:
            continue
        if dearest:
            name, wish = server_labels.read(service.name)
            found[service.external_id] = _Sellable(
                offered=service,
                kind=kind,
                min=smallest,
                name=name or service.category,
                wish=wish,
                own=own,
                rate=rate.micros,
                usual=usual.micros,
                cost=cost.micros,
                max=largest,
            )
    return found


def _known(provider: str) -> Select[*tuple[Any, ...]]:
    """The provider's rows as (id, external id, *_Stock), without the detour over Money: there may be ten thousand."""
    plain = {"rate": type_coerce(Service.rate, BigInteger), "cost": type_coerce(Service.cost, BigInteger)}
    columns = [plain[name].label(name) if name in plain else getattr(Service, name) for name in _Stock._fields]
    return select(Service.id, Service.external_id, *columns).where(Service.provider == provider)


async def _shelves(session: WriteSession, names: Iterable[str]) -> dict[str, int]:
    """The id of the category for each name, however it was first spelled; the missing ones are made.

    A category goes by what its providers call it, and by the name that the shop gave it.
    """
    found = select(Category.id, Category.name, Category.known_as, Category.position)
    rows = await session.all(found)
    ids = _by_name(rows)
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
        ids = _by_name(await session.all(found))
    return ids


def _by_name(rows: Sequence[Any]) -> dict[str, int]:
    return {row.name.casefold(): row.id for row in rows} | {row.known_as.casefold(): row.id for row in rows}


def _platform_rank(category: str) -> int:
    """Where the platform of a category stands in the shop's order; the others come last."""
    platform = links.platform_of(category)
    order = list(links.PLATFORMS)
    return order.index(platform) if platform else len(order)


async def _plan(
    session: WriteSession,
    sellable: Mapping[str, _Sellable],
    known: Mapping[str, Any],
    shelves: Mapping[str, int],
    rule: str,
) -> _Plan:
    arrivals: dict[int, list[tuple[str, str | None]]] = defaultdict(list)
    for external_id, service in sellable.items():
        category_id = shelves[service.offered.category.casefold()]
        row = known.get(external_id)
        if row is None or row.category_id != category_id:
            arrivals[category_id].append((external_id, service.wish))
    servers = await _servers(session, arrivals)
    shut = set(await session.values(select(Category.id).where(Category.hidden.is_(true()))))
    return await asyncio.to_thread(_compared, sellable, known, _Places(shelves, servers, shut, rule))


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


def _compared(sellable: Mapping[str, _Sellable], known: Mapping[str, Any], places: _Places) -> _Plan:
    """What differs between the catalogue and the rows."""
    plan = _Plan()
    for external_id, service in sellable.items():
        row = known.get(external_id)
        stock = _stock(service, row, places)
        if row is None:
            plan.added.append((external_id, stock))
            continue
        if row[2:] != stock:
            plan.changed.append((row.id, stock))
        if service.own is not NOTHING:
            _mind_our_own(plan, service, row, stock, places)
    plan.withdrawn = [row.id for row in known.values() if row.offered and row.external_id not in sellable]
    return plan


def _stock(service: _Sellable, row: Any, places: _Places) -> _Stock:
    """The row as it is to be: the provider's terms, and our own where there are any."""
    offered, own = service.offered, service.own
    category_id = places.shelves[offered.category.casefold()]
    server = places.servers.get(offered.external_id) or row.server
    days = guarantees.read(offered.name, offered.description) if offered.refill else 0
    hidden = own.hidden or category_id in places.shut
    sold_at = service.rate if hidden else margins.price(service.rate, service.cost, service.usual, places.rule)
    stays = row is not None and row.category_id == category_id
    return _Stock(
        category_id=category_id,
        server=server,
        name=own.name or service.name,
        type=service.kind.name,
        unit=service.kind.unit,
        description=offered.description if own.description is None else own.description or None,
        pace=offered.pace,
        rate=service.rate if sold_at is None else sold_at,
        cost=service.cost,
        min=service.min,
        max=service.max,
        refill=days != 0,
        guarantee_days=days or None,
        cancel=offered.cancel,
        dripfeed=offered.dripfeed,
        offered=True,
        on_sale=not hidden and sold_at is not None,
        position=own.position if stays and own.position is not None else server_labels.rank(server),
    )


def _mind_our_own(plan: _Plan, service: _Sellable, row: Any, stock: _Stock, places: _Places) -> None:
    """What a sync changes about our own terms, and what it must not sell by them any longer."""
    own = service.own
    changes: dict[str, Any] = {}
    if own.name is not None and own.their_name != service.name:
        changes["their_name"] = service.name
    if own.description is not None and own.their_description != service.offered.description:
        changes["their_description"] = service.offered.description
    if own.position is not None and row.category_id != stock.category_id:
        changes["position"] = None
    repriced = stock.rate != service.rate
    if repriced:
        changes |= {"rate": None, "markup": None}
    if changes:
        plan.own[row.id] = changes
    hidden = own.hidden or stock.category_id in places.shut
    newly = not hidden and service.rate < service.cost and row.rate >= row.cost
    if repriced or newly:
        loss = stock.name, stock.server, Money(service.rate), Money(service.cost)
        plan.losses.append(Loss(row.id, *loss, Money(stock.rate) if repriced else None))


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
    await own_terms.change(session, plan.own)
    off_sale = by_id.values(offered=False, on_sale=False, updated_at=now)
    for withdrawn in _pages(plan.withdrawn):
        await session.run(off_sale, [{"row_id": row_id} for row_id in withdrawn])


def _pages(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    return (items[start : start + PAGE] for start in range(0, len(items), PAGE))
