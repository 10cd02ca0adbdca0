"""What the staff changes about services and categories by hand: in force at once, kept by every sync, taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, true, update

from services import own_terms, pricing, scheduled_prices, server_labels, service_news
from services.db import ReadSession, WriteSession
from services.errors import BelowCost, NameTaken, NotInCatalogue, PriceTooHigh
from services.models import Category, Service
from services.money import Money
from services.own_terms import Own

Shown = str | Money | int


@dataclass(frozen=True, slots=True)
class Change:
    """What was there and what is there now, as the log keeps it; `sold` services came on or off sale by it."""

    old: Shown
    new: Shown
    sold: int = 0


async def hide(write: WriteSession, service_id: int, *, hidden: bool, now: datetime) -> Change:
    """Take a service off sale until it is shown again, or show it. BelowCost where that would lose money."""
    row, own = await _service(write, service_id)
    if not hidden and row.rate < row.cost:
        raise BelowCost(price=row.rate, cost=row.cost)
    await own_terms.put(write, service_id, hidden=hidden)
    async with service_news.told(write, now, Service.id == service_id):
        sold = await own_terms.put_on_sale(write, Service.id == service_id, now)
    return Change(_seen(own.hidden), _seen(hidden), sold)


async def rename(write: WriteSession, service_id: int, name: str | None, *, now: datetime) -> Change:
    """Call a service something else than its provider does; None: as its provider calls it."""
    row, own = await _service(write, service_id)
    theirs = own.their_name or row.name
    await own_terms.put(write, service_id, name=name, their_name=None if name is None else theirs)
    async with service_news.told(write, now, Service.id == service_id):
        await _write(write, service_id, now, name=name or theirs)
    return Change(row.name, name or theirs)


async def describe(write: WriteSession, service_id: int, text: str | None, *, now: datetime) -> Change:
    """Describe a service in the shop's own words, "" for no description at all; None: in its provider's words."""
    row, own = await _service(write, service_id)
    theirs = row.description if own.description is None else own.their_description
    await own_terms.put(write, service_id, description=text, their_description=None if text is None else theirs)
    told = theirs if text is None else text or None
    await _write(write, service_id, now, description=told)
    return Change(row.description or "", told or "")


async def reprice(
    write: WriteSession,
    service_id: int,
    *,
    rate: Money | None = None,
    percent: Decimal | None = None,
    markups: Mapping[str, Decimal],
    now: datetime,
) -> Change:
    """Sell a service at a rate of its own, or at `percent` above its cost, or, given neither, at its provider's markup.

    In force at once, and instead of what was announced. `markups` are those of the settings. BelowCost or PriceTooHigh
    where it cannot be sold at that.
    """
    row, _ = await _service(write, service_id)
    fresh = await _quoted(write, row, rate=rate, percent=percent, markups=markups)
    async with service_news.told(write, now, Service.id == service_id):
        await own_terms.put(write, service_id, rate=rate, markup=None if percent is None else f"{percent:f}")
        await scheduled_prices.drop(write, service_id)
        await _write(write, service_id, now, rate=fresh)
        sold = await own_terms.put_on_sale(write, Service.id == service_id, now)
    return Change(row.rate, fresh, sold)


async def foresee(
    read: ReadSession,
    service_id: int,
    *,
    rate: Money | None = None,
    percent: Decimal | None = None,
    markups: Mapping[str, Decimal],
) -> Money:
    """The price that `reprice` would set; raises what it would."""
    return await _quoted(read, await _row(read, service_id), rate=rate, percent=percent, markups=markups)


async def _quoted(
    read: ReadSession, row: Any, *, rate: Money | None, percent: Decimal | None, markups: Mapping[str, Decimal]
) -> Money:
    general = await own_terms.markup(read, row.provider, markups.get(row.provider, Decimal(0)))
    try:
        usual = pricing.selling_rate(row.cost, general)
        fresh = own_terms.countable(own_terms.rate(Own(rate=rate, markup=percent), row.cost, usual), row.type, row.max)
    except ValueError:
        raise PriceTooHigh from None
    if fresh < row.cost:
        raise BelowCost(price=fresh, cost=row.cost)
    return fresh


async def move(write: WriteSession, service_id: int, *, up: bool, now: datetime) -> Change | None:
    """Change a service's place with its neighbour's among those on sale; None where it has none on that side."""
    row, _ = await _service(write, service_id)
    shelf = select(Service.id, Service.position, Service.on_sale.label("shown"))
    rows = await write.all(shelf.where(Service.category_id == row.category_id).order_by(Service.position, Service.id))
    moved = _moved(rows, service_id, up=up)
    if moved is None:
        return None
    places, old, new = moved
    for other, position in places.items():
        await own_terms.put(write, other, position=position)
        await _write(write, other, now, position=position)
    return Change(old, new)


async def put_back(write: WriteSession, service_id: int, *, now: datetime) -> Change:
    """Give a service the place that its server's letter has."""
    row, _ = await _service(write, service_id)
    place = server_labels.rank(row.server)
    await own_terms.put(write, service_id, position=None)
    await _write(write, service_id, now, position=place)
    return Change(row.position, place)


