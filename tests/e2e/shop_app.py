"""The whole process inside a test: an App with real settings between the local Telegram and the local panels."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bot.app import App
from bot.sandbox.person import Person
from bot.sandbox.world import World, world
from bot.settings import Settings
from services.db import Database


@dataclass
class Town:
    """A world with people in it, and where a shop there would keep its file."""

    world: World
    http: httpx.AsyncClient
    people: dict[int, Person]
    folder: Path

    @property
    def mia(self) -> Person:
        return self.people[1001]

    def person(self, user_id: int) -> Person:
        """Somebody else of this world."""
        return Person(self.http, user_id)

    def settings(self, **changed: object) -> Settings:
        """What a shop in this world is told; `changed` are fields of Settings."""
        told = self.world.environment(f"sqlite:///{self.folder / 'shop.db'}")
        plain = {name.lower(): value for name, value in told.items() if not name.startswith("PROVIDERS")}
        providers: dict[str, dict[str, str]] = {}
        for name, value in told.items():
            if name.startswith("PROVIDERS"):
                _, provider, field = name.split("__")
                providers.setdefault(provider.lower(), {})[field.lower()] = value
        return Settings(_env_file=None, **{"providers": providers, "stop_seconds": 5, **plain, **changed})  # type: ignore[arg-type]

    @asynccontextmanager
    async def shop(self, **changed: object) -> AsyncIterator[App]:
        """A shop that is open as long as the block."""
        async with App(self.settings(**changed)) as app:
            yield app

    async def fault(self, method: str, status: int, times: int = 1, **more: object) -> None:
        """Make the next calls of a method fail."""
        body = {"method": method, "status": status, "times": times, **more}
        (await self.http.post("/sandbox/fault", json=body)).raise_for_status()

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """The shop's database, looked into from outside."""
        db = Database(f"sqlite:///{self.folder / 'shop.db'}")
        try:
            yield db
        finally:
            await db.close()


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    """A world of its own on a free port."""
    async with world(pace=20) as outside, httpx.AsyncClient(base_url=outside.url, timeout=10) as http:
        yield Town(outside, http, outside.people(http), folder)
