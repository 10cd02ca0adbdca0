"""Two simulated panels on a real port, with a clock the test sets and a client that speaks the panel API."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from aiohttp import web

from bot.sandbox.panel import NORTH, SOUTH, Panels, PanelSimulator, Service

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Made once: a client makes one of its own otherwise, with all the world's certificates in it, and never uses it."""

KEY = "a key made up for this run"
EVERY_TYPE = tuple(
    Service(id=9000 + place, name=f"{kind} | Server Z", type=kind, category="Every Type", rate="2", min=1, max=500)
    for place, kind in enumerate(
        (
            "Default",
            "SEO",
            "Custom Comments",
            "Custom Comments Package",
            "Mentions with Hashtags",
            "Mentions Custom List",
            "Mentions Hashtag",
            "Mentions User Followers",
            "Mentions Media Likers",
            "Mentions",
            "Package",
            "Comment Likes",
            "Comment Replies",
            "Poll",
            "Invites from Groups",
            "Subscriptions",
            "Web Traffic",
        )
    )
)


@dataclass
class Clock:
    """Seconds that pass only when told."""

    now: float = 1_760_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """The panels, their clock, and a client of the server they are on."""

    panels: Panels
    clock: Clock
    http: httpx.AsyncClient
    north: PanelSimulator = field(init=False)
    south: PanelSimulator = field(init=False)

    def __post_init__(self) -> None:
        self.north, self.south = self.panels["north"], self.panels["south"]

    async def post(self, action: str, panel: str = "north", /, **fields: object) -> httpx.Response:
        """One form-encoded request to a panel's API."""
        data = {"key": KEY, "action": action} | {name: str(value) for name, value in fields.items()}
        return await self.http.post(f"/panels/{panel}/api/v2", data=data)

    async def call(self, action: str, panel: str = "north", /, **fields: object) -> Any:
        """The same, its JSON answer alone."""
        return (await self.post(action, panel, **fields)).json()

    async def order(self, link: str, *, service: int = 101, quantity: int = 10_000) -> int:
        """An order on north, accepted without ado."""
        answer = await self.call("add", service=service, link=link, quantity=quantity)
        assert list(answer) == ["order"]
        return int(answer["order"])

    async def steer(self, path: str, /, **asked: object) -> httpx.Response:
        """One request to the control API."""
        return await self.http.post(f"/sandbox/panels/{path}", json=asked)


@asynccontextmanager
async def panel_world() -> AsyncIterator[World]:
    """Serve north and south on a port of their own for as long as the block lasts."""
    clock = Clock()
    north = PanelSimulator(
        "north", "Panel North", KEY, catalogue=(*NORTH, *EVERY_TYPE), clock=clock, lag=0.02, bulk=1_000_000
    )
    south = PanelSimulator("south", "Panel South", KEY, catalogue=SOUTH, clock=clock, lag=0.02)
    panels, app = Panels([north, south], tick=0.02), web.Application()
    panels.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        async with httpx.AsyncClient(base_url=f"http://{host}:{port}", verify=NO_TLS, trust_env=False) as http:
            yield World(panels, clock, http)
    finally:
        await runner.cleanup()
