"""A reseller at a glance: what they have, how their site is connected, what it asked and what came of its orders."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, and_, case, func, select, true, type_coerce

from services import api_keys, tiers, wallet
from services.db import ReadSession
from services.models import ApiKey, ApiUse, Order, Reseller, ResellerChat, Transfer, Webhook
from services.money import ZERO, Money


@dataclass(frozen=True, slots=True)
class Figures:
    """What a site ordered in a stretch of time and paid for it; how orders ended in it, and what came back of them."""

    orders: int
    spent: Money
    completed: int
    partial: int
    canceled: int
    refunded: Money

    @property
    def ended(self) -> int:
        """How many came to an end."""
        return self.completed + self.partial + self.canceled

    @property
    def partial_percent(self) -> int:
        """How many of those that ended stopped half-way, in whole percent."""
        return self.partial * 100 // self.ended if self.ended else 0


@dataclass(frozen=True, slots=True)
class Asked:
    """How often a site asked for something, and how often that was refused."""

    action: str
    calls: int
    refused: int


@dataclass(frozen=True, slots=True)
class Glance:
    """How a reseller stands. `off` is their discount in percent, `hook` on, off or gone, None where there is none."""

    balance: Money
    tier: str | None
    off: Decimal
    keys: int
    used_at: datetime | None
    hook: str | None
    failing_since: datetime | None
    chats: int
    today: Figures
    asked: Sequence[Asked]


async def glance(read: ReadSession, user_id: int, now: datetime) -> Glance:
    """All of it that fits on one screen; `today` and `asked` are of the day in UTC."""
    keys = (
        await read.all(
            select(func.count(), func.max(ApiKey.used_at)).where(ApiKey.user_id == user_id, api_keys.good(now))
        )
    )[0]
    hook = await read.first(select(Webhook.state, Webhook.failing_since).where(Webhook.user_id == user_id))
    rooms = select(func.count()).select_from(ResellerChat).where(ResellerChat.user_id == user_id)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Glance(
        balance=await wallet.balance(read, user_id),
        tier=await read.value(select(Reseller.tier).where(Reseller.user_id == user_id)),
        off=(await tiers.discounts(read, user_id)).on_all,
        keys=keys[0],
        used_at=keys[1],
        hook=None if hook is None else hook.state,
        failing_since=None if hook is None else hook.failing_since,
        chats=await read.value(rooms) or 0,
        today=await figures(read, user_id, midnight),
        asked=await asked(read, user_id, midnight),
    )


KEPT = type_coerce(Order.charge, BigInteger) > type_coerce(Order.refunded, BigInteger)
ENDED = case(
    (Order.status == "completed", "completed"),
    (and_(Order.delivered > 0, KEPT), "partial"),
    else_="canceled",
)
"""How an order that is over ended, as services.panel_words has it."""


NOTHING = Figures(0, ZERO, 0, 0, 0, ZERO)


async def figures(read: ReadSession, user_id: int, since: datetime, until: datetime | None = None) -> Figures:
    """What a site's orders came to from `since` until before `until`, or until now."""
    return (await of_each(read, [user_id], since, until)).get(user_id, NOTHING)


async def of_each(
    read: ReadSession, user_ids: Collection[int], since: datetime, until: datetime | None = None
) -> dict[int, Figures]:
    """The same of several sites; those are missing that ordered nothing, had nothing end and got nothing back."""
    made_before = true() if until is None else Order.created_at < until
    over_before = true() if until is None else Order.closed_at < until
    mine = and_(Order.user_id.in_(user_ids), Order.by_api)
    made = await read.all(
        select(Order.user_id, func.count(), func.sum(type_coerce(Order.charge, BigInteger)))
        .where(mine, Order.created_at >= since, made_before)
        .group_by(Order.user_id)
    )
    over = await read.all(
        select(Order.user_id, ENDED, func.count())
        .where(mine, Order.closed_at >= since, over_before)
        .group_by(Order.user_id, ENDED)
    )
    told: list[tuple[int, dict[str, Any]]] = [
        *((row[0], {"orders": row[1], "spent": Money(int(row[2]))}) for row in made),
        *((row[0], {row[1]: row[2]}) for row in over),
        *((row[0], {"refunded": Money(int(row[1]))}) for row in await _repaid(read, user_ids, since, until)),
    ]
    found: dict[int, Figures] = {}
    for user_id, counted in told:
        found[user_id] = replace(found.get(user_id, NOTHING), **counted)
    return found


async def _repaid(
    read: ReadSession, user_ids: Collection[int], since: datetime, until: datetime | None
) -> Sequence[Any]:
    """What came back of a site's orders, on the day that it did: an order that is over may be corrected days later."""
    paid_before = true() if until is None else Transfer.created_at < until
    wallets = Transfer.dst.in_([f"wallet:{user_id}" for user_id in user_ids])
    return await read.all(
        select(Order.user_id, func.sum(type_coerce(Transfer.amount, BigInteger)))
        .join(Order, Order.id == Transfer.order_id)
        .where(wallets, Transfer.code == "refund", Transfer.created_at >= since, paid_before, Order.by_api)
        .group_by(Order.user_id)
    )


async def asked(read: ReadSession, user_id: int, since: datetime) -> list[Asked]:
    """What a site asked since a day of UTC, the most frequent first."""
    rows = await read.all(
        select(ApiUse.action, func.sum(ApiUse.calls), func.sum(ApiUse.refused))
        .where(ApiUse.user_id == user_id, ApiUse.day >= f"{since:%Y-%m-%d}")
        .group_by(ApiUse.action)
    )
    found = [Asked(row[0], int(row[1]), int(row[2])) for row in rows]
    return sorted(found, key=lambda each: (-each.calls, each.action))
