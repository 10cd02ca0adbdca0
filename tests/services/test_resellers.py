"""Resellers: who asked, who may, what they chose, and how somebody must stand to be decided about."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from services import resellers, users
from services.db import Database
from services.money import Money
from services.reseller_errors import NotAReseller, TooManyGroups
from services.resellers import Chat, ResellerView
from tests import reselling

ANA, BO = 2001, 2002
BY = "admin:9001"


async def met(db: Database, now: datetime, *people: int) -> None:
    async with db.write() as session:
        for user_id in people:
            await users.remember(
                session, user_id=user_id, name=f"R{user_id}", username=f"r{user_id}", language_code="en", now=now
            )


async def applied(db: Database, user_id: int, about: str, now: datetime) -> bool:
    async with db.write() as session:
        return await resellers.apply(session, user_id, about=about, now=now)


async def decided(db: Database, user_id: int, state: str, now: datetime) -> bool:
    async with db.write() as session:
        return await resellers.decide(session, user_id, state=state, actor=BY, now=now)


async def found(db: Database, user_id: int) -> ResellerView:
    async with db.read() as session:
        view = await resellers.find(session, user_id)
    assert view is not None
    return view


async def test_an_application_is_kept_as_it_was_made_until_it_is_decided(db: Database, now: datetime) -> None:
    await met(db, now, ANA)
    assert await applied(db, ANA, "ana.example", now)
    assert not await applied(db, ANA, "elsewhere.example", now)
    view = await found(db, ANA)
    assert (view.name, view.username, view.state, view.about) == ("R2001", "r2001", "applied", "ana.example")
    assert (view.tier, view.markup, view.news, view.low_balance) == (None, Decimal(50), "ends", None)
    assert (view.applied_at, view.decided_at, view.decided_by, view.may_sell) == (now, None, None, False)
    assert await decided(db, ANA, resellers.APPROVED, now + timedelta(hours=1))
    view = await found(db, ANA)
    assert (view.decided_at, view.decided_by, view.may_sell) == (now + timedelta(hours=1), BY, True)


async def test_of_two_who_decide_at_once_the_second_changes_nothing(db: Database, now: datetime) -> None:
    await met(db, now, ANA)
    await applied(db, ANA, "ana.example", now)
    assert await decided(db, ANA, resellers.APPROVED, now)
    assert not await decided(db, ANA, resellers.REFUSED, now)
    assert (await found(db, ANA)).state == "approved"


@pytest.mark.parametrize(
    ("steps", "allowed"),
    [
        ((), {"approved", "refused"}),
        (("approved",), {"suspended"}),
        (("refused",), {"approved"}),
        (("approved", "suspended"), {"approved"}),
    ],
)
async def test_how_somebody_stands_says_what_can_be_decided(
    db: Database, now: datetime, steps: tuple[str, ...], allowed: set[str]
) -> None:
    everybody = {"approved": 2001, "refused": 2002, "suspended": 2003}
    await met(db, now, *everybody.values())
    for user_id in everybody.values():
        await applied(db, user_id, "", now)
        for step in steps:
            assert await decided(db, user_id, step, now)
    assert {state for state, user_id in everybody.items() if await decided(db, user_id, state, now)} == allowed


async def test_nobody_is_decided_about_who_never_asked(db: Database, now: datetime) -> None:
    await met(db, now, ANA)
    assert not await decided(db, ANA, resellers.APPROVED, now)
    async with db.read() as session:
        assert await resellers.find(session, ANA) is None


async def test_who_was_refused_may_ask_again_and_who_is_suspended_may_not(db: Database, now: datetime) -> None:
    await met(db, now, ANA, BO)
    for user_id in (ANA, BO):
        await applied(db, user_id, "before", now)
    await decided(db, ANA, resellers.REFUSED, now)
    await decided(db, BO, resellers.APPROVED, now)
    await decided(db, BO, resellers.SUSPENDED, now)
    assert await applied(db, ANA, "again", now + timedelta(days=1))
    assert not await applied(db, BO, "again", now + timedelta(days=1))
    again, suspended = await found(db, ANA), await found(db, BO)
    assert (again.state, again.about, again.decided_at, again.decided_by) == ("applied", "again", None, None)
    assert (suspended.state, suspended.about, suspended.decided_by) == ("suspended", "before", BY)


async def test_only_the_approved_may_sell_and_the_others_hear_how_they_stand(db: Database, now: datetime) -> None:
    await met(db, now, ANA)
    stood = []
    for state in (None, "applied", "refused", "approved", "suspended"):
        if state == "applied":
            await applied(db, ANA, "", now)
        elif state is not None:
            await decided(db, ANA, state, now)
        async with db.read() as session:
            if state == "approved":
                assert (await resellers.require(session, ANA)).may_sell
                continue
            with pytest.raises(NotAReseller) as refused:
                await resellers.require(session, ANA)
        stood.append(refused.value.params["state"])
    assert stood == ["stranger", "applied", "refused", "suspended"]


async def test_the_last_to_ask_come_first_in_the_list_of_their_state(db: Database, now: datetime) -> None:
    await met(db, now, 1, 2, 3, 4)
    for days, user_id in enumerate((1, 2, 3, 4)):
        await applied(db, user_id, "", now + timedelta(days=days))
    await decided(db, 4, resellers.REFUSED, now)
    async with db.read() as session:
        assert [each.user_id for each in await resellers.listed(session, "applied")] == [3, 2, 1]
        assert [each.user_id for each in await resellers.listed(session, "applied", "refused", limit=2)] == [4, 3]


async def test_what_they_choose_stands_until_they_choose_otherwise(db: Database, now: datetime) -> None:
    await reselling.tier(db, "gold", "10", now)
    await reselling.approve(db, ANA, now)
    async with db.write() as session:
        await resellers.set_tier(session, ANA, "gold")
        await resellers.set_markup(session, ANA, Decimal("12.50"))
        await resellers.set_news(session, ANA, "every")
        await resellers.set_low_balance(session, ANA, Money.parse("5"))
    view = await found(db, ANA)
    assert (view.tier, view.markup, view.news, view.low_balance) == ("gold", Decimal("12.5"), "every", Money.parse("5"))
    async with db.write() as session:
        await resellers.set_tier(session, ANA, None)
        await resellers.set_low_balance(session, ANA, None)
    view = await found(db, ANA)
    assert (view.tier, view.low_balance) == (None, None)


async def test_a_chat_is_named_once_and_only_by_whom_it_belongs_to(db: Database, now: datetime) -> None:
    for user_id in (ANA, BO):
        await reselling.approve(db, user_id, now)
    async with db.write() as session:
        await resellers.add_chat(session, ANA, chat_id=-5, title="Orders", now=now)
        await resellers.add_chat(session, ANA, chat_id=-4, title="Team", now=now + timedelta(seconds=1))
        await resellers.add_chat(session, ANA, chat_id=-5, title="Orders of ours", now=now + timedelta(days=1))
        await resellers.add_chat(session, BO, chat_id=-5, title="Theirs", now=now)
        await resellers.drop_chat(session, BO, -4)
        assert await resellers.chats(session, ANA) == [Chat(-5, "Orders of ours"), Chat(-4, "Team")]
        await resellers.drop_chat(session, ANA, -5)
        assert await resellers.chats(session, ANA) == [Chat(-4, "Team")]
        assert await resellers.chats(session, BO) == [Chat(-5, "Theirs")]


async def named(db: Database, user_id: int, chat_id: int, now: datetime, title: str = "Orders") -> None:
    async with db.write() as session:
        await resellers.add_chat(session, user_id, chat_id=chat_id, title=title, now=now)


async def test_so_many_groups_hear_of_somebodys_orders_and_no_more(db: Database, now: datetime) -> None:
    for user_id in (ANA, BO):
        await reselling.approve(db, user_id, now)
    for number in range(1, resellers.MOST_GROUPS + 1):
        await named(db, ANA, -number, now)
    with pytest.raises(TooManyGroups) as refused:
        await named(db, ANA, -999, now)
    assert refused.value.params == {"maximum": resellers.MOST_GROUPS}
    await named(db, BO, -999, now)
    await named(db, ANA, -1, now, "Another title")
    async with db.write() as session:
        assert len(await resellers.chats(session, ANA)) == resellers.MOST_GROUPS
        await resellers.drop_chat(session, ANA, -1)
    await named(db, ANA, -999, now)


async def test_groups_that_are_named_at_the_same_time_are_no_more_either(db: Database, now: datetime) -> None:
    await reselling.approve(db, ANA, now)
    for number in range(1, resellers.MOST_GROUPS):
        await named(db, ANA, -number, now)
    tried = await asyncio.gather(*(named(db, ANA, -900 - each, now) for each in range(4)), return_exceptions=True)
    assert sum(isinstance(each, TooManyGroups) for each in tried) == 3, tried
    async with db.read() as session:
        assert len(await resellers.chats(session, ANA)) == resellers.MOST_GROUPS


async def test_somebody_is_found_by_id_name_or_what_they_said_of_themselves(db: Database, now: datetime) -> None:
    await met(db, now, ANA, BO, 2003)
    await applied(db, ANA, "likes on ana.example", now)
    await applied(db, BO, "100 % views", now + timedelta(hours=1))
    await decided(db, BO, resellers.APPROVED, now)
    async with db.read() as session:
        assert await resellers.counted(session) == {"applied": 1, "approved": 1}
        for who, expected in (
            (str(ANA), [ANA]),
            (f"#{ANA}", [ANA]),
            ("2003", []),
            ("@R2002", [BO]),
            ("r200", [BO, ANA]),
            ("ANA.ex", [ANA]),
            ("0 %", [BO]),
            ("9" * 30, []),
        ):
            assert [each.user_id for each in await resellers.search(session, who, limit=5)] == expected, who
        assert len(await resellers.search(session, "r200", limit=1)) == 1
