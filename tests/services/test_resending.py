"""The rest of an order had elsewhere by the staff: an offer spends nothing, and an order only what was agreed to."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select, update

from services import resending, switches
from services.errors import NotEnoughMoney, OrderNotFound, PriceChanged, QuoteGone, SalesStopped
from services.models import Order, Service, User, WaitingRest
from services.money import Money
from services.notices import RestReady
from services.order_view import OrderView
from services.resending import Choices, Portion
from services.staff_notices import OrderedFor
from tests.scripted_panel import row
from tests.shop import MIA, Shop, offered

UNDO = timedelta(seconds=10)


@pytest.fixture
async def stopped(shop: Shop) -> int:
    """600 of 1,000 came, $4.00 is back."""
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    return order_id


async def choices(shop: Shop, order_id: int) -> Choices:
    async with shop.db.read() as session:
        return await resending.choices(session, order_id, shop.time)


async def offer(shop: Shop, order_id: int, service_id: int, key: str = "k") -> None:
    async with shop.db.write() as session:
        await resending.offer(session, order_id=order_id, service_id=service_id, key=key, now=shop.time)


async def ordered(shop: Shop, order_id: int, service_id: int, price: str) -> list[OrderView]:
    async with shop.db.write() as session:
        made = await resending.order_for(
            session,
            order_id=order_id,
            service_id=service_id,
            price=Money.parse(price),
            undo=UNDO,
            key="k",
            now=shop.time,
        )
    return list(made)


async def count(shop: Shop) -> int:
    async with shop.db.read() as session:
        return await session.value(select(func.count(Order.id))) or 0


async def test_every_other_server_that_takes_the_rest_can_be_chosen(shop: Shop, stopped: int) -> None:
    found = await choices(shop, stopped)
    assert (found.remaining, found.balance, found.none) == (400, Money.parse("19"), None)
    told = [(choice.portions, str(choice.price), str(choice.missing)) for choice in found.choices]
    assert told == [
        ([Portion("B", "south", 400)], "4.00", "0.00"),
        ([Portion("C", "north", 400)], "1.00", "0.00"),
    ]


async def test_an_offer_buys_nothing_and_its_customers_tap_does(shop: Shop, stopped: int) -> None:
    service = await shop.service("south")
    for _ in range(2):
        await offer(shop, stopped, service)
    assert await count(shop) == 1
    assert await shop.balance() == "19.00"
    [told] = [notice for notice in await shop.heard() if isinstance(notice, RestReady)]
    assert told.offer is not None
    assert (told.order_id, told.remaining, told.offer.server, str(told.offer.price)) == (stopped, 400, "B", "4.00")
    bought = (await shop.tap(told.offer.token)).order
    assert (bought.replaces_id, bought.quantity) == (stopped, 400)
    await shop.audit()


async def test_an_offer_that_the_wallet_cannot_pay_waits_for_the_money(shop: Shop) -> None:
    async with shop.db.write() as session:
        await session.run(update(Service).where(Service.provider == "south").values(rate=Money.parse("60")))
        await session.run(update(Service).where(Service.external_id == "3").values(on_sale=False))
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Canceled", "1000")
    await shop.poll()
    async with shop.db.write() as session:
        await session.run(WaitingRest.__table__.delete())  # type: ignore[attr-defined]
    await offer(shop, order_id, await shop.service("south"))
    async with shop.db.read() as session:
        assert await session.values(select(WaitingRest.for_what)) == ["money"]
    with pytest.raises(NotEnoughMoney):
        await ordered(shop, order_id, await shop.service("south"), "60")
    assert await shop.balance() == "25.00"


async def test_a_rest_is_ordered_from_the_customers_wallet_who_hears_of_it(shop: Shop, stopped: int) -> None:
    [made] = await ordered(shop, stopped, await shop.service("south"), "4")
    assert (made.user_id, made.replaces_id, made.quantity, made.submit_at) == (MIA, stopped, 400, shop.time + UNDO)
    assert await shop.balance() == "15.00"
    told = (await shop.heard())[-1]
    assert told == OrderedFor(stopped, [["B", 400]], "thousand", Money.parse("4"), Money.parse("15"))
    await shop.audit()


async def test_two_servers_that_share_a_rest_are_both_ordered(shop: Shop) -> None:
    await shop.stock("south", offered("7", "Instagram Likes", "E", "8.00", max=300))
    async with shop.db.write() as session:
        await session.run(update(Service).where(Service.external_id == "3").values(on_sale=False))
        await session.run(
            update(Service).where(Service.provider == "south", Service.external_id == "1").values(max=300)
        )
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    choice, covering = (await choices(shop, order_id)).choices
    assert [portion.quantity for portion in covering.portions] == [5000]
    assert sorted(portion.quantity for portion in choice.portions) == [100, 300]
    made = await ordered(shop, order_id, choice.service_id, "4")
    assert sorted(order.quantity for order in made) == [100, 300]
    told = (await shop.heard())[-1]
    assert isinstance(told, OrderedFor)
    assert len(told.orders) == 2
    await shop.audit()


async def test_nothing_is_ordered_at_another_price_than_was_agreed_to(shop: Shop, stopped: int) -> None:
    with pytest.raises(PriceChanged) as changed:
        await ordered(shop, stopped, await shop.service("south"), "3.99")
    assert changed.value.params["price"] == Money.parse("4")
    assert await count(shop) == 1
    assert await shop.balance() == "19.00"


async def test_a_service_that_is_no_way_any_more_and_a_shop_that_sells_nothing_are_refused(
    shop: Shop, stopped: int
) -> None:
    with pytest.raises(QuoteGone):
        await offer(shop, stopped, await shop.service("north", "1"))
    await shop.sell(on=False)
    with pytest.raises(SalesStopped):
        await offer(shop, stopped, await shop.service("south"))
    await shop.sell(on=True)
    await ordered(shop, stopped, await shop.service("south"), "4")
    assert (await choices(shop, stopped)).none == "ordered"
    with pytest.raises(QuoteGone):
        await offer(shop, stopped, await shop.service("north", "3"))


async def test_why_there_is_nothing_to_choose_is_said(shop: Shop, stopped: int) -> None:
    link = "https://www.instagram.com/p/other"
    assert (await choices(shop, await shop.placed(100, link))).none == "open"
    shop.north.rows["2"] = row("Completed", "0")
    await shop.poll()
    assert (await choices(shop, 2)).none == "delivered"
    async with shop.db.write() as session:
        await session.run(update(Service).where(Service.id != await shop.service()).values(on_sale=False))
    found = await choices(shop, stopped)
    assert (found.none, found.choices, found.remaining) == ("no_alternative", [], 400)
    async with shop.db.write() as session:
        await session.run(update(User).where(User.id == MIA).values(banned=True))
    assert (await choices(shop, stopped)).none == "banned"


async def test_what_a_resellers_site_ordered_is_not_ordered_elsewhere_behind_its_back(shop: Shop, stopped: int) -> None:
    async with shop.db.write() as session:
        await session.run(update(Order).where(Order.id == stopped).values(by_api=True))
    assert (await choices(shop, stopped)).none == "site"
    with pytest.raises(QuoteGone):
        await offer(shop, stopped, await shop.service("south"))
    with pytest.raises(OrderNotFound):
        await choices(shop, 99)


async def test_under_maintenance_the_staff_order_for_a_customer_all_the_same(shop: Shop, stopped: int) -> None:
    async with shop.db.write() as session:
        closed = partial(switches.turn, session, switches.ORDERING, on=False, reason="Back at 18:00.")
        await closed(actor="admin:1", key="closed", now=shop.time)
    south = await shop.service("south")
    [made] = await ordered(shop, stopped, south, "4.00")
    assert made.replaces_id == stopped
