"""Somebody's phone: types and taps by label, shows the chat as it stands, and is as strict as Telegram is."""

import re
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    DeleteMyCommands,
    EditMessageReplyMarkup,
    EditMessageText,
    GetFile,
    GetMe,
    SendDocument,
    SendMessage,
    SendPhoto,
    SetMyCommands,
    TelegramMethod,
)
from aiogram.types import (
    BotCommandScopeChat,
    BufferedInputFile,
    CallbackQuery,
    Chat,
    Document,
    File,
    InaccessibleMessage,
    InlineKeyboardMarkup,
    Message,
    Update,
    User,
)

from bot.sandbox.telegram import entities

SENT_AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@dataclass
class Shown:
    """A message of the bot in the chat; of a photo or a document `html` is the caption."""

    id: int
    html: str
    keyboard: InlineKeyboardMarkup | None
    file: bytes | None = None
    file_name: str = ""

    @property
    def text(self) -> str:
        """As it is read: entities parsed exactly as Telegram would."""
        return entities.parse_html(self.html).plain

    @property
    def rows(self) -> list[list[str]]:
        """The labels of the buttons."""
        return [[button.text for button in row] for row in self.keyboard.inline_keyboard] if self.keyboard else []

    @property
    def labels(self) -> list[str]:
        return [label for row in self.rows for label in row]

    def data(self, label: str) -> str:
        """What the button with this label (or the only one beginning so) carries."""
        buttons = [button for row in self.keyboard.inline_keyboard for button in row] if self.keyboard else []
        found = [button for button in buttons if button.text == label] or [
            button for button in buttons if button.text.startswith(label)
        ]
        assert len(found) == 1, f"{label!r} among {self.labels}"
        assert found[0].callback_data is not None
        return found[0].callback_data

    def style(self, label: str) -> str | None:
        assert self.keyboard is not None
        return next(
            button.style for row in self.keyboard.inline_keyboard for button in row if button.text.startswith(label)
        )


@dataclass
class Chats:
    """What Telegram holds: every bot message by chat, every answer to a tap, the commands that one chat has."""

    messages: dict[int, list[Shown]] = field(default_factory=dict)
    answers: dict[str, tuple[str | None, bool]] = field(default_factory=dict)
    commands: dict[int, list[str]] = field(default_factory=dict)
    number: int = 100

    def next(self) -> int:
        self.number += 1
        return self.number

    def find(self, chat_id: int, message_id: int) -> Shown | None:
        return next((shown for shown in self.messages.get(chat_id, []) if shown.id == message_id), None)


