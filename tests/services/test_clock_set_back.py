"""A machine's clock is set back now and then: nothing that was right looks broken for it, and nothing lies still."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot import leases
from bot.jobs import Clock
from services import audit, deliveries, outbox, placing, setback, webhooks
from services.db import Database
from services.models import Attempt, Delivery, Notice, Order, Refill, Service, Webhook
from services.notices import Rejected
from services.site_posts import Answer
from tests import reselling
from tests.scripted_panel import row
from tests.services.test_placing import unreachable
from tests.shop import LINK, MIA, Shop

HOUR = timedelta(hours=1)


async def set_back(shop: Shop, by: timedelta = HOUR) -> None:
    shop.time -= by
    async with shop.db.write() as session:
        await setback.bring_back(session, shop.policy, shop.time)


async def test_an_answer_before_its_own_licence_by_the_clock_is_no_second_order(shop: Shop) -> None:
    order_id = await shop.buy()
    moments = [shop.time - timedelta(seconds=1), shop.time]
    await placing.submit_due(shop.db, {"north": shop.clients["north"]}, shop.policy, shop.owner, moments.pop)
    assert (await shop.order(order_id)).status == "placed"
    async with shop.db.read() as session:
        assert await audit.check(session, shop.policy, shop.time) == []


async def test_a_fresh_order_is_asked_about_as_soon_as_ever(shop: Shop) -> None:
    order_id = await shop.placed()
    await set_back(shop)
    assert await shop.poll(seconds=4) == 0
    shop.north.rows["1"] = row("Partial", "400")
    assert await shop.poll(seconds=2) == 1
    assert (await shop.order(order_id)).status == "partial"


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
async def test_no_order_waits_longer_than_the_longest_pause(shop: Shop, closed: bool) -> None:
    await shop.placed()
    if closed:
        shop.north.rows["1"] = row("Completed", "0")
    await shop.poll()
    await shop.poll(hours=5)
    await set_back(shop, timedelta(hours=3))
    longest = shop.policy.watch_every if closed else shop.policy.poll_slowest
    assert await shop.poll(seconds=longest.total_seconds()) == 1


async def test_an_order_that_could_not_be_sent_is_sent_after_its_pause(shop: Shop) -> None:
    order_id = await shop.buy()
    north = shop.clients.pop("north")
    async with unreachable(shop):
        assert await shop.submit() == 1
    shop.clients["north"] = north
    await set_back(shop)
    assert await shop.submit() == 0
    shop.wait(seconds=2)
    assert await shop.submit() == 1
    assert (await shop.order(order_id)).status == "placed"


async def test_an_order_that_may_be_undone_is_not_sent_before_its_time(shop: Shop) -> None:
    await shop.tap((await shop.quote()).token, undo=10)
    await set_back(shop)
    shop.wait(seconds=9)
    assert await shop.submit() == 0
    shop.wait(seconds=1)
    assert await shop.submit() == 1


async def test_a_sender_that_died_is_noticed_after_the_time_it_had(shop: Shop) -> None:
    order_id = await shop.buy()
    north = shop.clients["north"]
    async with shop.db.write() as session:
        await placing.claim(session, client=north, policy=shop.policy, owner="dead", now=shop.time)
    await set_back(shop)
    term = timedelta(seconds=north.deadline) + shop.policy.placing_margin
    shop.wait(seconds=term.total_seconds())
    await shop.sweep()
    assert (await shop.order(order_id)).status == "placing"
    shop.wait(seconds=1)
    await shop.sweep()
    assert (await shop.order(order_id)).status == "unknown"


async def test_a_doubt_ends_after_the_policy_time_by_the_clock_as_it_is_now(shop: Shop) -> None:
    shop.north.adds = ["drop"]
    await shop.placed()
    await set_back(shop)
    shop.wait(hours=24)
    await shop.sweep()
    assert [type(notice) for notice in await shop.heard()][-1] is Rejected


async def claimed(shop: Shop) -> int:
    async with shop.db.write() as session:
        found = await outbox.claim(session, owner="sender", limit=9, lease=timedelta(seconds=60), now=shop.time)
    return len(found)


async def test_a_message_leaves_at_once(shop: Shop) -> None:
    await shop.buy()
    shop.time -= HOUR
    assert await claimed(shop) == 0
    await set_back(shop, timedelta(0))
    assert await claimed(shop) == 1


async def test_a_message_of_before_that_failed_waits_no_longer_than_its_pause(shop: Shop) -> None:
    await shop.placed()
    shop.wait(hours=3)
    async with shop.db.write() as session:
        await session.run(update(Notice).values(due_at=shop.time + timedelta(minutes=5), tries=9))
    await set_back(shop)
    assert await claimed(shop) == 1


async def test_a_message_that_was_claimed_is_free_after_its_lease(shop: Shop) -> None:
    await shop.buy()
    assert await claimed(shop) == 1
    await set_back(shop)
    assert await claimed(shop) == 0
    shop.wait(seconds=61)
    assert await claimed(shop) == 1


async def to_sites(shop: Shop) -> list[deliveries.Claimed]:
    """What may be sent to resellers' sites now; nothing comes of it."""
    async with shop.db.write() as session:
        found = [await deliveries.claim(session, limit=9, failing=each, now=shop.time) for each in (False, True)]
    return [*found[0], *found[1]]


async def tell_site(shop: Shop) -> None:
    async with shop.db.write() as session:
        await webhooks.put(session, [webhooks.Event(MIA, "balance.low", {})], shop.time)


