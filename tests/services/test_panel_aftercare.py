"""What sites of resellers ask about orders they have: refills, cancellations, many at once; and how often they ask."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from services import api_keys, canceling, finishing, panel_canceling, panel_refilling, refills, resellers
from services.api_uses import Tally
from services.db import WriteSession
from services.errors import NoRefill, ShopError
from services.models import ApiKey, ApiUse, Order, Refill, Service
from services.refills import Asked
from tests.scripted_panel import row
from tests.shop import MIA, Shop

OMAR = 1002


async def asked(shop: Shop, *order_ids: int, user_id: int = MIA) -> dict[int, Asked | ShopError]:
    async with shop.db.write() as session:
        return await refills.ask_many(
            session, user_id=user_id, order_ids=order_ids, every=shop.policy.refill_every, now=shop.time
        )


async def words(shop: Shop, *refill_ids: int, user_id: int = MIA) -> dict[int, str]:
    async with shop.db.read() as session:
        return await panel_refilling.found(session, user_id, refill_ids)


async def cancel(shop: Shop, *order_ids: int, user_id: int = MIA, **policy: Any) -> dict[int, str]:
    return await panel_canceling.cancel(
        shop.db,
        shop.clients,
        replace(shop.policy, **policy),
        user_id=user_id,
        order_ids=order_ids,
        clock=shop.now,
    )


async def test_many_refills_are_asked_for_at_once_each_with_an_id_of_its_own(shop: Shop) -> None:
    orders = [await shop.completed(100) for _ in range(3)]
    told = await asked(shop, *orders, 999)
    assert set(told) == set(orders)
    ids = [each.refill for each in told.values() if isinstance(each, Asked) and each.created]
    assert len(set(ids)) == 3
    again = await asked(shop, *orders)
    assert [each.refill for each in again.values() if isinstance(each, Asked) and not each.created] == ids
    async with shop.db.read() as session:
        made = await session.all(select(Refill.id, Refill.number).order_by(Refill.id))
    assert [each.number for each in made] == [1, 1, 1]


async def test_an_order_without_a_guarantee_is_refused_without_disturbing_the_others(shop: Shop) -> None:
    done, open_order = await shop.completed(100), await shop.placed(100)
    told = await asked(shop, done, open_order)
    assert isinstance(told[done], Asked)
    assert isinstance(told[open_order], NoRefill)
    assert await asked(shop, done, user_id=OMAR) == {}
    assert await asked(shop) == {}


async def test_how_refills_stand_is_told_to_the_owner_of_their_orders_alone(shop: Shop) -> None:
    order_id = await shop.completed(100)
    await asked(shop, order_id)
    assert await words(shop, 1, 2) == {1: "Pending"}
    assert await words(shop, 1, user_id=OMAR) == {}
    await shop.refill()
    assert await words(shop, 1) == {1: "In progress"}
    shop.north.refills["1"] = "Completed"
    await shop.refill(seconds=6)
    assert await words(shop, 1) == {1: "Completed"}


async def test_cancel_answers_each_order_for_what_it_is(shop: Shop) -> None:
    done = await shop.completed(100)
    placed = [await shop.placed(100) for _ in range(3)]
    shop.north.adds = ["drop"]
    doubted = await shop.placed(100)
    fresh = await shop.buy(100)
    shop.north.cancels = [{"order": 2, "cancel": 1}, {"order": 3, "cancel": {"error": "No"}}]
    assert await cancel(shop, done, *placed, doubted, fresh, 999) == {
        done: "over",
        placed[0]: "accepted",
        placed[1]: "refused",
        placed[2]: "silent",
        doubted: "waiting",
        fresh: "given_back",
    }
    assert [form["orders"] for form in shop.north.asked if form["action"] == "cancel"] == ["2,3,4"]
    assert (await shop.order(fresh)).status == "rejected"
    async with shop.db.read() as session:
        due = await session.value(select(Order.next_poll_at).where(Order.id == placed[0]))
    assert due is not None
    assert due <= shop.time + shop.policy.poll_fastest


async def test_what_a_reseller_ordered_in_the_chat_and_calls_off_is_finished_elsewhere_no_more(shop: Shop) -> None:
    """Whatever their provider answers, and whether or not it is seen before that answer is here."""
    order_id = await shop.placed(100)
    async with shop.db.write() as session:
        await finishing.turn(session, user_id=MIA, goal_id=order_id, on=True, now=shop.time)
    shop.north.cancels = "<html>"
    assert await cancel(shop, order_id) == {order_id: "silent"}
    async with shop.db.read() as session:
        assert not await finishing.is_on(session, user_id=MIA, goal_id=order_id)


async def test_another_person_s_orders_are_not_canceled(shop: Shop) -> None:
    order_id = await shop.buy(100)
    assert await cancel(shop, order_id, user_id=OMAR) == {}
    assert await cancel(shop) == {}
    assert (await shop.order(order_id)).status == "queued"


async def test_what_its_provider_never_promised_to_cancel_is_not_asked_for(shop: Shop) -> None:
    order_id = await shop.placed(100)
    async with shop.db.write() as session:
        await session.run(update(Service).values(cancel=False))
    assert await cancel(shop, order_id) == {order_id: "refused"}
    assert not [form for form in shop.north.asked if form["action"] == "cancel"]


async def test_a_provider_that_is_gone_or_gives_no_answer_is_told_apart(shop: Shop) -> None:
    order_id = await shop.placed(100)
    assert await cancel(shop, order_id, providers=()) == {order_id: "waiting"}
    shop.north.cancels = "<html>"
    assert await cancel(shop, order_id) == {order_id: "silent"}
    shop.wait(minutes=5)
    del shop.clients["north"]
    assert await canceling.ask_many(shop.db, shop.clients, order_ids=[order_id]) == {}
    assert await cancel(shop, order_id) == {order_id: "waiting"}


def cancels(shop: Shop) -> list[str]:
    """What the north was asked to cancel, request by request."""
    return [form["orders"] for form in shop.north.asked if form["action"] == "cancel"]


async def test_a_provider_is_asked_once_in_five_minutes_and_those_who_ask_again_hear_what_it_said(shop: Shop) -> None:
    first, second = await shop.placed(100), await shop.placed(100)
    shop.north.cancels = [{"order": 1, "cancel": 1}]
    assert await cancel(shop, first) == {first: "accepted"}
    shop.north.cancels = [{"order": 1, "cancel": {"error": "No"}}, {"order": 2, "cancel": {"error": "No"}}]
    shop.wait(minutes=4, seconds=59)
    assert await cancel(shop, first, second) == {first: "accepted", second: "refused"}
    assert await cancel(shop, first, second) == {first: "accepted", second: "refused"}
    assert cancels(shop) == ["1", "2"]
    shop.wait(seconds=1)
    assert await cancel(shop, first, second) == {first: "refused", second: "refused"}
    assert cancels(shop) == ["1", "2", "1"]


async def test_many_who_want_the_same_cancellation_at_once_make_one_request(shop: Shop) -> None:
    order_id = await shop.placed(100)
    shop.north.cancels = [{"order": 1, "cancel": 1}]
    told = await asyncio.gather(*(cancel(shop, order_id) for _ in range(10)))
    assert {order_id: "accepted"} in told
    assert all(each[order_id] in {"accepted", "waiting"} for each in told)
    assert cancels(shop) == ["1"]
    assert await cancel(shop, order_id) == {order_id: "accepted"}


async def test_the_wish_is_written_down_before_the_request_leaves(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = await shop.placed(100)

    async def killed(*_: Any, **__: Any) -> Any:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(canceling, "ask_many", killed)
        with pytest.raises(asyncio.CancelledError):
            await cancel(shop, order_id)
    assert await cancel(shop, order_id) == {order_id: "waiting"}
    assert cancels(shop) == []
    shop.north.cancels = [{"order": 1, "cancel": 1}]
    shop.wait(minutes=5)
    assert await cancel(shop, order_id) == {order_id: "accepted"}


async def test_what_leaves_in_between_is_not_given_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = await shop.buy(100)
    standings = canceling.standings

    async def then_sent(*args: Any, **kwargs: Any) -> Any:
        seen = await standings(*args, **kwargs)
        await shop.submit()
        return seen

    monkeypatch.setattr(canceling, "standings", then_sent)
    assert await cancel(shop, order_id) == {order_id: "waiting"}
    assert (await shop.order(order_id)).status == "placed"


async def test_a_canceled_order_of_a_site_comes_back_without_a_word_about_its_goal(shop: Shop) -> None:
    first, second = await shop.placed(100), await shop.buy(100)
    async with shop.db.write() as session:
        await session.run(update(Order).values(by_api=True))
    shop.north.cancels = [{"order": 1, "cancel": 1}]
    assert await cancel(shop, first, second) == {first: "accepted", second: "given_back"}
    shop.north.rows["1"] = row("Canceled", "100")
    await shop.poll()
    assert (await shop.order(first)).status == "canceled"
    assert await shop.balance() == "25.00"


async def test_calls_are_added_to_those_of_the_day_in_one_go(shop: Shop) -> None:
    async with shop.db.write() as session:
        await resellers.apply(session, MIA, about="a site", now=shop.time)
        key = (await api_keys.make(session, MIA, shop.time)).key
    tally = Tally()
    for refused in (False, False, True):
        tally.note(key, "status", shop.time, refused=refused)
    assert await tally.write(shop.db, shop.time) == 1
    tally.note(key, "status", shop.time, refused=False)
    assert await tally.write(shop.db, shop.time) == 1
    assert await tally.write(shop.db, shop.time) == 0
    async with shop.db.read() as read:
        [kept] = await read.all(select(ApiUse.day, ApiUse.action, ApiUse.calls, ApiUse.refused))
        assert await read.value(select(ApiKey.used_at)) == shop.time
    assert tuple(kept) == ("2026-05-04", "status", 4, 1)


async def test_what_could_not_be_written_is_counted_still(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async with shop.db.write() as session:
        await resellers.apply(session, MIA, about="a site", now=shop.time)
        key = (await api_keys.make(session, MIA, shop.time)).key
    tally = Tally()
    tally.note(key, "status", shop.time, refused=True)
    retrying = shop.db.retrying

    async def lost(block: Any) -> Any:
        async def then_lost(session: WriteSession) -> None:
            await block(session)
            tally.note(key, "status", shop.time, refused=False)  # asked meanwhile
            raise OSError("the disk is full")

        return await retrying(then_lost)

    with monkeypatch.context() as patched:
        patched.setattr(shop.db, "retrying", lost)
        with pytest.raises(OSError, match="full"):
            await tally.write(shop.db, shop.time)
    assert await tally.write(shop.db, shop.time) == 1
    async with shop.db.read() as read:
        [kept] = await read.all(select(ApiUse.calls, ApiUse.refused))
        assert await read.value(select(ApiKey.used_at)) == shop.time
    assert tuple(kept) == (2, 1)