class Line(BaseSession):
    """The line to a Telegram that lives in this process: keeps what is sent, refuses what Telegram refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.chats = Chats()
        self.files: dict[str, bytes] = {}
        self.failures: Counter[type[TelegramMethod[Any]]] = Counter()
        """So many calls of each method will fail as if the connection broke."""
        self.patience: dict[type[TelegramMethod[Any]], int | None] = {}
        """Seconds that the last call of each method was given; None: as many as any."""

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:  # noqa: ASYNC109
        self.patience[type(method)] = timeout
        if self.failures[type(method)]:
            self.failures[type(method)] -= 1
            raise TelegramNetworkError(method, "reset")
        match method:
            case SendMessage() | SendPhoto() | SendDocument():
                return self._send(bot, method)
            case EditMessageText():
                shown = self._editable(method, int(method.chat_id or 0), method.message_id or 0)
                if shown.file is not None:
                    raise TelegramBadRequest(method, "Bad Request: there is no text in the message to edit")
                self._check(method, method.text, method.reply_markup)
                if (shown.html, shown.keyboard) == (method.text, method.reply_markup):
                    raise TelegramBadRequest(method, "Bad Request: message is not modified: same content")
                shown.html, shown.keyboard = method.text or "", method.reply_markup
                return True
            case EditMessageReplyMarkup():
                shown = self._editable(method, int(method.chat_id or 0), method.message_id or 0)
                if shown.keyboard == method.reply_markup:
                    raise TelegramBadRequest(method, "Bad Request: message is not modified: same content")
                shown.keyboard = method.reply_markup
                return True
            case AnswerCallbackQuery():
                if method.callback_query_id in self.chats.answers:
                    raise TelegramBadRequest(method, "Bad Request: query is too old and response timeout expired")
                assert method.text is None or len(method.text) <= 200
                self.chats.answers[method.callback_query_id] = (method.text, bool(method.show_alert))
                return True
        return self._aside(bot, method)

    def _aside(self, bot: Bot, method: TelegramMethod[Any]) -> Any:
        """What shows nobody anything new."""
        match method:
            case DeleteMessage():
                here = self.chats.messages.get(int(method.chat_id), [])
                if self.chats.find(int(method.chat_id), method.message_id) is None:
                    raise TelegramBadRequest(method, "Bad Request: message to delete not found")
                here[:] = [shown for shown in here if shown.id != method.message_id]
                return True
            case GetMe():
                return User(id=bot.id, is_bot=True, first_name="Shop", username="sunny_bot")
            case GetFile():
                if method.file_id not in self.files:
                    raise TelegramBadRequest(method, "Bad Request: invalid file_id")
                return File(file_id=method.file_id, file_unique_id=method.file_id, file_path=method.file_id)
            case SetMyCommands() | DeleteMyCommands():
                assert isinstance(method.scope, BotCommandScopeChat)
                listed = method.commands if isinstance(method, SetMyCommands) else []
                self.chats.commands[int(method.scope.chat_id)] = [command.command for command in listed]
                return True
        raise AssertionError(f"nobody expected {method!r}")

    def _send(self, bot: Bot, method: SendMessage | SendPhoto | SendDocument) -> Message:
        assert isinstance(method.reply_markup, InlineKeyboardMarkup | None)
        chat_id = int(method.chat_id)
        if isinstance(method, SendMessage):
            self._check(method, method.text, method.reply_markup)
            shown = Shown(self.chats.next(), method.text, method.reply_markup)
        else:
            file = method.photo if isinstance(method, SendPhoto) else method.document
            assert isinstance(file, BufferedInputFile), "only what is uploaded"
            assert file.data
            self._check(method, method.caption, method.reply_markup, longest=1024)
            shown = Shown(self.chats.next(), method.caption or "", method.reply_markup, file.data, file.filename or "")
        self.chats.messages.setdefault(chat_id, []).append(shown)
        return written(bot, chat_id, shown)

    def _editable(self, method: TelegramMethod[Any], chat_id: int, message_id: int) -> Shown:
        shown = self.chats.find(chat_id, message_id)
        if shown is None:
            raise TelegramBadRequest(method, "Bad Request: message to edit not found")
        return shown

    def _check(
        self,
        method: TelegramMethod[Any],
        text: str | None,
        keyboard: InlineKeyboardMarkup | None,
        longest: int = 4096,
    ) -> None:
        """Telegram's own limits; the markup must parse."""
        plain = entities.parse_html(text or "").plain
        assert 0 < len(plain) <= longest, plain
        assert not re.search(r"\{ ?\$|\?\?\?", plain), plain
        for row in keyboard.inline_keyboard if keyboard else []:
            assert row
            for button in row:
                assert button.text.strip()
                assert len((button.callback_data or "").encode()) <= 64

    async def stream_content(self, *args: Any, **kwargs: Any) -> AsyncGenerator[bytes, None]:
        url = str(args[0] if args else kwargs["url"])
        yield self.files[url.rpartition("/")[2]]

    async def close(self) -> None:
        """Nothing is open."""


def written(bot: Bot, chat_id: int, shown: Shown) -> Message:
    """The message as it stands, as Telegram hands it over with a tap."""
    return Message(
        message_id=shown.id,
        date=SENT_AT,
        chat=Chat(id=chat_id, type="private"),
        from_user=User(id=bot.id, is_bot=True, first_name="Shop"),
        text=shown.text if shown.file is None else None,
        caption=None if shown.file is None else shown.text,
        reply_markup=shown.keyboard,
    ).as_(bot)


