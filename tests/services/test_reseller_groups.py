"""Groups of resellers: each change is told there once under whatever id, and to nobody who is to hear no more."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services import notices, outbox, reseller_figures, reseller_news, resellers
from services.db import Database
from services.money import Money
from services.notices import Credited
from services.reseller_notices import GroupLost, ResellerDay, ResellerNews
from tests.scripted_panel import row
from tests.services.test_reseller_news import GROUP, OMAR, TEAM, approve, hear, news, resold
from tests.shop import MIA, Shop, open_shop


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """Mia sells on."""
    async with open_shop(db) as opened:
        await approve(opened)
        yield opened


async def due(shop: Shop, chat: int) -> list[notices.Notice]:
    """What is about to go out to a chat."""
    async with shop.db.write() as session:
        claimed = await outbox.claim(session, owner="me", limit=100, lease=timedelta(0), now=shop.now())
        await outbox.release(session, "me")
    return [each.notice for each in claimed if each.chat_id == chat]


async def test_a_group_that_moves_takes_what_is_queued_along(shop: Shop) -> None:
    await hear(shop, "ends", GROUP, TEAM)
    await approve(shop, OMAR)
    await hear(shop, "ends", GROUP, user_id=OMAR)
    await resold(shop)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    async with shop.db.write() as session:
        await resellers.move_chat(session, GROUP, TEAM, shop.time)
        assert [chat.chat_id for chat in await resellers.chats(session, MIA)] == [TEAM]
        assert [chat.chat_id for chat in await resellers.chats(session, OMAR)] == [TEAM]
        await resellers.lose_chat(session, TEAM, shop.time)
        assert await resellers.chats(session, MIA) == []
    assert len(await due(shop, TEAM)) == 1, "it was to hear the same under both of its ids"
    assert await due(shop, GROUP) == []


async def test_a_group_that_moves_hears_no_day_again(shop: Shop) -> None:
    await hear(shop, "digest", GROUP)
    await resold(shop)
    shop.wait(days=1)
    async with shop.db.write() as session:
        await reseller_news.sum_up(session, shop.now())
        await resellers.move_chat(session, GROUP, TEAM, shop.now())
    shop.wait(hours=1)
    async with shop.db.write() as session:
        await reseller_news.sum_up(session, shop.now())
    assert [type(each) for each in await due(shop, TEAM)] == [ResellerDay]
    assert await due(shop, GROUP) == []


async def test_what_is_queued_for_a_group_that_is_taken_back_goes_out_no_more(shop: Shop) -> None:
    await hear(shop, "ends", GROUP, TEAM)
    await approve(shop, OMAR, "digest")
    await hear(shop, "digest", GROUP, user_id=OMAR)
    await resold(shop)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    await hear(shop, "digest")
    shop.wait(days=1)
    theirs = outbox.to_each(f"{resellers.news_key(OMAR)}1:Partial:0", [GROUP], (await news(shop, TEAM))[0])
    other = outbox.to_each("other", [GROUP], Credited(Money.parse("1"), Money.parse("1"), ""))
    async with shop.db.write() as session:
        await reseller_news.sum_up(session, shop.now())
        await outbox.put(session, [*theirs, *other], shop.now())
    assert [type(each) for each in await due(shop, GROUP)] == [ResellerNews, ResellerDay, ResellerNews, Credited]
    async with shop.db.write() as session:
        await resellers.drop_chat(session, MIA, GROUP)
    assert [type(each) for each in await due(shop, GROUP)] == [ResellerNews, Credited], "what others are told stays"
    assert [type(each) for each in await due(shop, TEAM)] == [ResellerNews, ResellerDay]


@pytest.mark.parametrize("state", ["suspended", "approved"])
async def test_who_is_suspended_hears_nothing_that_was_queued_before(shop: Shop, state: str) -> None:
    await hear(shop, "ends")
    await resold(shop)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    await hear(shop, "ends", GROUP)
    await resold(shop)
    shop.north.rows["2"] = row("Partial", "400")
    await shop.poll()
    async with shop.db.write() as session:
        assert await resellers.decide(session, MIA, state=state, actor="admin:1", now=shop.now()) is (
            state == "suspended"
        ), "nobody is approved twice"
    left = 0 if state == "suspended" else 1
    for chat in (MIA, GROUP):
        assert [type(each) for each in await due(shop, chat)] == [ResellerNews] * left


async def test_whose_group_is_lost_is_told_so_once_unless_they_may_sell_no_more(shop: Shop) -> None:
    await approve(shop, OMAR)
    for who in (MIA, OMAR):
        await hear(shop, "ends", GROUP, user_id=who)
    await hear(shop, "ends", TEAM)
    async with shop.db.write() as session:
        await resellers.decide(session, OMAR, state="suspended", actor="admin:1", now=shop.time)
        for seconds in range(2):
            await resellers.lose_chat(session, GROUP, shop.time + timedelta(seconds=seconds))
        assert await resellers.chats(session, OMAR) == []
    assert await shop.heard(MIA) == [GroupLost("Team", left=1)]
    assert await shop.heard(OMAR) == []


async def test_a_group_that_is_lost_to_one_reseller_is_kept_by_others(shop: Shop) -> None:
    await approve(shop, OMAR)
    for who in (MIA, OMAR):
        await hear(shop, "ends", GROUP, user_id=who)
    async with shop.db.write() as session:
        await resellers.lose_chat(session, GROUP, shop.time, user_id=MIA)
        assert await resellers.chats(session, MIA) == []
        assert [chat.chat_id for chat in await resellers.chats(session, OMAR)] == [GROUP]
    assert await shop.heard(MIA) == [GroupLost("Team", left=0)]
    assert await shop.heard(OMAR) == []


async def test_what_is_told_of_an_order_after_its_end_is_its_end_alone(shop: Shop) -> None:
    await hear(shop, "every", GROUP, TEAM)
    first, second = await resold(shop), await resold(shop, 500)
    for number in ("1", "2"):
        shop.north.rows[number] = row("In progress", "100")
    await shop.poll()
    told = [await statuses(shop, chat) for chat in (GROUP, TEAM)]
    assert told[0] == told[1]
    assert {(first, "Pending"), (first, "In progress"), (second, "In progress")} <= set(told[0])
    shop.north.rows["1"] = row("Completed", "0")
    await shop.poll(minutes=5)
    for chat, before in zip((GROUP, TEAM), told, strict=True):
        others = [each for each in before if each[0] == second]
        assert await statuses(shop, chat) == [(first, "Completed"), *others], "the end goes first"


async def statuses(shop: Shop, chat: int) -> list[tuple[int, str]]:
    """Which orders' statuses are about to go out to a chat."""
    return [(each.order_id, each.status) for each in await due(shop, chat) if isinstance(each, ResellerNews)]


