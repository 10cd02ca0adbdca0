"""The people, their chats with the bot, and everybody who watches a chat."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram.call import Call, Refused, Wire, bad_request
from bot.sandbox.telegram.entities import Text
from bot.sandbox.telegram.files import StoredFile

MESSAGES_KEPT = 5_000
LOG_KEPT = 20_000
EVENTS_BEHIND = 1_000
TYPING_SECONDS = 5.0


@dataclass
class Person:
    """Somebody with a Telegram account; `id` is also the id of their private chat with the bot."""

    id: int
    name: str
    username: str
    language_code: str = "en"
    role: str = "customer"
    started: bool = False  # a bot cannot write first: until the person does, there is no chat
    blocked: bool = False

    def user(self) -> Wire:
        """The person as a User."""
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.name,
            "username": self.username,
            "language_code": self.language_code,
        }

    def chat(self) -> Wire:
        """The private chat as a Chat."""
        return {"id": self.id, "first_name": self.name, "username": self.username, "type": "private"}


@dataclass(frozen=True)
class Group:
    """A group that the bot is a member of; its id is negative."""

    id: int
    title: str

    def chat(self) -> Wire:
        """The group as a Chat."""
        return {"id": self.id, "title": self.title, "type": "supergroup"}


PEOPLE = (
    Person(1001, "Mia", "mia"),
    Person(1002, "Omar", "omar", language_code="ar"),
    Person(5001, "Rhea", "rhea", role="reseller"),
    Person(9001, "Ada", "ada", role="admin"),
)


@dataclass
class Message:
    """One message of a chat; `sender` is None when the bot wrote it."""

    id: int
    chat_id: int
    date: int
    sender: Person | None = None
    text: Text = field(default_factory=lambda: Text(""))
    caption: Text = field(default_factory=lambda: Text(""))
    markup: Wire = field(default_factory=dict)
    photo: StoredFile | None = None
    document: StoredFile | None = None
    invoice: Wire | None = None  # title, description, start_parameter, currency, total_amount
    paid_by: set[int] = field(default_factory=set)  # a forwarded invoice may be paid by somebody else
    payment: Wire | None = None  # a successful_payment
    refund: Wire | None = None  # a refunded_payment
    reply_to: "Message | None" = None
    edit_date: int | None = None
    silent: bool = False  # sent with disable_notification: the phone makes no sound

    def inline_keyboard(self) -> list[list[Wire]]:
        """The rows of inline buttons, [] when there are none."""
        rows: list[list[Wire]] = self.markup.get("inline_keyboard", [])
        return rows

    def wire(self, bot: Wire, chat: Wire) -> Wire:
        """The message as the Bot API sends it."""
        result: Wire = {
            "message_id": self.id,
            "from": self.sender.user() if self.sender else bot,
            "chat": chat,
            "date": self.date,
        }
        if self.edit_date is not None:
            result["edit_date"] = self.edit_date
        if self.reply_to is not None:
            result["reply_to_message"] = self.reply_to.wire(bot, chat)
            result["reply_to_message"].pop("reply_to_message", None)
        for name, text in (("", self.text), ("caption", self.caption)):
            if text:
                result[name or "text"] = text.plain
                if text.entities:
                    result[f"{name}_entities".lstrip("_")] = text.entities
        if self.photo:
            result["photo"] = [self.photo.photo_size()]
        if self.document:
            result["document"] = self.document.document()
        services = {"invoice": self.invoice, "successful_payment": self.payment, "refunded_payment": self.refund}
        result |= {name: value for name, value in services.items() if value is not None}
        if self.inline_keyboard():
            result["reply_markup"] = self.markup
        return result


class Chats:
    """Every chat, in memory; one event loop reads and writes it."""

    def __init__(
        self,
        bot: Wire,
        people: Sequence[Person],
        groups: Sequence[Group],
        draw: Callable[[Message], Wire],
        clock: Callable[[], float],
    ) -> None:
        self.bot = bot
        self.draw = draw  # how the page sees a message
        self.people = {person.id: person for person in people}
        self.groups = {group.id: group for group in groups}
        self.clock = clock
        self.log: deque[Wire] = deque(maxlen=LOG_KEPT)
        self._messages: dict[int, dict[int, Message]] = {}
        self._last_id = 0
        self._logged = 0
        self._versions: dict[int, int] = {}
        self._watchers: dict[int, set[asyncio.Queue[Wire | None]]] = {}
        self._typing: dict[int, tuple[str, asyncio.TimerHandle]] = {}
        self._closed = False

    # The chat that a call names

    def addressed(self, call: Call, *, writing: bool) -> int:
        """The id of the chat a call is about. Refused when there is none or, to write, when the bot is blocked."""
        if not call.text("chat_id").strip():
            raise bad_request("chat_id is empty")
        chat_id = call.chat_id()
        if chat_id in self.groups:
            return chat_id
        person = self.people.get(chat_id) if chat_id is not None else None
        if person is None or not person.started:
            raise bad_request("chat not found")
        if writing and person.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        return person.id

    def chat(self, chat_id: int) -> Wire:
        """The chat as a Chat."""
        group = self.groups.get(chat_id)
        return group.chat() if group else self.people[chat_id].chat()

    # Messages

    def add(self, chat_id: int, sender: Person | None, **content: Any) -> Message:
        """Put a new message into a chat and show it; `content` are the other fields of `Message`."""
        self._last_id += 1
        message = Message(self._last_id, chat_id, int(self.clock()), sender, **content)
        messages = self._messages.setdefault(chat_id, {})
        messages[message.id] = message
        if len(messages) > MESSAGES_KEPT:
            del messages[next(iter(messages))]
        if sender is None:
            self.typing(chat_id, None)
        self.show(message)
        return message

    def show(self, message: Message) -> None:
        """Tell the watchers that a message is new or has changed."""
        self.publish(message.chat_id, {"type": "message", "message": self.draw(message)})

    def message(self, chat_id: int, message_id: int) -> Message | None:
        """The message, None when it never was or is gone."""
        return self._messages.get(chat_id, {}).get(message_id)

    def was_issued(self, message_id: int) -> bool:
        """Whether some message had this id, be it deleted since."""
        return 0 < message_id <= self._last_id

    def find(self, message_id: int) -> Message | None:
        """The message in whatever chat it is; ids are never used twice."""
        return next((chat[message_id] for chat in self._messages.values() if message_id in chat), None)

    def messages(self, chat_id: int) -> list[Message]:
        """The messages of a chat, oldest first."""
        return list(self._messages.get(chat_id, {}).values())

    def remove(self, chat_id: int, message_id: int) -> bool:
        """Delete a message; False when there is none."""
        if self._messages.get(chat_id, {}).pop(message_id, None) is None:
            return False
        self.publish(chat_id, {"type": "deleted", "message_id": message_id})
        return True

    def wire(self, message: Message) -> Wire:
        """The message as the Bot API sends it."""
        return message.wire(self.bot, self.chat(message.chat_id))

    # What the person sees besides messages

    def typing(self, chat_id: int, action: str | None) -> None:
        """Show "typing" (or another chat action) for five seconds, or stop showing it."""
        shown = self._typing.pop(chat_id, None)
        if shown is not None:
            shown[1].cancel()
        if action is not None and not self._closed:
            timer = asyncio.get_running_loop().call_later(TYPING_SECONDS, self.typing, chat_id, None)
            self._typing[chat_id] = (action, timer)
        if action is not None or shown is not None:
            self.publish(chat_id, {"type": "typing", "action": action})

    def typing_now(self, chat_id: int) -> str | None:
        """The chat action shown at the moment."""
        shown = self._typing.get(chat_id)
        return shown[0] if shown else None

    # Watching

    def version(self, chat_id: int) -> int:
        """A number that grows with every event of the chat."""
        return self._versions.get(chat_id, 0)

    def publish(self, chat_id: int, event: Wire) -> None:
        """Send an event to everybody who watches the chat; one who is hopelessly behind is let go."""
        version = self._versions[chat_id] = self.version(chat_id) + 1
        for queue in list(self._watchers.get(chat_id, ())):
            if queue.qsize() >= EVENTS_BEHIND:
                self._watchers[chat_id].discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait({**event, "version": version})

    @contextmanager
    def watch(self, chat_id: int) -> Iterator[asyncio.Queue[Wire | None]]:
        """A queue of the chat's events from now on; None on it means that the stream is over."""
        queue: asyncio.Queue[Wire | None] = asyncio.Queue()
        self._watchers.setdefault(chat_id, set()).add(queue)
        if self._closed:
            queue.put_nowait(None)
        try:
            yield queue
        finally:
            self._watchers[chat_id].discard(queue)

    def close(self) -> None:
        """End every stream and every timer; the server is going down."""
        self._closed = True
        for chat_id in list(self._typing):
            self.typing(chat_id, None)
        for queues in self._watchers.values():
            for queue in queues:
                queue.put_nowait(None)

    # The transcript

    def note(
        self,
        what: str,
        person: int | None,
        text: str = "",
        message: Message | None = None,
        error: str | None = None,
    ) -> None:
        """Write down that something happened, for transcripts."""
        self._logged += 1
        self.log.append(
            {
                "n": self._logged,
                "at": self.clock(),
                "person": person,
                "what": what,
                "text": text,
                "message_id": message.id if message else None,
                "buttons": [[b["text"] for b in row] for row in message.inline_keyboard()] if message else [],
                "silent": message is not None and message.silent,
                "error": error,
            }
        )
