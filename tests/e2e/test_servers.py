"""Laws of the process on PostgreSQL: a server that restarts loses nothing, a replica that waits holds up no stop."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.app import App
from bot.inbox import Raw
from bot.sandbox.person import visible
from services.models import Update
from tests.e2e.shop_app import Town, town
from tests.soak.cluster import Cluster, binaries


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        yield place


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    """A PostgreSQL server of our own, running."""
    tools = binaries()
    if tools is None:
        if os.environ.get("REQUIRE_POSTGRES") == "1":
            pytest.fail("no PostgreSQL server is installed", pytrace=False)
        pytest.skip("no PostgreSQL server is installed")
    with tempfile.TemporaryDirectory(prefix="cluster-", ignore_cleanup_errors=True) as folder:
        server = Cluster(Path(folder), tools)
        await server.begin()
        try:
            yield server
        finally:
            await server.stop("immediate")


async def test_a_restart_of_the_server_under_an_open_shop_costs_nobody_a_tap(here: Town, cluster: Cluster) -> None:
    """Not even the one whose handler is inside a statement when the server goes down."""
    url = cluster.url.render_as_string(hide_password=False)
    began = asyncio.Event()
    app = App(here.settings(database_url=url))
    handle = app._handle

    async def slow_at_first(raw: Raw) -> None:
        if not began.is_set():
            began.set()
            async with app.db.write() as session:
                await session.returned(text("SELECT pg_sleep(10)"))
        await handle(raw)

    app.worker._handle = slow_at_first
    here.mia.patience = 40
    async with app:
        await here.mia.say("/start")
        await began.wait()
        await here.mia.say("/help")
        await cluster.stop("fast")
        await asyncio.sleep(1.0)
        await cluster.start()
        await here.mia.reads("How it works")
        said = [visible(message) for message in await here.mia.messages() if message["from"] == "bot"]
        async with app.db.read() as session:
            kept = await session.all(select(Update.update_id, Update.error).where(Update.error.is_not(None)))
    assert [("Balance" in each, "How it works" in each) for each in said] == [(True, False), (False, True)]
    assert kept == []


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_replica_that_waits_to_lead_is_closed_at_once(here: Town, database_url: str) -> None:
    settings = here.settings(database_url=database_url, stop_seconds=30)
    async with App(settings) as leader:
        await here.mia.say("/start")
        await here.mia.reads("Balance")
        async with asyncio.timeout(15):
            async with App(settings):
                pass
        assert not leader._tasks["worker"].done()
