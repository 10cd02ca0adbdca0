"""Why an order probably stopped: the page of its link, other orders, its provider and its pace, weighed into a code."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, and_, case, delete, func, select, type_coerce

from services.db import ReadSession, WriteSession
from services.models import CheckedLink, Order, Provider
from services.page_signs import Code

LOOKED_BACK = timedelta(hours=24)
"""What happened to other orders within this time counts."""
JUST_NOW = timedelta(minutes=30)
"""A link looked at, or an error of a provider, is news for so long."""
STOPPED = ("partial", "canceled")
OVERLOADED = 2
"""Orders for so many other links stopped on the same service, within a day, point to the server."""
ENOUGH = 3
"""So many orders delivered in full show what pace is usual."""
SLOWED = 4
"""An order that came at less than one such part of the usual pace was held back before it stopped."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an order stopped; `sure` where it was seen, and not concluded.

    target_private, target_gone, target_renamed: what the link's page says. target: the same link stopped elsewhere,
    and its page does not say why. limits: the platform lets no more through. overloaded: others stopped on the server
    too. provider_trouble: its provider has errors just now. not_the_link: nothing is known but that the link is fine.
    unclear: nothing is known.
    """

    code: str
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about a stopped order: its link's page, and what happened around it."""

    page: str = "unclear"
    stops_on_service: int = 0
    """Other links for which orders stopped on the same service."""
    stopped_elsewhere: bool = False
    """The same link stopped on another service."""
    trouble: bool = False
    """Its provider has errors just now."""
    pace: float | None = None
    """How fast it came, as a share of what is usual on the service; None where nobody can say."""


@dataclass(frozen=True, slots=True)
class Served:
    """What became of the orders of a service lately: for how many links they stopped, how fast the others came."""

    stopped: int
    completed: int
    delivered: int
    span: int
    """Microseconds of all the completed ones together."""


UNCLEAR = Cause("unclear")
NOTHING = Served(0, 0, 0, 0)
_STOPS = and_(Order.status.in_(STOPPED), Order.placed_at.is_not(None))  # whoever took an order back stopped nothing
_SEEN = {code: Cause(f"target_{code}", sure=True) for code in ("private", "gone", "renamed")}


def weigh(known: Evidence) -> Cause:
    """The most likely cause: what was seen before what is concluded, what is near before what is far."""
    if known.page in _SEEN:
        return _SEEN[known.page]
    there = known.page == "there"
    if known.stopped_elsewhere:
        return Cause("limits" if there else "target")
    if known.stops_on_service >= OVERLOADED:
        return Cause("overloaded")
    if known.trouble:
        return Cause("provider_trouble")
    if known.pace is not None and known.pace * SLOWED < 1:
        return Cause("limits")
    return Cause("not_the_link") if there else UNCLEAR


async def of(session: ReadSession, order_ids: Collection[int], now: datetime) -> dict[int, Cause]:
    """The likely cause of each order just closed, by order id: five queries however many there are."""
    if not order_ids:
        return {}
    stopped = await session.all(
        select(
            Order.id, Order.service_id, Order.provider, Order.link, Order.delivered, Order.placed_at, Order.closed_at
        ).where(Order.id.in_(order_ids))
    )
    services, links = {row.service_id for row in stopped}, {row.link for row in stopped}
    pages = dict(await _pairs(session, _pages(links, now)))
    served = {row[0]: Served(*row[1:]) for row in await session.all(_served(services, now))}
    elsewhere: dict[str, set[int]] = {}
    for link, service_id in await _pairs(session, _stopped_at(links, now)):
        elsewhere.setdefault(link, set()).add(service_id)
    troubled = set(await session.values(select(Provider.name).where(Provider.last_error_at >= now - JUST_NOW)))
    return {
        row.id: weigh(
            Evidence(
                page=pages.get(row.link, "unclear"),
                stops_on_service=served.get(row.service_id, NOTHING).stopped - (row.closed_at >= now - LOOKED_BACK),
                stopped_elsewhere=bool(elsewhere.get(row.link, set()) - {row.service_id}),
                trouble=row.provider in troubled,
                pace=_pace(row, served.get(row.service_id, NOTHING)),
            )
        )
        for row in stopped
    }


async def remember(session: WriteSession, codes: Mapping[str, Code], now: datetime) -> None:
    """Write down what was seen of these links; what was seen before is over."""
    insert = session.insert(CheckedLink)
    await session.run(
        insert.on_conflict_do_update(
            index_elements=["link"], set_={"code": insert.excluded.code, "checked_at": insert.excluded.checked_at}
        ),
        [{"link": link, "code": code, "checked_at": now} for link, code in sorted(codes.items())],
    )


async def seen(session: ReadSession, link: str, now: datetime) -> str:
    """What the page of a link said a little while ago; unclear where nobody has looked."""
    found: dict[str, str] = dict(await _pairs(session, _pages([link], now)))
    return found.get(link, "unclear")


async def purge(session: WriteSession, before: datetime) -> None:
    """Forget the links looked at before."""
    await session.run(delete(CheckedLink).where(CheckedLink.checked_at < before))


async def _pairs(session: ReadSession, query: Any) -> list[tuple[Any, Any]]:
    return [(row[0], row[1]) for row in await session.all(query)]


def _pages(links: Collection[str], now: datetime) -> Any:
    return select(CheckedLink.link, CheckedLink.code).where(
        CheckedLink.link.in_(links), CheckedLink.checked_at >= now - JUST_NOW
    )


def _served(services: Collection[int], now: datetime) -> Any:
    """What became of the orders of each service lately, these among them: a row as Served, after the service's id."""
    full = Order.status == "completed"
    span = type_coerce(Order.closed_at, BigInteger) - type_coerce(Order.placed_at, BigInteger)
    return (
        select(
            Order.service_id,
            func.count(case((_STOPS, Order.link)).distinct()),  # ten orders for one dead link say one thing
            func.sum(case((full, 1), else_=0)),
            func.sum(case((full, Order.delivered), else_=0)),
            func.sum(case((full, span), else_=0)),
        )
        .where(Order.service_id.in_(services), Order.closed_at >= now - LOOKED_BACK)
        .group_by(Order.service_id)
    )


def _stopped_at(links: Collection[str], now: datetime) -> Any:
    recently = Order.closed_at >= now - LOOKED_BACK
    stops = select(Order.link, Order.service_id).where(recently, _STOPS, Order.link.in_(links))
    return stops.distinct()


def _pace(row: Any, served: Served) -> float | None:
    if served.completed < ENOUGH or not served.delivered or not served.span or row.placed_at is None:
        return None
    span = (row.closed_at - row.placed_at) // timedelta(microseconds=1)
    return float(row.delivered * served.span / (served.delivered * span)) if span else None
