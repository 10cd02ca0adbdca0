"""Quotes, orders and goals: bought once, at the price shown, by whom it was shown to."""

import asyncio
from typing import Any

import pytest

from services import doubts, goals, orders, quotes, reorder
from services.errors import (
    NotEnoughMoney,
    OrderNotFound,
    QuoteGone,
    RestOrdered,
    TooLate,
)
from services.money import Money
from services.notices import Canceled, Partial
from tests.scripted_panel import row
from tests.shop import LINK, MIA, Shop

OMAR = 1002


async def stopped(shop: Shop, remains: str = "400") -> tuple[int, Partial]:
    """An order of 1,000 that went Partial, and its notice."""
    order_id = await shop.placed()
    shop.north.rows[str(len(shop.north.accepted))] = row("Partial", remains)
    await shop.poll()
    notice = (await shop.heard())[-1]
    assert isinstance(notice, Partial)
    return order_id, notice


async def test_confirm_takes_the_price_once_however_often_it_is_tapped(shop: Shop) -> None:
    token = (await shop.quote()).token
    first = await shop.tap(token)
    again = await shop.tap(token)
    assert (first.created, again.created) == (True, False)
    assert first.order.id == again.order.id
    assert await shop.balance() == "15.00"


async def test_taps_at_the_same_time_buy_once(shop: Shop) -> None:
    token = (await shop.quote()).token
    placed = await asyncio.gather(*(shop.tap(token) for _ in range(8)))
    assert sum(each.created for each in placed) == 1
    assert {each.order.id for each in placed} == {placed[0].order.id}
    assert await shop.balance() == "15.00"


async def test_another_persons_token_buys_nothing(shop: Shop) -> None:
    token = (await shop.quote()).token
    with pytest.raises(QuoteGone):
        await shop.tap(token, user_id=OMAR)
    await shop.tap(token)
    with pytest.raises(QuoteGone):
        await shop.tap(token, user_id=OMAR)


async def test_a_token_nobody_issued_buys_nothing(shop: Shop) -> None:
    with pytest.raises(QuoteGone):
        await shop.tap("made up")


async def test_what_the_wallet_cannot_pay_leaves_no_trace(shop: Shop) -> None:
    token = (await shop.quote(3000)).token
    with pytest.raises(NotEnoughMoney) as refused:
        await shop.tap(token)
    assert refused.value.params["missing"] == Money.parse("5.00")
    async with shop.db.read() as session:
        assert (await goals.page_of(session, MIA, page=0, size=5)).goals == []
    assert await shop.balance() == "25.00"


async def test_an_order_keeps_the_terms_it_was_bought_on(shop: Shop) -> None:
    order_id = await shop.buy()
    await shop.change_service(rate=Money.parse("99.00"), name="Renamed", external_id="77")
    order = await shop.order(order_id)
    assert (str(order.charge), str(order.rate), order.server) == ("10.00", "10.00", "A")
    await shop.submit()
    assert shop.north.accepted[0]["service"] == "1"


@pytest.mark.parametrize("end", [row("Partial", "600"), row("Canceled", "0")])
async def test_a_rest_of_which_nothing_came_may_be_ordered_again(shop: Shop, end: dict[str, Any]) -> None:
    _, notice = await stopped(shop, "600")
    assert notice.offer is not None
    await shop.tap(notice.offer.token)
    await shop.submit()
    shop.panels["south"].rows["1"] = end
    await shop.poll()
    again = (await shop.heard())[-1]
    assert isinstance(again, Partial | Canceled)
    assert again.offer is not None
    assert (await shop.tap(again.offer.token)).created


async def test_a_rest_of_which_some_came_is_not_offered_whole_again(shop: Shop) -> None:
    """Even where its provider calls it canceled: what is missing now is the rest of that order."""
    order_id, notice = await stopped(shop, "600")
    assert notice.offer is not None
    async with shop.db.write() as session:
        other = (await reorder.rest(session, user_id=MIA, order_id=order_id, now=shop.time)).offers[-1]
    rest = (await shop.tap(notice.offer.token)).order
    await shop.submit()
    shop.panels["south"].rows["1"] = row("Canceled", "200")
    await shop.poll()
    assert (await shop.order(rest.id)).delivered == 400
    async with shop.db.write() as session:
        assert (await reorder.rest(session, user_id=MIA, order_id=order_id, now=shop.time)).no_offer == "ordered"
        assert (await reorder.rest(session, user_id=MIA, order_id=rest.id, now=shop.time)).remaining == 200
    with pytest.raises(RestOrdered):
        await shop.tap(other.token)


