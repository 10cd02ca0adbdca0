"""People: met once, renamed when they are, reachable as long as they write."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from services import users
from services.db import Database
from services.ledger import balance
from services.models import Account, User
from services.money import ZERO
from services.quiet import QuietHours
from tests.statements import watched


async def meet(
    db: Database, now: datetime, *, name: str = "Mia", username: str | None = "mia", language_code: str | None = "de"
) -> users.Person:
    async with db.write() as session:
        return await users.remember(
            session, user_id=7, name=name, username=username, language_code=language_code, now=now
        )


async def found(db: Database) -> users.Person | None:
    async with db.read() as session:
        return await users.find(session, 7)


async def test_a_new_person_is_remembered_with_an_empty_wallet(db: Database, now: datetime) -> None:
    assert await found(db) is None
    met = await meet(db, now)
    assert met == users.Person(7, "Mia", "mia", "de", locale=None, banned=False, reachable=True)
    assert await found(db) == met
    async with db.read() as session:
        assert await session.value(select(User.created_at)) == now
        assert await session.value(select(Account.floor).where(Account.id == "wallet:7")) == ZERO
        assert await balance(session, "wallet:7") == ZERO


async def test_a_person_as_known_is_met_again_without_a_write(db: Database, now: datetime) -> None:
    met = await meet(db, now)
    with watched(db) as statements:
        assert await meet(db, now + timedelta(days=1)) == met
    assert [words.split()[0] for words in statements if not words.startswith("BEGIN")] == ["SELECT"]


async def test_a_new_name_replaces_the_old_one_and_keeps_the_chosen_language(db: Database, now: datetime) -> None:
    await meet(db, now)
    async with db.write() as session:
        await users.choose_locale(session, 7, "fr")
    renamed = await meet(db, now, name="Mia M.", username=None, language_code=None)
    assert renamed == users.Person(7, "Mia M.", None, None, locale="fr", banned=False, reachable=True)
    assert await found(db) == renamed
    async with db.write() as session:
        await users.choose_locale(session, 7, None)
    assert (await meet(db, now)).locale is None


async def test_who_blocked_the_bot_is_unreachable_until_they_write_again(db: Database, now: datetime) -> None:
    await meet(db, now)
    for seen in (now, now + timedelta(hours=1)):
        async with db.write() as session:
            await users.mark_unreachable(session, 7, seen)
    person = await found(db)
    assert person is not None
    assert not person.reachable
    assert not person.is_as(name="Mia", username="mia", language_code="de")
    async with db.read() as session:
        assert await session.value(select(User.unreachable_since)) == now
    assert (await meet(db, now)).reachable
    assert await found(db) == await meet(db, now)


async def test_a_banned_person_stays_banned_whatever_they_call_themselves(db: Database, now: datetime) -> None:
    await meet(db, now)
    async with db.write() as session:
        await session.run(update(User).values(banned=True))
    assert (await meet(db, now, name="Somebody else")).banned


async def test_updates_that_arrive_together_meet_one_person(db: Database, now: datetime) -> None:
    met = await asyncio.gather(*(meet(db, now) for _ in range(8)))
    assert len(set(met)) == 1
    async with db.read() as session:
        assert await session.value(select(func.count()).select_from(User)) == 1


async def test_how_many_want_to_be_told_is_known_at_once(db: Database, now: datetime) -> None:
    await meet(db, now)
    async with db.write() as session:
        await users.remember(session, user_id=8, name="Omar", username=None, language_code=None, now=now)
        await users.choose_locale(session, 8, "ar")
        await users.choose_quiet(session, 8, QuietHours(22, 8, 330))
        assert await users.readers(session, {7, 8, 9}) == {
            7: users.Reader((None, "de"), QuietHours()),
            8: users.Reader(("ar", None), QuietHours(22, 8, 330)),
        }
        assert await users.quiet_hours(session, 8) == QuietHours(22, 8, 330)
        assert await users.quiet_hours(session, 9) == QuietHours()


async def test_the_names_of_many_are_known_at_once(db: Database, now: datetime) -> None:
    await meet(db, now)
    async with db.write() as session:
        await users.remember(session, user_id=8, name="Omar", username=None, language_code=None, now=now)
        assert (await users.names(session, {8, 9})) == {8: "Omar"}
