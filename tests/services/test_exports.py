"""Exports: every row of a period once and in order, however it is cut into pages, and no more than asked for."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from services import exports, periods, resellers, webhooks
from services.db import Database
from services.money import ZERO, Money
from tests import factories

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MIA, OMAR = 1001, 1002


@pytest.fixture
async def ids(db: Database) -> list[int]:
    """Seven orders of one moment and one a day before; Omar came later and bought nothing."""
    async with db.write() as write:
        await factories.person(write, NOON - DAY, money="100.00")
        await factories.person(write, NOON, user_id=OMAR, name="Omar", money="0.00")
        services = await factories.category(write, NOON)
        placed = []
        for place in range(8):
            placed.append(
                await factories.order(
                    write,
                    NOON - DAY if place == 7 else NOON,
                    user_id=MIA,
                    service_id=services["A"],
                    status="partial" if place % 2 else "completed",
                    delivered=600,
                    quantity=1_000,
                )
            )
    return placed


async def exported(
    db: Database, kind: str, word: str = "today", most: int = 1_000, page: int = exports.PAGE
) -> tuple[Sequence[str], list[dict[str, Any]]]:
    period = periods.read(word, NOON)
    assert period is not None
    columns, *rows = [tuple(row) async for row in exports.rows(db, kind, period, most, page)]
    return columns, [dict(zip(columns, row, strict=True)) for row in rows]


@pytest.mark.parametrize("page", [1, 2, 7, 1_000])
@pytest.mark.parametrize("kind", exports.KINDS)
async def test_each_row_is_there_once_however_long_the_pages_are(
    db: Database, ids: list[int], kind: str, page: int
) -> None:
    _, whole = await exported(db, kind, "7d")
    _, paged = await exported(db, kind, "7d", page=page)
    assert paged == whole
    assert (
        len({tuple(row.values()) for row in whole})
        == len(whole)
        == {
            "orders": 8,
            "ledger": 1 + 8 + 8 + 4,
            "customers": 2,
            "services": 2,
        }[kind]
    )


async def test_orders_are_those_bought_in_the_period_with_what_came_of_them(db: Database, ids: list[int]) -> None:
    _, rows = await exported(db, "orders")
    assert [row["id"] for row in rows] == ids[:7]
    _, yesterday = await exported(db, "orders", "yesterday")
    assert [row["id"] for row in yesterday] == ids[7:]
    first = rows[1]
    assert (first["status"], first["charge"], first["refunded"]) == ("partial", usd("1.00"), usd("0.40"))
    assert (first["cost"], first["created_at"], first["customer"]) == (usd("0.48"), NOON, MIA)


async def test_the_ledger_is_whole(db: Database, ids: list[int]) -> None:
    _, rows = await exported(db, "ledger", "7d")
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert {(row["from"], row["to"]) for row in rows if row["order"] == ids[1]} == {
        (f"wallet:{MIA}", f"hold:{ids[1]}"),
        (f"hold:{ids[1]}", "revenue"),
        (f"hold:{ids[1]}", f"wallet:{MIA}"),
    }


async def test_customers_are_those_who_came_with_all_they_bought(db: Database, ids: list[int]) -> None:
    _, [omar] = await exported(db, "customers")
    assert (omar["id"], omar["balance"], omar["orders"], omar["paid"]) == (OMAR, ZERO, 0, ZERO)
    assert omar["last_order_at"] is None
    _, [mia] = await exported(db, "customers", "yesterday")
    assert (mia["orders"], mia["paid"], mia["refunded"]) == (8, usd("8.00"), usd("1.60"))
    assert (mia["balance"], mia["last_order_at"], mia["banned"]) == (usd("93.60"), NOON, False)


async def test_services_are_all_there_with_what_ended_in_the_period(db: Database, ids: list[int]) -> None:
    _, [sold, idle] = await exported(db, "services")
    assert (sold["ended"], sold["completed"], sold["partial"], sold["canceled"]) == (7, 4, 3, 0)
    assert (sold["kept"], sold["spent"]) == (usd("5.80"), usd("4.64"))
    assert (idle["ended"], idle["kept"], idle["spent"]) == (0, ZERO, ZERO)


async def test_no_more_than_was_asked_for(db: Database, ids: list[int]) -> None:
    for page in (2, 3, 1_000):
        _, rows = await exported(db, "orders", most=3, page=page)
        assert [row["id"] for row in rows] == ids[:3]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("kind", "index"), [("orders", "ix_orders_created_at"), ("ledger", "ix_transfers_created_at")])
async def test_the_next_page_is_found_by_an_index(db: Database, ids: list[int], kind: str, index: str) -> None:
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        said.append((statement, parameters))

    engine = db.reader.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    await exported(db, kind, page=2)
    event.remove(engine, "before_cursor_execute", note)
    pages = [line for line in said if line[0].startswith("SELECT")]
    assert len(pages) > 3
    async with db.reader.connect() as connection:
        for statement, parameters in pages:
            plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)).all()
            assert len(plan) == 1, plan
            assert index in plan[0][-1]


def usd(text: str) -> Money:
    return Money.parse(text)


@pytest.mark.parametrize("kind", exports.KINDS)
async def test_no_export_has_what_messages_to_sites_are_signed_with(db: Database, ids: list[int], kind: str) -> None:
    async with db.write() as write:
        await resellers.apply(write, MIA, about="a site", now=NOON)
        await webhooks.connect(write, MIA, "https://shop.example.com/", now=NOON)
        old = await webhooks.secret(write, MIA)
        new = await webhooks.rotate(write, MIA, NOON)
    said = str(await exported(db, kind, "7d"))
    assert old not in said
    assert new not in said
