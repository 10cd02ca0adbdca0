"""The panel API under load: status of a hundred orders and new orders, against a bare aiohttp that answers alike."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from aiohttp import web
from sqlalchemy import update

from handlers.http.panel_actions import Counter
from handlers.http.panel_api import Limits, PanelApi
from services import api_keys, resellers, wallet
from services.api_uses import Tally
from services.db import Database
from services.models import Order
from services.money import Money
from services.policy import Policy
from tests.bench import stock
from tests.bench.figures import Figure

ASKER = 1
BATCH = 100
AT_ONCE = 8
ROW = {"charge": "10", "start_count": "100", "status": "In progress", "remains": "5000", "currency": "USD"}


async def measure(folder: Path, calls: int) -> list[Figure]:
    """`calls` status calls of BATCH orders each, and as many new orders, on SQLite."""
    db = Database(f"sqlite:///{folder / 'reselling.db'}")
    key = await _stocked(db)
    counter = Counter(db, {}, Policy(), "USD", lambda: stock.NOW)
    api = PanelApi(counter, Tally(), Limits(10**9, 10**9), time.monotonic)
    orders = ",".join(map(str, range(1, BATCH + 1)))
    asked = {"key": key, "action": "status", "orders": orders}
    wanted = {"key": key, "action": "add", "service": "1", "link": "https://instagram.com/p/x", "quantity": "10"}
    async with _serving(api.routes()) as shop, _serving([web.post("/api/v2", _bare)]) as floor:
        statuses = await _timed(shop, asked, calls), await _timed(floor, asked, calls)
        adds = await _timed(shop, wanted, calls), await _timed(floor, wanted, calls)
    await db.close()
    return [
        Figure(
            f"panel API: status of {BATCH} orders",
            calls * BATCH / statuses[0],
            "orders/s",
            statuses[0] / statuses[1],
            "bare aiohttp, a fixed answer",
        ),
        Figure(
            "panel API: add on SQLite", calls / adds[0], "orders/s", adds[0] / adds[1], "bare aiohttp, nothing kept"
        ),
    ]


async def _stocked(db: Database) -> str:
    await stock.open_shop(db)
    await stock.open_orders(db, range(1, BATCH + 1))
    async with db.write() as session:
        await session.run(update(Order).values(user_id=ASKER))
        money = {"amount": Money.parse("100000"), "key": "bench", "actor": "shop", "now": stock.NOW}
        await wallet.credit(session, user_id=ASKER, **money)  # type: ignore[arg-type]
        await resellers.apply(session, ASKER, about="a bench", now=stock.NOW)
        await resellers.decide(session, ASKER, state="approved", actor="admin:1", now=stock.NOW)
        return (await api_keys.make(session, ASKER, stock.NOW)).secret


async def _bare(request: web.Request) -> web.Response:
    """The same shape with nothing behind it."""
    form = await request.post()
    ids = str(form.get("orders", "")).split(",")
    told = dict.fromkeys(ids, ROW) if form["action"] == "status" else {"order": 1}
    return web.Response(body=json.dumps(told).encode(), headers={"Content-Type": "application/json"})


@asynccontextmanager
async def _serving(routes: list[web.RouteDef]) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_routes(routes)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/v2"
    finally:
        await runner.cleanup()


async def _timed(url: str, form: dict[str, str], calls: int) -> float:
    """Seconds for so many calls, AT_ONCE under way."""
    async with httpx.AsyncClient(timeout=60) as http:

        async def lane() -> None:
            for _ in range(calls // AT_ONCE):
                told = (await http.post(url, data=form)).json()
                if "error" in told:
                    raise RuntimeError(told["error"])

        await lane()  # statements are compiled and connections opened before anything is measured
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(lane())
        return time.perf_counter() - started
