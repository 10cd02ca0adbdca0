"""What became of orders, told: the live card in their customer's chat, and what sites and chats of resellers hear.

Everybody who changes how orders look tells it here, in the transaction of the change. An order that a reseller's site
made has no card, and no notice in the chat of whoever owns the key.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from services import notices, outbox, reseller_events, reseller_news, webhooks
from services.db import WriteSession
from services.models import Resale
from services.order_view import UNDONE, OrderView
from services.reseller_events import Change, Retail

__all__ = ["Change", "carded", "tell"]


async def tell(
    session: WriteSession,
    changes: Sequence[Change],
    now: datetime,
    *,
    priority: int = outbox.INTERACTIVE,
    message_id: int | None = None,
) -> None:
    """Tell whoever follows these orders; `message_id` is the message that becomes the card of a single one."""
    if not changes:
        return
    cards = [
        carded(change.after, message_id=message_id, priority=priority) for change in changes if not change.after.by_api
    ]
    await outbox.put(session, cards, now)
    sold = await _resold(session, [change.after.id for change in changes if change.after.by_api])
    await _tell_sites(session, changes, sold, now)
    await reseller_news.tell(session, changes, {order_id: resale.reference for order_id, resale in sold.items()}, now)


async def _tell_sites(session: WriteSession, changes: Sequence[Change], sold: Mapping[int, Any], now: datetime) -> None:
    """An event for each order whose owner has a site that listens."""
    addressed = await webhooks.addressed(session, {change.after.user_id for change in changes})
    events: list[webhooks.Event] = []
    repaid: list[dict[str, Any]] = []
    for change in changes:
        order = change.after
        resale = sold.get(order.id)
        retail = None if resale is None or resale.retail is None else _retail(resale)
        if retail is not None and (after := retail.after(order)) != retail:
            repaid.append({"of_order": order.id, "so_far": after.refunded})
        if order.user_id in addressed and not change.silent:
            reference = None if resale is None else resale.reference
            currency = addressed[order.user_id]
            told = reseller_events.data(change, currency=currency, reference=reference, retail=retail, at=now)
            events.append(webhooks.Event(order.user_id, change.kind, told, order.id, _once(change)))
    if repaid:
        await session.run(REPAID, repaid)
    await webhooks.put(session, events, now)


def _once(change: Change) -> str | None:
    """What of an order happens once: its end, and each amount that has come back of it in all.

    A shop that was brought back from a backup hears of it again, and tells it under the id that the site knows. The
    numbers of orders made after the backup are given anew: so it is the order of that number and that moment.
    """
    order = change.after
    if change.kind == webhooks.UPDATED:
        return None
    return f"{order.id}:{order.created_at.isoformat()}:{order.refunded.micros}"


REPAID = update(Resale).where(Resale.order_id == bindparam("of_order")).values(retail_refunded=bindparam("so_far"))
"""What the site must have given back by now: so that the next event tells what comes on top of it, once."""


async def _resold(session: WriteSession, order_ids: Sequence[int]) -> dict[int, Any]:
    if not order_ids:
        return {}
    columns = (Resale.order_id, Resale.reference, Resale.retail, Resale.currency, Resale.retail_refunded)
    rows = await session.all(select(*columns).where(Resale.order_id.in_(order_ids)))
    return {row.order_id: row for row in rows}


def _retail(resale: Any) -> Retail:
    return Retail(resale.retail, resale.currency, resale.retail_refunded)


def carded(order: OrderView, *, message_id: int | None = None, priority: int = outbox.INTERACTIVE) -> outbox.Outgoing:
    """The order's live card as it stands, ready for the outbox."""
    waits = order.status == "queued" and order.submit_at > order.created_at
    card = notices.Card(
        order_id=order.id,
        service_name=order.service_name,
        server=order.server,
        link=order.link,
        quantity=order.quantity,
        charge=order.charge,
        refunded=order.refunded,
        status=order.status,
        progress=order.progress,
        delivered=order.delivered,
        start_count=order.start_count,
        created_at=order.created_at.isoformat(),
        closed_at=order.closed_at.isoformat() if order.closed_at else None,
        undo_until=order.submit_at.isoformat() if waits else None,
        extras=order.extras.brief().to_document(),
        unit=order.unit,
        rest_of=order.replaces_id if order.progress == UNDONE else None,
        guaranteed=order.guaranteed,
        guarantee_days=order.guarantee_days,
        refill_state=order.refill_state,
        refill_again_at=order.refill_again_at.isoformat() if order.refill_again_at else None,
    )
    return outbox.Outgoing(outbox.card_key(order.id), order.user_id, card, priority, message_id)
