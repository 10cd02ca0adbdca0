"""Orders found for the staff: by number, customer, link and the provider's id; in pages; and those that wait."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from services import order_search
from services.fulfilment import SILENCES
from services.models import Order, User
from services.order_search import Only
from tests.scripted_panel import row
from tests.shop import LINK, MIA, Shop


async def found(shop: Shop, what: str, limit: int = 10) -> list[int]:
    async with shop.db.read() as session:
        return [order.id for order in await order_search.search(session, what, limit=limit)]


async def listed(shop: Shop, only: Only, *, limit: int = 10, before: int | None = None) -> list[int]:
    async with shop.db.read() as session:
        return [order.id for order in await order_search.page(session, only, limit=limit, before=before)]


async def named(shop: Shop, user_id: int, username: str) -> None:
    async with shop.db.write() as session:
        await session.run(update(User).where(User.id == user_id).values(username=username))


async def test_an_order_is_found_by_whatever_is_known_of_it(shop: Shop) -> None:
    first = await shop.placed(100, f"{LINK}1")
    second = await shop.placed(100, f"{LINK}2")
    await named(shop, MIA, "Mia_L")
    async with shop.db.write() as session:
        await session.run(update(Order).where(Order.id == second).values(provider_order_id="70-a"))
    assert await found(shop, f"#{second}") == [second]
    assert await found(shop, "70-a") == [second]
    assert await found(shop, str(MIA)) == [second, first]
    assert await found(shop, "@mia_l") == [second, first]
    assert await found(shop, f"{LINK}2") == [second]
    for unknown in ("#99", "#x", "@nobody", "no such thing", "9" * 30, "70-A"):
        assert await found(shop, unknown) == []


async def test_a_number_is_ours_the_customers_and_the_providers_and_what_begins_with_a_hash_is_ours(shop: Shop) -> None:
    first = await shop.placed(100, f"{LINK}1")
    second = await shop.placed(100, f"{LINK}2")
    async with shop.db.write() as session:
        await session.run(update(Order).where(Order.id == second).values(provider_order_id=f"9{first}"))
        await session.run(update(Order).where(Order.id == first).values(provider_order_id=str(second)))
    assert await found(shop, str(second)) == [second, first]
    assert await found(shop, f"#{second}") == [second]


@pytest.mark.parametrize(
    "typed",
    [
        "instagram.com/p/abc",
        "http://instagram.com/p/abc/",
        "https://www.instagram.com/p/abc?utm_source=x",
        "look: https://instagram.com/p/abc",
    ],
)
async def test_a_link_is_found_however_it_is_written(shop: Shop, typed: str) -> None:
    order_id = await shop.buy(100)
    await shop.buy(100, f"{LINK}d")
    assert await found(shop, typed) == [order_id]


async def test_no_more_are_found_than_are_asked_for_and_the_newest_first(shop: Shop) -> None:
    made = [await shop.buy(100) for _ in range(4)]
    assert await found(shop, LINK, limit=3) == made[:0:-1]


async def test_pages_show_every_order_once_newest_first(shop: Shop) -> None:
    made = [await shop.buy(100, f"{LINK}{number}") for number in range(5)]
    assert await listed(shop, Only(), limit=2) == made[:2:-1]
    assert await listed(shop, Only(), limit=2, before=made[3]) == [made[2], made[1]]
    assert await listed(shop, Only(), limit=2, before=made[1]) == [made[0]]


async def test_a_list_holds_what_meets_all_that_is_asked(shop: Shop) -> None:
    done = await shop.completed(100)
    async with shop.db.write() as session:
        await shop.credit(session, "9.00", "omar", user_id=1002)
    views = await shop.service("north", "9")
    other = await shop.tap((await shop.quote(100, user_id=1002, service_id=await shop.service("south"))).token, 1002)
    third = (
        await shop.tap((await shop.quote(1000, "https://www.tiktok.com/@a/video/7301", service_id=views)).token)
    ).order.id
    omars = other.order.id
    assert await listed(shop, Only(status="completed")) == [done]
    assert await listed(shop, Only(status="open")) == [third, omars]
    assert await listed(shop, Only(user_id=MIA)) == [third, done]
    assert await listed(shop, Only(service_id=views)) == [third]
    assert await listed(shop, Only(provider="south")) == [omars]
    assert await listed(shop, Only(status="queued", user_id=MIA)) == [third]
    assert await listed(shop, Only(status="partial")) == []


async def test_orders_in_doubt_are_listed_with_their_attempt_and_the_oldest_first(shop: Shop) -> None:
    shop.north.adds = ["drop", "drop"]
    first = await shop.placed(100, f"{LINK}1")
    shop.wait(hours=1)
    second = await shop.placed(100, f"{LINK}2")
    await shop.placed(100, f"{LINK}3")
    async with shop.db.read() as session:
        doubted = await order_search.doubted(session, limit=5)
        assert [(each.order.id, each.attempt) for each in doubted] == [(first, 1), (second, 1)]
        assert [each.order.id for each in await order_search.doubted(session, limit=5, offset=1)] == [second]


async def test_orders_are_held_for_a_count_that_is_unreadable_silent_or_followed_by_nobody(shop: Shop) -> None:
    fine, silent, unreadable = [await shop.placed(100, f"{LINK}{number}") for number in range(3)]
    shop.north.rows |= {"2": {"error": "Incorrect order ID"}, "3": row("Partial", None)}
    for _ in range(SILENCES):
        await shop.poll(hours=1)
    async with shop.db.read() as session:
        held = await order_search.held(session, shop.policy, limit=5)
        assert {each.order.id: each.why for each in held} == {silent: "silent", unreadable: "unreadable"}
        closed_down = replace(shop.policy, providers=("south",))
        everything = await order_search.held(session, closed_down, limit=5)
        assert {each.order.id for each in everything} == {fine, silent, unreadable}
        assert {each.why for each in everything} == {"missing"}
        assert len(await order_search.held(session, closed_down, limit=5, offset=2)) == 1
