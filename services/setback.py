"""After the clock was set back: what was put off from a moment that is yet to come is put off from now.

Whatever waits says until when by the clock. Were that set back by an hour, then orders that are asked about every few
seconds, and messages that might leave at once, would lie still for an hour.
"""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, and_, case, literal, or_, select, text, type_coerce, update
from sqlalchemy.orm import InstrumentedAttribute

from services import deliveries
from services.columns import micros
from services.db import WriteSession
from services.models import (
    DUE,
    PLACING,
    POLLED,
    QUEUED,
    REFILL_DUE,
    UNDELIVERED,
    UNKNOWN,
    UNSENT,
    Attempt,
    Delivery,
    Finishing,
    Notice,
    Order,
    Refill,
    WaitingRest,
    Webhook,
)
from services.policy import Policy
from services.settlement import OPEN

SKEW = timedelta(minutes=1)
"""The clocks of several machines differ: what lies so little ahead is left alone."""
LONGEST_PAUSE = timedelta(minutes=5)
"""A message is put off no longer; the sender itself knows which chats Telegram wants to be left in peace for longer."""
LEASE = timedelta(minutes=1)
"""How long a message stays with whoever has claimed it."""


async def bring_back(session: WriteSession, policy: Policy, now: datetime) -> None:
    """Put what waits in order. It looks at everything that waits: once after a set-back, not every few seconds."""
    await _senders(session, now)
    await _moved(session, now)
    await _polled(session, policy, now)
    await _refills(session, policy, now)
    await _notices(session, now)
    await _deliveries(session, now)
    await session.run(update(WaitingRest).where(WaitingRest.looked_at > now + SKEW).values(looked_at=now))
    await session.run(update(Finishing).where(text(DUE), Finishing.due_at > now + SKEW).values(due_at=now))


async def _senders(session: WriteSession, now: datetime) -> None:
    """The death of a sender is noticed after the time it had, counted from now."""
    licences = select(Attempt.licensed_at).where(Attempt.order_id == Order.id).order_by(Attempt.number.desc())
    licensed = type_coerce(licences.limit(1).scalar_subquery(), BigInteger)
    await session.run(
        update(Order)
        .where(text(PLACING), licensed > micros(now + SKEW))
        .values(lease_until=_whole(Order.lease_until) - licensed + micros(now))
    )


async def _moved(session: WriteSession, now: datetime) -> None:
    """An order that moves in time to come has moved now, and whatever it waits for comes as much sooner."""
    ahead = _whole(Order.moved_at) - micros(now)
    for waiting in (QUEUED, UNKNOWN, POLLED):
        await session.run(
            update(Order)
            .where(text(waiting), Order.moved_at > now + SKEW)
            .values(
                moved_at=now,
                submit_at=_whole(Order.submit_at) - ahead,
                next_poll_at=_whole(Order.next_poll_at) - ahead,
            )
        )


async def _polled(session: WriteSession, policy: Policy, now: datetime) -> None:
    """An order that was asked about in time to come is asked about after the longest pause at the latest."""
    open_ones, closed_ones = (micros(now + SKEW + pause) for pause in (policy.poll_slowest, policy.watch_every))
    latest = case((Order.status == OPEN, literal(open_ones, BigInteger)), else_=literal(closed_ones, BigInteger))
    await session.run(update(Order).where(text(POLLED), _whole(Order.next_poll_at) > latest).values(next_poll_at=now))


async def _refills(session: WriteSession, policy: Policy, now: datetime) -> None:
    """A refill is asked about after the longest pause at the latest, and a sender's death noticed in time."""
    latest = micros(now + SKEW + policy.poll_slowest)
    await session.run(update(Refill).where(text(REFILL_DUE), _whole(Refill.due_at) > latest).values(due_at=now + LEASE))


async def _notices(session: WriteSession, now: datetime) -> None:
    """A message of time to come is due, one that failed then is due, and one that was claimed then is free in time."""
    unborn = and_(Notice.created_at > now + SKEW, Notice.due_at > now + SKEW)
    await session.run(
        update(Notice).where(text(UNSENT), or_(unborn, Notice.due_at > now + SKEW + LONGEST_PAUSE)).values(due_at=now)
    )
    await session.run(
        update(Notice).where(text(UNSENT), Notice.lease_until > now + SKEW + LEASE).values(lease_until=now + LEASE)
    )


async def _deliveries(session: WriteSession, now: datetime) -> None:
    """What goes to resellers' sites likewise: each message after the pause that follows on so many tries, at most."""
    pauses = [timedelta(0), *(pause * (1 + deliveries.JITTER) for pause in deliveries.PAUSES)]
    latest = [literal(micros(now + SKEW + pause), BigInteger) for pause in pauses]
    due = case(dict(enumerate(latest)), value=Delivery.tries, else_=latest[-1])
    unborn = and_(Delivery.created_at > now + SKEW, Delivery.due_at > now + SKEW)
    late = or_(unborn, _whole(Delivery.due_at) > due)
    await session.run(  # sites before their messages, as everybody locks them
        update(Webhook).where(Webhook.failing_since > now + SKEW).values(failing_since=now, quiet_until=None)
    )
    quiet = Webhook.quiet_until > now + SKEW + deliveries.LONGEST_WAIT
    await session.run(update(Webhook).where(quiet).values(quiet_until=None))
    await session.run(update(Delivery).where(text(UNDELIVERED), late).values(due_at=now))
    free = now + deliveries.LEASE
    await session.run(
        update(Delivery).where(text(UNDELIVERED), Delivery.lease_until > free + SKEW).values(lease_until=free)
    )


def _whole(moment: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]) -> ColumnElement[int]:
    """A moment as the whole number that is stored, to reckon with in SQL."""
    return type_coerce(moment, BigInteger())
