"""How the shop stands: what waits, what needs a person, and that all is well where nothing does."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from sqlalchemy import delete, insert, update

from services import alarm, reconciling, standing, switches
from services.audit import Breach, Invariant
from services.db import Database
from services.models import Order, Restore, Trouble
from services.standing import Standing
from tests import factories
from tests.shop import MIA, Shop, open_shop

BREACH = Breach(Invariant(2, "each balance equals its transfers"), [{"account": "wallet:1001"}])


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """A shop with orders put in by hand, without their money: nothing is audited at its end."""
    async with open_shop(db) as opened:
        yield opened


async def stands(shop: Shop) -> Standing:
    async with shop.db.read() as read:
        return await standing.now(read, shop.policy, {"north": Decimal(1)}, shop.time)


async def test_a_new_shop_is_well(shop: Shop) -> None:
    how = await stands(shop)
    assert how.well
    assert (how.selling, how.verdict, how.unsent, how.warnings) == (True, None, None, [])
    assert [purse.provider for purse in how.purses] == ["north"]


async def test_what_waits_is_counted_where_it_waits(shop: Shop) -> None:
    service_id = await shop.service()
    async with shop.db.write() as write:
        for status in ("queued", "placed", "placed", "completed", "unknown"):
            await factories.order(write, shop.time, user_id=MIA, service_id=service_id, status=status, quantity=100)
    how = await stands(shop)
    assert (how.queued, how.placed, how.unknown, how.stuck, how.unclear) == (1, 2, 1, 0, 0)
    assert not how.well
    shop.wait(hours=24)
    assert (await stands(shop)).stuck == 3


async def test_a_subscription_waits_for_its_customer_and_is_not_stuck(shop: Shop) -> None:
    service_id = await shop.service()
    async with shop.db.write() as write:
        await factories.order(
            write, shop.time, user_id=MIA, service_id=service_id, quantity=100, unit="post", submit_at=shop.time
        )
    shop.wait(hours=48)
    assert (await stands(shop)).stuck == 0


async def test_an_order_whose_count_nobody_tells_needs_a_person(shop: Shop) -> None:
    await shop.placed()
    async with shop.db.write() as write:
        await write.run(update(Order).values(unreadable_polls=3))
    how = await stands(shop)
    assert (how.unclear, how.well) == (1, False)


async def test_stopped_sales_a_breach_and_a_warning_are_no_good_signs(shop: Shop) -> None:
    await shop.sell(on=False)
    assert not (await stands(shop)).well
    await shop.sell(on=True)
    assert (await stands(shop)).well
    async with shop.db.write() as write:
        await write.run(insert(Trouble).values(name="outbox:", code="outbox-late", since=shop.time, told_at=shop.time))
    assert not (await stands(shop)).well
    async with shop.db.write() as write:
        await write.run(delete(Trouble))
        await alarm.record(write, [BREACH], (), shop.time)
    how = await stands(shop)
    assert how.verdict is not None
    assert not how.well
    assert not how.selling


async def test_a_shop_that_is_closed_or_not_compared_since_a_restore_is_not_well(shop: Shop) -> None:
    for on in (False, True):
        async with shop.db.write() as write:
            await switches.turn(
                write, switches.ORDERING, on=on, reason="works", actor="admin:1", key=f"o{on}", now=shop.time
            )
        how = await stands(shop)
        assert (how.open, how.well) == (on, on)
    moments = dict.fromkeys(("taken_at", "restored_at", "settled_at"), shop.time)
    async with shop.db.write() as write:
        await write.run(insert(Restore).values(file="shop.backup", **moments))
    how = await stands(shop)
    assert (how.comparing, how.well) == (True, False)
    async with shop.db.write() as write:
        await reconciling.end(write, by="admin:1", now=shop.time)
    assert (await stands(shop)).well
