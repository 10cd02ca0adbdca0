"""A message to very many, with the real sender: at Telegram's pace, refunds first, and after kill -9 nobody twice.

`make test CROWD=100000 ARGS="tests/e2e/test_broadcast.py -o faulthandler_timeout=0"` sends it to as many.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramForbiddenError
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.types import Chat, Message
from sqlalchemy import func, insert, select

from bot.sandbox.shop import ShopProcess
from bot.sandbox.telegram.chats import Person
from bot.sender import Sender
from services import broadcasts, outbox
from services.db import Database
from services.models import Notice, User
from services.money import Money
from services.notices import Credited
from tests.e2e.post_office import OMAR, Post, post_office, sending
from tests.e2e.sandbox_telegram import MIA
from tests.e2e.shop_app import town

CROWD = int(os.environ.get("CROWD", "400"))
FIRST = 2_000_001
PACE = 30
"""Messages a second, as Telegram allows them."""
SIMULATED = 10_000
"""So many the simulated Telegram holds; more are told by one that keeps nothing."""
SMALL = 150
"""People who are told in the time that a test of a real process has."""


class Swift(BaseSession):
    """A Telegram that answers in no time and keeps nothing but what it was asked: for more than the simulator holds."""

    def __init__(self, post: Post, blocked: Collection[int]) -> None:
        super().__init__()
        self._post, self._blocked, self._numbers = post, blocked, count(1)

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:  # noqa: ASYNC109
        self._post.calls.append((self._post.time.seconds, method))
        if not isinstance(method, SendMessage):
            return True
        if method.chat_id in self._blocked:
            raise TelegramForbiddenError(method, "Forbidden: bot was blocked by the user")
        chat = Chat(id=int(method.chat_id), type="private")
        return Message(message_id=next(self._numbers), date=self._post.time.now(), chat=chat)

    async def stream_content(self, *args: Any, **kwargs: Any) -> AsyncGenerator[bytes, None]:
        yield b""  # no message to many has a file

    async def close(self) -> None:
        """Nothing is open."""


async def gathered(db: Database, now: datetime, count: int) -> int:
    """So many people, and a message to them that has begun."""
    people = range(FIRST, FIRST + count)
    async with db.write() as session:
        await session.run(
            insert(User),
            [{"id": one, "name": f"Person {one}", "language_code": "en", "created_at": now} for one in people],
        )
        made = await broadcasts.draft(session, text="<b>News</b>", locale="en", by=MIA, now=now)
        await broadcasts.move(session, made, "run", now)
    return made


@pytest.fixture
async def post(db: Database, now: datetime, tmp_path: Path) -> AsyncIterator[Post]:
    async with post_office(db, now, tmp_path) as office:
        yield office


async def ended(post: Post, broadcast_id: int) -> broadcasts.Standing:
    """Feed it as the job does, every two seconds of the sender's clock, until it is over."""
    fed = post.time.seconds
    while True:
        await asyncio.sleep(0.001)
        if post.time.seconds - fed >= 2:
            fed = post.time.seconds
            await post.db.retrying(lambda session: broadcasts.feed(session, post.time.now(), "en"))
            async with post.db.read() as session:
                standing = await broadcasts.find(session, broadcast_id)
            if standing.state == "done":
                return standing


