"""Finish for me: what a goal is missing is ordered by the shop itself, as far as its customer allows.

It is off until somebody turns it on, for one goal or for all of theirs. Each time an order of such a goal stops, one
step is due, and nothing else makes one due: so it never goes round in circles. A step looks at the link, takes the best
way that the wallet and the customer's limits allow, and orders in one transaction with the notice that tells of it.
Where the link is dead, a limit is reached, money is missing or nobody can deliver, it says so and is off for this goal.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import false, literal, null, select, text, true, update

from services import causes, goals, notices, orders, outbox, reorder, switches, wallet
from services.db import ReadSession, WriteSession
from services.goals import GoalView
from services.models import DUE, Finishing, Order, User
from services.money import ZERO, Money
from services.order_view import OrderView
from services.plans import Plan
from services.ranking import Wanted

PERCENTS = (0, 10, 20, 50)
"""What a goal may cost more than its first order."""
ORDERS = (1, 2, 3, 5)
"""How many orders the shop may make for a goal by itself."""
PAGE = 20
"""Goals looked at in one go."""
LEASE = timedelta(seconds=15)
"""How long whoever claimed a goal has it alone: longer than a look at its link takes."""
DEAD = frozenset({"gone", "private", "renamed"})
"""What the page of a link must not say."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What somebody allows: for `everything` of theirs, or goal by goal; in `percent` and `orders`."""

    everything: bool
    percent: int
    orders: int


@dataclass(frozen=True, slots=True)
class Due:
    """A goal whose next step is due."""

    goal_id: int
    link: str


async def allowed(read: ReadSession, user_id: int) -> Allowed:
    """What this person allows."""
    row = await read.first(select(User.finish_all, User.finish_percent, User.finish_orders).where(User.id == user_id))
    return Allowed(*row) if row is not None else Allowed(everything=False, percent=PERCENTS[0], orders=ORDERS[0])


async def allow(write: WriteSession, user_id: int, allowed: Allowed) -> None:
    """Allow so much from now on; goals that were told apart stay as they were told."""
    await write.run(
        update(User)
        .where(User.id == user_id)
        .values(finish_all=allowed.everything, finish_percent=allowed.percent, finish_orders=allowed.orders)
    )


async def is_on(read: ReadSession, *, user_id: int, goal_id: int) -> bool:
    """Whether this goal is finished by the shop; OrderNotFound where it is not this person's."""
    await goals.find(read, user_id, goal_id)
    told = await read.value(select(Finishing.is_on).where(Finishing.goal_id == goal_id))
    return (await allowed(read, user_id)).everything if told is None else told


async def turn(write: WriteSession, *, user_id: int, goal_id: int, on: bool, now: datetime) -> None:
    """Tell one goal apart; turned on, what it is missing by now is ordered. OrderNotFound where it is not theirs."""
    await _hold(write, goal_id)
    await goals.find(write, user_id, goal_id)
    told: dict[str, Any] = {"is_on": on, "due_at": now if on else None}
    await write.run(
        write.insert(Finishing)
        .values(goal_id=goal_id, **told)
        .on_conflict_do_update(index_elements=["goal_id"], set_=told)
    )
    write.announce("finish")


async def off(write: WriteSession, goal_ids: Collection[int]) -> None:
    """What these goals are missing is not wanted, or may be on its way: the shop orders none of it by itself."""
    insert = write.insert(Finishing)
    told = {"is_on": False, "due_at": None}
    rows = [{"goal_id": goal_id, **told} for goal_id in sorted(set(goal_ids))]
    await write.run(insert.on_conflict_do_update(index_elements=["goal_id"], set_=told), rows)


async def wake(write: WriteSession, goal_ids: Collection[int], now: datetime) -> set[int]:
    """Something of these goals has stopped: a step is due for those that are finished by the shop; which these are."""
    if not goal_ids:
        return set()
    of_all = (
        select(Order.id, literal(value=True, type_=Finishing.is_on.type), literal(0), null())
        .join(User, User.id == Order.user_id)
        .where(Order.id.in_(goal_ids), User.finish_all.is_(true()))
    )
    columns = ["goal_id", "is_on", "used", "due_at"]
    await write.run(write.insert(Finishing).from_select(columns, of_all).on_conflict_do_nothing())
    rows = await write.returned(
        update(Finishing)
        .where(Finishing.goal_id.in_(goal_ids), Finishing.is_on.is_(true()))
        .values(due_at=now)
        .returning(Finishing.goal_id)
    )
    write.announce("finish")
    return {row.goal_id for row in rows}


