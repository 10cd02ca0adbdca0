"""What reports say against ledgers made by hand: every transfer is told, on the day it moved, in UTC."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from services import ledger, periods, reports, wallet
from services.db import Database, WriteSession
from services.models import Order
from services.money import ZERO, Money
from services.reports import Figures
from services.wallet import Loss, Settlement
from tests import factories

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 5, 4, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
MIA, OMAR = 1001, 1002


def usd(text: str) -> Money:
    return Money.parse(text)


def told(word: str, now: datetime = NOON) -> periods.Period:
    period = periods.read(word, now)
    assert period is not None
    return period


async def figures(db: Database, word: str, now: datetime = NOON) -> Figures:
    async with db.read() as read:
        return reports.total(await reports.course(read, told(word, now)))


@pytest.fixture
async def likes(db: Database) -> int:
    """A service for $1.00 that costs $0.80, and two people who came a month ago."""
    async with db.write() as write:
        for one, name in ((MIA, "Mia"), (OMAR, "Omar")):
            await factories.person(write, NOON - 30 * DAY, user_id=one, name=name, money="100.00")
        ids = await factories.category(write, NOON)
    return ids["A"]


async def closed(write: WriteSession, at: datetime, likes: int, delivered: int, status: str = "partial") -> int:
    """An order of 10,000 for $10.00 of which so many were delivered."""
    return await factories.order(write, at, user_id=MIA, service_id=likes, status=status, delivered=delivered)


async def corrected(write: WriteSession, order_id: int, before: str, target: str, at: datetime) -> None:
    """What is due back of a closed order for $10.00 grew."""
    due = Settlement(order_id, MIA, usd("10.00"), usd(before), usd(target), closing=False)
    await wallet.settle(write, [due], at)


async def test_the_days_figures_add_up_to_the_cent(db: Database, likes: int) -> None:
    async with db.write() as write:
        await closed(write, NOON, likes, 10_000, "completed")
        await closed(write, NOON, likes, 6_000)
        await closed(write, NOON, likes, 0, "canceled")
        await factories.order(write, NOON, user_id=OMAR, service_id=likes, status="placed")
        await factories.person(write, NOON, user_id=1003, name="New", money="0.00")
    assert await figures(db, "today") == Figures(
        kept=usd("16.00"),
        cost=usd("12.80"),
        lost=ZERO,
        refunded=usd("14.00"),
        placed=4,
        completed=1,
        partial=1,
        canceled=1,
        joined=1,
    )
    assert (await figures(db, "today")).profit == usd("3.20")
    assert (await figures(db, "today")).partial_percent == 33


async def test_nothing_happened_is_told_as_nothing(db: Database) -> None:
    assert await figures(db, "7d") == Figures()
    assert Figures().partial_percent == 0


async def test_a_day_ends_where_the_next_begins(db: Database, likes: int) -> None:
    async with db.write() as write:
        await closed(write, MIDNIGHT - TICK, likes, 2_000)
        await closed(write, MIDNIGHT, likes, 3_000)
        await closed(write, MIDNIGHT + DAY - TICK, likes, 4_000)
        await closed(write, MIDNIGHT + DAY, likes, 5_000)
        for place, moment in enumerate((MIDNIGHT - TICK, MIDNIGHT, MIDNIGHT + DAY - TICK, MIDNIGHT + DAY)):
            await factories.person(write, moment, user_id=2000 + place, money="0.00")
    later = MIDNIGHT + DAY
    days = [await figures(db, word, later) for word in ("2026-05-03", "2026-05-04", "2026-05-05")]
    assert [day.kept for day in days] == [usd("2.00"), usd("7.00"), usd("5.00")]
    assert [day.refunded for day in days] == [usd("8.00"), usd("13.00"), usd("5.00")]
    assert [(day.placed, day.ended, day.joined) for day in days] == [(1, 1, 1), (2, 2, 2), (1, 1, 1)]


async def test_a_correction_counts_on_the_day_it_came(db: Database, likes: int) -> None:
    async with db.write() as write:
        order_id = await closed(write, NOON - DAY, likes, 10_000, "completed")
        await corrected(write, order_id, "0.00", "2.50", NOON)
    assert (await figures(db, "yesterday")).kept == usd("10.00")
    today = await figures(db, "today")
    assert (today.kept, today.refunded, today.ended) == (usd("-2.50"), usd("2.50"), 0)
    assert (await figures(db, "7d")).kept == usd("7.50")


async def test_what_may_have_been_paid_for_nothing_is_lost(db: Database, likes: int) -> None:
    async with db.write() as write:
        order_id = await factories.order(write, NOON, user_id=MIA, service_id=likes, status="rejected")
        await wallet.book_losses(write, [Loss(order_id, "north", usd("8.00"))], NOON)
    today = await figures(db, "today")
    assert (today.kept, today.lost, today.profit) == (ZERO, usd("8.00"), usd("-8.00"))
    assert (today.refunded, today.ended) == (usd("10.00"), 0)


async def test_no_transfer_is_missed(db: Database, likes: int) -> None:
    """Over all days the figures are what stands on the accounts."""
    async with db.write() as write:
        for ago in range(12):
            order_id = await closed(write, NOON - ago * DAY, likes, 9_000 - 700 * ago)
            await corrected(write, order_id, f"{(1_000 + 700 * ago) / 1000}", "9.50", NOON - ago * DAY / 2)
        await wallet.book_losses(write, [Loss(order_id, "north", usd("0.333333"))], NOON)
        earned, lost = await ledger.balance(write, "revenue"), await ledger.balance(write, "loss")
    whole = await figures(db, "30d")
    assert (whole.kept, whole.lost) == (earned, -lost)
    assert whole.refunded == Money(12 * usd("9.50").micros)


async def test_the_steps_of_a_period_are_its_hours_or_days_and_all_are_there(db: Database, likes: int) -> None:
    async with db.write() as write:
        await closed(write, NOON, likes, 1_000)
    async with db.read() as read:
        hours, days = [await reports.course(read, told(word)) for word in ("today", "7d")]
    assert [slot.since.hour for slot in hours if slot.figures.kept] == [12]
    assert len(hours) == 24
    assert [slot.since for slot in days] == [MIDNIGHT - ago * DAY for ago in range(6, -1, -1)]
    assert [slot.figures.kept for slot in days] == [ZERO] * 6 + [usd("1.00")]


async def test_the_services_that_earned_most_come_first_less_what_was_corrected(db: Database) -> None:
    async with db.write() as write:
        await factories.person(write, NOON, money="100.00")
        ids = await factories.category(write, NOON)
        first = [await factories.order(write, NOON, user_id=MIA, service_id=ids["A"], status="completed") for _ in "12"]
        await factories.order(write, NOON, user_id=MIA, service_id=ids["B"], status="completed", quantity=15_000)
        await factories.order(write, NOON - DAY, user_id=MIA, service_id=ids["B"], status="completed")
        await corrected(write, first[0], "0.00", "7.00", NOON)
    async with db.read() as read:
        best = await reports.sellers(read, told("today"))
        assert await reports.sellers(read, told("today"), 1) == best[:1]
    assert [(one.server, one.kept, one.orders) for one in best] == [("B", usd("15.00"), 1), ("A", usd("13.00"), 2)]


async def test_orders_are_told_as_they_stand_now_and_their_buyers_once(db: Database, likes: int) -> None:
    async with db.write() as write:
        for status in ("queued", "placed", "placed", "unknown", "partial"):
            await factories.order(write, NOON, user_id=MIA, service_id=likes, status=status)
        await factories.order(write, NOON, user_id=OMAR, service_id=likes, status="completed")
        await factories.order(write, NOON - DAY, user_id=1002, service_id=likes, status="canceled")
    async with db.read() as read:
        stand = await reports.statuses(read, told("today"))
        assert stand == {"queued": 1, "placed": 2, "unknown": 1, "partial": 1, "completed": 1}
        assert await reports.active(read, told("today")) == 2
        assert await reports.active(read, told("2026-04-01")) == 0


async def test_an_order_undone_before_it_left_is_no_end_of_a_server(db: Database, likes: int) -> None:
    async with db.write() as write:
        order_id = await closed(write, NOON, likes, 0, "canceled")
        await write.run(update(Order).where(Order.id == order_id).values(placed_at=None))
    today = await figures(db, "today")
    assert (today.placed, today.ended) == (1, 0)
