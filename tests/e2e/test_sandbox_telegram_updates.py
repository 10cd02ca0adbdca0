"""The bot hears everything once it asks: long polling with offsets, and webhooks that try again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiogram import Dispatcher
from aiogram.exceptions import TelegramConflictError
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiohttp import web

from tests.e2e.sandbox_telegram import MIA, Telegram, running

WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


@pytest.fixture
async def telegram(tmp_path: Path) -> AsyncIterator[Telegram]:
    async with running(tmp_path, webhook_retry_seconds=0.01) as telegram:
        yield telegram


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_an_aiogram_dispatcher_polls_answers_and_stops(telegram: Telegram) -> None:
    dispatcher = Dispatcher()
    finished = asyncio.Event()
    markup = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Yes", callback_data="yes")]])

    @dispatcher.message()
    async def greet(message: Message) -> None:
        await message.answer(f"you said {message.text}", reply_markup=markup)

    @dispatcher.callback_query()
    async def react(query: CallbackQuery) -> None:
        await query.answer("thanks")
        assert isinstance(query.message, Message)
        await query.message.edit_text(f"you chose {query.data}")
        finished.set()

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks, telegram.events() as events:
        tasks.create_task(dispatcher.start_polling(telegram.bot, handle_signals=False, close_bot_session=False))
        await telegram.page("say", person=MIA, text="hello")
        while "you said" not in str((event := await events.get()).get("message", {}).get("text")):
            pass
        await telegram.page("press", person=MIA, message_id=event["message"]["message_id"], data="yes")
        await finished.wait()
        await dispatcher.stop_polling()
    messages = (await telegram.look("chat", person=MIA))["messages"]
    assert [m["text"] for m in messages] == ["hello", "you chose yes"]


async def test_updates_stay_until_an_offset_confirms_them(telegram: Telegram) -> None:
    for text in ("one", "two", "three"):
        await telegram.page("say", person=MIA, text=text)
    updates = await telegram.updates()
    assert texts(updates) == ["one", "two", "three"]
    assert texts(await telegram.updates()) == ["one", "two", "three"]
    ids = [update["update_id"] for update in updates]
    assert ids == list(range(ids[0], ids[0] + 3))
    assert texts(await telegram.updates(limit=2)) == ["one", "two"]
    assert texts(await telegram.updates(offset=ids[1])) == ["two", "three"]
    assert texts(await telegram.updates()) == ["two", "three"]
    await telegram.page("say", person=MIA, text="four")
    assert texts(await telegram.updates(offset=-1)) == ["four"]
    assert await telegram.updates(offset=ids[2] + 2) == []


async def test_a_long_poll_wakes_at_once(telegram: Telegram) -> None:
    async with asyncio.timeout(2), asyncio.TaskGroup() as tasks:
        poll = tasks.create_task(telegram.updates(timeout=50))
        await asyncio.sleep(0.02)
        assert not poll.done()
        await telegram.page("say", person=MIA, text="wake up")
    assert texts(poll.result()) == ["wake up"]


async def test_a_second_poller_ends_the_first(telegram: Telegram) -> None:
    async with asyncio.timeout(2), asyncio.TaskGroup() as tasks:
        first = tasks.create_task(telegram.refusal("getUpdates", timeout=50))
        await asyncio.sleep(0.02)
        second = tasks.create_task(telegram.updates(timeout=50))
        assert await first == OTHER_POLLER
        await telegram.page("say", person=MIA, text="x")
    assert texts(second.result()) == ["x"]


async def test_only_the_wanted_kinds_of_updates_come(telegram: Telegram) -> None:
    await telegram.updates(allowed_updates=["my_chat_member"])
    await telegram.page("say", person=MIA, text="unheard")
    await telegram.page("block", person=MIA, blocked=True)
    assert [set(update) - {"update_id"} for update in await telegram.updates()] == [{"my_chat_member"}]


@dataclass
class Hook:
    """A bot's webhook that fails as often as it is told to."""

    url: str = ""
    failures: int = 0
    requests: list[tuple[str | None, dict[str, Any]]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    taken: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def receive(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.times.append(asyncio.get_running_loop().time())
        self.requests.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), update))
        if self.failures:
            self.failures -= 1
            return web.Response(status=503)
        self.taken.put_nowait(update["message"]["text"])
        return web.Response()


