"""Who may sell on: whoever may decide is told who asks, the first of them decides, whom it is about hears of it."""

from datetime import datetime

from sqlalchemy import select

from services import outbox, own_terms, resellers, service_news, staff
from services.columns import micros
from services.db import WriteSession
from services.models import Reseller
from services.policy import Policy
from services.reseller_notices import Application, ResellerDecided
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


async def decide(
    write: WriteSession, user_id: int, *, state: str, actor: str, now: datetime, asked: int | None = None
) -> bool:
    """Decide as services.resellers.decide does, and tell whom it is about; False where nothing was decided.

    The site of who is let in again is told what it missed.
    """
    if state == resellers.APPROVED:
        await own_terms.in_turn(write)  # before their row, as whoever puts them into a tier takes them
    before = await write.value(select(Reseller.state).where(Reseller.user_id == user_id).with_for_update())
    if not await resellers.decide(write, user_id, state=state, actor=actor, now=now, asked=asked):
        return False
    notice = ResellerDecided(state, again=before == resellers.SUSPENDED)
    await outbox.put(write, [outbox.Outgoing(f"reseller:{user_id}:{state}:{micros(now)}", user_id, notice)], now)
    if state == resellers.APPROVED:
        await service_news.catch_up(write, user_id, now)
    return True