async def test_no_old_button_takes_a_goal_beyond_what_was_wanted(shop: Shop) -> None:
    """600 came; of the other 400 a second server brought 300, and then took them back: 400 are missing again."""
    order_id, notice = await stopped(shop)
    assert notice.offer is not None
    rest = (await shop.tap(notice.offer.token)).order
    await shop.submit()
    shop.panels["south"].rows["1"] = row("Partial", "100")
    await shop.poll()
    async with shop.db.write() as session:
        old = (await reorder.rest(session, user_id=MIA, order_id=rest.id, now=shop.time)).offers[0]
    shop.panels["south"].rows["1"] = row("Canceled", "0", charge="0")
    await shop.poll(hours=2)
    async with shop.db.write() as session:
        new = (await reorder.rest(session, user_id=MIA, order_id=order_id, now=shop.time)).offers[0]
    assert (old.quantity, new.quantity) == (100, 400)
    await shop.tap(new.token)
    with pytest.raises(RestOrdered):
        await shop.tap(old.token)


async def test_old_quotes_are_forgotten_and_what_they_bought_stays_bought(shop: Shop) -> None:
    bought, shown = (await shop.quote()).token, (await shop.quote()).token
    order = (await shop.tap(bought)).order
    await shop.submit()
    shop.wait(days=60)
    fresh = (await shop.quote()).token
    async with shop.db.write() as session:
        await quotes.purge(session, shop.time)
    with pytest.raises(QuoteGone):
        await shop.tap(shown)
    assert not (await shop.tap(bought)).created
    assert (await shop.tap(bought)).order.id == order.id
    assert (await shop.tap(fresh)).created


async def test_undo_gives_the_money_back_and_nothing_is_sent(shop: Shop) -> None:
    token = (await shop.quote()).token
    order = (await shop.tap(token, undo=10)).order
    assert await shop.submit() == 0
    for _ in range(2):
        async with shop.db.write() as session:
            undone = await orders.undo(session, user_id=MIA, order_id=order.id, now=shop.time)
    assert undone.status == "canceled"
    assert await shop.balance() == "25.00"
    shop.wait(seconds=11)
    assert await shop.submit() == 0
    assert (await shop.card(order.id)).undo_until is None


async def test_after_the_undo_window_the_order_is_sent_and_undo_is_too_late(shop: Shop) -> None:
    order = (await shop.tap((await shop.quote()).token, undo=10)).order
    shop.wait(seconds=11)
    assert await shop.submit() == 1
    with pytest.raises(TooLate):
        async with shop.db.write() as session:
            await orders.undo(session, user_id=MIA, order_id=order.id, now=shop.time)
    assert await shop.balance() == "15.00"


async def test_an_order_that_is_sent_a_second_time_cannot_be_taken_back(shop: Shop) -> None:
    """The first POST may have arrived: the customer would have the delivery and the money."""
    shop.north.adds = ["drop"]
    order_id = await shop.placed()
    async with shop.db.write() as session:
        await doubts.missing(session, order_id=order_id, attempt=1, again=True, actor="admin:9001", now=shop.time)
    with pytest.raises(TooLate):
        async with shop.db.write() as session:
            await orders.undo(session, user_id=MIA, order_id=order_id, now=shop.time)
    assert await shop.balance() == "15.00"
    await shop.submit()
    assert (await shop.order(order_id)).status == "placed"


async def test_nobody_sees_or_undoes_somebody_elses_order(shop: Shop) -> None:
    order = (await shop.tap((await shop.quote()).token, undo=10)).order
    with pytest.raises(OrderNotFound):
        await shop.order(order.id, OMAR)
    with pytest.raises(OrderNotFound):
        async with shop.db.write() as session:
            await orders.undo(session, user_id=OMAR, order_id=order.id, now=shop.time)
    async with shop.db.read() as session:
        with pytest.raises(OrderNotFound):
            await goals.find(session, OMAR, order.goal_id)
        assert (await goals.page_of(session, OMAR, page=0, size=5)).goals == []


