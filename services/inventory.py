"""What the staff sees of services and categories: found by words, page by page, with cost, margin and what was set."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from services import own_terms, scheduled_prices
from services.db import ReadSession
from services.errors import NotInCatalogue
from services.models import Category, Service, ServiceOverride
from services.money import Money
from services.own_terms import Own
from services.scheduled_prices import Scheduled


@dataclass(frozen=True, slots=True)
class ShelfLine:
    """A category in a list: how many of its services are on sale, of those that its providers offer."""

    id: int
    name: str
    known_as: str
    hidden: bool
    on_sale: int
    offered: int


@dataclass(frozen=True, slots=True)
class WareLine:
    """A service in a list. `rate` and `cost` are per 1000, or per package."""

    id: int
    category_id: int
    category: str
    name: str
    server: str
    provider: str
    unit: str
    rate: Money
    cost: Money
    offered: bool
    on_sale: bool
    hidden: bool | None
    shut: bool

    @property
    def state(self) -> str:
        """on; or why not: withdrawn by its provider, hidden, shut (its category is hidden), below its cost."""
        if self.on_sale:
            return "on"
        if not self.offered:
            return "withdrawn"
        return "hidden" if self.hidden else "shut" if self.shut else "below"

    @property
    def margin(self) -> Money:
        """What the shop keeps of the rate."""
        return self.rate - self.cost

    @property
    def margin_percent(self) -> Decimal:
        """The same as a share of the rate, to a tenth of a percent."""
        return (Decimal(self.margin.micros) * 100 / max(self.rate.micros, 1)).quantize(Decimal("0.1"))


@dataclass(frozen=True, slots=True)
class Ware:
    """All about one service; `own` is what was set by hand."""

    line: WareLine
    external_id: str
    type: str
    description: str | None
    min: int
    max: int
    refill: bool
    guarantee_days: int | None
    cancel: bool
    dripfeed: bool
    position: int
    own: Own
    coming: Scheduled | None
    """The price that was announced."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was looked for, and how many there are in all."""

    lines: Sequence[Any]
    total: int


async def ware(read: ReadSession, service_id: int) -> Ware:
    """One service, on sale or not; NotInCatalogue where there is none."""
    names = [field.name for field in fields(Ware)[1:-2]]
    row = await read.first(_wares(*(getattr(Service, name) for name in names)).where(Service.id == service_id))
    if row is None:
        raise NotInCatalogue(kind="service", id=str(service_id))
    line = WareLine(*row[: len(fields(WareLine))])
    more = {name: getattr(row, name) for name in names}
    own, coming = await own_terms.of_service(read, service_id), await scheduled_prices.find(read, service_id)
    return Ware(line=line, own=own, coming=coming, **more)


async def shelf(read: ReadSession, category_id: int) -> ShelfLine:
    """One category; NotInCatalogue where there is none."""
    row = await read.first(_shelves(Category.id == category_id))
    if row is None:
        raise NotInCatalogue(kind="category", id=str(category_id))
    return ShelfLine(*row)


async def shelves(read: ReadSession, words: str, *, limit: int, offset: int) -> Found:
    """The categories whose names hold all of the words, in the shop's order."""
    which = and_(true(), *(_says(word, Category.name, Category.known_as) for word in words.split()))
    rows = await read.all(_shelves(which).limit(limit).offset(offset))
    total = await read.value(select(func.count(Category.id)).where(which))
    return Found([ShelfLine(*row) for row in rows], total or 0)


async def of_shelf(read: ReadSession, category_id: int, *, limit: int, offset: int) -> Found:
    """The services of a category as customers have them before them, the others where they would stand."""
    return await _page(read, Service.category_id == category_id, limit, offset)


async def search(read: ReadSession, words: str, *, limit: int, offset: int) -> Found:
    """The services that all of the words fit: ours or the provider's number, or part of a name or of a provider's."""
    return await _page(read, and_(true(), *map(_fits, words.split())), limit, offset)


async def _page(read: ReadSession, which: ColumnElement[bool], limit: int, offset: int) -> Found:
    ordered = _wares().where(which).order_by(Category.position, Category.id, Service.position, Service.id)
    rows = await read.all(ordered.limit(limit).offset(offset))
    counted = select(func.count(Service.id)).join(Category, Category.id == Service.category_id).where(which)
    return Found([WareLine(*row) for row in rows], await read.value(counted) or 0)


def _fits(word: str) -> ColumnElement[bool]:
    said = _says(word, Service.name, Category.name, Category.known_as, Service.provider, Service.server)
    digits = word.removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) < 19:
        return or_(Service.id == int(digits), Service.external_id == digits, said)
    return said


def _says(word: str, *columns: Any) -> ColumnElement[bool]:
    """Whether one of these holds the word; SQLite knows capitals of plain letters alone, so as typed counts too."""
    plain = [func.lower(column).contains(word.lower(), autoescape=True) for column in columns]
    return or_(*plain, *(column.contains(word, autoescape=True) for column in columns))


def _wares(*more: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Service.id,
            Service.category_id,
            Category.name,
            Service.name,
            Service.server,
            Service.provider,
            Service.unit,
            Service.rate,
            Service.cost,
            Service.offered,
            Service.on_sale,
            ServiceOverride.hidden,
            Category.hidden,
            *more,
        )
        .join(Category, Category.id == Service.category_id)
        .outerjoin(ServiceOverride, ServiceOverride.service_id == Service.id)
    )


def _shelves(which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Category.id,
            Category.name,
            Category.known_as,
            Category.hidden,
            func.count(Service.id).filter(Service.on_sale.is_(true())),
            func.count(Service.id).filter(Service.offered.is_(true())),
        )
        .outerjoin(Service, Service.category_id == Category.id)
        .where(which)
        .group_by(Category.id, Category.name, Category.known_as, Category.hidden, Category.position)
        .order_by(Category.position, Category.id)
    )
