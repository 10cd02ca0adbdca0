"""The rest of an order on another service: which one, for how much, as an offer that one tap buys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, text, true

from services import health, orders, ranking, switches, wallet
from services.db import ReadSession, WriteSession
from services.models import RESTS, Order, Quote, Service
from services.money import Money
from services.notices import Offer
from services.orders import OrderView
from services.ranking import Candidate, Wanted, rank, why_none

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


async def best_offers(session: WriteSession, rests: Sequence[Wanted], now: datetime) -> dict[int, Offered]:
    """One affordable offer for each rest, by order id: three queries and one insert however many there are."""
    if not rests:
        return {}
    shelves = await _candidates(session, {wanted.category_id for wanted in rests}, now)
    offered: dict[int, Offered] = {}
    quotes: list[dict[str, object]] = []
    for wanted in rests:
        if wanted.over(now):
            offered[wanted.order_id] = Offered(None, "expired")
            continue
        candidates = shelves.get(wanted.category_id, [])
        best = next((found for found in rank(wanted, candidates) if wanted.price(found) <= wanted.balance), None)
        if best is None:
            offered[wanted.order_id] = Offered(None, why_none(wanted, candidates))
            continue
        offer, quote = _offer(wanted, best, now)
        offered[wanted.order_id] = Offered(offer, None)
        quotes.append(quote)
    if quotes:
        await session.run(insert(Quote), quotes)
    return offered


async def rest(session: WriteSession, *, user_id: int, order_id: int, now: datetime) -> Rest:
    """All that the rest of a closed order may be bought on; no_offer "open", "delivered" or "ordered".

    Raises OrderNotFound, and SalesStopped where there is something to buy but nothing is sold.
    """
    order = await orders.find(session, user_id, order_id)
    remaining = order.quantity - order.delivered
    refusal = await _refusal(session, order, remaining)
    if refusal is not None:
        return Rest(order, remaining, order.refunded, [], refusal)
    await switches.require_sales(session)
    found = await wanted_of(session, [order_id], {user_id: await wallet.balance(session, user_id)})
    wanted = found[0]
    if wanted.over(now):
        return Rest(order, remaining, order.refunded, [], "expired")
    candidates = (await _candidates(session, {wanted.category_id}, now)).get(wanted.category_id, [])
    made = [_offer(wanted, candidate, now) for candidate in rank(wanted, candidates)[:SHOWN]]
    if made:
        await session.run(insert(Quote), [quote for _, quote in made])
    no_offer = None if made else why_none(wanted, candidates)
    return Rest(order, remaining, order.refunded, [offer for offer, _ in made], no_offer)


async def _refusal(session: ReadSession, order: OrderView, remaining: int) -> str | None:
    if order.status not in orders.FINISHED:
        return "open"
    if remaining <= 0:
        return "delivered"
    taken = await session.value(
        select(Order.id).where(
            text(RESTS), Order.replaces_id == _stands_for(order.id, order.replaces_id, order.delivered)
        )
    )
    return None if taken is None else "ordered"


async def wanted_of(session: ReadSession, order_ids: Sequence[int], balances: Mapping[int, Money]) -> list[Wanted]:
    """The rests of these orders as they stand in the database; `balances` by user id."""
    rows = await session.all(
        select(
            Order.id,
            Order.goal_id,
            Order.user_id,
            Order.provider,
            Service.category_id,
            Order.link,
            Order.quantity,
            Order.delivered,
            Order.rate,
            Order.refunded,
            Order.replaces_id,
            Order.type,
            Order.unit,
            Order.extras,
            Service.refill,
        )
        .join(Service, Service.id == Order.service_id)
        .where(Order.id.in_(order_ids))
    )
    tried = await _tried(session, {row.goal_id for row in rows})
    return [
        Wanted(
            order_id=row.id,
            user_id=row.user_id,
            provider=row.provider,
            category_id=row.category_id,
            link=row.link,
            remaining=row.quantity - row.delivered,
            rate=row.rate,
            returned=row.refunded,
            balance=balances[row.user_id],
            tried=tried[row.goal_id],
            stands_for=_stands_for(row.id, row.replaces_id, row.delivered),
            type=row.type,
            unit=row.unit,
            quantity=row.quantity,
            extras=row.extras,
            refill=row.refill,
        )
        for row in rows
        if row.quantity > row.delivered
    ]


async def _tried(session: ReadSession, goals: set[int]) -> dict[int, frozenset[int]]:
    """The services each goal was sent to; an order undone before it left has tried nothing."""
    rows = await session.all(
        select(Order.goal_id, Order.service_id)
        .where(Order.goal_id.in_(goals), Order.progress != orders.UNDONE)
        .distinct()
    )
    services: dict[int, set[int]] = {goal: set() for goal in goals}
    for row in rows:
        services[row.goal_id].add(row.service_id)
    return {goal: frozenset(found) for goal, found in services.items()}


def _stands_for(order_id: int, replaces_id: int | None, delivered: int) -> int:
    """A replacement that delivered nothing leaves the rest where it was, so that it cannot be bought twice."""
    return replaces_id if replaces_id is not None and delivered == 0 else order_id


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


def _offer(wanted: Wanted, candidate: Candidate, now: datetime) -> tuple[Offer, dict[str, object]]:
    """The offer as the notice carries it, and the quote row behind its token."""
    token, price, extras = orders.new_token(), wanted.price(candidate), wanted.carried(candidate)
    offer = Offer(
        token=token,
        service_id=candidate.id,
        service_name=candidate.name,
        server=candidate.server,
        quantity=wanted.remaining,
        price=price,
        difference=price - wanted.returned,
        runs=extras.drip.runs if extras.drip else int(wanted.extras.drip is not None),
        unit=wanted.unit,
        reasons=ranking.reasons(wanted, candidate),
    )
    quote: dict[str, object] = {
        "token": token,
        "user_id": wanted.user_id,
        "service_id": candidate.id,
        "link": wanted.link,
        "quantity": wanted.remaining,
        "rate": candidate.rate,
        "charge": price,
        "type": candidate.type,
        "extras": extras,
        "replaces_id": wanted.stands_for,
        "created_at": now,
    }
    return offer, quote
