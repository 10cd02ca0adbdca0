"""The Bot API methods that say something: send, edit, delete, answer a tap, show "typing"."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram.call import Call, Handler, Wire, bad_request
from bot.sandbox.telegram.chats import Chats, Message, Person
from bot.sandbox.telegram.entities import Text, read_text, utf16_length
from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.rules import (
    NOT_MODIFIED,
    QUERY_EXPIRED,
    check_caption,
    check_text,
    read_markup,
)

MAX_CALLBACK_ANSWER = 200
MAX_DELETED_AT_ONCE = 100

_ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip


@dataclass
class Tap:
    """A tap on a button that waits for its answer."""

    person: int
    at: float


class Talk:
    """What the bot shows in chats."""

    def __init__(self, chats: Chats, files: Files, clock: Callable[[], float], *, callback_seconds: float) -> None:
        self.chats = chats
        self.files = files
        self.clock = clock
        self.callback_seconds = callback_seconds
        self.taps: dict[str, Tap] = {}

    def methods(self) -> dict[str, Handler]:
        """The Bot API methods of this part."""
        return {
            "sendMessage": self.send_message,
            "sendPhoto": lambda call: self.send_file(call, "photo"),
            "sendDocument": lambda call: self.send_file(call, "document"),
            "sendChatAction": self.send_chat_action,
            "editMessageText": self.edit_text,
            "editMessageCaption": self.edit_caption,
            "editMessageReplyMarkup": self.edit_markup,
            "deleteMessage": self.delete_message,
            "deleteMessages": self.delete_messages,
            "answerCallbackQuery": self.answer_callback_query,
            "getChat": self.get_chat,
            "getFile": lambda call: self.files.by_id(call).file(),
        }

    # Sending

    def send_message(self, call: Call) -> Wire:
        """sendMessage."""
        if not call.text("text"):
            raise bad_request("message text is empty")
        text = read_text(call, "text", "entities")
        markup = read_markup(call)
        chat_id = self.chats.addressed(call, writing=True)
        reply_to = self._replied(call, chat_id)
        check_text(text, editing=False)
        return self.sent(call, chat_id, text=text, markup=markup, reply_to=reply_to)

    def send_file(self, call: Call, kind: str) -> Wire:
        """sendPhoto and sendDocument."""
        caption = read_text(call, "caption", "caption_entities")
        markup = read_markup(call)
        chat_id = self.chats.addressed(call, writing=True)
        reply_to = self._replied(call, chat_id)
        check_caption(caption, editing=False)
        content: dict[str, Any] = {kind: self.files.sent(call, kind)}
        return self.sent(call, chat_id, caption=caption, markup=markup, reply_to=reply_to, **content)

    def sent(self, call: Call, chat_id: int, **content: Any) -> Wire:
        """Put the bot's message into the chat and answer with it."""
        message = self.chats.add(chat_id, None, silent=call.flag("disable_notification"), **content)
        self.chats.note(call.method, chat_id, (message.text or message.caption).plain, message)
        return self.chats.wire(message)

    def _replied(self, call: Call, chat_id: int) -> Message | None:
        """The message that is replied to, if the call names one."""
        parameters = call.decoded("reply_parameters", "reply parameters")
        if parameters is None:
            parameters = {"message_id": call.integer("reply_to_message_id")}
        if not isinstance(parameters, dict):
            raise bad_request("object expected as reply parameters")
        message_id = Call(call.method, parameters).integer("message_id")
        if not message_id:
            return None
        message = self.chats.message(chat_id, message_id)
        anyway = parameters.get("allow_sending_without_reply") or call.flag("allow_sending_without_reply")
        if message is None and not anyway:
            raise bad_request("message to be replied not found")
        return message

    def send_chat_action(self, call: Call) -> bool:
        """sendChatAction."""
        action = call.text("action").lower()
        if action not in _ACTIONS | {"cancel"}:
            raise bad_request("wrong parameter action in request")
        chat_id = self.chats.addressed(call, writing=True)
        self.chats.typing(chat_id, None if action == "cancel" else action)
        return True

    # Editing

    def edit_text(self, call: Call) -> Wire:
        """editMessageText."""
        if not call.text("text"):
            raise bad_request("message text is empty")
        text = read_text(call, "text", "entities")
        markup = read_markup(call)
        message = self._editable(call)
        if not message.text:
            raise bad_request("there is no text in the message to edit")
        check_text(text, editing=True)
        return self._edit(call, message, text=text, markup=markup)

    def edit_caption(self, call: Call) -> Wire:
        """editMessageCaption."""
        caption = read_text(call, "caption", "caption_entities")
        markup = read_markup(call)
        message = self._editable(call)
        if message.photo is None and message.document is None:
            raise bad_request("there is no caption in the message to edit")
        check_caption(caption, editing=True)
        return self._edit(call, message, caption=caption, markup=markup)

    def edit_markup(self, call: Call) -> Wire:
        """editMessageReplyMarkup."""
        invoiced = (found := self._named(call)) is not None and found.invoice is not None
        markup = read_markup(call, invoice=invoiced)
        message = self._editable(call)
        return self._edit(call, message, markup=markup)

    def _named(self, call: Call) -> Message | None:
        return self.chats.message(call.chat_id() or 0, call.integer("message_id"))

    def _editable(self, call: Call) -> Message:
        """The message that the call wants to edit, if it may."""
        if call.text("inline_message_id"):
            raise bad_request("MESSAGE_ID_INVALID")  # the sandbox has no inline mode
        self.chats.addressed(call, writing=False)
        message = self._named(call)
        if message is None:
            raise bad_request("message to edit not found")
        if message.sender is not None:
            raise bad_request("message can't be edited")
        return message

    def _edit(self, call: Call, message: Message, **changes: Text | Wire) -> Wire:
        # A keyboard that is not given anew is taken away, which counts as a change.
        if all(getattr(message, name) == value for name, value in changes.items()):
            raise bad_request(NOT_MODIFIED)
        for name, value in changes.items():
            setattr(message, name, value)
        message.edit_date = int(self.clock())
        self.chats.show(message)
        self.chats.note(call.method, message.chat_id, (message.text or message.caption).plain, message)
        return self.chats.wire(message)

    # Deleting

    def delete_message(self, call: Call) -> bool:
        """deleteMessage: in a private chat a bot may delete what either side wrote."""
        chat_id = self.chats.addressed(call, writing=False)
        if not self.chats.remove(chat_id, call.integer("message_id")):
            raise bad_request("message to delete not found")
        self.chats.note(call.method, chat_id)
        return True

    def delete_messages(self, call: Call) -> bool:
        """deleteMessages: those that are gone already are passed over."""
        ids = call.decoded("message_ids", "message_ids")
        if not isinstance(ids, list) or not ids:
            raise bad_request("message identifiers are not specified")
        if len(ids) > MAX_DELETED_AT_ONCE:
            raise bad_request("too many message identifiers specified")
        if not all(isinstance(message_id, int) for message_id in ids):
            raise bad_request("message identifier must be a Number")
        chat_id = self.chats.addressed(call, writing=False)
        for message_id in ids:
            self.chats.remove(chat_id, message_id)
        self.chats.note(call.method, chat_id)
        return True

    # Taps

    def tapped(self, person: Person) -> str:
        """A new id for a tap; it can be answered once, and not for long."""
        now = self.clock()
        self.taps = {key: tap for key, tap in self.taps.items() if now - tap.at <= self.callback_seconds}
        callback_id = str(secrets.randbelow(10**18) + 10**18)
        self.taps[callback_id] = Tap(person.id, now)
        return callback_id

    def answer_callback_query(self, call: Call) -> bool:
        """answerCallbackQuery: the little notice, or just the end of the waiting."""
        callback_id = call.text("callback_query_id")
        text = call.text("text")
        if utf16_length(text) > MAX_CALLBACK_ANSWER:
            raise bad_request("MESSAGE_TOO_LONG")
        tap = self.taps.pop(callback_id, None)
        if tap is None or self.clock() - tap.at > self.callback_seconds:
            raise bad_request(QUERY_EXPIRED)
        event = {
            "type": "callback",
            "id": callback_id,
            "text": text or None,
            "alert": call.flag("show_alert"),
            "url": call.text("url") or None,
        }
        self.chats.publish(tap.person, event)
        self.chats.note(call.method, tap.person, text)
        return True

    def get_chat(self, call: Call) -> Wire:
        """getChat."""
        chat_id = self.chats.addressed(call, writing=False)
        return {
            **self.chats.chat(chat_id),
            "accent_color_id": chat_id % 7,
            "max_reaction_count": 11,
            "accepted_gift_types": {
                "unlimited_gifts": False,
                "limited_gifts": False,
                "unique_gifts": False,
                "premium_subscription": False,
                "gifts_from_channels": False,
            },
        }
