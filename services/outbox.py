"""The outbox: notices written with the change that caused them, claimed by lease, sent at least once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import aliased

from services import notices
from services.db import WriteSession
from services.models import UNSENT, Broadcast, Notice
from services.reseller_notices import ResellerNews

INTERACTIVE, NOTICE, PROGRESS, BROADCAST = 0, 1, 2, 3
"""Priorities: neither a broadcast nor a moving progress bar delays a refund notice."""
TOGETHER = frozenset({*notices.DIGESTED, ResellerNews.kind})
"""Kinds of which several for one chat may leave as one message."""
GATHERED = 100
"""So many notices are claimed beside the most urgent ones, because they are for the same chats."""

DROPPED: Mapping[str, Any] = {"state": "dropped", "lease_owner": None, "lease_until": None}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A notice on its way to `chat_id`. `key` is unique for ever; a card's key is its order's, see `card_key`.

    `message_id` names the message that a card takes over instead of sending a new one.
    """

    key: str
    chat_id: int
    notice: notices.Notice
    priority: int = NOTICE
    message_id: int | None = None
    broadcast_id: int | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notice that its claimer alone may send until the lease ends; `again`: its reader may have had it before."""

    id: int
    key: str
    chat_id: int
    priority: int
    notice: notices.Notice
    version: int
    tries: int
    message_id: int | None
    again: bool = False


def to_each(key: str, chats: Iterable[int], notice: notices.Notice) -> list[Outgoing]:
    """The same notice for each of several chats: `key` and the chat make the key of each."""
    return [Outgoing(f"{key}:{chat}", chat, notice) for chat in chats]


def card_key(order_id: int) -> str:
    """The key of an order's one live card: putting it again replaces what was not sent yet."""
    return f"card:{order_id}"


async def put(session: WriteSession, outgoing: Sequence[Outgoing], now: datetime) -> None:
    """Queue notices. A key seen before is left alone, but for a live card, whose content is replaced."""
    if not outgoing:
        return
    cards = [_row(item, now) for item in outgoing if isinstance(item.notice, notices.LIVE)]
    others = [_row(item, now) for item in outgoing if not isinstance(item.notice, notices.LIVE)]
    if others:
        await session.run(session.insert(Notice).on_conflict_do_nothing(index_elements=["key"]), others)
    if cards:
        insert = session.insert(Notice)
        replaced = insert.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "payload": insert.excluded.payload,
                "version": Notice.version + 1,
                "state": "queued",
                "priority": insert.excluded.priority,
                "due_at": insert.excluded.due_at,
                "tries": 0,
            },
        )
        await session.run(replaced, cards)
    session.announce("outbox")


def _row(item: Outgoing, now: datetime) -> dict[str, object]:
    return {
        "key": item.key,
        "chat_id": item.chat_id,
        "priority": item.priority,
        "kind": item.notice.kind,
        "payload": notices.to_document(item.notice),
        "due_at": now,
        "message_id": item.message_id,
        "broadcast_id": item.broadcast_id,
        "created_at": now,
    }


async def claim(
    session: WriteSession, *, owner: str, limit: int, lease: timedelta, now: datetime, but: Collection[int] = ()
) -> list[Claimed]:
    """Take up to `limit` due notices, the most urgent first, for `lease`; others skip them meanwhile.

    With them comes, up to GATHERED, what else the same chats are to be told of their orders: it may go out in one
    message. What is for the chats in `but` is left where it is, and so are kinds that only a newer version knows, and
    what came back of a broadcast that was paused or stopped meanwhile.
    """
    hold = {"lease_owner": owner, "lease_until": now + lease, "tries": Notice.tries + 1}
    halted = select(Broadcast.id).where(Broadcast.state.in_(("paused", "stopped")))
    goes_on = or_(Notice.broadcast_id.is_(None), Notice.broadcast_id.not_in(halted))
    mine = Notice.kind.in_(sorted(notices.KINDS)), Notice.chat_id.not_in(but), goes_on
    rows = await _take(session, mine, limit, now, hold)
    chats = {row.chat_id for row in rows}
    if chats:
        ends = Notice.kind.in_(sorted(TOGETHER)), Notice.chat_id.in_(chats)
        rows += await _take(session, ends, GATHERED, now, hold)
    claimed = [
        Claimed(
            row.id,
            row.key,
            row.chat_id,
            row.priority,
            notices.from_document(row.kind, row.payload),
            row.version,
            row.tries,
            row.message_id,
            row.again,
        )
        for row in rows
    ]
    return sorted(claimed, key=lambda notice: (notice.priority, notice.id))


