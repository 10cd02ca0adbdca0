"""After a backup was brought back: until the shop is compared with its providers, nothing is sent to any of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, update

from services.db import ReadSession, WriteSession
from services.models import Restore

UNCOMPARED = Restore.ended_at.is_(None)


@dataclass(frozen=True, slots=True)
class Comparing:
    """What is not known: all that happened from `taken_at` on. Not `settled`: the database must not be opened yet."""

    id: int
    file: str
    taken_at: datetime
    restored_at: datetime
    settled: bool


def over() -> ColumnElement[bool]:
    """Whether something may be sent, as a column: whoever claims what is to be sent asks in that statement."""
    return ~exists().where(UNCOMPARED)


async def current(read: ReadSession) -> Comparing | None:
    """What was brought back last and is not compared yet; None where nothing is.

    A backup may itself be of such a time: then the span goes back to the earlier one.
    """
    rows = await read.all(
        select(Restore.id, Restore.file, Restore.taken_at, Restore.restored_at, Restore.settled_at)
        .where(UNCOMPARED)
        .order_by(Restore.id)
    )
    if not rows:
        return None
    last, earliest = rows[-1], min(row.taken_at for row in rows)
    return Comparing(last.id, last.file, earliest, last.restored_at, settled=last.settled_at is not None)


async def end(write: WriteSession, *, by: str, now: datetime) -> bool:
    """All is compared; False where it was before."""
    ended = await write.run(update(Restore).where(UNCOMPARED).values(ended_at=now, ended_by=by))
    for topic in ("submit", "refill"):
        write.announce(topic)
    return bool(ended.rowcount)
