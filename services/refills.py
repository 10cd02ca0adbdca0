"""Refills as customers know them: whether a drop can be reported, the report, what they hear, and the reminder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import bindparam, func, insert, select, text, true, update

from services import notices, order_news, outbox
from services.columns import Instant
from services.db import WriteSession
from services.errors import NoRefill, OrderNotFound, RefillTooEarly, ShopError
from services.models import REMINDED, Order, Refill
from services.order_news import Change
from services.order_view import VIEW, OrderView
from services.policy import Policy

Standing = Literal["none", "over", "running", "early", "free"]
RUNNING = frozenset({"asked", "sent"})
"""What `refill_state` of an order says while a refill is under way: asked, until the provider has taken it."""
SECOND = timedelta(seconds=1)
PAGE = 500
"""Orders whose customers are reminded in one transaction."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`created` is False where a refill was under way already; `refill` is its id."""

    order: OrderView
    created: bool
    refill: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """One refill of a set gets somewhere.

    `reason` is a code of services.panel_refills.REASONS, or unreachable, declined, unclear, silent.
    """

    refill: int
    order: int
    was: str
    state: str
    again_at: datetime | None
    due_at: datetime | None = None
    reason: str = ""
    progress: str = ""
    provider_refill_id: str | None = None


def standing(
    *, guaranteed: bool, until: datetime | None, state: str | None, again_at: datetime | None, now: datetime
) -> Standing:
    """Whether a drop can be reported.

    none     nothing is guaranteed
    running  a refill is under way
    over     the guarantee has ended, or its provider said so
    early    its provider takes the next one at `again_at`
    free     now
    """
    if not guaranteed:
        return "none"
    if state in RUNNING:
        return "running"
    if (until is not None and until <= now) or (state is not None and again_at is None):
        return "over"
    return "early" if again_at is not None and again_at > now else "free"


def standing_of(order: OrderView, now: datetime) -> Standing:
    """The same of an order."""
    return standing(
        guaranteed=order.guaranteed,
        until=order.guaranteed_until,
        state=order.refill_state,
        again_at=order.refill_again_at,
        now=now,
    )


async def ask(session: WriteSession, *, user_id: int, order_id: int, every: timedelta, now: datetime) -> Asked:
    """Report a drop: the refill is asked for once, however often this is tapped, and once in `every` at most.

    Raises OrderNotFound, NoRefill, or RefillTooEarly within the time that the provider wants between two.
    """
    asked = (await ask_many(session, user_id=user_id, order_ids=[order_id], every=every, now=now)).get(order_id)
    if asked is None:
        raise OrderNotFound
    if isinstance(asked, ShopError):
        raise asked
    return asked


async def ask_many(
    session: WriteSession, *, user_id: int, order_ids: Sequence[int], every: timedelta, now: datetime
) -> dict[int, Asked | ShopError]:
    """The same of a set of orders, each by its id; those that are not this person's are left out."""
    rows = await session.all(
        select(*VIEW, Order.provider, Order.provider_order_id)
        .where(Order.id.in_(order_ids), Order.user_id == user_id)
        .order_by(Order.id)
        .with_for_update()
    )
    earlier = await session.all(
        select(Refill.order_id, func.count().label("number"), func.max(Refill.id).label("last"))
        .where(Refill.order_id.in_([row.id for row in rows]))
        .group_by(Refill.order_id)
    )
    known = {row.order_id: row for row in earlier}
    again_at = now + every
    answers: dict[int, Asked | ShopError] = {}
    made: list[dict[str, Any]] = []
    for row in rows:
        order = OrderView(*row[: len(VIEW)])
        before = known.get(order.id)
        refused = _refused(order, now)
        if refused is not None:
            answers[order.id] = refused
        elif order.refill_state in RUNNING and before is not None:
            answers[order.id] = Asked(order, created=False, refill=before.last)
        else:
            number = 1 if before is None else before.number + 1
            answers[order.id] = Asked(replace(order, refill_state="asked", refill_again_at=again_at), created=True)
            made.append(
                {
                    "order_id": order.id,
                    "number": number,
                    "provider": row.provider,
                    "provider_order_id": row.provider_order_id,
                    "state": "asked",
                    "due_at": now,
                    "again_at": again_at,
                    "asked_at": now,
                    "moved_at": now,
                }
            )
    return answers | await _asked(session, answers, made, again_at, now)


def _refused(order: OrderView, now: datetime) -> ShopError | None:
    """Why no drop of this order can be reported now, where none can."""
    match standing_of(order, now):
        case "none":
            return NoRefill(reason="none")
        case "over":
            return NoRefill(reason="over")
        case "early" if order.refill_again_at is not None:
            return RefillTooEarly(wait=max(order.refill_again_at - now, SECOND))
    return None


