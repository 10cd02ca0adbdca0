"""Things for a test to begin with: a person with money, a shelf of services, an order in any state."""

from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import insert, update

from services import pricing, users, wallet
from services.db import WriteSession
from services.models import Category, Order, Service
from services.money import ZERO, Money
from services.order_view import OrderView

WAYS = {
    "queued": (),
    "placing": ("placing",),
    "placed": ("placing", "placed"),
    "rejected": ("placing", "rejected"),
    "unknown": ("placing", "unknown"),
    "completed": ("placing", "placed", "completed"),
    "partial": ("placing", "placed", "partial"),
    "canceled": ("placing", "placed", "canceled"),
}
"""The statuses an order goes through to reach each status: the database lets it take no short cut."""

CLOSED = ("rejected", "completed", "partial", "canceled")
TOKENS = count(1)


async def person(
    write: WriteSession, now: datetime, *, user_id: int = 1001, name: str = "Mia", money: str = "25.00"
) -> users.Person:
    """Somebody the shop knows, with `money` in the wallet out of the sandbox's world."""
    met = await users.remember(write, user_id=user_id, name=name, username=None, language_code="en", now=now)
    if Money.parse(money):
        await wallet.credit(
            write,
            user_id=user_id,
            amount=Money.parse(money),
            key=f"start:{user_id}",
            source="world:sandbox",
            actor="shop",
            now=now,
        )
    return met


async def category(
    write: WriteSession,
    now: datetime,
    *,
    name: str = "Instagram Likes",
    rates: Mapping[str, str] | None = None,
    provider: str = "north",
) -> dict[str, int]:
    """A category and its services: the id of each by its server's letter.

    `rates` are prices per 1000 by server; $1.00 on A and $1.10 on B unless told.
    """
    made = await write.run(insert(Category).values(name=name, position=0).returning(Category.id))
    category_id = made.scalar_one()
    ids = {}
    for position, (server, rate) in enumerate((rates or {"A": "1.00", "B": "1.10"}).items()):
        row = {
            "provider": provider,
            "external_id": f"{category_id}{server}",
            "category_id": category_id,
            "name": name,
            "server": server,
            "type": "Default",
            "rate": Money.parse(rate),
            "cost": Money(Money.parse(rate).micros * 4 // 5),
            "min": 50,
            "max": 100_000,
            "refill": True,
            "cancel": True,
            "dripfeed": False,
            "on_sale": True,
            "position": position,
            "updated_at": now,
        }
        ids[server] = (await write.run(insert(Service).values(row).returning(Service.id))).scalar_one()
    return ids


async def order(
    write: WriteSession,
    now: datetime,
    *,
    user_id: int,
    service_id: int,
    status: str = "placed",
    quantity: int = 10_000,
    delivered: int = 0,
    rate: str = "1.00",
    **more: Any,
) -> int:
    """The id of an order in `status`, paid from its person's wallet; a closed one is settled for `delivered`."""
    charge = pricing.charge(Money.parse(rate), quantity)
    row = {
        "token": f"token-{next(TOKENS)}",
        "user_id": user_id,
        "goal_id": 0,
        "service_id": service_id,
        "provider": "north",
        "external_service": "1",
        "service_name": "Instagram Likes",
        "server": "A",
        "link": "https://www.instagram.com/p/abc",
        "quantity": quantity,
        "rate": Money.parse(rate),
        "cost": Money(Money.parse(rate).micros * 4 // 5),
        "charge": charge,
        "status": "queued",
        "submit_at": now,
        "moved_at": now,
        "created_at": now,
    } | more
    made = await write.run(insert(Order).values(row).returning(Order.id))
    order_id: int = made.scalar_one()
    mine = update(Order).where(Order.id == order_id)
    if row["goal_id"] == 0:
        await write.run(mine.values(goal_id=order_id))
    await wallet.hold(write, user_id=user_id, order_id=order_id, amount=charge, now=now)
    for step in WAYS[status]:
        await write.run(mine.values(status=step))
    if status not in ("queued", "placing", "rejected", "unknown"):
        await write.run(mine.values(provider_order_id=str(order_id), placed_at=now, next_poll_at=now))
    if status in CLOSED:
        delivered = quantity if status == "completed" else delivered
        share = pricing.kept(charge, delivered, quantity)
        await wallet.settle(
            write, [wallet.Settlement(order_id, user_id, charge, ZERO, charge - share, closing=True)], now
        )
        await write.run(mine.values(refunded=charge - share, delivered=delivered, closed_at=now, next_poll_at=None))
    return order_id


def of_a_site(at: datetime) -> OrderView:
    """10,000 likes for $10.00 that a reseller's site ordered, under way at its provider."""
    return OrderView(
        id=4711,
        goal_id=4711,
        replaces_id=None,
        user_id=1001,
        service_id=1,
        service_name="Instagram Likes",
        server="A",
        link="https://www.instagram.com/p/abc",
        quantity=10_000,
        rate=Money.parse("1"),
        charge=Money.parse("10"),
        refunded=ZERO,
        status="placed",
        progress="In progress",
        delivered=0,
        start_count=None,
        created_at=at,
        placed_at=at,
        closed_at=None,
        submit_at=at,
        part=1,
        covers=10_000,
        by_api=True,
    )
