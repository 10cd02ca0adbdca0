"""Tiers in the hands of the staff: made, changed, told apart for one service, emptied, and done away with."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal

import pytest

from services import own_terms, resellers, tiering, tiers
from services.db import Database, WriteSession
from services.errors import NoSuchTier, NotInCatalogue, TierInUse, TooManyTiers
from services.tiering import Margin
from services.tiers import TierView
from tests import reselling
from tests.shop import MIA, Shop, open_shop

BY = "admin:9001"


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    async with open_shop(db) as opened:
        await reselling.approve(db, MIA, opened.time)
        yield opened


async def put(shop: Shop, name: str, percent: str) -> Decimal | None:
    async with shop.db.write() as session:
        return await tiering.put(session, name, Decimal(percent), actor=BY, now=shop.time)


async def listed(shop: Shop) -> list[TierView]:
    async with shop.db.read() as session:
        return await tiers.listed(session)


async def test_a_tier_is_made_and_changed_and_says_what_it_was(shop: Shop) -> None:
    assert await put(shop, "gold", "10") is None
    assert await put(shop, "gold", "12.5") == Decimal(10)
    await put(shop, "bronze", "1")
    assert await listed(shop) == [TierView("bronze", Decimal(1), 0, {}), TierView("gold", Decimal("12.5"), 0, {})]


async def test_there_are_no_more_tiers_than_a_list_of_them_holds(shop: Shop) -> None:
    for number in range(tiering.MOST):
        await put(shop, f"t{number}", "10")
    with pytest.raises(TooManyTiers) as refused:
        await put(shop, "gold", "10")
    assert refused.value.params == {"maximum": tiering.MOST}
    assert await put(shop, "t0", "11") == Decimal(10)  # one that there is can still be changed
    async with shop.db.write() as session:
        await tiering.drop(session, "t1")
    assert await put(shop, "gold", "10") is None
    assert len(await listed(shop)) == tiering.MOST


async def test_one_service_is_told_apart_until_it_is_taken_back(shop: Shop) -> None:
    await put(shop, "gold", "10")
    service_id = await shop.service()
    async with shop.db.write() as session:
        before = []
        for percent in (Decimal(5), Decimal(6), None, None):
            before.append(await tiering.put_apart(session, "gold", service_id, percent, actor=BY, now=shop.time))
        assert before == [None, Decimal(5), Decimal(6), None]
        with pytest.raises(NoSuchTier):
            await tiering.put_apart(session, "iron", service_id, None, actor=BY, now=shop.time)
        with pytest.raises(NotInCatalogue):
            await tiering.put_apart(session, "gold", 999, Decimal(1), actor=BY, now=shop.time)


async def test_only_a_tier_that_nobody_is_in_can_be_done_away_with(shop: Shop) -> None:
    await put(shop, "gold", "10")
    service_id = await shop.service()
    async with shop.db.write() as session:
        await tiering.put_apart(session, "gold", service_id, Decimal(5), actor=BY, now=shop.time)
        assert await tiering.enrol(session, MIA, "gold", now=shop.time) is None
        with pytest.raises(NoSuchTier):
            await tiering.enrol(session, MIA, "iron", now=shop.time)
        with pytest.raises(TierInUse) as refused:
            await tiering.drop(session, "gold")
        assert refused.value.params == {"name": "gold", "count": 1}
        assert (await tiering.find(session, "gold")).resellers == 1
        assert await tiering.enrol(session, MIA, None, now=shop.time) == "gold"
        await tiering.drop(session, "gold")
        for again in (tiering.drop, tiering.find):
            with pytest.raises(NoSuchTier):
                await again(session, "gold")
        reseller = await resellers.find(session, MIA)
    assert reseller is not None
    assert (reseller.tier, await listed(shop)) == (None, [])


DECISIONS: dict[str, Callable[[WriteSession, Shop, int], Awaitable[object]]] = {
    "put": lambda write, shop, _: tiering.put(write, "gold", Decimal(12), actor=BY, now=shop.time),
    "put apart": lambda write, shop, service_id: tiering.put_apart(
        write, "gold", service_id, Decimal(12), actor=BY, now=shop.time
    ),
    "enrol": lambda write, shop, _: tiering.enrol(write, MIA, "gold", now=shop.time),
    "drop": lambda write, shop, _: tiering.drop(write, "gold"),
}


@pytest.mark.parametrize("decision", DECISIONS.values(), ids=DECISIONS)
async def test_a_decision_that_waits_for_its_turn_holds_nothing_that_another_one_needs(
    shop: Shop, decision: Callable[[WriteSession, Shop, int], Awaitable[object]]
) -> None:
    """On PostgreSQL two that lock the tier and the shelves the other way round end in a deadlock."""
    await put(shop, "gold", "10")
    await reselling.listen(shop.db, MIA, shop.time)
    service_id = await shop.service()

    async def beside() -> None:
        async with shop.db.write() as session:
            await decision(session, shop, service_id)

    async with asyncio.TaskGroup() as group, shop.db.write() as session:
        await own_terms.in_turn(session)
        group.create_task(beside())
        await asyncio.sleep(0.2)
        await tiering.put(session, "gold", Decimal(11), actor=BY, now=shop.time)


async def test_it_is_known_beforehand_what_a_discount_would_push_down_to_cost(shop: Shop) -> None:
    """Everything is sold at a quarter above cost: a fifth off is cost to the micro-unit."""
    service_id = await shop.service()
    async with shop.db.read() as session:
        whole = await tiering.margin(session, Decimal(20))
        assert whole.services > 1
        assert whole.clamped == 0
        assert await tiering.margin(session, Decimal("20.01")) == Margin(whole.services, whole.services)
        assert await tiering.margin(session, Decimal(10), service_id=service_id) == Margin(1, 0)
        assert await tiering.margin(session, Decimal(90), service_id=service_id) == Margin(1, 1)
        with pytest.raises(NotInCatalogue):
            await tiering.margin(session, Decimal(90), service_id=999)
