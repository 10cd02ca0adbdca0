"""Sessions: readers only read, writers commit whole or not at all, and who waits is woken after the commit."""

import asyncio
import inspect
import sqlite3
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import func, insert, make_url, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError

from services.db import LONGEST_PAUSE, TRIES, Database, ReadSession, StorageFailure, WriteSession, passing, with_driver
from services.models import Category, Conversation, Lease
from tests.blinks import blink
from tests.fuse import Fuse

CONFLICT = "DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$"


async def names(db: Database) -> list[str]:
    async with db.read() as session:
        return list(await session.values(select(Lease.name).order_by(Lease.name)))


async def add(session: WriteSession, now: datetime, *leases: str) -> None:
    rows = [{"name": name, "owner": "test", "until": now} for name in leases]
    await session.run(insert(Lease), rows)


async def test_what_a_block_wrote_is_there_after_it(db: Database, now: datetime) -> None:
    async with db.write() as session:
        await add(session, now, "a", "b")
        assert await session.values(select(Lease.name).order_by(Lease.name)) == ["a", "b"]
        assert await names(db) == []
    assert await names(db) == ["a", "b"]


async def test_a_block_that_fails_wrote_nothing(db: Database, now: datetime) -> None:
    with pytest.raises(ZeroDivisionError):
        await failing(db, now)
    assert await names(db) == []
    async with db.write() as session:
        await add(session, now, "a")
    assert await names(db) == ["a"]


async def failing(db: Database, now: datetime) -> None:
    async with db.write() as session:
        await add(session, now, "a")
        session.announce("submit")
        raise ZeroDivisionError


async def test_a_read_session_cannot_write(db: Database, now: datetime) -> None:
    """It has no method that does; and SQLite's reading connections would refuse it."""
    methods = {name for name, _ in inspect.getmembers(ReadSession, inspect.isfunction) if not name.startswith("_")}
    assert methods == {"all", "first", "value", "values"}
    if db.on_sqlite:
        async with db.read() as session:
            with pytest.raises(OperationalError, match="readonly"):
                await session.all(insert(Lease).values(name="a", owner="test", until=now).returning(Lease.name))  # type: ignore[arg-type]
    assert await names(db) == []


async def test_a_read_session_sees_each_new_commit(db: Database, now: datetime) -> None:
    async with db.read() as reading:
        assert await reading.value(select(func.count()).select_from(Lease)) == 0
        async with db.write() as session:
            await add(session, now, "a")
        assert await reading.value(select(func.count()).select_from(Lease)) == 1
        assert await reading.first(select(Lease.name, Lease.until)) == ("a", now)


async def test_no_rows_are_no_statement(db: Database, now: datetime) -> None:
    async with db.write() as session:
        await session.run(insert(Category), [])
        await session.run(update(Category).values(name="all of them"), [])
        assert await session.all(select(Category)) == []


async def test_waiters_are_woken_once_and_only_after_the_commit(db: Database, now: datetime) -> None:
    woken: list[str] = []
    for topic in ("outbox", "submit"):
        db.subscribe(topic, waker(woken, topic))
    async with db.write() as session:
        await add(session, now, "b")
        session.announce("outbox")
        session.announce("outbox")
        assert woken == []
    assert woken == ["outbox"]
    with pytest.raises(ZeroDivisionError):
        await failing(db, now)
    async with db.write() as session:
        session.announce("nobody listens to this")
    assert woken == ["outbox"]


def waker(woken: list[str], topic: str) -> Callable[[], object]:
    return lambda: woken.append(topic)


async def test_writers_take_turns_and_lose_nothing(db: Database, database_url: str, now: datetime) -> None:
    """Each reads, then writes one more: BEGIN IMMEDIATE keeps them apart on SQLite, the row's lock on PostgreSQL.

    Half of them have a connection pool of their own, as another process has (`python -m bot grant`).
    """
    async with db.write() as session:
        await session.run(insert(Conversation).values(key="count", data=0, updated_at=now))

    async def count(through: Database) -> None:
        async with through.write() as session:
            seen = await session.value(select(Conversation.data).with_for_update())
            await session.run(update(Conversation).values(data=int(str(seen)) + 1))

    other = Database(database_url)
    await asyncio.gather(*(count(through) for _ in range(20) for through in (db, other)))
    await other.close()
    async with db.read() as reading:
        assert str(await reading.value(select(Conversation.data))) == "40"