async def _asked(
    session: WriteSession,
    answers: Mapping[int, Asked | ShopError],
    made: Sequence[Mapping[str, Any]],
    again_at: datetime,
    now: datetime,
) -> dict[int, Asked | ShopError]:
    """Write down what is asked for anew, and tell those who follow these orders."""
    if not made:
        return {}
    rows = await session.returned(insert(Refill).values(made).returning(Refill.id, Refill.order_id))
    asked = {
        row.order_id: replace(given, refill=row.id) for row in rows if isinstance(given := answers[row.order_id], Asked)
    }
    await session.run(
        update(Order).where(Order.id.in_(list(asked))).values(refill_state="asked", refill_again_at=again_at)
    )
    await order_news.tell(session, [Change(each.order, each.order) for each in asked.values()], now)
    session.announce("refill")
    return dict(asked)


def remind_at(order: OrderView, policy: Policy) -> datetime | None:
    """When the customer of an order that has just ended is reminded that its guarantee will; None: not at all.

    Of a short guarantee at least one half has passed by then.
    """
    until, since = order.guaranteed_until, order.closed_at
    if until is None or since is None or not policy.remind_ahead:
        return None
    return max(until - policy.remind_ahead, since + (until - since) / 2)


async def remind(session: WriteSession, now: datetime) -> int:
    """Remind the customers of up to PAGE orders whose guarantee ends soon; how many orders were looked at."""
    due = (
        select(Order.id)
        .where(text(REMINDED), Order.refill.is_(true()), Order.remind_at <= now)
        .order_by(Order.remind_at)
        .limit(PAGE)
        .with_for_update(skip_locked=True)
    )
    rows = await session.returned(
        update(Order).where(Order.id.in_(due.scalar_subquery())).values(remind_at=None).returning(*VIEW)
    )
    views = [OrderView(*row[: len(VIEW)]) for row in rows]
    reminded = [order for order in views if not order.by_api and standing_of(order, now) in ("free", "early")]
    await outbox.put(session, [_reminder(order) for order in reminded], now)
    return len(rows)


def _reminder(order: OrderView) -> outbox.Outgoing:
    until = order.guaranteed_until
    about = (order.id, order.service_name, order.server, order.delivered, order.link)
    ending = notices.GuaranteeEnds(*about, until=until.isoformat() if until else "", unit=order.unit)
    return outbox.Outgoing(f"order:{order.id}:guarantee", order.user_id, ending)


MOVE = (
    update(Refill)
    .where(Refill.id == bindparam("refill_id"), Refill.state == bindparam("was"))
    .values(
        state=bindparam("new_state"),
        reason=bindparam("new_reason"),
        progress=bindparam("new_progress"),
        provider_refill_id=func.coalesce(bindparam("new_provider_refill_id"), Refill.provider_refill_id),
        due_at=bindparam("new_due_at", type_=Instant()),
        again_at=bindparam("new_again_at", type_=Instant()),
        moved_at=bindparam("new_moved_at", type_=Instant()),
    )
)
"""One compare-and-set for every kind of news, so that a page is one executemany."""
MIRROR = (
    update(Order)
    .where(Order.id == bindparam("of_order"))
    .values(
        refill_state=bindparam("new_state"),
        refill_again_at=bindparam("new_again_at", type_=Instant()),
    )
)


async def move(session: WriteSession, moves: Sequence[Move], now: datetime) -> None:
    """Carry out what became of locked refills: their rows, their orders, cards and notices."""
    if not moves:
        return
    await session.run(
        MOVE,
        [
            {
                "refill_id": moved.refill,
                "was": moved.was,
                "new_state": moved.state,
                "new_reason": moved.reason or None,
                "new_progress": moved.progress,
                "new_provider_refill_id": moved.provider_refill_id,
                "new_due_at": moved.due_at,
                "new_again_at": moved.again_at,
                "new_moved_at": now,
            }
            for moved in moves
        ],
    )
    told = [moved for moved in moves if moved.state != "asked"]  # else it waits to be sent, as its customer knows
    await session.run(
        MIRROR,
        # By order, as everybody locks them.
        [
            {"of_order": moved.order, "new_state": moved.state, "new_again_at": moved.again_at}
            for moved in sorted(told, key=lambda moved: moved.order)
        ],
    )
    rows = await session.all(select(*VIEW).where(Order.id.in_([moved.order for moved in told])))
    views = {row.id: OrderView(*row) for row in rows}
    await order_news.tell(session, [Change(view, view) for view in views.values()], now, priority=outbox.NOTICE)
    chatted = [(moved, views[moved.order]) for moved in told if not views[moved.order].by_api]
    await outbox.put(session, [_notice(moved, order) for moved, order in chatted], now)


def _notice(moved: Move, order: OrderView) -> outbox.Outgoing:
    until = order.guaranteed_until
    notice = notices.Refill(
        order_id=order.id,
        service_name=order.service_name,
        server=order.server,
        state=moved.state,
        reason=moved.reason,
        again_at=moved.again_at.isoformat() if moved.again_at else None,
        until=until.isoformat() if until else None,
    )
    return outbox.Outgoing(f"refill:{moved.refill}:{moved.state}", order.user_id, notice)
