"""The margin guard: no service is sold for less than its provider asks, and the staff hear of it once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select

from services import actions, catalog, notices, overrides, own_terms, stock
from services.db import Database
from services.errors import BelowCost, ServiceGone
from services.models import Notice, Service, ServiceOverride
from services.money import Money
from services.notices import AdminAlert
from services.own_terms import NOTHING, Own
from services.panel_answers import OfferedService
from services.policy import Policy
from services.stock import SyncReport
from tests.services.test_catalog import LATER, LIKES, NOW, like, shelf, sync
from tests.services.test_overrides import TERMS, category, done, ids, row

ADMINS = (9001, 9002)
HIDE, REPRICE = Policy(admins=ADMINS, margin_rule="hide"), Policy(admins=ADMINS, margin_rule="reprice")
DEARER = replace(LIKES, rate=Decimal("1.20"))


async def told(db: Database, admin: int = 9001) -> list[AdminAlert]:
    """What an admin was alerted of."""
    async with db.read() as session:
        rows = await session.all(select(Notice.kind, Notice.payload).where(Notice.chat_id == admin).order_by(Notice.id))
    return [notices.from_document(each.kind, each.payload) for each in rows]  # type: ignore[misc]


async def logged(db: Database, service_id: int) -> list[tuple[str, str, dict[str, Any]]]:
    async with db.read() as session:
        found = await actions.history(session, limit=10, subject=f"service:{service_id}")
    return [(each.actor, each.code, dict(each.detail)) for each in found]


async def priced(db: Database, rate: str = "1.00", offered: Sequence[OfferedService] = (LIKES,)) -> int:
    """Our number of a service that has a price of its own."""
    await sync(db, offered)
    number = (await ids(db))["1"]
    await done(db, overrides.reprice, number, rate=Money.parse(rate), markups=TERMS, now=NOW)
    return number


async def test_a_service_that_got_dearer_than_its_own_price_is_hidden_and_told_once(db: Database) -> None:
    number = await priced(db)
    assert await sync(db, [DEARER], policy=HIDE, now=LATER) == SyncReport(0, 1, 0, 0, guarded=1)
    assert await shelf(db) == []
    async with db.read() as session:
        with pytest.raises(ServiceGone):
            await catalog.service(session, number)
    facts = {"provider": "north", f"#{number}": "Instagram Likes | Real · A: 1.20 > 1.00"}
    expected = [AdminAlert("below-cost-hidden", None, facts, services=[number])]
    detail = {"old": Money.parse("1.00"), "new": Money.parse("1.00"), "cost": Money.parse("1.20")}
    for _ in range(3):
        assert [await told(db, admin) for admin in ADMINS] == [expected, expected]
        assert await logged(db, number) == [("guard", "below-cost-hidden", detail)]
        assert await sync(db, [DEARER], policy=HIDE, now=LATER) == SyncReport(0, 0, 0, 0)


async def test_it_is_back_as_soon_as_it_costs_less_and_told_again_the_next_time(db: Database) -> None:
    await priced(db)
    await sync(db, [DEARER], policy=HIDE, now=NOW)
    assert (await sync(db, [LIKES], policy=HIDE, now=NOW)).guarded == 0
    assert [service.rate for service in await shelf(db)] == [Money.parse("1.00")]
    assert (await sync(db, [DEARER], policy=HIDE, now=LATER)).guarded == 1
    assert len(await told(db)) == 2


async def test_what_costs_as_much_as_it_is_sold_for_is_sold(db: Database) -> None:
    await priced(db, "1.20")
    assert (await sync(db, [DEARER], policy=HIDE)).guarded == 0
    assert len(await shelf(db)) == 1


async def test_by_the_other_rule_it_is_repriced_at_once_and_follows_the_markup_from_then_on(db: Database) -> None:
    number = await priced(db)
    assert await sync(db, [DEARER], policy=REPRICE, now=LATER) == SyncReport(0, 1, 0, 0, guarded=1)
    assert [service.rate for service in await shelf(db)] == [Money.parse("1.50")]
    facts = {"provider": "north", f"#{number}": "Instagram Likes | Real · A: 1.00 → 1.50"}
    assert await told(db) == [AdminAlert("below-cost-repriced", None, facts, services=[number])]
    detail = {"old": Money.parse("1.00"), "new": Money.parse("1.50"), "cost": Money.parse("1.20")}
    assert await logged(db, number) == [("guard", "below-cost-repriced", detail)]
    async with db.read() as session:
        assert await own_terms.of_service(session, number) == NOTHING
    assert await sync(db, [LIKES], policy=REPRICE, now=LATER) == SyncReport(0, 1, 0, 0)
    assert [service.rate for service in await shelf(db)] == [Money.parse("1.00")]


async def test_what_was_hidden_by_one_rule_is_repriced_once_the_other_holds(db: Database) -> None:
    await priced(db)
    await sync(db, [DEARER], policy=HIDE)
    assert await sync(db, [DEARER], policy=REPRICE, now=LATER) == SyncReport(0, 1, 0, 0, guarded=1)
    assert [service.rate for service in await shelf(db)] == [Money.parse("1.50")]


@pytest.mark.parametrize("policy", [HIDE, REPRICE], ids=["hide", "reprice"])
async def test_a_markup_below_nothing_is_guarded_like_a_price(db: Database, policy: Policy) -> None:
    """No command sets one; the rows may hold it all the same."""
    await sync(db, [LIKES])
    number = (await ids(db))["1"]
    async with db.write() as session:
        await session.run(insert(ServiceOverride).values(service_id=number, markup="-10"))
    assert (await sync(db, [LIKES], policy=policy)).guarded == 1
    assert [service.rate for service in await shelf(db)] == ([] if policy is HIDE else [Money.parse("1.00")])


async def test_where_the_providers_own_markup_loses_money_nothing_is_repriced_by_it(db: Database) -> None:
    await priced(db)
    assert (await sync(db, [DEARER], markup="-50", policy=REPRICE)).guarded == 1
    assert await shelf(db) == []
    assert [alert.code for alert in await told(db)] == ["below-cost-hidden"]


async def test_what_is_hidden_by_hand_is_left_alone_and_cannot_be_shown_at_a_loss(db: Database) -> None:
    number = await priced(db)
    await done(db, overrides.hide, number, hidden=True, now=NOW)
    for policy in (HIDE, REPRICE):
        assert (await sync(db, [DEARER], policy=policy)).guarded == 0
    assert await told(db) == []
    with pytest.raises(BelowCost):
        await done(db, overrides.hide, number, hidden=False, now=NOW)
    await done(db, overrides.reprice, number, rate=Money.parse("1.30"), markups=TERMS, now=NOW)
    await done(db, overrides.hide, number, hidden=False, now=NOW)
    assert [service.rate for service in await shelf(db)] == [Money.parse("1.30")]


async def test_a_category_that_is_shown_again_shows_nothing_at_a_loss(db: Database) -> None:
    number = await priced(db, offered=[LIKES, like("2", "Likes | Server B")])
    await done(db, overrides.hide_category, await category(db), hidden=True, now=NOW)
    await sync(db, [DEARER, like("2", "Likes | Server B")], policy=HIDE)
    await done(db, overrides.hide_category, await category(db), hidden=False, now=NOW)
    assert [service.server for service in await shelf(db)] == ["B"]
    await done(db, overrides.reprice, number, rate=Money.parse("1.30"), markups=TERMS, now=NOW)
    assert [service.server for service in await shelf(db)] == ["A", "B"]


async def test_many_at_once_are_one_message_that_names_the_first_and_counts_the_rest(db: Database) -> None:
    offered = [like(str(number), f"Likes {number}") for number in range(1, 12)]
    await sync(db, offered)
    known = await ids(db)
    for number in known.values():
        await done(db, overrides.reprice, number, rate=Money.parse("1.00"), markups=TERMS, now=NOW)
    report = await sync(db, [replace(each, rate=Decimal(2)) for each in offered], policy=HIDE, now=LATER)
    assert report.guarded == 11
    (alert,) = await told(db)
    assert len(alert.services) == 8
    assert list(alert.facts)[-1:] == ["…"]
    assert alert.facts["…"] == "+3"
    assert [len(await logged(db, number)) for number in known.values()] == [1] * 11


async def test_the_guard_and_the_sync_are_one_transaction(db: Database) -> None:
    """Whoever sees the new cost sees the service hidden and the staff told: a sync that fails does neither."""
    number = await priced(db)

    class Stop(Exception):
        pass

    async def cut_short() -> None:
        async with db.write() as session:
            await stock.sync(
                session,
                "north",
                [DEARER],
                markup_percent=Decimal(25),
                exchange_rate=Decimal(1),
                policy=HIDE,
                now=LATER,
            )
            raise Stop

    with pytest.raises(Stop):
        await cut_short()
    assert (await row(db, number)).cost == Money.parse("0.80")
    assert (len(await shelf(db)), await told(db), await logged(db, number)) == (1, [], [])


async def test_a_price_set_while_a_sync_is_at_work_is_not_overwritten(db: Database) -> None:
    """Whoever changes the shelves waits for whoever does."""
    await sync(db, [LIKES])
    number = (await ids(db))["1"]
    async with asyncio.TaskGroup() as group, db.write() as session:
        await own_terms.in_turn(session)
        known = await own_terms.of_provider(session, "north")
        price = group.create_task(done(db, overrides.reprice, number, rate=Money.parse("7"), markups=TERMS, now=NOW))
        await asyncio.sleep(0.2)
        assert not price.done()
        assert known == {}
    async with db.read() as session:
        assert await session.value(select(Service.rate)) == Money.parse("7")
        assert await own_terms.of_provider(session, "north") == {"1": Own(rate=Money.parse("7"))}
