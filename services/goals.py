"""Goals: an order and the orders that finish it, as one thing that somebody wanted."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from services.db import ReadSession
from services.errors import OrderNotFound
from services.models import Order
from services.money import ZERO, Money
from services.order_view import FINISHED, UNDONE, VIEW, OrderView


@dataclass(frozen=True, slots=True)
class GoalView:
    """An order and the orders that finish it, as one: `quantity` is what the first one asked for."""

    parts: Sequence[OrderView]

    @property
    def id(self) -> int:
        """The id of the first order."""
        return self.parts[0].goal_id

    @property
    def first(self) -> OrderView:
        """The order that the others finish."""
        return self.parts[0]

    @property
    def quantity(self) -> int:
        """What was wanted."""
        return self.first.quantity

    @property
    def delivered(self) -> int:
        """What all parts delivered together."""
        return sum(part.counted for part in self.parts)

    @property
    def rests(self) -> Sequence[tuple[OrderView, int]]:
        """What is missing and not on its way: the orders to go on from, and how much is left of each.

        An undone order was never tried. One that brought nothing leaves its place among the rests of the order before
        it, where the last that was tried speaks for it.
        """
        tried = [part for part in self.parts if part.progress != UNDONE]
        places = {(part.replaces_id, part.part): part for part in tried if part.replaces_id is not None}
        room = self.quantity - sum(part.counted if part.status in FINISHED else part.covers for part in self.parts)
        found = []
        for part in tried:
            if part.replaces_id is None or part.delivered:
                left = part.lacking - sum(other.covers for (of, _), other in places.items() if of == part.id)
            else:
                left = part.lacking if places[part.replaces_id, part.part] is part else 0
            left = min(left, room)
            if part.status in FINISHED and left > 0:
                found.append((part, left))
                room -= left
        return found

    @property
    def paid(self) -> Money:
        """Charges less refunds of all parts."""
        return sum((part.charge - part.refunded for part in self.parts), ZERO)

    @property
    def open(self) -> bool:
        """Whether a part is still on its way."""
        return any(part.status not in FINISHED for part in self.parts)


@dataclass(frozen=True, slots=True)
class GoalPage:
    """One page of a person's history, the newest goal first."""

    goals: Sequence[GoalView]
    pages: int


async def page_of(session: ReadSession, user_id: int, *, page: int, size: int) -> GoalPage:
    """A page of history, `page` counting from 0."""
    mine = Order.user_id == user_id
    total = await session.value(select(func.count(Order.goal_id.distinct())).where(mine)) or 0
    ids = select(Order.goal_id).where(mine).distinct().order_by(Order.goal_id.desc()).limit(size).offset(page * size)
    rows = await session.all(select(*VIEW).where(mine, Order.goal_id.in_(ids)).order_by(Order.goal_id.desc(), Order.id))
    parts: dict[int, list[OrderView]] = {}
    for row in rows:
        order = OrderView(*row)
        parts.setdefault(order.goal_id, []).append(order)
    return GoalPage([GoalView(orders) for orders in parts.values()], pages=max(1, -(-total // size)))


async def find(session: ReadSession, user_id: int, goal_id: int) -> GoalView:
    """One goal of this person's; OrderNotFound where it is not theirs."""
    rows = await session.all(select(*VIEW).where(Order.goal_id == goal_id, Order.user_id == user_id).order_by(Order.id))
    if not rows:
        raise OrderNotFound
    return GoalView([OrderView(*row) for row in rows])
