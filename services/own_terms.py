"""What the shop sets by hand about its services: kept apart from what their providers say, and in force in the rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, select, true, update

from services import order_types, pricing
from services.db import ReadSession, WriteSession
from services.models import Category, Markup, Service, ServiceOverride
from services.money import Money

_LOCK = 0x0CA7A106
"""PostgreSQL's advisory lock of whoever changes the shelves."""


@dataclass(frozen=True, slots=True)
class Own:
    """What stands about one service; None: nothing, as its provider says.

    There is either a price (`rate`) or a `markup` in percent. `their_name` and `their_description` are what would stand
    there instead of ours.
    """

    hidden: bool = False
    name: str | None = None
    their_name: str | None = None
    description: str | None = None
    their_description: str | None = None
    rate: Money | None = None
    markup: Decimal | None = None
    position: int | None = None


NOTHING = Own()


async def in_turn(write: WriteSession) -> None:
    """Until this transaction ends nobody else changes the shelves.

    Two syncs at once might give two services the same letter, and one beside an admin would not see what they set.
    """
    if write.on_postgres:
        await write.value(select(func.pg_advisory_xact_lock(_LOCK)))


async def of_provider(read: ReadSession, provider: str) -> dict[str, Own]:
    """All that stands about the services of a provider, by its own number of each."""
    found = select(Service.external_id, *_columns()).join(Service, Service.id == ServiceOverride.service_id)
    return {row[0]: _own(row[1:]) for row in await read.all(found.where(Service.provider == provider))}


async def of_service(read: ReadSession, service_id: int) -> Own:
    """What stands about one service."""
    row = await read.first(_mine(service_id))
    return NOTHING if row is None else _own(row)


def rate(own: Own, cost: Money, usual: Money) -> Money:
    """Our price of a service with this cost; `usual` is what its provider's markup makes it."""
    if own.rate is not None:
        return own.rate
    return usual if own.markup is None else pricing.selling_rate(cost, own.markup)


def countable(rate: Money, kind: str, largest: int) -> Money:
    """The rate again; ValueError where the dearest order of such a service would be more than money can be counted."""
    pricing.charge(rate, *(order_types.of(kind) or order_types.TYPES["default"]).dearest(largest))
    return rate


async def put(write: WriteSession, service_id: int, **values: Any) -> None:
    """Let this stand about a service from now on; its row is the caller's to bring in line."""
    insert = write.insert(ServiceOverride).values(service_id=service_id, **{"hidden": False} | values)
    await write.run(insert.on_conflict_do_update(index_elements=["service_id"], set_=values))


async def change(write: WriteSession, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Change what stands about these services, in one statement for all of which the same things change."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for service_id, values in changes.items():
        row = {f"new_{name}": value for name, value in values.items()}
        alike[tuple(values)].append(row | {"row_id": service_id})
    for names, rows in alike.items():
        fresh: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        await write.run(
            update(ServiceOverride).where(ServiceOverride.service_id == bindparam("row_id")).values(fresh), rows
        )


async def markup(read: ReadSession, provider: str, otherwise: Decimal) -> Decimal:
    """What is added to a provider's prices, in percent; `otherwise` is what the settings say."""
    percent = await read.value(select(Markup.percent).where(Markup.provider == provider))
    return otherwise if percent is None else Decimal(percent)


async def put_on_sale(write: WriteSession, which: ColumnElement[bool], now: datetime) -> int:
    """Bring on or off sale what of these services is to be, in one statement; how many were not as they are now."""
    hidden = select(ServiceOverride.service_id).where(ServiceOverride.hidden.is_(true()))
    shut = select(Category.id).where(Category.hidden.is_(true()))
    sold = and_(
        Service.offered.is_(true()),
        Service.rate >= Service.cost,
        Service.id.not_in(hidden),
        Service.category_id.not_in(shut),
    )
    opened = await write.run(
        update(Service).where(which, Service.on_sale.is_(false()), sold).values(on_sale=True, updated_at=now)
    )
    closed = await write.run(
        update(Service).where(which, Service.on_sale.is_(true()), ~sold).values(on_sale=False, updated_at=now)
    )
    write.announce("rests")
    return opened.rowcount + closed.rowcount


def _mine(service_id: int) -> Select[*tuple[Any, ...]]:
    return select(*_columns()).where(ServiceOverride.service_id == service_id)


def _columns() -> Sequence[Any]:
    return [getattr(ServiceOverride, name) for name in Own.__slots__]


def _own(row: Sequence[Any]) -> Own:
    hidden, name, their_name, description, their_description, rate, percent, position = row
    markup = None if percent is None else Decimal(percent)
    return Own(hidden, name, their_name, description, their_description, rate, markup, position)
