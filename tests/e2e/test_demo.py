"""Laws of the demo: a bot that dies is followed by another, and one that cannot live is given up."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from bot.sandbox import demo
from bot.sandbox.person import Person
from bot.sandbox.shop import ShopProcess
from bot.sandbox.world import CUSTOMER, RESELLER, World, world
from services import api_keys, webhooks
from services.db import Database


@dataclass
class Demo:
    """What `make demo` runs, without its terminal."""

    world: World
    shop: ShopProcess
    mia: Person
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> int:
        async with asyncio.timeout(60):
            return await demo._run(self.world, self.shop, self.stopped)

    async def opens(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Wait until the terminal says where the page is."""
        async with asyncio.timeout(30):
            while self.world.url not in capsys.readouterr().out:  # noqa: ASYNC110  a terminal tells nobody
                await asyncio.sleep(0.05)

    def kill_the_bot(self) -> None:
        process = self.shop._process
        assert process is not None
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Demo]:
    async with world() as outside, httpx.AsyncClient(base_url=outside.url) as http:
        shop = ShopProcess(outside, tmp_path)
        await shop.seed()
        yield Demo(outside, shop, outside.people(http, patience=30)[CUSTOMER])


async def test_a_conversation_goes_on_after_a_kill_of_the_bot(here: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    async with asyncio.TaskGroup() as group:
        running = group.create_task(here.run())
        await here.opens(capsys)
        await here.mia.say("/start")
        menu = await here.mia.reads("$25.00")
        here.kill_the_bot()
        await here.mia.tap("New order", menu)
        await here.mia.reads("What do you need?")
        here.stopped.set()
    assert running.result() == 0
    told = capsys.readouterr()
    assert told.out.count("The bot ended by itself: another one starts") == 1
    assert told.err == ""


async def test_the_resellers_site_is_connected_from_the_first_moment(here: Demo) -> None:
    await here.shop.open_site()
    site, db = here.world.site, Database(here.shop.database_url)
    async with db.read() as session:
        opened = await api_keys.opened(session, site.key, datetime.now(UTC))
        told = await webhooks.find(session, RESELLER, datetime.now(UTC))
    await db.close()
    assert opened is not None
    assert opened.open
    assert opened.key.user_id == RESELLER
    assert told is not None
    assert (told.url, told.state, site.listens) == (f"{here.world.url}/site/webhook", "on", True)


async def test_a_bot_that_cannot_live_is_given_up_with_its_last_words(
    here: Demo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "PAUSE", 0)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(here.run())
        await here.opens(capsys)
        here.shop.database_url = "mysql://nowhere"
        here.kill_the_bot()
    assert running.result() == 1
    told = capsys.readouterr()
    assert told.out.count("another one starts") == demo.RESTARTS
    assert told.err.startswith("The bot ends by itself again and again:\n")
