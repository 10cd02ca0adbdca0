"""After a backup was brought back: what may have gone out since it was taken does not go out twice."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from services import broadcasts, doubts, finishing, outbox, placing, quotes, reconciling, restoring, switches
from services.errors import QuoteGone, SalesStopped
from services.models import (
    Attempt,
    Backup,
    Conversation,
    Finishing,
    Notice,
    OrderEvent,
    Provider,
    ProviderBalance,
    Refill,
    Restore,
    Update,
    User,
)
from services.money import Money
from services.notices import AdminAlert, Credited, GuaranteeEnds, Verifying
from services.reconciling import Comparing
from tests.scripted_panel import row
from tests.shop import ADMIN, MIA, Shop

FILE = "shop.sealed"
LATER = timedelta(hours=3)


async def taken(shop: Shop) -> None:
    """The row that a copy has of itself."""
    made = {"key": "tap", "asked_by": "shell", "at": shop.time, "state": "making", "detail": {}}
    async with shop.db.write() as session:
        await session.run(insert(Backup), [made])


async def brought_back(shop: Shop) -> Comparing:
    """What a database is like that is the copy of now, brought back three hours later."""
    await taken(shop)
    shop.time += LATER
    return await opened_again(shop)


async def opened_again(shop: Shop) -> Comparing:
    async with shop.db.write() as session:
        await session.run(restoring.opening(FILE, shop.time))
        return await restoring.settle(session, policy=shop.policy, now=shop.time)


async def finished(shop: Shop, key: str = "done") -> bool:
    async with shop.db.write() as session:
        return await restoring.finish(
            session, actor="admin:9001", key=key, by="Ada, 9001", others=[9002], now=shop.time
        )


async def current(shop: Shop) -> Comparing | None:
    async with shop.db.read() as session:
        return await reconciling.current(session)


# Orders


async def test_what_waited_to_be_sent_is_in_doubt_and_never_sent_again(shop: Shop) -> None:
    """It may have been sent since: neither in the mode, nor after it, nor by any sweep."""
    order_id = await shop.buy()
    await brought_back(shop)
    assert (await shop.order(order_id)).status == "unknown"
    assert await shop.balance() == "15.00", "its money is held"
    for _ in range(3):
        assert await shop.submit() == 0
        await shop.sweep()
        shop.wait(minutes=10)
    assert await finished(shop)
    assert await shop.submit() == 0
    assert shop.north.accepted == []
    [verifying] = [told for told in await shop.heard() if isinstance(told, Verifying)]
    assert verifying.order_id == order_id
    await shop.audit()


async def test_the_licence_of_such_a_doubt_is_of_the_moment_of_the_backup(shop: Shop) -> None:
    """So the hints of the balance before and after are those that help to decide it."""
    order_id, taken_at = await shop.buy(), shop.time
    async with shop.db.write() as session:
        held = [{"provider": "north", "at": taken_at, "balance": Money.parse("100")}]
        await session.run(insert(ProviderBalance), held)
    await brought_back(shop)
    async with shop.db.write() as session:
        now_held = [{"provider": "north", "at": shop.time, "balance": Money.parse("92")}]
        await session.run(insert(ProviderBalance), now_held)
    async with shop.db.read() as session:
        doubt = await doubts.describe(session, order_id)
        steps = await session.values(select(OrderEvent.status).order_by(OrderEvent.id))
        assert await session.values(select(Attempt.outcome)) == ["ambiguous"]
    assert (doubt.attempt, doubt.licensed_at) == (1, taken_at)
    assert (doubt.balance_before, doubt.balance_after) == (Money.parse("100"), Money.parse("92"))
    assert "brought back from a backup" in doubt.evidence
    assert list(steps) == ["queued", "placing", "unknown"]


@pytest.mark.parametrize("again", [True, False])
async def test_the_staff_decide_it_as_any_doubt(shop: Shop, again: bool) -> None:
    """It is there, under its id; or it is not: then it is sent, but only once all is compared, or paid back."""
    there, missing = await shop.buy(), await shop.buy(500, link="https://www.instagram.com/p/other")
    await brought_back(shop)
    async with shop.db.write() as session:
        about = {"actor": "admin:9001", "now": shop.time}
        await doubts.arrived(
            session,
            order_id=there,
            attempt=1,
            provider_order_id="77",
            policy=shop.policy,
            **about,  # type: ignore[arg-type]
        )
        await doubts.missing(session, order_id=missing, attempt=1, again=again, **about)  # type: ignore[arg-type]
    shop.north.rows["77"] = row("Completed", "0")
    await shop.poll()
    assert (await shop.order(there)).status == "completed", "polling goes on"
    assert await shop.submit() == 0
    assert await finished(shop)
    assert await shop.submit() == int(again)
    assert (await shop.order(missing)).status == ("placed" if again else "rejected")
    await shop.audit()


async def test_what_was_being_sent_and_what_was_in_doubt_gets_the_whole_time_for_a_decision(shop: Shop) -> None:
    shop.north.adds = ["drop"]
    doubted = await shop.buy()
    await shop.submit()
    await shop.sweep()
    sending = await shop.buy(500, link="https://www.instagram.com/p/other")
    async with shop.db.write() as session:
        await placing.claim(session, client=shop.clients["north"], policy=shop.policy, owner="dead", now=shop.time)
    async with shop.db.write() as session:
        await outbox.sent(session, [(1, 1, 5)], shop.time)
        await session.run(update(Notice).values(state="sent"))
    await taken(shop)
    shop.time += timedelta(days=3)
    await opened_again(shop)
    assert {(await shop.order(one)).status for one in (doubted, sending)} == {"unknown"}
    async with shop.db.read() as session:
        waiting = await session.values(select(Notice.key).where(Notice.state == "queued", Notice.chat_id == ADMIN))
    assert f"alert:order-unknown:{doubted}:1:{ADMIN}" in waiting, "it is told again, with its buttons"
    shop.wait(hours=23)
    await shop.sweep()
    assert (await shop.order(doubted)).status == "unknown"
    shop.wait(hours=2)
    await shop.sweep()
    assert (await shop.order(doubted)).status == (await shop.order(sending)).status == "rejected"
    await shop.audit()


async def test_what_is_at_a_provider_is_followed_to_its_end(shop: Shop) -> None:
    order_id = await shop.placed()
    await brought_back(shop)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    assert (await shop.order(order_id)).status == "partial"
    assert await shop.balance() == "19.00"
    assert len(shop.north.accepted) == 1


async def test_an_order_of_the_time_itself_is_held_and_sent_when_it_is_over(shop: Shop) -> None:
    await brought_back(shop)
    await shop.sell(on=True)
    await shop.buy()
    assert await shop.submit() == 0
    assert await finished(shop)
    assert await shop.submit() == 1


# Refills


async def test_a_refill_that_waited_or_was_being_sent_is_not_sent_again(shop: Shop) -> None:
    waiting = await shop.completed()
    await shop.report(waiting)
    await brought_back(shop)
    await shop.refill(seconds=1)
    assert shop.north.refills == {}
    async with shop.db.read() as session:
        [known] = await session.all(select(Refill.state, Refill.tries, Refill.reason))
    assert tuple(known) == ("unknown", 1, "unclear")
    shop.wait(days=2)
    await shop.report(waiting)
    await shop.refill(seconds=1)
    assert shop.north.refills == {}, "nothing is sent before all is compared"
    assert await finished(shop)
    await shop.refill(seconds=1)
    assert list(shop.north.refills) == ["1"]
    await shop.audit()


# What would buy again


async def test_old_buttons_and_taps_that_waited_buy_nothing(shop: Shop) -> None:
    quote = await shop.quote()
    tapped = {"bot_id": 1, "update_id": 5, "person_id": MIA, "payload": {}, "received_at": shop.time}
    async with shop.db.write() as session:
        await session.run(insert(Update), [tapped])
    await brought_back(shop)
    await shop.sell(on=True)
    with pytest.raises(QuoteGone):
        await shop.tap(quote.token)
    async with shop.db.read() as session:
        assert await session.values(select(Update.state)) == ["set_aside"]


async def test_the_shop_goes_on_with_no_goal_by_itself(shop: Shop) -> None:
    one, other = await shop.placed(), await shop.placed(500, link="https://www.instagram.com/p/other")
    async with shop.db.write() as session:
        await finishing.turn(session, user_id=MIA, goal_id=one, on=True, now=shop.time)
        await session.run(update(User).where(User.id == MIA).values(finish_all=True))
    await brought_back(shop)
    await finished(shop)
    for number in ("1", "2"):
        shop.north.rows[number] = row("Partial", "100")
    await shop.poll()
    async with shop.db.write() as session:
        assert await finishing.claim(session, shop.time + timedelta(hours=1)) == []
    async with shop.db.read() as session:
        rows = await session.all(select(Finishing.goal_id, Finishing.is_on))
    assert {row.goal_id: row.is_on for row in rows} == {one: False, other: False}


# Messages


async def test_money_that_waited_to_be_told_is_told_as_what_may_have_been_read_and_the_rest_is_not(shop: Shop) -> None:
    await shop.placed()
    money = Credited(Money.parse("1"), Money.parse("16"), "thanks")
    offer = GuaranteeEnds(1, "Likes", "A", 1, "link", until="")
    async with shop.db.write() as session:
        for key, notice in (("money", money), ("guarantee", offer)):
            await outbox.put(session, [outbox.Outgoing(key, MIA, notice)], shop.time)
    await brought_back(shop)
    async with shop.db.write() as session:
        claimed = await outbox.claim(
            session, owner="t", limit=100, lease=timedelta(seconds=60), now=shop.time + timedelta(seconds=1)
        )
    mine = {notice.key: notice.again for notice in claimed if notice.chat_id == MIA}
    assert mine == {"money": True, "card:1": False}, "a card is drawn anew where it is"
    [alert] = [notice for notice in claimed if notice.chat_id == ADMIN]
    assert not alert.again


async def test_a_message_to_many_that_was_on_its_way_waits_for_somebody_to_let_it_go_on(shop: Shop) -> None:
    """Some may have it since the backup."""
    async with shop.db.write() as session:
        number = await broadcasts.draft(session, text="Hello", locale="en", by=ADMIN, now=shop.time)
        await broadcasts.move(session, number, "run", shop.time)
        await broadcasts.feed(session, shop.time, "en")
    await brought_back(shop)
    async with shop.db.write() as session:
        assert (await broadcasts.find(session, number)).state == "paused"
        await broadcasts.feed(session, shop.time, "en")
        waiting = select(func.count(Notice.id)).where(Notice.broadcast_id == number, Notice.state == "queued")
        assert await session.value(waiting) == 0


# The time itself


async def test_sales_stop_for_the_time_and_its_end_lets_them_go_on(shop: Shop) -> None:
    await brought_back(shop)
    with pytest.raises(SalesStopped):
        await shop.quote()
    assert await finished(shop)
    assert (await shop.quote()).price == Money.parse("10")
    assert not await finished(shop, "again")
    [told] = await shop.heard(9002)
    assert told == AdminAlert("compared", None, {"by": "Ada, 9001"})


@pytest.mark.parametrize("before", [True, False])
async def test_sales_that_somebody_else_stopped_stay_stopped(shop: Shop, before: bool) -> None:
    if before:
        await shop.sell(on=False)
    await brought_back(shop)
    if not before:
        async with shop.db.write() as session:
            about = {"reason": "audit", "actor": "audit", "key": "audit:1", "now": shop.time}
            await switches.turn(session, switches.SALES, on=False, **about)  # type: ignore[arg-type]
    assert await finished(shop)
    with pytest.raises(SalesStopped):
        await shop.quote()


async def test_a_backup_of_such_a_time_goes_back_to_the_first_one(shop: Shop) -> None:
    first = await brought_back(shop)
    shop.wait(hours=1)
    async with shop.db.write() as session:
        made = {"key": "2", "asked_by": "shell", "at": shop.time, "state": "making", "detail": {}}
        await session.run(insert(Backup), [made])
    shop.wait(hours=1)
    second = await opened_again(shop)
    assert second.taken_at == first.taken_at
    assert second.restored_at == shop.time
    assert await finished(shop)
    assert await current(shop) is None


async def test_what_was_copied_by_hand_was_taken_when_it_was_last_at_work(shop: Shop) -> None:
    await shop.placed()
    last = shop.time
    shop.wait(hours=5)
    assert (await opened_again(shop)).taken_at == last


async def test_it_is_marked_before_it_is_settled_so_that_a_start_in_between_is_noticed(shop: Shop) -> None:
    assert await current(shop) is None
    async with shop.db.write() as session:
        await session.run(restoring.opening(FILE, shop.time))
    marked = await current(shop)
    assert marked is not None
    assert not marked.settled
    assert (marked.file, marked.taken_at) == (FILE, shop.time), "nothing in it says more"


async def test_the_owners_are_told_what_is_missing_and_each_provider_what_helps_to_compare(shop: Shop) -> None:
    await shop.placed()
    await shop.buy(500, link="https://www.instagram.com/p/other")
    async with shop.db.write() as session:
        for at, held in ((-60, "100"), (-5, "92")):
            taken_then = {"provider": "north", "at": shop.time + timedelta(minutes=at), "balance": Money.parse(held)}
            await session.run(insert(ProviderBalance), [taken_then])
        await session.run(insert(Provider).values(name="north", balance="92"))
    comparing = await brought_back(shop)
    async with shop.db.write() as session:
        assert await session.value(select(Provider.balance)) is None, (
            "the next one is written down even if it is the same"
        )
        later = {"provider": "north", "at": shop.time, "balance": Money.parse("70")}
        await session.run(insert(ProviderBalance), [later])
        north, south = await restoring.spans(session, comparing)
    assert (north.provider, north.last, north.doubted) == ("north", "1", 1)
    assert (north.balance_then, north.balance_now) == (Money.parse("92"), Money.parse("70"))
    assert (south.last, south.balance_then, south.balance_now, south.doubted) == (None, None, None, 0)
    [told] = [each for each in await shop.heard(ADMIN) if isinstance(each, AdminAlert) and each.code == "restored"]
    assert told.facts == {
        "backup of": "2026-05-04 12:00 UTC",
        "brought back": "2026-05-04 15:00 UTC",
        "file": FILE,
        "north": "1 in doubt",
        "south": "0 in doubt",
    }


async def test_the_backups_own_row_says_that_it_was_good(shop: Shop) -> None:
    async with shop.db.write() as session:
        other = {"key": "other", "asked_by": "shell", "at": shop.time - LATER, "state": "asked", "detail": {}}
        await session.run(insert(Backup), [other])
    await brought_back(shop)
    async with shop.db.read() as session:
        rows = await session.all(select(Backup.key, Backup.state, Backup.file).order_by(Backup.id))
        assert [tuple(each) for each in rows] == [("other", "failed", None), ("tap", "kept", FILE)]
        assert await session.value(select(func.count(Restore.id))) == 1
        assert await session.value(select(func.count()).select_from(Conversation)) == 0


async def test_a_quote_of_afterwards_buys_as_ever(shop: Shop) -> None:
    await brought_back(shop)
    await finished(shop)
    order_id = await shop.placed()
    assert (await shop.order(order_id)).status == "placed"
    async with shop.db.read() as session:
        assert await quotes.find(session, MIA, (await shop.quote()).token)
    await shop.audit()


async def test_a_provider_that_knows_our_key_is_asked_again_only_when_it_is_compared(shop: Shop) -> None:
    """Until then the doubt is an admin's to settle."""
    shop.policy = replace(shop.policy, idempotent=("north",))
    order_id = await shop.buy()
    await brought_back(shop)
    shop.wait(minutes=10)
    await shop.sweep()
    assert (await shop.order(order_id)).status == "unknown"
    async with shop.db.write() as session:
        await doubts.missing(session, order_id=order_id, attempt=1, again=False, actor="admin:1", now=shop.time)
    assert ((await shop.order(order_id)).status, await shop.balance()) == ("rejected", "25.00")
