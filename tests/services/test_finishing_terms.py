"""What somebody allows the shop to finish by itself, and whose goals they may tell apart."""

import pytest
from sqlalchemy import select

from services import finishing
from services.errors import OrderNotFound
from services.finishing import Allowed
from services.models import User
from tests.services.test_finishing import OMAR, stopped, turn
from tests.shop import MIA, Shop


async def test_nobody_turns_it_on_for_somebody_else(shop: Shop) -> None:
    order_id = await stopped(shop)
    with pytest.raises(OrderNotFound):
        await turn(shop, order_id, on=True, user_id=OMAR)
    async with shop.db.read() as session:
        with pytest.raises(OrderNotFound):
            await finishing.is_on(session, user_id=OMAR, goal_id=order_id)


async def test_what_is_allowed_is_kept_and_nobody_has_allowed_anything_unasked(shop: Shop) -> None:
    order_id = await shop.buy(100)
    async with shop.db.write() as session:
        assert await finishing.allowed(session, MIA) == Allowed(everything=False, percent=20, orders=3)
        assert not await finishing.is_on(session, user_id=MIA, goal_id=order_id)
        await finishing.allow(session, MIA, Allowed(everything=True, percent=50, orders=5))
        assert await finishing.allowed(session, MIA) == Allowed(everything=True, percent=50, orders=5)
        assert await finishing.is_on(session, user_id=MIA, goal_id=order_id)
        assert await finishing.allowed(session, OMAR) == Allowed(everything=False, percent=20, orders=3)
        assert not (await finishing.allowed(session, 4711)).everything
        assert await session.value(select(User.finish_percent).where(User.id == OMAR)) == 20
