"""Resellers: who asked to sell on, who may, under which terms, and what they want to hear."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, delete, false, func, or_, select, true, type_coerce, update

from services import outbox
from services.columns import Whole, micros
from services.db import ReadSession, WriteSession
from services.models import Reseller, ResellerChat, User
from services.money import Money
from services.reseller_errors import NotAReseller, TooManyGroups
from services.reseller_notices import GroupLost

MARKUP = "50"
"""Percent above our rates that a reseller sells at until they say otherwise."""
MOST_GROUPS = 20
"""Groups that hear of one reseller's orders: each is a message of ours for every change."""
APPLIED, APPROVED, REFUSED, SUSPENDED = "applied", "approved", "refused", "suspended"
FROM: Mapping[str, Sequence[str]] = {
    APPROVED: (APPLIED, REFUSED, SUSPENDED),
    REFUSED: (APPLIED,),
    SUSPENDED: (APPROVED,),
}
"""How somebody must stand to be decided about so: of two who decide at once, the second finds it decided."""


@dataclass(frozen=True, slots=True)
class ResellerView:
    """A reseller, or somebody who asked to be one; `markup` in percent, `decided_by` is admin:<id>."""

    user_id: int
    name: str
    username: str | None
    state: str
    about: str
    tier: str | None
    markup: Decimal
    news: str
    low_balance: Money | None
    applied_at: datetime
    decided_at: datetime | None
    decided_by: str | None

    @property
    def may_sell(self) -> bool:
        """Whether their keys open the panel API."""
        return self.state == APPROVED


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat or group that hears how a reseller's orders fare."""

    chat_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Rooms:
    """How much the chats of a reseller hear (services.models.NEWS_LEVELS), and which they are."""

    level: str
    chats: Sequence[int]


def _views() -> Select[*tuple[Any, ...]]:
    return select(
        *(Reseller.user_id, User.name, User.username, Reseller.state, Reseller.about, Reseller.tier, Reseller.markup),
        *(Reseller.news, Reseller.low_balance, Reseller.applied_at, Reseller.decided_at, Reseller.decided_by),
    ).join(User, User.id == Reseller.user_id)


def _view(row: Sequence[object]) -> ResellerView:
    known = dict(zip(ResellerView.__dataclass_fields__, row, strict=True))
    return ResellerView(**known | {"markup": Decimal(str(known["markup"]))})  # type: ignore[arg-type]


async def find(read: ReadSession, user_id: int) -> ResellerView | None:
    """Somebody as a reseller, None where they never asked to be one."""
    row = await read.first(_views().where(Reseller.user_id == user_id))
    return None if row is None else _view(row)


async def require(read: ReadSession, user_id: int) -> ResellerView:
    """The same of somebody who may sell on; NotAReseller for everybody else."""
    found = await find(read, user_id)
    if found is None or not found.may_sell:
        raise NotAReseller(state="stranger" if found is None else found.state)
    return found


async def listed(read: ReadSession, *states: str, limit: int = 50) -> list[ResellerView]:
    """Resellers in these states, who asked last first."""
    rows = await read.all(
        _views()
        .where(Reseller.state.in_(states))
        .order_by(Reseller.applied_at.desc(), Reseller.user_id.desc())
        .limit(limit)
    )
    return [_view(row) for row in rows]


async def counted(read: ReadSession) -> dict[str, int]:
    """How many there are in each state."""
    rows = await read.all(select(Reseller.state, func.count()).group_by(Reseller.state))
    return {row[0]: row[1] for row in rows}


async def search(read: ReadSession, who: str, *, limit: int) -> list[ResellerView]:
    """Up to `limit` whom `who` may mean: an id, an @username, a part of a name or of what they said of themselves."""
    digits = who.removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) < 19 and (one := await find(read, int(digits))):
        return [one]
    part = who.removeprefix("@")
    said = or_(*(column.icontains(part, autoescape=True) for column in (User.name, User.username, Reseller.about)))
    rows = await read.all(
        _views().where(said).order_by(Reseller.applied_at.desc(), Reseller.user_id.desc()).limit(limit)
    )
    return [_view(row) for row in rows]


async def apply(write: WriteSession, user_id: int, *, about: str, now: datetime) -> bool:
    """Ask to sell on; False where that stands already. Whoever was refused may ask again; a suspended one may not."""
    row = {"user_id": user_id, "state": APPLIED, "about": about, "markup": MARKUP, "applied_at": now}
    insert = write.insert(Reseller).values(row)
    asked = await write.returned(
        insert.on_conflict_do_update(
            index_elements=["user_id"],
            set_={"state": APPLIED, "about": about, "applied_at": now, "decided_at": None, "decided_by": None},
            where=Reseller.state == REFUSED,
        ).returning(Reseller.user_id)
    )
    return bool(asked)


async def decide(
    write: WriteSession, user_id: int, *, state: str, actor: str, now: datetime, asked: int | None = None
) -> bool:
    """Approve, refuse or suspend somebody; False where they do not stand as one must for it (FROM).

    With `asked` it answers the application that was made then, in micro-seconds, and decides nothing else. Whoever is
    decided about is told by services.applications.decide; whoever is suspended is told nothing more of their orders,
    nor are their groups.
    """
    # Compared as it is kept: a forged tap may name no date at all.
    made = () if asked is None else (Reseller.state == APPLIED, type_coerce(Reseller.applied_at, Whole) == asked)
    moved = await write.run(
        update(Reseller)
        .where(Reseller.user_id == user_id, Reseller.state.in_(FROM[state]), *made)
        .values(state=state, decided_at=now, decided_by=actor)
    )
    if moved.rowcount and state == SUSPENDED:
        theirs = [chat.chat_id for chat in await chats(write, user_id)]
        await outbox.withdraw(write, news_key(user_id), [user_id, *theirs])
    return bool(moved.rowcount)


