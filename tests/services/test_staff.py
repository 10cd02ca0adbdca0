"""The people who run the shop: roles given and taken, whom alerts go to, what is written down, what waits for a yes."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from services import actions, approvals, staff, users
from services.db import Database
from services.errors import AnotherMustConfirm, ApprovalGone, NotAllowed, PersonNotFound, SeveralSuch
from services.models import Approval
from services.money import Money
from services.policy import Policy
from services.roles import Role, role

OWNER, ADA, BEN = 9001, 9002, 9003
OWNERS = frozenset({OWNER})


async def meet(db: Database, now: datetime, user_id: int, name: str) -> None:
    async with db.write() as session:
        await users.remember(session, user_id=user_id, name=name, username=name.lower(), language_code="en", now=now)


async def hire(db: Database, now: datetime, user_id: int, as_: Role) -> None:
    async with db.write() as session:
        await staff.grant(session, user_id=user_id, role=as_, actor="admin:9001", owners=OWNERS, now=now)


async def test_owners_of_the_settings_come_first_and_then_whom_they_named(db: Database, now: datetime) -> None:
    await meet(db, now, OWNER, "Olga")
    await meet(db, now, ADA, "Ada")
    await hire(db, now, BEN, Role.READER)
    await hire(db, now, ADA, Role.MANAGER)
    async with db.read() as session:
        found = await staff.members(session, OWNERS)
        assert [(one.user_id, one.name, one.role, one.granted_by) for one in found] == [
            (OWNER, "Olga", Role.OWNER, None),
            (ADA, "Ada", Role.MANAGER, "admin:9001"),
            (BEN, None, Role.READER, "admin:9001"),
        ]
        assert found[1].granted_at == now
        assert await staff.others(session, than=OWNER, least=Role.MANAGER, owners=OWNERS) == [ADA]
        assert await staff.others(session, than=ADA, least=Role.READER, owners=OWNERS) == [OWNER]  # Ben never came


async def test_a_role_is_replaced_and_taken(db: Database, now: datetime) -> None:
    await hire(db, now, ADA, Role.READER)
    await hire(db, now, ADA, Role.SUPPORT)
    async with db.write() as session:
        assert [one.role for one in await staff.members(session, ())] == [Role.SUPPORT]
        assert await staff.revoke(session, user_id=ADA, owners=OWNERS)
        assert not await staff.revoke(session, user_id=ADA, owners=OWNERS)
        assert await staff.members(session, ()) == []


async def test_nobody_changes_an_owner_of_the_settings(db: Database, now: datetime) -> None:
    async with db.write() as session:
        with pytest.raises(NotAllowed):
            await staff.grant(session, user_id=OWNER, role=Role.READER, actor="shell", owners=OWNERS, now=now)
        with pytest.raises(NotAllowed):
            await staff.revoke(session, user_id=OWNER, owners=OWNERS)


async def test_a_person_carries_their_role_from_the_first_word_on(db: Database, now: datetime) -> None:
    await hire(db, now, ADA, Role.SUPPORT)
    async with db.write() as session:
        met = await users.remember(session, user_id=ADA, name="Ada", username=None, language_code=None, now=now)
    assert met.role is Role.SUPPORT
    assert met.is_staff
    assert not replace(met, role=None).is_staff
    async with db.read() as session:
        assert (await users.find(session, ADA)) == met
    assert role("boss") is None
    assert role(None) is None


async def test_alerts_go_to_the_admins_of_the_settings_to_owners_and_to_managers(db: Database, now: datetime) -> None:
    await hire(db, now, ADA, Role.MANAGER)
    await hire(db, now, BEN, Role.SUPPORT)
    await hire(db, now, 9004, Role.OWNER)
    policy = Policy(admins=(OWNER,), stuck_after=timedelta(hours=7))
    async with db.read() as session:
        told = await staff.informed(session, policy)
    assert told.admins == (OWNER, ADA, 9004)
    assert told.stuck_after == policy.stuck_after


@pytest.mark.parametrize("who", ["9002", "#9002", "@ADA", "@ada", "Ada"])
async def test_somebody_is_found_by_id_and_by_name(db: Database, now: datetime, who: str) -> None:
    await meet(db, now, ADA, "Ada")
    async with db.read() as session:
        assert (await users.known(session, who)).id == ADA


@pytest.mark.parametrize("who", ["9", "Adam", "@", "@adaa", "²", "9" * 30])
async def test_whom_nobody_has_met_is_not_found(db: Database, now: datetime, who: str) -> None:
    await meet(db, now, ADA, "Ada")
    async with db.read() as session:
        with pytest.raises(PersonNotFound):
            await users.known(session, who)


async def test_a_name_that_passed_on_says_nothing_of_whose_money_is_meant(db: Database, now: datetime) -> None:
    await meet(db, now, ADA, "Ada")
    await meet(db, now, BEN, "Ada")
    async with db.read() as session:
        with pytest.raises(SeveralSuch) as told:
            await users.known(session, "@ada")
    assert told.value.params == {"who": "@ada", "ids": f"{BEN}, {ADA}"}


# What was done


async def test_a_step_is_written_down_once_with_its_money(db: Database, now: datetime) -> None:
    async with db.write() as session:
        first = await actions.record(
            session,
            key="message:1:1",
            actor=actions.by(ADA),
            code="credit",
            subject="user:7",
            detail={"amount": Money.parse("4.00"), "reason": "thanks"},
            now=now,
        )
        again = await actions.record(session, key="message:1:1", actor=actions.by(ADA), code="credit", now=now)
        await actions.record(session, key="shell:1", actor="shell", code="grant", now=now)
        assert (first, again) == (True, False)
        done = await actions.history(session, limit=10)
        assert [(one.code, one.admin, one.subject) for one in done] == [
            ("grant", None, None),
            ("credit", ADA, "user:7"),
        ]
        assert done[1].detail == {"amount": Money.parse("4.00"), "reason": "thanks"}
        assert await actions.history(session, limit=10, before=done[0].id) == done[1:]
        assert await actions.history(session, limit=10, subject="user:7") == done[1:]
        assert await actions.history(session, limit=10, actor="shell") == done[:1]
        assert await actions.history(session, limit=1) == done[:1]


# What waits for a yes


async def asked(db: Database, now: datetime, *, second: bool = False, key: str = "debit:1") -> approvals.Asked:
    async with db.write() as session:
        return await approvals.ask(
            session,
            key=key,
            code="debit",
            subject="user:7",
            params={"amount": Money.parse("4.00")},
            second=second,
            asked_by=ADA,
            now=now,
        )


async def test_a_step_is_asked_for_once_for_each_message(db: Database, now: datetime) -> None:
    first, again = await asked(db, now), await asked(db, now + timedelta(hours=1))
    assert first == again
    async with db.read() as session:
        assert await approvals.find(session, first.id) == first
        assert len(await session.all(select(Approval.id))) == 1
        with pytest.raises(ApprovalGone):
            await approvals.find(session, first.id + 1)


async def test_a_step_is_taken_once(db: Database, now: datetime) -> None:
    step = await asked(db, now)
    async with db.write() as session:
        assert (await approvals.take(session, step.id, by=ADA, now=now)).params == {"amount": Money.parse("4.00")}
        with pytest.raises(ApprovalGone):
            await approvals.take(session, step.id, by=BEN, now=now)
        with pytest.raises(ApprovalGone):
            await approvals.refuse(session, step.id, by=BEN, now=now)


async def test_what_was_refused_is_not_taken(db: Database, now: datetime) -> None:
    step = await asked(db, now)
    async with db.write() as session:
        await approvals.refuse(session, step.id, by=ADA, now=now)
        with pytest.raises(ApprovalGone):
            await approvals.take(session, step.id, by=ADA, now=now)


async def test_a_large_step_takes_a_second_person(db: Database, now: datetime) -> None:
    step = await asked(db, now, second=True)
    async with db.write() as session:
        with pytest.raises(AnotherMustConfirm):
            await approvals.take(session, step.id, by=ADA, now=now)
        assert (await approvals.take(session, step.id, by=BEN, now=now)).asked_by == ADA


async def test_the_one_who_asked_may_take_a_large_step_back(db: Database, now: datetime) -> None:
    step = await asked(db, now, second=True)
    async with db.write() as session:
        await approvals.refuse(session, step.id, by=ADA, now=now)


async def test_a_step_nobody_decided_for_a_day_is_not_taken_any_more(db: Database, now: datetime) -> None:
    step = await asked(db, now, second=True)
    async with db.write() as session:
        with pytest.raises(ApprovalGone):
            await approvals.take(session, step.id, by=BEN, now=now + approvals.STANDS)
        await approvals.take(session, step.id, by=BEN, now=now + approvals.STANDS - timedelta(seconds=1))


async def test_what_one_only_asks_oneself_lapses_in_ten_minutes(db: Database, now: datetime) -> None:
    """A button left in the chat is tapped by accident later."""
    step = await asked(db, now)
    async with db.write() as session:
        with pytest.raises(ApprovalGone):
            await approvals.take(session, step.id, by=ADA, now=now + approvals.STANDS_ALONE)
        await approvals.take(session, step.id, by=ADA, now=now + approvals.STANDS_ALONE - timedelta(seconds=1))
