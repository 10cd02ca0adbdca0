"""A stocked shop to begin each run with, on either engine, back in its first state within milliseconds."""

import asyncio
import contextlib
import os
import random
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import asyncpg
from sqlalchemy import select
from sqlalchemy.engine import URL, make_url

from bot.sandbox.panel import NORTH, SOUTH
from services import ledger, migrations, panel_answers, users, wallet
from services.db import Database
from services.models import Category, Model, Service
from services.money import Money
from services.policy import Policy
from services.stock import sync
from tests.soak.clock import BEGIN, EPOCH, MICROSECOND
from tests.soak.outside import CATEGORIES, CATEGORY
from tests.soak.people import CUSTOMERS

START = EPOCH + BEGIN * MICROSECOND
RICH, POOR = Money.parse("1000000.00"), Money.parse("20.00")
"""What most customers have, and what the last few have, who run out of money."""
ALEMBIC = asyncio.Lock()
"""Alembic keeps the migration under way in globals: one at a time in a process."""
BALLAST = bytes(64 * 1024)
DISK = 32
"""Megabytes of the disk that an SQLite file is put on."""
LITTER = 10
"""Renewals after which the rows that each left behind, the catalogue's among them, slow everything down by a fifth."""
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def stock(db: Database) -> None:
    """An open house, customers with money, shelves with the services of both panels."""
    async with ALEMBIC:
        await migrations.upgrade(db)
    async with db.write() as session:
        await ledger.open_house(session, "USD")
        for user in CUSTOMERS:
            await users.remember(
                session, user_id=user, name=f"Customer {user}", username=None, language_code="en", now=START
            )
            await wallet.credit(
                session,
                user_id=user,
                amount=purse(user),
                key=f"start:{user}",
                source="world:sandbox",
                actor="shop",
                now=START,
            )
        for name, catalogue in (("north", NORTH), ("south", SOUTH)):
            offered = panel_answers.services([row.row() for row in catalogue if row.category in CATEGORIES])
            assert not isinstance(offered, panel_answers.Refusal)
            await sync(
                session,
                name,
                offered,
                markup_percent=Decimal(25),
                exchange_rate=Decimal(1),
                policy=Policy(),
                now=START,
            )


async def likes(db: Database) -> list[int]:
    """The services that crowds order: of the plainest type."""
    async with db.read() as session:
        found = select(Service.id).join(Category).where(Category.name == CATEGORY).order_by(Service.id)
        return list(await session.values(found))


def purse(user: int) -> Money:
    """What a customer begins with."""
    return RICH if user < CUSTOMERS[-4] else POOR


class Place(ABC):
    """One database that is used for run after run."""

    url: str

    @abstractmethod
    async def renew(self) -> None:
        """Take it back to the stocked shop; nobody may be connected but what is dead already."""

    @abstractmethod
    async def strike(self, dice: random.Random) -> str:
        """Do the worst that can befall it from without, let go again, and say what it was ("" where nothing can)."""

    def longest_file(self, dice: random.Random) -> int | None:
        """Bytes after which a worker is to find the disk full; None where it writes no files of its own."""
        return None


class SqlitePlace(Place):
    """A file in `folder`, copied from a template in it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._template = folder / "template.db"
        self._path = folder / "shop.db"
        self.url = f"sqlite:///{self._path}"

    async def prepare(self) -> None:
        """Make the template."""
        db = Database(f"sqlite:///{self._template}")
        await stock(db)
        await db.close()

    async def renew(self) -> None:
        """See Place."""
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self._template, self._path)

    async def strike(self, dice: random.Random) -> str:
        """The disk is full for a while, where it is a small one of our own."""
        if not self._folder.is_mount():
            return ""
        ballast = self._folder / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(BALLAST)
        await asyncio.sleep(dice.uniform(0.05, 0.4))
        ballast.unlink()
        return "disk full"

    def longest_file(self, dice: random.Random) -> int | None:
        """See Place: a few pages more than there are."""
        sizes = [path.stat().st_size for path in self._folder.glob("shop.db*")]
        return max(sizes, default=0) + dice.randrange(32 * 1024)


class PostgresPlace(Place):
    """A database of its own on a server; a copy of every stocked table is kept in a schema beside them."""

    def __init__(self, server: URL) -> None:
        self._server = server
        self._name = f"shop_soak_{uuid4().hex}"
        self._renewed = 0
        self.url = _written(server.set(database=self._name))

    async def prepare(self) -> None:
        """Create and stock it."""
        await execute(_written(self._server), f'CREATE DATABASE "{self._name}"')
        db = Database(self.url)
        await stock(db)
        await db.close()
        copies = (f"CREATE TABLE kept.{name} AS TABLE {name}" for name in _tables())
        await execute(self.url, ";".join(("CREATE SCHEMA kept", *copies)))

    async def renew(self) -> None:
        """See Place. Past the guards: the owner of a table may do what no shop may, and needs no superuser for it."""
        tables = _tables()
        unguarded = (f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in tables)
        emptied = (f"DELETE FROM {name}" for name in reversed(tables))  # noqa: S608 - our own names
        filled = (f"INSERT INTO {name} SELECT * FROM kept.{name}" for name in tables)  # noqa: S608
        guarded = (f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in tables)
        await execute(self.url, ";".join((CUT, "BEGIN", *unguarded, *emptied, *filled, *guarded, "COMMIT")))
        self._renewed += 1
        if self._renewed % LITTER == 0:
            await execute(self.url, "VACUUM")

    async def strike(self, dice: random.Random) -> str:
        """Every connection is ended in whatever it is doing."""
        await execute(self.url, CUT)
        return "cut off"

    async def drop(self) -> None:
        """Remove it, whoever is connected."""
        await execute(_written(self._server), f'DROP DATABASE "{self._name}" WITH (FORCE)')


async def execute(url: str, statements: str) -> None:
    """Carry out what an owner of the database may do, past SQLAlchemy."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


@asynccontextmanager
async def place(engine: str, folder: Path, server: URL, *, small: bool = False) -> AsyncIterator[Place]:
    """A place on `engine` ("sqlite": a file in `folder`; "postgres": on `server`), gone afterwards.

    `small` puts the file on a disk that can be filled, where the system lets us.
    """
    if engine == "sqlite":
        with small_disk(folder) if small else contextlib.nullcontext():
            file = SqlitePlace(folder)
            await file.prepare()
            yield file
        return
    base = PostgresPlace(server)
    await base.prepare()
    try:
        yield base
    finally:
        await base.drop()


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Put `folder` on a disk of DISK megabytes in memory, where the system lets us; leave it as it is elsewhere."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = os.geteuid() == 0 and shutil.which("mount") is not None
    if mounted:
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "soak", str(folder)]
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", folder], capture_output=True, check=True)


def _tables() -> Sequence[str]:
    return [table.name for table in Model.metadata.sorted_tables]


def _written(url: URL) -> str:
    """The address with its password, as drivers want it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
