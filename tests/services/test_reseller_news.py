"""What the chats of resellers hear: by level, once, with their own reference, in the transaction of the change."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from sqlalchemy import insert, select, update

from services import (
    api_keys,
    applications,
    exports,
    orders,
    outbox,
    people,
    periods,
    price_lists,
    quotes,
    reseller_figures,
    reseller_news,
    resellers,
    tiers,
    users,
)
from services.db import Database
from services.models import ApiUse, Notice, Resale, User, Webhook
from services.money import Money
from services.reseller_notices import Application, ResellerDay, ResellerDecided, ResellerNews
from tests.scripted_panel import row
from tests.shop import ADMIN, LINK, MIA, Shop, open_shop

OMAR = 1002
GROUP, TEAM = -100_500, -100_600


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """Mia sells on."""
    async with open_shop(db) as opened:
        await approve(opened)
        yield opened


async def approve(shop: Shop, user_id: int = MIA, news: str = "ends") -> None:
    async with shop.db.write() as session:
        await resellers.apply(session, user_id, about="shop.example", now=shop.time)
        await resellers.decide(session, user_id, state="approved", actor="admin:1", now=shop.time)
        await resellers.set_news(session, user_id, news)


async def hear(shop: Shop, level: str, *chats: int, user_id: int = MIA) -> None:
    """Let these groups hear so much."""
    async with shop.db.write() as session:
        await resellers.set_news(session, user_id, level)
        for chat in chats:
            await resellers.add_chat(session, user_id, chat_id=chat, title="Team", now=shop.time)


async def resold(shop: Shop, quantity: int = 1000, reference: str | None = "A-17", *, send: bool = True) -> int:
    """An order that Mia's site made."""
    async with shop.db.write() as session:
        keys = await api_keys.listed(session, MIA, shop.time)
        key_id = keys[0].id if keys else (await api_keys.make(session, MIA, shop.time)).key.id
        quote = await quotes.quote(
            session,
            user_id=MIA,
            service_id=await shop.service(),
            link=f"{LINK}{shop.time:%H%M%S}",
            quantity=quantity,
            now=shop.time,
            by_api=True,
        )
        resale = {
            "user_id": MIA,
            "key_id": key_id,
            "digest": "d",
            "reference": reference,
            "created_at": shop.time,
        }
        placed = await orders.place(session, user_id=MIA, token=quote.token, now=shop.time)
        await session.run(insert(Resale), [resale | {"order_id": placed.order.id}])
    if send:
        await shop.submit()
    return placed.order.id


async def news(shop: Shop, chat: int) -> list[ResellerNews]:
    return [notice for notice in await shop.heard(chat) if isinstance(notice, ResellerNews)]


async def test_a_partial_is_told_with_the_reference_and_every_figure(shop: Shop) -> None:
    await hear(shop, "ends", GROUP)
    order_id = await resold(shop)
    assert await shop.heard(GROUP) == []
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    [told] = await news(shop, GROUP)
    assert told == ResellerNews(
        user_id=MIA,
        order_id=order_id,
        reference="A-17",
        service_name=told.service_name,
        server="A",
        link=told.link,
        status="Partial",
        quantity=1000,
        delivered=600,
        remains=400,
        charge=Money.parse("10"),
        refund=Money.parse("4"),
        refunded=Money.parse("4"),
        kept=Money.parse("6"),
        balance=Money.parse("19"),
    )
    assert await news(shop, MIA) == [], "a group was named: their own chat stays quiet"


async def test_a_later_correction_is_told_once_more_with_what_it_adds(shop: Shop) -> None:
    await resold(shop)
    shop.north.rows["1"] = row("Partial", "300")
    await shop.poll()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll(hours=2)
    await shop.poll(hours=2)
    first, second = await news(shop, MIA)
    assert (first.refund, first.corrected) == (Money.parse("3"), False)
    assert (second.refund, second.refunded, second.kept) == tuple(map(Money.parse, ("1", "4", "6")))
    assert second.corrected


async def test_completed_is_for_those_who_hear_everything(shop: Shop) -> None:
    await resold(shop)
    shop.north.rows["1"] = row("Completed", "0")
    await shop.poll()
    assert await news(shop, MIA) == []


