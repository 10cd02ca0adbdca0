"""Orders called off by the staff: given back at once where they never left, else their provider is asked to cancel."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import false, select, text, update

from services import closing, finishing, placing, reconciling, settlement
from services.db import Database, ReadSession, WriteSession
from services.errors import OrderNotFound, TooLate
from services.models import QUEUED, Order, Service
from services.panel_answers import Accepted, RowError
from services.policy import Policy
from services.provider import PanelClient, ProviderError


@dataclass(frozen=True, slots=True)
class Standing:
    """How an order stands for whoever would call it off.

    `way`: give_back, it never left; ask, its provider has it; doubt, nobody knows whether a provider has it; leaving,
    it is being sent just now; missing, its provider is not in the settings; held, nothing is sent to any provider
    before a shop that was brought back is compared; over. `promised`: the provider's catalogue
    says that it cancels orders of this service.
    """

    order_id: int
    way: str
    provider: str
    promised: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider says to that, accepted, refused or silent, and in its own words. Money waits for its status."""

    code: str
    provider: str
    text: str = ""


AGAIN = timedelta(minutes=5)
"""Whoever asks sooner than this for the same cancellation is told what was answered, and its provider is let be."""
MAY_SEND = reconciling.over().label("may_send")


async def standing(read: ReadSession, order_id: int, policy: Policy) -> Standing:
    """What calling off an order means, whoever's it is. OrderNotFound where there is none."""
    found = await standings(read, [order_id], policy)
    if order_id not in found:
        raise OrderNotFound
    return found[order_id]


async def standings(
    read: ReadSession, order_ids: Collection[int], policy: Policy, *, user_id: int | None = None
) -> dict[int, Standing]:
    """The same of those of these orders that there are, by id; with `user_id`, of those that are this person's."""
    never_left = placing.NEVER_LEFT.label("never_left")
    wanted = (
        select(Order.id, Order.status, Order.provider, Service.cancel, never_left, MAY_SEND)
        .join(Service, Service.id == Order.service_id)
        .where(Order.id.in_(sorted(order_ids)))
    )
    if user_id is not None:
        wanted = wanted.where(Order.user_id == user_id)
    return {row.id: Standing(row.id, _way(row, policy), row.provider, row.cancel) for row in await read.all(wanted)}


def _way(row: Any, policy: Policy) -> str:
    match row.status:
        case "queued":
            return "give_back" if row.never_left else "doubt"
        case "placing":
            return "leaving"
        case "unknown":
            return "doubt"
        case settlement.OPEN:
            return "missing" if row.provider not in policy.providers else "ask" if row.may_send else "held"
    return "over"


async def give_back(write: WriteSession, *, order_id: int, now: datetime) -> None:
    """Take back an order that never left: all its money returns, and its customer is told. TooLate where it did.

    The shop finishes its goal by itself no more: another part that stops would order this one again.
    """
    if not await give_back_many(write, order_ids=[order_id], now=now):
        raise TooLate


async def give_back_many(write: WriteSession, *, order_ids: Collection[int], now: datetime) -> set[int]:
    """The same of those of these orders that never left; their ids."""
    waiting = await placing.locked(write, text(QUEUED), Order.id.in_(sorted(order_ids)), placing.NEVER_LEFT)
    await placing.reject(write, waiting, closing.CALLED_OFF, now)
    return {order.id for order in waiting}


async def unwanted(write: WriteSession, *, order_ids: Collection[int]) -> None:
    """What these orders leave undone is not wanted: the shop orders none of it elsewhere by itself.

    Committed before their providers are asked to cancel: that they did may be seen before their answer is here.
    """
    chatted = (Order.id.in_(sorted(order_ids)), Order.by_api.is_(false()))
    await finishing.off(write, await write.values(select(Order.goal_id).where(*chatted)))