async def claim(write: WriteSession, now: datetime) -> list[Due]:
    """Take a page of due goals for a while; others leave them alone meanwhile. None while nothing is sold."""
    if not await switches.selling(write):
        return []
    due = (
        select(Finishing.goal_id)
        .where(text(DUE), Finishing.due_at <= now)
        .order_by(Finishing.due_at, Finishing.goal_id)
        .limit(PAGE)
        .with_for_update(skip_locked=True)
    )
    taken = await write.returned(
        update(Finishing)
        .where(Finishing.goal_id.in_(due.scalar_subquery()))
        .values(due_at=now + LEASE)
        .returning(Finishing.goal_id)
    )
    rows = await write.all(
        select(Order.id, Order.link).where(Order.id.in_([row.goal_id for row in taken])).order_by(Order.id)
    )
    return [Due(row.id, row.link) for row in rows]


async def step(write: WriteSession, goal_id: int, *, page: str, undo: timedelta, now: datetime) -> None:
    """Order what the goal is missing, or stop and say why; `page` is what the page of its link says.

    Nothing happens where it was turned off, or nothing is missing that is not on its way.
    """
    await _hold(write, goal_id)
    row = await write.first(
        select(Finishing.used, Order.user_id, Order.link)
        .join(Order, Order.id == Finishing.goal_id)
        .join(User, User.id == Order.user_id)
        .where(Finishing.goal_id == goal_id, Finishing.is_on.is_(true()), text(DUE), User.banned.is_(false()))
        .with_for_update(of=Finishing)
    )
    if row is None:
        return
    mine = update(Finishing).where(Finishing.goal_id == goal_id)
    goal = await goals.find(write, row.user_id, goal_id)
    rests = goal.rests
    await write.run(mine.values(due_at=None))
    if not rests:
        return
    if page == "unclear":
        page = await causes.seen(write, row.link, now)
    terms = await allowed(write, row.user_id)
    limit = Money(goal.first.charge.micros * terms.percent // 100)
    best, reason = (
        (None, page) if page in DEAD else await _best(write, goal, rests[0][0], terms.orders - row.used, limit, now)
    )
    told: notices.Notice
    if best is None:
        await write.run(mine.values(is_on=False))
        stopped, lacking = rests[0]
        told = notices.FinishStopped(
            goal_id, stopped.id, lacking, stopped.unit, reason or "no_alternative", terms.orders, limit
        )
    else:
        made = await _order(write, *best, undo, now)
        used = row.used + len(made)
        await write.run(mine.values(used=used, due_at=now if len(rests) > 1 else None))
        write.announce("finish")
        price = sum((order.charge for order in made), ZERO)
        told = notices.FinishStep(
            goal_id,
            orders=[[order.server, order.quantity] for order in made],
            unit=goal.first.unit,
            price=price,
            balance=await wallet.balance(write, row.user_id),
            used=used,
            most=terms.orders,
            extra=max(ZERO, goal.paid + price - goal.first.charge),
            limit=limit,
        )
    key = f"finish:{goal_id}:{told.kind}:{goal.parts[-1].id}:{row.used}:{now.isoformat()}"
    await outbox.put(write, [outbox.Outgoing(key, row.user_id, told)], now)


async def _hold(write: WriteSession, goal_id: int) -> None:
    """Nobody else orders for this goal, or closes its first order, meanwhile; taken before all other locks."""
    await write.value(select(Order.id).where(Order.id == goal_id).with_for_update())


async def _best(
    write: WriteSession, goal: GoalView, stopped: OrderView, left: int, limit: Money, now: datetime
) -> tuple[tuple[Wanted, Plan] | None, str | None]:
    """The best way to have the rest of `stopped`, within `left` orders and `limit` of extra cost; or why none."""
    balance = await wallet.balance(write, stopped.user_id)
    rests = await reorder.wanted_of(write, [stopped.id], {stopped.user_id: balance})
    found = [way for wanted in rests for way in await reorder.ways(write, wanted, now)]
    planned = [(way.wanted, way.plan) for way in found if way.plan is not None]
    if not planned:
        return None, found[0].no_offer if found else None
    few = [(wanted, plan) for wanted, plan in planned if len(plan.portions) <= left]
    cheap = [(wanted, plan) for wanted, plan in few if goal.paid + plan.price - goal.first.charge <= limit]
    payable = [(wanted, plan) for wanted, plan in cheap if plan.price <= balance]
    reason = "orders" if not few else "limit" if not cheap else "money"
    return (payable[0], None) if payable else (None, reason)


async def _order(
    write: WriteSession, wanted: Wanted, plan: Plan, undo: timedelta, now: datetime
) -> Sequence[OrderView]:
    [offer] = await reorder.offers(write, [(wanted, plan)], now)
    placed = await orders.place(write, user_id=wanted.user_id, token=offer.token, now=now, undo=undo)
    return [placed.order, *([placed.second] if placed.second else [])]
