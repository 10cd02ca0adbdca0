"""Orders called off by the staff: what never left comes back at once, what left is asked of its provider."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services import canceling, finishing, placing, resending, restoring
from services.canceling import Answer
from services.errors import OrderNotFound, TooLate
from services.models import Finishing, Order
from services.notices import Rejected
from tests.scripted_panel import row
from tests.shop import MIA, Shop


async def way(shop: Shop, order_id: int, **policy: Any) -> str:
    async with shop.db.read() as session:
        return (await canceling.standing(session, order_id, replace(shop.policy, **policy))).way


async def given_back(shop: Shop, order_id: int) -> None:
    async with shop.db.write() as session:
        await canceling.give_back(session, order_id=order_id, now=shop.time)


async def asked(shop: Shop, order_id: int, answers: Mapping[str, Any] | list[Any] | None = None) -> Answer:
    shop.north.cancels = answers
    return await canceling.ask(shop.db, shop.clients, order_id=order_id)


async def test_an_order_that_never_left_comes_back_whole_and_is_not_offered_elsewhere(shop: Shop) -> None:
    order_id = await shop.buy()
    assert await way(shop, order_id) == "give_back"
    await given_back(shop, order_id)
    assert await shop.balance() == "25.00"
    [told] = await shop.heard()
    assert isinstance(told, Rejected)
    assert (told.reason, told.offer) == ("called_off", None)
    assert await shop.submit() == 0
    assert await way(shop, order_id) == "over"
    await shop.audit()


async def test_it_is_taken_back_once(shop: Shop) -> None:
    order_id = await shop.buy()
    await given_back(shop, order_id)
    with pytest.raises(TooLate):
        await given_back(shop, order_id)
    assert await shop.balance() == "25.00"


async def test_the_shop_does_not_order_elsewhere_by_itself_what_was_called_off(shop: Shop) -> None:
    await _everything_is_finished(shop)
    order_id = await shop.buy()
    await given_back(shop, order_id)
    assert await finished_next(shop, order_id) is None


async def test_nor_what_its_provider_is_asked_to_cancel_though_that_is_seen_before_its_answer(shop: Shop) -> None:
    await _everything_is_finished(shop)
    order_id = await shop.placed()
    async with shop.db.write() as session:
        await canceling.unwanted(session, order_ids=[order_id])
    await asked(shop, order_id, [{"order": 1, "cancel": 1}])
    shop.north.rows["1"] = row("Canceled", "400")
    await shop.poll()
    assert (await shop.order(order_id)).status == "canceled"
    assert await finished_next(shop, order_id) is None


async def test_nor_a_rest_that_was_called_off_when_its_goal_goes_on(shop: Shop) -> None:
    await _everything_is_finished(shop)
    order_id = await shop.placed()
    await given_back(shop, await shop.buy(500))
    assert await finished_next(shop, order_id) is None
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    assert await finished_next(shop, order_id) is not None, "another goal goes on"
    async with shop.db.read() as session:
        rest = (await resending.choices(session, order_id, shop.time)).choices[0]
    async with shop.db.write() as session:
        made = await resending.order_for(
            session,
            order_id=order_id,
            service_id=rest.service_id,
            price=rest.price,
            undo=timedelta(0),
            key="k",
            now=shop.time,
        )
        await canceling.give_back(session, order_id=made[0].id, now=shop.time)
        await finishing.wake(session, [order_id], shop.time)
    assert await finished_next(shop, order_id) is None
    await shop.audit()


async def _everything_is_finished(shop: Shop) -> None:
    async with shop.db.write() as session:
        await finishing.allow(session, MIA, finishing.Allowed(everything=True, percent=50, orders=3))


async def finished_next(shop: Shop, goal_id: int) -> datetime | None:
    """When the shop orders by itself what this goal is missing."""
    async with shop.db.read() as session:
        found: datetime | None = await session.value(select(Finishing.due_at).where(Finishing.goal_id == goal_id))
    return found


async def test_what_may_have_left_is_not_given_back(shop: Shop) -> None:
    shop.north.adds = ["drop"]
    doubted = await shop.buy()
    await shop.submit()
    assert await way(shop, doubted) == "doubt"
    [order] = await _locked(shop, doubted)
    async with shop.db.write() as session:
        await placing.requeue(session, [order], now=shop.time, submit_at=shop.time)
    assert await way(shop, doubted) == "doubt"
    with pytest.raises(TooLate):
        await given_back(shop, doubted)
    async with shop.db.write() as session:
        await placing.claim(session, client=shop.clients["north"], policy=shop.policy, owner="t", now=shop.time)
    assert await way(shop, doubted) == "leaving"
    assert await shop.balance() == "15.00"


async def _locked(shop: Shop, order_id: int) -> list[Any]:
    async with shop.db.write() as session:
        return await placing.locked(session, Order.id == order_id)


async def test_a_placed_order_is_asked_of_its_provider_and_its_money_waits_for_the_status(shop: Shop) -> None:
    order_id = await shop.placed()
    assert await way(shop, order_id) == "ask"
    assert await asked(shop, order_id, [{"order": 1, "cancel": 1}]) == Answer("accepted", "north")
    assert shop.north.asked[-1] == {"action": "cancel", "orders": "1", "key": shop.north.asked[-1]["key"]}
    assert await shop.balance() == "15.00"
    shop.north.rows["1"] = row("Canceled", "1000")
    await shop.poll()
    assert await shop.balance() == "25.00"
    await shop.audit()


async def test_a_refusal_and_a_silence_are_told_in_the_providers_words(shop: Shop) -> None:
    order_id = await shop.placed()
    refusal = [{"order": 1, "cancel": {"error": "Order cannot be canceled"}}]
    assert await asked(shop, order_id, refusal) == Answer("refused", "north", "Order cannot be canceled")
    assert (await asked(shop, order_id, {"error": "Incorrect action"})).text == "other: Incorrect action"
    assert await asked(shop, order_id, []) == Answer("silent", "north")
    assert (await shop.order(order_id)).status == "placed"


async def test_only_what_is_with_a_provider_that_can_be_asked_is_asked(shop: Shop) -> None:
    order_id = await shop.placed()
    assert await way(shop, order_id, providers=("south",)) == "missing"
    done = await shop.buy()
    await given_back(shop, done)
    del shop.clients["north"]
    for other in (order_id, done, 99):
        with pytest.raises(TooLate):
            await asked(shop, other)
    with pytest.raises(OrderNotFound):
        await way(shop, 99)


async def test_after_that_it_is_asked_about_soon_and_never_later_than_it_was_due(shop: Shop) -> None:
    order_id = await shop.placed()
    for _ in range(5):
        await shop.poll(hours=2)
    assert await due(shop) > shop.time + shop.policy.poll_fastest
    for _ in range(2):
        async with shop.db.write() as session:
            await canceling.hurry(session, order_id=order_id, policy=shop.policy, now=shop.time)
        assert await due(shop) == shop.time + shop.policy.poll_fastest
    shop.wait(seconds=-10)
    async with shop.db.write() as session:
        await canceling.hurry(session, order_id=order_id, policy=shop.policy, now=shop.time)
    shop.wait(seconds=20)
    before = await due(shop)
    async with shop.db.write() as session:
        await canceling.hurry(session, order_id=order_id, policy=shop.policy, now=shop.time)
    assert await due(shop) == before


async def due(shop: Shop) -> datetime:
    async with shop.db.read() as session:
        found = await session.value(select(Order.next_poll_at))
    assert found is not None
    return found


async def test_no_provider_is_asked_before_a_shop_that_was_brought_back_is_compared(shop: Shop) -> None:
    order_id = await shop.placed()
    async with shop.db.write() as session:
        await session.run(restoring.opening("shop.sealed", shop.time))
        await restoring.settle(session, policy=shop.policy, now=shop.time)
    assert await way(shop, order_id) == "held"
    with pytest.raises(TooLate):
        await asked(shop, order_id)
    assert not [call for call in shop.north.asked if call["action"] == "cancel"]
    async with shop.db.write() as session:
        await restoring.finish(session, actor="shell", key="done", by="shell", others=[], now=shop.time)
    assert await way(shop, order_id) == "ask"
    assert (await asked(shop, order_id, [{"order": 1, "cancel": 1}])).code == "accepted"
