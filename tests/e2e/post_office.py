"""A sender between a real database and the local Telegram, on a clock that moves when there is nothing to do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from aiogram import Bot
from aiogram.methods import TelegramMethod
from sqlalchemy import select

from bot.pace import Pace
from bot.sender import Sender
from handlers.i18n import Catalogue
from services import outbox, users
from services.db import Database
from services.models import Notice
from services.money import Money
from services.notices import Card, Credited
from services.outbox import Outgoing
from tests.e2e.sandbox_telegram import MIA, Telegram, running

OMAR = 1002
LOCALES = Path(__file__).parents[2] / "locales"


@cache
def catalogue() -> Catalogue:
    """The shop's texts, read once for all tests."""
    return Catalogue(LOCALES, "en", "USD")


class Time:
    """One clock for the database, the pace and the pauses; it moves when the sender has nothing to do but wait."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self.seconds = 1000.0
        self.step = 1.0
        self.sender: Sender | None = None

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.seconds - 1000)

    def clock(self) -> float:
        return self.seconds

    async def pause(self, event: asyncio.Event, seconds: float) -> None:
        assert self.sender is not None
        while (self.sender._busy or self.sender._outcomes) and not event.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        if not event.is_set():
            idle = not self.sender._held
            self.seconds += self.step if idle else max(seconds, 1e-6)
            await asyncio.sleep(0.002 if idle else 0)
            if idle:
                self.sender.look()  # what the outbox job does


@dataclass
class Post:
    """A sender between a real database and the local Telegram."""

    db: Database
    telegram: Telegram
    time: Time
    sender: Sender
    calls: list[tuple[float, TelegramMethod[Any]]]

    async def put(self, *outgoing: Outgoing) -> None:
        async with self.db.write() as session:
            await outbox.put(session, outgoing, self.time.now())

    async def credited(self, key: str = "n", chat_id: int = MIA, priority: int = outbox.NOTICE) -> None:
        notice = Credited(Money.parse("5.00"), Money.parse("30.00"), key)
        await self.put(Outgoing(key, chat_id, notice, priority))

    async def card(self, delivered: int, message_id: int | None = None, order_id: int = 7) -> None:
        await self.put(Outgoing(f"card:{order_id}", MIA, replace(CARD, delivered=delivered), 0, message_id))

    async def rows(self) -> list[Any]:
        async with self.db.read() as session:
            return list(
                await session.all(
                    select(Notice.key, Notice.state, Notice.message_id, Notice.tries, Notice.last_error).order_by(
                        Notice.id
                    )
                )
            )

    async def settled(self) -> list[Any]:
        """Every row, once none is queued."""
        return await self.until(lambda rows: "queued" not in {row.state for row in rows} and not self.sender._outcomes)

    async def until(self, fact: Callable[[list[Any]], bool]) -> list[Any]:
        """The rows, once the fact holds."""
        async with asyncio.timeout(10):
            while not fact(rows := await self.rows()):  # noqa: ASYNC110  what is waited for is a row
                await asyncio.sleep(0.005)
        return rows

    async def chat(self, person: int = MIA) -> list[str]:
        """What the bot's messages in a chat say, oldest first."""
        messages = (await self.telegram.look("chat", person=person))["messages"]
        return [message["text"] for message in messages if message["from"] == "bot"]

    async def fault(self, status: int, description: str = "", method: str = "sendMessage", **more: Any) -> None:
        await self.telegram.page("fault", method=method, status=status, times=1, description=description, **more)


CARD = Card(
    order_id=7,
    service_name="Instagram Likes",
    server="A",
    link="https://instagram.com/p/x",
    quantity=10_000,
    charge=Money.parse("10.00"),
    refunded=Money(0),
    status="placed",
    progress="In progress",
    delivered=0,
    start_count=None,
    created_at="2026-05-04T12:00:00+00:00",
)


@asynccontextmanager
async def post_office(db: Database, now: datetime, folder: Path) -> AsyncIterator[Post]:
    """A sender with two people who have opened their chats; it begins when told to."""
    page = folder / "page"
    page.mkdir()
    async with running(page) as telegram:
        await telegram.start(MIA, OMAR)
        async with db.write() as session:
            for person in (MIA, OMAR):
                await users.remember(session, user_id=person, name="Mia", username=None, language_code="en", now=now)
        time = Time(now)
        calls: list[tuple[float, TelegramMethod[Any]]] = []

        async def note(make_request: Any, bot: Bot, method: TelegramMethod[Any]) -> Any:
            calls.append((time.seconds, method))
            return await make_request(bot, method)

        telegram.bot.session.middleware(note)
        sender = Sender(
            telegram.bot, db, catalogue(), "me", time.now, Pace(time.clock), clock=time.clock, pause=time.pause
        )
        time.sender = sender
        yield Post(db, telegram, time, sender, calls)


@asynccontextmanager
async def sending(post: Post) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(post.sender.run())
        yield
        task.cancel()
