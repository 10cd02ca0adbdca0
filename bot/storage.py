"""Opens the shop's database: locked against a second process, migrated, its books in the right currency."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryFile

from alembic.util import CommandError

from bot.filelock import FileLock, Taken
from bot.settings import Settings
from services import ledger, migrations, reconciling
from services.db import Database, StorageFailure
from services.errors import MoneyError


class StartRefused(Exception):
    """The shop cannot open; the message is one plain sentence for the operator."""


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database, ready for use, as long as the block. Raises StartRefused."""
    db = Database(settings.database_url.get_secret_value())
    try:
        with locked(db):
            await prepare(db, settings.currency)
            yield db
    finally:
        await db.close()


@asynccontextmanager
async def beside(settings: Settings) -> AsyncIterator[Database]:
    """The database to look at, as long as the block; a shop may have it open. Raises StartRefused, changes nothing."""
    db = Database(settings.database_url.get_secret_value())
    try:
        _must_exist(db)
        await migrations.check(db)
        yield db
    except migrations.SchemaMismatch as error:
        raise StartRefused(str(error)) from None
    except StorageFailure as error:
        raise StartRefused(f"The database cannot be read: {_told(error)}.") from None
    finally:
        await db.close()


async def tried(db: Database, currency: str) -> bool:
    """Whether there is a database yet. Raises StartRefused where opening it would; changes nothing, makes nothing."""
    if db.on_sqlite and not _is_there(db.url.database or ""):
        return False
    try:
        if await migrations.known(db) is None:
            return False
        async with db.read() as session:
            await ledger.require_currency(session, currency)
    except (migrations.SchemaMismatch, MoneyError) as error:
        raise StartRefused(str(error)) from None
    except StorageFailure as error:
        raise StartRefused(f"The database cannot be opened: {_told(error)}.") from None
    return True


def _is_there(file: str) -> bool:
    """Whether it is there to be written to; StartRefused where it is not and could not be made."""
    path = Path(file).absolute()
    try:
        if path.exists():
            path.open("r+b").close()
            return True
        with TemporaryFile(dir=next(parent for parent in path.parents if parent.exists())):
            return False
    except OSError as error:
        raise StartRefused(f"The database {path} cannot be opened: {error.strerror}.") from None


def locked(db: Database) -> AbstractContextManager[object]:
    """Hold the file while in the block, where the database is one. Raises StartRefused."""
    if not db.on_sqlite:
        return nullcontext()
    path = Path(db.url.database or "").absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(path.with_name(path.name + ".lock"))
    except Taken:
        raise StartRefused(f"Another process has the shop in {path} open: stop it first.") from None
    except OSError as error:
        raise StartRefused(f"The database {path} cannot be opened: {error.strerror}.") from None


async def prepare(db: Database, currency: str) -> None:
    """Bring the database up to date and open the house accounts. Raises StartRefused."""
    try:
        await _migrated(db)
        async with db.write() as session:
            await ledger.open_house(session, currency)
    except (migrations.SchemaMismatch, MoneyError) as error:
        raise StartRefused(str(error)) from None
    except StorageFailure as error:
        raise StartRefused(f"The database cannot be opened: {_told(error)}.") from None


async def require_whole(db: Database) -> None:
    """Raises StartRefused where bringing a backup back was cut short: something would be sent twice."""
    async with db.read() as session:
        comparing = await reconciling.current(session)
    if comparing is not None and not comparing.settled:
        raise StartRefused(
            "A backup was being brought back, and that was cut short: run `python -m bot restore --over` again."
        )


def file_of(db: Database) -> Path:
    """Where an SQLite database is."""
    return Path(db.url.database or "").absolute()


def _must_exist(db: Database) -> None:
    """Looking into a SQLite file that is not there would make it."""
    path = Path(db.url.database or "").absolute()
    if db.on_sqlite and not path.exists():
        raise StartRefused(f"There is no database at {path}.")


def _told(error: Exception) -> str:
    """What the driver says, on one line."""
    return " ".join(str(getattr(error, "orig", error)).split())


async def _migrated(db: Database) -> None:
    try:
        await migrations.upgrade(db)
    except CommandError:
        await migrations.check(db)
        raise
