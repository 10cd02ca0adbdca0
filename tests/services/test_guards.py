"""What the database itself refuses to orders, their events and their licences."""

import sqlite3
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from services import actions, switches
from services.db import Database
from services.models import ORDER_STATUSES, REFILL_STATES, Attempt, Model, Order, OrderEvent, Refill
from tests import factories
from tests.conftest import GUARDED

LISTED = {
    "queued": {"placing", "placed", "canceled", "rejected"},
    "placing": {"placed", "rejected", "unknown", "queued"},
    "unknown": {"placed", "rejected", "queued", "canceled"},
    "placed": {"completed", "partial", "canceled"},
    "completed": {"partial", "canceled"},
    "partial": {"canceled"},
    "rejected": set(),
    "canceled": set(),
}


async def refused(db: Database, statement: str) -> bool:
    try:
        async with db.writer.begin() as connection:
            await connection.execute(text(statement))
    except IntegrityError:
        return True
    return False


def unreplaced(db: Database, table: str) -> bool:
    """Whether INSERT OR REPLACE is refused, to another program too: its deletes fire no triggers."""
    stranger = sqlite3.connect(str(db.url.database))
    try:
        stranger.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608
    except sqlite3.IntegrityError:
        return True
    finally:
        stranger.close()
    return False


def keys(table: str) -> list[tuple[str, ...]]:
    """The columns of every unique key of a table, as the models have it."""
    found = Model.metadata.tables[table]
    constraints = [each for each in found.constraints if isinstance(each, PrimaryKeyConstraint | UniqueConstraint)]
    indexes = [index for index in found.indexes if index.unique]
    return [tuple(column.name for column in each.columns) for each in (*constraints, *indexes)]


async def order(db: Database, now: datetime, status: str) -> int:
    async with db.write() as session:
        await factories.person(session, now)
        services = await factories.category(session, now, name=f"Likes {status}")
        return await factories.order(
            session, now, user_id=1001, service_id=services["A"], quantity=1_000, status=status
        )


@pytest.mark.parametrize("status", ORDER_STATUSES)
async def test_an_order_goes_only_where_the_list_lets_it(db: Database, now: datetime, status: str) -> None:
    order_id = await order(db, now, status)
    went = set()
    for other in ORDER_STATUSES:
        async with db.writer.connect() as connection:  # never committed: each try begins from `status`
            try:
                await connection.execute(update(Order).where(Order.id == order_id).values(status=other))
                went.add(other)
            except IntegrityError as error:
                assert "an order may not go" in str(error)  # noqa: PT017 - whether it raises is the question
    assert went == LISTED[status] | {status}


async def test_an_order_is_never_deleted_or_replaced(db: Database, now: datetime) -> None:
    await order(db, now, "placed")
    assert await refused(db, "DELETE FROM orders")
    if db.on_sqlite:
        assert unreplaced(db, "orders")
        assert await refused(db, "UPDATE OR REPLACE orders SET status = 'queued'")
    async with db.read() as session:
        assert await session.values(select(Order.status)) == ["placed"]


async def test_events_are_append_only(db: Database, now: datetime) -> None:
    order_id = await order(db, now, "placed")
    event = {"order_id": order_id, "at": now, "status": "placed", "detail": {"by": "test"}}
    async with db.write() as session:
        await session.run(insert(OrderEvent), [event, event])
    assert await refused(db, "UPDATE order_events SET status = 'completed'")
    assert await refused(db, "DELETE FROM order_events")
    if db.on_sqlite:
        assert unreplaced(db, "order_events")
    async with db.read() as session:
        assert await session.values(select(OrderEvent.status)) == ["placed", "placed"]


async def test_a_licence_is_given_once_and_keeps_its_terms(db: Database, now: datetime) -> None:
    """Its answer may come, and come to be known better; a second POST on it may not."""
    order_id = await order(db, now, "placing")
    licence = {"order_id": order_id, "number": 1, "licensed_at": now, "deadline": now + timedelta(seconds=30)}
    async with db.write() as session:
        await session.run(insert(Attempt), [licence | {"outcome": "licensed"}])
    for term in ("number = 2", "licensed_at = licensed_at + 1", "deadline = deadline + 1", "order_id = order_id + 1"):
        assert await refused(db, f"UPDATE attempts SET {term}"), term  # noqa: S608
    assert await refused(db, "DELETE FROM attempts")
    if db.on_sqlite:
        assert unreplaced(db, "attempts")
    for outcome in ("ambiguous", "accepted"):
        async with db.write() as session:
            await session.run(update(Attempt).values(outcome=outcome, answered_at=now, evidence="{}"))
    assert await refused(db, "UPDATE attempts SET outcome = 'licensed'")
    async with db.read() as session:
        assert await session.values(select(Attempt.outcome)) == ["accepted"]


def reported(order_id: int, now: datetime, **more: object) -> dict[str, object]:
    """A refill that was asked for."""
    terms = {"order_id": order_id, "number": 1, "provider": "north", "provider_order_id": "1"}
    return terms | {"state": "asked", "due_at": now, "asked_at": now, "moved_at": now} | more


STEPS = {
    "asked": {"sending", "rejected"},
    "sending": {"asked", "sent", "rejected", "unknown"},
    "sent": {"done", "rejected", "unknown"},
    "unknown": {"sent", "rejected"},
    "done": set(),
    "rejected": set(),
}


