"""What a reseller's site wants called off, many orders at once: given back, asked of their providers, or refused."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

from services import canceling
from services.canceling import Answer, Standing
from services.db import Database, WriteSession
from services.policy import Policy
from services.provider import PanelClient

DONE = frozenset({"given_back", "accepted"})
"""Answers after which an order is canceled, or its provider was asked to: a refund comes with its status."""


async def cancel(
    db: Database,
    providers: Mapping[str, PanelClient],
    policy: Policy,
    *,
    user_id: int,
    order_ids: Collection[int],
    clock: Callable[[], datetime],
) -> dict[int, str]:
    """What became of the wish to cancel those of these orders that are this person's, by id.

    A provider is asked once in canceling.AGAIN for an order, however often and by how many at once that is wanted.

    given_back  it had not left: all its money is back
    accepted    its provider was asked, and takes it
    refused     its provider does not cancel it, or the service is none that can be canceled
    silent      its provider gave no answer
    waiting     nobody knows whether a provider has it, or it cannot be asked now, or is just being asked
    over        it has ended
    """
    async with db.read() as session:
        standings = await canceling.standings(session, order_ids, policy, user_id=user_id)
    told = {order_id: _told(standing) for order_id, standing in standings.items()}
    if back := [order_id for order_id, code in told.items() if code == "give_back"]:
        gone = await db.retrying(partial(_give_back, order_ids=back, now=clock()))
        told |= {order_id: "given_back" if order_id in gone else "waiting" for order_id in back}
    if asked := [order_id for order_id, code in told.items() if code == "ask"]:
        told |= await _asked(db, providers, policy, order_ids=asked, clock=clock)
    return told


async def _asked(
    db: Database,
    providers: Mapping[str, PanelClient],
    policy: Policy,
    *,
    order_ids: Collection[int],
    clock: Callable[[], datetime],
) -> dict[int, str]:
    """What their providers say, or said when they were asked a moment ago."""
    asked_at = clock()
    known = await db.retrying(partial(_claim, order_ids=order_ids, now=asked_at))
    told = {order_id: code or "waiting" for order_id, code in known.items()}
    if ours := [order_id for order_id in order_ids if order_id not in known]:
        answers = await canceling.ask_many(db, providers, order_ids=ours)
        await db.retrying(partial(_answered, answers=answers, asked_at=asked_at, policy=policy, now=clock()))
        told |= {order_id: _code(answers.get(order_id)) for order_id in ours}
    return told


def _told(standing: Standing) -> str:
    match standing.way:
        case "give_back" | "over":
            return standing.way
        case "ask":
            return "ask" if standing.promised else "refused"
    return "waiting"


def _code(answer: Answer | None) -> str:
    """What its provider said; of an order that has ended meanwhile, or whose provider is gone, nothing was asked."""
    return "waiting" if answer is None else answer.code


async def _give_back(write: WriteSession, *, order_ids: Sequence[int], now: datetime) -> set[int]:
    return await canceling.give_back_many(write, order_ids=order_ids, now=now)


async def _claim(write: WriteSession, *, order_ids: Collection[int], now: datetime) -> dict[int, str | None]:
    await canceling.unwanted(write, order_ids=order_ids)
    return await canceling.claim(write, order_ids=order_ids, now=now)


async def _answered(
    write: WriteSession, *, answers: Mapping[int, Answer], asked_at: datetime, policy: Policy, now: datetime
) -> None:
    await canceling.remember(write, answers, asked_at=asked_at)
    taken = [order_id for order_id, answer in answers.items() if answer.code == "accepted"]
    await canceling.hurry_many(write, order_ids=taken, policy=policy, now=now)