class Phone:
    """One person's chat with the bot."""

    def __init__(self, dispatcher: Dispatcher, bot: Bot, line: Line, user_id: int, name: str = "Mia") -> None:
        self._dispatcher, self._bot, self._line = dispatcher, bot, line
        self.user_id, self.name, self.updates = user_id, name, 0

    @property
    def messages(self) -> list[Shown]:
        """Everything of the bot in the chat, oldest first."""
        return self._line.chats.messages.get(self.user_id, [])

    @property
    def last(self) -> Shown:
        return self.messages[-1]

    def saying(self, words: str) -> Shown:
        """The newest message that contains these words."""
        found = [shown for shown in self.messages if words in shown.text]
        assert found, f"{words!r} in none of {[shown.text for shown in self.messages]}"
        return found[-1]

    async def say(self, text: str | None, message_id: int | None = None, **more: Any) -> Shown:
        """Type something; the newest message after it."""
        await self._feed(self.typing(text, message_id, **more))
        return self.last

    def typing(self, text: str | None, message_id: int | None = None, **more: Any) -> Update:
        """The update that typing something makes."""
        message = Message(
            message_id=message_id or self._line.chats.next(),
            date=SENT_AT,
            chat=Chat(id=self.user_id, type="private"),
            from_user=self._user(),
            text=text,
            **more,
        )
        return self._update(message=message)

    async def send(
        self, content: bytes, name: str = "list.txt", mime_type: str | None = "text/plain", *, lost: bool = False
    ) -> Shown:
        """Send a file; `lost`: Telegram does not have it any more."""
        file_id = f"file{self._line.chats.next()}"
        if not lost:
            self._line.files[file_id] = content
        document = Document(
            file_id=file_id, file_unique_id=file_id, file_name=name, mime_type=mime_type, file_size=len(content)
        )
        return await self.say(None, document=document)

    async def tap(self, label: str, on: Shown | None = None) -> tuple[str | None, bool]:
        """Tap the button of `on`, or of the newest message that has it; the answer as (text, alert)."""
        if on is None:
            having = [shown for shown in self.messages if any(text.startswith(label) for text in shown.labels)]
            assert having, f"no message has {label!r}; the last has {self.last.labels}"
            on = having[-1]
        return await self.press(on.data(label), on)

    async def press(
        self, data: str, on: Shown | None, *, gone: bool = False, user_id: int | None = None
    ) -> tuple[str | None, bool]:
        """Send a tap with this data, whatever the message shows by now; `gone`: too old to be seen."""
        tap = self.tapping(data, on, gone=gone)
        await self._feed(tap)
        assert tap.callback_query is not None
        query_id = tap.callback_query.id
        assert query_id in self._line.chats.answers, f"{data} was never answered"
        return self._line.chats.answers[query_id]

    def tapping(self, data: str, on: Shown | None, *, gone: bool = False) -> Update:
        """The update that such a tap makes."""
        message: Message | InaccessibleMessage | None = None
        if on is not None:
            chat = Chat(id=self.user_id, type="private")
            message = (
                InaccessibleMessage(chat=chat, message_id=on.id, date=0) if gone else written(self._bot, chat.id, on)
            )
        self.updates += 1
        query_id = f"{self.user_id}-{self.updates}"
        query = CallbackQuery(id=query_id, from_user=self._user(), chat_instance="1", message=message, data=data)
        return self._update(callback_query=query)

    def _update(self, **event: Any) -> Update:
        self.updates += 1
        return Update(update_id=self.updates, **event)

    async def _feed(self, update: Update) -> None:
        await self._dispatcher.feed_update(self._bot, update)

    def _user(self) -> User:
        return User(id=self.user_id, is_bot=False, first_name=self.name, language_code="en")