async def test_every_status_is_told_once_however_often_it_is_heard(shop: Shop) -> None:
    await hear(shop, "every", GROUP, TEAM)
    await resold(shop)
    for status, remains in (
        ("Pending", "1000"),
        ("In progress", "900"),
        ("In progress", "500"),
        ("Pending", "500"),
        ("In progress", "400"),
        ("Completed", "0"),
    ):
        shop.north.rows["1"] = row(status, remains)
        await shop.poll(minutes=40)
    for chat in (GROUP, TEAM):
        assert [each.status for each in await news(shop, chat)] == ["Pending", "In progress", "Completed"]
    async with shop.db.read() as session:
        kinds = {
            (found.priority, found.payload["status"])
            for found in await session.all(
                select(Notice.priority, Notice.payload).where(Notice.kind == ResellerNews.kind)
            )
        }
    assert kinds == {
        (outbox.PROGRESS, "Pending"),
        (outbox.PROGRESS, "In progress"),
        (outbox.NOTICE, "Completed"),
    }


@pytest.mark.parametrize("how", ["suspended", "banned"])
async def test_who_may_sell_no_more_hears_no_more(shop: Shop, how: str) -> None:
    await hear(shop, "every", GROUP)
    await resold(shop, send=False)
    before = len(await news(shop, GROUP))
    async with shop.db.write() as session:
        if how == "suspended":
            await resellers.decide(session, MIA, state="suspended", actor="admin:1", now=shop.time)
        else:
            assert await people.ban(session, user_id=MIA, owners=())
    await shop.submit()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    assert len(await news(shop, GROUP)) == before


async def test_what_a_reseller_orders_in_the_chat_is_told_there_alone(shop: Shop) -> None:
    await hear(shop, "every", GROUP)
    await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    assert await shop.heard(GROUP) == []


async def test_a_day_is_summed_up_once_for_those_who_chose_that(shop: Shop) -> None:
    await hear(shop, "digest", GROUP)
    await approve(shop, OMAR, "digest")
    await resold(shop)
    await resold(shop, 500)
    shop.north.rows["1"] = row("Partial", "400")
    shop.north.rows["2"] = row("Completed", "0")
    await shop.poll()
    assert await shop.heard(GROUP) == []
    shop.wait(days=1)
    for _ in range(3):
        async with shop.db.write() as session:
            await reseller_news.sum_up(session, shop.now())
        shop.wait(hours=1)
    assert await shop.heard(GROUP) == [
        ResellerDay("2026-05-04", 2, Money.parse("15"), 1, 1, 0, Money.parse("4"), Money.parse("14"))
    ]
    assert await shop.heard(OMAR) == [], "there is nothing to tell of a day without orders"


async def test_a_group_is_told_in_the_language_of_the_reseller_who_named_it_first(shop: Shop) -> None:
    await hear(shop, "ends", GROUP)
    await approve(shop, OMAR)
    shop.wait(hours=1)
    await hear(shop, "ends", GROUP, user_id=OMAR)
    async with shop.db.write() as session:
        await session.run(update(User).where(User.id == MIA).values(locale="de", quiet_begins=0, quiet_ends=23))
        await session.run(update(User).where(User.id == OMAR).values(locale="fr"))
        found = await users.readers(session, [GROUP, TEAM, MIA])
    assert found[GROUP] == users.Reader(("de", "en"))
    assert TEAM not in found
    assert found[MIA].quiet.begins == 0


async def test_an_application_reaches_who_decides_and_is_answered_once(shop: Shop) -> None:
    async with shop.db.write() as session:
        omar = await users.find(session, OMAR)
        assert omar is not None
        filed = {"about": "other.example", "policy": shop.policy, "now": shop.time}
        assert await applications.file(session, omar, **filed)  # type: ignore[arg-type]
        assert not await applications.file(session, omar, **filed)  # type: ignore[arg-type]
    [asked] = [each for each in await shop.heard(ADMIN) if isinstance(each, Application)]
    assert (asked.user_id, asked.about) == (OMAR, "other.example")
    async with shop.db.write() as session:
        for shift, state, first in ((1, "approved", False), (0, "approved", True), (0, "refused", False)):
            assert first is await applications.decide(
                session, OMAR, state=state, actor="admin:1", now=shop.time, asked=asked.asked + shift
            )
    assert await shop.heard(OMAR) == [ResellerDecided("approved")]


