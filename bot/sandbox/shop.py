"""The real bot as a child process of the sandbox: seeded, started, killed, started again."""

import asyncio
import multiprocessing
import os
import runpy
import signal
import socket
import sys
import time
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx

from bot.sandbox.world import ADMIN, HOST, RESELLER, World
from services import api_keys, ledger, migrations, resellers, users, wallet, webhooks
from services.db import Database
from services.money import Money

GIFT = Money.parse("25.00")
"""What everybody in the sandbox finds in their wallet."""
READY_WITHIN = 60.0
WARM = multiprocessing.get_context("forkserver")
"""Bots are forked off a process that has imported aiogram once: that alone costs seconds, at every kill and start."""
WARM.set_forkserver_preload(["bot.app", "bot.cli"])


class ShopProcess:
    """`python -m bot run`, unpatched, against a world; its database is `database_url`, its log a file in `folder`."""

    def __init__(self, world: World, folder: Path, database_url: str | None = None) -> None:
        self._world = world
        self._folder = folder
        self.database_url = database_url or f"sqlite:///{folder / 'shop.db'}"
        self.log = folder / "shop.log"
        self._port = _free_port()
        self._process: BaseProcess | None = None
        world.site.connect(api_url=f"http://{HOST}:{self._port}/api/v2")

    async def seed(self) -> None:
        """Put $25.00 into everybody's wallet, by a ledger transfer like any other; done before it runs, done once."""
        db = Database(self.database_url)
        try:
            await migrations.upgrade(db)
            now = datetime.now(UTC)
            async with db.write() as session:
                await ledger.open_house(session, "USD")
                for person in self._world.telegram.chats.people.values():
                    await users.remember(
                        session,
                        user_id=person.id,
                        name=person.name,
                        username=person.username,
                        language_code=person.language_code,
                        now=now,
                    )
                    await wallet.credit(
                        session,
                        user_id=person.id,
                        amount=GIFT,
                        key=f"sandbox:gift:{person.id}",
                        source="world:sandbox",
                        actor="sandbox",
                        now=now,
                    )
        finally:
            await db.close()

    async def open_site(self) -> None:
        """Let Rhea sell on at once: approved, with a key, her site told of changes; after `seed`, before it runs."""
        site, now = self._world.site, datetime.now(UTC)
        db = Database(self.database_url)
        try:
            async with db.write() as session:
                await resellers.apply(session, RESELLER, about="Rhea's boosts, a site on this machine", now=now)
                await resellers.decide(session, RESELLER, state=resellers.APPROVED, actor=f"admin:{ADMIN}", now=now)
                made = await api_keys.make(session, RESELLER, now)
                await webhooks.connect(session, RESELLER, site.address, now=now, loopback=True)
                secret = await webhooks.secret(session, RESELLER)
        finally:
            await db.close()
        site.connect(key=made.secret, secret=secret)

    async def start(self) -> None:
        """Start the bot and wait until it says that it is ready; RuntimeError with its last words where it is not."""
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            **self._world.environment(self.database_url),
            "HTTP_PORT": str(self._port),
        }
        self._process = WARM.Process(target=_run, args=(environment, self._folder, self.log))
        await asyncio.to_thread(self._process.start)
        until = time.monotonic() + READY_WITHIN
        async with httpx.AsyncClient() as http:
            while not await self._ready(http):
                if self._process.exitcode is not None or time.monotonic() > until:
                    raise RuntimeError(f"the bot did not start:\n{self.last_words()}")
                await asyncio.sleep(0.05)

    async def _ready(self, http: httpx.AsyncClient) -> bool:
        try:
            return (await http.get(f"http://{HOST}:{self._port}/readyz", timeout=2)).status_code == 200
        except httpx.HTTPError:
            return False

    async def kill(self) -> None:
        """kill -9: no warning, no clean stop."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int | None:
        """Ask it to stop, as an operator does; its exit code, None where it did not run."""
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int | None:
        process, self._process = self._process, None
        if process is not None and process.exitcode is None and process.pid is not None:
            os.kill(process.pid, how)
            await asyncio.to_thread(process.join)
        return None if process is None else process.exitcode

    async def wait(self) -> None:
        """Come back when it has ended by itself."""
        if self._process is not None:
            await asyncio.to_thread(self._process.join)

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""


def _run(environment: dict[str, str], folder: Path, log: Path) -> None:
    """`python -m bot run`, in a process that has the imports behind it already."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)  # its own: a .env of the operator's must not reach the sandbox
    with log.open("ab") as written:
        os.dup2(written.fileno(), sys.stdout.fileno())
        os.dup2(written.fileno(), sys.stderr.fileno())
    sys.argv = ["bot", "run"]
    runpy.run_module("bot", run_name="__main__")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])
