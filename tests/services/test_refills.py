"""Refills: asked once, sent on one licence, never sent again where it is not known, followed to their end."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, update

from services.db import Database
from services.models import Order, Service
from tests.shop import Shop, open_shop


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    async with open_shop(db) as opened:
        yield opened
        await opened.audit()


async def promise(shop: Shop, refill: bool, days: int | None) -> None:
    """What the services say from now on."""
    async with shop.db.write() as session:
        await session.run(update(Service).values(refill=refill, guarantee_days=days))


async def stands(shop: Shop, *columns: Any) -> list[Any]:
    async with shop.db.read() as session:
        return [tuple(row) for row in await session.all(select(*columns).order_by(Order.id))]


async def test_an_order_keeps_the_guarantee_that_its_service_had_when_it_was_ordered(shop: Shop) -> None:
    await promise(shop, True, 30)
    await shop.buy()
    await promise(shop, False, None)
    assert await stands(shop, Order.refill, Order.guarantee_days) == [(True, 30)]
