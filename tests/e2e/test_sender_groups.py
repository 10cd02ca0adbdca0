"""Groups that the sender cannot reach: they hear no more, and nobody's own chat is taken for lost."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramForbiddenError, TelegramMigrateToChat
from aiogram.methods import TelegramMethod

from services import resellers, users
from services.db import Database
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


def answering(post: Post, refusal: type[TelegramForbiddenError] | int) -> None:
    """What Telegram says to whatever goes to the group: a refusal, or the id that it has now."""

    async def answer(make_request: Any, bot: Bot, method: TelegramMethod[Any]) -> Any:
        if getattr(method, "chat_id", None) != GROUP:
            return await make_request(bot, method)
        if isinstance(refusal, int):
            raise TelegramMigrateToChat(method, "group chat was upgraded to a supergroup chat", refusal)
        raise refusal(method, "Forbidden: bot was kicked from the group chat")

    post.telegram.bot.session.middleware(answer)


async def heard_in(post: Post, who: int) -> list[int]:
    async with post.db.read() as session:
        person = await users.find(session, who)
        assert person is not None
        assert person.reachable
        return [chat.chat_id for chat in await resellers.chats(session, who)]


async def test_a_group_that_put_the_bot_out_hears_no_more_and_its_queue_is_dropped(post: Post) -> None:
    answering(post, TelegramForbiddenError)
    for key in ("a", "b"):
        await post.credited(key, GROUP)
    await post.credited("mia")
    async with sending(post):
        rows = await post.settled()
    assert {row.key: row.state for row in rows} == {"a": "dropped", "b": "dropped", "mia": "sent"}
    assert await heard_in(post, MIA) == []
    assert await heard_in(post, OMAR) == []


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
