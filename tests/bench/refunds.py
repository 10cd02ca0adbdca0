"""Refunds a second, a hundred orders a transaction: the wallet against the least each engine can do for them."""

import gc
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import asyncpg
from sqlalchemy import URL, make_url

from services import wallet
from services.db import Database
from services.money import Money
from tests.bench import stock
from tests.bench.figures import Figure

PAGE = 100
REFUNDED = Money(4_000_000)
KEPT = stock.CHARGE - REFUNDED
AT = int(stock.NOW.timestamp()) * 1_000_000
COLUMNS = "id, src, dst, amount, code, order_id, actor, created_at"
Row = tuple[str, str, str, int, str, int, str, int]


async def on_sqlite(folder: Path, orders: int) -> Figure:
    """Half of the holds are settled by plain sqlite3, half by the wallet, in the same file."""
    url = f"sqlite:///{folder / 'refunds.db'}"
    halves = await _stocked(url, orders)
    floor = _executemany(folder / "refunds.db", halves[0])
    shop = await _settled(url, halves[1])
    return Figure(
        f"refund on SQLite, {PAGE} a transaction", orders / shop, "orders/s", shop / floor, "sqlite3 executemany"
    )


async def on_postgres(url: str, orders: int) -> Figure:
    """Half of the holds are settled by one `unnest` a page, half by the wallet, in the same database."""
    halves = await _stocked(url, orders)
    floor = await _unnest(make_url(url), halves[0])
    shop = await _settled(url, halves[1])
    return Figure(
        f"refund on PostgreSQL, {PAGE} a transaction", orders / shop, "orders/s", shop / floor, "asyncpg, one unnest"
    )


async def _stocked(url: str, orders: int) -> tuple[range, range]:
    db = Database(url)
    halves = range(1, orders + 1), range(orders + 1, 2 * orders + 1)
    await stock.open_shop(db)
    for half in halves:
        await stock.hold(db, half)
    await db.close()
    return halves


async def _settled(url: str, orders: Sequence[int]) -> float:
    db = Database(url)
    gc.collect()
    started = time.perf_counter()
    for page in _pages(orders):
        settlements = [
            wallet.Settlement(
                order_id=order,
                user_id=stock.owner(order),
                charge=stock.CHARGE,
                refunded_before=Money(0),
                refund_target=REFUNDED,
                closing=True,
            )
            for order in page
        ]
        async with db.write() as session:
            await wallet.settle(session, settlements, stock.NOW)
    took = time.perf_counter() - started
    async with db.read() as session:
        assert await wallet.balance(session, stock.owner(orders[-1])), "nothing was refunded"
    await db.close()
    return took


def _executemany(path: Path, orders: Sequence[int]) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}")
    gc.collect()
    started = time.perf_counter()
    for page in _pages(orders):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO transfers ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _rows(page))  # noqa: S608
        connection.execute("COMMIT")
    took = time.perf_counter() - started
    connection.close()
    return took


async def _unnest(url: URL, orders: Sequence[int]) -> float:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    insert = (
        f"INSERT INTO transfers ({COLUMNS}) SELECT * FROM unnest"  # noqa: S608
        "($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::bigint[])"
    )
    gc.collect()
    started = time.perf_counter()
    for page in _pages(orders):
        await connection.execute(insert, *map(list, zip(*_rows(page), strict=True)))
    took = time.perf_counter() - started
    await connection.close()
    return took


def _rows(page: Sequence[int]) -> list[Row]:
    """Two transfers an order: what is kept and what goes back."""
    return [
        row
        for order in page
        for row in (
            (f"order:{order}:kept", f"hold:{order}", "revenue", KEPT.micros, "kept", order, "shop", AT),
            (
                f"order:{order}:refund:{REFUNDED.micros}",
                f"hold:{order}",
                f"wallet:{stock.owner(order)}",
                REFUNDED.micros,
                "refund",
                order,
                "shop",
                AT,
            ),
        )
    ]


def _pages(orders: Sequence[int]) -> Iterator[Sequence[int]]:
    return (orders[start : start + PAGE] for start in range(0, len(orders), PAGE))