def news_key(user_id: int) -> str:
    """How the keys begin of all that chats are told of this reseller's orders."""
    return f"resale:{user_id}:"


async def set_tier(write: WriteSession, user_id: int, tier: str | None) -> None:
    """Put a reseller into a tier, or into none."""
    await write.run(update(Reseller).where(Reseller.user_id == user_id).values(tier=tier))


async def set_markup(write: WriteSession, user_id: int, percent: Decimal) -> None:
    """What they sell above our rates at, where an order does not say."""
    await write.run(update(Reseller).where(Reseller.user_id == user_id).values(markup=f"{percent:f}"))


async def set_news(write: WriteSession, user_id: int, level: str) -> None:
    """What their chats hear: every, ends or digest (services.models.NEWS_LEVELS)."""
    await write.run(update(Reseller).where(Reseller.user_id == user_id).values(news=level))


async def set_low_balance(write: WriteSession, user_id: int, limit: Money | None) -> None:
    """Below which balance they are warned; None: not at all."""
    await write.run(update(Reseller).where(Reseller.user_id == user_id).values(low_balance=limit, low_since=None))


async def chats(read: ReadSession, user_id: int) -> list[Chat]:
    """The chats that hear how this reseller's orders fare."""
    rows = await read.all(
        select(ResellerChat.chat_id, ResellerChat.title)
        .where(ResellerChat.user_id == user_id)
        .order_by(ResellerChat.added_at, ResellerChat.chat_id)
    )
    return [Chat(*row) for row in rows]


async def add_chat(write: WriteSession, user_id: int, *, chat_id: int, title: str, now: datetime) -> None:
    """Let a chat hear of their orders from now on; TooManyGroups where MOST_GROUPS others do."""
    # Until the transaction ends nobody else adds one of theirs.
    await write.value(select(Reseller.user_id).where(Reseller.user_id == user_id).with_for_update())
    others = select(func.count()).where(ResellerChat.user_id == user_id, ResellerChat.chat_id != chat_id)
    if (await write.value(others) or 0) >= MOST_GROUPS:
        raise TooManyGroups(maximum=MOST_GROUPS)
    row = {"user_id": user_id, "chat_id": chat_id, "title": title, "added_at": now}
    insert = write.insert(ResellerChat).values(row)
    await write.run(insert.on_conflict_do_update(index_elements=["user_id", "chat_id"], set_={"title": title}))


async def drop_chat(write: WriteSession, user_id: int, chat_id: int) -> None:
    """Let a chat hear no more of their orders, nor what is queued of them."""
    mine = (ResellerChat.user_id == user_id, ResellerChat.chat_id == chat_id)
    await write.run(delete(ResellerChat).where(*mine))
    await outbox.withdraw(write, news_key(user_id), [chat_id])


async def rooms(read: ReadSession, user_ids: Collection[int], *levels: str) -> dict[int, Rooms]:
    """Where those of these resellers hear of their orders who chose one of these levels.

    Whoever named no group hears of them in their own chat; who is banned, nowhere.
    """
    found = (
        select(Reseller.user_id, Reseller.news, ResellerChat.chat_id)
        .join(User, User.id == Reseller.user_id)
        .outerjoin(ResellerChat, ResellerChat.user_id == Reseller.user_id)
        .where(Reseller.state == APPROVED, User.banned.is_(false()))
        .where(Reseller.news.in_(levels), Reseller.user_id.in_(user_ids))
        .order_by(ResellerChat.added_at, ResellerChat.chat_id)
    )
    heard: dict[int, Rooms] = {}
    for row in await read.all(found):
        before = heard[row.user_id].chats if row.user_id in heard else ()
        heard[row.user_id] = Rooms(row.news, [*before, row.user_id if row.chat_id is None else row.chat_id])
    return heard


async def lose_chat(write: WriteSession, chat_id: int, now: datetime, *, user_id: int | None = None) -> None:
    """A group that the bot was put out of, or may not write to, hears of nobody's orders any more, or not of theirs.

    Those whose orders it heard of are told so in their own chats.
    """
    theirs = true() if user_id is None else ResellerChat.user_id == user_id
    lost = await write.returned(
        delete(ResellerChat)
        .where(ResellerChat.chat_id == chat_id, theirs)
        .returning(ResellerChat.user_id, ResellerChat.title)
    )
    titles = {row.user_id: row.title for row in lost}
    if not titles:
        return
    others = await write.all(
        select(Reseller.user_id, func.count(ResellerChat.chat_id).label("number"))
        .outerjoin(ResellerChat, ResellerChat.user_id == Reseller.user_id)
        .where(Reseller.user_id.in_(titles), Reseller.state == APPROVED)
        .group_by(Reseller.user_id)
    )
    key = f"group-lost:{chat_id}:{micros(now)}"
    told = [(row.user_id, GroupLost(titles[row.user_id], row.number)) for row in others]
    await outbox.put(write, [outbox.Outgoing(f"{key}:{who}", who, notice) for who, notice in told], now)


async def move_chat(write: WriteSession, chat_id: int, to: int, now: datetime) -> None:
    """A group goes on under another id, and what is queued for it goes there."""
    there = select(ResellerChat.user_id).where(ResellerChat.chat_id == to).scalar_subquery()
    mine = (ResellerChat.chat_id == chat_id, ResellerChat.user_id.not_in(there))
    await write.run(update(ResellerChat).where(*mine).values(chat_id=to))
    await write.run(delete(ResellerChat).where(ResellerChat.chat_id == chat_id))
    await outbox.move_chat(write, chat_id, to, now)
