"""People as the staff sees them: found by a part of their name, with what they ordered and spent; banned and let in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, case, exists, false, func, literal, or_, select, true, type_coerce, update

from services import actions, service_news, users, wallet
from services.actions import Done
from services.columns import Amount
from services.db import ReadSession, WriteSession
from services.errors import PersonNotFound, StaffStays
from services.models import Order, StaffMember, Update, User
from services.money import ZERO, Money
from services.order_view import FINISHED
from services.roles import Role
from services.users import Person

BAN, NOTE = "ban", "note"
"""Codes under which the log has why somebody was banned, and what was noted about them."""


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody whom a search found."""

    id: int
    name: str
    username: str | None
    banned: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """All that is known of somebody. `spent` is what the shop kept of orders that are over, `held` lies in open ones.

    `seen` is when they last did something that is still remembered, `ban` why they are banned, where they are.
    """

    person: Person
    met: datetime
    gone: datetime | None
    balance: Money
    orders: int
    open: int
    spent: Money
    held: Money
    refunded: Money
    seen: datetime
    ban: Done | None
    notes: Sequence[Done]


def subject(user_id: int) -> str:
    """Somebody as the log has them."""
    return f"user:{user_id}"


async def search(read: ReadSession, who: str, *, limit: int) -> Sequence[Found]:
    """Up to `limit` people whom `who` may mean: an id, an @username, or a part of a name; those met last first."""
    chosen = select(User.id, User.name, User.username, User.banned)
    digits = who.removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) < 19:
        row = await read.first(chosen.where(User.id == int(digits)))
        if row is not None:
            return [Found(*row)]
    if who.startswith("@"):
        exact = await read.all(chosen.where(func.lower(User.username) == who[1:].lower()).limit(limit))
        if exact:
            return [Found(*row) for row in exact]
    part = _part(who.removeprefix("@"))
    rows = await read.all(chosen.where(part).order_by(User.created_at.desc(), User.id.desc()).limit(limit))
    return [Found(*row) for row in rows]


def _part(word: str) -> ColumnElement[bool]:
    """Whether it stands in a name. SQLite lowers Latin letters alone: so others are looked for as they may begin."""
    spelt = sorted({word, word.lower(), word.capitalize()})
    return or_(*(name.icontains(each, autoescape=True) for each in spelt for name in (User.name, User.username)))


async def profile(read: ReadSession, user_id: int, owners: Collection[int], *, notes: int) -> Profile:
    """Somebody with their last `notes` notes; `owners` of the settings count as such. PersonNotFound."""
    person = await users.find(read, user_id)
    if person is None:
        raise PersonNotFound(who=str(user_id))
    if user_id in owners:
        person = replace(person, role=Role.OWNER)
    [row] = await read.all(select(User.created_at, User.unreachable_since).where(User.id == user_id))
    over, nothing = Order.status.in_(sorted(FINISHED)), literal(ZERO, Amount())
    kept = type_coerce(Order.charge - Order.refunded, Amount())
    [sums] = await read.all(
        select(
            func.count().label("orders"),
            func.coalesce(func.sum(case((over, 0), else_=1)), 0).label("open"),
            func.coalesce(func.sum(case((over, kept), else_=nothing)), nothing).label("spent"),
            func.coalesce(func.sum(case((over, nothing), else_=Order.charge)), nothing).label("held"),
            func.coalesce(func.sum(Order.refunded), nothing).label("refunded"),
            func.max(Order.created_at).label("last"),
        ).where(Order.user_id == user_id)
    )
    written = await read.value(
        select(Update.received_at).where(Update.person_id == user_id).order_by(Update.received_at.desc()).limit(1)
    )
    banned = await actions.history(read, limit=1, subject=subject(user_id), code=BAN) if person.banned else []
    return Profile(
        person=person,
        met=row.created_at,
        gone=row.unreachable_since,
        balance=await wallet.balance(read, user_id),
        orders=sums.orders,
        open=int(sums.open),
        spent=sums.spent,
        held=sums.held,
        refunded=sums.refunded,
        seen=max(moment for moment in (row.created_at, sums.last, written) if moment is not None),
        ban=banned[0] if banned else None,
        notes=await actions.history(read, limit=notes, subject=subject(user_id), code=NOTE),
    )


async def ban(write: WriteSession, *, user_id: int, owners: Collection[int]) -> bool:
    """Keep somebody out from now on; False where they are already. Their money and orders stay as they are.

    StaffStays where they run the shop, PersonNotFound where the bot has not met them.
    """
    person = await users.find(write, user_id)
    if person is None:
        raise PersonNotFound(who=str(user_id))
    if person.role is not None or user_id in owners:
        raise StaffStays
    runs_the_shop = exists().where(StaffMember.user_id == user_id)
    taken = await write.run(
        update(User).where(User.id == user_id, User.banned.is_(false()), ~runs_the_shop).values(banned=True)
    )
    return bool(taken.rowcount)


async def unban(write: WriteSession, *, user_id: int, now: datetime) -> bool:
    """Let somebody in again, and tell their site what it missed; False where they are not banned."""
    let_in = update(User).where(User.id == user_id, User.banned.is_(true())).values(banned=False)
    if (await write.run(let_in)).rowcount != 1:
        return False
    await service_news.catch_up(write, user_id, now)
    return True