async def days(shop: Shop, chat: int) -> list[str]:
    """Which days a chat has been told in sum, once that was due."""
    async with shop.db.write() as session:
        await reseller_news.sum_up(session, shop.now())
    return [each.day for each in await shop.heard(chat) if isinstance(each, ResellerDay)]


@pytest.mark.parametrize(
    ("rest", "told"), [(1, ["2026-05-04"]), (2, ["2026-05-04", "2026-05-05"]), (8, ["2026-05-05"]), (9, [])]
)
async def test_days_that_passed_while_the_shop_was_down_are_summed_up_when_it_is_back(
    shop: Shop, rest: int, told: list[str]
) -> None:
    await hear(shop, "digest", GROUP)
    await resold(shop)
    shop.wait(days=1)
    await resold(shop)
    shop.wait(days=rest - 1)
    for _ in range(2):
        assert await days(shop, GROUP) == told


async def test_whoever_chooses_a_summary_or_another_group_hears_of_the_days_to_come(shop: Shop) -> None:
    await hear(shop, "ends")
    await resold(shop)
    shop.wait(days=1)
    assert await days(shop, MIA) == []
    await hear(shop, "digest")
    await resold(shop)
    assert await days(shop, MIA) == []
    shop.wait(days=1)
    assert await days(shop, MIA) == ["2026-05-05"]
    await hear(shop, "digest", GROUP)
    assert await days(shop, GROUP) == []


async def test_what_comes_back_days_after_an_end_is_told_of_the_day_that_it_came(shop: Shop) -> None:
    await hear(shop, "digest")
    await approve(shop, OMAR, "digest")
    await resold(shop)
    shop.north.rows["1"] = row("Completed", "0")
    await shop.poll()
    shop.wait(days=2)
    await days(shop, MIA)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll(hours=1)
    shop.wait(days=1)
    assert await days(shop, MIA) == ["2026-05-04", "2026-05-06"]
    told = [each for each in await shop.heard(MIA) if isinstance(each, ResellerDay)]
    assert [(each.orders, each.completed, str(each.refunded)) for each in told] == [(1, 1, "0.00"), (0, 0, "4.00")]
    now, day = shop.now(), reseller_news.DAY
    async with shop.db.read() as session:
        for since, until, back in (
            (now, None, "0.00"),
            (now - 2 * day, None, "4.00"),
            (now - 9 * day, now - 2 * day, "0.00"),
        ):
            assert str((await reseller_figures.figures(session, MIA, since, until)).refunded) == back


async def test_what_comes_back_of_orders_made_in_the_chat_is_no_business_of_the_site(shop: Shop) -> None:
    await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    async with shop.db.read() as session:
        assert await reseller_figures.figures(session, MIA, shop.now() - reseller_news.DAY) == reseller_figures.NOTHING