@pytest.mark.parametrize("state", REFILL_STATES)
async def test_a_refill_goes_only_where_the_list_lets_it_and_is_sent_on_a_licence_of_its_own(
    db: Database, now: datetime, state: str
) -> None:
    order_id = await order(db, now, "completed")
    async with db.write() as session:
        await session.run(insert(Refill), [reported(order_id, now, state=state)])
    went = set()
    for other in REFILL_STATES:
        for tries in (0, 1):
            async with db.writer.connect() as connection:  # never committed: each try begins from `state`
                try:
                    await connection.execute(update(Refill).values(state=other, tries=tries))
                    went.add((other, tries))
                except IntegrityError:
                    pass
    assert went == {(other, int((state, other) == ("asked", "sending"))) for other in STEPS[state] | {state}}


async def test_a_refill_keeps_its_terms_and_is_the_only_open_one_of_its_order(db: Database, now: datetime) -> None:
    order_id = await order(db, now, "completed")
    async with db.write() as session:
        await session.run(insert(Refill), [reported(order_id, now)])
    for term in ("number = 2", "provider = 'south'", "provider_order_id = '2'", "asked_at = 1", "order_id = 9"):
        assert await refused(db, f"UPDATE refills SET {term}"), term  # noqa: S608
    assert await refused(db, "DELETE FROM refills")
    if db.on_sqlite:
        assert unreplaced(db, "refills")
    with pytest.raises(IntegrityError):
        async with db.write() as session:
            await session.run(insert(Refill), [reported(order_id, now, number=2)])
    async with db.write() as session:
        await session.run(insert(Refill), [reported(order_id, now, number=2, state="unknown")])


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("table", GUARDED)
async def test_no_row_is_put_aside_by_another_with_one_of_its_keys(db: Database, now: datetime, table: str) -> None:
    """Each key alone is enough to be refused, to another program too; a row with keys of its own is not."""
    order_id = await order(db, now, "placed")
    licence = {"order_id": order_id, "number": 1, "licensed_at": now, "deadline": now, "outcome": "accepted"}
    async with db.write() as session:
        await session.run(update(Order).values(replaces_id=order_id))
        await session.run(insert(Attempt), [licence])
        await session.run(insert(OrderEvent), [{"order_id": order_id, "at": now, "status": "placed", "detail": {}}])
        await session.run(insert(Refill), [reported(order_id, now)])
        await switches.turn(session, "sales", on=False, reason="a test", actor="admin:1", key="1", now=now)
        await actions.record(session, key="1", actor="admin:1", code="debit", now=now)
    stranger = sqlite3.connect(str(db.url.database))
    stranger.row_factory = sqlite3.Row
    first = dict(stranger.execute(f"SELECT * FROM {table} ORDER BY id LIMIT 1").fetchone())  # noqa: S608
    if "balance" in first:
        first["balance"] = 0  # as every account begins
    key_columns = {column for key in keys(table) for column in key}
    fresh = {column: 900 if isinstance(first[column], int) else "another" for column in key_columns}
    insertion = f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' for _ in first)})"  # noqa: S608
    stranger.execute(insertion, list((first | fresh).values()))
    for key in keys(table):
        held = {column: first[column] for column in key}
        with pytest.raises(sqlite3.IntegrityError, match="has this key"):
            stranger.execute(insertion, list((first | fresh | held).values()))
        setting = ", ".join(f"{column} = ?" for column in key)
        with pytest.raises(sqlite3.IntegrityError):
            stranger.execute(
                f"UPDATE OR REPLACE {table} SET {setting} WHERE id = ?",  # noqa: S608
                [*held.values(), fresh["id"]],
            )
    stranger.close()


FLOORS = {
    "wallet:1001": ("-1", "NULL", "1"),
    "hold:{order}": ("-1", "NULL", "1"),
    "revenue": ("0",),
}


async def test_no_account_changes_its_floor(db: Database, now: datetime) -> None:
    order_id = await order(db, now, "placed")
    for account, floors in FLOORS.items():
        for floor in floors:
            name = account.format(order=order_id)
            assert await refused(db, f"UPDATE accounts SET floor = {floor} WHERE id = '{name}'"), (name, floor)  # noqa: S608


@pytest.mark.parametrize("kind", ["wallet", "hold"])
@pytest.mark.parametrize("floor", ["NULL", "-1", "1"])
async def test_no_wallet_or_hold_is_opened_without_a_floor_of_0(db: Database, kind: str, floor: str) -> None:
    opened = "INSERT INTO accounts (id, kind, currency, balance, floor) VALUES "
    assert await refused(db, f"{opened}('{kind}:7', '{kind}', 'USD', 0, {floor})")
    assert not await refused(db, f"{opened}('{kind}:7', '{kind}', 'USD', 0, 0)")


async def test_each_part_of_a_rest_stands_once(db: Database, now: datetime) -> None:
    """Were the shop to forget to look, the index would still refuse a rest that is bought twice."""
    async with db.write() as session:
        await factories.person(session, now)
        services = await factories.category(session, now)
        common: dict[str, Any] = {"user_id": 1001, "service_id": services["A"], "status": "queued", "quantity": 50}
        first = await factories.order(session, now, **common)
        rest = common | {"goal_id": first, "replaces_id": first}
        await factories.order(session, now, **rest)
    with pytest.raises(IntegrityError):
        async with db.write() as session:
            await factories.order(session, now, **rest)
    async with db.write() as session:
        await factories.order(session, now, part=2, **rest)
