"""Orders found for the staff: by whatever is known of one, page by page, and those that wait for a decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, text, union
from sqlalchemy.orm import InstrumentedAttribute

from services import fulfilment, links, placing, settlement
from services.db import ReadSession
from services.errors import BadLink
from services.models import ORDER_STATUSES, POLLED, UNKNOWN, Order, Service, User
from services.money import Money
from services.policy import Policy

OPEN = "open"
"""What is not over yet, beside the statuses themselves."""
STATUSES = (OPEN, *ORDER_STATUSES)
LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Listed:
    """An order as a line of a list for the staff; `since` is when it last moved."""

    id: int
    user_id: int
    customer: str
    service_name: str
    server: str
    provider: str
    provider_order_id: str | None
    link: str
    status: str
    progress: str
    quantity: int
    delivered: int
    unit: str
    charge: Money
    created_at: datetime
    since: datetime


_LISTED: tuple[InstrumentedAttribute[Any], ...] = (
    Order.id,
    Order.user_id,
    User.name,
    Order.service_name,
    Order.server,
    Order.provider,
    Order.provider_order_id,
    Order.link,
    Order.status,
    Order.progress,
    Order.quantity,
    Order.delivered,
    Order.unit,
    Order.charge,
    Order.created_at,
    Order.moved_at,
)


@dataclass(frozen=True, slots=True)
class Only:
    """Which orders a list holds: those that meet all that is given. `status` is one of STATUSES."""

    status: str | None = None
    user_id: int | None = None
    service_id: int | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A placed order whose count only a person can tell.

    `why`: unreadable, the provider does not say how much is left; silent, it says nothing of it; missing, it is not in
    the settings.
    """

    order: Listed
    why: str


@dataclass(frozen=True, slots=True)
class Doubted:
    """An order that nobody knows a provider to have, with the number of its last attempt."""

    order: Listed
    attempt: int


async def search(read: ReadSession, what: str, *, limit: int) -> Sequence[Listed]:
    """Up to `limit` orders that `what` may mean, the newest first.

    #12 is our number; 12 is that too, a customer's id or the provider's number of an order; @mia a customer; anything
    else a link or the provider's own id.
    """
    found = union(*(select(_newest(branch, limit).subquery()) for branch in _meanings(what))).subquery()
    rows = await read.all(_listing().where(Order.id.in_(select(found))).order_by(Order.id.desc()).limit(limit))
    return [_listed(row) for row in rows]


def _meanings(what: str) -> list[ColumnElement[bool]]:
    digits = what.removeprefix("#")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None
    numbered = number is not None and number <= LARGEST
    if what.startswith("#"):
        return [Order.id == (number if numbered else -1)]
    if what.startswith("@"):
        named = select(User.id).where(func.lower(User.username) == what[1:].lower())
        return [Order.user_id.in_(named)]
    # The index has the provider before its id: SQLite looks each one up in it.
    sold_from = select(Service.provider).distinct()
    theirs: ColumnElement[bool] = Order.provider.in_(sold_from) & (Order.provider_order_id == what)
    if numbered:
        return [Order.id == number, Order.user_id == number, theirs]
    return [theirs, Order.link.in_(spellings(what))]


def spellings(link: str) -> set[str]:
    """The ways in which the link that somebody typed may have been kept; itself alone where it is none."""
    try:
        whole = links.normalise(link, "")
    except BadLink:
        return {link}
    scheme, _, rest = whole.partition("://")
    bare = rest.removeprefix("www.").rstrip("/")
    return {
        whole,
        *(f"{kind}://{www}{bare}{slash}" for kind in {scheme, "https"} for www in ("", "www.") for slash in ("", "/")),
    }


def _newest(which: ColumnElement[bool], limit: int) -> Select[int]:
    return select(Order.id).where(which).order_by(Order.id.desc()).limit(limit)


def _listed(row: Any) -> Listed:
    return Listed(*row)


def _listing() -> Select[Any]:
    listing: Select[Any] = select(*_LISTED).join(User, User.id == Order.user_id)
    return listing


async def page(read: ReadSession, only: Only, *, limit: int, before: int | None = None) -> Sequence[Listed]:
    """Up to `limit` orders, the newest first, older than order `before` where one is given."""
    chosen = _listing().where(*_conditions(only))
    if before is not None:
        chosen = chosen.where(Order.id < before)
    return [_listed(row) for row in await read.all(chosen.order_by(Order.id.desc()).limit(limit))]


def _conditions(only: Only) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if only.status == OPEN:
        found.append(Order.closed_at.is_(None))
    elif only.status is not None:
        found.append(Order.status == only.status)
    if only.user_id is not None:
        found.append(Order.user_id == only.user_id)
    if only.service_id is not None:
        found.append(Order.service_id == only.service_id)
    if only.provider is not None:
        found.append(Order.provider == only.provider)
    return found


async def doubted(read: ReadSession, *, limit: int, offset: int = 0) -> Sequence[Doubted]:
    """Up to `limit` orders in doubt, those that have waited longest first."""
    chosen = _listing().where(text(UNKNOWN)).order_by(Order.moved_at, Order.id).limit(limit).offset(offset)
    found = [_listed(row) for row in await read.all(chosen)]
    numbers = await placing.attempts(read, [order.id for order in found])
    return [Doubted(order, numbers[order.id]) for order in found]


async def held(read: ReadSession, policy: Policy, *, limit: int, offset: int = 0) -> Sequence[Held]:
    """Up to `limit` placed orders that wait for a count by hand, those that have waited longest first."""
    unreadable = Order.unreadable_polls >= settlement.UNREADABLE_LIMIT
    missing = Order.provider.not_in(policy.providers)
    waits = or_(unreadable, Order.silent_looks >= fulfilment.SILENCES, missing)
    chosen = (
        select(*_LISTED, unreadable.label("unreadable"), missing.label("missing"))
        .join(User, User.id == Order.user_id)
        .where(text(POLLED), Order.status == settlement.OPEN, waits)
        .order_by(Order.moved_at, Order.id)
        .limit(limit)
        .offset(offset)
    )
    return [
        Held(_listed(row[:-2]), "missing" if row.missing else "unreadable" if row.unreadable else "silent")
        for row in await read.all(chosen)
    ]
