"""The database: two engines behind one door, read and write sessions of two different types."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar, TypeVarTuple, cast, overload

import structlog
from sqlalchemy import CursorResult, Executable, Row, Select, UpdateBase, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from services.models import Model

Cells = TypeVarTuple("Cells")
Result = TypeVar("Result")

RETRIED = frozenset({"40001", "40P01"})
"""PostgreSQL's serialization failure and deadlock: the whole block may be run again."""
TRIES = 5
READERS = 4
LONGEST_PAUSE = 5.0

StorageFailure = (SQLAlchemyError, OSError)
"""Everything that storage can raise; TimeoutError is an OSError."""
_PASSING = ("08", "40", "53", "57")
"""Classes of PostgreSQL's codes: the connection, a conflict with others, no room, an operator (stopping, starting)."""
_FAREWELL = "cannot switch to state"
"""asyncpg's words, without a code, on a line whose server has said that it stops and has not hung up yet."""
_MISTAKES = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY})
"""What SQLite calls operational as it does a locked file or a full disk, and is a statement that will never do."""

log = structlog.get_logger()


def passing(failure: BaseException) -> bool:
    """Whether storage failed in a way that passes: what was asked of it, as it is, may go well a little later.

    What is cut off in a commit may have been committed all the same.
    """
    if not isinstance(failure, DBAPIError):
        return isinstance(failure, OSError | PoolTimeout)  # no connection was to be had
    if isinstance(failure, OperationalError):
        return getattr(failure.orig, "sqlite_errorcode", 0) & 0xFF not in _MISTAKES
    if failure.connection_invalidated or _FAREWELL in str(failure.orig):
        return True
    return str(getattr(failure.orig, "sqlstate", "")).startswith(_PASSING)


class ReadSession:
    """Statements that only look. Every method takes a Core select on the mapped tables."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.on_postgres = connection.dialect.name == "postgresql"

    async def all(self, statement: Select[*Cells]) -> Sequence[Row[*Cells]]:
        """Every row."""
        return (await self._connection.execute(statement)).all()

    async def first(self, statement: Select[*Cells]) -> Row[*Cells] | None:
        """The first row, or None."""
        return (await self._connection.execute(statement)).first()

    async def value(self, statement: Select[Result]) -> Result | None:
        """The first cell of the first row, or None."""
        return (await self._connection.execute(statement)).scalar()

    async def values(self, statement: Select[Result]) -> Sequence[Result]:
        """The first cell of every row."""
        return (await self._connection.execute(statement)).scalars().all()


class WriteSession(ReadSession):
    """Statements that change rows, inside one transaction that the edge commits."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self.topics: set[str] = set()

    def announce(self, topic: str) -> None:
        """Wake whoever subscribed to `topic` once this transaction is committed."""
        self.topics.add(topic)

    def insert(self, model: type[Model]) -> sqlite.Insert | postgresql.Insert:
        """An insert in the engine's own dialect, which knows ON CONFLICT."""
        return postgresql.insert(model) if self.on_postgres else sqlite.insert(model)

    @overload
    async def run(self, statement: UpdateBase) -> CursorResult[Any]: ...

    @overload
    async def run(self, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]) -> None: ...

    async def run(
        self, statement: UpdateBase, rows: Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any] | None:
        """Carry out an insert, update or delete; with `rows`, once for each (executemany). No rows, nothing done."""
        if rows is None:
            return cast("CursorResult[Any]", await self._connection.execute(statement))
        if rows:  # SQLAlchemy takes an empty list for "once, without parameters"
            await self._connection.execute(statement, list(rows))
        return None

    async def returned(self, statement: Executable) -> Sequence[Row[Any]]:
        """The rows of an insert, update or delete with RETURNING."""
        return (await self._connection.execute(statement)).all()