async def test_it_goes_out_at_telegrams_pace_to_each_once_and_a_refund_overtakes_it(post: Post) -> None:
    chats = post.telegram.simulator.chats
    blocked = [FIRST + 5, FIRST + CROWD // 2]
    if CROWD > SIMULATED:
        post.telegram.bot.session = Swift(post, blocked)
    else:
        for one in range(FIRST, FIRST + CROWD):
            chats.people[one] = Person(one, f"Person {one}", f"person{one}", started=True, blocked=one in blocked)
    broadcast_id = await gathered(post.db, post.time.now(), CROWD)
    waited: list[float] = []

    async def refund() -> None:
        while len(post.calls) < CROWD // 2:  # noqa: ASYNC110  what is waited for are calls
            await asyncio.sleep(0.001)
        asked = post.time.seconds
        await post.put(outbox.Outgoing("refund", OMAR, Credited(Money.parse("4"), Money.parse("4"), "refund")))
        while not any(call.chat_id == OMAR for _, call in post.calls if isinstance(call, SendMessage)):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        waited.append(next(at for at, call in post.calls if getattr(call, "chat_id", 0) == OMAR) - asked)

    async with sending(post), asyncio.timeout(60 + CROWD / 20), asyncio.TaskGroup() as group:
        group.create_task(refund())
        standing = await ended(post, broadcast_id)
    assert (standing.total, standing.sent, standing.dropped) == (CROWD + 2, CROWD, 2)
    sends = [(at, int(call.chat_id)) for at, call in post.calls if isinstance(call, SendMessage)]
    told = [(at, chat) for at, chat in sends if chat >= FIRST]
    assert len({chat for _, chat in told}) == len(told) == CROWD
    times = sorted(at for at, _ in told)
    assert all(later - earlier > 0.999 for earlier, later in zip(times, times[PACE:], strict=False))
    assert waited[0] < 3
    async with post.db.read() as session:
        gone = await session.values(select(User.id).where(User.unreachable_since.is_not(None)).order_by(User.id))
    assert list(gone) == blocked


async def test_a_message_that_could_not_be_sent_is_tried_again(post: Post) -> None:
    """It counts as sent before it is, so a failure has to take that back."""
    broadcast_id = await gathered(post.db, post.time.now(), 0)
    await post.fault(502)
    async with sending(post), asyncio.timeout(20):
        standing = await ended(post, broadcast_id)
    assert (standing.sent, standing.dropped) == (2, 0)
    assert (await post.chat(MIA)).count("News") == 1
    assert (await post.chat(OMAR)).count("News") == 1


async def test_a_message_whose_answer_was_lost_is_not_sent_again(post: Post) -> None:
    """It may have arrived, and had rather not arrive than arrive twice."""
    broadcast_id = await gathered(post.db, post.time.now(), 0)
    await post.fault(0, person=OMAR)
    async with sending(post), asyncio.timeout(20):
        standing = await ended(post, broadcast_id)
    assert (standing.sent, standing.dropped) == (2, 0)
    assert (await post.chat(OMAR)).count("News") == 1


async def test_each_message_counts_as_sent_before_it_leaves(post: Post) -> None:
    """Whoever dies with it on its way finds it sent, and sends it to nobody again."""
    broadcast_id = await gathered(post.db, post.time.now(), 0)
    states: list[str] = []

    async def look(make_request: Any, bot: Bot, method: TelegramMethod[Any]) -> Any:
        if isinstance(method, SendMessage):
            mine = Notice.broadcast_id == broadcast_id, Notice.chat_id == method.chat_id
            async with post.db.read() as session:
                states.extend(await session.values(select(Notice.state).where(*mine)))
        return await make_request(bot, method)

    post.telegram.bot.session.middleware(look)
    async with sending(post), asyncio.timeout(20):
        await ended(post, broadcast_id)
    assert states == ["sent", "sent"]


async def test_after_kill_9_it_goes_on_and_nobody_is_told_twice(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        chats, shop = here.world.telegram.chats, ShopProcess(here.world, tmp_path)
        await shop.seed()
        for one in range(FIRST, FIRST + SMALL):
            chats.people[one] = Person(one, f"Person {one}", f"person{one}", started=True)
        async with here.database() as db:
            broadcast_id = await gathered(db, datetime.now(UTC), SMALL)

            async def told() -> int:
                async with db.read() as session:
                    mine = Notice.broadcast_id == broadcast_id, Notice.state == "sent"
                    return await session.value(select(func.count()).select_from(Notice).where(*mine)) or 0

            await shop.start()
            for share in (3, 2):  # killed twice in the middle of it
                async with asyncio.timeout(60):
                    while await told() < SMALL // share:  # noqa: ASYNC110  what is waited for is a row
                        await asyncio.sleep(0.02)
                await shop.kill()
                await shop.start()
            async with asyncio.timeout(60):
                while True:
                    async with db.read() as session:
                        standing = await broadcasts.find(session, broadcast_id)
                    if standing.state == "done":
                        break
                    await asyncio.sleep(0.05)
            await shop.stop()
        arrived = [
            sum(message["text"] == "News" for message in await here.person(one).messages())
            for one in range(FIRST, FIRST + SMALL)
        ]
        assert max(arrived) == 1
        assert arrived.count(0) <= 2 * Sender.IN_FLIGHT, "what was on its way when the process died"
        assert SMALL <= standing.sent + standing.dropped <= standing.total
