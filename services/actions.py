"""What the people who run the shop did: one row for each step, written with the step itself and never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
    row = {
        "key": key,
        "at": now,
        "actor": actor,
        "code": code,
        "subject": subject,
        "detail": plain(detail or {}),
    }
    taken = await write.value(select(Action.id).where(Action.key == key))
    if taken is not None:
        return False
    await write.run(write.insert(Action).values(row))
    return True


async def history(
    read: ReadSession,
    *,
    limit: int,
    before: int | None = None,
    subject: str | None = None,
    actor: str | None = None,
) -> Sequence[Done]:
    """The last steps, the newest first: older than step `before`, about `subject`, or by `actor` where given."""
    chosen = select(Action.id, Action.at, Action.actor, Action.code, Action.subject, Action.detail)
    if before is not None:
        chosen = chosen.where(Action.id < before)
    if subject is not None:
        chosen = chosen.where(Action.subject == subject)
    if actor is not None:
        chosen = chosen.where(Action.actor == actor)
    rows = await read.all(chosen.order_by(Action.id.desc()).limit(limit))
    return [Done(row.id, row.at, row.actor, row.code, row.subject, rich(dict(row.detail))) for row in rows]


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Words, numbers and Money as JSON can hold them."""
    return {name: {"micros": value.micros} if isinstance(value, Money) else value for name, value in values.items()}


def rich(document: Mapping[str, Any]) -> dict[str, Any]:
    """What `plain` wrote down."""
    return {name: Money(value["micros"]) if isinstance(value, dict) else value for name, value in document.items()}
