"""People as the staff sees them: found, added up, banned with their money untouched, and never the staff itself."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from services import actions, people, staff, users
from services.errors import PersonNotFound, StaffStays
from services.models import Update, User
from services.money import ZERO, Money
from services.people import Profile
from services.roles import Role
from tests.scripted_panel import row
from tests.shop import LINK, MIA, Shop

OMAR = 1002


async def found(shop: Shop, who: str, limit: int = 10) -> list[int]:
    async with shop.db.read() as session:
        return [person.id for person in await people.search(session, who, limit=limit)]


async def profile(shop: Shop, user_id: int = MIA, *owners: int) -> Profile:
    async with shop.db.read() as session:
        return await people.profile(session, user_id, owners, notes=2)


async def banned(shop: Shop, user_id: int = MIA, *owners: int) -> bool:
    async with shop.db.write() as session:
        return await people.ban(session, user_id=user_id, owners=owners)


async def called(shop: Shop, user_id: int, name: str, username: str | None = None) -> None:
    async with shop.db.write() as session:
        await users.remember(session, user_id=user_id, name=name, username=username, language_code="en", now=shop.time)


async def test_somebody_is_found_by_id_username_and_part_of_a_name(shop: Shop) -> None:
    await called(shop, 7, "Миа Петрова", "petrova_100%")
    shop.wait(days=1)
    await called(shop, 8, "Mia Berg", "MiaB")
    assert await found(shop, str(MIA)) == await found(shop, f"#{MIA}") == [MIA]
    assert await found(shop, "@miab") == [8]
    assert await found(shop, "mia") == [8, MIA]
    assert await found(shop, "berg") == [8]
    assert await found(shop, "петро") == [7]
    assert await found(shop, "@petrova") == [7]
    assert await found(shop, "100%") == [7]
    assert await found(shop, "100") == [7]
    assert await found(shop, "mia", limit=1) == [8]
    assert await found(shop, "%") == [7]
    assert await found(shop, "nobody") == await found(shop, "@nobody") == []


async def test_what_somebody_ordered_and_spent_is_added_up(shop: Shop) -> None:
    fresh = await profile(shop)
    assert (fresh.orders, fresh.open, fresh.spent, fresh.held, fresh.refunded) == (0, 0, ZERO, ZERO, ZERO)
    assert fresh.seen == fresh.met == shop.time
    await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    shop.wait(hours=1)
    await shop.buy(100, f"{LINK}2")
    told = await profile(shop)
    assert (told.orders, told.open) == (2, 1)
    assert (told.spent, told.held, told.refunded) == tuple(map(Money.parse, ("6", "1", "4")))
    assert told.balance == Money.parse("18")
    assert told.seen == shop.time
    assert told.person.name == "Mia"


async def test_somebody_was_last_seen_when_they_last_wrote(shop: Shop) -> None:
    moments = [shop.time + timedelta(hours=hours) for hours in (1, 2)]
    rows = [
        {
            "bot_id": 1,
            "update_id": number,
            "person_id": MIA,
            "payload": {},
            "state": "done",
            "tries": 0,
            "received_at": at,
        }
        for number, at in enumerate(moments)
    ]
    async with shop.db.write() as session:
        await session.run(insert(Update), rows)
        await users.mark_unreachable(session, MIA, moments[1])
    told = await profile(shop)
    assert (told.seen, told.gone, told.person.reachable) == (moments[1], moments[1], False)
    assert (await profile(shop, OMAR)).seen == shop.time


async def test_a_banned_person_keeps_money_and_orders_and_can_be_let_in_again(shop: Shop) -> None:
    await shop.placed()
    assert await banned(shop)
    assert not await banned(shop)
    assert (await profile(shop)).person.banned
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    assert await shop.balance() == "19.00"
    async with shop.db.write() as session:
        assert await people.unban(session, user_id=MIA, now=shop.time)
        assert not await people.unban(session, user_id=MIA, now=shop.time)
    assert not (await profile(shop)).person.banned
    await shop.audit()


async def test_who_runs_the_shop_cannot_be_banned(shop: Shop) -> None:
    with pytest.raises(StaffStays):
        await banned(shop, MIA, MIA)
    async with shop.db.write() as session:
        await staff.grant(session, user_id=MIA, role=Role.READER, actor="shell", owners=(), now=shop.time)
    with pytest.raises(StaffStays):
        await banned(shop)
    assert not (await profile(shop)).person.banned
    assert (await profile(shop)).person.role is Role.READER
    assert (await profile(shop, MIA, MIA)).person.role is Role.OWNER


async def test_nobody_is_not_found(shop: Shop) -> None:
    with pytest.raises(PersonNotFound):
        await banned(shop, 99)
    with pytest.raises(PersonNotFound):
        await profile(shop, 99)


async def test_the_last_notes_and_the_last_ban_come_with_a_profile(shop: Shop) -> None:
    async with shop.db.write() as session:
        for number, (code, user_id) in enumerate(
            [("note", MIA), ("ban", MIA), ("note", MIA), ("note", OMAR), ("ban", MIA), ("note", MIA)]
        ):
            await actions.record(
                session,
                key=str(number),
                actor="admin:1",
                code=code,
                subject=people.subject(user_id),
                detail={"text": str(number)},
                now=shop.time,
            )
    told = await profile(shop)
    assert [note.detail["text"] for note in told.notes] == ["5", "2"]
    assert told.ban is None
    async with shop.db.write() as session:
        await session.run(update(User).where(User.id == MIA).values(banned=True))
    ban = (await profile(shop)).ban
    assert ban is not None
    assert ban.detail["text"] == "4"
