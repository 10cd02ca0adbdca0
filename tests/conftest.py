"""What every test may ask for: a fresh database on either engine, and a fixed moment.

`db` runs a test once on SQLite and once on PostgreSQL (`-k sqlite`, `-k postgres` choose one). PostgreSQL is looked for
at TEST_POSTGRES_URL; where none answers its half is skipped, or fails with REQUIRE_POSTGRES=1.

A test on SQLite gets a copy of a migrated file. A worker's tests on PostgreSQL share one database that is emptied after
each: that takes 15 ms, a copy of a template 200 to 900. A test that alters the schema takes `spare_db` instead.

Coverage doubles what a test costs, so `make test` measures a part of them (the mark `measured`): what tests `services`
without PostgreSQL, and with it where something is written for PostgreSQL alone; not what does one thing a thousand
times.

A worker's tests also share the engine behind `db`: it is closed after each, and remembers the statements that it has
compiled, which is half of what a test costs.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.engine import URL, make_url

from services import ledger, migrations
from services.db import Database
from services.models import Model

POSTGRES = make_url(os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"))
GUARDED = ("transfers", "accounts", "orders", "order_events", "attempts", "refills", "switches", "actions")
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


MEASURED = {Path(__file__).with_name("unit"), Path(__file__).with_name("services")}
FOR_POSTGRES = {
    "test_alarm",
    "test_backups",
    "test_catalog",
    "test_concurrency",
    "test_db",
    "test_guards",
    "test_ledger",
    "test_snapshots",
}
"""The test files that show what the shop does on PostgreSQL alone."""
REPETITIVE = {"test_cut_short"}


def pytest_xdist_auto_num_workers() -> int:
    """Workers of `--numprocesses auto`: two a core, as stories and browsers mostly wait."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what coverage is judged by."""
    for item in items:
        name, parameters = item.path.stem, getattr(item, "callspec", None)
        on_postgres = parameters is not None and parameters.params.get("engine") == "postgres"
        counts = name in FOR_POSTGRES if on_postgres else name not in REPETITIVE
        if counts and item.path.parent in MEASURED:
            item.add_marker("measured")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tests that count something (deaths, orders) record it as their property `counts`: it is shown here."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "counts":
                terminalreporter.write_line(str(value))


@pytest.fixture
def now() -> datetime:
    """A moment like any other."""
    return NOW


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "shop.db"
    in_own_loop(furnish(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of this worker's PostgreSQL database."""
    with postgres_database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    """Which of the two engines a test runs on."""
    return str(request.param)


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database as `db` has it: for tests that start processes of their own."""
    if engine == "sqlite":
        yield request.getfixturevalue("sqlite_copy")
        return
    url: str = request.getfixturevalue("postgres_url")
    yield url
    in_own_loop(on_server(url, EMPTIED))


@pytest.fixture(scope="session")
def known() -> dict[str, Database]:
    """What this worker has had open as `db`, by address."""
    return {}


@pytest.fixture
async def db(database_url: str, known: dict[str, Database]) -> AsyncIterator[Database]:
    """The shop's database, migrated, with the house accounts open in USD and nobody in it yet."""
    database = known.setdefault(database_url, Database(database_url))
    yield database
    database._subscribers.clear()
    await database.close()


@pytest.fixture
def spare_url(engine: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database as `spare_db` has it."""
    if engine == "sqlite":
        yield request.getfixturevalue("sqlite_copy")
        return
    with postgres_database() as url:
        yield url


@pytest.fixture
async def spare_db(spare_url: str) -> AsyncIterator[Database]:
    """A database like `db` whose schema a test may alter: nobody has it afterwards."""
    database = Database(spare_url)
    yield database
    await database.close()


@pytest.fixture
def sqlite_copy(sqlite_template: Path) -> str:
    """The address of a SQLite file that is like new; the worker's next test finds it there, like new again."""
    path = sqlite_template.with_name("copy.db")
    for suffix in ("-wal", "-shm", ""):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return f"sqlite:///{shutil.copyfile(sqlite_template, path)}"


@contextmanager
def postgres_database() -> Iterator[str]:
    """The address of a migrated database under a name that no other run or worker has; dropped afterwards."""
    name = f"shop_test_{uuid4().hex}"
    try:
        in_own_loop(on_server(written(POSTGRES), f'CREATE DATABASE "{name}"'))
    except (OSError, asyncpg.PostgresError) as error:
        told = f"no PostgreSQL at {POSTGRES.host}:{POSTGRES.port} ({error}): set TEST_POSTGRES_URL"
        if os.environ.get("REQUIRE_POSTGRES") == "1":
            pytest.fail(told, pytrace=False)
        pytest.skip(told)
    try:
        in_own_loop(furnish(written(POSTGRES.set(database=name))))
        yield written(POSTGRES.set(database=name))
    finally:
        in_own_loop(on_server(written(POSTGRES), f'DROP DATABASE "{name}" WITH (FORCE)'))


def _emptied() -> str:
    """What takes a PostgreSQL database back to how `furnish` left it, connections of killed processes included."""
    tables = [table.name for table in reversed(Model.metadata.sorted_tables)]
    stays = {"accounts": f" WHERE id NOT IN {tuple(ledger.HOUSE)}"}
    return "; ".join(
        [
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
            "BEGIN",
            *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in GUARDED),
            *(f"DELETE FROM {table}{stays.get(table, '')}" for table in tables),  # noqa: S608
            "UPDATE accounts SET balance = 0",
            *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in GUARDED),
            "SELECT setval(format('%I', sequencename), 1, false) FROM pg_sequences",
            "COMMIT",
        ]
    )


EMPTIED = _emptied()


async def furnish(url: str) -> None:
    """Migrate an empty database and open the house, as the process does at its start."""
    db = Database(url)
    try:
        await migrations.upgrade(db)
        async with db.write() as session:
            await ledger.open_house(session, "USD")
    finally:
        await db.close()


async def on_server(url: str, statements: str) -> None:
    """Carry out what an owner of the database may do, past SQLAlchemy."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


def written(url: URL) -> str:
    """The address with its password, as drivers want it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def in_own_loop(work: Coroutine[Any, Any, None]) -> None:
    """Finish `work` before the test's own event loop begins, or after it ended."""
    with asyncio.Runner() as runner:
        runner.run(work)
