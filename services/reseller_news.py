"""What the chats of resellers hear of their sites' orders: by the level they chose, written with the change itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from services import outbox, panel_words, reseller_figures, resellers, wallet
from services.db import WriteSession
from services.models import Reseller
from services.money import ZERO, Money
from services.order_view import OrderView
from services.reseller_events import Change
from services.reseller_notices import ResellerDay, ResellerNews

EVERY, ENDS, DIGEST = "every", "ends", "digest"
DAY = timedelta(days=1)
DAYS = 7
"""A day is summed up once it is over, or when the shop is up again, but not after so many days."""


async def tell(
    write: WriteSession, changes: Sequence[Change], references: Mapping[int, str | None], now: datetime
) -> None:
    """Tell the chats of their owners of these changes; `references` are what their sites call the orders.

    Each status is told once, and each amount that comes back.
    """
    sold = [change for change in changes if change.after.by_api]
    if not sold:
        return
    rooms = await resellers.rooms(write, {change.after.user_id for change in sold}, EVERY, ENDS)
    heard = [
        change
        for change in sold
        if change.after.user_id in rooms and _audible(change, rooms[change.after.user_id].level)
    ]
    if not heard:
        return
    balances = await wallet.balances(write, [change.after.user_id for change in heard])
    told: list[outbox.Outgoing] = []
    for change in heard:
        order = change.after
        news = _news(change, references.get(order.id), balances[order.user_id])
        key = _key(order, news.status, order.refunded)
        priority = outbox.NOTICE if _ended(change) else outbox.PROGRESS
        told += [outbox.Outgoing(f"{key}:{chat}", chat, news, priority) for chat in rooms[order.user_id].chats]
    ends = [change for change in heard if change.ends and rooms[change.after.user_id].level == EVERY]
    if ends:  # nobody reads how it went on after reading how it ended
        stale = [_key(change.after, status, ZERO) for change in ends for status in panel_words.GOING]
        await outbox.overtake(write, stale, {chat for each in ends for chat in rooms[each.after.user_id].chats})
    await outbox.put(write, told, now)


def _key(order: OrderView, status: str, refunded: Money) -> str:
    return f"{resellers.news_key(order.user_id)}{order.id}:{status}:{refunded.micros}"


def _ended(change: Change) -> bool:
    return change.ends or bool(change.returned)


def _audible(change: Change, level: str) -> bool:
    """Whether somebody who hears so much hears this; what has changed no word of it, nobody does."""
    after = panel_words.status(change.after)
    if _ended(change):
        return level == EVERY or after != "Completed" or bool(change.returned)
    return level == EVERY and (change.before is None or panel_words.status(change.before) != after)


def _news(change: Change, reference: str | None, balance: Money) -> ResellerNews:
    order = change.after
    return ResellerNews(
        user_id=order.user_id,
        order_id=order.id,
        reference=reference,
        service_name=order.service_name,
        server=order.server,
        link=order.link,
        status=panel_words.status(order),
        quantity=order.quantity,
        delivered=order.quantity - panel_words.remains(order),
        remains=panel_words.remains(order),
        charge=order.charge,
        refund=change.returned,
        refunded=order.refunded,
        kept=order.kept,
        balance=balance,
        unit=order.unit,
        corrected=not change.ends and bool(change.returned),
    )


async def sum_up(write: WriteSession, now: datetime) -> None:
    """Tell those who hear once a day what the days came to that are over, in UTC: each once, up to DAYS of them.

    Nothing is told of a day on which nothing happened.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    behind = or_(Reseller.summed.is_(None), Reseller.summed < _named(midnight - DAY))
    wanted = select(Reseller.user_id, Reseller.summed, Reseller.applied_at).where(behind, Reseller.news == DIGEST)
    rows = await write.all(wanted.where(Reseller.state == resellers.APPROVED))
    last = {row.user_id: row.summed or _named(row.applied_at - DAY) for row in rows}
    rooms = await resellers.rooms(write, last, DIGEST)
    for ago in range(DAYS, 0, -1):
        day = midnight - ago * DAY
        if waiting := {who: room for who, room in rooms.items() if last[who] < _named(day)}:
            await _sum_up(write, waiting, day, now)
    # Of those, too, who chose to hear more: whoever chooses a summary hears of the days from then on.
    await write.run(update(Reseller).where(behind).values(summed=_named(midnight - DAY)))


def _named(day: datetime) -> str:
    return f"{day:%Y-%m-%d}"


async def _sum_up(write: WriteSession, rooms: Mapping[int, resellers.Rooms], since: datetime, now: datetime) -> None:
    figures = await reseller_figures.of_each(write, rooms, since, since + DAY)
    balances = await wallet.balances(write, list(figures))
    told: list[outbox.Outgoing] = []
    for user_id, found in sorted(figures.items()):
        day = ResellerDay(
            day=_named(since),
            orders=found.orders,
            spent=found.spent,
            completed=found.completed,
            partial=found.partial,
            canceled=found.canceled,
            refunded=found.refunded,
            balance=balances[user_id],
        )
        told += outbox.to_each(f"{resellers.news_key(user_id)}{day.day}", rooms[user_id].chats, day)
    await outbox.put(write, told, now)
