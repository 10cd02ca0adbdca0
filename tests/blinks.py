"""Makes storage fail under a transaction as it does in life: the line is cut on PostgreSQL, the disk full on SQLite."""

from sqlalchemy import text

from services.db import ReadSession

BLOATED = "INSERT INTO conversations (key, data, updated_at) VALUES ('bloat', hex(zeroblob(100000)), 0)"
MOST_PAGES = 2**30 - 1


async def blink(session: ReadSession) -> None:
    """Raise what the driver raises then; the next transaction finds everything well."""
    connection = session._connection
    if session.on_postgres:
        await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    await connection.execute(text("PRAGMA max_page_count = 1"))
    try:
        await connection.execute(text(BLOATED))
    finally:
        await connection.execute(text(f"PRAGMA max_page_count = {MOST_PAGES}"))
