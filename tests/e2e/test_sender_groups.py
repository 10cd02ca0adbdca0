"""Groups before the sender: a burst is a few messages, and one that cannot be reached takes nobody's chat with it."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.types import Chat, Message

from handlers import digest, reseller_digest
from services import outbox, resellers, users
from services.db import Database
from services.money import ZERO, Money
from services.notices import Completed
from services.outbox import Outgoing
from services.reseller_notices import ResellerNews
from tests.e2e.post_office import OMAR, Post, post_office, sending
from tests.e2e.sandbox_telegram import MIA
from tests.reselling import approve

GROUP = -100_777


@pytest.fixture
async def post(db: Database, now: datetime, tmp_path: Path) -> AsyncIterator[Post]:
    """Mia and Omar sell on, and let one group hear of it."""
    async with post_office(db, now, tmp_path) as office:
        for who in (MIA, OMAR):
            await approve(db, who, now)
            async with db.write() as session:
                await resellers.add_chat(session, who, chat_id=GROUP, title="Team", now=now)
        yield office


def answering(post: Post, refusal: str | int) -> None:
    """What Telegram says to whatever goes to the group: a refusal, or the id that it has now."""

    async def answer(make_request: Any, bot: Bot, method: TelegramMethod[Any]) -> Any:
        if getattr(method, "chat_id", None) != GROUP:
            return await make_request(bot, method)
        if isinstance(refusal, int):
            raise TelegramMigrateToChat(method, "group chat was upgraded to a supergroup chat", refusal)
        raise (TelegramForbiddenError if refusal.startswith("Forbidden") else TelegramBadRequest)(method, refusal)

    post.telegram.bot.session.middleware(answer)


async def heard_in(post: Post, who: int) -> list[int]:
    async with post.db.read() as session:
        person = await users.find(session, who)
        assert person is not None
        assert person.reachable
        return [chat.chat_id for chat in await resellers.chats(session, who)]


@pytest.mark.parametrize(
    "refusal",
    [
        "Forbidden: bot was kicked from the group chat",
        "Bad Request: not enough rights to send text messages to the chat",
        "Bad Request: have no rights to send a message",
        "Bad Request: need administrator rights in the channel chat",
        "Bad Request: CHAT_WRITE_FORBIDDEN",
        "Bad Request: CHAT_SEND_PLAIN_FORBIDDEN",
        "Bad Request: CHAT_RESTRICTED",
        "Bad Request: TOPIC_CLOSED",
    ],
)
async def test_a_group_where_the_bot_may_not_write_hears_no_more_and_its_resellers_are_told(
    post: Post, refusal: str
) -> None:
    answering(post, refusal)
    for key in ("a", "b"):
        await post.credited(key, GROUP)
    await post.credited("mia")
    async with sending(post):
        rows = await post.until(lambda rows: [row.state for row in rows].count("sent") == 3)
    assert {row.key: row.state for row in rows[:3]} == {"a": "dropped", "b": "dropped", "mia": "sent"}
    for who in (MIA, OMAR):
        assert await heard_in(post, who) == []
        told = (await post.chat(who))[-1]
        assert told.startswith("🔕 “Team” hears nothing of your site's orders any more")
        assert "/reseller here" in told


async def test_a_group_that_moved_gets_what_is_queued_under_its_new_id(post: Post) -> None:
    answering(post, MIA)
    for key in ("a", "b"):
        await post.credited(key, GROUP)
    async with sending(post):
        rows = await post.settled()
    assert {row.key: row.state for row in rows} == {"a": "sent", "b": "sent"}
    assert len(await post.chat(MIA)) == 2
    assert await heard_in(post, MIA) == [MIA]
    assert await heard_in(post, OMAR) == [MIA]


def listening(post: Post) -> None:
    """The group takes whatever comes."""

    async def answer(make_request: Any, bot: Bot, method: TelegramMethod[Any]) -> Any:
        if getattr(method, "chat_id", None) != GROUP:
            return await make_request(bot, method)
        return Message(message_id=len(post.calls), date=post.time.now(), chat=Chat(id=GROUP, type="supergroup"))

    post.telegram.bot.session.middleware(answer)


def ended(number: int, *, user_id: int = MIA, chat_id: int = GROUP, moves: bool = False) -> Outgoing:
    """An order of a site that stopped after 600 of 1,000, or begins to move; it is the reader's `number`."""
    status, delivered, refund = ("In progress", 0, ZERO) if moves else ("Partial", 600, Money.parse("0.40"))
    charge, balance = Money.parse("1.00"), Money.parse(f"{user_id}.{number:02}")
    figures = (1_000, delivered, 1_000 - delivered, charge, refund, refund, charge - refund, balance)
    news = ResellerNews(user_id, number, f"S-{number}", "Likes", "A", "https://x.example/p", status, *figures)
    priority = outbox.PROGRESS if moves else outbox.NOTICE
    return Outgoing(f"resale:{number}:{status}:{user_id}:{chat_id}", chat_id, news, priority)


