"""What the database itself refuses to orders, their events and their licences."""

import sqlite3
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from services.db import Database
from services.models import ORDER_STATUSES, Attempt, Order, OrderEvent
from tests import factories

LISTED = {
    "queued": {"placing", "placed", "canceled"},
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
