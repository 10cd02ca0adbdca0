"""A backup brought back: what may have happened since it was taken is put in doubt, so that nothing happens twice.

What waited to be sent may have been sent since. It takes the listed steps to `unknown`, under a licence that stands for
the POST that nobody here remembers: its money is held, it is never sent again, and the staff decide as of any doubt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, delete, false, func, insert, literal, or_, select, text, true, update

from services import broadcasts, outbox, placing, reconciling, refills, switches
from services.columns import Instant
from services.db import ReadSession, WriteSession
from services.models import (
    PLACING,
    QUEUED,
    UNKNOWN,
    UNSENT,
    WAITING,
    Attempt,
    Backup,
    Broadcast,
    Finishing,
    Lease,
    Notice,
    Order,
    OrderEvent,
    Provider,
    ProviderBalance,
    Quote,
    Refill,
    Restore,
    Service,
    Update,
    User,
)
from services.money import Money
from services.notices import DIGESTED, LIVE, AdminAlert, Credited, Debited
from services.orders import record
from services.policy import Policy
from services.reconciling import Comparing
from services.refills import Move
from services.switches import SALES

RESTORER = "restore"
"""The actor of what a restore does by itself."""
AGAIN = sorted({*DIGESTED, Credited.kind, Debited.kind, AdminAlert.kind})
"""What is told although it may have been told before: it is about money. Cards are drawn anew where they are."""
SINCE = "brought back from a backup: this may have gone out since it was taken"


@dataclass(frozen=True, slots=True)
class Span:
    """What cannot be known of one provider: its orders from the backup on; balances are in its own currency.

    `last` is its id of the last order that is known here, `doubted` are orders of ours that it may have.
    """

    provider: str
    last: str | None
    balance_then: Money | None
    balance_now: Money | None
    doubted: int


def opening(file: str, now: datetime) -> Insert:
    """The statement that marks a database as brought back, with the moment that its own rows say it was taken at."""
    own = select(func.max(Backup.at)).where(Backup.state == "making").scalar_subquery()
    seen = select(func.max(OrderEvent.at)).scalar_subquery()
    moment = literal(now, Instant())
    row = select(literal(file), func.coalesce(own, seen, moment), moment)
    return insert(Restore).from_select(["file", "taken_at", "restored_at"], row)


async def settle(write: WriteSession, *, policy: Policy, now: datetime) -> Comparing:
    """Make a database that was just marked as brought back one that may be opened. Nothing is sent before `finish`."""
    comparing = await reconciling.current(write)
    assert comparing is not None  # noqa: S101  `opening` stands before this
    await _hold(write, comparing, policy.admins, now)
    await _hold_refills(write, comparing, now)
    await _forget(write)
    await _mark_notices(write, now)
    await _own_row(write, comparing)
    if await switches.is_on(write, SALES):
        reason = f"brought back from the backup of {comparing.taken_at:%Y-%m-%d %H:%M} UTC, not yet compared"
        key = f"restore:{comparing.restored_at.isoformat()}"
        await switches.turn(write, SALES, on=False, reason=reason, actor=RESTORER, key=key, now=now)
    await _tell(write, comparing, policy, now)
    await write.run(update(Restore).where(Restore.id == comparing.id).values(settled_at=now))
    return comparing


async def _hold(write: WriteSession, comparing: Comparing, admins: Sequence[int], now: datetime) -> None:
    """Orders that waited, or were being sent, become doubts; those in doubt get the whole time for a decision anew."""
    queued = [order.id for order in await placing.locked(write, text(QUEUED))]
    tried = await placing.attempts(write, queued)
    if queued:
        await write.run(update(Order).where(Order.id.in_(queued)).values(status="placing"))
        once = {
            "licensed_at": comparing.taken_at,
            "deadline": comparing.taken_at,
            "answered_at": now,
            "outcome": "ambiguous",
            "evidence": SINCE,
        }
        licences = [{"order_id": order_id, "number": tried[order_id] + 1, **once} for order_id in queued]
        await write.run(insert(Attempt), licences)
        steps: list[tuple[int, str, dict[str, Any]]] = [
            (order_id, "placing", {"attempt": tried[order_id] + 1, "by": RESTORER}) for order_id in queued
        ]
        await record(write, steps, now)
    before = await write.values(select(Order.id).where(text(UNKNOWN)).order_by(Order.id))
    await write.run(update(Order).where(text(UNKNOWN)).values(moved_at=now))
    await placing.doubt(write, await placing.locked(write, text(PLACING)), now)
    # Their alerts are in the outbox, or were sent: whoever decided one since the backup has to decide it again.
    tried = await placing.attempts(write, before)
    keys = [f"alert:order-unknown:{order_id}:{tried[order_id]}:{admin}" for order_id in before for admin in admins]
    anew = {"state": "queued", "due_at": now, "tries": 0, "message_id": None}
    await write.run(update(Notice).where(Notice.key.in_(keys)).values(**anew))


async def _hold_refills(write: WriteSession, comparing: Comparing, now: datetime) -> None:
    """Refills that waited, or were being sent, become `unknown`: their customers may ask anew."""
    waiting = or_(Refill.state == "asked", Refill.state == "sending")
    rows = await write.all(
        select(Refill.id, Refill.order_id, Refill.again_at).where(waiting).order_by(Refill.id).with_for_update()
    )
    asked = update(Refill).where(Refill.state == "asked")
    await write.run(asked.values(state="sending", tries=Refill.tries + 1, sent_at=comparing.taken_at))
    moves = [Move(row.id, row.order_id, "sending", "unknown", row.again_at, reason="unclear") for row in rows]
    await refills.move(write, moves, now)


async def _forget(write: WriteSession) -> None:
    """What would buy again what may have been bought since: taps not yet worked, old buttons, goals gone on with."""
    await write.run(update(Update).where(text(WAITING)).values(state="set_aside", error=SINCE))
    await write.run(delete(Quote))
    await write.run(delete(Lease))
    await write.run(update(Finishing).values(is_on=False, due_at=None))
    goals = (
        select(Order.id, false(), literal(0), literal(None, Instant()))
        .join(User, User.id == Order.user_id)
        .where(Order.id == Order.goal_id, User.finish_all.is_(true()))
    )
    off = write.insert(Finishing).from_select(["goal_id", "is_on", "used", "due_at"], goals)
    await write.run(off.on_conflict_do_nothing())
    await write.run(update(Provider).values(balance=None))  # so that the next one asked for is written down


async def _mark_notices(write: WriteSession, now: datetime) -> None:
    """What waits to be told may have been told: money is told again and says so, cards are redrawn, the rest is not."""
    mine = update(Notice).where(text(UNSENT))
    await write.run(mine.values(lease_owner=None, lease_until=None))
    for number in await write.values(select(Broadcast.id).where(Broadcast.state == "running")):
        await broadcasts.move(write, number, "pause", now)  # whoever lets it go on knows that some may have it
    before = mine.where(Notice.created_at < now)
    await write.run(before.where(Notice.kind.in_(AGAIN)).values(again=True))
    dropped = Notice.kind.not_in([*AGAIN, *(card.kind for card in LIVE)])
    await write.run(before.where(dropped).values(state="dropped", last_error=SINCE))


async def _own_row(write: WriteSession, comparing: Comparing) -> None:
    """The backup's own row is of a good one by now; what else was asked for then is not being made."""
    rows = update(Backup).where(Backup.state.in_(("asked", "making")))
    await write.run(rows.where(Backup.at == comparing.taken_at).values(state="kept", file=comparing.file))
    failed = {"reason": "stopped", "said": ""}
    await write.run(rows.values(state="failed", detail=failed))


