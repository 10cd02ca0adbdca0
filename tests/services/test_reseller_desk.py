"""What a reseller's desk shows: their application, prices, figures and statement, of theirs alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from services import applications, exports, notices, price_lists, reseller_figures, resellers, staff, tiers
from services.columns import micros
from services.db import Database
from services.models import ApiUse, Notice, Order, Transfer, Webhook
from services.money import Money
from services.periods import Period
from services.policy import Policy
from services.reseller_notices import Application, ResellerDecided
from services.roles import Role
from services.users import Person
from tests.services.test_panel_orders import add, admit, key_of
from tests.shop import MIA, Shop, open_shop

ADA, BEN = 9001, 9002
DAY = timedelta(days=1)


async def filed(shop: Shop) -> bool:
    person = Person(MIA, "Mia", "mia", "en", None, banned=False, reachable=True)
    async with shop.db.write() as session:
        policy = Policy(admins=(ADA,))
        return await applications.file(session, person, about="my site", policy=policy, now=shop.time)


async def decided(shop: Shop, state: str, asked: int | None = None) -> bool:
    async with shop.db.write() as session:
        return await applications.decide(session, MIA, state=state, actor=f"admin:{ADA}", now=shop.time, asked=asked)


async def heard(shop: Shop, kind: type[Any]) -> list[tuple[int, Any]]:
    """Who was told what."""
    async with shop.db.read() as session:
        rows = await session.all(select(Notice.chat_id, Notice.kind, Notice.payload).order_by(Notice.id))
    told = [(row.chat_id, notices.from_document(row.kind, row.payload)) for row in rows]
    return [(chat, notice) for chat, notice in told if isinstance(notice, kind)]


async def test_whoever_may_decide_is_told_of_an_application_once(shop: Shop) -> None:
    async with shop.db.write() as session:
        await staff.grant(session, user_id=BEN, role=Role.MANAGER, actor="shell", owners=[ADA], now=shop.time)
    assert await filed(shop)
    assert not await filed(shop)
    told = await heard(shop, Application)
    assert [(chat, each.user_id, each.about) for chat, each in told] == [
        (ADA, MIA, "my site"),
        (BEN, MIA, "my site"),
    ]


async def test_the_first_of_the_staff_decides_the_application_that_they_read(shop: Shop) -> None:
    await filed(shop)
    asked = micros(shop.time)
    assert not await decided(shop, resellers.APPROVED, asked - 1)
    assert not await decided(shop, resellers.APPROVED, 2**62)
    assert await decided(shop, resellers.APPROVED, asked)
    assert not await decided(shop, resellers.REFUSED, asked)
    async with shop.db.read() as session:
        assert (await resellers.require(session, MIA)).decided_by == f"admin:{ADA}"
    assert await heard(shop, ResellerDecided) == [(MIA, ResellerDecided("approved"))]


async def test_an_application_that_was_refused_is_not_let_in_by_an_old_tap(shop: Shop) -> None:
    await filed(shop)
    asked = micros(shop.time)
    assert await decided(shop, resellers.REFUSED, asked)
    assert not await decided(shop, resellers.APPROVED, asked)
    assert await heard(shop, ResellerDecided) == [(MIA, ResellerDecided("refused"))]


async def test_each_decision_is_told_once_to_whom_it_is_about(shop: Shop) -> None:
    await filed(shop)
    said: list[tuple[int, ResellerDecided]] = []
    for state in (resellers.REFUSED, resellers.APPROVED, resellers.SUSPENDED, resellers.APPROVED, resellers.SUSPENDED):
        shop.time += timedelta(hours=1)
        assert await decided(shop, state)
        assert not await decided(shop, state)
        said.append((MIA, ResellerDecided(state, again=said[-1:] == [(MIA, ResellerDecided(resellers.SUSPENDED))])))
    assert await heard(shop, ResellerDecided) == said
    assert [each.again for _, each in said] == [False, False, False, True, False]


async def test_a_price_list_has_what_is_on_sale_at_their_rate_and_with_their_markup(shop: Shop) -> None:
    await admit(shop, MIA)
    async with shop.db.write() as session:
        await tiers.set_tier(session, "gold", Decimal(10), actor="admin:1", now=shop.time)
        await resellers.set_tier(session, MIA, "gold")
        listed = await price_lists.of(session, MIA, Decimal(50))
    likes = await shop.service()
    [first] = [each for each in listed if each.service == likes]
    assert (str(first.rate), str(first.retail), first.unit, first.category) == (
        "9.00", "13.50", "thousand", "Instagram Likes",
    )  # fmt: skip
    assert {each.server for each in listed} == {"A", "B", "C", "D"}


async def sold(shop: Shop, status: str, delivered: int, refunded: str) -> int:
    order_id = await add(shop, await key_of(shop), reference="A-17")
    async with shop.db.write() as session:
        for step in ("placing", "placed", status):
            await session.run(update(Order).where(Order.id == order_id).values(status=step))
        told = {"delivered": delivered, "refunded": Money.parse(refunded), "closed_at": shop.time}
        await session.run(update(Order).where(Order.id == order_id).values(told))
        back = {"src": "revenue", "dst": f"wallet:{MIA}", "amount": told["refunded"], "code": "refund", "actor": "shop"}
        if told["refunded"]:
            row = {"id": f"order:{order_id}:refund", "order_id": order_id, "created_at": shop.time}
            await session.run(insert(Transfer), [back | row])
    return order_id


@pytest.fixture
async def unsettled(db: Database) -> AsyncIterator[Shop]:
    """A shop whose rows are written as they would be, without their money: nobody audits it."""
    async with open_shop(db) as opened:
        await admit(opened, MIA)
        yield opened


async def test_figures_count_what_a_site_ordered_and_how_it_ended(unsettled: Shop) -> None:
    shop = unsettled
    await sold(shop, "completed", 1000, "0")
    await sold(shop, "partial", 600, "4")
    async with shop.db.read() as session:
        found = await reseller_figures.figures(session, MIA, shop.time - DAY)
        nothing = await reseller_figures.figures(session, MIA, shop.time + DAY)
    assert (found.orders, str(found.spent), found.completed, found.partial, found.canceled) == (2, "20.00", 1, 1, 0)
    assert (str(found.refunded), found.ended, found.partial_percent) == ("4.00", 2, 50)
    assert nothing == reseller_figures.NOTHING
    assert nothing.partial_percent == 0


async def test_a_glance_says_how_a_reseller_stands(unsettled: Shop) -> None:
    shop = unsettled
    async with shop.db.read() as session:
        empty = await reseller_figures.glance(session, MIA, shop.time)
    assert (empty.keys, empty.hook, empty.failing_since, empty.tier, empty.chats) == (0, None, None, None, 0)
    await key_of(shop)
    hook = {"url": "https://a.example/", "state": "on", "secret": "whsec_x", "failing_since": shop.time}
    uses = [
        {"user_id": MIA, "day": f"{shop.time:%Y-%m-%d}", "action": action, "calls": calls, "refused": 1}
        for action, calls in (("add", 2), ("status", 9))
    ]
    async with shop.db.write() as session:
        await session.run(insert(Webhook), [{"user_id": MIA, "created_at": shop.time, **hook}])
        await session.run(insert(ApiUse), uses)
        found = await reseller_figures.glance(session, MIA, shop.time)
    assert (found.keys, found.hook, found.failing_since, str(found.balance)) == (1, "on", shop.time, "25.00")
    assert [(each.action, each.calls, each.refused) for each in found.asked] == [("status", 9, 1), ("add", 2, 1)]


async def test_a_statement_names_orders_as_the_site_does_page_by_page(shop: Shop) -> None:
    await admit(shop, MIA)
    order_id = await add(shop, await key_of(shop), reference="A-17")
    await add(shop, await key_of(shop), quantity=500)
    period = Period("week", (shop.time - DAY).date(), shop.time.date())
    for page in (1, 50):
        rows = [row async for row in exports.statement(shop.db, MIA, period, 100, page)]
        assert rows[0] == ("at", "what", "amount", "order", "reference", "id")
        told = [(row[1], str(row[2]), row[3], row[4]) for row in rows[1:]]
        assert set(told) == {
            ("credit", "25.00", None, None),
            ("hold", "-10.00", order_id, "A-17"),
            ("hold", "-5.00", order_id + 1, None),
        }
