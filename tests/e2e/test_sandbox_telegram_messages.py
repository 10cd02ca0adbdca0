"""Sending, editing and deleting against the simulator: what Telegram takes, and its words for what it refuses."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BufferedInputFile,
    CopyTextButton,
    DisabledButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MenuButtonCommands,
    Message,
)

from bot.sandbox.telegram.rules import NOT_MODIFIED
from tests.e2e.sandbox_telegram import GROUP, MIA, TOKEN, Clock, Telegram, running

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\0\x80\x08\x02\0\0\0"
JPEG = b"\xff\xd8\xff\xe0\0\4ab\xff\xc0\0\x0b\x08\0\x30\0\x40\x03\x01\x11\0"


@pytest.fixture
async def telegram(tmp_path: Path) -> AsyncIterator[Telegram]:
    async with running(tmp_path) as telegram:
        await telegram.start()
        yield telegram


def plain(markup: InlineKeyboardMarkup | None) -> dict[str, Any]:
    """What the keyboard says, without the bot that aiogram ties to what it received."""
    assert markup is not None
    return markup.model_dump(exclude_none=True)


def keyboard(*rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"inline_keyboard": list(rows)}


async def test_an_unpatched_aiogram_bot_sends_edits_and_deletes(telegram: Telegram) -> None:
    bot = telegram.bot
    me = await bot.me()
    assert (me.id, me.is_bot, me.username) == (700100, True, "sandbox_shop_bot")
    markup = InlineKeyboardMarkup(
        inline_keyboard=[
            [
                InlineKeyboardButton(text="Confirm", callback_data="ok:1", style="success"),
                InlineKeyboardButton(text="Copy", copy_text=CopyTextButton(text="70001")),
                InlineKeyboardButton(text="Done", disabled=DisabledButton(), style="danger"),
                InlineKeyboardButton(text="Site", url="https://example.org/", icon_custom_emoji_id="5368"),
            ]
        ]
    )
    sent = await bot.send_message(MIA, "<b>Order</b> طلب", parse_mode="HTML", reply_markup=markup)
    assert (sent.text, sent.html_text, sent.chat.id) == ("Order طلب", "<b>Order</b> طلب", MIA)
    assert plain(sent.reply_markup) == plain(markup)
    edited = await bot.edit_message_text("Done", chat_id=MIA, message_id=sent.message_id)
    assert isinstance(edited, Message)
    assert (edited.text, edited.reply_markup) == ("Done", None)
    assert edited.edit_date is not None
    bare = await bot.edit_message_reply_markup(chat_id=MIA, message_id=sent.message_id, reply_markup=markup)
    assert isinstance(bare, Message)
    assert plain(bare.reply_markup) == plain(markup)
    assert await bot.delete_message(MIA, sent.message_id)
    assert [m["text"] for m in (await telegram.look("chat", person=MIA))["messages"]] == ["/start"]


async def test_a_wrong_token_and_an_unknown_method_are_refused(telegram: Telegram) -> None:
    class Unheard(TelegramMethod[bool]):
        __returning__ = bool
        __api_method__ = "solveEverything"

    with pytest.raises(TelegramUnauthorizedError, match="Unauthorized"):
        await Bot("700100:another-token", session=telegram.bot.session).me()
    with pytest.raises(TelegramNotFound, match="Not Found"):
        await telegram.bot(Unheard())


async def test_parameters_come_in_the_query_a_form_json_or_multipart_and_methods_in_any_case(
    telegram: Telegram,
) -> None:
    url = f"{telegram.url}/bot{TOKEN}/SENDMESSAGE"
    multipart = aiohttp.FormData({"chat_id": str(MIA), "text": "m"})
    multipart.add_field("unused", b"x", filename="x.bin")
    for how in (
        {"params": {"chat_id": MIA, "text": "q"}},
        {"data": {"chat_id": MIA, "text": "f"}},
        {"json": {"chat_id": MIA, "text": "j"}},
        {"data": multipart},
    ):
        async with telegram.http.post(url, **how) as response:
            assert (await response.json())["ok"]
    async with telegram.http.get(url, params={"chat_id": MIA, "text": "g"}) as response:
        assert response.status == 200
    messages = (await telegram.look("chat", person=MIA))["messages"]
    assert [m["text"] for m in messages] == ["/start", "q", "f", "j", "m", "g"]


REFUSED_MESSAGES: list[tuple[dict[str, Any], str]] = [
    ({"text": ""}, "message text is empty"),
    ({"text": " \n\u200b"}, "text must be non-empty"),
    ({"text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
    ({"text": "x" * 4097}, "message is too long"),
    ({"text": "🏟" * 2049}, "message is too long"),
    ({"text": "a < b", "parse_mode": "HTML"}, 'can\'t parse entities: Unsupported start tag "" at byte offset 2'),
    ({"text": "a", "parse_mode": "Foo"}, "unsupported parse_mode"),
    ({"text": "a", "chat_id": ""}, "chat_id is empty"),
    ({"text": "a", "chat_id": 4040}, "chat not found"),
    ({"text": "a", "chat_id": "@nobody"}, "chat not found"),
    ({"text": "a", "chat_id": 9001}, "chat not found"),  # Ada exists but has not written to the bot
    ({"text": "a", "reply_parameters": {"message_id": 999}}, "message to be replied not found"),
    ({"text": "\ud83c"}, "strings must be encoded in UTF-8"),
    ({"text": "hello", "entities": [{"type": "bold", "offset": 100, "length": 1}]},
     "entity begins after the end of the text at UTF-16 offset 100"),
    ({"text": "hello", "entities": [{"type": "bold", "offset": 0, "length": 100}]},
     "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 100"),
    ({"text": "hello", "entities": [{"type": "loud", "offset": 0, "length": 1}]},
     "can't parse MessageEntity: Unsupported type specified"),
    ({"text": "click", "entities": [{"type": "text_link", "offset": 0, "length": 5, "url": "not-a-url"}]},
     "entity URL 'not-a-url' is invalid: Wrong HTTP URL"),
]  # fmt: skip


async def test_a_message_is_refused_in_telegrams_words(telegram: Telegram) -> None:
    for params, reason in REFUSED_MESSAGES:
        description = await telegram.refusal("sendMessage", **{"chat_id": MIA, **params})
        assert description == f"Bad Request: {reason}"


async def test_the_limit_counts_the_text_after_its_markup(telegram: Telegram) -> None:
    text = f"<b>{'x' * 4096}</b> \n"
    assert len((await telegram.result("sendMessage", chat_id=MIA, text=text, parse_mode="HTML"))["text"]) == 4096


REFUSED_KEYBOARDS: list[tuple[Any, str]] = [
    (keyboard([{"text": "b", "callback_data": "x" * 65}]), "BUTTON_DATA_INVALID"),
    (keyboard([{"text": "b", "callback_data": "ж" * 33}]), "BUTTON_DATA_INVALID"),
    (keyboard([{"text": "b", "callback_data": ""}]),
     "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    (keyboard([{"callback_data": "x"}]), 'can\'t parse inline keyboard button: Can\'t find field "text"'),
    (keyboard([{"text": "b", "callback_data": "x", "disabled": {}}]),
     "can't parse inline keyboard button: InlineKeyboardButton must have exactly one optional field"),
    (keyboard([{"text": "b", "callback_data": "x", "style": "gold"}]),
     "can't parse inline keyboard button: Unsupported button style specified"),
    (keyboard([{"text": "b", "url": "http://localhost/x"}]),
     "inline keyboard button URL 'http://localhost/x' is invalid: Wrong HTTP URL"),
    (keyboard([{"text": "b", "url": "ftp://example.com"}]),
     "inline keyboard button URL 'ftp://example.com' is invalid: Unsupported URL protocol"),
    (keyboard([{"text": "b", "web_app": {"url": "http://a.b"}}]),
     "inline keyboard button Web App URL 'http://a.b' is invalid: Only HTTPS links are allowed"),
    (keyboard([{"text": "b", "copy_text": {"text": ""}}]), "BUTTON_COPY_TEXT_INVALID"),
    (keyboard([{"text": "b", "copy_text": {"text": "x" * 257}}]), "BUTTON_COPY_TEXT_INVALID"),
    (keyboard([{"text": "b", "disabled": True}]),
     'can\'t parse inline keyboard button: Field "disabled" must be of type Object'),
    (keyboard([{"text": "b", "pay": True}]), "BUTTON_TYPE_INVALID"),
    (keyboard([{"text": "b", "callback_data": "x"}] * 9), "reply markup is too long"),
    (keyboard(*[[{"text": "b", "callback_data": "x"}] * 8] * 13), "reply markup is too long"),
    ({"inline_keyboard": ["x"]},
     'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'),
    ("{", "can't parse reply keyboard markup JSON object"),
    ([], "object expected as reply markup"),
]  # fmt: skip


async def test_a_keyboard_is_refused_in_telegrams_words(telegram: Telegram) -> None:
    for markup, reason in REFUSED_KEYBOARDS:
        description = await telegram.refusal("sendMessage", chat_id=MIA, text="t", reply_markup=markup)
        assert description == f"Bad Request: {reason}"


async def test_the_largest_keyboard_with_the_longest_data_passes(telegram: Telegram) -> None:
    row = [{"text": "b", "callback_data": "ж" * 32}] * 8
    rows = [*[row] * 12, row[:4]]
    sent = await telegram.result("sendMessage", chat_id=MIA, text="t", reply_markup=keyboard(*rows))
    assert sum(map(len, sent["reply_markup"]["inline_keyboard"])) == 100


async def test_an_edit_is_refused_in_telegrams_words(telegram: Telegram) -> None:
    async def why(method: str, message_id: int, **params: Any) -> str:
        description = await telegram.refusal(method, chat_id=MIA, message_id=message_id, **params)
        return description.removeprefix("Bad Request: ")

    markup = keyboard([{"text": "b", "callback_data": "x"}])
    ours = await telegram.result("sendMessage", chat_id=MIA, text="<i>same</i>", parse_mode="HTML", reply_markup=markup)
    message_id = ours["message_id"]
    same = {"text": " <em>same</em>", "parse_mode": "HTML", "reply_markup": markup}
    assert await why("editMessageText", message_id, **same) == NOT_MODIFIED
    assert await why("editMessageReplyMarkup", message_id, reply_markup=markup) == NOT_MODIFIED
    assert await why("editMessageText", 999, text="x") == "message to edit not found"
    assert await why("editMessageText", message_id, text="") == "message text is empty"
    assert await why("editMessageText", message_id, text="x" * 4097) == "MESSAGE_TOO_LONG"
    assert await why("editMessageCaption", message_id, caption="x") == "there is no caption in the message to edit"
    theirs = (await telegram.look("chat", person=MIA))["messages"][0]
    assert theirs["from"] == "person"
    assert await why("editMessageText", theirs["message_id"], text="x") == "message can't be edited"
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await telegram.bot.edit_message_text("<i>same</i>", chat_id=MIA, message_id=message_id, parse_mode="HTML",
                                             reply_markup=InlineKeyboardMarkup.model_validate(markup))  # fmt: skip
    await telegram.result("editMessageText", chat_id=MIA, message_id=message_id, text="same")  # the keyboard goes


async def test_deleting_what_is_gone_is_refused_one_by_one_and_passed_over_in_bulk(telegram: Telegram) -> None:
    sent = [await telegram.bot.send_message(MIA, str(n)) for n in range(3)]
    ids = [message.message_id for message in sent]
    assert await telegram.bot.delete_message(MIA, ids[0])
    assert await telegram.refusal("deleteMessage", chat_id=MIA, message_id=ids[0]) == (
        "Bad Request: message to delete not found"
    )
    assert await telegram.bot.delete_messages(MIA, ids)
    assert [m["text"] for m in (await telegram.look("chat", person=MIA))["messages"]] == ["/start"]
    assert await telegram.refusal("deleteMessages", chat_id=MIA, message_ids=list(range(1, 102))) == (
        "Bad Request: too many message identifiers specified"
    )


async def test_files_go_up_by_multipart_and_come_down_again(telegram: Telegram) -> None:
    bot = telegram.bot
    photo = await bot.send_photo(MIA, BufferedInputFile(PNG, "qr.png"), caption="<b>Pay</b>", parse_mode="HTML")
    assert photo.photo is not None
    assert (photo.photo[0].width, photo.photo[0].height, photo.html_text) == (256, 128, "<b>Pay</b>")
    again = await bot.send_photo(MIA, photo.photo[0].file_id)
    assert again.photo is not None
    assert again.photo[0].file_id == photo.photo[0].file_id
    report = await bot.send_document(MIA, BufferedInputFile(b"id,charge\n", "orders.csv"))
    assert report.document is not None
    assert (report.document.file_name, report.document.file_size) == ("orders.csv", 10)
    file = await bot.get_file(report.document.file_id)
    assert file.file_path is not None
    downloaded = await bot.download_file(file.file_path)
    assert downloaded is not None
    assert downloaded.read() == b"id,charge\n"
    caption = await bot.edit_message_caption(chat_id=MIA, message_id=photo.message_id, caption="Paid")
    assert isinstance(caption, Message)
    assert caption.caption == "Paid"
    jpeg = await bot.send_photo(MIA, BufferedInputFile(JPEG, "a.jpg"))
    assert jpeg.photo is not None
    assert (jpeg.photo[0].width, jpeg.photo[0].height) == (64, 48)


async def test_a_file_is_refused_in_telegrams_words(telegram: Telegram, monkeypatch: pytest.MonkeyPatch) -> None:
    async def why(method: str, **params: Any) -> str:
        return (await telegram.refusal(method, chat_id=MIA, **params)).removeprefix("Bad Request: ")

    assert await why("sendPhoto") == "there is no photo in the request"
    assert await why("sendDocument", document="nonsense") == "wrong file identifier/HTTP URL specified"
    assert await why("sendPhoto", photo="https://a.b/c.png") == "failed to get HTTP URL content"
    assert await why("getFile", file_id="x") == "invalid file_id"
    with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
        await telegram.bot.send_photo(MIA, BufferedInputFile(b"not a picture", "x.png"))
    photo = await telegram.bot.send_photo(MIA, BufferedInputFile(PNG, "x.png"))
    assert photo.photo is not None
    long = {"photo": photo.photo[0].file_id, "caption": "x" * 1025}
    assert await why("sendPhoto", **long) == "message caption is too long"
    assert await why("editMessageText", message_id=photo.message_id, text="x") == (
        "there is no text in the message to edit"
    )
    edit = {"message_id": photo.message_id, "caption": "x" * 1025}
    assert await why("editMessageCaption", **edit) == "MEDIA_CAPTION_TOO_LONG"
    monkeypatch.setattr("bot.sandbox.telegram.call.MAX_UPLOAD_BYTES", 10_000)
    form = aiohttp.FormData({"chat_id": str(MIA)})
    form.add_field("document", b"\0" * 20_000, filename="x.bin")
    async with telegram.http.post(f"{telegram.url}/bot{TOKEN}/sendDocument", data=form) as response:
        assert await response.json() == {
            "ok": False,
            "error_code": 413,
            "description": "Request Entity Too Large",
        }


async def test_commands_are_offered_by_the_narrowest_scope_and_the_persons_language(telegram: Telegram) -> None:
    bot = telegram.bot

    async def offered(person: int) -> list[str]:
        chat = await telegram.look("chat", person=person)
        return [f"{c['command']} {c['description']}" for c in chat["commands"]]

    def start(words: str) -> list[BotCommand]:
        return [BotCommand(command="start", description=words)]

    await telegram.start(9001)
    private = BotCommandScopeAllPrivateChats()
    own = BotCommandScopeChat(chat_id=9001)
    await bot.set_my_commands(start("Start"))
    assert await offered(MIA) == await offered(1002) == ["start Start"]
    await bot.set_my_commands(start("Private"), scope=private)
    await bot.set_my_commands(start("ابدأ"), scope=private, language_code="ar")
    await bot.set_my_commands(start("Panel"), scope=own)
    seen = [await offered(person) for person in (MIA, 1002, 9001)]
    assert seen == [["start Private"], ["start ابدأ"], ["start Panel"]]
    assert [c.description for c in await bot.get_my_commands()] == ["Start"]
    assert await bot.get_my_commands(language_code="ar") == []
    await bot.delete_my_commands(scope=own)
    assert await offered(9001) == ["start Private"]


REFUSED_COMMANDS = [
    ("Start", "x", "BOT_COMMAND_INVALID"),
    ("order-new", "x", "BOT_COMMAND_INVALID"),
    ("x" * 33, "x", "command length must not exceed 32"),
    ("x", "", "command description must be non-empty"),
    ("x", "x" * 257, "command description length must not exceed 256"),
]


async def test_a_bad_command_is_refused(telegram: Telegram) -> None:
    for command, words, reason in REFUSED_COMMANDS:
        commands = [{"command": command, "description": words}]
        assert await telegram.refusal("setMyCommands", commands=commands) == f"Bad Request: {reason}"


async def test_commands_for_a_chat_that_is_not_there_are_refused(telegram: Telegram) -> None:
    scope = {"type": "chat", "chat_id": 9001}
    commands = [{"command": "x", "description": "x"}]
    assert await telegram.refusal("setMyCommands", commands=commands, scope=scope) == "Bad Request: chat not found"
    too_many = commands * 101
    assert await telegram.refusal("setMyCommands", commands=too_many) == "Bad Request: BOT_COMMANDS_TOO_MUCH"
    assert await telegram.refusal("setMyCommands", commands=commands, language_code="eng") == (
        "Bad Request: LANG_CODE_INVALID"
    )


async def test_name_and_descriptions_are_kept_by_language_and_shown_to_people(telegram: Telegram) -> None:
    bot = telegram.bot
    await bot.set_my_name("Partial")
    await bot.set_my_description("Likes by the thousand")
    await bot.set_my_description("إعجابات", language_code="ar")
    await bot.set_my_short_description("Likes")
    assert await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    assert (await bot.get_my_name()).name == "Partial"
    assert (await bot.get_my_description(language_code="ar")).description == "إعجابات"
    assert (await bot.get_my_short_description()).short_description == "Likes"
    assert (await telegram.look("chat", person=1002))["bot"] == {
        "name": "Partial", "username": "sandbox_shop_bot", "description": "إعجابات",
    }  # fmt: skip


async def test_get_chat_tells_who_it_is(telegram: Telegram) -> None:
    chat = await telegram.bot.get_chat(MIA)
    assert (chat.type, chat.first_name, chat.username) == ("private", "Mia", "mia")


async def test_telegrams_limits_hold_one_chat_all_chats_and_groups_apart(tmp_path: Path) -> None:
    clock = Clock()
    async with running(tmp_path, limits=True, clock=clock, groups=(GROUP,)) as telegram:
        await telegram.start(MIA, 1002)

        async def sent(chat_id: int, times: int) -> int:
            answers = [await telegram.api("sendMessage", chat_id=chat_id, text="x") for _ in range(times)]
            return sum(answer["ok"] for answer in answers)

        assert await sent(MIA, 8) == 5  # a short burst
        answer = await telegram.api("sendMessage", chat_id=MIA, text="x")
        assert answer["description"] == "Too Many Requests: retry after 1"
        assert answer["parameters"] == {"retry_after": 1}
        with pytest.raises(TelegramRetryAfter) as flood:
            await telegram.bot.send_message(MIA, "x")
        assert flood.value.retry_after == 1
        clock.now += 2
        assert await sent(MIA, 4) == 2  # one a second
        clock.now += 60
        assert await sent(GROUP.id, 25) == 20  # twenty a minute
        assert await sent(1002, 9) == 5
        assert await sent(MIA, 9) == 5
        assert await sent(1002, 1) == 0  # thirty a second in all are used up, and the burst of the chat too
        await telegram.result("sendChatAction", chat_id=MIA, action="typing")  # costs nothing
