"""Laws of a reseller's site: connected by an address that is one, signed for, tested, listed, sent to once more."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, true, update

from services import resellers, service_news, webhooks
from services.db import Database, WriteSession
from services.models import Delivery, Webhook
from services.reseller_errors import BadSite, DeliveryGone, NoSite, SiteOff
from services.webhooks import Event, Figures
from tests import factories

MIA = 1001
URL = "https://shop.example.com/hooks?shop=1"


@pytest.fixture
async def write(db: Database, now: datetime) -> AsyncIterator[WriteSession]:
    """Mia is a reseller, and her site is connected."""
    async with db.write() as session:
        await connected(session, now)
        yield session


async def connected(session: WriteSession, now: datetime) -> None:
    await factories.person(session, now, user_id=MIA)
    await resellers.apply(session, MIA, about="shop.example.com", now=now)
    await resellers.decide(session, MIA, state=resellers.APPROVED, actor="admin:1", now=now)
    await webhooks.connect(session, MIA, URL, now=now)


async def written(write: WriteSession) -> list[tuple[str, str, int]]:
    rows = await write.all(select(Delivery.kind, Delivery.state, Delivery.tries).order_by(Delivery.id))
    return [(row.kind, row.state, row.tries) for row in rows]


async def ended(write: WriteSession, state: str, at: datetime) -> None:
    await write.run(update(Delivery).values(state=state, tries=3, done_at=at, answer="200"))


async def test_a_site_is_connected_with_a_secret_of_its_own(write: WriteSession, now: datetime) -> None:
    site = await webhooks.find(write, MIA, now)
    assert site is not None
    assert (site.url, site.state, site.overlap_until, site.failing_since) == (URL, "on", None, None)
    secret = await webhooks.secret(write, MIA)
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) >= 24
    assert secret not in repr(site)
    assert await webhooks.addressed(write, [MIA, 7]) == {MIA: "USD"}


async def test_another_address_keeps_the_secret_and_takes_what_waits_at_once(
    write: WriteSession, now: datetime
) -> None:
    secret = await webhooks.secret(write, MIA)
    await webhooks.put(write, [Event(MIA, "balance.low", {})], now)
    later = now + timedelta(hours=2)
    await write.run(update(Delivery).values(due_at=now + timedelta(hours=10), tries=6))
    await write.run(update(Webhook).values(failing_since=now, state="gone"))
    assert (
        await webhooks.connect(write, MIA, " HTTPS://Other.Example.com:443 ", now=later) == "https://other.example.com/"
    )
    site = await webhooks.find(write, MIA, later)
    assert site is not None
    assert (site.url, site.state, site.failing_since) == ("https://other.example.com/", "on", None)
    assert await webhooks.secret(write, MIA) == secret
    [waiting] = await webhooks.messages(write, MIA, limit=9)
    assert (waiting.due_at, waiting.tries) == (later, 6)


async def test_an_address_that_is_none_changes_nothing(write: WriteSession, now: datetime) -> None:
    with pytest.raises(BadSite):
        await webhooks.connect(write, MIA, "http://shop.example.com/", now=now)
    site = await webhooks.find(write, MIA, now)
    assert site is not None
    assert site.url == URL


async def test_a_new_secret_signs_beside_the_old_one_for_a_day(write: WriteSession, now: datetime) -> None:
    old = await webhooks.secret(write, MIA)
    fresh = await webhooks.rotate(write, MIA, now)
    assert await webhooks.secret(write, MIA) == fresh != old
    row = await write.first(select(Webhook.old_secret, Webhook.old_until))
    assert row is not None
    assert tuple(row) == (old, now + webhooks.OVERLAP)
    site = await webhooks.find(write, MIA, now)
    assert site is not None
    assert site.overlap_until == now + webhooks.OVERLAP
    site = await webhooks.find(write, MIA, now + webhooks.OVERLAP)
    assert site is not None
    assert site.overlap_until is None


async def test_a_site_that_has_the_old_secret_still_keeps_it_whatever_is_made_meanwhile(
    write: WriteSession, now: datetime
) -> None:
    has = await webhooks.secret(write, MIA)
    for hours in (0, 1, 24):
        made = await webhooks.rotate(write, MIA, now + timedelta(hours=hours))
        row = await write.first(select(Webhook.secret, Webhook.old_secret, Webhook.old_until))
        assert row is not None
        assert tuple(row) == (made, has, now + timedelta(hours=hours) + webhooks.OVERLAP)
    await webhooks.rotate(write, MIA, now + timedelta(hours=48))
    assert await write.value(select(Webhook.old_secret)) == made, "its day is over"


async def test_what_is_turned_off_is_written_nothing_for_and_keeps_what_waits(
    write: WriteSession, now: datetime
) -> None:
    await webhooks.ping(write, MIA, now)
    await webhooks.turn(write, MIA, on=False, now=now)
    assert await webhooks.addressed(write, [MIA]) == {}
    with pytest.raises(SiteOff):
        await webhooks.ping(write, MIA, now)
    assert await written(write) == [("webhook.test", "waiting", 0)]
    [waiting] = await webhooks.messages(write, MIA, limit=9)
    with pytest.raises(SiteOff):
        await webhooks.replay(write, MIA, waiting.id, now)
    write.topics.clear()
    await webhooks.turn(write, MIA, on=True, now=now + timedelta(days=1))
    assert await webhooks.addressed(write, [MIA]) == {MIA: "USD"}
    assert write.topics == {"deliveries"}


async def test_a_suspended_reseller_is_told_what_becomes_of_their_orders(write: WriteSession, now: datetime) -> None:
    """Prices they are not told of (test_service_news)."""
    await resellers.decide(write, MIA, state=resellers.SUSPENDED, actor="admin:1", now=now)
    assert list(await webhooks.addressed(write, [MIA])) == [MIA]


async def test_a_test_takes_the_place_of_one_that_waits(write: WriteSession, now: datetime) -> None:
    first = await webhooks.ping(write, MIA, now)
    second = await webhooks.ping(write, MIA, now)
    [waiting] = await webhooks.messages(write, MIA, limit=9)
    assert (waiting.id, waiting.kind, waiting.state) == (second, "webhook.test", "waiting")
    assert second != first or not write.on_postgres
    await ended(write, "done", now)
    await webhooks.ping(write, MIA, now)
    assert [each.state for each in await webhooks.messages(write, MIA, limit=9)] == ["waiting", "done"]


async def test_without_a_site_nothing_can_be_done_with_it(write: WriteSession, now: datetime) -> None:
    await webhooks.ping(write, MIA, now)
    await webhooks.disconnect(write, MIA)
    assert await webhooks.find(write, MIA, now) is None
    assert await written(write) == []
    for attempt in (
        webhooks.secret(write, MIA),
        webhooks.rotate(write, MIA, now),
        webhooks.turn(write, MIA, on=True, now=now),
        webhooks.ping(write, MIA, now),
        webhooks.disconnect(write, MIA),
    ):
        with pytest.raises(NoSite):
            await attempt


async def test_messages_are_listed_the_newest_first_page_by_page(write: WriteSession, now: datetime) -> None:
    await webhooks.put(write, [Event(MIA, "balance.low", {"number": number}) for number in range(5)], now)
    seen, last = [], None
    while page := await webhooks.messages(write, MIA, limit=2, before=last):
        seen += [each.id for each in page]
        last = seen[-1]
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)
    assert await webhooks.messages(write, 7, limit=9) == []
    shown, body = await webhooks.message(write, MIA, seen[0])
    assert shown.kind == "balance.low"
    assert body.startswith('{"type":"balance.low","timestamp":"2026-05-04T12:00:00.000000+00:00","data":')
    with pytest.raises(DeliveryGone):
        await webhooks.message(write, 7, seen[0])


async def test_a_message_is_sent_once_more_as_it_was_under_its_id(write: WriteSession, now: datetime) -> None:
    await webhooks.put(write, [Event(MIA, "order.updated", {"status": "Pending"}, 12)], now)
    [before] = await webhooks.messages(write, MIA, limit=9)
    await ended(write, "failed", now)
    with pytest.raises(NoSite):
        await webhooks.replay(write, 7, before.id, now)
    said = (await webhooks.message(write, MIA, before.id))[1]
    later = now + timedelta(days=4)
    await webhooks.replay(write, MIA, before.id, later)
    again, body = await webhooks.message(write, MIA, before.id)
    assert (again.key, body) == (before.key, said)
    assert (again.state, again.due_at, again.done_at) == ("waiting", later, None)
    # One that waits for its next try goes out now; one that is on its way is left to that.
    await webhooks.replay(write, MIA, before.id, now)
    assert (await webhooks.message(write, MIA, before.id))[0].due_at == now
    await write.run(update(Delivery).values(lease_until=now + timedelta(seconds=9)))
    with pytest.raises(DeliveryGone):
        await webhooks.replay(write, MIA, before.id, now)
    # An update that is written meanwhile stands beside it.
    await webhooks.put(write, [Event(MIA, "order.updated", {"status": "Processing"}, 12)], later)
    assert len(await webhooks.messages(write, MIA, limit=9)) == 2


async def test_what_its_owner_wants_sent_does_not_wait_for_the_time_that_a_site_asked_for(
    write: WriteSession, now: datetime
) -> None:
    async def quiet() -> datetime | None:
        return await write.value(select(Webhook.quiet_until).where(Webhook.user_id == MIA))

    for again in (False, True):
        await write.run(update(Webhook).values(quiet_until=now + timedelta(hours=20)))
        if again:
            await ended(write, "failed", now)
            [sent] = await webhooks.messages(write, MIA, limit=9)
            await webhooks.replay(write, MIA, sent.id, now)
        else:
            await webhooks.ping(write, MIA, now)
        assert await quiet() is None


async def test_whether_a_site_was_turned_is_said(write: WriteSession, now: datetime) -> None:
    turned = [await webhooks.turn(write, MIA, on=on, now=now) for on in (True, False, False, True)]
    assert turned == [False, True, False, True]


async def test_figures_count_what_ended_since_and_what_waits(write: WriteSession, now: datetime) -> None:
    rows = [
        ("done", now),
        ("done", now - timedelta(hours=25)),
        ("failed", now),
        ("failed", now),
        ("waiting", None),
    ]
    for number, (state, at) in enumerate(rows):
        row = {"key": f"msg_{number}", "user_id": MIA, "kind": "balance.low", "body": "{}", "state": state}
        await write.run(insert(Delivery).values(row | {"due_at": now, "created_at": now, "done_at": at}))
    assert await webhooks.figures(write, MIA, now - timedelta(hours=24)) == Figures(1, 2, 1)
    assert await webhooks.figures(write, 7, now) == Figures(0, 0, 0)


async def test_of_the_updates_of_an_order_that_wait_the_last_one_stays_and_none_after_its_end(
    write: WriteSession, now: datetime
) -> None:
    for status in ("Pending", "Processing"):
        await webhooks.put(write, [Event(MIA, "order.updated", {"status": status}, 12)], now)
        await webhooks.put(write, [Event(MIA, "order.updated", {"status": status}, 13)], now)
    kept = await webhooks.messages(write, MIA, limit=9)
    assert sorted(each.order_id or 0 for each in kept) == [12, 13]
    assert "Processing" in (await webhooks.message(write, MIA, kept[0].id))[1]
    await write.run(update(Delivery).where(Delivery.order_id == 13).values(tries=1))  # it is on its way
    await webhooks.put(write, [Event(MIA, "order.completed", {}, 12), Event(MIA, "order.completed", {}, 13)], now)
    assert await written(write) == [("order.updated", "waiting", 1)] + [("order.completed", "waiting", 0)] * 2


async def test_what_happens_once_has_one_id_even_where_it_was_forgotten(write: WriteSession, now: datetime) -> None:
    """As in a shop that was brought back from a backup: the site knows the id, and does not credit twice."""
    once = Event(MIA, "order.partial", {"refund": "4"}, 12, once="12:moment:4000000")
    for at in (now, now + timedelta(days=1)):
        await webhooks.put(write, [once], at)
    [first] = await webhooks.messages(write, MIA, limit=9)
    await webhooks.disconnect(write, MIA)
    await webhooks.connect(write, MIA, URL, now=now)
    await webhooks.put(write, [once, Event(MIA, "order.partial", {}, 12, once="12:another:4000000")], now)
    keys = [each.key for each in await webhooks.messages(write, MIA, limit=9)]
    assert len(set(keys)) == 2
    assert first.key in keys


async def test_old_messages_are_forgotten(write: WriteSession, now: datetime) -> None:
    await webhooks.put(write, [Event(MIA, "balance.low", {})], now)
    await webhooks.purge(write, now)
    assert len(await webhooks.messages(write, MIA, limit=9)) == 1
    await webhooks.purge(write, now + webhooks.KEPT)
    assert await webhooks.messages(write, MIA, limit=9) == []


@pytest.mark.parametrize("way", ["addressed", "pinged", "shelves"])
async def test_a_site_that_is_told_something_is_disconnected_after_that(db: Database, now: datetime, way: str) -> None:
    """Or the message would break the transaction of what it tells of."""
    async with db.write() as session:
        await connected(session, now)

    async def disconnect() -> None:
        async with db.write() as other:
            await webhooks.disconnect(other, MIA)

    async with db.write() as session:
        if way == "addressed":
            assert MIA in await webhooks.addressed(session, [MIA])
        elif way == "pinged":
            await webhooks.ping(session, MIA, now)
        else:
            assert MIA in (await service_news._shelves(session, true())).tiers
        disconnecting = asyncio.get_running_loop().create_task(disconnect())
        await asyncio.sleep(0.3)
        assert not disconnecting.done()
        await webhooks.put(session, [Event(MIA, "balance.low", {})], now)
    async with asyncio.timeout(10):
        await disconnecting
    async with db.read() as read:
        assert await webhooks.messages(read, MIA, limit=9) == []


async def test_nothing_is_written_for_a_site_that_is_being_disconnected(db: Database, now: datetime) -> None:
    async with db.write() as session:
        await connected(session, now)

    async def tell() -> dict[int, str]:
        async with db.write() as other:
            found = await webhooks.addressed(other, [MIA])
            await webhooks.put(other, [Event(user_id, "balance.low", {}) for user_id in found], now)
            return found

    async with db.write() as session:
        await webhooks.disconnect(session, MIA)
        telling = asyncio.get_running_loop().create_task(tell())
        await asyncio.sleep(0.3)
        assert not telling.done()
    async with asyncio.timeout(10):
        assert await telling == {}


async def test_what_is_rolled_back_is_told_to_nobody(db: Database, now: datetime) -> None:
    class Failed(Exception):
        pass

    heard: list[str] = []
    async with db.write() as session:
        await connected(session, now)
    db.subscribe("deliveries", lambda: heard.append("deliveries"))

    async def failing() -> None:
        async with db.write() as session:
            await webhooks.put(session, [Event(MIA, "balance.low", {})], now)
            assert len(await webhooks.messages(session, MIA, limit=9)) == 1
            raise Failed

    with pytest.raises(Failed):
        await failing()
    async with db.read() as read:
        assert await webhooks.messages(read, MIA, limit=9) == []
    assert heard == []
