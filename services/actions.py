"""What the people who run the shop did: one row for each step, written with the step itself and never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from services.db import ReadSession, WriteSession
from services.models import Action
from services.money import Money


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was taken. `actor` is admin:<id> or shell; `detail` holds words, numbers and Money."""

    id: int
    at: datetime
    actor: str
    code: str
    subject: str | None
    detail: Mapping[str, Any]

    @property
    def admin(self) -> int | None:
        """The id of the one who took it; None where it was not in the chat."""
        kind, _, number = self.actor.partition(":")
        return int(number) if kind == "admin" else None


class Note(NamedTuple):
    """A step to be written down, as `record` takes it."""

    key: str
    actor: str
    code: str
    subject: str | None
    detail: Mapping[str, Any]


def by(user_id: int) -> str:
    """An admin as an actor of ledger and log."""
    return f"admin:{user_id}"


async def record(
    write: WriteSession,
    *,
    key: str,
    actor: str,
    code: str,
    subject: str | None = None,
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> bool:
    """Write a step down in the transaction that takes it; False where `key` (its message or tap) was taken before."""
    if await taken(write, key):
        return False
    await note(write, [Note(key, actor, code, subject, detail or {})], now)
    return True


async def note(write: WriteSession, steps: Sequence[Note], now: datetime) -> None:
    """Write down steps that nobody took before."""
    rows = [step._asdict() | {"at": now, "detail": plain(step.detail)} for step in steps]
    await write.run(write.insert(Action), rows)


async def taken(read: ReadSession, key: str) -> bool:
    """Whether the step of this message or tap was written down before."""
    return await read.value(select(Action.id).where(Action.key == key)) is not None


async def history(
    read: ReadSession,
    *,
    limit: int,
    before: int | None = None,
    subject: str | None = None,
    actor: str | None = None,
    code: str | None = None,
) -> Sequence[Done]:
    """The last steps, the newest first: older than step `before`, about `subject`, by `actor`, or of one `code`."""
    chosen = select(Action.id, Action.at, Action.actor, Action.code, Action.subject, Action.detail)
    if before is not None:
        chosen = chosen.where(Action.id < before)
    if subject is not None:
        chosen = chosen.where(Action.subject == subject)
    if actor is not None:
        chosen = chosen.where(Action.actor == actor)
    if code is not None:
        chosen = chosen.where(Action.code == code)
    rows = await read.all(chosen.order_by(Action.id.desc()).limit(limit))
    return [Done(row.id, row.at, row.actor, row.code, row.subject, rich(dict(row.detail))) for row in rows]


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Words, numbers and Money as JSON can hold them."""
    return {name: {"micros": value.micros} if isinstance(value, Money) else value for name, value in values.items()}


def rich(document: Mapping[str, Any]) -> dict[str, Any]:
    """What `plain` wrote down."""
    return {name: Money(value["micros"]) if isinstance(value, dict) else value for name, value in document.items()}
