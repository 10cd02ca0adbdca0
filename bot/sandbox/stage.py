"""What a story is played on: the world, the bot's process, the people, and the checks that must hold."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from bot.sandbox.panel import PanelSimulator, story_link
from bot.sandbox.panel.catalogue import NORTH, SOUTH
from bot.sandbox.person import Message, Person
from bot.sandbox.shop import ShopProcess
from bot.sandbox.transcript import Transcript
from bot.sandbox.world import ADMIN, CUSTOMER, World, world
from services import audit, wallet
from services.db import Database
from services.models import Notice, Order
from services.money import Money
from services.policy import Policy

PACE = 12.0
"""Stories are delivered so many times faster than the demo."""


class Broken(AssertionError):
    """A figure or a step of a story is not what it must be."""


@dataclass
class Stage:
    """One story's stage; every wait is on what somebody reads in the chat, never on time alone."""

    world: World
    shop: ShopProcess
    http: httpx.AsyncClient
    transcript: Transcript
    people: dict[int, Person]

    @property
    def mia(self) -> Person:
        """The customer of most stories."""
        return self.people[CUSTOMER]

    @property
    def ada(self) -> Person:
        """The admin."""
        return self.people[ADMIN]

    @property
    def north(self) -> PanelSimulator:
        """The panel behind Server A."""
        return self.world.panels["north"]

    @property
    def south(self) -> PanelSimulator:
        """The panel behind Server B."""
        return self.world.panels["south"]

    def check(self, held: bool, what: str) -> None:
        """Go on only if `what` is true, and say so in the transcript."""
        self.transcript.catch_up()
        if not held:
            raise Broken(what)
        self.transcript.line(f"          ✓ {what}")

    async def tap(self, person: Person, label: str, message: Message | None = None, *, repeat: int = 1) -> Message:
        """Tap a button, told in the transcript."""
        tapped = await person.tap(label, message, repeat=repeat)
        self.transcript.tapped(self._name(person), label + (f" × {repeat}" if repeat > 1 else ""))
        return tapped

    async def say(self, person: Person, text: str) -> int:
        """Type a message; its id."""
        said = await person.say(text)
        self.transcript.catch_up()
        return said

    async def upload(self, person: Person, name: str, content: bytes) -> None:
        """Send a file, told in the transcript."""
        self.transcript.catch_up()
        self.transcript.line(f"{self._name(person) + ':':<10}[sends {name}, {len(content)} bytes]")
        await person.upload(name, content)

    def _name(self, person: Person) -> str:
        return self.world.telegram.chats.people[person.id].name

    async def quoted(self, person: Person, link: str, quantity: str, *, server: str = "Server A") -> Message:
        """Walk from /start to the quote of Instagram likes; returns the message with Confirm."""
        await self.say(person, "/start")
        await self.tap(person, "New order")
        await self.tap(person, "Instagram Likes")
        await self.tap(person, server)
        await self.tap(person, "Order")
        await person.reads("link")
        said = await self.say(person, link)
        await person.reads("How many?", after=said)
        said = await self.say(person, quantity)
        return await person.reads("Please check your order", after=said)  # not an order's before this one

    async def ordered(self, person: Person, word: str, quantity: str, **more: Any) -> Message:
        """Order under a magic link and wait for the order card."""
        quote = await self.quoted(person, story_link(word), quantity, **more)
        await self.tap(person, "Confirm", quote)
        return await person.reads("Order #", after=quote["message_id"] - 1)

    async def restock(self, shelf: Mapping[str, Mapping[str, Any] | None]) -> None:
        """What the panels offer as Instagram Likes from now on, by server letter: changed, or None for no more.

        A server that is not named is as it always was. The bot is started anew, which fetches the catalogues.
        """
        for panel, stock in ((self.north, NORTH), (self.south, SOUTH)):
            for service in stock:
                letter = service.name[-1]
                if service.category != "Instagram Likes":
                    continue
                changes = shelf.get(letter, {})
                panel.catalogue.pop(service.id, None)
                if changes is not None:
                    panel.catalogue[service.id] = replace(service, **changes)
        await self.shop.stop()
        await self.shop.start()
        self.transcript.line(f"          ⟳ the panels' catalogues change: {', '.join(shelf) or 'all is on sale again'}")

    async def balance(self, person: Person) -> Money:
        """The wallet as the ledger has it; on SQLite a reader may look while the bot writes."""
        async with self.ledger() as db, db.read() as session:
            return await wallet.balance(session, person.id)

    async def audit(self) -> None:
        """Every invariant holds that the auditors can read off the database."""
        async with self.ledger() as db, db.read() as session:
            breaches = await audit.check(session, Policy(admins=(ADMIN,)), datetime.now(UTC))
        for breach in breaches:
            raise Broken(f"{breach.invariant}: {', '.join(map(audit.worded, breach.rows))}")
        self.check(True, "the audit finds nothing broken")

    @asynccontextmanager
    async def ledger(self) -> AsyncIterator[Database]:
        """The shop's database, to look at."""
        db = Database(self.shop.database_url)
        try:
            yield db
        finally:
            await db.close()

    async def holds(self, person: Person, amount: str) -> bool:
        """Whether the wallet holds just this."""
        return str(await self.balance(person)) == amount

    async def recorded(self, key: str) -> bool:
        """Whether the shop knows that the notice of this key went out: killed before, it would send it once more."""
        async with self.ledger() as db, db.read() as session:
            return await session.value(select(Notice.id).where(Notice.key == key, Notice.state == "sent")) is not None

    async def placed(self, order_id: int) -> bool:
        """Whether the shop knows that the server took this order: its card may go by too quickly to be waited for."""
        async with self.ledger() as db, db.read() as session:
            known = select(Order.id).where(Order.id == order_id, Order.placed_at.is_not(None))
            return await session.value(known) is not None

    async def until(self, held: Callable[[], Awaitable[bool]], what: str) -> None:
        """Wait for what no chat tells."""
        ends = time.monotonic() + self.mia.patience
        while not await held():
            if time.monotonic() > ends:
                raise Broken(f"waited in vain: {what}")
            await asyncio.sleep(0.05)
        self.check(True, what)

    async def trouble(self, method: str, **fault: Any) -> None:
        """Make the next calls of a Bot API method fail."""
        (await self.http.post("/sandbox/fault", json={"method": method, **fault})).raise_for_status()


@asynccontextmanager
async def stage(
    write: Callable[[str], object], *, pace: float = PACE, database_url: str | None = None
) -> AsyncIterator[Stage]:
    """A fresh world with a running bot in it, cleared away afterwards."""
    with tempfile.TemporaryDirectory(prefix="sandbox-") as folder:
        async with world(pace=pace) as running:
            shop = ShopProcess(running, Path(folder), database_url)
            await shop.seed()
            await shop.start()
            try:
                async with httpx.AsyncClient(base_url=running.url, timeout=30) as http:
                    yield Stage(running, shop, http, Transcript(running, write), running.people(http, patience=30))
            finally:
                await shop.stop()
