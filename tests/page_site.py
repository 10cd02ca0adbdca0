"""A platform's pages over real HTTP: each path answers what a test tells it to."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

SHOWN = '<html><head><meta property="og:url" content="https://www.instagram.com/p/x/"></head></html>'
"""A page that is there for everybody."""
PRIVATE = "<html><body><h2>This account is private</h2></body></html>"


class Site:
    """What is answered by path (SHOWN unless told), what was asked, and how many asked at once at most."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[web.Request], Any]] = {}
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.now = self.most = 0
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        self.agents.add(request.headers["User-Agent"])
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            made = self.answers.get(request.path, shown)(request)
            answer: web.StreamResponse = made if isinstance(made, web.StreamResponse) else await made
            return answer
        finally:
            self.now -= 1


def page(text: str, status: int = 200, **headers: str) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)


def shown(_: web.Request) -> web.Response:
    return page(SHOWN)


def to(location: str) -> Callable[[web.Request], web.Response]:
    return lambda _: page("", 302, Location=location)


@asynccontextmanager
async def open_site() -> AsyncIterator[Site]:
    """The pages on a port of their own."""
    site = Site()
    app = web.Application()
    app.router.add_get("/{path:.*}", site.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield site
    finally:
        await runner.cleanup()
