"""Messages to many: nobody is told twice, nobody who is not meant, and a pause, a stop or a death changes neither."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from services import audiences, broadcasts, outbox, users, wallet
from services.audiences import Audience
from services.db import Database
from services.errors import BroadcastMoved
from services.models import Notice, User
from services.money import Money
from services.notices import Credited
from tests import factories

ADA = 9001
LEASE = timedelta(seconds=60)


async def crowd(db: Database, now: datetime, count: int, first: int = 1) -> None:
    rows = [
        {"id": number, "name": f"Person {number}", "language_code": "en", "created_at": now}
        for number in range(first, first + count)
    ]
    async with db.write() as session:
        await session.run(insert(User), rows)


async def written(db: Database, now: datetime, audience: Audience | None = None, **texts: str) -> int:
    """A draft with these texts by language."""
    said = list((texts or {"en": "<b>News</b>"}).items())
    async with db.write() as session:
        made = await broadcasts.draft(session, text=said[0][1], locale=said[0][0], by=ADA, now=now)
        for locale, text in said[1:]:
            await broadcasts.write_text(session, made, locale=locale, text=text)
        if audience is not None:
            await broadcasts.choose(session, made, audience)
    return made


async def moved(db: Database, broadcast_id: int, step: str, now: datetime) -> broadcasts.Standing:
    async with db.write() as session:
        return await broadcasts.move(session, broadcast_id, step, now)


async def fed(db: Database, now: datetime) -> None:
    async with db.write() as session:
        await broadcasts.feed(session, now, "en")


async def sent(db: Database, now: datetime, limit: int = 1000, *, gone: Sequence[int] = ()) -> list[int]:
    """What the sender would have sent by now, the chats in the order of claiming; `gone` cannot be reached."""
    told = []
    async with db.write() as session:
        claimed = [
            one
            for one in await outbox.claim(session, owner="t", limit=limit, lease=LEASE, now=now)
            if one.notice.kind == "broadcast"
        ]
        for one in claimed:
            if one.chat_id in gone:
                await outbox.drop_chat(session, one.chat_id, "blocked")
                await users.mark_unreachable(session, one.chat_id, now)
            else:
                told.append(one.chat_id)
        await outbox.sent(session, [(one.id, one.version, 7) for one in claimed if one.chat_id not in gone], now)
    return told


async def standing(db: Database, broadcast_id: int) -> broadcasts.Standing:
    async with db.read() as session:
        return await broadcasts.find(session, broadcast_id)


async def test_everybody_is_told_once_page_by_page(db: Database, now: datetime) -> None:
    await crowd(db, now, 2 * broadcasts.PAGE + 50)
    one = await written(db, now)
    assert (await moved(db, one, "run", now)).total == 2 * broadcasts.PAGE + 50
    told: list[int] = []
    for _ in range(8):
        await fed(db, now)
        told += await sent(db, now, limit=200)
    assert sorted(told) == list(range(1, 2 * broadcasts.PAGE + 51))
    after = await standing(db, one)
    assert (after.state, after.sent, after.dropped) == ("done", len(told), 0)
    await fed(db, now)
    assert await sent(db, now) == []


async def test_no_more_is_put_while_enough_waits(db: Database, now: datetime) -> None:
    """So a pause leaves little on its way, and the outbox stays small."""
    await crowd(db, now, 2 * broadcasts.PAGE)
    await moved(db, await written(db, now), "run", now)
    for _ in range(5):
        await fed(db, now)
    async with db.read() as session:
        waiting = await session.all(select(Notice.chat_id).where(Notice.broadcast_id.is_not(None)))
    assert len(waiting) == broadcasts.PAGE


async def test_a_pause_takes_back_what_nobody_has_in_hand_and_goes_on_from_there(db: Database, now: datetime) -> None:
    await crowd(db, now, 40)
    one = await written(db, now)
    await moved(db, one, "run", now)
    await fed(db, now)
    told = await sent(db, now, limit=10)
    async with db.write() as session:  # on its way when the pause comes
        in_hand = await outbox.claim(session, owner="t", limit=5, lease=LEASE, now=now)
    assert (await moved(db, one, "pause", now)).state == "paused"
    await fed(db, now)
    assert await sent(db, now) == []
    async with db.write() as session:
        await outbox.sent(session, [(each.id, each.version, 7) for each in in_hand], now)
    told += [each.chat_id for each in in_hand]
    await moved(db, one, "run", now)
    for _ in range(3):
        await fed(db, now)
        told += await sent(db, now)
    assert sorted(told) == list(range(1, 41))
    await fed(db, now)
    over = await standing(db, one)
    assert (over.state, over.sent) == ("done", 40)


async def test_a_stop_is_the_end(db: Database, now: datetime) -> None:
    await crowd(db, now, 30)
    one = await written(db, now)
    await moved(db, one, "run", now)
    await fed(db, now)
    assert len(await sent(db, now, limit=11)) == 10  # and the live card
    await moved(db, one, "stop", now)
    await fed(db, now)
    assert await sent(db, now) == []
    for step in ("run", "pause", "stop", "discard"):
        with pytest.raises(BroadcastMoved):
            await moved(db, one, step, now)


@pytest.mark.parametrize("step", ["pause", "stop"])
async def test_what_was_in_hand_counts_when_it_arrived_and_stays_when_it_comes_back(
    db: Database, now: datetime, step: str
) -> None:
    await crowd(db, now, 30)
    one = await written(db, now)
    await moved(db, one, "run", now)
    await fed(db, now)
    assert len(await sent(db, now, limit=11)) == 10  # and the live card
    async with db.write() as session:
        first, second, third = await outbox.claim(session, owner="t", limit=3, lease=LEASE, now=now)
    assert (await moved(db, one, step, now)).sent == 10
    async with db.write() as session:
        await outbox.sent(session, [(first.id, first.version, 7)], now)
        await outbox.later(session, [second.id], due_at=now, error="Too Many Requests")
    assert await sent(db, now) == [], "though the job was not there yet"
    await fed(db, now)
    later = now + 2 * LEASE  # whoever had the third in hand has died
    assert await sent(db, later) == []
    await fed(db, later)
    assert (await standing(db, one)).sent == 11
    async with db.read() as session:
        assert await session.values(select(Notice.id).where(Notice.id.in_([second.id, third.id]))) == []
    if step == "pause":
        await moved(db, one, "run", later)
        await fed(db, later)
        assert len(await sent(db, later)) == 19


async def test_what_was_begun_is_not_written_or_aimed_any_more(db: Database, now: datetime) -> None:
    await crowd(db, now, 3)
    one = await written(db, now)
    await moved(db, one, "run", now)
    async with db.write() as session:
        with pytest.raises(BroadcastMoved):
            await broadcasts.write_text(session, one, locale="en", text="other")
        with pytest.raises(BroadcastMoved):
            await broadcasts.choose(session, one, Audience("never"))
        with pytest.raises(BroadcastMoved):
            await broadcasts.find(session, one + 1)


async def test_a_draft_goes_out_to_nobody(db: Database, now: datetime) -> None:
    await crowd(db, now, 3)
    one = await written(db, now)
    await fed(db, now)
    assert await sent(db, now) == []
    assert (await moved(db, one, "discard", now)).state == "stopped"
    async with db.read() as session:
        assert [each.id for each in await broadcasts.latest(session, limit=5)] == [one]


async def test_whoever_cannot_be_reached_is_skipped_and_remembered(db: Database, now: datetime) -> None:
    await crowd(db, now, 10)
    one = await written(db, now)
    await moved(db, one, "run", now)
    await fed(db, now)
    assert len(await sent(db, now, gone=[3, 4])) == 8
    await fed(db, now)
    after = await standing(db, one)
    assert (after.state, after.sent, after.dropped) == ("done", 8, 2)
    again = await written(db, now)
    assert (await moved(db, again, "run", now)).total == 8


async def test_everybody_else_is_told_first(db: Database, now: datetime) -> None:
    await crowd(db, now, 20)
    await moved(db, await written(db, now), "run", now)
    await fed(db, now)
    refund = outbox.Outgoing("refund", 20, Credited(Money.parse("4"), Money.parse("4"), "refund"))
    async with db.write() as session:
        await outbox.put(session, [refund], now)
        first = await outbox.claim(session, owner="t", limit=1, lease=LEASE, now=now)
    assert [one.key for one in first] == ["refund"]


async def test_the_live_card_says_how_it_goes_and_how_it_ended(db: Database, now: datetime) -> None:
    await crowd(db, now, 4)
    one = await written(db, now)
    await moved(db, one, "run", now)
    await fed(db, now)
    await sent(db, now)
    await fed(db, now)
    async with db.read() as session:
        rows = await session.all(select(Notice.payload, Notice.version).where(Notice.kind == "broadcast_card"))
    assert [row.payload for row in rows] == [
        {"broadcast_id": one, "state": "done", "total": 4, "sent": 4, "dropped": 0}
    ]


@pytest.mark.parametrize(
    ("languages", "said"),
    [
        (("de", "en"), "Neues"),
        ((None, "de-AT"), "Neues"),
        (("pt-BR", None), "Novidades"),
        (("fr", None), "News"),
        ((None, None), "News"),
    ],
)
def test_everybody_reads_their_own_language_where_there_is_one(languages: tuple[str | None, ...], said: str) -> None:
    texts = {"en": "News", "de": "Neues", "pt-BR": "Novidades"}
    assert broadcasts.worded(texts, languages, "en") == said
    assert broadcasts.worded({"de": "Neues"}, languages, "en") == "Neues"


# Whom it goes to


@pytest.fixture
async def people(db: Database, now: datetime) -> Database:
    """1 ordered yesterday for $5.00, 2 forty days ago for $100.00, 3 a year ago, all of it back; 4 and 5 never did."""
    await crowd(db, now, 5)
    async with db.write() as session:
        service = (await factories.category(session, now))["A"]
        for number, days, quantity, delivered in ((1, 1, 5_000, 5_000), (2, 40, 100_000, 100_000), (3, 365, 9_000, 0)):
            await wallet.open_for(session, number)
            await wallet.credit(
                session, user_id=number, amount=Money.parse("100"), key=f"gift:{number}", actor="admin:1", now=now
            )
            await factories.order(
                session,
                now - timedelta(days=days),
                user_id=number,
                service_id=service,
                status="completed" if delivered else "canceled",
                quantity=quantity,
                delivered=delivered,
            )
        await session.run(update(User).where(User.id == 5).values(language_code="de-AT", locale="pt"))
        await session.run(update(User).where(User.id == 4).values(language_code="de-AT"))
    return db


@pytest.mark.parametrize(
    ("audience", "meant"),
    [
        (Audience(), [1, 2, 3, 4, 5]),
        (Audience("week"), [1]),
        (Audience("month"), [1]),
        (Audience("quarter"), [1, 2]),
        (Audience("quiet"), [2, 3]),
        (Audience("never"), [4, 5]),
        (Audience(language="de"), [4]),
        (Audience(language="pt"), [5]),
        (Audience(spent=Money.parse("5")), [1, 2]),
        (Audience(spent=Money.parse("100")), [2]),
        (Audience("quarter", spent=Money.parse("10"), language="en"), [2]),
    ],
)
async def test_an_audience_is_who_it_says(
    people: Database, now: datetime, audience: Audience, meant: list[int]
) -> None:
    async with people.read() as session:
        found = await session.values(select(User.id).where(audiences.members(audience, now)).order_by(User.id))
        assert list(found) == meant
        assert await audiences.size(session, audience, now) == len(meant)
    assert Audience.from_document(audience.to_document()) == audience


async def test_a_draft_goes_out_as_it_was_written_and_aimed_last(people: Database, now: datetime) -> None:
    one = await written(people, now, Audience("never"), en="News", de="Neues")
    await moved(people, one, "run", now)
    await fed(people, now)
    async with people.read() as session:
        rows = await session.all(select(Notice.chat_id, Notice.payload).where(Notice.broadcast_id == one))
    assert {row.chat_id: row.payload["text"] for row in rows} == {4: "Neues", 5: "Neues"}


async def test_nobody_is_meant_who_is_banned_gone_or_wants_no_news(people: Database, now: datetime) -> None:
    async with people.write() as session:
        await session.run(update(User).where(User.id == 1).values(banned=True))
        await users.mark_unreachable(session, 2, now)
        await users.choose_news(session, 3, wanted=False)
        assert not await users.wants_news(session, 3)
        assert await users.wants_news(session, 4)
        found = await session.values(select(User.id).where(audiences.members(Audience(), now)).order_by(User.id))
        assert list(found) == [4, 5]
        assert await audiences.languages(session) == ["en", "de", "pt"]