def said(post: Post, chat_id: int = GROUP) -> list[str]:
    return [str(call.text) for _, call in post.calls if isinstance(call, SendMessage) and call.chat_id == chat_id]


async def test_a_hundred_orders_that_end_at_once_are_a_few_messages_and_each_is_told_once(post: Post) -> None:
    listening(post)
    await post.put(*(ended(number) for number in range(1, 101)))
    async with sending(post):
        rows = await post.settled()
    texts = said(post)
    assert len(texts) == 100 // reseller_digest.MOST
    assert all("20 changes" in text and "Back in your wallet in all: <b>$8.00</b>" in text for text in texts)
    for number in range(1, 101):
        assert sum(f"<code>S-{number}</code>: Partial" in text for text in texts) == 1
    assert {(row.state, row.tries) for row in rows} == {("sent", 1)}
    assert post.calls[-1][0] - post.calls[0][0] < 60


async def test_sites_of_two_resellers_share_a_group_and_no_message(post: Post) -> None:
    """Each has a balance and money back of its own."""
    listening(post)
    await post.put(*(ended(number, user_id=MIA + number % 2) for number in range(1, 9)))
    async with sending(post):
        await post.settled()
    assert sorted("S-1<" in text for text in said(post)) == [False, True]
    for text in said(post):
        assert "4 changes" in text
        assert "Back in your wallet in all: <b>$1.60</b>" in text
        assert ("$1,002.07" if "S-1<" in text else "$1,001.08") in text, "the last balance, and whose it is"


async def test_fewer_than_a_few_are_told_in_full_one_by_one(post: Post) -> None:
    listening(post)
    await post.put(*(ended(number) for number in range(1, digest.FEW)))
    async with sending(post):
        await post.settled()
    assert len(said(post)) == digest.FEW - 1
    assert all("kept: $0.60 of $1.00" in text for text in said(post))


async def test_an_end_is_told_after_the_moves_that_wait_with_it(post: Post) -> None:
    listening(post)
    await post.put(*(ended(number, moves=True) for number in (1, 2, 3)), *(ended(number) for number in (1, 2, 3)))
    async with sending(post):
        await post.settled()
    [text] = said(post)
    for number in (1, 2, 3):
        assert text.index(f"S-{number}</code>: In progress") < text.index(f"S-{number}</code>: Partial")


async def test_what_happened_to_a_customers_own_orders_is_in_another_message(post: Post) -> None:
    """In a reseller's own chat both come together."""
    await post.put(*(ended(number, chat_id=MIA) for number in range(1, 5)))
    own = [Outgoing(f"done:{n}", MIA, Completed(n, "Likes", "A", 1_000, n, 1_000, 1_000, [])) for n in range(11, 15)]
    await post.put(*own)
    async with sending(post):
        await post.settled()
    texts = await post.chat()
    assert sorted("S-1" in text for text in texts) == [False, True]
    assert sorted("#11 complete" in text for text in texts) == [False, True]


async def test_changes_that_telegram_refuses_together_are_told_one_by_one(post: Post) -> None:
    await post.fault(400, "Bad Request: message is too long")
    await post.put(*(ended(number, chat_id=MIA) for number in range(1, 5)))
    async with sending(post):
        rows = await post.settled()
    assert {row.state for row in rows} == {"sent"}
    assert len(await post.chat()) == 4


async def test_what_is_taken_back_while_the_sender_holds_it_goes_out_no_more(post: Post) -> None:
    async def taking_back(make_request: Any, bot: Bot, method: TelegramMethod[Any]) -> Any:
        if getattr(method, "chat_id", None) != GROUP:
            return await make_request(bot, method)
        async with post.db.write() as session:
            await resellers.drop_chat(session, MIA, GROUP)
        return await make_request(bot, method.model_copy(update={"chat_id": MIA}))

    post.telegram.bot.session.middleware(taking_back)
    for number in range(3):
        await post.credited(f"{resellers.news_key(MIA)}{number}", GROUP)
    async with sending(post):
        rows = await post.until(lambda _: post.time.seconds > 1100)
    assert [row.state for row in rows] == ["sent", "dropped", "dropped"]