async def _tell(write: WriteSession, comparing: Comparing, policy: Policy, now: datetime) -> None:
    facts = {
        "backup of": f"{comparing.taken_at:%Y-%m-%d %H:%M} UTC",
        "brought back": f"{comparing.restored_at:%Y-%m-%d %H:%M} UTC",
        "file": comparing.file,
    }
    for span in await spans(write, comparing):
        facts[span.provider] = f"{span.doubted} in doubt"
    key = f"alert:restored:{comparing.restored_at.isoformat()}"
    await outbox.put(write, outbox.to_each(key, policy.admins, AdminAlert("restored", None, facts)), now)


async def spans(read: ReadSession, comparing: Comparing) -> list[Span]:
    """What is to be compared, a provider at a time."""
    names = await read.values(select(Service.provider).distinct().order_by(Service.provider))
    doubts = await read.all(select(Order.provider, func.count()).where(text(UNKNOWN)).group_by(Order.provider))
    doubted = {row[0]: int(row[1]) for row in doubts}
    found = []
    for name in names:
        last = select(Order.provider_order_id).where(Order.provider == name, Order.placed_at <= comparing.taken_at)
        known = select(ProviderBalance.balance).where(ProviderBalance.provider == name)
        newest = ProviderBalance.at.desc()
        found.append(
            Span(
                name,
                await read.value(last.order_by(Order.placed_at.desc(), Order.id.desc()).limit(1)),
                await read.value(known.where(ProviderBalance.at <= comparing.taken_at).order_by(newest).limit(1)),
                await read.value(known.where(ProviderBalance.at > comparing.taken_at).order_by(newest).limit(1)),
                doubted.get(name, 0),
            )
        )
    return found


async def finish(write: WriteSession, *, actor: str, key: str, by: str, others: Sequence[int], now: datetime) -> bool:
    """All is compared: sending goes on, and sales where the restore stopped them; `others` are told. False: it was."""
    if not await reconciling.end(write, by=actor, now=now):
        return False
    last = await switches.history(write, SALES, limit=1)
    if last and not last[0].is_on and last[0].actor == RESTORER:
        await switches.turn(write, SALES, on=True, reason="all is compared", actor=actor, key=key, now=now)
    told = AdminAlert("compared", None, {"by": by})
    await outbox.put(write, outbox.to_each(f"alert:compared:{key}", others, told), now)
    return True
