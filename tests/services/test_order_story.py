"""The whole story of one order: every transfer added up, every attempt, notice, step, staff action and part."""

from dataclasses import replace

import pytest

from services import actions, order_story, orders, outbox, refunding, reorder
from services.errors import OrderNotFound
from services.money import ZERO, Money
from services.order_story import Story
from tests.scripted_panel import row
from tests.shop import MIA, Shop
from tests.statements import watched


async def told(shop: Shop, order_id: int) -> Story:
    async with shop.db.read() as session:
        return await order_story.tell(session, order_id)


def amounts(story: Story) -> dict[str, str]:
    money = story.money
    names = ("paid", "held", "kept", "returned", "lost")
    return {name: str(found) for name in names if (found := getattr(money, name))}


async def rested(shop: Shop) -> tuple[int, int]:
    """An order that stopped at 600 of 1,000, and the one that its rest went to."""
    stopped = await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    async with shop.db.write() as session:
        rest = await reorder.rest(session, user_id=MIA, order_id=stopped, now=shop.time)
    return stopped, (await shop.tap(rest.offers[0].token)).order.id


async def test_the_transfers_of_an_order_add_up_at_every_stage(shop: Shop) -> None:
    order_id = await shop.placed()
    story = await told(shop, order_id)
    assert amounts(story) == {"paid": "10.00", "held": "10.00"}
    assert story.money.whole(story.order)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    story = await told(shop, order_id)
    assert (story.money.moves[0].code, str(story.money.moves[0].amount)) == ("hold", "10.00")
    assert amounts(story) == {"paid": "10.00", "kept": "6.00", "returned": "4.00"}
    async with shop.db.write() as session:
        await refunding.refund(
            session,
            order_id=order_id,
            amount=Money.parse("1.5"),
            before=Money.parse("4"),
            note="sorry",
            actor="admin:1",
            now=shop.time,
        )
    story = await told(shop, order_id)
    assert amounts(story) == {"paid": "10.00", "kept": "4.50", "returned": "5.50"}
    assert story.money.moves[-1].actor == "admin:1"
    assert story.money.whole(story.order)


async def test_a_ledger_that_says_something_else_than_the_order_is_noticed(shop: Shop) -> None:
    story = await told(shop, await shop.completed())
    assert story.money.whole(story.order)
    assert not story.money.whole(replace(story.order, refunded=Money.parse("1")))
    assert not story.money.whole(replace(story.order, status="placed"))
    assert not replace(story.money, kept=ZERO).whole(story.order)


async def test_what_the_shop_may_have_to_pay_for_nothing_is_a_loss(shop: Shop) -> None:
    shop.north.adds = ["drop"]
    order_id = await shop.placed()
    shop.wait(hours=25)
    await shop.sweep()
    story = await told(shop, order_id)
    assert amounts(story) == {"paid": "10.00", "returned": "10.00", "lost": "8.00"}
    assert story.money.whole(story.order)


async def test_each_attempt_comes_with_its_evidence(shop: Shop) -> None:
    shop.north.adds = [(502, "<html>Bad gateway</html>")]
    order_id = await shop.placed()
    [only] = (await told(shop, order_id)).tries
    assert (only.number, only.outcome, only.licensed_at) == (1, "ambiguous", shop.time)
    assert "Bad gateway" in only.evidence
    assert (await told(shop, order_id)).upstream.never_left is False


async def test_what_its_customer_was_told_is_there_with_how_that_went(shop: Shop) -> None:
    stopped, rest = await rested(shop)
    async with shop.db.write() as session:
        claimed = await outbox.claim(session, owner="t", limit=9, lease=shop.policy.poll_slowest, now=shop.time)
        notice = next(each for each in claimed if each.notice.kind == "partial")
        await outbox.drop(session, [notice.id], "blocked")
    [told_of] = (await told(shop, stopped)).told
    assert (told_of.kind, told_of.state, told_of.error, told_of.at) == ("partial", "dropped", "blocked", shop.time)
    assert (await told(shop, rest)).told == []


async def test_notices_of_refunds_and_refills_are_told_apart_by_order(shop: Shop) -> None:
    order_id = await shop.completed()
    other = await shop.placed(100, "https://www.instagram.com/p/other")
    await shop.report(order_id)
    await shop.refill()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll(hours=1)
    story = await told(shop, order_id)
    assert [each.kind for each in story.told] == ["completed", "refill", "partial"]
    assert [(each.number, each.state) for each in story.refills] == [(1, "sent")]
    assert (await told(shop, other)).told == []


async def test_its_steps_its_parts_and_what_the_staff_did_are_there(shop: Shop) -> None:
    stopped, rest = await rested(shop)
    async with shop.db.write() as session:
        for number, subject in enumerate((f"order:{stopped}", f"order:{rest}", f"order:{stopped}")):
            told_to = {"number": number}
            await actions.record(
                session, key=f"{number}", actor="admin:1", code="a", subject=subject, detail=told_to, now=shop.time
            )
    story = await told(shop, stopped)
    assert [step.status for step in story.steps] == ["queued", "placing", "placed", "partial"]
    assert story.steps[-1].detail == {"delivered": 600, "refunded": "4.00"}
    assert [part.id for part in story.parts] == [stopped, rest]
    assert [done.detail["number"] for done in story.done] == [2, 0]
    assert (story.customer, story.username) == ("Mia", None)


async def test_where_it_is_at_its_provider_and_what_it_costs_there_is_told(shop: Shop) -> None:
    queued = await shop.buy(100, "https://www.instagram.com/p/other")
    assert (await told(shop, queued)).upstream.never_left
    async with shop.db.write() as session:
        await orders.undo(session, user_id=MIA, order_id=queued, now=shop.time)
    story = await told(shop, await shop.completed())
    upstream = story.upstream
    assert (upstream.provider, upstream.service, upstream.order_id) == ("north", "1", "1")
    assert (upstream.cost, upstream.charge) == (Money.parse("8"), Money.parse("0.5"))
    assert (upstream.unreadable_polls, upstream.silent_looks) == (0, 0)
    assert upstream.next_poll_at is not None


async def test_a_story_takes_as_many_queries_however_much_happened(shop: Shop) -> None:
    """No query for a row of another."""
    stopped, _ = await rested(shop)
    queued = await shop.buy(100, "https://www.instagram.com/p/other")
    counts = []
    for order_id in (queued, stopped):
        with watched(shop.db) as statements:
            await told(shop, order_id)
        counts.append(len([words for words in statements if words.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 8
    with pytest.raises(OrderNotFound):
        await told(shop, 99)