class Database:
    """Opens sessions on SQLite (one process per file) or PostgreSQL (any number of processes).

    `url` is `sqlite+aiosqlite:///path` or `postgresql+asyncpg://...`; plain `sqlite:///` and `postgresql://` are taken
    as these. Writers on SQLite queue for one connection that begins IMMEDIATE; readers are `query_only`.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = with_driver(url)
        self.on_sqlite = self.url.get_backend_name() == "sqlite"
        self._subscribers: dict[str, list[Callable[[], object]]] = {}
        if self.on_sqlite:
            self._writer = _sqlite_engine(self.url, size=1, read_only=False)
            self._reader = _sqlite_engine(self.url, size=READERS, read_only=True)
        else:
            self._writer = create_async_engine(self.url, pool_size=pool_size, max_overflow=0, pool_pre_ping=True)
            self._reader = self._writer.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def writer(self) -> AsyncEngine:
        """The engine that writes: for migrations, and for test harnesses that listen to its events."""
        return self._writer

    @property
    def reader(self) -> AsyncEngine:
        """The engine that looks: for what reads by a connection of its own, such as the schema's revision."""
        return self._reader

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """A session that cannot write: each statement sees the latest commit."""
        async with self._reader.connect() as connection:
            yield ReadSession(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """One transaction: committed when the block ends, rolled back when it raises.

        A task cancelled inside may have committed all the same; every money step can be re-entered by its key.
        """
        async with self._writer.begin() as connection:
            session = WriteSession(connection)
            yield session
        for topic in session.topics:
            for wake in self._subscribers.get(topic, ()):
                wake()

    def subscribe(self, topic: str, wake: Callable[[], object]) -> None:
        """Call `wake` after each commit that announced `topic`: a hint in this process, rows stay the truth."""
        self._subscribers.setdefault(topic, []).append(wake)

    async def retrying(self, block: Callable[[WriteSession], Awaitable[Result]]) -> Result:
        """Run `block` in one transaction, again from the start when PostgreSQL says so (deadlock, serialization)."""
        for _ in range(TRIES - 1):
            try:
                async with self.write() as session:
                    return await block(session)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in RETRIED:
                    raise
        async with self.write() as session:
            return await block(session)

    async def insisting(
        self,
        block: Callable[[WriteSession], Awaitable[Result]],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> Result:
        """`retrying` for what must not be lost: without end, with growing pauses, while storage fails in passing.

        `block` may find that it was committed before, and nobody heard of it.
        """
        seconds = 0.1
        while True:
            try:
                return await self.retrying(block)
            except StorageFailure as failure:
                if not passing(failure):
                    raise
                log.warning("storage.away", error=str(failure), again_in=seconds)
            await pause(seconds)
            seconds = min(2 * seconds, LONGEST_PAUSE)

    async def close(self) -> None:
        """Give every connection back."""
        await self._writer.dispose()
        await self._reader.dispose()


def with_driver(url: str) -> URL:
    """The URL with the asynchronous driver of its engine; ValueError in plain words for any other engine."""
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return parsed.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+asyncpg")
        case other:
            raise ValueError(f"DATABASE_URL must start with sqlite: or postgresql:, not {other}:")


def _sqlite_engine(url: URL, *, size: int, read_only: bool) -> AsyncEngine:
    """SQLAlchemy emits BEGIN itself here: the driver's own begins late and lets two writers read the same balance."""
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=60,
        connect_args={"isolation_level": None, "timeout": 10},
        **({"isolation_level": "AUTOCOMMIT"} if read_only else {}),
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",
            "busy_timeout=10000",
            *(("query_only=ON",) if read_only else ()),
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    if not read_only:

        @event.listens_for(engine.sync_engine, "begin")
        def begin_immediate(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        @event.listens_for(engine.sync_engine, "invalidate")
        def roll_back(connection: Any, _record: Any, _error: BaseException | None) -> None:
            # A task was cancelled in a query: closed as it is, SQLite would keep the transaction and its lock on the
            # whole database until the garbage collector finds the query.
            connection.rollback()

    return engine
