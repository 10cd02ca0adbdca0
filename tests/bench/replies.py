"""From an update to its reply over HTTP: the whole bot behind its webhook against bare aiogram behind the same."""

import asyncio
import gc
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.bench.figures import Figure
from tests.bench.wire import Client, listen

IN_FLIGHT = 16
PATIENCE = 60.0
"""Seconds a process may take to set its webhook, and a reply to arrive."""
PEOPLE = 800
"""So many that nobody writes too fast for the shop's own throttle."""
ID = 123_456_789
BALANCE = {"balance": "100.00", "currency": "USD"}
SERVICE = {
    "service": 1,
    "name": "Instagram Likes | Server A",
    "type": "Default",
    "category": "Instagram Likes",
    "rate": "0.80",
    "min": "10",
    "max": "10000",
}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where updates go, and the secret that comes with them."""

    port: int
    path: str
    secret: str


class Telegram:
    """The Bot API as far as a greeting needs it, and the people who say /start over and over."""

    def __init__(self, people: int = PEOPLE) -> None:
        self.turns = (turn % people + 1 for turn in count())
        self.webhook: asyncio.Future[Webhook] = asyncio.get_running_loop().create_future()
        self.replies: dict[int, asyncio.Future[None]] = {}
        self.updates = 0

    def answer(self, path: str, body: bytes) -> bytes:
        """A call of the bot; a sent message is somebody's reply. `/panel` is a provider with one service."""
        if path == "/panel":
            return json.dumps([SERVICE] if b"action=services" in body else BALANCE).encode()
        match path.rpartition("/")[2].lower():
            case "getme":
                result: object = {"id": ID, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
            case "setwebhook":
                self._hook(parse_qs(body.decode()))
                result = True
            case "sendmessage":
                chat = int(re.search(rb"chat_id=(\d+)", body)[1])  # type: ignore[index]
                if (reply := self.replies.pop(chat, None)) is not None:
                    reply.set_result(None)
                result = {"message_id": 1, "date": 0, "chat": {"id": chat, "type": "private"}, "text": "Hello"}
            case name if name.startswith("getmy"):
                result = [] if name == "getmycommands" else {"name": "", "description": "", "short_description": ""}
            case _:
                result = True
        return json.dumps({"ok": True, "result": result}).encode()

    def _hook(self, form: dict[str, list[str]]) -> None:
        url = urlsplit(form["url"][0])
        if not self.webhook.done():
            self.webhook.set_result(Webhook(url.port or 80, url.path, form["secret_token"][0]))

    async def greet(self, times: int, lanes: int) -> float:
        """Seconds for `times` people to say /start, `lanes` of them at a time, each lane waiting for the reply."""
        webhook = await self.webhook
        lines = [await Client.open(webhook.port) for _ in range(lanes)]
        people = islice(self.turns, times)
        gc.collect()
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for line in lines:
                group.create_task(self._talk(line, webhook, people))
        took = time.perf_counter() - started
        for line in lines:
            line.close()
        return took

    async def _talk(self, line: Client, webhook: Webhook, people: Iterator[int]) -> None:
        for person in people:
            replied = self.replies[person] = asyncio.get_running_loop().create_future()
            await line.post(
                webhook.path,
                self._start(person),
                "Content-Type: application/json",
                f"X-Telegram-Bot-Api-Secret-Token: {webhook.secret}",
            )
            await asyncio.wait_for(replied, PATIENCE)

    def _start(self, person: int) -> bytes:
        self.updates += 1
        about = {"id": person, "is_bot": False, "first_name": f"Customer {person}", "language_code": "en"}
        message = {
            "message_id": self.updates,
            "date": int(time.time()),
            "chat": {"id": person, "type": "private", "first_name": about["first_name"]},
            "from": about,
            "text": "/start",
            "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
        }
        return json.dumps({"update_id": self.updates, "message": message}).encode()


async def measure(folder: Path, updates: int) -> list[Figure]:
    """One person at a time, which is the delay, and many at once, which is the throughput."""
    bare = await _times(folder, updates, _bare)
    ours = await _times(folder, updates, shop)
    floor = "bare aiogram, one aiosqlite query"
    return [
        Figure("update -> reply, one at a time", updates / ours[0], "replies/s", ours[0] / bare[0], floor),
        Figure(f"update -> reply, {IN_FLIGHT} at a time", updates / ours[1], "replies/s", ours[1] / bare[1], floor),
    ]


async def _times(folder: Path, updates: int, launch: "Launch") -> tuple[float, float]:
    telegram = Telegram()
    server, port = await listen(telegram.answer)
    with launch(folder, f"http://127.0.0.1:{port}", free_port()) as process:
        async with server:
            await opened(telegram, process)
            await telegram.greet(PEOPLE, IN_FLIGHT)  # the first time everybody is new
            alone = await telegram.greet(updates, 1)
            together = await telegram.greet(updates, IN_FLIGHT)
    return alone, together


async def opened(telegram: Telegram, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the bot has told where it takes updates, and takes them."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the bot did not start")
        if telegram.webhook.done():
            try:
                (await Client.open(telegram.webhook.result().port)).close()
                return
            except ConnectionRefusedError:
                pass
        await asyncio.sleep(0.05)
    raise TimeoutError("the bot takes no updates")


Launch = Callable[[Path, str, int], AbstractContextManager["subprocess.Popen[bytes]"]]
"""(folder, Bot API address, port to listen on) -> a bot that runs as long as the block."""


@contextmanager
def _process(*arguments: str, **settings: str) -> Iterator["subprocess.Popen[bytes]"]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(command, env=environment | settings, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


def _bare(folder: Path, api: str, port: int) -> AbstractContextManager["subprocess.Popen[bytes]"]:
    return _process("tests.bench.bare", api, _token(), str(folder / "bare.db"), str(port))


def shop(folder: Path, api: str, port: int) -> AbstractContextManager["subprocess.Popen[bytes]"]:
    """The whole bot on the file `replies.db` of a folder."""
    return _process(
        "bot",
        "run",
        BOT_TOKEN=_token(),
        TELEGRAM_API_URL=api,
        PUBLIC_URL=f"http://127.0.0.1:{port}",
        TELEGRAM_WEBHOOK_SECRET=secrets.token_urlsafe(16),
        HTTP_PORT=str(port),
        DATABASE_URL=f"sqlite:///{folder / 'replies.db'}",
        PROVIDERS__LOOPBACK__URL=f"{api}/panel",
        PROVIDERS__LOOPBACK__KEY=secrets.token_hex(16),
        LOG_LEVEL="warning",
    )


def _token() -> str:
    return f"{ID}:{secrets.token_urlsafe(26)[:35]}"


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
