"""Watches the statements that reach a database, so that a test can count them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from services.db import Database


@contextmanager
def watched(db: Database) -> Iterator[list[str]]:
    """The SQL sent by writers inside the block, in order; an executemany counts once."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(" ".join(statement.split()))

    engine = db.writer.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
