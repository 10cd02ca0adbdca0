"""How servers fare of late: read from our own orders of a week, one query for any set of services.

Counted are orders that the provider took and that have ended. What the shop did itself says nothing of a server: an
order undone, refused or given up before the provider was known to have it never has a `placed_at`. Nor does a
subscription whose last day came. Of a service with much to do the last LOOKED_AT orders are enough, so that a look at
it costs the same however long the shop has been open.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from services.columns import Instant, micros
from services.db import ReadSession
from services.models import Order, Service

WEEK = timedelta(days=7)
TODAY = timedelta(hours=24)
LOOKED_AT = 100
"""Orders of one service that are looked at, the last ones."""
ENOUGH = 10
"""So many ended orders say something; fewer are chance."""
LATELY = 12
"""So many of today's last orders tell whether a server is struggling."""
SILENT = TODAY
"""An open order that has not moved for so long is in trouble: the longest pause of a drip-feed is a day."""
STOPPED = ("partial", "canceled")
_MICROSECOND = timedelta(microseconds=1)
_HOUR = timedelta(hours=1) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class Health:
    """How a service did: orders that ended this week, and of these how many stopped early or were cancelled.

    `lately` are today's last LATELY, of which `lately_stopped` did not come to their end; `silent` are open orders that
    stand still. `start` and `finish` are median times from the provider's acceptance to the first delivery seen and to
    completion; `pace` is what was delivered in an hour, in the unit of the service.
    """

    ended: int = 0
    partial: int = 0
    canceled: int = 0
    lately: int = 0
    lately_stopped: int = 0
    silent: int = 0
    start: timedelta | None = None
    finish: timedelta | None = None
    pace: int | None = None

    @property
    def completed(self) -> int:
        """Orders delivered in full."""
        return self.ended - self.partial - self.canceled

    @property
    def known(self) -> bool:
        """Whether there is enough to judge by."""
        return self.ended >= ENOUGH

    @property
    def completed_percent(self) -> int:
        """The share delivered in full, rounded down: 100 means all."""
        return self.completed * 100 // self.ended if self.ended else 0

    @property
    def trouble_percent(self) -> int:
        """The share that stopped, was cancelled or stands still, rounded down."""
        stuck = self.ended + self.silent
        return (self.partial + self.canceled + self.silent) * 100 // stuck if stuck else 0

    @property
    def struggling(self) -> bool:
        """Whether half of today's last orders stopped, where there were enough of them."""
        return self.lately >= ENOUGH and self.lately_stopped * 2 >= self.lately

    @property
    def trouble(self) -> int:
        """0: none, or too little is known; 1: a fifth of its orders stopped or stand still; 2: half of them."""
        if self.struggling:
            return 2
        share = self.trouble_percent if self.ended + self.silent >= ENOUGH else 0
        return 2 if share >= 50 else 1 if share >= 20 else 0

    @property
    def usual(self) -> timedelta | None:
        """How long an order usually takes, where enough were completed to say so."""
        return self.finish if self.completed >= ENOUGH else None

    @property
    def badges(self) -> tuple[str, ...]:
        """What customers are told, by code: struggling or completed, then finish; nothing where too little is known."""
        told = ["struggling"] if self.struggling else ["completed"] if self.known else []
        if self.usual is not None:
            told.append("finish")
        return tuple(told)


UNKNOWN = Health()
"""Of a service that nobody has ordered this week."""


async def of(session: ReadSession, service_ids: Collection[int], now: datetime) -> dict[int, Health]:
    """How each of these services fares; one query, whatever their number."""
    return dict.fromkeys(service_ids, UNKNOWN) | await _of(session, Service.id.in_(service_ids), now)


@dataclass(frozen=True, slots=True)
class InFull:
    """What admins see of a service: its `provider`, and how all that this provider delivers fares beside it."""

    provider: str
    service: Health
    whole: Health


async def in_full(session: ReadSession, service_id: int, now: datetime) -> InFull:
    """How a service and its provider fare; of the provider as a whole only what can be added up. Two queries."""
    provider = await session.value(select(Service.provider).where(Service.id == service_id)) or ""
    fares = await _of(session, Service.provider == provider, now)
    return InFull(provider, fares.get(service_id, UNKNOWN), _together(fares))


async def of_provider(session: ReadSession, provider: str, now: datetime) -> Health:
    """How all that a provider delivers fares, as far as it can be added up."""
    return _together(await _of(session, Service.provider == provider, now))


def _together(fares: Mapping[int, Health]) -> Health:
    return Health(
        ended=sum(each.ended for each in fares.values()),
        partial=sum(each.partial for each in fares.values()),
        canceled=sum(each.canceled for each in fares.values()),
        silent=sum(each.silent for each in fares.values()),
    )


