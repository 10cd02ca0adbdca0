"""The rest of an order on other services: which, how much on each and for how much, as an offer that one tap buys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import case, func, insert, select, text, true

from services import health, orders, plans, quotes, ranking, switches, wallet
from services.db import ReadSession, WriteSession
from services.models import RESTS, Order, Quote, Service
from services.money import ZERO, Money
from services.notices import Half, Offer
from services.order_view import FINISHED, PROMISED, UNDONE, VIEW, OrderView
from services.plans import Plan, Portion
from services.ranking import Candidate, Wanted, why_none

SHOWN = 8
"""How many alternatives a customer is offered to choose from."""


@dataclass(frozen=True, slots=True)
class Offered:
    """The best offer for a rest, or the code of the reason why there is none."""

    offer: Offer | None
    no_offer: str | None


@dataclass(frozen=True, slots=True)
class Rest:
    """Everything to choose from for one stopped order; `offers` best first, `no_offer` says why there are none."""

    order: OrderView
    remaining: int
    refunded: Money
    offers: Sequence[Offer]
    no_offer: str | None


@dataclass(frozen=True, slots=True)
class Way:
    """How a rest is best had; without a `plan` the code of the reason why it cannot be."""

    wanted: Wanted
    plan: Plan | None
    no_offer: str | None

    @property
    def missing(self) -> Money:
        """What the wallet lacks for it."""
        return max(ZERO, self.plan.price - self.wanted.balance) if self.plan else ZERO


async def best_offers(session: WriteSession, rests: Sequence[Wanted], now: datetime) -> dict[int, Offered]:
    """The best offer for each rest, by order id, what the wallet pays before what it does not.

    A handful of queries and one insert, however many there are.
    """
    return await offer(session, await best_ways(session, rests, now), now)


async def best_ways(session: ReadSession, rests: Sequence[Wanted], now: datetime) -> list[Way]:
    """How each rest is best had; nothing is written."""
    if not rests:
        return []
    shelves = await _candidates(session, {wanted.category_id for wanted in rests}, now)
    return [_best(_ways(wanted, shelves.get(wanted.category_id, []), now)) for wanted in rests]


async def ways(session: ReadSession, wanted: Wanted, now: datetime) -> Sequence[Way]:
    """Every way to have one rest, best first; where there is none, the one that says why."""
    shelves = await _candidates(session, {wanted.category_id}, now)
    return _ways(wanted, shelves.get(wanted.category_id, []), now)


async def offer(session: WriteSession, ways: Sequence[Way], now: datetime) -> dict[int, Offered]:
    """Ways made into offers with the quotes behind them, by order id."""
    planned = [(way.wanted, way.plan) for way in ways if way.plan is not None]
    made = dict(zip((wanted.order_id for wanted, _ in planned), await offers(session, planned, now), strict=True))
    return {way.wanted.order_id: Offered(made.get(way.wanted.order_id), way.no_offer) for way in ways}


async def offers(session: WriteSession, planned: Sequence[tuple[Wanted, Plan]], now: datetime) -> list[Offer]:
    """Each plan made into an offer, all the quotes behind them in one insert."""
    made = [_offer(wanted, plan, now) for wanted, plan in planned]
    if made:
        await session.run(insert(Quote), [row for _, rows in made for row in rows])
    return [shown for shown, _ in made]


async def rest(session: WriteSession, *, user_id: int, order_id: int, now: datetime, staff: bool = False) -> Rest:
    """All that the rest of a closed order may be bought on; no_offer "open", "delivered" or "ordered".

    Raises OrderNotFound, and where there is something to buy but nothing is sold SalesStopped or, not for `staff`,
    UnderMaintenance.
    """
    order = await orders.find(session, user_id, order_id)
    if order.status not in FINISHED or order.lacking <= 0:
        refusal = "open" if order.status not in FINISHED else "delivered"
        return Rest(order, order.lacking, order.refunded, [], refusal)
    found = await wanted_of(session, [order_id], {user_id: await wallet.balance(session, user_id)})
    if not found:
        return Rest(order, 0, order.refunded, [], "ordered")
    await switches.require_sales(session, staff=staff)
    [wanted] = found
    every = await ways(session, wanted, now)
    made = await offers(session, [(wanted, way.plan) for way in every[:SHOWN] if way.plan is not None], now)
    return Rest(order, wanted.remaining, order.refunded, made, every[0].no_offer)


async def wanted_of(session: ReadSession, order_ids: Sequence[int], balances: Mapping[int, Money]) -> list[Wanted]:
    """The rests of these orders as far as they are not on their way elsewhere; `balances` by user id."""
    rows = await session.all(
        select(*VIEW, Order.provider, Service.category_id, Service.refill)
        .join(Service, Service.id == Order.service_id)
        .where(Order.id.in_(order_ids))
    )
    stopped = [(OrderView(*row[: len(VIEW)]), row) for row in rows]
    stopped = [(order, row) for order, row in stopped if order.lacking > 0]
    if not stopped:
        return []
    tried = await _tried(session, {order.goal_id for order, _ in stopped})
    room = await _room(session, {order.goal_id for order, _ in stopped})
    standing = await _standing(session, {_stands_for(order) for order, _ in stopped})
    found = [
        _placed_among(
            Wanted(
                order_id=order.id,
                user_id=order.user_id,
                provider=row.provider,
                category_id=row.category_id,
                link=order.link,
                remaining=min(order.lacking, room[order.goal_id]),
                rate=order.rate,
                returned=order.refunded,
                balance=balances[order.user_id],
                tried=tried[order.goal_id],
                stands_for=_stands_for(order),
                part=order.part,
                type=order.type,
                unit=order.unit,
                quantity=order.quantity,
                extras=order.extras,
                refill=row.refill,
            ),
            order.lacking,
            standing.get(_stands_for(order), {}),
        )
        for order, row in stopped
    ]
    return [wanted for wanted in found if wanted.remaining > 0]


def _placed_among(wanted: Wanted, lacking: int, standing: Mapping[int, int]) -> Wanted:
    """The same without what is on its way, and where it would stand beside that; `standing` is what each part covers.

    Of an order's own rest all parts are taken off; one that stands in for a part in vain has that part's place alone.
    """
    further = max(standing, default=0) + 1
    if wanted.stands_for == wanted.order_id:
        left = lacking - sum(standing.values())
        return replace(wanted, remaining=min(left, wanted.remaining), part=further, next_part=further + 1)
    left, part = lacking - standing.get(wanted.part, 0), wanted.part
    if part in standing:  # its place is taken, for a part of it only: the new one stands beside that
        part = further
    return replace(wanted, remaining=min(left, wanted.remaining), part=part, next_part=max(further, part) + 1)


async def _room(session: ReadSession, goals: set[int]) -> dict[int, int]:
    """How much each goal still wants beyond what its orders brought or are to bring."""
    wants = func.sum(case((Order.id == Order.goal_id, Order.quantity), else_=0))
    rows = await session.all(
        select(Order.goal_id, (wants - func.sum(PROMISED)).label("room"))
        .where(Order.goal_id.in_(goals))
        .group_by(Order.goal_id)
    )
    return {row.goal_id: int(row.room) for row in rows}


async def _standing(session: ReadSession, stopped: set[int]) -> dict[int, dict[int, int]]:
    """The rests of these orders that are on their way or brought some: what each part covers, by order and part."""
    rows = await session.all(
        select(Order.replaces_id, Order.part, Order.covers).where(text(RESTS), Order.replaces_id.in_(stopped))
    )
    standing: dict[int, dict[int, int]] = {}
    for row in rows:
        standing.setdefault(row.replaces_id, {})[row.part] = row.covers
    return standing


async def _tried(session: ReadSession, goals: set[int]) -> dict[int, frozenset[int]]:
    """The services each goal was sent to; an order undone before it left has tried nothing."""
    rows = await session.all(
        select(Order.goal_id, Order.service_id).where(Order.goal_id.in_(goals), Order.progress != UNDONE).distinct()
    )
    services: dict[int, set[int]] = {goal: set() for goal in goals}
    for row in rows:
        services[row.goal_id].add(row.service_id)
    return {goal: frozenset(found) for goal, found in services.items()}


def _stands_for(order: OrderView) -> int:
    """A replacement that delivered nothing leaves the rest where it was, so that it cannot be bought twice."""
    return order.replaces_id if order.replaces_id is not None and order.delivered == 0 else order.id


async def _candidates(session: ReadSession, categories: set[int], now: datetime) -> dict[int, list[Candidate]]:
    rows = await session.all(
        select(
            Service.category_id,
            Service.id,
            Service.provider,
            Service.name,
            Service.server,
            Service.rate,
            Service.min,
            Service.max,
            Service.position,
            Service.type,
            Service.dripfeed,
            Service.refill,
        ).where(Service.category_id.in_(categories), Service.on_sale.is_(true()))
    )
    fares = await health.of_shelves(session, categories, now)
    shelves: dict[int, list[Candidate]] = {}
    for row in rows:
        candidate = Candidate(*row[1:], health=fares.get(row.id, health.UNKNOWN))
        shelves.setdefault(row.category_id, []).append(candidate)
    return shelves


def _ways(wanted: Wanted, candidates: Sequence[Candidate], now: datetime) -> list[Way]:
    if wanted.over(now):
        return [Way(wanted, None, "expired")]
    found = [Way(wanted, plan, None) for plan in plans.plans(wanted, candidates)]
    return found or [Way(wanted, None, why_none(wanted, candidates))]


def _best(found: Sequence[Way]) -> Way:
    """The one that the wallet pays, see services.plans; where there is no way, what says why."""
    plan = plans.best([way.plan for way in found if way.plan is not None], found[0].wanted.balance)
    return replace(found[0], plan=plan)


def _offer(wanted: Wanted, plan: Plan, now: datetime) -> tuple[Offer, list[dict[str, object]]]:
    """The offer as the notice carries it, and the quote rows behind its token."""
    first, *others = plan.portions
    rows = [
        _quote(wanted, portion, part, now)
        for portion, part in zip(plan.portions, (wanted.part, wanted.next_part), strict=False)
    ]
    rows[0]["second"] = rows[1]["token"] if others else None
    carried = wanted.carried(first.candidate, first.quantity)
    made = Offer(
        token=str(rows[0]["token"]),
        service_id=first.candidate.id,
        service_name=first.candidate.name,
        server=first.candidate.server,
        quantity=first.quantity,
        price=plan.price,
        difference=plan.price - wanted.returned,
        runs=carried.drip.runs if carried.drip else int(wanted.extras.drip is not None),
        unit=wanted.unit,
        reasons=ranking.reasons(wanted, first.candidate),
        remaining=wanted.remaining,
        missing=max(ZERO, plan.price - wanted.balance),
        second=Half(others[0].candidate.server, others[0].quantity) if others else None,
    )
    return made, rows


def _quote(wanted: Wanted, portion: Portion, part: int, now: datetime) -> dict[str, object]:
    return {
        "token": quotes.new_token(),
        "user_id": wanted.user_id,
        "service_id": portion.candidate.id,
        "link": wanted.link,
        "quantity": portion.quantity,
        "rate": portion.candidate.rate,
        "charge": portion.price,
        "type": portion.candidate.type,
        "extras": wanted.carried(portion.candidate, portion.quantity),
        "replaces_id": wanted.stands_for,
        "part": part,
        "covers": portion.covers,
        "second": None,
        "created_at": now,
    }
