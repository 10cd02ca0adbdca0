"""Audits that somebody of the staff asks for: the tap is on record, whichever audit comes next answers it in place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Text, cast, exists, literal, select

from services import outbox
from services.audit import Breach
from services.db import ReadSession, WriteSession
from services.models import Action, Notice
from services.staff_notices import Audited

SUBJECT = "shop:audit"
"""Of the step on record (services.actions) that asks; its detail holds the `chat` and the `message` to answer in."""
TOPIC = "audit"
"""Announced with it."""
_FORGOTTEN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody waits for an audit in `message_id` of `chat_id`."""

    id: int
    chat_id: int
    message_id: int | None

    @property
    def key(self) -> str:
        """Of its answer."""
        return f"{_KEY}{self.id}"


_KEY = "audited:"


async def requests(read: ReadSession, now: datetime) -> list[Request]:
    """Who waits for an audit."""
    answered = exists().where(Notice.key == literal(_KEY, Text()) + cast(Action.id, Text()))
    rows = await read.all(
        select(Action.id, Action.detail)
        .where(Action.subject == SUBJECT, Action.at > now - _FORGOTTEN, ~answered)
        .order_by(Action.id)
    )
    return [Request(row.id, row.detail["chat"], row.detail["message"]) for row in rows]


async def answer(write: WriteSession, breaches: Sequence[Breach], at: datetime, now: datetime) -> None:
    """Tell everybody who waits what the audit of the moment `at` found."""
    told = Audited(at.isoformat(), [str(breach.invariant) for breach in breaches])
    answers = [
        outbox.Outgoing(one.key, one.chat_id, told, outbox.INTERACTIVE, one.message_id)
        for one in await requests(write, now)
    ]
    await outbox.put(write, answers, now)
