"""Refills as the panel API words them: by our ids, of one person's orders alone."""

from collections.abc import Collection

from sqlalchemy import select

from services.db import ReadSession
from services.models import Order, Refill

WORDS = {
    "asked": "Pending",
    "sending": "Pending",
    "sent": "In progress",
    "done": "Completed",
    "rejected": "Rejected",
    "unknown": "Error",
}
"""The field's word for each state of a refill; of one that nobody can tell anything more about: Error."""


async def found(read: ReadSession, user_id: int, refill_ids: Collection[int]) -> dict[int, str]:
    """How those of these refills stand that are of this person's orders, by id."""
    rows = await read.all(
        select(Refill.id, Refill.state)
        .join(Order, Order.id == Refill.order_id)
        .where(Refill.id.in_(sorted(refill_ids)), Order.user_id == user_id)
    )
    return {row.id: WORDS[row.state] for row in rows}
