"""Messages to very many: written as a draft, begun once, fed to the outbox page by page, paused, stopped, counted.

The outbox sends what everybody else is told first. Each person's notice has a key of its own, so that nobody is told
twice, whoever died in between; `fed_to` is how far the feeding has come, by the ids of people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update

from services import audiences, outbox
from services.audiences import Audience
from services.db import ReadSession, WriteSession
from services.errors import BroadcastMoved
from services.models import Broadcast, Notice, User
from services.staff_notices import Broadcast as Message
from services.staff_notices import BroadcastCard

PAGE, LOW = 300, 150
"""So many notices are put at once, where fewer than LOW still wait: a pause leaves little on its way."""
SETTLING = timedelta(minutes=15)
"""So long after its end the last ones are counted: Telegram may have had them wait."""
_STEPS = {
    "run": (("draft", "paused"), "running"),
    "pause": (("running",), "paused"),
    "stop": (("running", "paused"), "stopped"),
    "discard": (("draft",), "stopped"),
}
"""What can be done to a broadcast, in which states, and what it is then."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a broadcast stands. `texts` by language are HTML; `sent` and `dropped` of `total` are as last counted."""

    id: int
    state: str
    texts: Mapping[str, str]
    audience: Audience
    created_by: int
    created_at: datetime
    total: int
    sent: int
    dropped: int


_COLUMNS = (
    Broadcast.id,
    Broadcast.state,
    Broadcast.texts,
    Broadcast.audience,
    Broadcast.created_by,
    Broadcast.created_at,
    Broadcast.total,
    Broadcast.sent,
    Broadcast.dropped,
)


def _standing(row: Any) -> Standing:
    audience = Audience.from_document(row.audience)
    return Standing(row.id, row.state, dict(row.texts), audience, *row[4 : len(_COLUMNS)])


async def draft(write: WriteSession, *, text: str, locale: str, by: int, now: datetime) -> int:
    """Begin a message with its text in one language; its id."""
    row = {"texts": {locale: text}, "audience": Audience().to_document(), "created_by": by, "created_at": now}
    return int((await write.returned(insert(Broadcast).values(row).returning(Broadcast.id)))[0].id)


async def find(read: ReadSession, broadcast_id: int) -> Standing:
    """How it stands. BroadcastMoved where there is none."""
    row = await read.first(select(*_COLUMNS).where(Broadcast.id == broadcast_id))
    if row is None:
        raise BroadcastMoved
    return _standing(row)


async def latest(read: ReadSession, *, limit: int) -> Sequence[Standing]:
    """The last ones, the newest first."""
    rows = await read.all(select(*_COLUMNS).order_by(Broadcast.id.desc()).limit(limit))
    return [_standing(row) for row in rows]


async def write_text(write: WriteSession, broadcast_id: int, *, locale: str, text: str) -> None:
    """Give a draft its text in a language. BroadcastMoved where it is no draft any more."""
    standing = await find(write, broadcast_id)
    await _change(write, broadcast_id, texts={**standing.texts, locale: text})


async def choose(write: WriteSession, broadcast_id: int, audience: Audience) -> None:
    """Say whom a draft goes to. BroadcastMoved where it is no draft any more."""
    await _change(write, broadcast_id, audience=audience.to_document())


async def _change(write: WriteSession, broadcast_id: int, **values: Any) -> None:
    mine = update(Broadcast).where(Broadcast.id == broadcast_id, Broadcast.state == "draft").values(**values)
    if not (await write.run(mine)).rowcount:
        raise BroadcastMoved


async def move(write: WriteSession, broadcast_id: int, step: str, now: datetime) -> Standing:
    """Run, pause, stop or discard it; BroadcastMoved where it stands otherwise by now.

    What a pause or stop finds in the outbox is taken out of it; a pause begins again before the first of these.
    """
    before, after = _STEPS[step]
    standing = await find(write, broadcast_id)
    values: dict[str, Any] = {"state": after}
    if standing.state == "draft" and step == "run":
        values |= {"started_at": now, "total": await audiences.size(write, standing.audience, now)}
    if after == "stopped":
        values["ended_at"] = now
    moved = update(Broadcast).where(Broadcast.id == broadcast_id, Broadcast.state.in_(before)).values(**values)
    if not (await write.run(moved)).rowcount:
        raise BroadcastMoved
    if after in ("paused", "stopped"):
        await _withdraw(write, broadcast_id, now)
    if standing.state != "draft":
        await _count(write, broadcast_id)
    await _show(write, broadcast_id, now)
    write.announce("broadcasts")
    return await find(write, broadcast_id)


