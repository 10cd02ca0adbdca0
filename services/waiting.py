"""Rests that wait, for money or for a server that takes them: whoever they are for hears as soon as they can be had."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from services import notices, orders, outbox, reorder, switches, wallet
from services.db import WriteSession
from services.models import Order, WaitingRest
from services.reorder import Way

MONEY, SERVER = "money", "server"
PATIENCE = timedelta(days=60)
"""After so long nobody waits any more."""
PAGE = 200
"""Rests looked at in one transaction."""


async def keep(session: WriteSession, order_ids: Iterable[int], for_what: str, now: datetime) -> None:
    """Wait for MONEY or a SERVER with the rests of these orders; one that waits already goes on waiting."""
    rows = [{"order_id": order_id, "for_what": for_what, "looked_at": now, "created_at": now} for order_id in order_ids]
    if rows:
        await session.run(session.insert(WaitingRest).on_conflict_do_nothing(), rows)


async def forget(session: WriteSession, order_id: int) -> None:
    """Wait no more: what came back is kept."""
    await session.run(delete(WaitingRest).where(WaitingRest.order_id == order_id))


async def ask(session: WriteSession, *, user_id: int, order_id: int, now: datetime) -> None:
    """Somebody wants to hear when a server takes the rest of their order. OrderNotFound where it is not theirs."""
    order = await orders.find(session, user_id, order_id)
    await keep(session, [order.id], SERVER, now)
    session.announce("rests")


async def look(session: WriteSession, now: datetime) -> int:
    """Tell of a page of rests that can be had by now, each once; how many were told.

    Whoever waited for a server hears of one that is dearer than their wallet, too, and then waits for the money. What
    was ordered meanwhile, or is over, waits no more. Nothing is bought.
    """
    if not await switches.selling(session):
        return 0
    rows = await session.all(
        select(WaitingRest.order_id, WaitingRest.for_what, WaitingRest.created_at, Order.user_id)
        .join(Order, Order.id == WaitingRest.order_id)
        .order_by(WaitingRest.looked_at, WaitingRest.order_id)
        .limit(PAGE)
        .with_for_update(of=WaitingRest, skip_locked=True)
    )
    if not rows:
        return 0
    waiting = {row.order_id: row for row in rows}
    balances = await wallet.balances(session, {row.user_id for row in rows})
    rests = await reorder.wanted_of(session, list(waiting), balances)
    ways = await reorder.best_ways(session, rests, now)
    ready = [way for way in ways if _worth_telling(way, waiting[way.wanted.order_id].for_what)]
    offered = await reorder.offer(session, ready, now)
    told = [
        outbox.Outgoing(
            f"rest:{way.wanted.order_id}:{waiting[way.wanted.order_id].created_at.isoformat()}:{way.missing.micros}",
            way.wanted.user_id,
            notices.RestReady(
                order_id=way.wanted.order_id,
                remaining=way.wanted.remaining,
                unit=way.wanted.unit,
                balance=way.wanted.balance,
                offer=offered[way.wanted.order_id].offer,
            ),
        )
        for way in ready
    ]
    await outbox.put(session, told, now)
    still = {way.wanted.order_id for way in ways if way.no_offer != "expired"}
    short = {way.wanted.order_id for way in ready if way.missing}
    still -= {order_id for order_id, row in waiting.items() if row.created_at < now - PATIENCE}
    over = set(waiting) - still | {way.wanted.order_id for way in ready} - short
    await session.run(delete(WaitingRest).where(WaitingRest.order_id.in_(over)))
    await session.run(update(WaitingRest).where(WaitingRest.order_id.in_(short)).values(for_what=MONEY))
    await session.run(update(WaitingRest).where(WaitingRest.order_id.in_(waiting)).values(looked_at=now))
    return len(told)


def _worth_telling(way: Way, for_what: str) -> bool:
    return way.plan is not None and (not way.missing or for_what == SERVER)
