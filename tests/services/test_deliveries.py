"""Laws of messages to resellers' sites on their way: taken once or sent again under the same id, in turn, for days."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select, update
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from services import deliveries, resellers, webhooks
from services.db import Database
from services.models import Delivery, Webhook
from services.site_posts import Answer, SitePosts
from tests.desk import MIA, OMAR, Desk
from tests.reseller_site import open_sites


@pytest.fixture
async def desk(db: Database) -> AsyncIterator[Desk]:
    """Mia's site is at /mia."""
    async with open_sites() as sites:
        posts = SitePosts(loopback=True, deadline=2.0)
        opened = Desk(db, sites, posts)
        await opened.connect(MIA, "/mia")
        yield opened
        sites.released.set()
        await posts.close()


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether the specification's own library takes it."""
    try:
        Verifier(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


async def test_what_was_written_is_signed_and_sent_as_it_stands(desk: Desk) -> None:
    """The very characters in the database, under the id in it."""
    desk.time = datetime.now(UTC)  # the library takes no old messages
    await desk.put()
    assert await desk.work() == 1
    [(headers, body)] = desk.sites.heard["/mia"]
    async with desk.db.read() as read:
        [row] = await read.all(select(Delivery.key, Delivery.body, Delivery.state, Delivery.answer, Delivery.done_at))
        secret = await webhooks.secret(read, MIA)
    assert body == row.body.encode()
    assert "ünï ✓ <&>".encode() in body
    assert headers["webhook-id"] == row.key
    assert headers["webhook-timestamp"] == str(int(desk.time.timestamp()))
    assert verified(secret, headers, body)
    assert not verified(secret, headers, body + b" ")
    assert not verified("whsec_" + "A" * 44, headers, body)
    assert (row.state, row.answer, row.done_at) == ("done", "200", desk.time)
    assert await desk.work() == 0


async def test_for_a_day_both_secrets_sign_and_then_the_new_one_alone(desk: Desk) -> None:
    desk.time = datetime.now(UTC)
    async with desk.db.write() as session:
        old = await webhooks.secret(session, MIA)
        new = await webhooks.rotate(session, MIA, desk.time - webhooks.OVERLAP + timedelta(seconds=5))
    await desk.put()
    await desk.work()
    desk.wait(seconds=6)
    await desk.put()
    await desk.work()
    both, alone = desk.sites.heard["/mia"]
    assert len(both[0]["webhook-signature"].split(" ")) == 2
    assert [verified(secret, *both) for secret in (old, new)] == [True, True]
    assert [verified(secret, *alone) for secret in (old, new)] == [False, True]


async def test_it_is_tried_for_three_days_under_one_id_and_then_given_up(desk: Desk) -> None:
    desk.sites.answers["/mia"] = [500]
    await desk.put()
    began, tried = desk.time, []
    while (message := await desk.message()).state == "waiting":
        desk.time = message.due_at
        tried.append(desk.time - began)
        assert await desk.work() == 1
        assert await desk.work() == 0, "not before its time"
    pauses = [after - before for before, after in pairwise(tried)]
    assert pauses == list(deliveries.PAUSES)
    assert len(tried) == 10
    assert timedelta(days=3) < tried[-1] < timedelta(days=3.5)
    assert len(set(desk.sites.ids("/mia"))) == 1
    assert len({body for _, body in desk.sites.heard["/mia"]}) == 1
    stamps = [int(headers["webhook-timestamp"]) for headers, _ in desk.sites.heard["/mia"]]
    assert stamps == [int((began + span).timestamp()) for span in tried], "each try has its own moment"
    assert (message.state, message.answer, message.tries) == ("failed", "500", 10)
    assert await desk.heard() == [("failing", "500"), ("given_up", "500")]
    assert (await desk.site()).failing_since == began


async def test_a_site_that_asks_to_be_left_alone_is_for_all_its_messages(desk: Desk) -> None:
    desk.sites.answers["/mia"] = [(429, {"Retry-After": "3600"}), 200]
    await desk.put(number=1)
    await desk.work()
    await desk.put(number=3)
    before = [each.due_at for each in await desk.messages()]
    assert await desk.work() == 0
    assert [each.due_at for each in await desk.messages()] == before, "a site may miss thousands: none is rewritten"
    desk.wait(minutes=59)
    assert await desk.work() == 0
    desk.wait(minutes=2)
    assert await desk.work() == 4
    assert {message.state for message in await desk.messages()} == {"done"}


@pytest.mark.parametrize("way", ["moved", "turned on"])
async def test_the_owner_ends_the_time_that_a_site_asked_for(desk: Desk, way: str) -> None:
    desk.sites.answers["/mia"] = [(503, {"Retry-After": "3600"}), 200]
    await desk.put()
    await desk.work()
    desk.wait(minutes=1)
    assert await desk.work() == 0
    if way == "moved":
        await desk.connect(MIA, "/new")
    else:
        async with desk.db.write() as session:
            await webhooks.turn(session, MIA, on=True, now=desk.time)
    assert await desk.work() == 1


async def test_a_site_that_asks_twice_is_left_alone_for_the_longer_time(desk: Desk) -> None:
    await desk.put(number=2)
    async with desk.db.write() as session:
        tried = [*await deliveries.claim(session, limit=1, now=desk.time)]
        tried += await deliveries.claim(session, limit=1, now=desk.time)
        for each, minutes in zip(tried, (60, 5), strict=True):
            outcome = each, Answer("429", timedelta(minutes=minutes))
            await deliveries.record(session, outcomes=[outcome], now=desk.time, chance=lambda: 0.5)
    desk.wait(minutes=59)
    assert await desk.work() == 0
    desk.wait(minutes=1)
    assert await desk.work() == 2


async def test_what_one_site_answers_holds_up_no_other(desk: Desk) -> None:
    desk.sites.answers["/mia"] = [(503, {"Retry-After": "Mon, 01 Jan 2026 00:00:00 +9999999999999"})]
    await desk.connect(OMAR, "/omar")
    for user_id in (MIA, OMAR):
        await desk.put(user_id)
    assert await desk.work() == 2
    assert [(each.state, each.answer) for each in await desk.messages(MIA)] == [("waiting", "503")]
    assert [each.state for each in await desk.messages(OMAR)] == ["done"]


async def test_a_site_that_is_gone_is_told_nothing_more_and_its_owner_hears_of_it_once(desk: Desk) -> None:
    desk.sites.answers["/mia"] = [410]
    await desk.put(number=3)
    await desk.work()
    assert (await desk.site()).state == "gone"
    assert [(each.state, each.answer) for each in await desk.messages()] == [("failed", "410")] * 3
    assert await desk.heard() == [("gone", "410")]
    async with desk.db.read() as read:
        assert await webhooks.addressed(read, [MIA]) == {}
    desk.sites.answers["/mia"] = [200]
    async with desk.db.write() as session:
        await webhooks.turn(session, MIA, on=True, now=desk.time)
        await webhooks.replay(session, MIA, (await webhooks.messages(session, MIA, limit=1))[0].id, desk.time)
    assert await desk.work() == 1
    assert [each.state for each in await desk.messages()] == ["failed", "failed", "done"]


async def test_what_an_address_answers_that_is_no_longer_the_sites_says_nothing_about_it(desk: Desk) -> None:
    desk.sites.answers["/mia"] = ["hang"]
    await desk.put()
    async with desk.db.write() as session:
        [claimed] = await deliveries.claim(session, limit=9, now=desk.time)
    await desk.connect(MIA, "/new")
    for answer in (Answer("410"), Answer("slow"), Answer("429", timedelta(hours=1))):
        async with desk.db.write() as session:
            await deliveries.record(session, outcomes=[(claimed, answer)], now=desk.time, chance=lambda: 0.5)
    site = await desk.site()
    assert (site.state, site.failing_since) == ("on", None)
    desk.wait(minutes=1)
    assert await desk.work() == 1
    assert desk.sites.ids("/new") == [claimed.key]


async def test_the_message_is_sent_again_under_its_id_where_the_shop_died_before_it_was_recorded(desk: Desk) -> None:
    await desk.put()
    async with desk.db.write() as session:
        [claimed] = await deliveries.claim(session, limit=9, now=desk.time)
        assert await deliveries.claim(session, limit=9, now=desk.time) == []
    await deliveries._send(desk.posts, claimed, desk.time)  # and there it ends
    assert await desk.work() == 0, "somebody may still be sending it"
    desk.time += deliveries.LEASE + timedelta(seconds=1)
    assert await desk.work() == 1
    assert desk.sites.ids("/mia") == [claimed.key] * 2
    assert claimed.keys[0] not in repr(claimed)


async def test_whose_lease_was_taken_over_records_nothing(desk: Desk) -> None:
    await desk.put()
    async with desk.db.write() as session:
        [late] = await deliveries.claim(session, limit=9, now=desk.time)
    desk.time += deliveries.LEASE + timedelta(seconds=1)
    async with desk.db.write() as session:
        [heir] = await deliveries.claim(session, limit=9, now=desk.time)
        await deliveries.record(session, outcomes=[(late, Answer("200"))], now=desk.time, chance=lambda: 0.5)
    assert (await desk.message()).state == "waiting"
    async with desk.db.write() as session:
        await deliveries.record(session, outcomes=[(heir, Answer("500"))], now=desk.time, chance=lambda: 0.5)
    message = await desk.message()
    assert (message.state, message.tries, message.due_at) == ("waiting", 2, desk.time + timedelta(minutes=5))


async def test_a_run_that_is_cut_off_leaves_its_messages_to_the_lease(desk: Desk) -> None:
    desk.sites.answers["/mia"] = ["hang"]
    await desk.put()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await desk.work()
    assert (await desk.message()).state == "waiting"
    desk.sites.answers["/mia"] = [200]
    desk.time += deliveries.LEASE + timedelta(seconds=1)
    assert await desk.work() == 1
    assert len(set(desk.sites.ids("/mia"))) == 1
    assert (await desk.message()).state == "done"


async def test_a_dead_site_delays_no_other(desk: Desk) -> None:
    """Neither what is there already nor what is written while the dead one is waited for."""
    dead = range(2001, 2001 + 30)
    for user_id in dead:
        await desk.connect(user_id, "/dead")
        await desk.put(user_id, number=3)
    async with desk.db.write() as session:
        await session.run(update(Webhook).where(Webhook.user_id.in_(dead)).values(failing_since=desk.time))
    await desk.connect(OMAR, "/omar")
    desk.sites.answers["/dead"] = ["hang"]
    await desk.put(MIA, number=3)
    loop = asyncio.get_running_loop()

    async def taken(path: str, number: int) -> float:
        began = loop.time()
        while len(desk.sites.heard[path]) < number:  # noqa: ASYNC110  the shop makes it so
            await asyncio.sleep(0.02)
        return loop.time() - began

    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        run = group.create_task(desk.work(spell=4.0))
        assert await taken("/mia", 3) < 1.5
        await desk.put(OMAR, number=2)
        assert await taken("/omar", 2) < 1.5
        desk.sites.released.set()
        await run
    assert desk.sites.most["/dead"] <= deliveries.AT_SILENT
    assert not [each for user in (MIA, OMAR) for each in await desk.messages(user) if each.state != "done"]


@pytest.mark.parametrize(("failing", "most"), [(False, deliveries.OF_ONE_SITE), (True, 1)])
async def test_a_site_has_a_few_at_once_and_one_that_takes_nothing_has_one(
    desk: Desk, failing: bool, most: int
) -> None:
    desk.sites.answers["/mia"] = ["hang"]
    await desk.put(number=10)
    if failing:
        async with desk.db.write() as session:
            await session.run(update(Webhook).values(failing_since=desk.time))
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        working = group.create_task(desk.work())
        while desk.sites.now["/mia"] < most:  # noqa: ASYNC110  the shop makes it so
            await asyncio.sleep(0.02)
        await asyncio.sleep(2 * deliveries.LOOK)
        assert desk.sites.most["/mia"] == most
        desk.sites.released.set()
        await working
    assert len(set(desk.sites.ids("/mia"))) == 10
    assert desk.sites.most["/mia"] <= deliveries.OF_ONE_SITE


async def test_a_run_ends_in_time_and_the_next_goes_on(desk: Desk) -> None:
    await desk.put(number=3)
    assert await desk.work(spell=0) == 0
    async with desk.db.write() as session:
        await session.run(update(Webhook).values(failing_since=desk.time))
    assert await desk.work() == 3
    assert (await desk.site()).failing_since is None


async def test_towards_its_end_a_run_tries_no_site_that_takes_nothing(desk: Desk) -> None:
    """It would have to be waited for, and with it everybody else."""
    await desk.put()
    async with desk.db.write() as session:
        await session.run(update(Webhook).values(failing_since=desk.time))
    assert await deliveries._claim(desk.db, [], desk.time, trying=False) == []
    assert len(await deliveries._claim(desk.db, [], desk.time, trying=True)) == 1


async def test_with_all_places_taken_nothing_is_claimed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "AT_ONCE", 2)
    await desk.put(number=5)
    first = await deliveries._claim(desk.db, [], desk.time, trying=True)
    second = await deliveries._claim(desk.db, first, desk.time, trying=True)
    assert (len(first), len(second)) == (1, 1)
    assert await deliveries._claim(desk.db, first + second, desk.time, trying=True) == []