async def _withdraw(write: WriteSession, broadcast_id: int, now: datetime) -> None:
    """Take back what nobody has in hand, and feed it again from there; what is sent already keeps its key."""
    free = or_(Notice.lease_until.is_(None), Notice.lease_until < now)
    waiting = (Notice.broadcast_id == broadcast_id, Notice.state == "queued", free)
    first = await write.value(select(func.min(Notice.chat_id)).where(*waiting))
    if first is None:
        return
    await write.run(delete(Notice).where(*waiting))
    await write.run(
        update(Broadcast).where(Broadcast.id == broadcast_id, Broadcast.fed_to >= first).values(fed_to=first - 1)
    )


async def feed(write: WriteSession, now: datetime, fallback: str) -> None:
    """Put the next page of every running broadcast where few wait; count, show and end what has come to its end.

    `fallback` is the language for people whose own it has no text in, where there is one.
    """
    chosen = (*_COLUMNS, Broadcast.fed_to)
    for row in await write.all(select(*chosen).where(Broadcast.state == "running").with_for_update()):
        standing = _standing(row)
        waiting = await _count(write, standing.id)
        if waiting < LOW:
            fed = await _page(write, standing, row.fed_to, now, fallback)
            if not fed and not waiting:
                ended = update(Broadcast).where(Broadcast.id == standing.id)
                await write.run(ended.values(state="done", ended_at=now))
                await _show(write, standing.id, now)
                continue
        await _show(write, standing.id, now, than=standing)
    await _settle(write, now)


async def _settle(write: WriteSession, now: datetime) -> None:
    """What was in hand when it stopped has arrived by now, and counts, or came back, and is taken out, too."""
    halted = or_(Broadcast.state == "paused", Broadcast.ended_at > now - SETTLING)
    for row in await write.all(select(*_COLUMNS).where(halted).with_for_update()):
        standing = _standing(row)
        if standing.state != "done":
            await _withdraw(write, standing.id, now)
        await _count(write, standing.id)
        await _show(write, standing.id, now, than=standing)


async def _page(write: WriteSession, standing: Standing, after: int, now: datetime, fallback: str) -> int:
    people = await write.all(
        select(User.id, User.locale, User.language_code)
        .where(User.id > after, audiences.members(standing.audience, now))
        .order_by(User.id)
        .limit(PAGE)
    )
    if not people:
        return 0
    said = [
        outbox.Outgoing(
            f"broadcast:{standing.id}:{person.id}",
            person.id,
            Message(worded(standing.texts, (person.locale, person.language_code), fallback)),
            outbox.BROADCAST,
            broadcast_id=standing.id,
        )
        for person in people
    ]
    await outbox.put(write, said, now)
    await write.run(update(Broadcast).where(Broadcast.id == standing.id).values(fed_to=people[-1].id))
    return len(people)


def worded(texts: Mapping[str, str], languages: Sequence[str | None], fallback: str) -> str:
    """The text in the first of the languages that there is, else in `fallback`, else in any."""
    wanted = [part for language in languages if language for part in (language, language.partition("-")[0])]
    return next((texts[one] for one in (*wanted, fallback) if one in texts), next(iter(texts.values())))


async def _count(write: WriteSession, broadcast_id: int) -> int:
    """Bring the counts up to date; how many wait."""
    counted = select(Notice.state, func.count()).where(Notice.broadcast_id == broadcast_id).group_by(Notice.state)
    counts = {row.state: row[1] for row in await write.all(counted)}
    kept = update(Broadcast).where(Broadcast.id == broadcast_id)
    await write.run(kept.values(sent=counts.get("sent", 0), dropped=counts.get("dropped", 0)))
    return counts.get("queued", 0)


async def _show(write: WriteSession, broadcast_id: int, now: datetime, *, than: Standing | None = None) -> None:
    """Bring the live card of whoever wrote it up to date, where it differs."""
    standing = await find(write, broadcast_id)
    if standing.state == "draft" or (
        than is not None and (than.sent, than.dropped) == (standing.sent, standing.dropped)
    ):
        return
    card = BroadcastCard(standing.id, standing.state, standing.total, standing.sent, standing.dropped)
    key = f"broadcast-card:{standing.id}"
    await outbox.put(write, [outbox.Outgoing(key, standing.created_by, card, outbox.PROGRESS)], now)
