"""The figures of a server: which orders count, how far back, medians and pace, on both engines alike."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from services import health
from services.db import Database, WriteSession
from services.health import UNKNOWN, Health
from services.models import Order, Service
from services.order_view import UNDONE
from tests import factories
from tests.conftest import NOW
from tests.scripted_panel import row
from tests.shop import open_shop

HOUR = timedelta(hours=1)


@pytest.fixture
async def shelf(db: Database) -> dict[str, int]:
    """Mia with much money, and two servers."""
    async with db.write() as session:
        await factories.person(session, NOW, money="100000")
        return await factories.category(session, NOW)


async def ended(
    session: WriteSession,
    service_id: int,
    status: str = "completed",
    *,
    ago: timedelta = HOUR,
    took: timedelta = HOUR,
    begun: timedelta | None = None,
    **more: Any,
) -> int:
    """An order that ended `ago` and took so long; its first delivery was seen `begun` after it was placed."""
    order_id = await factories.order(session, NOW, user_id=1001, service_id=service_id, status=status, **more)
    placed = NOW - ago - took
    values = {"placed_at": placed, "closed_at": NOW - ago, "started_at": placed + begun if begun else None}
    await session.run(update(Order).where(Order.id == order_id).values(values))
    return order_id


async def of(db: Database, *service_ids: int, now: datetime = NOW) -> dict[int, Health]:
    async with db.read() as session:
        return await health.of(session, service_ids, now)


async def test_a_week_of_orders_in_figures(db: Database, shelf: dict[str, int]) -> None:
    """Medians are those of a middle order: one slow order does not make a server slow."""
    async with db.write() as session:
        for hours in (1, 2, 30):
            await ended(session, shelf["A"], took=hours * HOUR, begun=hours * timedelta(minutes=10), quantity=1100)
        await ended(session, shelf["A"], "partial", took=HOUR, quantity=1000, delivered=100)
        await ended(session, shelf["A"], "canceled", ago=30 * HOUR)
        await ended(session, shelf["B"])
    found = await of(db, *shelf.values(), 77)
    assert found[shelf["A"]] == Health(
        ended=5,
        partial=1,
        canceled=1,
        lately=4,
        lately_stopped=1,
        start=timedelta(minutes=20),
        finish=2 * HOUR,
        pace=3400 // 35,
    )
    assert found[shelf["B"]].ended == 1
    assert found[77] == UNKNOWN


async def test_what_the_shop_did_itself_says_nothing_of_a_server(db: Database, shelf: dict[str, int]) -> None:
    """Undone, refused, never confirmed; and a subscription that ran out as agreed."""
    async with db.write() as session:
        undone = await ended(session, shelf["A"], "canceled", progress=UNDONE)
        await session.run(update(Order).where(Order.id == undone).values(placed_at=None))
        refused = await ended(session, shelf["A"], "rejected")
        await session.run(update(Order).where(Order.id == refused).values(placed_at=None))
        await ended(session, shelf["A"], "partial", progress="Expired", unit="post")
    assert await of(db, shelf["A"]) == {shelf["A"]: UNKNOWN}


async def test_what_was_before_the_week_is_forgotten(db: Database, shelf: dict[str, int]) -> None:
    async with db.write() as session:
        await ended(session, shelf["A"], ago=health.WEEK)
        await ended(session, shelf["A"], "partial", ago=health.WEEK + timedelta(microseconds=1))
    assert (await of(db, shelf["A"]))[shelf["A"]] == Health(1, finish=HOUR, pace=10_000)


async def test_of_a_busy_server_the_last_orders_are_enough(
    db: Database, shelf: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "LOOKED_AT", 3)
    async with db.write() as session:
        for hours in range(1, 6):
            await ended(session, shelf["A"], "completed" if hours < 4 else "partial", ago=hours * HOUR)
            await ended(session, shelf["B"], "partial", ago=hours * HOUR)
    found = await of(db, *shelf.values())
    assert (found[shelf["A"]].ended, found[shelf["A"]].partial) == (3, 0)
    assert (found[shelf["B"]].ended, found[shelf["B"]].partial) == (3, 3)


async def test_only_todays_last_orders_tell_whether_a_server_is_struggling(db: Database, shelf: dict[str, int]) -> None:
    async with db.write() as session:
        for number in range(7):
            await ended(session, shelf["A"], "partial", ago=timedelta(minutes=number))
        for number in range(7, 14):
            await ended(session, shelf["A"], ago=timedelta(minutes=number))
        for number in range(14):
            await ended(session, shelf["B"], "partial", ago=25 * HOUR + timedelta(minutes=number))
    found = await of(db, *shelf.values())
    busy = found[shelf["A"]]
    assert (busy.lately, busy.lately_stopped, busy.struggling) == (12, 7, True)
    assert (found[shelf["B"]].lately, found[shelf["B"]].struggling) == (0, False)


async def test_open_orders_that_stand_still_are_silent(db: Database, shelf: dict[str, int]) -> None:
    """Not one that waits to be sent, and no subscription: it waits for its customer."""
    async with db.write() as session:
        for status, unit, still in (
            ("placed", "thousand", 24),
            ("placed", "thousand", 23),
            ("placed", "post", 24),
            ("queued", "thousand", 24),
        ):
            order_id = await factories.order(
                session, NOW, user_id=1001, service_id=shelf["A"], status=status, unit=unit
            )
            await session.run(update(Order).where(Order.id == order_id).values(moved_at=NOW - still * HOUR))
    assert await of(db, shelf["A"]) == {shelf["A"]: Health(silent=1)}


async def test_a_shelf_is_asked_about_as_a_whole(db: Database, shelf: dict[str, int]) -> None:
    async with db.write() as session:
        await ended(session, shelf["A"])
        other = await factories.category(session, NOW, name="TikTok Views")
        await ended(session, other["A"])
        category = await session.value(select(Service.category_id).where(Service.id == shelf["A"]))
    async with db.read() as session:
        found = await health.of_shelves(session, {category or 0}, NOW)
    assert found == {shelf["A"]: Health(1, lately=1, finish=HOUR, pace=10_000)}


async def test_the_first_delivery_that_is_seen_is_the_start(db: Database) -> None:
    async with open_shop(db) as shop:
        await shop.placed()
        for minutes, word, remains in ((10, "In progress", "1000"), (20, "In progress", "900"), (30, "Completed", "0")):
            shop.north.rows["1"] = row(word, remains)
            await shop.poll(minutes=minutes)
        found = (await of(db, await shop.service(), now=shop.time))[await shop.service()]
    assert (found.start, found.finish) == (timedelta(minutes=30), timedelta(minutes=60))


async def test_a_service_in_full_stands_beside_all_of_its_provider(db: Database, shelf: dict[str, int]) -> None:
    async with db.write() as session:
        await ended(session, shelf["A"])
        await ended(session, shelf["B"], "partial")
        await ended(session, shelf["B"], "canceled")
        elsewhere = await factories.category(session, NOW, name="Elsewhere", provider="south")
        await ended(session, elsewhere["A"])
        found = await health.in_full(session, shelf["A"], NOW)
        nobody = await health.in_full(session, 4711, NOW)
    assert (found.provider, found.service.ended) == ("north", 1)
    assert (found.whole.ended, found.whole.completed, found.whole.partial, found.whole.canceled) == (3, 1, 1, 1)
    assert (nobody.service, nobody.whole) == (UNKNOWN, UNKNOWN)
