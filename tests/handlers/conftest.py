"""A shop with its whole conversation: real dispatcher, real database, phones in the hands of its people."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import CodeType, FunctionType, SimpleNamespace
from typing import Any

import pytest
import structlog
from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.dispatcher.event import handler
from aiogram.enums import ParseMode
from aiogram.methods import TelegramMethod
from aiogram.types import Update
from sqlalchemy import select

import bot.dispatcher
from bot import inbox
from bot.settings import Settings
from handlers import notices
from handlers.i18n import Catalogue, Texts
from services import outbox
from services.db import Database
from services.link_check import LinkCheck
from services.models import Update as InboxUpdate
from tests.handlers.phone import Line, Phone
from tests.page_site import Site, open_site
from tests.shop import ADMIN, MIA, Shop, open_shop

Method = type[TelegramMethod[Any]]
LOCALES = Path(__file__).parents[2] / "locales"
TOKEN = f"{424242}:{'x' * 35}"


@pytest.fixture(scope="session", autouse=True)
def signatures_are_read_once() -> Iterator[None]:
    """Those that aiogram reads for each dispatcher, two thousand of them: more work than most tests here."""
    signatures: dict[CodeType, inspect.Signature] = {}

    def signature(callback: Callable[..., Any]) -> inspect.Signature:
        if not isinstance(callback, FunctionType):
            return inspect.signature(callback)
        if callback.__code__ not in signatures:
            signatures[callback.__code__] = inspect.signature(callback)
        return signatures[callback.__code__]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handler, "inspect", SimpleNamespace(**vars(inspect) | {"signature": signature}))
        yield


@pytest.fixture(params=["sqlite"])
def database_url(sqlite_copy: str) -> str:
    """SQLite alone: what the two engines differ in is below the conversation."""
    return sqlite_copy


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """The shop of `tests.shop`: Mia has $25.00."""
    async with open_shop(db) as opened:
        yield opened


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue(LOCALES, "en", "USD")


@pytest.fixture
def texts(catalogue: Catalogue) -> Texts:
    return catalogue.texts("en")


@pytest.fixture(autouse=True)
def every_text_is_whole() -> Iterator[None]:
    """A variable that a message lacks is logged, not raised: a refund notice must go out. Here it fails the test."""
    with structlog.testing.capture_logs() as logged:
        yield
    assert not [line for line in logged if line["event"] == "text.broken"]


@pytest.fixture
def settings() -> Settings:
    return Settings(
        _env_file=None,
        bot_token=TOKEN,
        admin_ids=frozenset({ADMIN}),
        shop_name="Sunny & Co",
        support_contact="@sunny_support",
        undo_seconds=10,
    )


@pytest.fixture
def line() -> Line:
    """Telegram."""
    return Line()


@pytest.fixture
def telegram(line: Line) -> Bot:
    return Bot(
        TOKEN, session=line, default=DefaultBotProperties(parse_mode=ParseMode.HTML, link_preview_is_disabled=True)
    )


@pytest.fixture
async def known_pages() -> AsyncIterator[Site]:
    """What the pages of links on Instagram say."""
    async with open_site() as opened:
        yield opened


@pytest.fixture
async def pages(known_pages: Site) -> AsyncIterator[LinkCheck]:
    """Who looks at them."""
    opened = LinkCheck({"instagram.com": known_pages.url}, deadline=5.0)
    yield opened
    await opened.close()


@pytest.fixture
def dispatcher(shop: Shop, settings: Settings, catalogue: Catalogue, pages: LinkCheck) -> Dispatcher:
    return bot.dispatcher.build(
        db=shop.db,
        settings=settings,
        catalogue=catalogue,
        providers=shop.clients,
        pages=pages,
        now=shop.now,
        clock=count(step=10).__next__,
    )


@pytest.fixture
def mia(dispatcher: Dispatcher, telegram: Bot, line: Line) -> Phone:
    """The customer."""
    return Phone(dispatcher, telegram, line, MIA, "Mia")


@pytest.fixture
def omar(dispatcher: Dispatcher, telegram: Bot, line: Line) -> Phone:
    """Another customer, with nothing in the wallet."""
    return Phone(dispatcher, telegram, line, 1002, "Omar")


@pytest.fixture
def ada(dispatcher: Dispatcher, telegram: Bot, line: Line) -> Phone:
    """The admin."""
    return Phone(dispatcher, telegram, line, ADMIN, "Ada")


@pytest.fixture
def worked_again(
    shop: Shop, dispatcher: Dispatcher, telegram: Bot, line: Line, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Update, Method], Awaitable[None]]:
    """The inbox, without its pauses, while three answers by a method fail: it works the update four times.

    Queued orders leave before each time, as they would while it waits.
    """

    def at_once(worker: inbox.Worker, failure: Exception, item: inbox._Item) -> float | None:
        return 0.0 if inbox.may_pass(failure) and item.tries < worker.TRIES else None

    monkeypatch.setattr(inbox.Worker, "_again_in", at_once)

    async def handle(payload: inbox.Raw) -> None:
        await shop.submit()
        await dispatcher.feed_raw_update(telegram, payload)

    async def work(update: Update, failing: Method) -> None:
        line.failures[failing] = inbox.Worker.TRIES - 1
        async with shop.db.write() as session:
            await inbox.store(
                session, telegram.id, [update.model_dump(mode="json", by_alias=True, exclude_none=True)], shop.now()
            )
        worker = inbox.Worker(shop.db, telegram.id, handle, shop.now)
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(worker.run())
            while await _state_of(shop, update) == "waiting":  # noqa: ASYNC110  what is waited for is a row
                await asyncio.sleep(0.01)
            worker.stop()
        assert await _state_of(shop, update) == "done"
        assert not line.failures[failing]

    return work


async def _state_of(shop: Shop, update: Update) -> str | None:
    async with shop.db.read() as session:
        return await session.value(select(InboxUpdate.state).where(InboxUpdate.update_id == update.update_id))


@pytest.fixture
def deliver(shop: Shop, telegram: Bot, texts: Texts) -> Callable[[], Awaitable[None]]:
    """Send what waits in the outbox, as the sender does: cards are edited in place."""

    async def flush() -> None:
        async with shop.db.write() as session:
            claimed = await outbox.claim(session, owner="t", limit=100, lease=timedelta(seconds=60), now=shop.now())
        done = []
        for notice in claimed:
            screen = notices.render(notice.notice, texts, now=shop.now())
            message_id = notice.message_id
            if message_id is None:
                sent = await telegram.send_message(notice.chat_id, screen.text, reply_markup=screen.keyboard)
                message_id = sent.message_id
            else:
                await telegram.edit_message_text(
                    screen.text, chat_id=notice.chat_id, message_id=message_id, reply_markup=screen.keyboard
                )
            done.append((notice.id, notice.version, message_id))
        async with shop.db.write() as session:
            await outbox.sent(session, done, shop.now())

    return flush
