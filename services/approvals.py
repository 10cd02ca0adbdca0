"""Steps that are dangerous: asked for first, then confirmed by the one who asked, or by a second person, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, insert, or_, select, update

from services.actions import plain, rich
from services.columns import micros
from services.db import ReadSession, WriteSession
from services.errors import AnotherMustConfirm, ApprovalGone
from services.models import Approval

STANDS, STANDS_ALONE = timedelta(hours=24), timedelta(minutes=10)
"""What nobody has decided for so long is not done any more; nor is what one only asked oneself."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that waits: `code` is what, `params` with what (words, numbers and Money), `second` for somebody else."""

    id: int
    code: str
    subject: str | None
    params: Mapping[str, Any]
    second: bool
    asked_by: int
    asked_at: datetime


_COLUMNS = (
    Approval.id,
    Approval.code,
    Approval.subject,
    Approval.params,
    Approval.second,
    Approval.asked_by,
    Approval.asked_at,
)


async def ask(
    write: WriteSession,
    *,
    key: str,
    code: str,
    subject: str | None,
    params: Mapping[str, Any],
    second: bool,
    asked_by: int,
    now: datetime,
) -> Asked:
    """Ask for a step, once for each `key` (the message behind it)."""
    known = await write.first(select(*_COLUMNS).where(Approval.key == key))
    if known is not None:
        return _asked(known)
    row = {
        "key": key,
        "code": code,
        "subject": subject,
        "params": plain(params),
        "second": second,
        "asked_by": asked_by,
        "asked_at": now,
    }
    return _asked((await write.returned(insert(Approval).values(row).returning(*_COLUMNS)))[0])


async def find(read: ReadSession, approval_id: int) -> Asked:
    """What was asked for. ApprovalGone where there is no such step."""
    row = await read.first(select(*_COLUMNS).where(Approval.id == approval_id))
    if row is None:
        raise ApprovalGone
    return _asked(row)


async def take(write: WriteSession, approval_id: int, *, by: int, now: datetime) -> Asked:
    """Confirm a step that waits; whoever does takes it in this transaction.

    ApprovalGone where it was decided before or has waited too long, AnotherMustConfirm where `by` asked for it and a
    second person is wanted.
    """
    return await _decide(write, approval_id, "done", by, now, or_(~Approval.second, Approval.asked_by != by))


async def refuse(write: WriteSession, approval_id: int, *, by: int, now: datetime) -> Asked:
    """Decide that a step is not taken; whoever may confirm it may, and the one who asked. ApprovalGone as in `take`."""
    return await _decide(write, approval_id, "refused", by, now)


async def _decide(write: WriteSession, approval_id: int, state: str, by: int, now: datetime, *conditions: Any) -> Asked:
    standing = (
        Approval.id == approval_id,
        Approval.state == "waiting",
        Approval.asked_at > case((Approval.second, micros(now - STANDS)), else_=micros(now - STANDS_ALONE)),
    )
    decided = await write.returned(
        update(Approval)
        .where(*standing, *conditions)
        .values(state=state, decided_by=by, decided_at=now)
        .returning(*_COLUMNS)
    )
    if decided:
        return _asked(decided[0])
    raise AnotherMustConfirm if await write.value(select(Approval.id).where(*standing)) is not None else ApprovalGone


def _asked(row: Any) -> Asked:
    return Asked(row.id, row.code, row.subject, rich(row.params), row.second, row.asked_by, row.asked_at)
