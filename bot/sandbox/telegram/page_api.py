"""What people do: the page's own API under /sandbox, where somebody types, taps, pays, blocks."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.sandbox.telegram.call import Call, Refused, Wire, read_call
from bot.sandbox.telegram.chats import Chats, Message, Person
from bot.sandbox.telegram.entities import Text, detect, tidy, utf16_length
from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.payments import Payments
from bot.sandbox.telegram.profile import Profile
from bot.sandbox.telegram.rules import MAX_CAPTION, MAX_TEXT
from bot.sandbox.telegram.talk import Talk
from bot.sandbox.telegram.trouble import Fault, Faults
from bot.sandbox.telegram.updates import Updates

PING_SECONDS = 15.0
MAX_REPEAT = 50

Action = Callable[[Call], Wire | Awaitable[Wire]]


class Objection(Exception):
    """The page asked for something that cannot be: answered as `{"ok": false, "error": ...}`."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status


@dataclass
class PageApi:
    """The routes under /sandbox that concern chats."""

    chats: Chats
    files: Files
    talk: Talk
    payments: Payments
    profile: Profile
    updates: Updates
    faults: Faults

    def routes(self) -> list[web.RouteDef]:
        """The routes to attach."""
        actions: dict[str, Action] = {
            "say": self.say,
            "press": self.press,
            "upload": self.upload,
            "pay": self.pay,
            "block": self.block,
            "language": self.language,
            "fault": self.fault,
        }
        return [
            web.get("/sandbox/people", self.list_people),
            web.get("/sandbox/chat", self.show_chat),
            web.get("/sandbox/events", self.stream_events),
            web.get("/sandbox/log", self.show_log),
            *(web.post(f"/sandbox/{name}", _answering(name, action)) for name, action in actions.items()),
        ]

    # Looking

    async def list_people(self, request: web.Request) -> web.Response:
        """Everybody with an account."""
        return web.json_response(
            [
                {
                    "id": person.id,
                    "name": person.name,
                    "username": person.username,
                    "language_code": person.language_code,
                    "role": person.role,
                    "blocked": person.blocked,
                }
                for person in self.chats.people.values()
            ]
        )

    async def show_chat(self, request: web.Request) -> web.Response:
        """One person's chat as it is now."""
        try:
            person = self._person(Call("chat", dict(request.query)))
        except Objection as objection:
            return _objected(objection)
        languages = [person.language_code.partition("-")[0], ""]
        return web.json_response(
            {
                "person": person.id,
                "version": self.chats.version(person.id),
                "messages": [self.chats.draw(message) for message in self.chats.messages(person.id)],
                "typing": self.chats.typing_now(person.id),
                "commands": self.profile.commands_for(person),
                "blocked": person.blocked,
                "bot": {
                    "name": self.profile.words("name", languages),
                    "username": self.chats.bot["username"],
                    "description": self.profile.words("description", languages),
                },
            }
        )

    async def show_log(self, request: web.Request) -> web.Response:
        """What happened after entry number `after`, oldest first."""
        after = Call("log", dict(request.query)).integer("after")
        return web.json_response([entry for entry in self.chats.log if entry["n"] > after])

    async def stream_events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events of one chat, from now until the page or the server goes."""
        try:
            person = self._person(Call("events", dict(request.query)))
        except Objection as objection:
            return _objected(objection)
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        response = web.StreamResponse(headers=headers)
        with self.chats.watch(person.id) as queue:
            try:
                await response.prepare(request)
                await _send(response, {"type": "hello", "version": self.chats.version(person.id)})
                while (event := await _next_event(response, queue)) is not None:
                    await _send(response, event)
            except ConnectionError:
                pass  # the page was closed
        return response

    # Doing

    def say(self, call: Call) -> Wire:
        """A person types a message; the first one opens the chat."""
        person = self._writer(call)
        text = detect(tidy(Text(call.text("text"))))
        if not text:
            raise Objection(400, "there is nothing to say")
        if utf16_length(text.plain) > MAX_TEXT:
            raise Objection(400, f"a message has at most {MAX_TEXT} characters")
        return self._send(call, person, text=text)

    def upload(self, call: Call) -> Wire:
        """A person sends a file; pictures go as photos."""
        person = self._writer(call)
        caption = detect(tidy(Text(call.text("caption"))))
        if "file" not in call.files:
            raise Objection(400, "there is no file")
        if utf16_length(caption.plain) > MAX_CAPTION:
            raise Objection(400, f"a caption has at most {MAX_CAPTION} characters")
        upload = call.files["file"]
        if upload.content_type in {"image/png", "image/jpeg"}:
            return self._send(call, person, caption=caption, photo=self.files.keep_photo(upload))
        return self._send(call, person, caption=caption, document=self.files.keep_document(upload))

    def _send(self, call: Call, person: Person, **content: Any) -> Wire:
        message = self.chats.add(person.id, person, **content)
        self.chats.note(call.method, person.id, (message.text or message.caption).plain, message)
        self.updates.put("message", self.chats.wire(message), times=_repeat(call))
        return {"message_id": message.id}

    def press(self, call: Call) -> Wire:
        """A person taps a button, named by its `data` (which may be an old one) or by its words (`text`)."""
        person = self._writer(call)
        message_id = call.integer("message_id")
        message = self.chats.message(person.id, message_id)
        if message is None and not self.chats.was_issued(message_id):
            raise Objection(404, "there is no such message")
        data = call.text("data") or _button_data(message, call.text("text"))
        shown: Wire = {"chat": person.chat(), "message_id": message_id, "date": 0}  # inaccessible
        if message is not None:
            shown = self.chats.wire(message)
        ids = [self.talk.tapped(person) for _ in range(_repeat(call))]
        for callback_id in ids:
            query = {
                "id": callback_id,
                "from": person.user(),
                "message": shown,
                "chat_instance": str(person.id),
                "data": data,
            }
            self.chats.note("press", person.id, data, message)
            self.updates.put("callback_query", query)
        return {"callback_id": ids[0], "callback_ids": ids}

    async def pay(self, call: Call) -> Wire:
        """A person pays the invoice of a message (whosever it is, as if forwarded) or of a link."""
        person = self._writer(call)
        refusal = await self.payments.pay(
            person,
            message_id=call.integer("message_id"),
            link=call.text("link"),
            lost=call.flag("lost"),
        )
        if refusal:
            self.chats.note("pay", person.id, error=refusal)
            return {"ok": False, "error": refusal}
        return {"ok": True}

    def block(self, call: Call) -> Wire:
        """A person blocks or unblocks the bot; the bot hears of it."""
        person = self._person(call)
        blocked = call.flag("blocked")
        if blocked != person.blocked:
            person.blocked = blocked
            person.started = True
            statuses = ("member", "kicked") if blocked else ("kicked", "member")
            old, new = (
                {"status": s, "user": self.chats.bot, **({"until_date": 0} if s == "kicked" else {})} for s in statuses
            )
            change = {
                "chat": person.chat(),
                "from": person.user(),
                "date": int(self.chats.clock()),
                "old_chat_member": old,
                "new_chat_member": new,
            }
            self.chats.note("block" if blocked else "unblock", person.id)
            self.updates.put("my_chat_member", change)
        return {"ok": True}

    def language(self, call: Call) -> Wire:
        """A person switches the language of their app; the bot learns of it with the next update."""
        person = self._person(call)
        before = self.profile.commands_for(person)
        person.language_code = call.text("language_code") or "en"
        self.chats.note("language", person.id, person.language_code)
        if (commands := self.profile.commands_for(person)) != before:
            self.chats.publish(person.id, {"type": "commands", "commands": commands})
        return {"ok": True}

    def fault(self, call: Call) -> Wire:
        """Order trouble for the next calls of a method; `times` 0 calls it off."""
        if not call.text("method"):
            raise Objection(400, "name a method, or *")
        fault = Fault(
            method=call.text("method"),
            status=call.integer("status", 500),
            times=call.integer("times", 1, 0),
            html=call.flag("html"),
            before=call.flag("before"),
            after=call.flag("after"),
            person=call.integer("person") or None,
            description=call.text("description"),
        )
        if "retry_after" in call.args:
            fault.retry_after = call.integer("retry_after") or None
        self.faults.order(fault)
        return {"ok": True}

    # The person who does it

    def _person(self, call: Call) -> Person:
        person = self.chats.people.get(call.integer("person"))
        if person is None:
            raise Objection(404, "there is no such person")
        return person

    def _writer(self, call: Call) -> Person:
        """The person, who by writing opens the chat."""
        person = self._person(call)
        if person.blocked:
            raise Objection(409, "the bot is blocked; unblock it first")
        person.started = True
        return person


def _button_data(message: Message | None, words: str) -> str:
    """The data of the button with these words; a disabled button does nothing and cannot be pressed."""
    buttons = [b for row in message.inline_keyboard() for b in row] if message else []
    named = [button for button in buttons if not words or button["text"] == words]
    if words and not named:
        raise Objection(404, f"there is no button {words!r}")
    data = next((str(b["callback_data"]) for b in named if words and "callback_data" in b), "")
    if not data:
        raise Objection(409, "that button cannot be pressed")
    return data


def _repeat(call: Call) -> int:
    return call.integer("repeat", 1, 1, MAX_REPEAT)


def _answering(name: str, action: Action) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The request handler of one action of the page."""

    async def handle(request: web.Request) -> web.Response:
        try:
            result = action(await read_call(request, name))
            return web.json_response(result if isinstance(result, dict) else await result)
        except Objection as objection:
            return _objected(objection)
        except Refused as refusal:
            return _objected(Objection(refusal.code, refusal.description))

    return handle


def _objected(objection: Objection) -> web.Response:
    return web.json_response({"ok": False, "error": str(objection)}, status=objection.status)


async def _send(response: web.StreamResponse, event: Wire) -> None:
    await response.write(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())


async def _next_event(response: web.StreamResponse, queue: asyncio.Queue[Wire | None]) -> Wire | None:
    """The next event of the queue, with a sign of life now and then while there is none."""
    while True:
        try:
            async with asyncio.timeout(PING_SECONDS):
                return await queue.get()
        except TimeoutError:
            await response.write(b": ping\n\n")
