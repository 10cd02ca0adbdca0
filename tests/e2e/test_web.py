"""Laws of the web server: the webhook confirms only what is stored and only to Telegram; the shop says how it fares."""

import asyncio
import io
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from bot import logs, web
from bot.app import App
from bot.sandbox.person import Message
from services import api_keys, resellers
from services.db import Database
from services.models import Order, Update
from tests.e2e.shop_app import Town, town

SECRET = "webhook-secret-of-a-test"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        yield place


async def until(fact: Callable[[], Awaitable[Any]]) -> Any:
    """What `fact` gives, once it gives something."""
    async with asyncio.timeout(10):
        while not (found := await fact()):  # noqa: ASYNC110  what is waited for is a row
            await asyncio.sleep(0.01)
    return found


async def inbox(db: Database) -> list[Any]:
    async with db.read() as session:
        return list(await session.all(select(Update.update_id, Update.state, Update.error).order_by(Update.update_id)))


async def greeted(here: Town) -> Message:
    await here.mia.say("/start")
    return await here.mia.reads("Balance")


async def app_get(app: App, path: str) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.get(f"http://127.0.0.1:{app.web.port}{path}")


async def stocked(app: App) -> bool:
    return app.jobs.stocked


async def test_the_webhook_takes_an_update_once_and_only_from_telegram(here: Town) -> None:
    async with here.shop(public_url="http://127.0.0.1:9", telegram_webhook_secret=SECRET) as app:
        url = f"http://127.0.0.1:{app.web.port}{web.webhook_path(app.settings)}"
        sender = {"id": 1001, "is_bot": False, "first_name": "Mia", "language_code": "en"}
        message = {"message_id": 1, "date": 1_760_000_000, "chat": {"id": 1001, "type": "private"}, "from": sender}
        body = {"update_id": 77, "message": {**message, "text": "/orders"}}

        async def posted(secret: str | bytes | None, **content: Any) -> int:
            headers = {} if secret is None else {web.SECRET_HEADER: secret}
            async with httpx.AsyncClient() as http:
                return (await http.post(url, headers=headers, **content)).status_code  # type: ignore[arg-type]

        assert await posted(None, json=body) == 403
        assert await posted("wrong", json=body) == 403
        assert await posted("gehéim".encode("latin-1"), json=body) == 403
        assert await posted(SECRET, content=b"{") == 400
        assert await posted(SECRET, json=[1]) == 400
        assert await posted(SECRET, content=b"x" * (web.BODY_CAP + 1)) == 413
        assert await inbox(app.db) == []
        assert [await posted(SECRET, json=body) for _ in range(3)] == [200, 200, 200]
        assert [row.update_id for row in await inbox(app.db)] == [77]


async def test_an_update_that_cannot_be_stored_is_not_confirmed(here: Town) -> None:
    async with here.shop(public_url="http://127.0.0.1:9", telegram_webhook_secret=SECRET) as app:
        async with app.db.writer.begin() as connection:
            await connection.execute(text("ALTER TABLE inbox RENAME TO away"))
        async with httpx.AsyncClient() as http:
            answer = await http.post(
                f"http://127.0.0.1:{app.web.port}{web.webhook_path(app.settings)}",
                headers={web.SECRET_HEADER: SECRET},
                json={"update_id": 1},
            )
        assert answer.status_code == 500
        async with app.db.writer.begin() as connection:
            await connection.execute(text("ALTER TABLE away RENAME TO inbox"))


async def test_whoever_watches_over_the_shop_is_told_how_it_fares(here: Town) -> None:
    async with here.shop() as app:
        await until(lambda: stocked(app))
        await greeted(here)
        assert (await app_get(app, "/healthz")).json()["status"] == "ok"
        told = (await app_get(app, "/metrics")).text
        assert 'shop_updates{state="done"} 1' in told or 'shop_updates{state="waiting"} 1' in told
        assert re.search(r'shop_job_runs_total\{job="sync:north"\} 1\n', told)
        assert 'shop_job_failures_total{job="poll:south"} 0' in told


async def test_one_provider_that_is_down_stops_neither_the_other_nor_the_shop(here: Town) -> None:
    await here.http.post("/sandbox/panels/north", json={"do": "down"})
    async with here.shop() as app:
        await until(lambda: stocked(app))
        fared = {job.name: job for job in app.jobs.running}
        assert (fared["sync:north"].failures, fared["sync:south"].failures) == (1, 0)
        await greeted(here)
        async with app.db.read() as session:
            assert await session.values(select(Order.id)) == []


async def test_the_shop_believes_the_proxies_in_its_settings(here: Town) -> None:
    client = "198.51.100.7"
    async with here.shop(api_trusted_proxies="127.0.0.1, 10.0.0.0/8") as app:
        now = datetime.now(UTC)
        await greeted(here)
        async with app.db.write() as session:
            await resellers.apply(session, 1001, about="a site", now=now)
            await resellers.decide(session, 1001, state="approved", actor="admin:1", now=now)
            made = await api_keys.make(session, 1001, now)
            await api_keys.bind(session, 1001, made.key.id, client, now)
        url, form = f"http://127.0.0.1:{app.web.port}/api/v2", {"key": made.secret, "action": "balance"}
        async with httpx.AsyncClient() as http:
            for said, admitted in ((f"{client}, 10.0.0.5", True), (f"{client}, 192.0.2.1", False)):
                answer = (await http.post(url, data=form, headers={"X-Forwarded-For": said})).json()
                assert ("balance" in answer) is admitted, answer


async def test_the_panel_api_is_open_as_long_as_the_shop_and_no_log_says_a_key(here: Town) -> None:
    stream = io.StringIO()
    logs.configure("console", "debug", (), stream)
    async with here.shop() as app:
        now = datetime.now(UTC)
        await greeted(here)
        async with app.db.write() as session:
            await resellers.apply(session, 1001, about="a site", now=now)
            await resellers.decide(session, 1001, state="approved", actor="admin:1", now=now)
            key = (await api_keys.make(session, 1001, now)).secret
        url = f"http://127.0.0.1:{app.web.port}/api/v2/"
        async with httpx.AsyncClient() as http:
            answer = await http.post(url, data={"key": key, "action": "balance"})
            assert set(answer.json()) == {"balance", "currency"}
            assert (await http.get(url, params={"key": key, "action": "services"})).status_code == 200
            assert (await http.get(url.removesuffix("v2/"))).status_code == 404
            assert (await http.get(url.removesuffix("/v2/"))).status_code == 200
        reader, writer = await asyncio.open_connection("127.0.0.1", app.web.port)
        writer.write(f"GET /api/v2?key={key} BROKEN\r\nkey {key}\r\n\r\n".encode())
        await writer.drain()
        await reader.read()
        writer.close()
        logging.getLogger("somebody").error("a line with %s in it", key)
    assert "[hidden]" in stream.getvalue()
    assert key not in stream.getvalue()
