"""Refills as customers ask for them: once, where something was promised, and as often as providers take them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from services import refills
from services.db import Database
from services.errors import NoRefill, OrderNotFound, RefillTooEarly
from services.guarantees import LIFETIME
from services.models import Order, Refill, Service
from services.notices import GuaranteeEnds
from tests.scripted_panel import row
from tests.shop import Shop, open_shop


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    async with open_shop(db) as opened:
        await promise(opened, True, 30)
        yield opened
        await opened.audit()


async def promise(shop: Shop, refill: bool, days: int | None) -> None:
    """What the services say from now on."""
    async with shop.db.write() as session:
        await session.run(update(Service).values(refill=refill, guarantee_days=days))


async def found(shop: Shop, *columns: Any) -> list[Any]:
    async with shop.db.read() as session:
        return [tuple(each) for each in await session.all(select(*columns))]


async def test_an_order_keeps_the_guarantee_that_its_service_had_when_it_was_ordered(shop: Shop) -> None:
    order_id = await shop.completed()
    await promise(shop, False, None)
    order = await shop.order(order_id)
    assert (order.refill, order.guarantee_days) == (True, 30)
    assert order.guaranteed_until == shop.time + timedelta(days=30)
    assert (await shop.report(order_id)).created
    await promise(shop, True, 30)


async def test_a_drop_is_reported_once_however_often_it_is_tapped(shop: Shop) -> None:
    order_id = await shop.completed()
    assert (await shop.report(order_id)).created
    assert not (await shop.report(order_id)).created
    assert await found(shop, Refill.order_id, Refill.number, Refill.state) == [(order_id, 1, "asked")]
    card = await shop.card(order_id)
    assert (card.guaranteed, card.refill_state) == (True, "asked")


async def test_taps_at_once_ask_once(shop: Shop) -> None:
    order_id = await shop.completed()
    asked = await asyncio.gather(*(shop.report(order_id) for _ in range(8)))
    assert [each.created for each in asked].count(True) == 1
    assert len(await found(shop, Refill.id)) == 1


async def test_a_stopped_order_is_guaranteed_for_what_it_delivered(shop: Shop) -> None:
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    assert (await shop.report(order_id)).created


@pytest.mark.parametrize(("status", "remains"), [("Canceled", "400"), ("In progress", "400"), ("Partial", "1000")])
async def test_only_what_is_there_to_stay_is_guaranteed(shop: Shop, status: str, remains: str) -> None:
    order_id = await shop.placed()
    shop.north.rows["1"] = row(status, remains)
    await shop.poll()
    with pytest.raises(NoRefill) as refused:
        await shop.report(order_id)
    assert refused.value.params == {"reason": "none"}


async def test_without_a_promise_there_is_no_refill(shop: Shop) -> None:
    await promise(shop, False, None)
    order_id = await shop.completed()
    with pytest.raises(NoRefill):
        await shop.report(order_id)
    assert not (await shop.card(order_id)).guaranteed


async def test_other_peoples_orders_are_not_there(shop: Shop) -> None:
    order_id = await shop.completed()
    with pytest.raises(OrderNotFound):
        await shop.report(order_id, user_id=1002)


async def test_the_guarantee_ends_so_many_days_after_the_end_of_the_order(shop: Shop) -> None:
    order_id = await shop.completed()
    shop.wait(days=30, seconds=-1)
    assert refills.standing_of(await shop.order(order_id), shop.time) == "free"
    shop.wait(seconds=1)
    with pytest.raises(NoRefill) as refused:
        await shop.report(order_id)
    assert refused.value.params == {"reason": "over"}


@pytest.mark.parametrize("days", [None, LIFETIME])
async def test_a_guarantee_without_an_end_is_asked_for_while_the_provider_takes_it(
    shop: Shop, days: int | None
) -> None:
    await promise(shop, True, days)
    order_id = await shop.completed()
    shop.wait(days=900)
    order = await shop.order(order_id)
    assert order.guaranteed_until is None
    assert refills.standing_of(order, shop.time) == "free"


async def test_the_next_is_asked_for_a_day_later_at_the_earliest(shop: Shop) -> None:
    order_id = await shop.completed()
    await shop.report(order_id)
    await shop.refill()
    shop.north.refills["1"] = "Completed"
    await shop.refill(hours=1)
    assert (await shop.order(order_id)).refill_state == "done"
    with pytest.raises(RefillTooEarly) as refused:
        await shop.report(order_id)
    assert refused.value.params == {"wait": timedelta(hours=23)}
    shop.wait(hours=23)
    assert (await shop.report(order_id)).created
    assert [number for (number,) in await found(shop, Refill.number)] == [1, 2]


async def test_whether_a_drop_can_be_reported_is_read_off_the_order(shop: Shop) -> None:
    order, now = await shop.order(await shop.completed()), shop.time
    later = now + timedelta(hours=1)
    assert refills.standing_of(order, now) == "free"
    assert refills.standing_of(replace(order, closed_at=None), now) == "none"
    assert replace(order, closed_at=None).guaranteed_until is None
    assert refills.standing_of(replace(order, refill_state="sent", refill_again_at=later), now) == "running"
    assert refills.standing_of(replace(order, refill_state="rejected"), now) == "over"
    assert refills.standing_of(replace(order, refill_state="done", refill_again_at=later), now) == "early"
    assert refills.standing_of(replace(order, refill_state="done", refill_again_at=later), later) == "free"


async def remind(shop: Shop) -> list[tuple[int, str]]:
    """Everybody who was reminded so far: (order, until)."""
    async with shop.db.write() as session:
        await refills.remind(session, shop.time)
    return [(told.order_id, told.until) for told in await shop.heard() if isinstance(told, GuaranteeEnds)]


async def test_the_customer_is_reminded_once_a_few_days_before_the_guarantee_ends(shop: Shop) -> None:
    order_id = await shop.completed()
    until = (shop.time + timedelta(days=30)).isoformat()
    shop.wait(days=27, seconds=-1)
    assert await remind(shop) == []
    shop.wait(seconds=1)
    assert await remind(shop) == [(order_id, until)]
    shop.wait(days=1)
    async with shop.db.write() as session:
        assert await refills.remind(session, shop.time) == 0
    assert await remind(shop) == [(order_id, until)]


async def test_a_correction_after_the_end_reminds_nobody_twice(shop: Shop) -> None:
    await promise(shop, True, 3)
    order_id = await shop.completed()
    shop.wait(days=2)
    assert len(await remind(shop)) == 1
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    assert (await shop.order(order_id)).status == "partial"
    assert await found(shop, Order.remind_at) == [(None,)]


async def test_half_of_a_short_guarantee_passes_before_the_reminder(shop: Shop) -> None:
    await promise(shop, True, 2)
    order_id = await shop.completed()
    order = await shop.order(order_id)
    assert refills.remind_at(order, shop.policy) == shop.time + timedelta(days=1)
    assert refills.remind_at(order, replace(shop.policy, remind_ahead=timedelta(0))) is None


async def test_nobody_is_reminded_of_what_is_over_under_way_or_without_an_end(shop: Shop) -> None:
    over = await shop.completed(50)
    for refill, days in ((True, None), (True, LIFETIME), (False, None)):
        await promise(shop, refill, days)
        await shop.completed(50)
    await promise(shop, True, 60)
    running, canceled = await shop.completed(50), await shop.completed(50)
    shop.wait(hours=1)
    shop.north.rows["6"] = row("Canceled", "50")
    await shop.poll()
    assert (await shop.order(canceled)).status == "canceled"
    async with shop.db.read() as session:
        waiting = await session.values(select(Order.id).where(Order.remind_at.is_not(None)).order_by(Order.id))
    assert waiting == [over, running, canceled]
    shop.wait(days=31)
    assert await remind(shop) == []
    shop.wait(days=25, hours=23)
    await shop.report(running)
    shop.wait(hours=2)
    assert await remind(shop) == []
    assert await found(shop, Order.remind_at) == [(None,)] * 6
