"""Webhooks: where a reseller's site is told of changes, and the messages to it, written with what caused them.

Shape and signature are those of the Standard Webhooks specification. A message has one id for all its tries; it is sent
by services.deliveries until the site takes it.
"""

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text

from services.db import ReadSession, WriteSession
from services.models import FRESH, Account, Delivery, Reseller, Webhook

UPDATED = "order.updated"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, for the site of `user_id`; `data` is ready for JSON."""

    user_id: int
    kind: str
    data: Mapping[str, Any]
    order_id: int | None = None


async def addressed(read: ReadSession, users: Collection[int]) -> dict[int, str]:
    """Those of these people whose sites are told of changes, each with the currency of the shop."""
    currency = select(Account.currency).where(Account.id == "revenue").scalar_subquery()
    rows = await read.all(
        select(Webhook.user_id, currency.label("currency"))
        .join(Reseller, Reseller.user_id == Webhook.user_id)
        .where(Webhook.user_id.in_(users), Webhook.state == "on", Reseller.state == "approved")
    )
    return {row.user_id: row.currency for row in rows}


async def put(session: WriteSession, events: Sequence[Event], now: datetime) -> None:
    """Write the messages down: they leave once this transaction is committed.

    Of the updates of one order that have not left yet the last one is kept, and none once it has come to an end.
    """
    if not events:
        return
    updates = [_row(event, now) for event in events if event.kind == UPDATED]
    others = [_row(event, now) for event in events if event.kind != UPDATED]
    if others:
        ended = [event.order_id for event in events if event.kind != UPDATED and event.order_id is not None]
        await session.run(delete(Delivery).where(text(FRESH), Delivery.order_id.in_(ended)))
        await session.run(session.insert(Delivery), others)
    if updates:
        insert = session.insert(Delivery)
        latest = insert.on_conflict_do_update(
            index_elements=["user_id", "order_id"],
            index_where=text(FRESH),
            set_={"body": insert.excluded.body, "created_at": insert.excluded.created_at},
        )
        await session.run(latest, updates)
    session.announce("deliveries")


def _row(event: Event, now: datetime) -> dict[str, Any]:
    body = {"type": event.kind, "timestamp": now.isoformat(timespec="microseconds"), "data": event.data}
    return {
        "key": f"msg_{secrets.token_urlsafe(18)}",
        "user_id": event.user_id,
        "order_id": event.order_id,
        "kind": event.kind,
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        "due_at": now,
        "created_at": now,
    }
