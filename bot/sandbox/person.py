"""Somebody at the chat page, driven by a program: says, taps, and waits to read."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import httpx

Message = dict[str, Any]

LOOK_EVERY = 0.1


class NotSeen(AssertionError):
    """What somebody waited to read, or wanted to tap, never came; the chat as it stood is in the text."""


class Person:
    """One person of the sandbox over its page API; `patience` is how many seconds they wait for anything."""

    def __init__(self, http: httpx.AsyncClient, person_id: int, *, patience: float = 10.0) -> None:
        self._http = http
        self.id = person_id
        self.patience = patience

    async def say(self, text: str, *, repeat: int = 1) -> int:
        """Type a message; its id."""
        return int((await self._post("say", text=text, repeat=repeat))["message_id"])

    async def upload(self, name: str, content: bytes) -> None:
        """Send a file."""
        answer = await self._http.post("/sandbox/upload", data={"person": self.id}, files={"file": (name, content)})
        answer.raise_for_status()

    async def tap(self, label: str, message: Message | None = None, *, repeat: int = 1) -> Message:
        """Tap the button whose words contain `label`, on `message` or the newest message that has one.

        `repeat` sends the tap again under new update ids, as a client on a bad line does. Returns the message tapped.
        """
        found = await self._button(label, message)
        await self._post("press", message_id=found[0]["message_id"], data=found[1]["data"], repeat=repeat)
        return found[0]

    async def press(self, message_id: int, data: str, *, repeat: int = 1) -> None:
        """Send a tap by its data, whether or not the button is still shown: an old client."""
        await self._post("press", message_id=message_id, data=data, repeat=repeat)

    async def reads(self, *fragments: str, after: int = 0) -> Message:
        """Wait for a message of the bot that contains all fragments; the newest such one after message id `after`."""
        found = await self._until(
            lambda messages: next(
                (
                    message
                    for message in reversed(messages)
                    if message["from"] == "bot"
                    and message["message_id"] > after
                    and all(fragment in visible(message) for fragment in fragments)
                ),
                None,
            )
        )
        if found is None:
            raise NotSeen(f"waited {self.patience:g} s to read {fragments!r}:\n{transcript(await self.messages())}")
        message: Message = found
        return message

    async def messages(self) -> list[Message]:
        """The whole chat, oldest first."""
        answer = await self._http.get("/sandbox/chat", params={"person": self.id})
        answer.raise_for_status()
        messages: list[Message] = answer.json()["messages"]
        return messages

    async def _button(self, label: str, message: Message | None) -> tuple[Message, dict[str, Any]]:
        wanted = None if message is None else message["message_id"]

        def look(messages: Sequence[Message]) -> tuple[Message, dict[str, Any]] | None:
            for shown in reversed(messages):
                if wanted in (None, shown["message_id"]):
                    for button in buttons(shown):
                        if label in plain(button["text"]) and not button["disabled"] and button["data"]:
                            return shown, button
            return None

        found = await self._until(look)
        if found is None:
            raise NotSeen(f"no button {label!r} to tap:\n{transcript(await self.messages())}")
        pair: tuple[Message, dict[str, Any]] = found
        return pair

    async def _until(self, look: Any) -> Any:
        """The first thing `look` finds in the chat, or None when patience ends."""
        until = time.monotonic() + self.patience
        while True:
            found = look(await self.messages())
            if found is not None or time.monotonic() > until:
                return found
            await asyncio.sleep(LOOK_EVERY)

    async def _post(self, action: str, **body: Any) -> dict[str, Any]:
        answer = await self._http.post(f"/sandbox/{action}", json={"person": self.id, **body})
        answer.raise_for_status()
        result: dict[str, Any] = answer.json()
        return result


def plain(text: str) -> str:
    """Text as a reader sees it: without the marks that isolate directions, with plain spaces."""
    invisible = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u200e\u200f"))
    return text.translate(invisible).replace("\u00a0", " ").replace("\u202f", " ")


def visible(message: Message) -> str:
    """What a message says, as read."""
    return plain(message["text"] or "")


def buttons(message: Message) -> list[dict[str, Any]]:
    """Every inline button of a message, row by row."""
    return [button for row in message["keyboard"] or [] for button in row]


def transcript(messages: Sequence[Message]) -> str:
    """A chat as lines to read in a failure."""
    lines = []
    for message in messages:
        rows = [" | ".join(plain(button["text"]) for button in row) for row in message["keyboard"] or []]
        lines.append(f"{message['message_id']:>4} {message['from']}: {visible(message)!r}")
        lines += [f"       [{row}]" for row in rows]
    return "\n".join(lines) or "(the chat is empty)"