async def of_shelves(session: ReadSession, category_ids: Collection[int], now: datetime) -> dict[int, Health]:
    """How the services of these categories fare, where anything is known of them; one query as well."""
    return await _of(session, Service.category_id.in_(category_ids), now)


async def _of(session: ReadSession, which: ColumnElement[bool], now: datetime) -> dict[int, Health]:
    """`which` is a condition on services."""
    ended, silent = _ended(which, now).subquery(), _silent(which, now).subquery()
    rows = await session.all(
        select(Service.id, ended, silent.c.silent)
        .outerjoin(ended, ended.c.service_id == Service.id)
        .outerjoin(silent, silent.c.service_id == Service.id)
        .where(which, or_(ended.c.ended > 0, silent.c.silent > 0))
    )
    return {row.id: _health(row) for row in rows}


def _health(row: Any) -> Health:
    return Health(
        ended=row.ended or 0,
        partial=row.partial or 0,
        canceled=row.canceled or 0,
        lately=row.lately or 0,
        lately_stopped=row.lately_stopped or 0,
        silent=row.silent or 0,
        start=_span(row.start),
        finish=_span(row.finish),
        pace=int(row.delivered * _HOUR // row.spent) if row.spent else None,
    )


def _span(microseconds: int | None) -> timedelta | None:
    return None if microseconds is None else microseconds * _MICROSECOND


def _ended(which: ColumnElement[bool], now: datetime) -> Select[Any]:
    """One row of figures for each service with orders that ended: medians by their place, as both engines know it."""
    rows = _ranked(_looked_at(which, now))
    stopped, lately = rows.c.status.in_(STOPPED), and_(rows.c.place <= LATELY, rows.c.closed >= micros(now - TODAY))
    return select(
        rows.c.service_id,
        func.count().label("ended"),
        func.count().filter(rows.c.status == "partial").label("partial"),
        func.count().filter(rows.c.status == "canceled").label("canceled"),
        func.count().filter(lately).label("lately"),
        func.count().filter(lately, stopped).label("lately_stopped"),
        func.max(rows.c.start).filter(rows.c.start_place == (rows.c.starts + 1) // 2).label("start"),
        func.max(rows.c.finish).filter(rows.c.finish_place == (rows.c.finishes + 1) // 2).label("finish"),
        func.sum(rows.c.delivered).label("delivered"),
        func.sum(rows.c.spent).label("spent"),
    ).group_by(rows.c.service_id)


def _looked_at(which: ColumnElement[bool], now: datetime) -> FromClause:
    """The orders that count, by the index (service_id, closed_at)."""
    later, since = aliased(Order), now - WEEK
    last = (
        select(later.closed_at)
        .where(later.service_id == Service.id, later.closed_at >= since)
        .order_by(later.closed_at.desc())
        .limit(1)
        .offset(LOOKED_AT - 1)
        .scalar_subquery()
    )
    begun, first, closed = _micros(Order.placed_at), _micros(Order.started_at), _micros(Order.closed_at)
    return (
        select(
            Order.id,
            Order.service_id,
            Order.status,
            Order.delivered,
            closed.label("closed"),
            (closed - begun).label("spent"),
            (first - begun).label("start"),
            case((Order.status == "completed", closed - begun)).label("finish"),
        )
        .join(Service, Service.id == Order.service_id)
        .where(
            which,
            Order.closed_at >= func.coalesce(last, literal(since, Instant())),
            Order.placed_at.is_not(None),
            Order.status.in_(("completed", *STOPPED)),
            func.lower(Order.progress) != "expired",
        )
        .subquery()
    )


def _ranked(rows: FromClause) -> FromClause:
    """The same with the place of each order among those of its service: by age, and by the times it took."""
    mine = rows.c.service_id

    def place(*order: Any) -> ColumnElement[int]:
        return func.row_number().over(partition_by=mine, order_by=order)

    return select(
        rows,
        place(rows.c.closed.desc(), rows.c.id.desc()).label("place"),
        place(rows.c.start.nulls_last()).label("start_place"),
        place(rows.c.finish.nulls_last()).label("finish_place"),
        func.count(rows.c.start).over(partition_by=mine).label("starts"),
        func.count(rows.c.finish).over(partition_by=mine).label("finishes"),
    ).subquery()


def _silent(which: ColumnElement[bool], now: datetime) -> Select[int, int]:
    """Open orders that stand still, by the same index. A subscription waits for its customer, not for the server."""
    return (
        select(Order.service_id, func.count().label("silent"))
        .join(Service, Service.id == Order.service_id)
        .where(
            which,
            Order.closed_at.is_(None),
            Order.status == "placed",
            Order.unit != "post",
            Order.moved_at <= now - SILENT,
        )
        .group_by(Order.service_id)
    )


def _micros(moment: InstrumentedAttribute[Any]) -> ColumnElement[int]:
    return type_coerce(moment, BigInteger)