async def test_the_rest_in_one_tap_makes_one_goal_of_two_orders(shop: Shop) -> None:
    order_id, notice = await stopped(shop)
    assert notice.offer is not None
    assert (notice.offer.server, notice.offer.quantity, str(notice.offer.price)) == ("B", 400, "4.00")
    assert not notice.offer.difference
    await shop.tap(notice.offer.token)
    await shop.submit()
    assert shop.panels["south"].accepted[0]["quantity"] == "400"
    shop.panels["south"].rows["1"] = row("Completed", "0")
    await shop.poll()
    async with shop.db.read() as session:
        goal = await goals.find(session, MIA, order_id)
    assert [(part.server, part.delivered) for part in goal.parts] == [("A", 600), ("B", 400)]
    assert (goal.quantity, goal.delivered, str(goal.paid), goal.open) == (1000, 1000, "10.00", False)
    assert await shop.balance() == "15.00"


async def test_the_rest_is_bought_once_whichever_button_is_tapped(shop: Shop) -> None:
    order_id, notice = await stopped(shop)
    assert notice.offer is not None
    async with shop.db.write() as session:
        rest = await reorder.rest(session, user_id=MIA, order_id=order_id, now=shop.time)
    assert [offer.server for offer in rest.offers] == ["B", "C"]
    await shop.tap(rest.offers[1].token)
    with pytest.raises(RestOrdered):
        await shop.tap(notice.offer.token)
    async with shop.db.write() as session:
        assert (await reorder.rest(session, user_id=MIA, order_id=order_id, now=shop.time)).no_offer == "ordered"


async def test_two_parts_of_one_rest_are_not_both_bought(shop: Shop) -> None:
    """Each alone, and both together, would be within what was wanted: still an order has one rest."""
    order_id, notice = await stopped(shop)
    assert notice.offer is not None
    tokens = []
    for _ in range(2):
        async with shop.db.write() as session:
            part = await quotes.quote(
                session,
                user_id=MIA,
                service_id=notice.offer.service_id,
                link=LINK,
                quantity=notice.offer.quantity // 2,
                now=shop.time,
                replaces_id=order_id,
            )
        tokens.append(part.token)
    await shop.tap(tokens[0])
    with pytest.raises(RestOrdered):
        await shop.tap(tokens[1])
    assert (await shop.tap(tokens[0])).created is False


async def test_a_rest_that_was_undone_can_be_ordered_again(shop: Shop) -> None:
    order_id, notice = await stopped(shop)
    assert notice.offer is not None
    second = (await shop.tap(notice.offer.token, undo=10)).order
    async with shop.db.write() as session:
        await orders.undo(session, user_id=MIA, order_id=second.id, now=shop.time)
        rest = await reorder.rest(session, user_id=MIA, order_id=order_id, now=shop.time)
        again = await reorder.rest(session, user_id=MIA, order_id=second.id, now=shop.time)
    await shop.tap(rest.offers[0].token)
    with pytest.raises(RestOrdered):
        await shop.tap(again.offers[0].token)


async def test_a_rest_that_stops_again_is_not_offered_where_it_stopped_before(shop: Shop) -> None:
    _, notice = await stopped(shop)
    assert notice.offer is not None
    await shop.tap(notice.offer.token)
    await shop.submit()
    shop.panels["south"].rows["1"] = row("Partial", "100")
    await shop.poll()
    again = (await shop.heard())[-1]
    assert isinstance(again, Partial)
    assert again.offer is not None
    assert (again.offer.server, again.offer.quantity) == ("C", 100)


@pytest.mark.parametrize(("remains", "reason"), [(None, "open"), ("0", "delivered")])
async def test_there_is_no_rest_of_what_is_open_or_delivered(shop: Shop, remains: str | None, reason: str) -> None:
    order_id = await shop.placed()
    if remains is not None:
        shop.north.rows["1"] = row("Completed", remains)
        await shop.poll()
    async with shop.db.write() as session:
        assert (await reorder.rest(session, user_id=MIA, order_id=order_id, now=shop.time)).no_offer == reason


async def test_history_pages_from_the_newest_goal(shop: Shop) -> None:
    ids = [await shop.buy(100, f"{LINK}{number}") for number in range(5)]
    async with shop.db.read() as session:
        first = await goals.page_of(session, MIA, page=0, size=2)
        last = await goals.page_of(session, MIA, page=2, size=2)
    assert [goal.id for goal in first.goals] == [ids[4], ids[3]]
    assert [goal.id for goal in last.goals] == [ids[0]]
    assert first.pages == 3