async def test_the_longest_due_goes_first(desk: Desk) -> None:
    for _ in range(3):
        await desk.put()
        desk.wait(seconds=1)
    ids = [each.id for each in await desk.messages()]
    async with desk.db.write() as session:
        await session.run(update(Delivery).where(Delivery.id == ids[0]).values(due_at=desk.time))
        first, *_ = await deliveries.claim(session, limit=1, now=desk.time)
    assert first.id == ids[1]


async def test_a_place_that_becomes_free_goes_to_the_site_with_the_fewest_posts_under_way(desk: Desk) -> None:
    """Or a few slow sites with much to take keep all of them."""
    slow = range(2001, 2001 + deliveries.AT_ONCE // deliveries.OF_ONE_SITE)
    for user_id in slow:
        await desk.connect(user_id, "/slow")
        await desk.put(user_id, number=10)
    under_way: list[deliveries.Claimed] = []
    while more := await deliveries._claim(desk.db, under_way, desk.time, trying=True):
        under_way += more
    assert len(under_way) == deliveries.AT_ONCE
    desk.wait(seconds=1)
    await desk.put(MIA)
    desk.wait(seconds=1)
    under_way.pop()
    [next_one] = await deliveries._claim(desk.db, under_way, desk.time, trying=True)
    assert next_one.user_id == MIA


async def test_nothing_is_sent_for_who_has_turned_it_off_and_all_of_it_for_who_is_suspended(desk: Desk) -> None:
    """What becomes of orders under way is their customers' money, whatever the shop thinks of the reseller."""
    await desk.put()
    async with desk.db.write() as session:
        await webhooks.turn(session, MIA, on=False, now=desk.time)
    assert await desk.work() == 0
    async with desk.db.write() as session:
        await webhooks.turn(session, MIA, on=True, now=desk.time)
        await resellers.decide(session, MIA, state=resellers.SUSPENDED, actor="admin:1", now=desk.time)
    assert await desk.work() == 1
    assert len(desk.sites.heard["/mia"]) == 1


async def test_the_owner_hears_once_that_the_site_has_taken_nothing_for_an_hour(desk: Desk) -> None:
    desk.sites.answers["/mia"] = [404]
    for _ in range(6):
        await desk.put()
        await desk.work()
        desk.wait(minutes=30)
    assert await desk.heard() == [("failing", "404")]
    desk.sites.answers["/mia"] = [200]
    await desk.put()
    await desk.work()
    assert (await desk.site()).failing_since is None
    desk.sites.answers["/mia"] = ["drop"]
    for _ in range(4):
        await desk.put()
        await desk.work()
        desk.wait(minutes=30)
    assert await desk.heard() == [("failing", "404"), ("failing", "broken")]


async def test_what_could_not_be_tried_for_as_long_as_tries_take_at_a_site_that_takes_nothing_is_given_up(
    desk: Desk,
) -> None:
    """Or what waits for a site that is dead for good would grow without end."""
    await desk.put(number=3)
    async with desk.db.write() as session:
        [tried] = await deliveries.claim(session, limit=1, now=desk.time)
        await session.run(update(Webhook).values(failing_since=desk.time))
    desk.time += deliveries.OLD + timedelta(hours=1)
    async with desk.db.write() as session:
        again = (await webhooks.messages(session, MIA, limit=9))[0].id
        await session.run(update(Delivery).where(Delivery.id == again).values(state="failed"))
        await webhooks.replay(session, MIA, again, desk.time - timedelta(hours=1))
        await deliveries.record(session, outcomes=[(tried, Answer("500"))], now=desk.time, chance=lambda: 0.5)
    assert [each.state for each in await desk.messages()] == ["waiting", "failed", "waiting"], "sent again, tried again"
    assert await desk.heard() == [("failing", "500"), ("given_up", "500")]
    assert timedelta(days=3) < deliveries.OLD < timedelta(days=3.5)


async def test_nothing_is_given_up_for_the_time_that_the_shop_was_down(desk: Desk) -> None:
    """A failed try after a day of that says nothing about what was not tried on it."""
    desk.sites.answers["/mia"] = [500]
    await desk.put()
    await desk.work()
    desk.wait(hours=2)
    await desk.put(number=5)
    desk.wait(hours=25)
    assert await desk.work() > 0
    assert {each.state for each in await desk.messages()} == {"waiting"}
    assert await desk.heard() == [("failing", "500")]