@pytest.fixture
async def site(shop: Shop) -> None:
    """A site of Mia's, and a message to it."""
    await reselling.approve(shop.db, MIA, shop.time)
    await reselling.listen(shop.db, MIA, shop.time)
    await tell_site(shop)


@pytest.mark.usefixtures("site")
async def test_a_message_to_a_site_leaves_at_once(shop: Shop) -> None:
    shop.time -= HOUR
    assert await to_sites(shop) == []
    await set_back(shop, timedelta(0))
    assert len(await to_sites(shop)) == 1


@pytest.mark.usefixtures("site")
async def test_a_message_to_a_site_waits_no_longer_than_its_pause_and_is_claimed_no_longer_than_its_lease(
    shop: Shop,
) -> None:
    """And a site that takes nothing does so since now."""
    shop.wait(hours=30)
    [tried] = await to_sites(shop)
    async with shop.db.write() as session:
        outcome = (tried, Answer("500"))
        await deliveries.record(session, outcomes=[outcome], now=shop.time, chance=lambda: 0.5)
    await set_back(shop, 3 * HOUR)
    [again] = await to_sites(shop)
    assert (again.tries, again.failing) == (2, True)
    async with shop.db.read() as session:
        assert await session.value(select(Webhook.failing_since)) == shop.time
    await set_back(shop, 3 * HOUR)
    assert await to_sites(shop) == []
    shop.time += deliveries.LEASE + timedelta(seconds=1)
    assert len(await to_sites(shop)) == 1


@pytest.mark.parametrize("failing", [False, True])
async def test_a_site_is_left_alone_for_no_longer_than_one_may_ask_for(shop: Shop, site: None, failing: bool) -> None:
    until = shop.time + (HOUR if failing else deliveries.LONGEST_WAIT)
    async with shop.db.write() as session:
        await session.run(update(Webhook).values(quiet_until=until, failing_since=shop.time if failing else None))
    await set_back(shop, timedelta(seconds=30))
    assert await to_sites(shop) == []
    await set_back(shop)
    assert len(await to_sites(shop)) == 1


@pytest.mark.usefixtures("site")
async def test_a_message_to_a_site_that_was_tried_often_keeps_its_long_pause(shop: Shop) -> None:
    due = shop.time + timedelta(hours=9)
    async with shop.db.write() as session:
        await session.run(update(Delivery).values(tries=6, due_at=due))
    await set_back(shop, timedelta(seconds=30))
    async with shop.db.read() as session:
        assert await session.value(select(Delivery.due_at)) == due
    shop.wait(seconds=30)


async def test_a_lease_of_time_to_come_holds_nobody_up(db: Database, now: datetime) -> None:
    term = timedelta(seconds=15)
    assert await leases.acquire(db, "sender", "dead", now, term)
    assert not await leases.acquire(db, "sender", "a", now - timedelta(seconds=10), term), "clocks differ a little"
    assert await leases.acquire(db, "sender", "a", now - HOUR, term)
    assert not await leases.acquire(db, "sender", "b", now - HOUR, term)


async def test_nothing_that_waits_for_its_time_is_touched_where_no_clock_was_set_back(shop: Shop) -> None:
    """Nor where another machine's clock is a little ahead."""
    await shop.placed(link=LINK + "1")
    shop.north.adds = ["drop"]
    await shop.placed(link=LINK + "2")
    await shop.poll(hours=5)
    await shop.tap((await shop.quote(100, LINK + "3")).token, undo=600)
    await claimed(shop)
    before = await waiting(shop)
    await set_back(shop, timedelta(seconds=30))
    assert await waiting(shop) == before
    shop.wait(seconds=30)


async def waiting(shop: Shop) -> list[object]:
    async with shop.db.read() as session:
        orders = await session.all(
            select(Order.submit_at, Order.next_poll_at, Order.moved_at, Order.lease_until).order_by(Order.id)
        )
        notices = await session.all(select(Notice.due_at, Notice.lease_until).order_by(Notice.id))
        licences = await session.all(select(Attempt.licensed_at, Attempt.deadline).order_by(Attempt.id))
    return [*map(tuple, orders), *map(tuple, notices), *map(tuple, licences)]


def test_a_clock_that_was_set_back_is_found_out_once_and_one_that_went_on_is_not(now: datetime) -> None:
    wall, steady = now, 100.0
    clock = Clock(lambda: wall, lambda: steady)

    def found_out() -> bool:
        origin = clock.origin()
        found = clock.set_back(origin)
        clock.known = origin
        return found

    assert found_out(), "nobody knows what happened before"
    for seconds, ahead, expected in ((15, 15, False), (15, 14.5, False), (15, -3585, True), (15, 15, False)):
        steady += seconds
        wall += timedelta(seconds=ahead)
        assert found_out() is expected
    wall += HOUR
    assert not found_out(), "set forward, nothing lies ahead"


async def test_a_refill_waits_no_longer_than_the_longest_pause(shop: Shop) -> None:
    async with shop.db.write() as session:
        await session.run(update(Service).values(refill=True))
    await shop.report(await shop.completed())
    await shop.refill()
    await shop.refill(hours=5)
    await set_back(shop, timedelta(hours=3))
    shop.north.refills["1"] = "Completed"
    await shop.refill(minutes=1)
    async with shop.db.read() as session:
        assert await session.value(select(Refill.state)) == "done"
