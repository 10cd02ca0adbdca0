"""Applications to sell on: whoever may decide is told, the first of them decides, and the applicant hears of it."""

from datetime import datetime

from sqlalchemy import type_coerce, update

from services import outbox, resellers, staff
from services.columns import Whole, micros
from services.db import WriteSession
from services.models import Reseller
from services.policy import Policy
from services.reseller_notices import Application, ApplicationDecided
from services.users import Person

LONGEST = 300
"""Characters of what an applicant says of themselves."""


async def file(write: WriteSession, person: Person, *, about: str, policy: Policy, now: datetime) -> bool:
    """Ask to sell on; owners and managers are told. False where that stands already (services.resellers.apply)."""
    if not await resellers.apply(write, person.id, about=about, now=now):
        return False
    informed = await staff.informed(write, policy)
    notice = Application(person.id, person.name, person.username, about, micros(now))
    await outbox.put(write, outbox.to_each(f"application:{person.id}:{notice.asked}", informed.admins, notice), now)
    return True


async def answer(write: WriteSession, user_id: int, *, asked: int, approve: bool, actor: str, now: datetime) -> bool:
    """Decide the application that was made at `asked`; False where that is decided, or another one stands."""
    decided = await write.run(
        update(Reseller)
        .where(Reseller.user_id == user_id, Reseller.state == resellers.APPLIED)
        .where(type_coerce(Reseller.applied_at, Whole) == asked)  # as it is kept: a forged tap may name no date at all
        .values(state=resellers.APPROVED if approve else resellers.REFUSED, decided_at=now, decided_by=actor)
    )
    if decided.rowcount != 1:
        return False
    told = outbox.Outgoing(f"application:{user_id}:{asked}:decided", user_id, ApplicationDecided(approve))
    await outbox.put(write, [told], now)
    return True