async def test_a_cancelled_writer_leaves_the_door_open(db: Database, now: datetime) -> None:
    inside = asyncio.Event()

    async def stuck() -> None:
        async with db.write() as session:
            await add(session, now, "a")
            inside.set()
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(stuck())
        await inside.wait()
        task.cancel()
    async with db.write() as session:
        await add(session, now, "b")
    assert await names(db) == ["b"]


async def test_a_writer_cancelled_at_any_statement_leaves_the_door_open(db: Database, now: datetime) -> None:
    """Even while somebody still holds the cancelled task, and with it all that the task had in hand."""
    cancelled: list[asyncio.Task[None]] = []
    points = 0
    fuse = Fuse()
    fuse.lay(db)

    async def work(name: str) -> None:
        async with db.write() as session:
            await add(session, now, name)
            await session.values(select(Lease.name))

    while len(cancelled) == points:
        points += 1
        fuse.light(points)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(work(f"cancelled {points}"))
        cancelled += [task] * task.cancelled()
        fuse.unlit()
        async with asyncio.timeout(5), db.write() as session:
            await add(session, now, f"after {points}")
    assert len(cancelled) >= 6
    assert {f"after {point}" for point in range(1, points + 1)} <= set(await names(db))


async def test_a_block_is_run_again_after_a_deadlock_and_written_once(db: Database, now: datetime) -> None:
    runs = 0

    async def block(session: WriteSession) -> str:
        nonlocal runs
        runs += 1
        await add(session, now, f"run {runs}")
        if session.on_postgres and runs < 3:
            await session.returned(text(CONFLICT))
        return "done"

    assert await db.retrying(block) == "done"
    assert runs == (1 if db.on_sqlite else 3)
    assert await names(db) == [f"run {runs}"]


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_block_that_conflicts_for_ever_is_given_up(db: Database) -> None:
    runs = 0

    async def block(session: WriteSession) -> None:
        nonlocal runs
        runs += 1
        await session.returned(text(CONFLICT))

    with pytest.raises(DBAPIError):
        await db.retrying(block)
    assert runs == TRIES


async def test_a_block_that_is_wrong_is_not_run_again(db: Database, now: datetime) -> None:
    runs = 0

    async def block(session: WriteSession) -> None:
        nonlocal runs
        runs += 1
        await add(session, now, "a")
        await add(session, now, "a")

    with pytest.raises(DBAPIError):
        await db.retrying(block)
    assert runs == 1


async def failed(db: Database, *statements: str) -> BaseException:
    """How a transaction of these statements, each of which returns rows, fails."""
    try:
        async with db.write() as session:
            for statement in statements:
                await session.returned(text(statement))
    except StorageFailure as failure:
        return failure
    raise AssertionError("nothing failed")


async def test_a_line_that_is_cut_and_a_disk_that_is_full_pass(db: Database, now: datetime) -> None:
    async def cut_off() -> None:
        async with db.write() as session:
            await add(session, now, "a")
            await blink(session)

    with pytest.raises(StorageFailure) as failure:
        await cut_off()
    assert passing(failure.value)
    assert await names(db) == []
    async with db.write() as session:
        await add(session, now, "b")
    assert await names(db) == ["b"]


async def test_what_is_wrong_in_itself_does_not_pass(db: Database, now: datetime) -> None:
    assert not passing(await failed(db, "SELECT * FROM no_such_table"))
    assert not passing(await failed(db, "SELEC 1"))
    assert not passing(await failed(db, *["INSERT INTO leases VALUES ('a', 'b', 1) RETURNING name"] * 2))
    assert not passing(ZeroDivisionError())


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    ("code", "passes"),
    [
        *((code, True) for code in ("40P01", "40001", "53300", "57P01", "57P03", "08006")),
        *((code, False) for code in ("22003", "23505", "42601", "P0001")),
    ],
)
async def test_postgres_says_by_its_codes_what_passes(db: Database, code: str, passes: bool) -> None:
    assert passing(await failed(db, CONFLICT.replace("40P01", code))) is passes


