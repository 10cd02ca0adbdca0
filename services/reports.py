"""What the shop sold, earned and paid back in a period, a few queries over sets of rows whatever its length.

Money is told by the day it moved, read off the ledger: what an order leaves on the day it closed, a refund on the day
it was paid, a correction on the day it came. What orders cost stands on the orders alone: it is told on the day they
closed, for what they are known to have delivered by now. Moments are in UTC, and a period ends before midnight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, func, or_, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from services.columns import micros
from services.db import ReadSession
from services.models import Order, Service, Transfer, User
from services.money import ZERO, Money
from services.periods import Period

TOP = 5
ENDS = ("completed", "partial", "canceled")
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one stretch of time. `kept` is the shop's share of closed orders less what corrections took back of it.

    `cost` is what the providers' part of that costs, `lost` what may have been paid for nothing, `refunded` what went
    back into wallets. `placed` counts orders bought, the next three how those ended that a provider had taken; `joined`
    people who came.
    """

    kept: Money = ZERO
    cost: Money = ZERO
    lost: Money = ZERO
    refunded: Money = ZERO
    placed: int = 0
    completed: int = 0
    partial: int = 0
    canceled: int = 0
    joined: int = 0

    @property
    def profit(self) -> Money:
        """What is left of what was kept."""
        return self.kept - self.cost - self.lost

    @property
    def ended(self) -> int:
        """Orders that came to an end."""
        return self.completed + self.partial + self.canceled

    @property
    def partial_percent(self) -> int:
        """The share of these that stopped half-way, to the nearest percent."""
        return (200 * self.partial + self.ended) // (2 * self.ended) if self.ended else 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, name) + getattr(other, name) for name in NAMES))


NAMES = tuple(field.name for field in fields(Figures))
_AMOUNTS = ("kept", "cost", "lost", "refunded")


@dataclass(frozen=True, slots=True)
class Slot:
    """One step of a period: an hour, a day or a week from `since`."""

    since: datetime
    figures: Figures


@dataclass(frozen=True, slots=True)
class Seller:
    """A service and what the shop kept of its orders; `orders` are those that closed with something kept."""

    service_id: int
    name: str
    server: str
    kept: Money
    orders: int


async def course(read: ReadSession, period: Period) -> list[Slot]:
    """The figures of each step of the period, its first and last ones included, also where nothing happened."""
    steps = -(-(period.until - period.since) // period.step)
    found: list[dict[str, Any]] = [{} for _ in range(steps)]
    for row in [*await _moved(read, period), *await _counted(read, period)]:
        values = row._asdict()
        found[int(values["slot"])].update({name: value for name, value in values.items() if name != "slot"})
    return [Slot(period.since + place * period.step, _figures(sums)) for place, sums in enumerate(found)]


def total(slots: Sequence[Slot]) -> Figures:
    """The figures of all of them together."""
    return sum((slot.figures for slot in slots), Figures())


async def statuses(read: ReadSession, period: Period) -> dict[str, int]:
    """How the orders that were bought in the period stand by now; statuses that none has are left out."""
    rows = await read.all(
        select(Order.status, func.count()).where(*_within(Order.created_at, period)).group_by(Order.status)
    )
    return {row[0]: row[1] for row in rows}


async def active(read: ReadSession, period: Period) -> int:
    """How many people bought something in it."""
    bought = select(func.count(Order.user_id.distinct())).where(*_within(Order.created_at, period))
    return await read.value(bought) or 0


async def sellers(read: ReadSession, period: Period, limit: int = TOP) -> list[Seller]:
    """The services that the shop kept most of, corrections taken off, the best first."""
    kept = func.coalesce(func.sum(_signed("revenue")), 0)
    rows = await read.all(
        select(
            Service.id, Service.name, Service.server, kept.label("kept"), func.count().filter(Transfer.code == "kept")
        )
        .join(Order, Order.id == Transfer.order_id)
        .join(Service, Service.id == Order.service_id)
        .where(*_within(Transfer.created_at, period), or_(Transfer.dst == "revenue", Transfer.src == "revenue"))
        .group_by(Service.id, Service.name, Service.server)
        .order_by(kept.desc(), Service.id)
        .limit(limit)
    )
    return [Seller(row[0], row[1], row[2], Money(int(row[3])), row[4]) for row in rows]


def cost() -> ColumnElement[int]:
    """What the provider's part of an order costs, in micro-units, for what it has delivered.

    Whole micro-units an order: the product of rate and count must not be summed up, it would leave 64 bits.
    """
    return type_coerce(Order.cost, BigInteger) * Order.delivered * Order.each // 1000


async def _moved(read: ReadSession, period: Period) -> Sequence[Any]:
    """The money of each step: one pass over the transfers of the period, so that none is missed."""
    slot = _slot(Transfer.created_at, period)
    amount = type_coerce(Transfer.amount, BigInteger)
    return await read.all(
        select(
            slot,
            func.sum(_signed("revenue")).label("kept"),
            func.sum(cost()).label("cost"),
            (-func.sum(_signed("loss"))).label("lost"),
            func.sum(amount).filter(Transfer.code == "refund").label("refunded"),
        )
        .outerjoin(Order, and_(Order.id == Transfer.order_id, Transfer.code == "kept"))
        .where(*_within(Transfer.created_at, period))
        .group_by(slot)
    )


def _signed(account: str) -> ColumnElement[int]:
    """What a transfer adds to an account, below 0 where it takes."""
    amount = type_coerce(Transfer.amount, BigInteger)
    return case((Transfer.dst == account, amount), (Transfer.src == account, -amount), else_=0)


async def _counted(read: ReadSession, period: Period) -> list[Any]:
    """Orders bought, orders ended and people met, in each step."""
    bought, ended, met = (_slot(moment, period) for moment in (Order.created_at, Order.closed_at, User.created_at))
    return [
        *await read.all(
            select(bought, func.count().label("placed")).where(*_within(Order.created_at, period)).group_by(bought)
        ),
        *await read.all(
            select(ended, *(func.count().filter(Order.status == end).label(end) for end in ENDS))
            .where(
                Order.service_id.in_(select(Service.id)),  # by the index (service_id, closed_at)
                *_within(Order.closed_at, period),
                Order.placed_at.is_not(None),
            )
            .group_by(ended)
        ),
        *await read.all(
            select(met, func.count().label("joined")).where(*_within(User.created_at, period)).group_by(met)
        ),
    ]


def _within(moment: InstrumentedAttribute[Any], period: Period) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return moment >= period.since, moment < period.until


def _slot(moment: InstrumentedAttribute[Any], period: Period) -> ColumnElement[int]:
    """Which step of the period a moment falls into, from 0."""
    passed = type_coerce(moment, BigInteger) - micros(period.since)
    return (passed // (period.step // _MICROSECOND)).label("slot")


def _figures(sums: Mapping[str, Any]) -> Figures:
    told: dict[str, Any] = {name: int(value or 0) for name, value in sums.items()}
    told |= {name: Money(told[name]) for name in _AMOUNTS if name in told}
    return Figures(**told)
