"""The people who run the shop: who has which role, given and taken, and whom alerts go to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select

from services.db import ReadSession, WriteSession
from services.errors import NotAllowed
from services.models import StaffMember, User
from services.policy import Policy
from services.roles import Role

SHELL = "shell"
"""Who grants a role by `python -m bot grant`."""
ALERTED = (Role.MANAGER.word, Role.OWNER.word)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a role. `granted_by` is admin:<id> or shell, None where the settings name them."""

    user_id: int
    name: str | None
    role: Role
    granted_by: str | None = None
    granted_at: datetime | None = None


async def members(read: ReadSession, owners: Collection[int]) -> Sequence[Member]:
    """Everybody with a role, `owners` of the settings included, the highest role first."""
    named = {row.id: row.name for row in await read.all(select(User.id, User.name).where(User.id.in_(sorted(owners))))}
    rows = await read.all(
        select(StaffMember.user_id, User.name, StaffMember.role, StaffMember.granted_by, StaffMember.granted_at)
        .outerjoin(User, User.id == StaffMember.user_id)
        .where(StaffMember.user_id.not_in(sorted(owners)))
    )
    granted = [Member(row.user_id, row.name, Role[row.role.upper()], row.granted_by, row.granted_at) for row in rows]
    settled = [Member(one, named.get(one), Role.OWNER) for one in sorted(owners)]
    return sorted([*settled, *granted], key=lambda member: (-member.role, member.granted_at is not None))


async def others(read: ReadSession, *, than: int, least: Role, owners: Collection[int]) -> list[int]:
    """Who else has at least this role, and can be reached: whoever never opened the chat says yes to nothing."""
    able = [member.user_id for member in await members(read, owners) if member.role >= least and member.user_id != than]
    reached = await read.values(
        select(User.id).where(User.id.in_(able), User.unreachable_since.is_(None), ~User.banned)
    )
    return sorted(reached, key=able.index)


async def informed(read: ReadSession, policy: Policy) -> Policy:
    """The policy with everybody whom alerts go to: the admins of the settings, owners and managers."""
    granted = await read.values(select(StaffMember.user_id).where(StaffMember.role.in_(ALERTED)))
    return replace(policy, admins=tuple(sorted({*policy.admins, *granted})))


async def grant(
    write: WriteSession, *, user_id: int, role: Role, actor: str, owners: Collection[int], now: datetime
) -> None:
    """Give somebody a role, instead of the one they have. NotAllowed for an owner whom the settings name."""
    if user_id in owners:
        raise NotAllowed(role="settings")
    row = {"user_id": user_id, "role": role.word, "granted_by": actor, "granted_at": now}
    insert = write.insert(StaffMember).values(row)
    await write.run(insert.on_conflict_do_update(index_elements=["user_id"], set_=row))


async def revoke(write: WriteSession, *, user_id: int, owners: Collection[int]) -> bool:
    """Take somebody's role; False where they have none. NotAllowed for an owner whom the settings name."""
    if user_id in owners:
        raise NotAllowed(role="settings")
    return bool((await write.run(delete(StaffMember).where(StaffMember.user_id == user_id))).rowcount)
