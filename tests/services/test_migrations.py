"""The database's shape: up, down and up again, and exactly what the models say."""

import asyncio
from io import StringIO
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from services import ledger, migrations
from services.db import Database
from services.migrations.triggers import GATE
from services.models import Model
from tests import factories
from tests.conftest import NOW

POSTGRES_SHAPE = (
    "SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable, column_default)"
    " FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)"
    " FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
)
SQLITE_SHAPE = ("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL",)


async def shape(db: Database) -> dict[tuple[str, str], list[str]]:
    """All that the database was told to be, Alembic's own table aside: {(kind, name): its lines in any order}."""
    found = {}
    async with db.writer.connect() as connection:
        for query in SQLITE_SHAPE if db.on_sqlite else POSTGRES_SHAPE:
            for kind, name, words in await connection.execute(text(query)):
                if not name.startswith(("alembic_version", "pk_alembic")):
                    found[kind, name] = sorted(line.strip(" ,") for line in words.splitlines())
    return found


def tables_alone(found: dict[tuple[str, str], list[str]]) -> dict[tuple[str, str], list[str]]:
    """What the models know of: no triggers, no gate."""
    return {key: words for key, words in found.items() if key[0] not in ("trigger", "function") and key[1] != GATE}


async def test_down_leaves_nothing_and_up_again_is_the_same(spare_db: Database) -> None:
    before = await shape(spare_db)
    async with spare_db.write() as session:
        await factories.person(session, NOW)
        ids = await factories.category(session, NOW)
        await factories.order(session, NOW, user_id=1001, service_id=ids["A"], status="partial", delivered=6_000)
    await migrations.downgrade(spare_db, "base")
    assert await shape(spare_db) == {}
    assert await migrations.current(spare_db) is None
    await migrations.upgrade(spare_db)
    assert await shape(spare_db) == before
    async with spare_db.write() as session:
        await ledger.open_house(session, "EUR")


async def test_the_migrations_are_what_the_models_say(spare_db: Database) -> None:
    """Alembic sees no difference, nor does the database itself: checks and conditions of indexes included."""

    def differences(connection: Connection) -> list[object]:
        options = {"include_name": lambda name, _kind, _parents: name != GATE, "compare_type": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Model.metadata))

    async with spare_db.writer.connect() as connection:
        assert await connection.run_sync(differences) == []
    migrated = tables_alone(await shape(spare_db))
    await migrations.downgrade(spare_db, "base")
    async with spare_db.writer.begin() as connection:
        await connection.run_sync(Model.metadata.create_all)
    assert migrated == await shape(spare_db)
    assert len([name for kind, name in migrated if kind == "index"]) > 10


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_every_sqlite_table_is_strict(db: Database) -> None:
    async with db.writer.connect() as connection:
        rows = await connection.execute(text("SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict"))
        lax = set(rows.scalars())
    assert lax == {"alembic_version", "sqlite_schema", "sqlite_temp_schema"}


async def test_a_database_of_this_version_passes_and_any_other_is_refused_in_plain_words(spare_db: Database) -> None:
    await migrations.check(spare_db)
    await migrations.upgrade(spare_db)
    await migrations.check(spare_db)
    async with spare_db.writer.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrations.SchemaMismatch, match="revision 9999, which only a newer version"):
        await migrations.check(spare_db)
    async with spare_db.writer.begin() as connection:
        await connection.execute(text("DELETE FROM alembic_version"))
    with pytest.raises(migrations.SchemaMismatch, match="empty: run `python -m bot migrate`"):
        await migrations.check(spare_db)


async def test_an_upgrade_that_fails_half_way_leaves_nothing_behind(spare_db: Database) -> None:
    await migrations.downgrade(spare_db, "base")
    async with spare_db.writer.begin() as connection:
        await connection.execute(text("CREATE TABLE transfers (id TEXT)"))
    before = await shape(spare_db)
    with pytest.raises(Exception, match="already exists"):
        await migrations.upgrade(spare_db)
    assert await shape(spare_db) == before
    assert await migrations.current(spare_db) is None


async def test_replicas_that_start_together_migrate_once(spare_db: Database, spare_url: str) -> None:
    await migrations.downgrade(spare_db, "base")
    other = Database(spare_url)
    await asyncio.gather(migrations.upgrade(spare_db), migrations.upgrade(other))
    await other.close()
    await migrations.check(spare_db)


def test_alembics_own_command_line_finds_everything_in_pyproject(
    spare_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`alembic check` says so when the models have moved on without a revision."""
    monkeypatch.setenv("DATABASE_URL", spare_url)
    said = StringIO()
    command.check(Config(toml_file=Path(__file__).parents[2] / "pyproject.toml", stdout=said))
    assert said.getvalue() == "No new upgrade operations detected.\n"
