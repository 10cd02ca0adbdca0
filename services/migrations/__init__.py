"""The database's shape, revision by revision: brought up to date, taken back, and checked at start."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from services.db import Database

HERE = Path(__file__).parent
LOCK = 7_021_990_015
"""PostgreSQL's advisory lock of this shop's migrations: replicas that start together take turns."""


class SchemaMismatch(RuntimeError):
    """The database's revision is not the one this program was written for; the message says what to do."""


async def upgrade(db: Database, to: str = "head") -> None:
    """Bring the database up to revision `to`, all in one transaction; nothing happens if it is there already."""
    async with db.writer.begin() as connection:
        await connection.run_sync(_run, command.upgrade, to)


async def downgrade(db: Database, to: str) -> None:
    """Take the database back to revision `to` ("base" is an empty database), all in one transaction."""
    async with db.writer.begin() as connection:
        await connection.run_sync(_run, command.downgrade, to)


async def current(db: Database) -> str | None:
    """The revision the database is at; None where no migration ever ran."""
    async with db.reader.connect() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


async def check(db: Database) -> None:
    """Refuse, as SchemaMismatch in plain words, a database that is older or newer than this program."""
    found, wanted = await known(db), ScriptDirectory(str(HERE)).get_current_head()
    if found == wanted:
        return
    if found is None:
        raise SchemaMismatch("The database is empty: run `python -m bot migrate` first.")
    raise SchemaMismatch(f"The database is at revision {found}, not {wanted}: run `python -m bot migrate` first.")


async def known(db: Database) -> str | None:
    """The database's revision, None before the first; SchemaMismatch for one that only a newer program knows."""
    found = await current(db)
    revisions = {revision.revision for revision in ScriptDirectory(str(HERE)).walk_revisions()}
    if found is not None and found not in revisions:
        raise SchemaMismatch(f"The database is at revision {found}, which only a newer version of this program knows.")
    return found


def _run(connection: Connection, step: Callable[[Config, str], None], to: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    step(config, to)
