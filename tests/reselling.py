"""Resellers for tests: approved in a moment, with a site that listens, a tier, and what that site was told."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select

from services import resellers, tiers, users
from services.db import Database
from services.models import Delivery, Webhook

BY = "admin:9001"


async def approve(db: Database, user_id: int, now: datetime, *, tier: str | None = None) -> None:
    """Somebody who may sell on from now on, known to the shop before or not."""
    async with db.write() as session:
        await users.remember(session, user_id=user_id, name=f"R{user_id}", username=None, language_code="en", now=now)
        await resellers.apply(session, user_id, about="shop.example", now=now)
        await resellers.decide(session, user_id, state=resellers.APPROVED, actor=BY, now=now)
        await resellers.set_tier(session, user_id, tier)


async def listen(db: Database, user_id: int, now: datetime, state: str = "on") -> None:
    """A site of this reseller's is told of changes from now on."""
    row = {"user_id": user_id, "url": "https://shop.example/hook", "state": state, "secret": "whsec_x"}
    async with db.write() as session:
        await session.run(insert(Webhook), [row | {"created_at": now}])


async def tier(db: Database, name: str, percent: str, now: datetime) -> None:
    """A tier with this discount."""
    async with db.write() as session:
        await tiers.set_tier(session, name, Decimal(percent), actor=BY, now=now)


async def told(db: Database, user_id: int, kind: str) -> list[dict[str, Any]]:
    """The `data` of all that this reseller's site is to hear of one kind, in its order."""
    mine = (Delivery.user_id == user_id, Delivery.kind == kind)
    async with db.read() as session:
        bodies = await session.values(select(Delivery.body).where(*mine).order_by(Delivery.id))
    return [json.loads(body)["data"] for body in bodies]


async def two_listen(db: Database, now: datetime, golden: int, plain: int) -> None:
    """One sells on in the tier gold, 10 % off, the other in none; the sites of both are told of changes."""
    await tier(db, "gold", "10", now)
    await approve(db, golden, now, tier="gold")
    await approve(db, plain, now)
    for user_id in (golden, plain):
        await listen(db, user_id, now)