async def ask(db: Database, providers: Mapping[str, PanelClient], *, order_id: int) -> Answer:
    """Ask the provider of a placed order to cancel it. TooLate where it is not with a provider that can be asked."""
    async with db.read() as session:
        row = await session.first(
            select(Order.provider, Order.provider_order_id)
            .where(Order.id == order_id, Order.status == settlement.OPEN, Order.provider_order_id.is_not(None))
            .where(reconciling.over())
        )
    client = None if row is None else providers.get(row.provider)
    if row is None or client is None:
        raise TooLate
    try:
        answers = await client.cancel([row.provider_order_id])
    except ProviderError as error:
        return Answer("silent", row.provider, str(error))
    answer = answers.get(row.provider_order_id)
    match answer:
        case None:
            return Answer("silent", row.provider)
        case RowError():
            return Answer("refused", row.provider, answer.text)
    return Answer("accepted", row.provider)


async def claim(write: WriteSession, *, order_ids: Collection[int], now: datetime) -> dict[int, str | None]:
    """Take it on to ask for these orders; of those that were asked for within AGAIN, what was answered, None so far.

    Nobody else has those that are missing here: committed before the request leaves, it leaves once however many want
    it at the same time.
    """
    rows = await write.all(
        select(Order.id, Order.cancel_asked_at, Order.cancel_answer)
        .where(Order.id.in_(sorted(order_ids)))
        .order_by(Order.id)
        .with_for_update()
    )
    # Who waited for the lock may have read the clock before the one who had it: the distance counts, not the order.
    known = {
        row.id: row.cancel_answer
        for row in rows
        if row.cancel_asked_at is not None and abs(now - row.cancel_asked_at) < AGAIN
    }
    ours = [row.id for row in rows if row.id not in known]
    await write.run(update(Order).where(Order.id.in_(ours)).values(cancel_asked_at=now, cancel_answer=None))
    return known


async def remember(write: WriteSession, answers: Mapping[int, Answer], *, asked_at: datetime) -> None:
    """Keep what was answered for orders that were claimed at this moment, for those who ask again."""
    await write.values(select(Order.id).where(Order.id.in_(sorted(answers))).order_by(Order.id).with_for_update())
    for code in sorted({answer.code for answer in answers.values()}):
        those = sorted(order_id for order_id, answer in answers.items() if answer.code == code)
        mine = (Order.id.in_(those), Order.cancel_asked_at == asked_at)
        await write.run(update(Order).where(*mine).values(cancel_answer=code))


async def ask_many(
    db: Database, providers: Mapping[str, PanelClient], *, order_ids: Collection[int]
) -> dict[int, Answer]:
    """The same of a set of orders, by id, as many in one request as panels take; those that cannot be asked are left
    out."""
    async with db.read() as session:
        rows = await session.all(
            select(Order.id, Order.provider, Order.provider_order_id)
            .where(Order.id.in_(sorted(order_ids)), Order.status == settlement.OPEN)
            .where(Order.provider_order_id.is_not(None), Order.provider.in_(list(providers)), reconciling.over())
            .order_by(Order.id)
        )
    told: dict[int, Answer] = {}
    for name in sorted({row.provider for row in rows}):
        theirs = {row.provider_order_id: row.id for row in rows if row.provider == name}
        try:
            answers = await providers[name].cancel(list(theirs))
        except ProviderError as error:
            told |= dict.fromkeys(theirs.values(), Answer("silent", name, str(error)))
            continue
        told |= {order_id: _said(name, answers.get(panel_id)) for panel_id, order_id in theirs.items()}
    return told


def _said(provider: str, answer: Accepted | RowError | None) -> Answer:
    if isinstance(answer, RowError):
        return Answer("refused", provider, answer.text)
    return Answer("silent" if answer is None else "accepted", provider)


async def hurry(write: WriteSession, *, order_id: int, policy: Policy, now: datetime) -> None:
    """Ask soon how an open order stands: its provider has just been asked to cancel it."""
    await hurry_many(write, order_ids=[order_id], policy=policy, now=now)


async def hurry_many(write: WriteSession, *, order_ids: Collection[int], policy: Policy, now: datetime) -> None:
    """The same of a set of orders."""
    soon = now + policy.poll_fastest
    await write.run(
        update(Order)
        .where(Order.id.in_(sorted(order_ids)), Order.status == settlement.OPEN, Order.next_poll_at > soon)
        .values(next_poll_at=soon)
    )