async def hide_category(write: WriteSession, category_id: int, *, hidden: bool, now: datetime) -> Change:
    """Take all of a category off sale until it is shown again, or show it: what is hidden by itself stays hidden."""
    row = await _category(write, category_id)
    await write.run(update(Category).where(Category.id == category_id).values(hidden=hidden))
    async with service_news.told(write, now, Service.category_id == category_id):
        sold = await own_terms.put_on_sale(write, Service.category_id == category_id, now)
    return Change(_seen(row.hidden), _seen(hidden), sold)


async def rename_category(write: WriteSession, category_id: int, name: str | None, *, now: datetime) -> Change:
    """Call a category something else than its providers do; None: as they call it. NameTaken where another has it."""
    row = await _category(write, category_id)
    name = name or row.known_as
    others = await write.all(select(Category.name, Category.known_as).where(Category.id != category_id))
    if name.casefold() in {one.casefold() for other in others for one in other}:
        raise NameTaken(name=name)
    async with service_news.told(write, now, Service.category_id == category_id):
        await write.run(update(Category).where(Category.id == category_id).values(name=name))
    return Change(row.name, name)


async def move_category(write: WriteSession, category_id: int, *, up: bool) -> Change | None:
    """Change a category's place with its neighbour's among those that customers see; None as in `move`."""
    await _category(write, category_id)
    on_sale = select(Service.id).where(Service.category_id == Category.id, Service.on_sale.is_(true())).exists()
    rows = await write.all(
        select(Category.id, Category.position, on_sale.label("shown")).order_by(Category.position, Category.id)
    )
    moved = _moved(rows, category_id, up=up)
    if moved is None:
        return None
    places, old, new = moved
    for other, position in places.items():
        await write.run(update(Category).where(Category.id == other).values(position=position))
    return Change(old, new)


def _moved(rows: Sequence[Any], this: int, *, up: bool) -> tuple[dict[int, int], int, int] | None:
    """The new position of every row that gets one, and the place of `this` among what is shown, before and after.

    Two change places; where others stood at one and the same position, they are set apart on the way.
    """
    shown = [row.id for row in rows if row.shown or row.id == this]
    place = shown.index(this)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(shown):
        return None
    order = [row.id for row in rows]
    one, two = order.index(this), order.index(shown[other])
    order[one], order[two] = order[two], order[one]
    before, changed, last = {row.id: row.position for row in rows}, {}, -1
    for key, position in zip(order, [row.position for row in rows], strict=True):
        last = max(position, last + 1)
        if before[key] != last:
            changed[key] = last
    return changed, place + 1, other + 1


async def _service(write: WriteSession, service_id: int) -> tuple[Any, Own]:
    await own_terms.in_turn(write)
    return await _row(write, service_id), await own_terms.of_service(write, service_id)


async def _row(read: ReadSession, service_id: int) -> Any:
    row = await read.first(select(*Service.__table__.columns).where(Service.id == service_id))
    if row is None:
        raise NotInCatalogue(kind="service", id=str(service_id))
    return row


async def _category(write: WriteSession, category_id: int) -> Any:
    await own_terms.in_turn(write)
    row = await write.first(select(*Category.__table__.columns).where(Category.id == category_id))
    if row is None:
        raise NotInCatalogue(kind="category", id=str(category_id))
    return row


async def _write(write: WriteSession, service_id: int, now: datetime, **values: Any) -> None:
    await write.run(update(Service).where(Service.id == service_id).values(**values, updated_at=now))


def _seen(hidden: bool) -> str:
    return "hidden" if hidden else "shown"
