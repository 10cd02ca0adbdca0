"""The outbox: each notice once, the urgent first, a card replaced in place, a lease that others respect."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from services import outbox
from services.db import Database
from services.models import Notice
from services.money import Money
from services.notices import Card, Credited, Verifying
from services.outbox import Claimed, Outgoing

CHAT = 1001
LEASE = timedelta(seconds=30)


def credited(key: str, *, chat_id: int = CHAT, priority: int = outbox.NOTICE) -> Outgoing:
    return Outgoing(key, chat_id, Credited(Money.parse("1.00"), Money.parse("2.00"), "a gift"), priority)


def card(delivered: int, *, message_id: int | None = None) -> Outgoing:
    shown = Card(
        7, "Likes", "A", "https://x.com/a", 10, Money(5), Money(0), "placed", "In progress", delivered, None, ""
    )
    return Outgoing(outbox.card_key(7), CHAT, shown, outbox.PROGRESS, message_id)


async def put(db: Database, *outgoing: Outgoing, now: datetime) -> None:
    async with db.write() as session:
        await outbox.put(session, outgoing, now)


async def claim(db: Database, now: datetime, *, owner: str = "one", limit: int = 10) -> list[Claimed]:
    async with db.write() as session:
        return await outbox.claim(session, owner=owner, limit=limit, lease=LEASE, now=now)


async def sent(db: Database, claimed: Claimed, message_id: int, now: datetime) -> None:
    async with db.write() as session:
        await outbox.sent(session, [(claimed.id, claimed.version, message_id)], now)


async def test_a_key_is_put_once_for_ever(db: Database, now: datetime) -> None:
    await put(db, credited("k"), credited("k"), now=now)
    [first] = await claim(db, now)
    await sent(db, first, 5, now)
    await put(db, credited("k"), now=now)
    assert await claim(db, now) == []


async def test_a_notice_comes_back_as_it_was_put(db: Database, now: datetime) -> None:
    await put(db, credited("k"), now=now)
    [claimed] = await claim(db, now)
    assert claimed.notice == Credited(Money.parse("1.00"), Money.parse("2.00"), "a gift")
    assert (claimed.chat_id, claimed.tries, claimed.message_id) == (CHAT, 1, None)


async def test_the_urgent_go_first_however_late_they_came(db: Database, now: datetime) -> None:
    await put(db, credited("b", priority=outbox.BROADCAST), credited("p", priority=outbox.PROGRESS), now=now)
    await put(db, credited("n"), credited("i", priority=outbox.INTERACTIVE), now=now)
    assert [each.key for each in await claim(db, now, limit=3)] == ["i", "n", "p"]


async def test_what_a_chat_is_told_of_its_orders_is_claimed_together(db: Database, now: datetime) -> None:
    """A page is full of cards, and the ends of twenty orders are still one message."""
    ends = [Outgoing(f"v{number}", CHAT, Verifying(number, "Likes", "A", 10, Money(5))) for number in range(20)]
    other = Outgoing("other", CHAT + 1, Verifying(99, "Likes", "A", 10, Money(5)))
    await put(db, credited("k", priority=outbox.INTERACTIVE), credited("l"), *ends, other, now=now)
    claimed = await claim(db, now, limit=1)
    assert [each.key for each in claimed] == ["k", *(end.key for end in ends)]
    assert {each.tries for each in claimed} == {1}
    assert [each.key for each in await claim(db, now, owner="two")] == ["l", "other"]


async def test_what_is_gathered_for_a_chat_is_due_and_nobody_elses(db: Database, now: datetime) -> None:
    first, second, third = (
        Outgoing(key, CHAT, Verifying(number, "Likes", "A", 10, Money(5))) for number, key in enumerate("abc")
    )
    await put(db, first, now=now)
    assert [each.key for each in await claim(db, now, owner="two")] == ["a"]
    await put(db, second, now=now)
    await put(db, third, now=now + timedelta(minutes=1))
    assert [each.key for each in await claim(db, now)] == ["b"]


async def test_a_lease_is_respected_until_it_ends(db: Database, now: datetime) -> None:
    await put(db, credited("k"), now=now)
    assert len(await claim(db, now)) == 1
    assert await claim(db, now + LEASE, owner="two") == []
    [again] = await claim(db, now + LEASE + timedelta(seconds=1), owner="two")
    assert again.tries == 2


async def test_a_card_is_replaced_before_it_went_out(db: Database, now: datetime) -> None:
    await put(db, card(1, message_id=40), now=now)
    await put(db, card(2), now=now)
    [claimed] = await claim(db, now)
    assert isinstance(claimed.notice, Card)
    assert (claimed.notice.delivered, claimed.message_id) == (2, 40)


async def test_a_card_replaced_while_it_was_being_sent_goes_out_again(db: Database, now: datetime) -> None:
    await put(db, card(1), now=now)
    [claimed] = await claim(db, now)
    await put(db, card(2), now=now)
    await sent(db, claimed, 41, now)
    [newer] = await claim(db, now)
    assert isinstance(newer.notice, Card)
    assert (newer.notice.delivered, newer.message_id) == (2, 41)
    await sent(db, newer, 41, now)
    assert await claim(db, now) == []


async def test_a_refused_notice_comes_back_later(db: Database, now: datetime) -> None:
    await put(db, credited("k"), now=now)
    [claimed] = await claim(db, now)
    async with db.write() as session:
        await outbox.later(session, [claimed.id], due_at=now + timedelta(seconds=9), error="429")
    assert await claim(db, now + timedelta(seconds=8)) == []
    assert len(await claim(db, now + timedelta(seconds=9))) == 1


async def test_a_chat_that_is_gone_loses_its_queue_and_no_other_does(db: Database, now: datetime) -> None:
    await put(db, credited("a"), credited("b"), credited("c", chat_id=2), now=now)
    async with db.write() as session:
        await outbox.drop_chat(session, CHAT, "blocked")
    assert [each.key for each in await claim(db, now)] == ["c"]


async def test_what_moves_with_its_chat_is_known_by_the_new_id_and_told_there_once(db: Database, now: datetime) -> None:
    old, new, other = -100_5, -100_50, -100_500
    notice = credited("k").notice
    queued = [*outbox.to_each("both", [old, new], notice), *outbox.to_each("one", [old, other], notice)]
    await put(db, *queued, credited("plain", chat_id=old), now=now)
    async with db.write() as session:
        await outbox.move_chat(session, old, new, now)
    later = now + timedelta(hours=1)
    held = {(each.key, each.chat_id) for each in await claim(db, now, limit=9)}
    assert held == {(f"both:{new}", new), (f"one:{new}", new), (f"one:{other}", other), ("plain", new)}
    await put(db, *outbox.to_each("one", [new], notice), now=later)
    assert len(await claim(db, later, limit=9)) == len(held), "nothing came on top"


async def test_what_was_given_up_on_its_way_is_not_tried_again(db: Database, now: datetime) -> None:
    await put(db, credited("news:1:a"), credited("news:1_:b"), credited("news:1:c", chat_id=2), now=now)
    held = {each.key: each.id for each in await claim(db, now, limit=9)}
    async with db.write() as session:
        await outbox.withdraw(session, "news:1:", [CHAT])
        assert await outbox.queued(session, []) == set()
        assert await outbox.queued(session, held.values()) == {held["news:1_:b"], held["news:1:c"]}
        await outbox.later(session, held.values(), due_at=now, error="429")
    assert {each.key for each in await claim(db, now, limit=9)} == {"news:1_:b", "news:1:c"}


async def test_dropped_notices_are_not_claimed(db: Database, now: datetime) -> None:
    await put(db, credited("a"), credited("b"), now=now)
    first, second = await claim(db, now)
    async with db.write() as session:
        await outbox.drop(session, [first.id, second.id], "poisoned")
    assert await claim(db, now + timedelta(hours=1)) == []


async def test_purging_forgets_old_ends_and_keeps_what_waits(db: Database, now: datetime) -> None:
    await put(db, credited("sent"), now=now)
    [claimed] = await claim(db, now)
    await sent(db, claimed, 1, now)
    await put(db, credited("waits"), now=now)
    async with db.write() as session:
        await outbox.purge(session, now + timedelta(days=1))
    async with db.read() as read:
        assert await read.values(select(Notice.key)) == ["waits"]


@pytest.mark.parametrize("outgoing", [[], [credited("k")]])
async def test_the_sender_is_woken_only_by_something_to_send(
    db: Database, now: datetime, outgoing: list[Outgoing]
) -> None:
    woken: list[str] = []
    db.subscribe("outbox", lambda: woken.append("outbox"))
    await put(db, *outgoing, now=now)
    assert len(woken) == len(outgoing)


async def test_what_an_owner_gives_back_is_free_at_once_and_the_rest_stays_theirs(db: Database, now: datetime) -> None:
    await put(db, credited("a"), credited("b", chat_id=CHAT + 1), now=now)
    [mine] = await claim(db, now, owner="one", limit=1)
    [theirs] = await claim(db, now, owner="two", limit=1)
    async with db.write() as session:
        await outbox.release(session, "one")
    assert [found.id for found in await claim(db, now, owner="three")] == [mine.id]
    async with db.write() as session:
        await outbox.release(session)
    assert {found.id for found in await claim(db, now, owner="four")} == {mine.id, theirs.id}


async def test_nothing_sent_records_nothing(db: Database, now: datetime) -> None:
    await put(db, credited("k"), now=now)
    await claim(db, now)
    async with db.write() as session:
        await outbox.sent(session, [], now)
        assert await session.values(select(Notice.state)) == ["queued"]
