"""One order asked about now: the answer is worked as the poller works it, and what could not be asked is said."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from services import refreshing
from services.errors import OrderNotFound
from services.models import Order
from services.notices import Partial
from services.refreshing import Told
from tests.scripted_panel import row
from tests.shop import Shop


async def refreshed(shop: Shop, order_id: int) -> Told:
    return await refreshing.refresh(shop.db, shop.clients, shop.policy, shop.now, shop.pages, order_id=order_id)


async def test_an_answer_settles_the_order_at_once_as_a_poll_does(shop: Shop) -> None:
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    assert await refreshed(shop, order_id) == Told("told", "north", word="Partial", remains=400)
    assert (await shop.order(order_id)).status == "partial"
    assert await shop.balance() == "19.00"
    assert [type(notice) for notice in await shop.heard()] == [Partial]
    assert (await refreshed(shop, order_id)).code == "told"
    assert await shop.balance() == "19.00"
    await shop.audit()


async def test_an_answer_without_news_leaves_the_next_poll_where_it_was(shop: Shop) -> None:
    order_id = await shop.placed()
    await shop.poll()
    async with shop.db.read() as session:
        due = await session.value(select(Order.next_poll_at))
    assert await refreshed(shop, order_id) == Told("told", "north", word="Pending", remains=1000)
    async with shop.db.read() as session:
        assert await session.value(select(Order.next_poll_at)) == due


async def test_a_closed_order_is_asked_about_long_after_its_watch_and_a_correction_pays(shop: Shop) -> None:
    order_id = await shop.completed()
    shop.time += timedelta(days=5)
    await shop.poll(hours=1)
    assert await shop.poll(hours=1) == 0
    shop.north.rows["1"] = row("Partial", "400")
    assert (await refreshed(shop, order_id)).remains == 400
    assert await shop.balance() == "19.00"
    await shop.audit()


async def test_what_cannot_be_asked_or_is_not_answered_is_said_and_changes_nothing(shop: Shop) -> None:
    queued = await shop.buy(100)
    assert await refreshed(shop, queued) == Told("unsent", "north")
    assert await shop.submit() == 1
    shop.north.rows["1"] = {"error": "Incorrect order ID"}
    assert await refreshed(shop, queued) == Told("silent", "north", text="Incorrect order ID")
    shop.north.raw_status = (502, "<html>Bad gateway</html>")
    told = await refreshed(shop, queued)
    assert (told.code, "Bad gateway" in told.text) == ("unreachable", True)
    del shop.clients["north"]
    assert await refreshed(shop, queued) == Told("missing", "north")
    assert (await shop.order(queued)).status == "placed"
    with pytest.raises(OrderNotFound):
        await refreshed(shop, 99)


async def test_an_order_that_was_given_back_before_it_left_is_never_asked_about(shop: Shop) -> None:
    """A refusal is no order of the provider's, whatever it says under any number."""
    shop.north.adds = [{"error": "Incorrect service ID"}]
    order_id = await shop.buy(100)
    await shop.submit()
    assert await refreshed(shop, order_id) == Told("unsent", "north")
    assert [call["action"] for call in shop.north.asked] == ["add"]