async def test_a_glance_counts_what_is_theirs_and_of_today(shop: Shop) -> None:
    async with shop.db.write() as session:
        seen = await reseller_figures.glance(session, MIA, shop.time)
    assert (seen.keys, seen.hook, seen.chats, seen.today, list(seen.asked)) == (
        0,
        None,
        0,
        reseller_figures.NOTHING,
        [],
    )
    assert seen.today.partial_percent == 0
    await resold(shop)
    shop.wait(days=1)
    await hear(shop, "ends", GROUP)
    await resold(shop, 500)
    shop.north.rows["1"] = row("Canceled", "1000")
    shop.north.rows["2"] = row("Partial", "100")
    await shop.poll()
    hook = {"user_id": MIA, "url": "https://x.example", "state": "on", "secret": "s", "created_at": shop.time}
    async with shop.db.write() as session:
        await session.run(insert(Webhook), [hook | {"failing_since": shop.time}])
        await session.run(
            insert(ApiUse),
            [
                {"user_id": MIA, "day": "2026-05-05", "action": "add", "calls": 2, "refused": 1},
                {"user_id": MIA, "day": "2026-05-05", "action": "status", "calls": 9, "refused": 0},
                {"user_id": MIA, "day": "2026-05-04", "action": "status", "calls": 99, "refused": 9},
            ],
        )
        await tiers.set_tier(session, "gold", Decimal(10), actor="admin:1", now=shop.time)
        await resellers.set_tier(session, MIA, "gold")
        seen = await reseller_figures.glance(session, MIA, shop.now())
    assert (seen.keys, seen.hook, seen.failing_since, seen.chats) == (1, "on", hook["created_at"], 1)
    assert (seen.tier, seen.off) == ("gold", Decimal(10))
    assert seen.today == reseller_figures.Figures(1, Money.parse("5"), 0, 1, 1, Money.parse("11"))
    assert seen.today.partial_percent == 50
    assert [(each.action, each.calls, each.refused) for each in seen.asked] == [("status", 9, 0), ("add", 2, 1)]


async def test_a_key_that_nobody_saw_is_taken_back_and_the_old_one_stays(shop: Shop) -> None:
    async with shop.db.write() as session:
        old = await api_keys.make(session, MIA, shop.time)
        new = await api_keys.rotate(session, MIA, old.key.id, shop.time)
        await api_keys.take_back(session, MIA, new.key.id, old.key.id, shop.time)
        assert [key.id for key in await api_keys.listed(session, MIA, shop.time)] == [old.key.id]
        again = await api_keys.make(session, MIA, shop.time)
        await api_keys.take_back(session, OMAR, again.key.id, None, shop.time)
        assert len(await api_keys.listed(session, MIA, shop.time)) == 2, "nobody takes back another's key"
        await api_keys.take_back(session, MIA, again.key.id, None, shop.time)
        [kept] = await api_keys.listed(session, MIA, shop.time)
    assert kept.ends_at is None


async def test_a_price_list_is_what_is_on_sale_at_their_rates_and_never_below_cost(shop: Shop) -> None:
    async with shop.db.write() as session:
        await tiers.set_tier(session, "gold", Decimal(90), actor="admin:1", now=shop.time)
        await resellers.set_tier(session, MIA, "gold")
        listed = await price_lists.of(session, MIA, Decimal("50"))
        rates = {each.service: await tiers.rate(session, MIA, each.service) for each in listed}
    assert {each.service: each.rate for each in listed} == rates
    service_id = await shop.service()
    likes = next(each for each in listed if each.service == service_id)
    assert (likes.rate, likes.retail) == (Money.parse("8"), Money.parse("12"))


async def test_a_statement_is_read_page_by_page_with_nothing_twice(shop: Shop) -> None:
    for _ in range(3):
        shop.wait(seconds=1)
        await resold(shop, 100)
    today = periods.read("today", shop.time)
    assert today is not None
    whole = [each async for each in exports.statement(shop.db, MIA, today, 100)]
    paged = [each async for each in exports.statement(shop.db, MIA, today, 100, page=2)]
    assert whole == paged
    assert [(each[1], each[2], each[4]) for each in whole[1:]] == [
        ("credit", Money.parse("25"), None),
        *[("hold", Money.parse("-1"), "A-17")] * 3,
    ]
    assert [each async for each in exports.statement(shop.db, OMAR, today, 100)] == whole[:1]
