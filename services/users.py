"""The people the shop has met: who they are, how they want to be told, whether they can be reached."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from services import wallet
from services.db import ReadSession, WriteSession
from services.models import User
from services.quiet import NONE, QuietHours


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody the bot has met. `id` is Telegram's, of the person and of their private chat alike.

    `language_code` is what their Telegram client says, `locale` what they chose themselves, if they did.
    """

    id: int
    name: str
    username: str | None
    language_code: str | None
    locale: str | None
    banned: bool
    reachable: bool

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
        ).where(User.id == user_id)
    )
    return None if row is None else Person(*row[:6], reachable=row.unreachable_since is None)


async def readers(read: ReadSession, user_ids: Collection[int]) -> dict[int, Reader]:
    """How those whom the bot has met want to be told."""
    rows = await read.all(select(User.id, User.locale, User.language_code, *_QUIET).where(User.id.in_(user_ids)))
    return {row.id: Reader((row.locale, row.language_code), QuietHours(*row[3:])) for row in rows}


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
        return Person(user_id, name, username, language_code, locale=None, banned=False, reachable=True)
    if known.is_as(name=name, username=username, language_code=language_code):
        return known
    await write.run(update(User).where(User.id == user_id).values(unreachable_since=None, **told))
    return Person(user_id, name, username, language_code, known.locale, known.banned, reachable=True)


async def choose_locale(write: WriteSession, user_id: int, locale: str | None) -> None:
    """Keep the language a person chose; None leaves it to their Telegram client again."""
    await write.run(update(User).where(User.id == user_id).values(locale=locale))


async def choose_quiet(write: WriteSession, user_id: int, hours: QuietHours) -> None:
    """Keep the quiet hours that a person chose, and what their clock shows."""
    chosen = {"quiet_begins": hours.begins, "quiet_ends": hours.ends, "utc_offset": hours.offset}
    await write.run(update(User).where(User.id == user_id).values(**chosen))


async def mark_unreachable(write: WriteSession, user_id: int, now: datetime) -> None:
    """Note that a person blocked the bot or is gone, since when it was first seen."""
    await write.run(
        update(User).where(User.id == user_id, User.unreachable_since.is_(None)).values(unreachable_since=now)
    )
