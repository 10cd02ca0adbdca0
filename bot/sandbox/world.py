"""The outside world in small on one server: Telegram with its page, two panels, pages of links, a reseller's site."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from aiohttp import web

from bot.sandbox.pages import Pages
from bot.sandbox.panel import NORTH, SOUTH, Panels, PanelSimulator
from bot.sandbox.person import Person
from bot.sandbox.site import ResellerSite
from bot.sandbox.telegram import PEOPLE, TelegramSimulator

HOST = "127.0.0.1"
PAGE = Path(__file__).parent / "page"
MARKUP_PERCENT = 25
"""North's first likes at 0.80 then sell at 1.00 per 1000: the worked example."""
CUSTOMER, ARABIC_CUSTOMER, RESELLER, ADMIN = 1001, 1002, 5001, 9001


class World:
    """Everything outside the shop, on one port. `pace` speeds up delivery; every secret is made anew.

    `limits` makes the local Telegram refuse what is sent too fast, as the real one does.
    """

    def __init__(self, *, pace: float = 1.0, seed: int = 0, limits: bool = False) -> None:
        self.token = f"{7_000_000_000 + secrets.randbelow(10**9)}:{secrets.token_urlsafe(26)}"
        self.keys = {name: secrets.token_hex(16) for name in ("north", "south")}
        self.telegram = TelegramSimulator(self.token, PAGE, limits=limits)
        self.panels = Panels(
            [
                PanelSimulator("north", "Panel North", self.keys["north"], catalogue=NORTH, pace=pace, seed=seed),
                PanelSimulator("south", "Panel South", self.keys["south"], catalogue=SOUTH, pace=pace, seed=seed),
            ]
        )
        self.pages = Pages()
        self.site = ResellerSite()
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> None:
        """Listen on `port` (0: any free one); OSError where it is taken."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        self.telegram.attach(app)
        self.panels.attach(app)
        self.pages.attach(app)
        self.site.attach(app)
        self._runner = web.AppRunner(app, shutdown_timeout=1.0, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, port).start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}"
        self.site.address = f"{self.url}/site/webhook"

    async def stop(self) -> None:
        """Close every connection and the port."""
        if self._runner is not None:
            await self._runner.cleanup()

    def environment(self, database_url: str) -> dict[str, str]:
        """The settings of a shop in this world, as environment variables."""
        shop = {
            "BOT_TOKEN": self.token,
            "TELEGRAM_API_URL": self.url,
            "DATABASE_URL": database_url,
            "ADMIN_IDS": str(ADMIN),
            "SHOP_NAME": "Sandbox Shop",
            "SUPPORT_CONTACT": "@sandbox_support",
            "HTTP_PORT": "0",
            "POLL_INTERVAL": "0.5",
            "SUBMIT_INTERVAL": "0.5",
            "OUTBOX_INTERVAL": "0.5",
            "UNDO_SECONDS": "5",
            "BACKUP_INTERVAL": "0",
            "WEBHOOK_LOOPBACK": "true",
            "LINK_CHECK_HOSTS": self.pages.hosts(self.url),
        }
        for name, key in self.keys.items():
            shop[f"PROVIDERS__{name.upper()}__URL"] = f"{self.url}/panels/{name}/api/v2"
            shop[f"PROVIDERS__{name.upper()}__KEY"] = key
            shop[f"PROVIDERS__{name.upper()}__MARKUP_PERCENT"] = str(MARKUP_PERCENT)
            shop[f"PROVIDERS__{name.upper()}__DEADLINE"] = "2"
        return shop

    def people(self, http: httpx.AsyncClient, *, patience: float = 10.0) -> dict[int, Person]:
        """Everybody, ready to be driven by a program."""
        return {person.id: Person(http, person.id, patience=patience) for person in PEOPLE}


@asynccontextmanager
async def world(*, port: int = 0, pace: float = 1.0, seed: int = 0, limits: bool = False) -> AsyncIterator[World]:
    """A world that runs as long as the block."""
    running = World(pace=pace, seed=seed, limits=limits)
    await running.start(port)
    try:
        yield running
    finally:
        await running.stop()