async def test_a_database_that_cannot_be_reached_may_come_back() -> None:
    db = Database("postgresql://shop@127.0.0.1:1/shop")
    assert passing(await failed(db, "SELECT 1"))
    await db.close()


FAREWELL = b"SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_server_that_says_goodbye_and_hangs_up_later_may_come_back(db: Database, postgres_url: str) -> None:
    """Between the two the driver refuses with an error of its own, that has no code."""
    real = make_url(postgres_url)
    lines: list[StreamWriter] = []

    async def pass_on(reader: StreamReader, writer: StreamWriter) -> None:
        while piece := await reader.read(65536):
            writer.write(piece)

    async def accept(reader: StreamReader, writer: StreamWriter) -> None:
        back, forth = await asyncio.open_connection(real.host, real.port or 5432)
        lines.extend((writer, forth))
        async with asyncio.TaskGroup() as both:
            both.create_task(pass_on(reader, forth))
            both.create_task(pass_on(back, writer))

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as between:
        port = between.sockets[0].getsockname()[1]
        through = Database(real.set(port=port).render_as_string(hide_password=False), pool_size=1)
        with pytest.raises(StorageFailure) as failure:  # noqa: PT012 - the line must be in use when the server speaks
            async with through.write() as session:
                await session.returned(text("SELECT 1"))
                lines[0].write(b"E" + (len(FAREWELL) + 4).to_bytes(4, "big") + FAREWELL)
                await asyncio.sleep(0.1)
                await session.returned(text("SELECT 1"))
        for line in lines:
            line.close()
        await through.close()
    assert "cannot switch" in str(failure.value)
    assert passing(failure.value)


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_pool_that_is_exhausted_fills_again(db: Database, postgres_url: str) -> None:
    small = Database(postgres_url, pool_size=1)
    small.writer.sync_engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    async with small.write():
        assert passing(await failed(small, "SELECT 1"))
    await small.close()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_file_that_somebody_else_holds_is_let_go(db: Database) -> None:
    async with db.writer.connect() as connection:
        await connection.execute(text("PRAGMA busy_timeout = 0"))
    holder = sqlite3.connect(str(db.url.database))
    holder.execute("BEGIN IMMEDIATE")
    assert passing(await failed(db, "SELECT 1"))
    holder.close()


async def test_what_must_not_be_lost_is_done_when_the_database_is_back(db: Database, now: datetime) -> None:
    pauses: list[float] = []

    async def block(session: WriteSession) -> str:
        await add(session, now, "a")
        if len(pauses) < 9:
            await blink(session)
        return "done"

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    assert await db.insisting(block, pause) == "done"
    assert await names(db) == ["a"]
    assert pauses[:3] == [0.1, 0.2, 0.4]
    assert pauses[-1] == LONGEST_PAUSE


async def test_nobody_insists_on_what_is_wrong_in_itself(db: Database, now: datetime) -> None:
    runs = 0

    async def block(session: WriteSession) -> None:
        nonlocal runs
        runs += 1
        await add(session, now, "a")
        await add(session, now, "a")

    with pytest.raises(DBAPIError):
        await db.insisting(block)
    assert runs == 1


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_sqlite_is_set_to_lose_nothing(db: Database) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "busy_timeout": 10000,
    }
    async with db.writer.connect() as connection:
        found = {name: (await connection.execute(text(f"PRAGMA {name}"))).scalar() for name in wanted}
    assert found == wanted


def test_addresses_without_a_driver_get_the_asynchronous_one() -> None:
    assert str(with_driver("sqlite:///shop.db")) == "sqlite+aiosqlite:///shop.db"
    for scheme in ("postgresql", "postgres", "postgresql+psycopg2"):
        assert str(with_driver(f"{scheme}://u@h/d")) == "postgresql+asyncpg://u@h/d"
    with pytest.raises(ValueError, match=r"must start with sqlite: or postgresql:, not mysql:"):
        with_driver("mysql://u@h/d")
