"""What the workers ask every second finds its rows by index; SQLite, which has no statistics, shows it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from services import finishing, fulfilment, health, outbox, placing, refilling, refills, stranded, waiting
from services.db import Database, WriteSession
from services.money import Money
from services.notices import Verifying
from services.panel_answers import RowError
from tests.shop import Shop, open_shop

NARROW = (
    *("ix_orders_queued", "ix_orders_placing", "ix_orders_unknown", "ix_orders_due", "ix_orders_remind"),
    *("ix_outbox_due", "ix_outbox_chat", "ix_refills_due", "ix_finishings_due", "ix_waiting_rests_looked_at"),
    "PRIMARY KEY",
)
LONG = ("orders", "outbox", "attempts", "refills", "transfers", "finishings", "waiting_rests")
"""Tables that only grow."""


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_no_tick_of_a_worker_reads_a_growing_table_from_end_to_end(db: Database) -> None:
    async with open_shop(db) as shop:
        plans = await planned(shop, partial(tick, shop))
    read = [line for line in plans if line.split()[1] in LONG]
    assert len(read) > 5
    wide = [line for line in read if not any(index in line for index in (*NARROW, "(order_id=?", "(key=?"))]
    assert wide == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_how_servers_fare_is_read_off_their_last_orders(db: Database) -> None:
    async with open_shop(db) as shop:
        plans = await planned(shop, lambda session: health.of(session, range(1, 9), shop.time))
    read = [line for line in plans if line.startswith(("SEARCH orders", "SCAN orders"))]
    assert len(read) == 3
    assert all("ix_orders_service_id_closed_at (service_id=? AND closed_at" in line for line in read), read


async def tick(shop: Shop, session: WriteSession) -> None:
    """What the workers do."""
    await placing.claim(session, client=shop.clients["north"], policy=shop.policy, owner="me", now=shop.time)
    await placing.sweep(session, shop.policy, shop.time)
    await stranded.tell(session, shop.policy, shop.time)
    await stranded.tell(session, replace(shop.policy, providers=("south",)), shop.time)
    await fulfilment.claim_due(session, "north", shop.policy, shop.time)
    silent = {1: None, 2: RowError("?")}
    await fulfilment.count_looks(session, client=shop.clients["north"], looks=silent, policy=shop.policy, now=shop.time)
    await refilling.claim(session, client=shop.clients["north"], policy=shop.policy, now=shop.time)
    await refilling.claim_due(session, provider="north", policy=shop.policy, now=shop.time)
    await refilling.sweep(session, shop.policy, shop.time)
    await refills.remind(session, shop.time)
    await waiting.look(session, shop.time)
    await finishing.claim(session, shop.time)
    await finishing.wake(session, {1}, shop.time)
    told = Verifying(1, "Likes", "A", 10, Money(5))
    await outbox.put(session, [outbox.Outgoing(key, 1, told) for key in "ab"], shop.time)
    await outbox.claim(session, owner="me", limit=32, lease=shop.policy.poll_fastest, now=shop.time)


async def planned(shop: Shop, work: Callable[[WriteSession], Awaitable[object]]) -> list[str]:
    """SQLite's plan of every statement of the work, a line each."""
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            said.append((statement, parameters))

    engine = shop.db.writer.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    async with shop.db.write() as session:
        await work(session)
    event.remove(engine, "before_cursor_execute", note)
    async with shop.db.writer.connect() as connection:
        return [
            row[-1]
            for statement, parameters in said
            for row in (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)).all()
        ]
