"""How Alembic meets our database: on a connection that is handed in, or on DATABASE_URL from the command line."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection

from services.db import Database
from services.migrations.triggers import GATE
from services.models import Model


def migrate(connection: Connection) -> None:
    """Carry out what the command asked for inside the transaction that is already open."""
    context.configure(
        connection=connection,
        target_metadata=Model.metadata,
        include_name=lambda name, kind, _parents: not (kind == "table" and name == GATE),
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def from_command_line() -> None:
    """`alembic revision --autogenerate` and its like, for whoever develops the shop."""
    db = Database(os.environ["DATABASE_URL"])
    try:
        async with db.writer.begin() as connection:
            await connection.run_sync(migrate)
    finally:
        await db.close()


if context.is_offline_mode():
    raise SystemExit("Migrations run on a database, not into a script: leave --sql out.")

handed_in: Connection | None = context.config.attributes.get("connection")
if handed_in is None:
    asyncio.run(from_command_line())
else:
    migrate(handed_in)
