"""Orders called off by the staff: given back at once where they never left, else their provider is asked to cancel."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text, update

from services import closing, finishing, placing, reconciling, settlement
from services.db import Database, ReadSession, WriteSession
from services.errors import OrderNotFound, TooLate
from services.models import QUEUED, Order, Service
from services.panel_answers import RowError
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


MAY_SEND = reconciling.over().label("may_send")


async def standing(read: ReadSession, order_id: int, policy: Policy) -> Standing:
    """What calling off an order means, whoever's it is. OrderNotFound where there is none."""
    row = await read.first(
        select(Order.status, Order.provider, Service.cancel, placing.NEVER_LEFT.label("never_left"), MAY_SEND)
        .join(Service, Service.id == Order.service_id)
        .where(Order.id == order_id)
    )
    if row is None:
        raise OrderNotFound
    match row.status:
        case "queued":
            way = "give_back" if row.never_left else "doubt"
        case "placing":
            way = "leaving"
        case "unknown":
            way = "doubt"
        case settlement.OPEN:
            way = "missing" if row.provider not in policy.providers else "ask" if row.may_send else "held"
        case _:
            way = "over"
    return Standing(order_id, way, row.provider, row.cancel)


async def give_back(write: WriteSession, *, order_id: int, now: datetime) -> None:
    """Take back an order that never left: all its money returns, and its customer is told. TooLate where it did.

    The shop finishes its goal by itself no more: another part that stops would order this one again.
    """
    waiting = await placing.locked(write, text(QUEUED), Order.id == order_id, placing.NEVER_LEFT)
    if not waiting:
        raise TooLate
    await finishing.turn(write, user_id=waiting[0].user_id, goal_id=waiting[0].goal_id, on=False, now=now)
    await placing.reject(write, waiting, closing.CALLED_OFF, now)


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


async def hurry(write: WriteSession, *, order_id: int, policy: Policy, now: datetime) -> None:
    """Ask soon how an open order stands: its provider has just been asked to cancel it.

    What it leaves undone is not wanted, so the shop does not order that elsewhere by itself.
    """
    [order] = await write.all(select(Order.user_id, Order.goal_id).where(Order.id == order_id))
    await finishing.turn(write, user_id=order.user_id, goal_id=order.goal_id, on=False, now=now)
    soon = now + policy.poll_fastest
    await write.run(
        update(Order)
        .where(Order.id == order_id, Order.status == settlement.OPEN, Order.next_poll_at > soon)
        .values(next_poll_at=soon)
    )
