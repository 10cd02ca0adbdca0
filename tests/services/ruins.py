"""A database that guards nothing any more, triggers, checks and keys gone, so that a test can break the books."""

import sqlite3

from sqlalchemy import text

from services.db import Database

TABLES = ("accounts", "transfers", "orders", "attempts", "order_events", "outbox")

UNGUARDED = """
    DO $$
    DECLARE
        found record;
    BEGIN
        FOR found IN
            SELECT conrelid::regclass AS relation, conname AS name FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f')
        LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.relation, found.name);
        END LOOP;
        FOR found IN
            SELECT conrelid::regclass AS relation, conname AS name FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace AND contype IN ('u', 'p')
        LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', found.relation, found.name);
        END LOOP;
        FOR found IN SELECT DISTINCT tgrelid::regclass AS relation FROM pg_trigger WHERE NOT tgisinternal LOOP
            EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', found.relation);
        END LOOP;
    END $$
"""


async def ruin(db: Database) -> None:
    """Take down every guard; what is stored stays as it is."""
    if not db.on_sqlite:
        await spoil(db, UNGUARDED)
        return
    stranger = sqlite3.connect(str(db.url.database))
    for (name,) in stranger.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        stranger.execute(f"DROP TRIGGER {name}")
    for table in TABLES:  # SQLite drops no constraint by itself, and a copy has none
        stranger.execute(f"CREATE TABLE bare AS SELECT * FROM {table}")  # noqa: S608
        stranger.execute(f"DROP TABLE {table}")
        stranger.execute(f"ALTER TABLE bare RENAME TO {table}")
    stranger.commit()
    stranger.close()


async def spoil(db: Database, *statements: str) -> None:
    """What nobody may do."""
    async with db.writer.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement.replace(":", "\\:")))
