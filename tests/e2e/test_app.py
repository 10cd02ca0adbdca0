"""Laws of the process: it opens or says why not, answers, survives its own end, and closes without losing anything."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiogram import Bot
from aiogram.methods import TelegramMethod
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.app import App
from bot.inbox import Worker
from bot.sandbox.person import Message, visible
from bot.storage import StartRefused
from bot.telegram import TokenRejected
from services import staff, wallet
from services.db import Database
from services.models import Conversation, Update, User
from tests.e2e.shop_app import Town, town

SECRET = "webhook-secret-of-a-test"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        yield place


async def until(fact: Callable[[], Awaitable[Any]]) -> Any:
    """What `fact` gives, once it gives something."""
    async with asyncio.timeout(10):
        while not (found := await fact()):  # noqa: ASYNC110  what is waited for is a row
            await asyncio.sleep(0.01)
    return found


async def inbox(db: Database) -> list[Any]:
    async with db.read() as session:
        return list(await session.all(select(Update.update_id, Update.state, Update.error).order_by(Update.update_id)))


async def greeted(here: Town) -> Message:
    await here.mia.say("/start")
    return await here.mia.reads("Balance")


# Opening and closing


async def test_an_open_shop_answers_and_a_closed_one_leaves_nothing_waiting(here: Town) -> None:
    async with here.shop() as app:
        menu = await greeted(here)
        assert "Hi, Mia!" in visible(menu)
        assert "Sandbox Shop" in visible(menu)
        await here.mia.tap("New order")
        await here.mia.reads("What do you need?")
        ready = await app_get(app, "/readyz")
        assert ready.text == "ready\n"
    async with here.database() as db:
        assert {row.state for row in await inbox(db)} == {"done"}


async def app_get(app: App, path: str) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.get(f"http://127.0.0.1:{app.web.port}{path}")


async def test_what_arrived_while_the_shop_was_closed_is_answered_when_it_opens(here: Town) -> None:
    async with here.shop():
        await greeted(here)
    await here.mia.say("/help")
    async with here.shop():
        await here.mia.reads("How it works")


async def test_a_half_made_order_outlives_the_process(here: Town) -> None:
    async with here.shop() as app:
        await greeted(here)
        await until(lambda: stocked(app))
        await here.mia.tap("New order")
        await here.mia.tap("Instagram Likes")
        await here.mia.tap("Server A")
        await here.mia.tap("Order")
        await here.mia.reads("link")
        await here.mia.say("https://instagram.com/p/abc")
        asked = await here.mia.reads("How many?")
    async with here.shop():
        await here.mia.say("1000")
        quote = await here.mia.reads("Please check your order", after=asked["message_id"])
        assert "instagram.com/p/abc" in visible(quote)
    async with here.database() as db, db.read() as session:
        assert await session.values(select(Conversation.state)) == ["Ordering:quote"]


async def stocked(app: App) -> bool:
    return app.jobs.stocked


async def test_several_shops_live_in_one_process(here: Town, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    async with town(elsewhere) as there, here.shop(), there.shop(shop_name="The Other"):
        assert "Sandbox Shop" in visible(await greeted(here))
        assert "The Other" in visible(await greeted(there))


async def test_a_file_belongs_to_one_process(here: Town) -> None:
    async with here.shop():
        with pytest.raises(StartRefused, match=r"^Another process has the shop in .*shop\.db open: stop it first\.$"):
            await App(here.settings()).__aenter__()
    async with here.shop():
        await greeted(here)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ("token", "Telegram does not know this BOT_TOKEN: copy it again from @BotFather."),
        ("port", r"Cannot listen on 127\.0\.0\.1:\d+: .*; set HTTP_PORT\."),
        ("currency", r"This database keeps its books in USD, the settings say EUR: set CURRENCY=USD, or .*\."),
        ("schema", r"The database is at revision 9999, which only a newer version of this program knows\."),
        ("no database", r"The database cannot be opened: .*\."),
        ("no folder", r"The database /proc/shop\.db cannot be opened: .*\."),
    ],
)
async def test_a_shop_that_cannot_open_says_why_in_one_sentence(here: Town, spoil: str, sentence: str) -> None:
    """And gives back whatever it had opened by then."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        changed: dict[str, dict[str, object]] = {
            "token": {"bot_token": here.world.token[:-1] + "-"},
            "port": {"http_port": taken.getsockname()[1]},
            "currency": {"currency": "EUR"},
            "no database": {"database_url": "postgresql://shop@127.0.0.1:1/shop"},
            "no folder": {"database_url": "sqlite:////proc/shop.db"},
        }
        async with here.shop():
            pass
        if spoil == "schema":
            async with here.database() as db, db.writer.begin() as connection:
                await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(StartRefused) as refusal:
            await App(here.settings(**changed.get(spoil, {}))).__aenter__()
    assert re.fullmatch(sentence, str(refusal.value)), str(refusal.value)


