"""Sites of resellers over real HTTP, in one server: each path is a site that answers what a test tells it to."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web


class Sites:
    """`answers` are a path's, one after the other and the last one for ever.

    Each is a status, (status, headers), "hang" or "drop".
    """

    def __init__(self) -> None:
        self.answers: dict[str, list[Any]] = {}
        self.heard: dict[str, list[tuple[dict[str, str], bytes]]] = defaultdict(list)
        self.now: dict[str, int] = defaultdict(int)
        self.most: dict[str, int] = defaultdict(int)
        self.released = asyncio.Event()
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        self.heard[path].append(({n.lower(): v for n, v in request.headers.items()}, await request.read()))
        self.now[path] += 1
        self.most[path] = max(self.most[path], self.now[path])
        try:
            script = self.answers.get(path, [200])
            told = script.pop(0) if len(script) > 1 else script[0]
            if told == "hang":
                await self.released.wait()
                told = 200
            if told == "drop" and request.transport is not None:
                request.transport.abort()
                told = 200
            status, headers = told if isinstance(told, tuple) else (told, {})
            return web.Response(status=status, headers=headers)
        finally:
            self.now[path] -= 1

    def ids(self, path: str) -> list[str]:
        """The ids of the messages that came to a site, in order."""
        return [headers["webhook-id"] for headers, _ in self.heard[path]]


@asynccontextmanager
async def open_sites() -> AsyncIterator[Sites]:
    """The sites on a port of their own."""
    sites = Sites()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", sites.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sites.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield sites
    finally:
        sites.released.set()
        await runner.cleanup()
