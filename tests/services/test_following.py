"""Asking about orders: how often, who is asked, and what trouble with one provider or row does to the others."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy import select

from services import fulfilment
from services.models import Order
from services.money import Money
from services.notices import AdminAlert, Clarifying, Partial
from services.panel_answers import RowError, Snapshot
from tests.scripted_panel import row
from tests.shop import ADMIN, LINK, Shop


async def next_poll(shop: Shop, order_id: int) -> datetime | None:
    async with shop.db.read() as session:
        return await session.value(select(Order.next_poll_at).where(Order.id == order_id))


@pytest.mark.parametrize("trouble", [(500, "oops"), (200, "<html>"), (200, '{"error": "Invalid API key"}')])
async def test_one_providers_trouble_is_its_own(shop: Shop, trouble: tuple[int, str]) -> None:
    mine = await shop.placed(100)
    other = (await shop.tap((await shop.quote(100, service_id=await shop.service("south"))).token)).order.id
    await shop.submit()
    shop.north.raw_status = trouble
    shop.north.rows["1"] = shop.panels["south"].rows["1"] = row("Completed", "0")
    assert await shop.poll() == 2
    assert [(await shop.order(each)).status for each in (mine, other)] == ["placed", "completed"]
    shop.north.raw_status = None
    await shop.poll()
    assert (await shop.order(mine)).status == "completed"


async def test_an_order_is_asked_about_ever_less_while_it_stands_and_often_once_it_moves(shop: Shop) -> None:
    order_id = await shop.placed()
    pauses = []
    for minutes in (1, 30, 200, 2000):
        await shop.poll(minutes=minutes)
        due = await next_poll(shop, order_id)
        assert due is not None
        pauses.append((due - shop.time).total_seconds())
    assert pauses[0] == shop.policy.poll_fastest.total_seconds()
    assert pauses == sorted(pauses)
    assert pauses[-1] == shop.policy.poll_slowest.total_seconds()
    shop.north.rows["1"] = row("In progress", "900")
    await shop.poll(hours=1)
    assert await next_poll(shop, order_id) == shop.time + shop.policy.poll_fastest


async def test_who_claimed_and_died_makes_the_answer_late_and_no_more(shop: Shop) -> None:
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    shop.wait(seconds=6)
    async with shop.db.write() as session:
        [claimed] = await fulfilment.claim_due(session, "north", shop.policy, shop.time)
    assert claimed.view.id == order_id
    assert await shop.poll(seconds=1) == 0
    assert await shop.poll(seconds=6) == 1
    assert await shop.balance() == "19.00"


async def test_more_orders_than_a_page_are_asked_about_in_one_round(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fulfilment, "PAGE", 2)
    orders = [await shop.buy(100, f"{LINK}{number}") for number in range(5)]
    await shop.submit()
    for upstream in shop.north.rows:
        shop.north.rows[upstream] = row("Completed", "0")
    assert await shop.poll() == 5
    assert {(await shop.order(each)).status for each in orders} == {"completed"}


async def test_an_admin_hears_of_an_unreadable_count_and_of_an_unknown_word_once(shop: Shop) -> None:
    await shop.placed(100)
    await shop.placed(100, f"{LINK}2")
    shop.north.rows["1"] = row("Partial", "n/a")
    shop.north.rows["2"] = row("Dancing", "50")
    for _ in range(5):
        await shop.poll(hours=1)
    alerts = [notice for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)]
    assert sorted(alert.code for alert in alerts) == ["remains-unreadable", "unknown-status"]
    assert {alert.facts["provider"] for alert in alerts} == {"north"}


async def test_a_customer_hears_once_that_the_count_is_being_clarified(shop: Shop) -> None:
    order_id = await shop.placed(100)
    shop.north.rows["1"] = row("Partial", "n/a")
    for _ in range(2):
        await shop.poll(hours=1)
    assert await shop.heard() == [], "not before anybody is asked to find out"
    for _ in range(3):
        await shop.poll(hours=1)
    about = await shop.order(order_id)
    assert await shop.heard() == [Clarifying(1, about.service_name, "A", 100, Money.parse("1.00"))]
    shop.north.rows["1"] = row("Partial", "40")
    await shop.poll(hours=1)
    _, ended = await shop.heard()
    assert isinstance(ended, Partial)
    assert (ended.delivered, str(ended.refunded)) == (60, "0.40")


async def test_the_alert_about_an_unknown_word_says_how_many_orders_have_met_it(shop: Shop) -> None:
    for number in range(1, 5):
        await shop.placed(100, f"{LINK}{number}")
        shop.north.rows[str(number)] = row("Dancing" if number < 4 else "DANCING", "50")
    shop.north.rows["1"] = row("Pending", "50")
    await shop.poll()
    [alert] = [notice for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)]
    assert (alert.facts["word"], alert.facts["orders"], alert.order_id) == ("Dancing", "3", 2)


async def test_an_answer_that_came_too_late_to_change_anything_writes_nothing(shop: Shop) -> None:
    """Decided from what the poller had claimed, it was news; under the lock it is not."""
    order_id = await shop.placed()
    shop.north.rows["1"] = row("In progress", "500")
    answers = {order_id: await said(shop, ["1"])}
    shop.north.rows["1"] = row("Completed", "0")
    await shop.poll()
    before = await shop.card(order_id)
    async with shop.db.write() as session:
        await fulfilment.apply(session, client=shop.clients["north"], news=answers, policy=shop.policy, now=shop.time)
    assert await shop.card(order_id) == before
    assert (await shop.order(order_id)).status == "completed"


async def said(shop: Shop, upstream: Sequence[str]) -> Snapshot:
    answer = (await shop.clients["north"].statuses(upstream))[upstream[0]]
    assert isinstance(answer, Snapshot)
    return answer


async def test_an_order_that_no_answer_mentions_stays_as_it_is(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of a batch whose panel overlooks `orders` and answers a few questions a minute."""
    both = [await shop.placed(100), await shop.placed(100, link=f"{LINK}2")]
    shop.north.rows["1"] = shop.north.rows["2"] = row("Completed", "0")
    statuses = shop.clients["north"].statuses

    async def some(order_ids: Sequence[str]) -> dict[str, Snapshot | RowError]:
        return await statuses(order_ids[:1])

    monkeypatch.setattr(shop.clients["north"], "statuses", some)
    assert await shop.poll() == 2
    assert sorted([(await shop.order(each)).status for each in both]) == ["completed", "placed"]
