"""A running Telegram simulator for tests: raw Bot API calls, the page API, and an unpatched aiogram bot."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web

from bot.sandbox.telegram import Group, TelegramSimulator

TOKEN = "700100:sandbox-token-of-a-test"
MIA = 1001
GROUP = Group(-100500, "Resellers")


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 1_760_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Telegram:
    """The simulator on a port of its own."""

    simulator: TelegramSimulator
    url: str
    http: aiohttp.ClientSession
    runner: web.AppRunner

    @cached_property
    def bot(self) -> Bot:
        """An aiogram bot that knows nothing of the simulator but its address."""
        return Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(self.url)))

    async def close(self) -> None:
        """Close the bot's connections, without the quarter of a second that its own close() sleeps."""
        session = self.__dict__["bot"].session if "bot" in self.__dict__ else None
        if isinstance(session, AiohttpSession) and session._session is not None:
            await session._session.close()

    async def api(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a Bot API method with a JSON body; the whole answer, whatever its status."""
        async with self.http.post(f"{self.url}/bot{TOKEN}/{method}", json=params) as response:
            answer: dict[str, Any] = await response.json()
            assert answer["ok"] == (response.status == 200)
            assert answer.get("error_code", 200) == response.status
            return answer

    async def result(self, method: str, **params: Any) -> Any:
        """The result of a call that must succeed."""
        answer = await self.api(method, **params)
        assert answer["ok"], answer
        return answer["result"]

    async def refusal(self, method: str, **params: Any) -> str:
        """The description of a call that must fail."""
        answer = await self.api(method, **params)
        assert not answer["ok"], answer
        return str(answer["description"])

    async def page(self, action: str, **body: Any) -> dict[str, Any]:
        """Do something as a person; the answer with its HTTP status under "status"."""
        async with self.http.post(f"{self.url}/sandbox/{action}", json=body) as response:
            return {"status": response.status, **await response.json()}

    async def look(self, what: str, **query: Any) -> Any:
        """GET something of the page API."""
        async with self.http.get(f"{self.url}/sandbox/{what}", params=query) as response:
            assert response.status == 200
            return await response.json()

    async def start(self, *people: int) -> None:
        """People open their chats; the bot has heard of it already."""
        for person in people or (MIA,):
            await self.page("say", person=person, text="/start")
        await self.result("getUpdates", offset=-1)
        updates = await self.result("getUpdates")
        await self.result("getUpdates", offset=updates[-1]["update_id"] + 1)

    async def updates(self, **params: Any) -> list[dict[str, Any]]:
        """What getUpdates gives."""
        updates: list[dict[str, Any]] = await self.result("getUpdates", **params)
        return updates

    @asynccontextmanager
    async def events(self, person: int = MIA) -> AsyncIterator[asyncio.Queue[dict[str, Any]]]:
        """The stream of a chat; the hello is read already."""
        async with self.http.get(f"{self.url}/sandbox/events", params={"person": person}) as response:
            assert response.content_type == "text/event-stream"
            queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

            async def read() -> None:
                async for line in response.content:
                    if line.startswith(b"data: "):
                        queue.put_nowait(json.loads(line[6:]))

            async with asyncio.TaskGroup() as group:
                reading = group.create_task(read())
                assert (await queue.get())["type"] == "hello"
                yield queue
                reading.cancel()


@asynccontextmanager
async def running(page_dir: Path, **options: Any) -> AsyncIterator[Telegram]:
    """Start a simulator with these constructor options on a free port."""
    (page_dir / "index.html").write_text("<!doctype html><title>the page</title>")
    simulator = TelegramSimulator(TOKEN, page_dir, **options)
    app = web.Application()
    simulator.attach(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with aiohttp.ClientSession() as http:
            telegram = Telegram(simulator, url, http, runner)
            yield telegram
        await telegram.close()
    finally:
        await runner.cleanup()
