"""Sending refills and following them: one licence, one POST, and every end of it leads where it must."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from services import refilling
from services.db import Database
from services.errors import NoRefill, RefillTooEarly
from services.models import Order, Refill, Service
from services.notices import Refill as Told
from services.panel_refills import Progress
from services.provider import PanelClient
from services.refilling import Answer
from tests.scripted_panel import KEY
from tests.services.raw_panel import free_port
from tests.shop import Shop, open_shop


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    async with open_shop(db) as opened:
        async with db.write() as session:
            await session.run(update(Service).values(refill=True, guarantee_days=30))
        yield opened
        await opened.audit()


@pytest.fixture
async def order_id(shop: Shop) -> int:
    """An order whose drop was reported just now."""
    order_id = await shop.completed()
    await shop.report(order_id)
    return order_id


async def stands(shop: Shop) -> tuple[Any, ...]:
    """(state, reason, tries) of the latest refill; its order says the same of it."""
    async with shop.db.read() as session:
        latest = await session.first(
            select(Refill.state, Refill.reason, Refill.tries, Refill.order_id, Refill.again_at).order_by(
                Refill.id.desc()
            )
        )
        assert latest is not None
        order = await session.first(
            select(Order.refill_state, Order.refill_again_at).where(Order.id == latest.order_id)
        )
    known = "asked" if latest.state == "sending" else latest.state
    assert order == (known, latest.again_at)
    return latest.state, latest.reason, latest.tries


async def heard(shop: Shop) -> list[tuple[str, str]]:
    return [(told.state, told.reason) for told in await shop.heard() if isinstance(told, Told)]


def asked(shop: Shop) -> int:
    return sum(form["action"] == "refill" for form in shop.north.asked)


async def test_a_refill_is_sent_followed_and_told_to_its_end(shop: Shop, order_id: int) -> None:
    await shop.refill()
    assert await stands(shop) == ("sent", None, 1)
    assert shop.north.asked[-1] == {"key": KEY, "action": "refill", "order": "1"}
    shop.north.refills["1"] = "In progress"
    await shop.refill(seconds=6)
    async with shop.db.read() as session:
        assert await session.value(select(Refill.progress)) == "In progress"
    shop.north.refills["1"] = "Completed"
    await shop.refill(seconds=6)
    assert await stands(shop) == ("done", None, 1)
    assert await heard(shop) == [("sent", ""), ("done", "")]
    before = len(shop.north.asked)
    await shop.refill(days=2)
    assert len(shop.north.asked) == before, "nobody is asked about what is over"


async def test_a_refill_under_way_is_asked_for_no_second_time(shop: Shop, order_id: int) -> None:
    for _ in range(3):
        await shop.refill(hours=30)
        assert not (await shop.report(order_id)).created
    assert asked(shop) == 1


@pytest.mark.parametrize(
    ("error", "reason", "again"),
    [
        ("Refill will be available in 9 hours 3 minutes", "too_early", timedelta(hours=9, minutes=3)),
        ("Please wait", "too_early", timedelta(hours=24)),
        ("Order not eligible for refill.", "not_eligible", timedelta(hours=24)),
        ("No drop detected", "no_drop", timedelta(hours=24)),
        ("Incorrect order ID", "other", timedelta(hours=24)),
        ("Refill period expired", "over", None),
        ("Invalid API key", "bad_key", timedelta(0)),
    ],
)
async def test_a_refusal_says_when_it_is_worth_asking_again(
    shop: Shop, order_id: int, error: str, reason: str, again: timedelta | None
) -> None:
    shop.north.refill_answers = [{"error": error}]
    await shop.refill()
    assert await stands(shop) == ("rejected", reason, 1)
    [told] = [told for told in await shop.heard() if isinstance(told, Told)]
    assert (told.state, told.reason) == ("rejected", reason)
    assert told.again_at == (None if again is None else (shop.time + again).isoformat())
    assert error not in repr(told), "the panel's own words are not for customers"
    if again is None:
        with pytest.raises(NoRefill):
            await shop.report(order_id)
        return
    if again:
        with pytest.raises(RefillTooEarly):
            await shop.report(order_id)
    shop.wait(seconds=again.total_seconds())
    assert (await shop.report(order_id)).created


@pytest.mark.parametrize(
    "said", ["hang", "drop", (500, "oops"), (502, "<html>"), {"refill": 0}, {"refill": 1, "error": "no"}]
)
async def test_every_ambiguous_end_is_told_and_never_sent_again_by_itself(
    shop: Shop, order_id: int, said: object
) -> None:
    shop.north.refill_answers = [said]
    await shop.refill()
    for _ in range(3):
        await shop.sweep()
        await shop.refill(hours=1)
    assert await stands(shop) == ("unknown", "unclear", 1)
    assert asked(shop) == 1
    assert await heard(shop) == [("unknown", "unclear")]
    with pytest.raises(RefillTooEarly):
        await shop.report(order_id)
    shop.wait(hours=24)
    assert (await shop.report(order_id)).created


async def test_where_nothing_was_sent_it_is_sent_later_with_a_growing_pause(shop: Shop, order_id: int) -> None:
    north = shop.clients.pop("north")
    away = PanelClient("north", f"http://127.0.0.1:{free_port()}/api/v2", KEY, deadline=5)
    shop.clients["north"] = away
    await shop.refill()
    await shop.refill(seconds=1)
    assert await stands(shop) == ("asked", None, 1)
    await shop.refill(seconds=1)
    assert await stands(shop) == ("asked", None, 2)
    shop.clients["north"] = north
    await shop.refill(seconds=3)
    assert asked(shop) == 0
    await shop.refill(seconds=1)
    assert await stands(shop) == ("sent", None, 3)
    assert asked(shop) == 1
    await away.close()


async def test_a_provider_out_of_reach_for_too_long_is_told_and_the_next_may_be_asked_for_at_once(
    shop: Shop, order_id: int
) -> None:
    shop.policy = replace(shop.policy, unsent_tries=2)
    north = shop.clients.pop("north")
    away = PanelClient("north", f"http://127.0.0.1:{free_port()}/api/v2", KEY, deadline=5)
    shop.clients["north"] = away
    await shop.refill()
    await shop.refill(minutes=1)
    assert await stands(shop) == ("rejected", "unreachable", 2)
    assert await heard(shop) == [("rejected", "unreachable")]
    shop.clients["north"] = north
    assert (await shop.report(order_id)).created
    await away.close()


async def test_what_nobody_sends_is_given_up(shop: Shop, order_id: int) -> None:
    shop.clients.pop("north")
    await shop.refill(hours=23)
    await shop.sweep()
    assert await stands(shop) == ("asked", None, 0)
    shop.wait(hours=1)
    await shop.sweep()
    assert await stands(shop) == ("rejected", "unreachable", 0)


async def licensed(shop: Shop) -> refilling.Licence:
    async with shop.db.write() as session:
        [licence] = await refilling.claim(session, client=shop.clients["north"], policy=shop.policy, now=shop.time)
    return licence


async def record(shop: Shop, licence: refilling.Licence, answer: Answer) -> None:
    async with shop.db.write() as session:
        await refilling.record(session, licence=licence, answer=answer, policy=shop.policy, now=shop.time)


async def test_a_licence_is_given_once(shop: Shop, order_id: int) -> None:
    await licensed(shop)
    await shop.refill(hours=1)
    assert asked(shop) == 0


async def test_a_sender_that_died_leaves_it_unknown_and_a_late_answer_still_counts(shop: Shop, order_id: int) -> None:
    licence = await licensed(shop)
    await shop.sweep()
    assert await stands(shop) == ("sending", None, 1)
    shop.wait(minutes=2)
    await shop.sweep()
    assert await stands(shop) == ("unknown", "unclear", 1)
    await record(shop, licence, Answer("ambiguous", "reset"))
    await record(shop, licence, Answer("unsent", "no route"))
    assert await stands(shop) == ("unknown", "unclear", 1)
    await record(shop, licence, Answer("accepted", "5", provider_refill_id="5"))
    assert await stands(shop) == ("sent", None, 1)
    await record(shop, licence, Answer("rejected", "no", reason="other"))
    assert await stands(shop) == ("sent", None, 1), "recorded again it says nothing new"


async def test_a_late_answer_counts_no_more_once_the_customer_has_asked_anew(shop: Shop, order_id: int) -> None:
    licence = await licensed(shop)
    shop.wait(minutes=2)
    await shop.sweep()
    shop.wait(hours=24)
    await shop.report(order_id)
    await record(shop, licence, Answer("accepted", "5", provider_refill_id="5"))
    assert await stands(shop) == ("asked", None, 0)
    async with shop.db.read() as session:
        assert await session.values(select(Refill.state).order_by(Refill.id)) == ["unknown", "asked"]
        assert await session.values(select(Refill.evidence).order_by(Refill.id)) == ["5", None]


async def test_a_refill_that_its_provider_declines_is_told(shop: Shop, order_id: int) -> None:
    await shop.refill()
    shop.north.refills["1"] = "Rejected"
    await shop.refill(seconds=6)
    assert await stands(shop) == ("rejected", "declined", 1)
    assert await heard(shop) == [("sent", ""), ("rejected", "declined")]


async def test_what_says_nothing_changes_nothing_and_is_given_up_in_the_end(shop: Shop, order_id: int) -> None:
    await shop.refill()
    shop.north.refills.clear()
    for _ in range(13):
        await shop.refill(days=1)
        await shop.sweep()
    assert await stands(shop) == ("sent", None, 1)
    shop.wait(days=1)
    await shop.sweep()
    assert await stands(shop) == ("unknown", "silent", 1)
    assert (await shop.report(order_id)).created


async def test_a_provider_that_does_not_answer_is_asked_again_later(shop: Shop, order_id: int) -> None:
    await shop.refill()
    north = shop.clients.pop("north")
    away = PanelClient("north", f"http://127.0.0.1:{free_port()}/api/v2", KEY, deadline=5)
    shop.clients["north"] = away
    await shop.refill(seconds=6)
    assert await stands(shop) == ("sent", None, 1)
    shop.clients["north"] = north
    shop.north.refills["1"] = "Completed"
    await shop.refill(seconds=6)
    assert await stands(shop) == ("done", None, 1)
    await away.close()


async def test_it_is_asked_about_ever_less_while_nothing_moves(shop: Shop, order_id: int) -> None:
    await shop.refill()
    await shop.refill(seconds=6)
    asked_before = len(shop.north.asked)
    for _ in range(100):
        await shop.refill(minutes=10)
    assert 30 < len(shop.north.asked) - asked_before < 60


async def test_many_are_sent_and_followed_in_pages(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refilling, "PAGE", 5)
    ids = [await shop.completed(50) for _ in range(11)]
    for order_id in ids:
        await shop.report(order_id)
    await shop.refill()
    assert asked(shop) == 11
    shop.north.refills = dict.fromkeys(shop.north.refills, "Completed")
    await shop.refill(seconds=6)
    async with shop.db.read() as session:
        assert await session.values(select(Refill.state)) == ["done"] * 11


async def test_news_that_somebody_else_applied_changes_nothing_twice(shop: Shop, order_id: int) -> None:
    await shop.refill()
    shop.north.refills["1"] = "Completed"
    await shop.refill(seconds=6)
    async with shop.db.write() as session:
        await refilling.apply(session, news={1: Progress("Rejected", "rejected")}, now=shop.time)
    assert await stands(shop) == ("done", None, 1)


async def test_an_answer_that_cannot_be_recorded_is_a_defect_and_cuts_off_no_other(
    shop: Shop, order_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await shop.completed(50)
    await shop.report(other)
    record = refilling.record

    async def broken(session: Any, *, licence: refilling.Licence, **more: Any) -> None:
        if licence.order == order_id:
            raise ValueError("a defect")
        await record(session, licence=licence, **more)

    monkeypatch.setattr(refilling, "record", broken)
    with pytest.raises(BaseExceptionGroup):
        await refilling.work(shop.db, shop.clients, shop.policy, shop.now)
    assert (await shop.order(other)).refill_state == "sent"
