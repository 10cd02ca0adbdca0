"""A machine's clock is set back now and then: nothing the shop did right looks broken for it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services import audit, placing
from services.db import Database
from tests.shop import Shop, open_shop


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    async with open_shop(db) as opened:
        yield opened
        await opened.audit()


async def test_an_answer_before_its_own_licence_by_the_clock_is_no_second_order(shop: Shop) -> None:
    order_id = await shop.buy()
    moments = [shop.time - timedelta(seconds=1), shop.time]
    await placing.submit_due(shop.db, {"north": shop.clients["north"]}, shop.policy, shop.owner, moments.pop)
    assert (await shop.order(order_id)).status == "placed"
    async with shop.db.read() as session:
        assert await audit.check(session, shop.policy, shop.time) == []