async def _take(
    session: WriteSession, which: Sequence[ColumnElement[bool]], limit: int, now: datetime, hold: dict[str, Any]
) -> list[Any]:
    """Lease up to `limit` due notices of those, the most urgent first."""
    due = (
        select(Notice.id)
        .where(text(UNSENT), Notice.due_at <= now, or_(Notice.lease_until.is_(None), Notice.lease_until < now))
        .where(*which)
        .order_by(Notice.priority, Notice.due_at, Notice.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = await session.returned(
        update(Notice)
        .where(Notice.id.in_(due.scalar_subquery()))
        .values(hold)
        .returning(
            Notice.id,
            Notice.key,
            Notice.chat_id,
            Notice.priority,
            Notice.kind,
            Notice.payload,
            Notice.version,
            Notice.tries,
            Notice.message_id,
            Notice.again,
        )
    )
    return list(rows)


async def queued(session: WriteSession, ids: Collection[int]) -> set[int]:
    """Those of these notices that are still to be sent: others may have been given up since they were claimed."""
    return set(await session.values(select(Notice.id).where(Notice.id.in_(ids), text(UNSENT))) if ids else ())


async def sent(session: WriteSession, done: Iterable[tuple[int, int, int | None]], now: datetime) -> None:
    """Record (id, version, message_id) of what went out; a card replaced meanwhile stays queued for its new content."""
    current = Notice.version == bindparam("sent_version")
    statement = (
        update(Notice)
        .where(Notice.id == bindparam("notice_id"))
        .values(
            state=case((current, "sent"), else_="queued"),
            sent_at=now,
            message_id=bindparam("sent_message"),
            lease_owner=None,
            lease_until=None,
            last_error=None,
        )
    )
    rows = [
        {"notice_id": notice_id, "sent_version": version, "sent_message": message_id}
        for notice_id, version, message_id in done
    ]
    if rows:
        await session.run(statement, rows)


async def later(session: WriteSession, ids: Iterable[int], *, due_at: datetime, error: str) -> None:
    """Try again at `due_at`, what counted as sent before it was included, and what was given up meanwhile was not."""
    await session.run(
        update(Notice)
        .where(Notice.id.in_(list(ids)), Notice.state != "dropped")
        .values(state="queued", due_at=due_at, lease_owner=None, lease_until=None, last_error=error)
    )


async def release(session: WriteSession, owner: str | None = None) -> None:
    """Give back what `owner` claimed and did not send; None: whatever anybody claimed, where no one else can live."""
    claimed = Notice.lease_owner.is_not(None) if owner is None else Notice.lease_owner == owner
    await session.run(update(Notice).where(text(UNSENT), claimed).values(lease_owner=None, lease_until=None))


async def drop(session: WriteSession, ids: Iterable[int], error: str) -> None:
    """Give notices up that can never be sent."""
    await session.run(update(Notice).where(Notice.id.in_(list(ids))).values(**DROPPED, last_error=error))


async def drop_chat(session: WriteSession, chat_id: int, error: str) -> None:
    """Give up everything queued for a chat that cannot be reached any more."""
    await session.run(update(Notice).where(text(UNSENT), Notice.chat_id == chat_id).values(**DROPPED, last_error=error))


async def withdraw(session: WriteSession, prefix: str, chats: Collection[int]) -> None:
    """Give up what is queued for these chats under keys that begin so."""
    mine = Notice.chat_id.in_(chats), Notice.key.startswith(prefix, autoescape=True)
    await session.run(update(Notice).where(text(UNSENT), *mine).values(**DROPPED, last_error="withdrawn"))
    session.announce("outbox")


async def overtake(session: WriteSession, keys: Collection[str], chats: Collection[int]) -> None:
    """Give up what `to_each` queued for these chats under these keys: something newer is told in its place."""
    mine = Notice.chat_id.in_(chats), _stem().in_(keys)
    await session.run(update(Notice).where(text(UNSENT), *mine).values(**DROPPED, last_error="overtaken"))


async def move_chat(session: WriteSession, chat_id: int, to: int, now: datetime) -> None:
    """Everything queued for a chat goes to it under the id that it has now, but what it was told there already."""
    old, there = f":{chat_id}", aliased(Notice)
    named = Notice.key.endswith(old, autoescape=True)
    key = _stem() + f":{to}"
    mine = text(UNSENT), Notice.chat_id == chat_id
    known = select(there.id).where(there.key == key).exists()
    await session.run(update(Notice).where(*mine, named, known).values(**DROPPED, last_error="told there already"))
    await session.run(
        update(Notice)
        .where(*mine)
        .values(
            chat_id=to,
            key=case((named, key), else_=Notice.key),
            due_at=now,
            message_id=None,
            lease_owner=None,
            lease_until=None,
        )
    )


def _stem() -> ColumnElement[str]:
    """The key of a notice without the chat that `to_each` ended it with."""
    chat = func.length(cast(Notice.chat_id, Text()))
    return func.substr(Notice.key, 1, func.length(Notice.key) - chat - 1, type_=Text())


async def purge(session: WriteSession, before: datetime) -> None:
    """Forget what was sent or dropped before; cards are kept as long as their message may still be edited."""
    await session.run(delete(Notice).where(and_(Notice.state != "queued", Notice.created_at < before)))
