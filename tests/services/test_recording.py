"""What came back from a provider is recorded, whatever happens to the orders beside it and to the database."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import structlog
from sqlalchemy import select

from services import placing
from services.db import WriteSession
from services.models import Attempt
from services.notices import AdminAlert
from services.provider import PanelClient
from tests.blinks import blink
from tests.shop import ADMIN, LINK, Shop


async def test_of_two_answers_with_one_id_at_once_the_second_is_kept_as_evidence(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = 0

    async def both_look_before_either_writes(*wanted: Any) -> int | None:
        nonlocal looked
        looked += 1
        return await held_by(*wanted) if looked > 2 else None

    held_by = placing.held_by
    monkeypatch.setattr(placing, "held_by", both_look_before_either_writes)
    shop.north.adds = [{"order": 7}, {"order": 7}]
    first, second = await shop.buy(link=f"{LINK}1"), await shop.buy(link=f"{LINK}2")
    await shop.submit()
    ends = {(await shop.order(order)).status for order in (first, second)}
    assert ends == {"placed", "unknown"}
    async with shop.db.read() as session:
        kept = await session.values(select(Attempt.evidence).where(Attempt.outcome == "ambiguous"))
    assert kept == ["order id already in use: 7"]


async def test_an_order_that_cannot_be_recorded_cuts_off_no_other_on_its_way(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, record = placing._post, placing.record
    unlucky, other = await shop.buy(link=f"{LINK}1"), await shop.buy(link=f"{LINK}2")

    async def answered_at_once(client: PanelClient, licence: placing.Licence) -> placing.Answer:
        if licence.order_id == unlucky:
            return placing.Answer("rejected", "neworder.error.link")
        return await post(client, licence)

    async def lost(session: Any, *, licence: placing.Licence, **more: Any) -> None:
        if licence.order_id == unlucky:
            shop.north.released.set()  # the other's answer is still to come
            raise ZeroDivisionError
        await record(session, licence=licence, **more)

    shop.north.adds = ["hang"]
    monkeypatch.setattr(placing, "_post", answered_at_once)
    monkeypatch.setattr(placing, "record", lost)
    with pytest.raises(ExceptionGroup):
        await shop.submit()
    assert (await shop.order(other)).status == "placed"


ENDS = pytest.mark.parametrize(
    ("said", "outcome", "status"),
    [
        ({"order": 7}, "accepted", "placed"),
        ({"error": "Incorrect service ID"}, "rejected", "rejected"),
        ("drop", "ambiguous", "unknown"),
    ],
)


async def outcomes(shop: Shop) -> list[str]:
    async with shop.db.read() as session:
        return list(await session.values(select(Attempt.outcome).order_by(Attempt.id)))


@ENDS
async def test_an_answer_in_hand_outlives_a_database_that_is_away(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, said: object, outcome: str, status: str
) -> None:
    record, tries = placing.record, 0

    async def away_at_first(session: WriteSession, **answered: Any) -> None:
        nonlocal tries
        tries += 1
        await record(session, **answered)
        if tries <= 2:
            await blink(session)

    monkeypatch.setattr(placing, "record", away_at_first)
    shop.north.adds = [said]
    order_id = await shop.buy()
    assert await shop.submit() == 1
    assert ((await shop.order(order_id)).status, await outcomes(shop)) == (status, [outcome])
    assert len([form for form in shop.north.asked if form["action"] == "add"]) == 1


@ENDS
async def test_a_commit_that_nobody_heard_of_is_not_taken_for_somebody_elses(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, said: object, outcome: str, status: str
) -> None:
    """The line was cut after it: recorded again, the order stays where it is, and the admins hear nothing new."""
    retrying, unheard = shop.db.retrying, True

    async def cut_after_the_commit(block: Callable[[WriteSession], Awaitable[Any]]) -> Any:
        nonlocal unheard
        done = await retrying(block)
        if done is None and unheard:  # a record, not a claim
            unheard = False
            raise ConnectionResetError
        return done

    monkeypatch.setattr(shop.db, "retrying", cut_after_the_commit)
    shop.north.adds = [said]
    order_id = await shop.buy()
    await shop.submit()
    assert not unheard
    assert ((await shop.order(order_id)).status, await outcomes(shop)) == (status, [outcome])
    told = [notice.code for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)]
    assert told == {"placed": [], "rejected": ["order-refused"], "unknown": ["order-unknown"]}[status]


async def test_an_answer_that_a_stop_keeps_from_being_recorded_stands_in_the_log(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = asyncio.Event()

    async def for_ever(session: WriteSession, **_answered: Any) -> None:
        away.set()
        await blink(session)

    order_id = await shop.buy()
    with monkeypatch.context() as spoiled, structlog.testing.capture_logs() as logged:
        spoiled.setattr(placing, "record", for_ever)
        async with asyncio.TaskGroup() as group:
            submitting = group.create_task(shop.submit())
            await away.wait()
            submitting.cancel()
    told = {line["event"]: line for line in logged}
    for event in ("order.submitted", "order.unrecorded"):
        assert (told[event]["order"], told[event]["provider_order"]) == (order_id, "1")
    shop.wait(minutes=1)
    await shop.sweep()
    assert (await shop.order(order_id)).status == "unknown", "it is never sent again"
