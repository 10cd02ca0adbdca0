"""Laws of the leases: one leader at a time, the next one takes over, a lost lease ends the work."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot import leases
from services.db import Database


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terms of tenths of a second instead of fifteen."""
    monkeypatch.setattr(leases, "TERM", timedelta(seconds=0.6))


async def test_one_owner_at_a_time_until_the_lease_lapses(db: Database, now: datetime) -> None:
    term = timedelta(seconds=15)

    async def taken(name: str, owner: str, after: int) -> bool:
        return await leases.acquire(db, name, owner, now + timedelta(seconds=after), term)

    assert await taken("sender", "a", 0)
    assert not await taken("sender", "b", 14)
    assert await taken("poller", "b", 0), "another lease is another matter"
    assert await taken("sender", "a", 14), "its owner renews it"
    assert not await taken("sender", "b", 28)
    assert await taken("sender", "b", 30)
    assert not await taken("sender", "a", 31)


async def test_a_released_lease_is_free_at_once_and_only_its_owner_releases_it(db: Database, now: datetime) -> None:
    assert await leases.acquire(db, "sender", "a", now)
    await leases.release(db, "sender", "b")
    assert not await leases.acquire(db, "sender", "b", now)
    await leases.release(db, "sender", "a")
    assert await leases.acquire(db, "sender", "b", now)


async def test_an_sqlite_file_is_led_without_asking(db: Database, now: datetime) -> None:
    """A lease left behind by a killed process keeps its successor waiting on PostgreSQL alone."""
    await leases.acquire(db, "sender", "killed", now)
    worked = asyncio.Event()

    async def work() -> None:
        worked.set()

    async with asyncio.TaskGroup() as group:
        leading = group.create_task(leases.while_leading(db, "sender", "me", work, lambda: now, asyncio.Event()))
        await asyncio.wait([leading], timeout=0.3)
        assert worked.is_set() == db.on_sqlite
        leading.cancel()


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_the_next_process_takes_over_when_the_leader_is_silent(db: Database, now: datetime) -> None:
    clock = Clock(now)
    began: list[str] = []

    async def work(name: str) -> None:
        began.append(name)
        await asyncio.Event().wait()

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        await leases.acquire(db, "worker", "killed", clock())
        waiting = group.create_task(
            leases.while_leading(db, "worker", "next", lambda: work("next"), clock, asyncio.Event())
        )
        await asyncio.sleep(0.3)
        assert began == []
        clock.time += timedelta(seconds=1)
        while not began:  # noqa: ASYNC110  another task fills it
            await asyncio.sleep(0.01)
        waiting.cancel()


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_leader_that_lost_its_lease_stops_working_and_queues_up_again(db: Database, now: datetime) -> None:
    clock = Clock(now)
    log: list[str] = []
    again = asyncio.Event()

    async def work() -> None:
        log.append("begins")
        if len(log) > 1:
            again.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            log.append("is cut off")
            raise

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        leading = group.create_task(leases.while_leading(db, "worker", "me", work, clock, asyncio.Event()))
        while not log:  # noqa: ASYNC110  another task fills it
            await asyncio.sleep(0.01)
        clock.time += timedelta(seconds=1)
        assert await leases.acquire(db, "worker", "thief", clock(), timedelta(seconds=1))
        while len(log) < 2:  # noqa: ASYNC110  another task fills it
            await asyncio.sleep(0.01)
        assert log == ["begins", "is cut off"]
        clock.time += timedelta(seconds=2)
        await again.wait()
        leading.cancel()
    assert log == ["begins", "is cut off", "begins", "is cut off"]


async def test_work_that_ends_by_itself_gives_the_lease_back(db: Database, now: datetime) -> None:
    async def work() -> None:
        return

    await leases.while_leading(db, "sender", "me", work, lambda: now, asyncio.Event())
    assert await leases.acquire(db, "sender", "next", now)


async def test_a_failure_of_the_work_comes_out(db: Database, now: datetime) -> None:
    async def work() -> None:
        raise ZeroDivisionError

    with pytest.raises((ZeroDivisionError, ExceptionGroup)) as failure:
        await leases.while_leading(db, "sender", "me", work, lambda: now, asyncio.Event())
    assert failure.type is ZeroDivisionError or failure.group_contains(ZeroDivisionError)


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_who_waits_to_lead_waits_no_longer_when_the_shop_closes(
    db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "TERM", timedelta(minutes=5))
    closing = asyncio.Event()

    async def work() -> None:
        raise AssertionError("another leads")

    await leases.acquire(db, "sender", "another", now)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(leases.while_leading(db, "sender", "me", work, lambda: now, closing))
        await asyncio.sleep(0.1)
        closing.set()


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_database_that_is_away_at_the_end_lets_the_lease_lapse(
    db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Work that came to a good end has not failed because its lease could not be given back."""

    async def work() -> None:
        spoiled.setattr(db, "write", away)

    def away() -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as spoiled:
        await leases.while_leading(db, "sender", "me", work, lambda: now, asyncio.Event())
    assert not await leases.acquire(db, "sender", "next", now)
    assert await leases.acquire(db, "sender", "next", now + timedelta(seconds=1))
