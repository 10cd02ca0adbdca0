"""The panel API under a flood: limits hold, refusals cost the shop next to nothing, and the bot goes on answering."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event, select

from handlers.http import panel_api
from handlers.http.panel_api import BUSY, WRONG_KEYS, Limits
from services import api_keys, resellers
from services.db import Database
from services.models import ApiUse
from tests.e2e.panel_site import Site, document, open_site
from tests.e2e.shop_app import town
from tests.shop import MIA

PER_MINUTE = 5
LANES = 12
TOO_MANY = {"error": BUSY}
WRONG = {"error": "Invalid API key"}


class Flood:
    """Lanes that ask over and over, each as soon as it has its answer; `let_in` and `refused` are counted by key."""

    def __init__(self, url: str, *keys: str) -> None:
        self._url, self.over = url, asyncio.Event()
        self.lanes: list[asyncio.Task[None]] = []
        self.let_in = dict.fromkeys(keys, 0)
        self.refused = dict.fromkeys(keys, 0)

    async def lane(self, http: httpx.AsyncClient, key: str) -> None:
        while not self.over.is_set():
            told = document(await http.post(self._url, data={"key": key, "action": "balance"}))
            (self.refused if "error" in told else self.let_in)[key] += 1

    async def at_its_height(self) -> None:
        """Wait until every key was refused: its burst is spent."""
        async with asyncio.timeout(20):
            while not all(self.refused.values()):  # noqa: ASYNC110  what is waited for is somebody else's answer
                await asyncio.sleep(0.01)

    @property
    def goes_on(self) -> bool:
        return not any(lane.done() for lane in self.lanes)


@asynccontextmanager
async def flooding(url: str, *keys: str) -> AsyncIterator[Flood]:
    """As long as the block."""
    async with httpx.AsyncClient(timeout=20) as http, asyncio.TaskGroup() as group:
        flood = Flood(url, *keys)
        flood.lanes = [group.create_task(flood.lane(http, key)) for key in keys for _ in range(LANES)]
        try:
            yield flood
        finally:
            flood.over.set()


async def test_the_limit_holds_under_a_flood_and_the_bot_answers_in_the_middle_of_it(tmp_path: Path) -> None:
    async with town(tmp_path) as here, here.shop(api_rate_per_minute=PER_MINUTE) as app:
        await here.mia.say("/start")
        before = await here.mia.reads("Balance")
        now = datetime.now(UTC)
        async with app.db.write() as session:
            await resellers.apply(session, MIA, about="a site", now=now)
            await resellers.decide(session, MIA, state="approved", actor="admin:1", now=now)
            key = (await api_keys.make(session, MIA, now)).secret
        url, began = f"http://127.0.0.1:{app.web.port}/api/v2", time.monotonic()
        assert "balance" in (await here.http.post(url, data={"key": key, "action": "balance"})).json()
        async with flooding(url, key, "psk_wrong", "") as flood:
            await flood.at_its_height()
            await here.mia.say("/start")
            await here.mia.reads("Balance", after=before["message_id"])
            assert flood.goes_on
        filled = (time.monotonic() - began) * PER_MINUTE / 60
        assert PER_MINUTE <= 1 + flood.let_in[key] <= PER_MINUTE + filled
        assert (flood.let_in["psk_wrong"], flood.let_in[""]) == (0, 0)


@pytest.fixture
def engine() -> str:
    """What is refused before the database is asked does not depend on it."""
    return "sqlite"


async def test_who_asked_too_often_is_refused_without_a_look_into_the_database(db: Database) -> None:
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    async with open_site(db, Limits(per_minute=2, catalogues=1)) as site:
        for _ in range(2):
            assert "balance" in await site.ask("balance")
        event.listen(db.reader.sync_engine, "before_cursor_execute", note)
        try:
            assert [await site.ask("balance") for _ in range(3)] == [TOO_MANY] * 3
            assert await site.ask("nonsense") == TOO_MANY
        finally:
            event.remove(db.reader.sync_engine, "before_cursor_execute", note)
        assert seen == []
        await site.tally.write(db, site.shop.time)
        async with db.read() as read:
            rows = await read.all(select(ApiUse.action, ApiUse.calls, ApiUse.refused).order_by(ApiUse.action))
        assert [tuple(row) for row in rows] == [("balance", 5, 3), ("other", 1, 1)]
        site.elapsed += 30
        assert "balance" in await site.ask("balance")


async def test_a_key_that_was_revoked_is_slowed_down_like_any_wrong_one(db: Database) -> None:
    async with open_site(db) as site:
        assert "balance" in await site.ask("balance")
        async with db.write() as session:
            [key] = await api_keys.listed(session, MIA, site.shop.time)
            await api_keys.revoke(session, MIA, key.id, site.shop.time)
        told = [await site.ask("balance") for _ in range(WRONG_KEYS + 2)]
        assert told == [WRONG] * WRONG_KEYS + [TOO_MANY] * 2


@pytest.mark.parametrize(
    ("body", "why"), [("action=balance", "Invalid API key"), ("{", "Incorrect request: the body cannot be read")]
)
async def test_who_shows_no_key_is_slowed_down_too(db: Database, body: str, why: str) -> None:
    async with open_site(db) as site:
        assert "balance" in await site.ask("balance")
        told = [document(await site.http.post(site.url, content=body)) for _ in range(WRONG_KEYS + 2)]
        assert told == [{"error": why}] * WRONG_KEYS + [TOO_MANY] * 2
        assert "balance" in await site.ask("balance"), "the good key was asked with from here before"


async def test_more_good_keys_than_are_remembered_are_all_let_in(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_api, "MOST", 1)
    async with open_site(db) as site:
        for key in (site.key, await site.key_of(1002), site.key):
            site.key = key
            assert "balance" in await site.ask("balance")


async def held(site: Site, calls: int) -> list[float]:
    """How long each of so many calls at once waited for its refusal."""

    async def one() -> float:
        began = time.monotonic()
        assert await site.ask("balance") == TOO_MANY
        return time.monotonic() - began

    return sorted(await asyncio.gather(*(one() for _ in range(calls))))


async def test_the_refusal_is_held_back_so_that_asking_at_once_again_is_no_use(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that waits for its answers asks no more often than that; only so many connections are kept waiting."""
    async with open_site(db, Limits(per_minute=1, catalogues=1), hold=1.5) as site:
        began = time.monotonic()
        assert "balance" in await site.ask("balance")
        assert time.monotonic() - began < 1.5, "what is let in is not"
        assert (await held(site, 3))[0] >= 1.5
        monkeypatch.setattr(panel_api, "HELD", 2)
        fast, *slow = await held(site, 3)
        assert fast < 1.5 <= min(slow)
