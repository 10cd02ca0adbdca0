"""The people the shop has met: who they are, how they want to be told, whether they can be reached."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select, update

from services import roles, wallet
from services.db import ReadSession, WriteSession
from services.errors import PersonNotFound, SeveralSuch
from services.models import ResellerChat, StaffMember, User
from services.quiet import NONE, QuietHours
from services.roles import Role

SHOWN = 5
"""People of one username who are named."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody the bot has met. `id` is Telegram's, of the person and of their private chat alike.

    `language_code` is what their Telegram client says, `locale` what they chose themselves, if they did. `role` is what
    they may do in running the shop, None for a customer.
    """

    id: int
    name: str
    username: str | None
    language_code: str | None
    locale: str | None
    banned: bool
    reachable: bool
    role: Role | None = None

    @property
    def is_staff(self) -> bool:
        """Whether they help to run the shop."""
        return self.role is not None

    def is_as(self, *, name: str, username: str | None, language_code: str | None) -> bool:
        """Whether `remember` would have nothing to write: so a look is enough, and no transaction is opened."""
        return self.reachable and (self.name, self.username, self.language_code) == (name, username, language_code)


@dataclass(frozen=True, slots=True)
class Reader:
    """How somebody wants to be told: the language they chose and the one of their Telegram client, and when softly."""

    languages: tuple[str | None, ...] = ()
    quiet: QuietHours = NONE


_QUIET = (User.quiet_begins, User.quiet_ends, User.utc_offset)


async def find(read: ReadSession, user_id: int) -> Person | None:
    """The person with this id, or None where the bot never met them."""
    row = await read.first(
        select(
            User.id,
            User.name,
            User.username,
            User.language_code,
            User.locale,
            User.banned,
            User.unreachable_since,
            StaffMember.role,
        )
        .outerjoin(StaffMember, StaffMember.user_id == User.id)
        .where(User.id == user_id)
    )
    if row is None:
        return None
    return Person(*row[:6], reachable=row.unreachable_since is None, role=roles.role(row.role))


async def known(read: ReadSession, who: str) -> Person:
    """The person of whom an admin typed the id or the username, with its @ or without.

    PersonNotFound where the bot has met nobody such. Usernames pass from one person to another, and the bot hears of it
    when they write: SeveralSuch where it knows one of several people.
    """
    digits = who.removeprefix("#")
    found = None
    if digits.isascii() and digits.isdigit() and len(digits) < 19:
        found = await find(read, int(digits))
    else:
        named = select(User.id).where(func.lower(User.username) == who.removeprefix("@").lower())
        ids = await read.values(named.order_by(User.created_at.desc(), User.id.desc()).limit(SHOWN))
        if len(ids) > 1:
            raise SeveralSuch(who=who[:40], ids=", ".join(map(str, ids)))
        found = await find(read, ids[0]) if ids else None
    if found is None:
        raise PersonNotFound(who=who[:40])
    return found


async def readers(read: ReadSession, chat_ids: Collection[int]) -> dict[int, Reader]:
    """How those whom the bot has met want to be told; in a group, in the language of the reseller whose it is first."""
    rows = await read.all(select(User.id, User.locale, User.language_code, *_QUIET).where(User.id.in_(chat_ids)))
    found = {row.id: Reader((row.locale, row.language_code), QuietHours(*row[3:])) for row in rows}
    groups = [chat for chat in chat_ids if chat < 0]
    if groups:
        theirs = (
            select(ResellerChat.chat_id, User.locale, User.language_code)
            .join(User, User.id == ResellerChat.user_id)
            .where(ResellerChat.chat_id.in_(groups))
            .order_by(ResellerChat.added_at.desc(), ResellerChat.user_id.desc())
        )
        found |= {row.chat_id: Reader((row.locale, row.language_code)) for row in await read.all(theirs)}
    return found


async def quiet_hours(read: ReadSession, user_id: int) -> QuietHours:
    """A person's quiet hours, and the clock they go by."""
    row = await read.first(select(*_QUIET).where(User.id == user_id))
    return NONE if row is None else QuietHours(*row)


async def names(read: ReadSession, user_ids: Collection[int]) -> dict[int, str]:
    """What those whom the bot has met call themselves."""
    rows = await read.all(select(User.id, User.name).where(User.id.in_(user_ids)))
    return {row.id: row.name for row in rows}


async def remember(
    write: WriteSession, *, user_id: int, name: str, username: str | None, language_code: str | None, now: datetime
) -> Person:
    """Meet somebody: a new person gets a wallet, a known one their new name; only what changed is written.

    Whoever writes to the bot can be reached again.
    """
    known = await find(write, user_id)
    told = {"name": name, "username": username, "language_code": language_code}
    if known is None:
        row = {"id": user_id, "banned": False, "created_at": now, **told}
        await write.run(write.insert(User).values(row).on_conflict_do_nothing())
        await wallet.open_for(write, user_id)
        role = roles.role(await write.value(select(StaffMember.role).where(StaffMember.user_id == user_id)))
        return Person(user_id, name, username, language_code, locale=None, banned=False, reachable=True, role=role)
    if known.is_as(name=name, username=username, language_code=language_code):
        return known
    await write.run(update(User).where(User.id == user_id).values(unreachable_since=None, **told))
    return replace(known, name=name, username=username, language_code=language_code, reachable=True)


async def choose_locale(write: WriteSession, user_id: int, locale: str | None) -> None:
    """Keep the language a person chose; None leaves it to their Telegram client again."""
    await write.run(update(User).where(User.id == user_id).values(locale=locale))


async def choose_quiet(write: WriteSession, user_id: int, hours: QuietHours) -> None:
    """Keep the quiet hours that a person chose, and what their clock shows."""
    chosen = {"quiet_begins": hours.begins, "quiet_ends": hours.ends, "utc_offset": hours.offset}
    await write.run(update(User).where(User.id == user_id).values(**chosen))


async def wants_news(read: ReadSession, user_id: int) -> bool:
    """Whether somebody wants the messages that go to many."""
    return bool(await read.value(select(User.news).where(User.id == user_id)))


async def choose_news(write: WriteSession, user_id: int, *, wanted: bool) -> None:
    """Keep whether somebody wants them."""
    await write.run(update(User).where(User.id == user_id).values(news=wanted))


async def mark_unreachable(write: WriteSession, user_id: int, now: datetime) -> None:
    """Note that a person blocked the bot or is gone, since when it was first seen."""
    await write.run(
        update(User).where(User.id == user_id, User.unreachable_since.is_(None)).values(unreachable_since=now)
    )
