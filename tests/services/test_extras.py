"""What an order carries beside link and quantity comes back from the database as it went in, on both engines."""

from datetime import date, datetime

import pytest
from sqlalchemy import select, text, update

from services.db import Database
from services.extras import PLAIN, Drip, Extras, Subscription
from services.models import Order
from tests import factories

EXTRAS = [
    PLAIN,
    Extras(texts={"comments": "Nice ☀️\n{\"a\": 'b'}\nסוף"}),
    Extras(drip=Drip(runs=10, interval=30)),
    Extras(texts={"a": "b"}, subscription=Subscription(min=50, max=100)),
    Extras(subscription=Subscription(min=50, max=100, delay=30, expiry=date(2026, 6, 1))),
]


@pytest.mark.parametrize("extras", EXTRAS)
async def test_extras_are_kept_whole(db: Database, now: datetime, extras: Extras) -> None:
    async with db.write() as session:
        await factories.person(session, now)
        services = await factories.category(session, now)
        order_id = await factories.order(session, now, user_id=1001, service_id=services["A"], extras=extras)
    async with db.read() as session:
        assert await session.value(select(Order.extras).where(Order.id == order_id)) == extras
    assert Extras.from_document(extras.to_document()) == extras


async def test_nothing_takes_no_room(db: Database, now: datetime) -> None:
    async with db.write() as session:
        await factories.person(session, now)
        services = await factories.category(session, now)
        order_id = await factories.order(session, now, user_id=1001, service_id=services["A"])
        await session.run(update(Order).where(Order.id == order_id).values(extras=PLAIN))
    async with db.writer.connect() as connection:
        assert (await connection.execute(text("SELECT extras FROM orders"))).scalars().all() == ["{}"]


def test_lines_of_a_text_are_counted_and_lines_of_nothing_are_none() -> None:
    assert Extras(texts={"comments": "one\ntwo"}).lines("comments") == ["one", "two"]
    assert PLAIN.lines("comments") == []
