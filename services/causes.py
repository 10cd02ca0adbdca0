"""Why an order probably stopped: read from what other orders did, said as a code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from services.db import ReadSession
from services.models import Order

LOOKED_BACK = timedelta(hours=24)
STOPPED = ("partial", "canceled")
OVERLOADED = 2
"""So many other orders stopped on the same service, within a day, point to the server."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """An order that its provider gave up."""

    order_id: int
    service_id: int
    link: str


def likely(stops_on_service: int, stops_on_link_elsewhere: int) -> str:
    """target: the same link stopped on another server too; overloaded: others stopped on this one; else unclear."""
    if stops_on_link_elsewhere:
        return "target"
    return "overloaded" if stops_on_service >= OVERLOADED else "unclear"


async def of(session: ReadSession, stopped: Sequence[Stopped], now: datetime) -> dict[int, str]:
    """The likely cause of each order just closed, by order id: two queries however many there are."""
    recently = (Order.closed_at >= now - LOOKED_BACK, Order.status.in_(STOPPED))
    services = await session.all(
        select(Order.service_id, func.count())
        .where(*recently, Order.service_id.in_({order.service_id for order in stopped}))
        .group_by(Order.service_id)
    )
    links = await session.all(
        select(Order.link, Order.service_id)
        .where(*recently, Order.link.in_({order.link for order in stopped}))
        .distinct()
    )
    counts = {row[0]: row[1] for row in services}
    elsewhere: dict[str, set[int]] = {}
    for link, service_id in links:
        elsewhere.setdefault(link, set()).add(service_id)
    return {
        order.order_id: likely(
            counts.get(order.service_id, 1) - 1, len(elsewhere.get(order.link, set()) - {order.service_id})
        )
        for order in stopped
    }
