"""The orders: licences, steps, closings, whose they are, and what has waited too long."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from services.audit.findings import AnySelect, Look, Row, micros
from services.migrations.triggers import TRANSITIONS
from services.models import PLACING, POLLED, QUEUED, UNKNOWN, Attempt, Notice, Order, OrderEvent, Transfer
from services.order_view import FINISHED, PROMISED, UNDONE
from services.settlement import OPEN

SAID_AGAIN = ("unknown", "completed", "partial", "canceled")
"""Statuses whose event may come twice in a row: a correction moves money, not the order."""
NEVER_SENT = ("queued", "canceled", "rejected")
"""Statuses that an order may have without a licence; if it was in `placing` before, its steps tell."""
PATIENCE = timedelta(minutes=5)
"""How long after a deadline the sweeper may still be at it."""


async def accepted_once(look: Look) -> list[Row]:
    """Attempts along their key (order, number), then the few queued orders by their index.

    Two ids for one order are two orders. So is a licence given after an acceptance was known, or an order that waits
    to be sent all the same: but not where the provider knows our key and answers with the first order. A licence is
    never weighed against its own answer: a clock that was set back in between breaks nothing.
    """
    accepted = Attempt.outcome == "accepted"
    ids = func.count(case((accepted, Attempt.evidence)).distinct())
    known, first = func.min(case((accepted, Attempt.answered_at))), func.min(case((accepted, Attempt.number)))
    knows_no_key = Order.provider.not_in(look.policy.idempotent)
    return await look.rows(
        select(Attempt.order_id.label("order"), func.count().label("attempts"), ids.label("accepted as"))
        .group_by(Attempt.order_id)
        .having(ids > 1)
        .order_by(Attempt.order_id),
        select(
            Order.id.label("order"), func.count().label("attempts"), literal("sent after it was accepted").label("is")
        )
        .join(Attempt, Attempt.order_id == Order.id)
        .where(knows_no_key)
        .group_by(Order.id)
        .having(func.max(Attempt.licensed_at) > known, func.max(Attempt.number) > first)
        .order_by(Order.id),
        select(Order.id.label("order"), Order.status.label("status"), literal("accepted before").label("is"))
        .where(text(QUEUED), knows_no_key, exists().where(Attempt.order_id == Order.id, accepted))
        .order_by(Order.id),
    )


async def have_provider_ids_of_their_own(look: Look) -> list[Row]:
    """One scan of the unique index (provider, provider_order_id)."""
    times = func.count()
    return await look.rows(
        select(
            Order.provider.label("provider"),
            Order.provider_order_id.label("provider_order"),
            times.label("orders"),
            func.min(Order.id).label("first"),
            func.max(Order.id).label("last"),
        )
        .where(Order.provider_order_id.is_not(None))
        .group_by(Order.provider, Order.provider_order_id)
        .having(times > 1)
        .order_by(Order.provider, Order.provider_order_id)
    )


async def are_licensed(look: Look) -> list[Row]:
    """Attempts along their key; attempts and events in one scan each, sorted by order; orders, a look at the key each.

    Licences are numbered 1, 2, 3, each has its committed step to `placing`, and nothing got further without one.
    """
    licences, last = func.count(), func.max(Attempt.number)
    steps = union_all(
        select(Attempt.order_id.label("order"), literal(1).label("step")),
        select(OrderEvent.order_id, literal(-1)).where(OrderEvent.status == "placing"),
    ).subquery()
    difference = func.sum(steps.c.step)
    sent = or_(Order.status.not_in(NEVER_SENT), Order.provider_order_id.is_not(None))
    return await look.rows(
        select(Attempt.order_id.label("order"), licences.label("licences"), last.label("last number"))
        .group_by(Attempt.order_id)
        .having(or_(last != licences, func.min(Attempt.number) != 1))
        .order_by(Attempt.order_id),
        select(steps.c.order, difference.label("licences beyond the steps to placing"))
        .group_by(steps.c.order)
        .having(difference != 0)
        .order_by(steps.c.order),
        select(Order.id.label("order"), Order.status.label("status"), literal("none").label("licence"))
        .where(sent, ~exists().where(Attempt.order_id == Order.id))
        .order_by(Order.id),
    )


async def take_listed_steps(look: Look) -> list[Row]:
    """Events by `order_id`, each beside the one before it; then each order beside its last event, by the same index."""
    before = func.lag(OrderEvent.status).over(partition_by=OrderEvent.order_id, order_by=OrderEvent.id)
    step = select(OrderEvent.order_id, OrderEvent.status, before.label("before")).subquery()
    way = func.coalesce(step.c.before, "") + ">" + step.c.status
    last = (
        select(OrderEvent.status)
        .where(OrderEvent.order_id == Order.id)
        .order_by(OrderEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return await look.rows(
        select(step.c.order_id.label("order"), way.label("step")).where(way.not_in(_ways())).order_by(step.c.order_id),
        select(Order.id.label("order"), Order.status.label("status"), last.label("last step"))
        .where(Order.status != last)
        .order_by(Order.id),
    )


def _ways() -> list[str]:
    listed = [f"{old}>{new}" for old, ways in TRANSITIONS.items() for new in ways]
    return sorted([">queued", *listed, *(f"{status}>{status}" for status in SAID_AGAIN)])


async def tell_each_change(look: Look) -> list[Row]:
    """Orders, each with a look at the events' index and at the outbox's key; refunds, each with a look at that key.

    An order that was undone tells it on its card alone, one that a reseller's site made is told to no chat. Closings
    whose notices may be purged by now are left out.
    """
    since = look.now - look.policy.notices_kept + PATIENCE
    whole = "order:" + cast(Order.id, Text) + ":" + Order.status + ":0"
    chatted = and_(Order.progress != UNDONE, Order.by_api.is_(false()))
    closed = and_(Order.status.in_(sorted(FINISHED)), Order.closed_at > since, chatted)
    unrefunded = select(Order.id.label("order"), Order.status.label("status"), whole.label("notice")).where(
        closed, micros(Order.refunded) == 0, ~_told(whole)
    )
    refund = Transfer.id
    kinds = ("partial", "canceled", "rejected", "corrected", "refunded")
    told = [func.replace(refund, ":refund:", f":{kind}:") for kind in kinds]
    refunded = (
        select(Order.id.label("order"), Order.status.label("status"), refund.label("refund without a notice"))
        .join(Transfer, Transfer.order_id == Order.id)
        .where(closed, Transfer.code == "refund", Transfer.created_at > since, ~_told(*told))
    )
    return await look.rows(
        select(Order.id.label("order"), Order.status.label("status"), literal("none").label("events"))
        .where(~exists().where(OrderEvent.order_id == Order.id))
        .order_by(Order.id),
        unrefunded.order_by(Order.id),
        refunded.order_by(Order.id, Transfer.id),
    )


def _told(*keys: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(Notice.key.in_(keys))


async def belong_to_one_person(look: Look) -> list[Row]:
    """Orders that go on from others, each beside the other by its id; one scan of transfers, each beside its order."""
    return await look.rows(
        _astray("goal", Order.goal_id != Order.id, Order.goal_id),
        _astray("replaces", Order.replaces_id.is_not(None), Order.replaces_id),
        _strayed_money(),
    )


async def stay_within_goals(look: Look) -> list[Row]:
    """One pass over all orders, a goal at a time: what its orders brought and are to bring against what it wants."""
    promised = func.sum(PROMISED)
    goals = (
        select(Order.goal_id.label("goal"), promised.label("ordered"))
        .group_by(Order.goal_id)
        .having(func.count() > 1)
        .subquery()
    )
    return await look.rows(
        select(goals.c.goal, Order.quantity.label("wanted"), goals.c.ordered)
        .join(Order, Order.id == goals.c.goal)
        .where(goals.c.ordered > Order.quantity)
        .order_by(goals.c.goal)
    )


def _astray(name: str, goes_on: ColumnElement[bool], other_id: InstrumentedAttribute[Any]) -> AnySelect:
    other = aliased(Order)
    return (
        select(
            Order.id.label("order"),
            Order.user_id.label("person"),
            other_id.label(name),
            other.user_id.label(f"person of {name}"),
        )
        .outerjoin(other, other.id == other_id)
        .where(goes_on, or_(other.id.is_(None), other.user_id != Order.user_id, other.goal_id != Order.goal_id))
        .order_by(Order.id)
    )


def _strayed_money() -> AnySelect:
    mine = "wallet:" + cast(Order.user_id, Text)
    return (
        select(Transfer.id.label("transfer"), Order.id.label("order"), mine.label("wallet"))
        .join(Order, Order.id == Transfer.order_id)
        .where(
            or_(
                and_(Transfer.src.like("wallet:%"), Transfer.src != mine),
                and_(Transfer.dst.like("wallet:%"), Transfer.dst != mine),
            )
        )
        .order_by(Transfer.id)
    )


async def wait_for_nobody(look: Look) -> list[Row]:
    """The few orders in `placing`, `unknown` and `queued` by their partial indexes, and those at a missing provider.

    A sender's death must have been noticed, a doubt told to an admin where there is one, and its policy time kept. So
    must be what cannot be sent, or followed.
    """
    late = look.now - PATIENCE
    keys = [f":{admin}" for admin in look.policy.admins]
    latest = select(func.max(Attempt.number)).where(Attempt.order_id == Order.id).correlate(Order).scalar_subquery()
    doubt = "alert:order-unknown:" + cast(Order.id, Text) + ":" + cast(latest, Text)
    alerted = _told(*(doubt + key for key in keys))
    overdue = Order.moved_at <= late - look.policy.unknown_for
    unheard = and_(Order.moved_at <= late, ~alerted) if look.policy.admins else overdue
    return await look.rows(
        select(Order.id.label("order"), Order.status.label("status"), Order.lease_until.label("deadline"))
        .where(text(PLACING), or_(Order.lease_until.is_(None), Order.lease_until < late))
        .order_by(Order.id),
        select(Order.id.label("order"), Order.status.label("status"), Order.moved_at.label("since"))
        .where(text(UNKNOWN), or_(overdue, unheard))
        .order_by(Order.id),
        *_stranded(look, late),
    )


def _stranded(look: Look, late: datetime) -> list[AnySelect]:
    """Queued orders that should have been given up, or told; and orders that nobody follows, untold."""
    days = [(look.now - timedelta(days=ago)).date() for ago in (0, 1)]
    keys = [f":{day}:{admin}" for day in days for admin in look.policy.admins]
    told = _told(*("alert:stranded:" + Order.provider + key for key in keys)) if keys else true()
    long_ago = late - look.policy.stuck_after
    given_up = Order.submit_at <= late - look.policy.unknown_for
    return [
        select(Order.id.label("order"), Order.status.label("status"), Order.submit_at.label("to be sent"))
        .where(text(QUEUED), or_(given_up, and_(Order.submit_at <= long_ago, ~told)))
        .order_by(Order.id),
        select(Order.id.label("order"), Order.status.label("status"), Order.provider.label("missing provider"))
        .where(text(POLLED), Order.status == OPEN, Order.next_poll_at <= long_ago)
        .where(Order.provider.not_in(look.policy.providers), ~told)
        .order_by(Order.id),
    ]