@asynccontextmanager
async def hooked() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/telegram/x", hook.receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram/x"
        yield hook
    finally:
        await runner.cleanup()


async def test_a_webhook_gets_the_secret_and_every_update_in_order_through_failures(telegram: Telegram) -> None:
    async with hooked() as hook, asyncio.timeout(3):
        hook.failures = 2
        await telegram.page("say", person=MIA, text="early")  # queued before there is a webhook
        await telegram.bot.set_webhook(hook.url, secret_token="s3cret_-", allowed_updates=["message"])
        for text in ("one", "two"):
            await telegram.page("say", person=MIA, text=text)
        assert [await hook.taken.get() for _ in range(3)] == ["early", "one", "two"]
        assert {secret for secret, _ in hook.requests} == {"s3cret_-"}
        ids = [update["update_id"] for _, update in hook.requests]
        assert ids == [ids[0]] * 3 + [ids[0] + 1, ids[0] + 2]
        first, second, third = hook.times[:3]
        assert second - first >= 0.009  # it waits before it tries again,
        assert third - second >= 0.018  # and longer each time
        info = await telegram.bot.get_webhook_info()
        assert (info.url, info.allowed_updates) == (hook.url, ["message"])
        assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"


async def test_polling_and_webhook_exclude_each_other(telegram: Telegram) -> None:
    async with hooked() as hook, asyncio.timeout(3), asyncio.TaskGroup() as tasks:
        poll = tasks.create_task(telegram.refusal("getUpdates", timeout=50))
        await asyncio.sleep(0.02)
        answer = await telegram.api("setWebhook", url=hook.url)
        assert answer["description"] == "Webhook was set"
        assert await poll == "Conflict: terminated by setWebhook request"
        with pytest.raises(TelegramConflictError, match="webhook is active"):
            await telegram.bot.get_updates()
        assert await telegram.refusal("getUpdates") == WEBHOOK_ACTIVE
        assert (await telegram.api("deleteWebhook"))["description"] == "Webhook was deleted"
        assert (await telegram.api("deleteWebhook"))["description"] == "Webhook is already deleted"
        assert await telegram.updates() == []


async def test_what_an_unreachable_webhook_missed_is_still_there_for_polling(telegram: Telegram) -> None:
    async with hooked() as hook:
        dead = hook.url
    await telegram.result("setWebhook", url=dead)
    await telegram.page("say", person=MIA, text="missed")
    for _ in range(200):
        if "last_error_message" in (info := await telegram.result("getWebhookInfo")):
            break
        await asyncio.sleep(0.01)
    assert (info["last_error_message"], info["pending_update_count"]) == ("Connection refused", 1)
    await telegram.result("deleteWebhook")
    assert texts(await telegram.updates()) == ["missed"]
    await telegram.result("deleteWebhook", drop_pending_updates=True)
    assert await telegram.updates() == []


async def test_a_webhook_that_telegram_would_refuse_is_refused(telegram: Telegram) -> None:
    for params, reason in (
        ({"url": "http://example.org/x"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "nowhere"}, "invalid webhook URL specified"),
        ({"url": "https://example.org", "secret_token": "né"}, "secret token contains unallowed characters"),
        ({"url": "https://example.org", "secret_token": "x" * 257}, "secret token is too long"),
    ):
        assert await telegram.refusal("setWebhook", **params) == f"Bad Request: {reason}"


async def test_a_server_that_stops_lets_pollers_and_watchers_go_at_once(tmp_path: Path) -> None:
    async with asyncio.timeout(2), asyncio.TaskGroup() as tasks, running(tmp_path) as telegram:
        await telegram.start()
        poll = tasks.create_task(telegram.updates(timeout=50))
        await telegram.result("sendChatAction", chat_id=MIA, action="typing")
        async with telegram.http.get(f"{telegram.url}/sandbox/events", params={"person": MIA}) as stream:
            await stream.content.readline()
            assert not poll.done()
            await telegram.runner.cleanup()
            assert b"hello" not in await stream.read()  # the stream has an end
        assert await poll == []
