"""One poll cycle over every open order: the shop's own poller against raw protocol and plain sqlite3."""

import asyncio
import gc
import json
import sqlite3
import time
from pathlib import Path

from sqlalchemy import func, select

from services import fulfilment
from services.db import Database
from services.models import Order
from services.policy import Policy
from services.provider import PanelClient
from tests.bench import stock
from tests.bench.figures import Figure, copied
from tests.bench.panel import ONE_IN, QUANTITY, REMAINS_AFTER
from tests.bench.wire import Client, running

PAGE = 1000
BATCH = 100
IN_FLIGHT = 8
ROUNDS = 2
"""The better of them counts: whatever else the machine does can only make a round slower."""
SOON = 5_000_000
"""Microseconds until an order is asked about again."""


async def measure(folder: Path, orders: int) -> list[Figure]:
    """A cycle in which one order in a hundred moved on, and one in which these stop as Partial."""
    stocked = folder / "stocked.db"
    db = Database(f"sqlite:///{stocked}")
    await stock.open_shop(db)
    await stock.open_orders(db, range(1, orders + 1))
    await stock.hold(db, range(ONE_IN, orders + 1, ONE_IN))
    await db.close()
    with running("tests.bench.panel") as port:
        floor = min([await _raw(copied(stocked, folder / "raw.db"), port) for _ in range(ROUNDS)])
        moved = min([await _shop(copied(stocked, folder / "moved.db"), port, "moved") for _ in range(ROUNDS)])
        stopped = min([await _shop(copied(stocked, folder / "stopped.db"), port, "stopped") for _ in range(ROUNDS)])
    what = f"poll {orders:,} open orders, 1 %"
    return [
        Figure(f"{what} moved", orders / moved, "orders/s", moved / floor, "raw HTTP protocol, sqlite3 executemany"),
        Figure(
            f"{what} stopped: refunds, offers, notices", orders / stopped, "orders/s", stopped / floor, "the same floor"
        ),
    ]


async def _shop(path: Path, port: int, news: str) -> float:
    db = Database(f"sqlite:///{path}")
    client = PanelClient(stock.PROVIDER, f"http://127.0.0.1:{port}/{news}", "loopback")
    try:
        gc.collect()
        started = time.perf_counter()
        asked = await fulfilment.poll_due(db, {stock.PROVIDER: client}, Policy(), lambda: stock.NOW)
        took = time.perf_counter() - started
        async with db.read() as session:
            told = await session.value(
                select(func.count()).where(
                    Order.delivered == QUANTITY - REMAINS_AFTER,
                    Order.status == ("partial" if news == "stopped" else "placed"),
                )
            )
    finally:
        await client.close()
        await db.close()
    assert told is not None
    assert asked == told * ONE_IN, f"{asked} asked about, {told} changed"
    return took


async def _raw(path: Path, port: int) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}")
    clients = [await Client.open(port) for _ in range(IN_FLIGHT)]
    now = int(stock.NOW.timestamp()) * 1_000_000
    gc.collect()
    started = time.perf_counter()
    changed = 0
    while page := _claim(connection, now):
        changed += await _ask(connection, clients, page)
    took = time.perf_counter() - started
    for client in clients:
        client.close()
    connection.close()
    assert changed
    return took


def _claim(connection: sqlite3.Connection, now: int) -> dict[str, tuple[int, int]]:
    """Provider's id -> (quantity, delivered) of the next due orders, which are due again later."""
    rows = connection.execute(
        "UPDATE orders SET next_poll_at = ? WHERE id IN (SELECT id FROM orders WHERE next_poll_at IS NOT NULL "
        "AND provider = ? AND next_poll_at <= ? ORDER BY next_poll_at LIMIT ?) "
        "RETURNING provider_order_id, quantity, delivered",
        (now + SOON, stock.PROVIDER, now, PAGE),
    ).fetchall()
    return {order: (quantity, delivered) for order, quantity, delivered in rows}


async def _ask(connection: sqlite3.Connection, clients: list[Client], page: dict[str, tuple[int, int]]) -> int:
    batches = [list(page)[start : start + BATCH] for start in range(0, len(page), BATCH)]
    news: list[tuple[int, str]] = []

    async def lane(client: Client) -> None:
        while batches:
            asked = ",".join(batches.pop())
            body = f"key=loopback&action=status&orders={asked}".encode()
            for order, row in json.loads(await client.post("/moved", body)).items():
                quantity, delivered = page[order]
                if quantity - int(row["remains"]) != delivered:
                    news.append((quantity - int(row["remains"]), order))

    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(lane(client))
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        f"UPDATE orders SET delivered = ? WHERE provider = '{stock.PROVIDER}' AND provider_order_id = ?",  # noqa: S608
        news,
    )
    connection.execute("COMMIT")
    return len(news)
