"""Laws of a digest: several notices are one message, and each is still sent once, recorded, and never lost."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiogram.methods import SendMessage
from sqlalchemy import update

from bot.sender import Sender
from handlers import digest
from services import outbox
from services.db import Database
from services.models import Notice
from services.money import Money
from services.notices import AdminAlert, Completed, Verifying
from services.outbox import Outgoing
from tests.e2e.post_office import CARD, OMAR, Post, post_office, sending
from tests.e2e.sandbox_telegram import MIA


@pytest.fixture
async def post(db: Database, now: datetime, tmp_path: Path) -> AsyncIterator[Post]:
    async with post_office(db, now, tmp_path) as office:
        yield office


def done(number: int, chat_id: int = MIA) -> Outgoing:
    notice = Completed(number, "Likes", "A", 1_000, number, 1_000, 1_000, [["A", 1_000]])
    return Outgoing(f"done:{number}", chat_id, notice)


def sends(post: Post, chat_id: int = MIA) -> list[SendMessage]:
    return [call for _, call in post.calls if isinstance(call, SendMessage) and call.chat_id == chat_id]


async def test_twenty_orders_that_end_at_once_are_one_message_and_twenty_records(post: Post) -> None:
    await post.put(*(done(number) for number in range(1, 21)))
    async with sending(post):
        rows = await post.settled()
    [told] = await post.chat()
    assert "20 orders" in told
    assert all(f"#{number} complete" in told for number in range(1, 21))
    assert {(row.state, row.tries, row.message_id) for row in rows} == {("sent", 1, rows[0].message_id)}
    assert rows[0].message_id is not None


async def test_a_digest_overtakes_the_cards_of_its_orders(post: Post) -> None:
    """Twenty edits take twenty seconds and tell less than the one message."""
    await post.put(*(Outgoing(f"card:{number}", MIA, CARD) for number in range(1, 21)))
    await post.put(*(done(number) for number in range(1, 21)))
    async with sending(post):
        rows = await post.settled()
    assert "20 orders" in str(sends(post)[0].text)
    assert len(sends(post)) == 21, "and each card has a message of its own"
    assert {row.state for row in rows} == {"sent"}


async def test_two_notices_are_two_messages(post: Post) -> None:
    await post.put(done(1), done(2), *(done(number, OMAR) for number in (3, 4, 5)))
    async with sending(post):
        await post.settled()
    assert len(await post.chat()) == 2
    assert len(await post.chat(OMAR)) == 1
    assert post.calls[-1][0] - post.calls[0][0] < Sender.LINGER + 2


async def test_two_ends_wait_a_moment_for_a_third_and_one_waits_for_nothing(post: Post) -> None:
    """Of the orders of one answer those that stopped are known last: their links are looked at first."""

    async def meanwhile(make_request: Any, bot: Any, method: Any) -> Any:
        assert method.chat_id == OMAR or len(post.calls) > 1
        if len(post.calls) == 1:
            await post.put(done(3))
        return await make_request(bot, method)

    post.telegram.bot.session.middleware(meanwhile)
    await post.put(done(1), done(2), done(9, OMAR))
    async with sending(post):
        await post.settled()
    [told] = await post.chat()
    assert "3 orders" in told


async def test_what_does_not_fit_goes_into_the_next_message(post: Post) -> None:
    await post.put(*(done(number) for number in range(1, digest.MOST + 6)))
    async with sending(post):
        rows = await post.settled()
    first, second = await post.chat()
    assert f"{digest.MOST} orders" in first
    assert "5 orders" in second
    assert sum(text.count("complete:") for text in (first, second)) == digest.MOST + 5
    assert {row.tries for row in rows} == {1}


async def test_alerts_and_credits_stay_messages_of_their_own(post: Post) -> None:
    alert = AdminAlert("order-unknown", 7, {"provider": "north"}, 1)
    await post.put(*(Outgoing(f"alert:{number}", MIA, alert) for number in range(3)))
    for key in "abc":
        await post.credited(key)
    async with sending(post):
        await post.settled()
    assert len(await post.chat()) == 6


async def test_a_reply_goes_before_a_digest(post: Post) -> None:
    await post.put(*(done(number) for number in range(1, 6)))
    await post.card(0)
    async with sending(post):
        await post.settled()
    first, second = await post.chat()
    assert "0 of 10,000" in first
    assert "5 orders" in second


async def test_a_digest_that_was_not_taken_is_sent_whole_and_once(post: Post) -> None:
    await post.fault(502, "Bad Gateway")
    await post.put(*(done(number) for number in range(1, 6)))
    async with sending(post):
        rows = await post.settled()
    assert {(row.state, row.tries, row.last_error) for row in rows} == {("sent", 2, None)}
    assert len(await post.chat()) == 1


async def test_a_digest_waits_as_long_as_telegram_asks(post: Post) -> None:
    await post.fault(429, retry_after=9)
    await post.put(*(done(number) for number in range(1, 6)))
    async with sending(post):
        await post.settled()
    first, second = [at for at, _ in post.calls]
    assert second - first >= 9
    assert len(await post.chat()) == 1


async def test_a_chat_that_is_gone_loses_its_digest(post: Post) -> None:
    await post.fault(403, "Forbidden: bot was blocked by the user")
    await post.put(*(done(number) for number in range(1, 6)))
    async with sending(post):
        rows = await post.settled()
    assert {row.state for row in rows} == {"dropped"}


async def test_notices_that_telegram_refuses_together_are_told_one_by_one(post: Post) -> None:
    """However often each was tried before: none is given up for what another may have."""
    await post.put(*(done(number) for number in range(1, 6)))
    async with post.db.write() as session:
        await session.run(update(Notice).values(tries=Sender.REFUSALS))
    await post.fault(400, "Bad Request: message is too long")
    async with sending(post):
        rows = await post.settled()
    assert {row.state for row in rows} == {"sent"}
    assert len(await post.chat()) == 5


async def test_one_notice_that_cannot_be_put_into_words_spoils_no_digest(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = digest.render

    def broken(told: Any, texts: Any) -> Any:
        if len(told) == 4:
            raise KeyError("no such message")
        return render(told, texts)

    monkeypatch.setattr(digest, "render", broken)
    await post.put(*(done(number) for number in range(1, 5)))
    async with sending(post):
        rows = await post.settled()
    assert {row.state for row in rows} == {"sent"}
    assert len(await post.chat()) == 4


async def test_the_members_of_a_digest_are_recorded_in_one_transaction(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So whoever is killed before it sends them again as they were, and whoever is killed after it sends none."""
    sent = outbox.sent
    states: list[set[str]] = []

    async def watched(*args: Any) -> None:
        states.append({row.state for row in await post.rows()})
        await sent(*args)

    monkeypatch.setattr(outbox, "sent", watched)
    await post.put(*(done(number) for number in range(1, 8)))
    async with sending(post):
        await post.settled()
    assert states == [{"queued"}]


async def test_a_digest_whose_lease_ends_on_its_way_is_sent_once(post: Post) -> None:
    async def oversleep(make_request: Any, bot: Any, method: Any) -> Any:
        answer = await make_request(bot, method)
        if len(post.calls) == 1:
            post.time.seconds += 2 * Sender.LEASE.total_seconds()
            post.sender.look()
            await post.until(lambda rows: {row.tries for row in rows} == {2})
        return answer

    post.telegram.bot.session.middleware(oversleep)
    await post.put(*(done(number) for number in range(1, 6)))
    async with sending(post):
        await post.settled()
    assert len(await post.chat()) == 1


async def test_money_that_is_held_is_told_in_a_digest_as_well(post: Post) -> None:
    await post.put(
        *(Outgoing(f"v{n}", MIA, Verifying(n, "Likes", "A", 1_000, Money.parse("1.00"))) for n in range(1, 4))
    )
    async with sending(post):
        await post.settled()
    [told] = await post.chat()
    assert told.count("$1.00 held") == 3
