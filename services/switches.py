"""Switches of the whole shop: whether something is on, who turned it and why; every turn is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, insert, literal, select, true

from services.db import ReadSession, WriteSession
from services.errors import SalesStopped, UnderMaintenance
from services.models import Switch

SALES = "sales"
"""Off, nothing new is quoted or sold; refunds, polling and messages go on."""
ORDERING = "ordering"
"""Off, the shop is under maintenance: nobody orders but its staff; the reason is the message that customers read."""
_TURNS = 7_021_990_016
"""PostgreSQL's advisory lock: turns happen one after the other, so that the last row is the last turn."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How a switch was turned. `actor` is admin:<id>, audit or shell."""

    id: int
    is_on: bool
    reason: str
    actor: str
    at: datetime

    @property
    def admin(self) -> int | None:
        """The id of the admin who turned it; None where it was nobody of the chat."""
        kind, _, number = self.actor.partition(":")
        return int(number) if kind == "admin" else None


def stands(name: str) -> ColumnElement[bool]:
    """Whether a switch is on, as a column: a hot path adds it to a statement it makes anyway."""
    last = select(Switch.is_on).where(Switch.name == name).order_by(Switch.id.desc()).limit(1)
    return func.coalesce(last.scalar_subquery(), true(), type_=Switch.is_on.type)


async def is_on(read: ReadSession, name: str) -> bool:
    """Whether a switch is on; one that was never turned is."""
    return bool(await read.value(select(stands(name))))


async def require_sales(read: ReadSession, *, staff: bool = False) -> None:
    """Raises SalesStopped while nothing new is sold, and UnderMaintenance for who is not of the `staff`."""
    if not await is_on(read, SALES):
        raise SalesStopped
    message = None if staff else await maintenance(read)
    if message is not None:
        raise UnderMaintenance(message=message)


async def maintenance(read: ReadSession) -> str | None:
    """The shop's message to its customers while it is under maintenance; None while it is not."""
    turns = await history(read, ORDERING, limit=1)
    return None if not turns or turns[0].is_on else turns[0].reason


async def selling(read: ReadSession) -> bool:
    """Whether customers may order: sales are on, and the shop is not under maintenance."""
    return bool(await read.value(select(and_(stands(SALES), stands(ORDERING)))))


async def history(read: ReadSession, name: str, *, limit: int) -> Sequence[Turn]:
    """The last turns of a switch, the newest first; nothing where it was never turned, which means on."""
    rows = await read.all(
        select(Switch.id, Switch.is_on, Switch.reason, Switch.actor, Switch.at)
        .where(Switch.name == name)
        .order_by(Switch.id.desc())
        .limit(limit)
    )
    return [Turn(*row) for row in rows]


async def in_turn(write: WriteSession) -> None:
    """Wait for whoever else is about to turn a switch: what is read after this stands until the transaction ends."""
    if write.on_postgres:  # SQLite has one writer anyway
        await write.value(select(func.pg_advisory_xact_lock(literal(_TURNS))))


async def turn(
    write: WriteSession, name: str, *, on: bool, reason: str, actor: str, key: str, now: datetime
) -> Turn | None:
    """Turn a switch, once for each `key` (the message or audit behind it); None where that was done before."""
    await in_turn(write)
    if await write.value(select(Switch.id).where(Switch.key == key)) is not None:
        return None
    row = {"key": key, "name": name, "is_on": on, "reason": reason, "actor": actor, "at": now}
    made = await write.returned(insert(Switch).values(row).returning(Switch.id))
    return Turn(made[0].id, on, reason, actor, now)
