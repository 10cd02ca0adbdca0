"""The page's API: people type, tap, send files, block; trouble can be ordered; everything is seen live."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import ChatMemberBanned, ChatMemberMember, InaccessibleMessage, Update

from tests.e2e.sandbox_telegram import MIA, TOKEN, Clock, Telegram, running

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\0\x80\x08\x02\0\0\0"
BUTTONS = {
    "inline_keyboard": [
        [
            {"text": "Confirm", "callback_data": "ok:1", "style": "success"},
            {"text": "Copy id", "copy_text": {"text": "70001"}},
            {"text": "Sent", "disabled": {}},
            {"text": "Site", "url": "https://example.org/"},
        ]
    ]
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def telegram(tmp_path: Path, clock: Clock) -> AsyncIterator[Telegram]:
    async with running(tmp_path, clock=clock) as telegram:
        await telegram.start()
        yield telegram


async def only_update(telegram: Telegram) -> Update:
    updates = await telegram.bot.get_updates()
    assert len(updates) == 1
    await telegram.updates(offset=updates[0].update_id + 1)
    return updates[0]


async def test_the_page_and_its_people_are_served(telegram: Telegram, tmp_path: Path) -> None:
    (tmp_path / "part.js").write_text("let x")
    async with telegram.http.get(telegram.url) as response:
        assert "the page" in await response.text()
    async with telegram.http.get(f"{telegram.url}/page/part.js") as response:
        assert await response.text() == "let x"
    people = await telegram.look("people")
    assert [(p["id"], p["name"], p["language_code"], p["role"]) for p in people] == [
        (1001, "Mia", "en", "customer"),
        (1002, "Omar", "ar", "customer"),
        (5001, "Rhea", "en", "reseller"),
        (9001, "Ada", "en", "admin"),
    ]
    async with telegram.http.get(f"{telegram.url}/sandbox/chat", params={"person": 7}) as response:
        assert response.status == 404


async def test_what_people_say_reaches_the_bot_with_its_commands_marked(telegram: Telegram) -> None:
    said = await telegram.page("say", person=1002, text=" /start ref_7 مرحبا ")
    message = (await only_update(telegram)).message
    assert message is not None
    assert message.from_user is not None
    assert (message.message_id, message.text) == (said["message_id"], "/start ref_7 مرحبا")
    assert (message.from_user.language_code, message.chat.type) == ("ar", "private")
    assert message.entities is not None
    assert [(e.type, e.offset, e.length) for e in message.entities] == [("bot_command", 0, 6)]
    assert (await telegram.page("say", person=MIA, text=" "))["status"] == 400
    assert (await telegram.page("say", person=7, text="x"))["status"] == 404


async def test_a_repeat_is_the_same_thing_under_a_new_update_id(telegram: Telegram) -> None:
    await telegram.page("say", person=MIA, text="twice", repeat=2)
    sent = await telegram.result("sendMessage", chat_id=MIA, text="t", reply_markup=BUTTONS)
    await telegram.page("press", person=MIA, message_id=sent["message_id"], data="ok:1", repeat=3)
    updates = await telegram.updates()
    messages = [update["message"] for update in updates if "message" in update]
    taps = [update["callback_query"] for update in updates if "callback_query" in update]
    assert len(messages) == 2
    assert messages[0] == messages[1]
    assert [tap["data"] for tap in taps] == ["ok:1"] * 3
    assert len({tap["id"] for tap in taps}) == 3
    assert len({update["update_id"] for update in updates}) == 5
    shown = (await telegram.look("chat", person=MIA))["messages"]
    assert [m["text"] for m in shown] == ["/start", "twice", "t"]


async def test_a_tap_carries_its_message_and_is_answered_once(telegram: Telegram) -> None:
    sent = await telegram.result("sendMessage", chat_id=MIA, text="t", reply_markup=BUTTONS)
    pressed = await telegram.page("press", person=MIA, message_id=sent["message_id"], data="ok:1")
    query = (await only_update(telegram)).callback_query
    assert query is not None
    assert query.message is not None
    assert (query.id, query.data, query.message.message_id) == (
        pressed["callback_id"],
        "ok:1",
        sent["message_id"],
    )
    async with telegram.events() as events:
        assert await query.as_(telegram.bot).answer("Placed", show_alert=True)
        event = await events.get()
    assert event | {"version": 0} == {
        "type": "callback", "id": query.id, "text": "Placed", "alert": True, "url": None, "version": 0,
    }  # fmt: skip
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await query.as_(telegram.bot).answer()


async def test_a_tap_can_not_be_answered_too_late_or_too_long(telegram: Telegram, clock: Clock) -> None:
    sent = await telegram.result("sendMessage", chat_id=MIA, text="t", reply_markup=BUTTONS)
    press = {"person": MIA, "message_id": sent["message_id"], "data": "ok:1"}
    late = (await telegram.page("press", **press))["callback_id"]
    clock.now += 16
    expired = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert await telegram.refusal("answerCallbackQuery", callback_query_id=late) == expired
    assert await telegram.refusal("answerCallbackQuery", callback_query_id="1") == expired
    fresh = (await telegram.page("press", **press))["callback_id"]
    long = {"callback_query_id": fresh, "text": "x" * 201}
    assert await telegram.refusal("answerCallbackQuery", **long) == "Bad Request: MESSAGE_TOO_LONG"
    assert await telegram.result("answerCallbackQuery", callback_query_id=fresh)


async def test_old_buttons_still_send_their_data_and_disabled_ones_nothing(telegram: Telegram) -> None:
    sent = await telegram.result("sendMessage", chat_id=MIA, text="t", reply_markup=BUTTONS)
    message_id = sent["message_id"]

    async def press(**how: Any) -> int:
        return int((await telegram.page("press", person=MIA, message_id=message_id, **how))["status"])

    assert await press(data="from an old deploy") == 200
    assert await press(text="Confirm") == 200
    assert await press(text="Sent") == 409
    assert await press(data=None) == 409
    assert await press(text="Buy") == 404
    await telegram.result("deleteMessage", chat_id=MIA, message_id=message_id)
    assert await press(data="ok:1") == 200
    updates = await telegram.bot.get_updates()
    last = updates[-1].callback_query
    assert last is not None
    assert isinstance(last.message, InaccessibleMessage)
    assert (await telegram.page("press", person=MIA, message_id=404, data="x"))["status"] == 404


async def test_the_page_sees_a_chat_as_the_contract_says(telegram: Telegram, clock: Clock) -> None:
    sent = await telegram.result(
        "sendMessage", chat_id=MIA, text="<b>a</b> &lt; b", parse_mode="HTML", reply_markup=BUTTONS
    )
    await telegram.result("sendChatAction", chat_id=MIA, action="typing")
    chat = await telegram.look("chat", person=MIA)
    assert (chat["person"], chat["typing"]) == (MIA, "typing")
    plain = {"data": None, "url": None, "copy": None, "style": None, "disabled": False, "pay": False}
    assert chat["messages"][-1] == {
        "message_id": sent["message_id"],
        "date": int(clock.now),
        "from": "bot",
        "sender": None,
        "text": "a < b",
        "html": "<b>a</b> &lt; b",
        "silent": False,
        "edited": False,
        "keyboard": [
            [
                plain | {"text": "Confirm", "data": "ok:1", "style": "success"},
                plain | {"text": "Copy id", "copy": "70001"},
                plain | {"text": "Sent", "disabled": True},
                plain | {"text": "Site", "url": "https://example.org/"},
            ]
        ],
        "photo": None,
        "document": None,
        "invoice": None,
        "payment": None,
        "reply_keyboard": None,
    }


async def test_the_stream_tells_of_everything_as_it_happens(telegram: Telegram) -> None:
    async with telegram.events() as events, asyncio.timeout(2):
        await telegram.result("sendChatAction", chat_id=MIA, action="typing")
        sent = await telegram.result("sendMessage", chat_id=MIA, text="one")
        message_id = sent["message_id"]
        await telegram.result("editMessageText", chat_id=MIA, message_id=message_id, text="two")
        await telegram.result("deleteMessage", chat_id=MIA, message_id=message_id)
        await telegram.result("setMyCommands", commands=[{"command": "go", "description": "Go"}])
        await telegram.page("say", person=1002, text="another chat")
        seen = [await events.get() for _ in range(6)]
    assert [event["type"] for event in seen] == ["typing", "typing", "message", "message", "deleted", "commands"]
    assert [event.get("action") for event in seen[:2]] == ["typing", None]
    assert [event["message"]["text"] for event in seen[2:4]] == ["one", "two"]
    assert [event["message"]["edited"] for event in seen[2:4]] == [False, True]
    assert seen[4]["message_id"] == message_id
    assert seen[5]["commands"] == [{"command": "go", "description": "Go"}]
    versions = [event["version"] for event in seen]
    assert versions == list(range(versions[0], versions[0] + 6))
    assert (await telegram.look("chat", person=MIA))["version"] == versions[-1]


async def test_a_blocked_bot_is_told_and_refused_until_it_is_unblocked(telegram: Telegram) -> None:
    await telegram.page("block", person=MIA, blocked=True)
    change = (await only_update(telegram)).my_chat_member
    assert change is not None
    assert isinstance(change.new_chat_member, ChatMemberBanned)
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await telegram.bot.send_message(MIA, "hello?")
    assert (await telegram.page("say", person=MIA, text="x"))["status"] == 409
    await telegram.page("block", person=MIA, blocked=False)
    change = (await only_update(telegram)).my_chat_member
    assert change is not None
    assert isinstance(change.new_chat_member, ChatMemberMember)
    assert await telegram.bot.send_message(MIA, "hello again")


async def test_a_language_switch_shows_in_the_next_update(telegram: Telegram) -> None:
    await telegram.page("language", person=MIA, language_code="ar")
    await telegram.page("say", person=MIA, text="x")
    message = (await only_update(telegram)).message
    assert message is not None
    assert message.from_user is not None
    assert message.from_user.language_code == "ar"


async def test_people_send_photos_and_documents(telegram: Telegram) -> None:
    for data, name, kind in ((PNG, "proof.png", "image/png"), (b"a,b", "orders.csv", "text/csv")):
        form = aiohttp.FormData({"person": str(MIA), "caption": "see /help"})
        form.add_field("file", data, filename=name, content_type=kind)
        async with telegram.http.post(f"{telegram.url}/sandbox/upload", data=form) as response:
            assert (await response.json())["message_id"] > 0
    photo, document = [update.message for update in await telegram.bot.get_updates()]
    assert photo is not None
    assert photo.photo is not None
    assert photo.caption_entities is not None
    assert (photo.photo[0].width, photo.caption, photo.caption_entities[0].type) == (256, "see /help", "bot_command")
    assert document is not None
    assert document.document is not None
    downloaded = await telegram.bot.download(document.document.file_id)
    assert downloaded is not None
    assert downloaded.read() == b"a,b"
    shown = (await telegram.look("chat", person=MIA))["messages"]
    assert shown[-1]["document"]["name"] == "orders.csv"
    assert shown[-2]["photo"]["url"].startswith(f"/file/bot{TOKEN}/photos/")
    async with telegram.http.get(f"{telegram.url}{shown[-2]['photo']['url']}") as response:
        assert (response.content_type, await response.read()) == ("image/png", PNG)
    async with telegram.http.get(f"{telegram.url}{shown[-1]['document']['url']}") as response:
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.content_type == "application/octet-stream"


async def test_trouble_comes_as_often_as_it_was_ordered(telegram: Telegram) -> None:
    async def send() -> Any:
        return await telegram.bot.send_message(MIA, "x")

    for order, error, words in (
        ({"status": 429, "retry_after": 2, "times": 2}, TelegramRetryAfter, "retry after 2"),
        ({"status": 500}, TelegramServerError, "Internal Server Error"),
        ({"status": 403}, TelegramForbiddenError, "bot was blocked by the user"),
        ({"status": 502, "html": True}, ClientDecodeError, "Failed to decode object"),
        ({"status": 0, "before": True}, TelegramNetworkError, "disconnected"),
    ):
        await telegram.page("fault", method="sendMessage", **order)
        for _ in range(order.get("times", 1)):
            with pytest.raises(error, match=words):
                await send()
    assert len((await telegram.look("chat", person=MIA))["messages"]) == 1
    await send()


async def test_a_connection_may_break_off_after_the_message_was_sent(telegram: Telegram) -> None:
    for order, error in (({"status": 0}, TelegramNetworkError), ({"status": 500, "after": True}, TelegramServerError)):
        await telegram.page("fault", method="*", times=1, **order)
        with pytest.raises(error):
            await telegram.bot.send_message(MIA, "x")
    assert [m["text"] for m in (await telegram.look("chat", person=MIA))["messages"]] == ["/start", "x", "x"]


async def test_trouble_may_be_kept_to_one_person_and_called_off(telegram: Telegram) -> None:
    await telegram.page("say", person=1002, text="hi")
    await telegram.page("fault", method="sendMessage", status=429, retry_after=None, times=5, person=MIA)
    answer = await telegram.api("sendMessage", chat_id=MIA, text="x")
    assert answer == {"ok": False, "error_code": 429, "description": "Too Many Requests"}
    await telegram.result("sendMessage", chat_id=1002, text="x")
    await telegram.page("fault", method="sendMessage", times=0)
    await telegram.result("sendMessage", chat_id=MIA, text="x")


async def test_the_log_tells_the_whole_story(telegram: Telegram) -> None:
    sent = await telegram.result("sendMessage", chat_id=MIA, text="Sure?", reply_markup=BUTTONS)
    await telegram.page("press", person=MIA, message_id=sent["message_id"], data="ok:1")
    await telegram.refusal("sendMessage", chat_id=MIA, text="<b>", parse_mode="HTML")
    log = await telegram.look("log")
    assert [(entry["what"], entry["text"], entry["person"]) for entry in log] == [
        ("say", "/start", MIA),
        ("sendMessage", "Sure?", MIA),
        ("press", "ok:1", MIA),
        ("sendMessage", "<b>", MIA),
    ]
    assert log[1]["buttons"] == [["Confirm", "Copy id", "Sent", "Site"]]
    assert log[3]["error"].startswith("Bad Request: can't parse entities")
    assert [entry["n"] for entry in await telegram.look("log", after=2)] == [3, 4]
