"""The real sender on a line whose every step is a point; beside each message it says which notices that is."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.methods import EditMessageText, Response, SendMessage, TelegramMethod

from bot import telegram
from bot.pace import Pace
from bot.parcels import Parcel
from bot.sender import Sender
from bot.settings import Settings
from handlers.i18n import Catalogue
from handlers.screens import Screen
from services.db import Database
from tests.soak.points import Fuse

LOCALES = Path(__file__).parents[2] / "locales"
HURRY = 1000
"""Telegram's patience with us: seconds in which a second goes by for the sender's pace."""
MOMENT = 0.0005
IN_HAND: ContextVar[Parcel] = ContextVar("in_hand")
ANSWERS = [Response[method.__returning__] for method in (SendMessage, EditMessageText)]  # type: ignore[name-defined]
"""Kept, or aiogram would make them once more in each process: ten milliseconds for one that lives a few hundred."""


@cache
def catalogue() -> Catalogue:
    """The shop's texts, read once in a process and there for all that are forked from it."""
    return Catalogue(LOCALES, "en", "USD")


class Postman(Sender):
    """The sender, one message after the other: its points come in the same order each time. Returns when done."""

    LEASE = timedelta(seconds=1)
    IN_FLIGHT = 1
    LINGER = 0.0

    def __init__(
        self, bot: Bot, db: Database, owner: str, now: Callable[[], datetime], clock: Callable[[], float]
    ) -> None:
        pace = Pace(lambda: time.monotonic() * HURRY)
        super().__init__(bot, db, catalogue(), owner, now, pace, clock=clock, pause=self._rest)

    async def empty(self) -> None:
        """Send everything that is due."""
        self._stopping = False
        await self.run()

    async def _rest(self, wake: asyncio.Event, seconds: float) -> None:
        while self._busy or self._outcomes:  # noqa: ASYNC110  nothing tells that an outcome is recorded
            await asyncio.sleep(MOMENT)
        if self._held:
            await asyncio.sleep(seconds / HURRY)
        elif not (self._announced or self._more):
            self.stop()

    async def _transmit(self, parcel: Parcel, screen: Screen) -> int | None:
        IN_HAND.set(parcel)
        return await super()._transmit(parcel, screen)


@asynccontextmanager
async def line(settings: Settings, fuse: Fuse) -> AsyncIterator[Bot]:
    """A bot as the shop builds it."""
    bot = telegram.build(settings)
    session = bot.session
    if not isinstance(session, AiohttpSession):
        raise TypeError("the shop's line to Telegram is another one now")
    session.middleware(_labelled)
    http = await session.create_session()
    fuse.listen(http, "telegram")
    try:
        yield bot
    finally:
        await http.close()  # the session's own close sleeps for a quarter of a second


async def _labelled(make_request: Any, bot: Bot, method: TelegramMethod[Any]) -> Any:
    """Telegram overlooks parameters that it does not know."""
    told = [
        (notice.key, notice.version, offer.token if (offer := getattr(notice.notice, "offer", None)) else "")
        for notice in IN_HAND.get().notices
    ]
    if method.model_extra is not None:
        method.model_extra.update(notices=json.dumps(told))
    return await make_request(bot, method)