async def test_a_telegram_that_is_down_does_not_keep_the_shop_from_following_orders(here: Town) -> None:
    async with here.shop(telegram_api_url="http://127.0.0.1:9") as app:
        await until(lambda: stocked(app))
        assert (await app_get(app, "/readyz")).status_code == 200


async def test_a_token_rejected_in_the_middle_ends_the_shop_loudly(here: Town) -> None:
    async def lived() -> None:
        async with here.shop():
            await greeted(here)
            await here.fault("getUpdates", 401)
            await here.mia.say("/help")
            await asyncio.Event().wait()

    with pytest.raises(TokenRejected, match="does not know this BOT_TOKEN"):
        await lived()


async def test_a_stop_lets_a_running_handler_finish(here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    began, release = asyncio.Event(), asyncio.Event()
    balance = wallet.balance

    async def slow(*args: Any) -> Any:
        began.set()
        await release.wait()
        return await balance(*args)

    monkeypatch.setattr(wallet, "balance", slow)
    app = App(here.settings())
    async with app:
        await here.mia.say("/start")
        await began.wait()
        asyncio.get_running_loop().call_later(0.05, release.set)
    assert "Balance" in visible((await here.mia.messages())[-1])
    async with here.database() as db:
        assert [row.state for row in await inbox(db)] == ["done"]


async def test_a_handler_cut_off_by_the_stop_is_run_again(here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    began = asyncio.Event()

    async def for_ever(*_args: Any) -> None:
        began.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as spoiled:
        spoiled.setattr(wallet, "balance", for_ever)
        async with here.shop(stop_seconds=0.05):
            await here.mia.say("/start")
            await began.wait()
    async with here.shop():
        await here.mia.reads("Balance")


async def test_the_profile_is_written_once_and_left_alone_afterwards(here: Town) -> None:
    async def written() -> list[str]:
        calls: list[str] = []

        async def note(make_request: Any, bot: Bot, method: TelegramMethod[Any]) -> Any:
            calls.append(method.__api_method__)
            return await make_request(bot, method)

        app = App(here.settings(shop_name="SMM Sandbox"))
        app.bot.session.middleware(note)
        async with app:
            await app._tasks["profile"]
        return sorted(call for call in calls if call.startswith("setMy"))

    assert await written() == ["setMyCommands", "setMyDescription", "setMyName", "setMyShortDescription"]
    chat = (await here.http.get("/sandbox/chat", params={"person": 1001})).json()
    assert {"start", "new", "orders"} <= {command["command"] for command in chat["commands"]}
    assert chat["bot"]["name"] == "SMM Sandbox"
    assert await written() == []


async def test_a_shop_that_cannot_write_its_profile_sells_all_the_same(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_args: Any) -> None:
        raise OperationalError("SELECT 1", {}, OSError("gone"))

    monkeypatch.setattr(staff, "members", gone)
    async with here.shop() as app:
        await app._tasks["profile"]
        await greeted(here)


# People


async def test_a_defect_is_told_with_a_number_and_set_aside(here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async with here.shop() as app:
        await greeted(here)
        with monkeypatch.context() as spoiled:
            spoiled.setattr(wallet, "statement", broken)
            await here.mia.say("/wallet")
            told = await here.mia.reads("went wrong on our side")
        number = re.search(r"number: ([0-9A-F]{6})", visible(told))
        assert number is not None

        async def aside() -> list[Any]:
            return [row for row in await inbox(app.db) if row.state == "set_aside"]

        (row,) = await until(aside)
        assert f"incident {number[1]}" in row.error
        assert "ZeroDivisionError" in row.error
        await here.mia.say("/help")
        await here.mia.reads("How it works")


async def test_a_tap_that_meets_a_database_that_is_away_is_answered_when_it_is_back(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told of a defect, for there is none."""
    statement, tries = wallet.statement, 0

    async def away_at_first(*args: Any, **more: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries <= Worker.TRIES + 1:
            raise DBAPIError("SELECT", {}, Exception("the line was cut"), connection_invalidated=True)
        return await statement(*args, **more)

    monkeypatch.setattr(Worker, "LONGEST_PAUSE", 0.01)
    monkeypatch.setattr(wallet, "statement", away_at_first)
    async with here.shop():
        menu = await greeted(here)
        await here.mia.say("/wallet")
        await here.mia.reads("Your wallet", after=menu["message_id"])
        assert not any("went wrong" in visible(message) for message in await here.mia.messages())
    assert tries == Worker.TRIES + 2
    async with here.database() as db:
        assert {row.state for row in await inbox(db)} == {"done"}


async def broken(*_args: Any, **_more: Any) -> None:
    raise ZeroDivisionError


async def test_a_button_of_an_older_version_brings_a_fresh_menu(here: Town) -> None:
    async with here.shop():
        menu = await greeted(here)
        await here.mia.press(menu["message_id"], "gone:forever:1")
        await here.mia.reads("out of date", after=menu["message_id"])


async def test_a_refusal_is_an_alert_on_a_tap(here: Town) -> None:
    async with here.shop():
        menu = await greeted(here)
        told = await heard(here, menu["message_id"], "un:424242")
        assert "There is no such order among yours" in told
        assert '"alert": true' in told


async def test_a_refusal_of_a_tap_that_cannot_be_answered_any_more_is_a_message(here: Town) -> None:
    async with here.shop():
        menu = await greeted(here)
        await here.fault("answerCallbackQuery", 400, description="Bad Request: query is too old")
        await here.mia.press(menu["message_id"], "un:424242")
        told = await here.mia.reads("There is no such order among yours", after=menu["message_id"])
        assert [button["text"] for row in told["keyboard"] for button in row] == ["📦 My orders"]


async def heard(here: Town, message_id: int, data: str, words: str = "", *, repeat: int = 1) -> str:
    """The first answer to these taps that contains the words, as the page is told of it."""
    async with here.http.stream("GET", "/sandbox/events", params={"person": 1001}) as stream:
        await here.mia.press(message_id, data, repeat=repeat)
        async for line in stream.aiter_lines():
            if '"callback"' in line and words in line:
                return line
    raise AssertionError("the tap was never answered so")


async def test_the_shop_keeps_out_of_groups(here: Town) -> None:
    """Balances are nobody else's business."""
    sender = {"id": 4711, "is_bot": False, "first_name": "Grace"}
    chat = {"id": -100200, "type": "supergroup", "title": "A group"}
    message = {"message_id": 1, "date": 1_760_000_000, "chat": chat, "from": sender, "text": "/wallet"}
    async with here.shop() as app:
        await app._handle({"update_id": 5, "message": message})
        async with app.db.read() as session:
            assert await session.values(select(User.id).where(User.id == 4711)) == []


async def test_the_banned_are_told_so_and_nothing_else(here: Town) -> None:
    async with here.shop() as app:
        menu = await greeted(here)
        async with app.db.write() as session:
            await session.run(update(User).where(User.id == 1001).values(banned=True))
        await here.mia.say("/wallet")
        told = await here.mia.reads("may not use the shop", after=menu["message_id"])
        assert not told["keyboard"]


async def test_who_blocks_the_bot_is_unreachable_until_they_come_back(here: Town) -> None:
    async with here.shop() as app:
        await greeted(here)

        async def unreachable() -> bool:
            async with app.db.read() as session:
                return await session.value(select(User.unreachable_since).where(User.id == 1001)) is not None

        async def reachable() -> bool:
            return not await unreachable()

        await here.http.post("/sandbox/block", json={"person": 1001, "blocked": True})
        await until(unreachable)
        await here.http.post("/sandbox/block", json={"person": 1001, "blocked": False})
        await until(reachable)


async def test_too_much_at_once_is_told_and_the_shop_goes_on(here: Town) -> None:
    """Thirty updates pass at once; of what is too much, taps are told each time and messages once in a while."""
    time = 0.0
    async with App(here.settings(), clock=lambda: time) as app:
        menu = await greeted(here)
        await here.mia.say("/help", repeat=39)
        await here.mia.reads("a little too fast")
        alerted = await heard(here, menu["message_id"], "go:menu:0")
        assert "too fast" in alerted
        assert '"alert": true' in alerted, "a tap is never swallowed in silence"
        told = [visible(message) for message in await here.mia.messages()]
        assert sum("How it works" in each for each in told) == 29
        assert sum("too fast" in each for each in told) == 1
        time = 1.0
        await here.mia.say("/cancel")
        await here.mia.reads("nothing to cancel")
        assert {row.state for row in await inbox(app.db)} <= {"done", "waiting"}
