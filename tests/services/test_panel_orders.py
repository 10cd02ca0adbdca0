"""What sites of resellers do with our panel API: order once, at their tier's rate, within their limits, and ask."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from services import api_keys, notices, panel_orders, resellers, switches, tiers
from services.api_keys import KeyView
from services.db import Database
from services.errors import NotEnoughMoney, SalesStopped, ServiceGone, UnderMaintenance
from services.extras import Drip
from services.models import Notice, Order, Quote, Resale, Service
from services.money import Money
from services.reseller_errors import KeyLimitReached, NotAReseller, RequestTaken, TypeNotTaken
from tests.shop import LINK, MIA, Shop, offered, open_shop

OMAR = 1002


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    async with open_shop(db) as opened:
        await opened.stock(
            "north",
            offered("20", "Instagram Likes", "E", "1.00", dripfeed=True),
            offered("30", "Instagram Comments", "A", "4.00", type="custom comments", min=1, max=10),
        )
        await admit(opened, MIA)
        yield opened
        await opened.audit()


async def admit(shop: Shop, user_id: int) -> None:
    async with shop.db.write() as session:
        await resellers.apply(session, user_id, about="a site", now=shop.time)
        await resellers.decide(session, user_id, state="approved", actor="admin:1", now=shop.time)


async def key_of(shop: Shop, user_id: int = MIA, limit: str | None = None) -> KeyView:
    async with shop.db.write() as session:
        made = await api_keys.make(session, user_id, shop.time)
        if limit is not None:
            await api_keys.limit(session, user_id, made.key.id, Money.parse(limit), shop.time)
        return (await api_keys.listed(session, user_id, shop.time))[0]


async def add(shop: Shop, key: KeyView, **fields: Any) -> int:
    given = {"service": await shop.service(), "link": LINK, "quantity": 1000} | fields
    async with shop.db.write() as session:
        return await panel_orders.add(
            session, key, {name: str(value) for name, value in given.items()}, currency="USD", now=shop.time
        )


async def resale(shop: Shop, order_id: int) -> Any:
    async with shop.db.read() as session:
        return await session.first(select(*Resale.__table__.columns).where(Resale.order_id == order_id))


async def count(shop: Shop, model: Any) -> int:
    async with shop.db.read() as session:
        return len(await session.all(select(model)))


async def test_an_order_is_bought_quietly_and_remembers_what_the_site_said(shop: Shop) -> None:
    key = await key_of(shop)
    order_id = await add(shop, key, reference="A-17", retail="15", retail_currency="eur")
    order = await shop.order(order_id)
    assert (order.by_api, order.quantity, str(order.charge)) == (True, 1000, "10.00")
    assert await shop.balance() == "15.00"
    sold = await resale(shop, order_id)
    assert (sold.user_id, sold.key_id, sold.reference) == (MIA, key.id, "A-17")
    assert (sold.retail, sold.currency) == (Money.parse("15"), "EUR")
    async with shop.db.read() as session:
        assert await session.all(select(Notice.id)) == []
    assert await shop.submit() == 1


async def test_without_a_retail_price_it_follows_from_the_markup_rounded_up(shop: Shop) -> None:
    async with shop.db.write() as session:
        await resellers.set_markup(session, MIA, Decimal("33.3333333"))
    sold = await resale(shop, await add(shop, await key_of(shop)))
    assert (sold.retail, sold.currency) == (Money.parse("13.333334"), "USD")
    named = await resale(shop, await add(shop, await key_of(shop), quantity=100, retail="2.5"))
    assert (named.retail, named.currency) == (Money.parse("2.5"), "USD")


async def test_the_same_request_orders_once_and_another_under_its_id_is_refused(shop: Shop) -> None:
    key = await key_of(shop)
    first = await add(shop, key, request_id="r1")
    assert await add(shop, key, request_id="r1", quantity=" 1000 ") == first
    other_key = await key_of(shop)
    assert await add(shop, other_key, request_id="r1") == first
    with pytest.raises(RequestTaken):
        await add(shop, key, request_id="r1", quantity=2000)
    assert await add(shop, key, request_id="r2", quantity=100) != first
    assert await count(shop, Order.id) == 2


async def test_a_request_id_is_its_sender_s_own(shop: Shop) -> None:
    await admit(shop, OMAR)
    async with shop.db.write() as session:
        await shop.credit(session, "25.00", "omar", OMAR)
    mine = await add(shop, await key_of(shop), request_id="r1")
    assert await add(shop, await key_of(shop, OMAR), request_id="r1") != mine


async def test_a_key_spends_no_more_than_its_limit_in_a_day(shop: Shop) -> None:
    key = await key_of(shop, limit="15.00")
    await add(shop, key)
    with pytest.raises(KeyLimitReached):
        await add(shop, key, quantity=501)
    await add(shop, key, quantity=500)
    async with shop.db.write() as session:
        await session.run(update(Resale).values(created_at=shop.time - timedelta(hours=24)))
    await add(shop, key, quantity=1000)
    assert await shop.balance() == "0.00"


async def test_exchanging_a_key_does_not_fill_its_limit_again(shop: Shop) -> None:
    first = await key_of(shop, limit="15.00")
    await add(shop, first)
    second = await exchanged(shop, first)
    third = await exchanged(shop, second)
    for key in (first, second, third):
        with pytest.raises(KeyLimitReached):
            await add(shop, key, quantity=501)
    await add(shop, third, quantity=500)
    for key in (first, second, third):
        with pytest.raises(KeyLimitReached):
            await add(shop, key, quantity=100)
    shop.wait(seconds=1)
    await add(shop, await key_of(shop, limit="15.00"), quantity=1000)  # a key of its own has its own limit
    assert await shop.balance() == "0.00"


async def exchanged(shop: Shop, key: KeyView) -> KeyView:
    async with shop.db.write() as session:
        return (await api_keys.rotate(session, key.user_id, key.id, shop.time)).key


async def test_an_order_that_is_refused_leaves_nothing_behind(shop: Shop) -> None:
    with pytest.raises(NotEnoughMoney):
        await add(shop, await key_of(shop), quantity=2501)
    assert await shop.balance() == "25.00"
    assert (await count(shop, Quote.token), await count(shop, Resale.order_id)) == (0, 0)


async def test_the_tier_of_a_reseller_sets_the_rate_of_catalogue_and_order_alike(shop: Shop) -> None:
    async with shop.db.write() as session:
        await tiers.set_tier(session, "gold", Decimal(10), actor="admin:1", now=shop.time)
        await resellers.set_tier(session, MIA, "gold")
    service_id = await shop.service()
    async with shop.db.read() as session:
        rates = {offer.id: str(offer.rate) for offer in await panel_orders.services(session, MIA)}
        usual = {offer.id: str(offer.rate) for offer in await panel_orders.services(session, OMAR)}
    assert (rates[service_id], usual[service_id]) == ("9.00", "10.00")
    assert str((await shop.order(await add(shop, await key_of(shop)))).charge) == "9.00"


async def test_the_catalogue_holds_what_is_on_sale_and_can_be_ordered(shop: Shop) -> None:
    hidden, strange = await shop.service("south", "1"), await shop.service("south", "2")
    async with shop.db.write() as session:
        await session.run(update(Service).where(Service.id == hidden).values(on_sale=False))
        await session.run(update(Service).where(Service.id == strange).values(type="Web Traffic"))
    async with shop.db.read() as session:
        offers = {offer.id: offer for offer in await panel_orders.services(session, MIA)}
    assert not {hidden, strange} & offers.keys()
    spread, comments = offers[await shop.service("north", "20")], offers[await shop.service("north", "30")]
    assert (spread.dripfeed, spread.refill, spread.cancel) == (True, True, True)
    assert (comments.type, comments.min, comments.max) == ("Custom Comments", 1, 10)
    assert len({offer.name for offer in offers.values()}) == len(offers)
    key = await key_of(shop)
    for service, refusal in ((hidden, ServiceGone), (strange, TypeNotTaken), (987, ServiceGone), ("x", ServiceGone)):
        with pytest.raises(refusal):
            await add(shop, key, service=service)


async def test_the_quantity_of_a_drip_feed_is_that_of_one_run(shop: Shop) -> None:
    service = await shop.service("north", "20")
    order = await shop.order(await add(shop, await key_of(shop), service=service, quantity=100, runs=5, interval=60))
    assert (order.quantity, order.extras.drip, str(order.charge)) == (500, Drip(5, 60), "0.625")
    await shop.submit()
    assert {name: shop.north.accepted[0][name] for name in ("quantity", "runs", "interval")} == {
        "quantity": "100",
        "runs": "5",
        "interval": "60",
    }


async def test_nothing_is_sold_while_sales_are_stopped_or_the_shop_is_under_maintenance(shop: Shop) -> None:
    key = await key_of(shop)
    first = await add(shop, key, request_id="before")
    await shop.sell(on=False)
    with pytest.raises(SalesStopped):
        await add(shop, key)
    assert await add(shop, key, request_id="before") == first
    await shop.sell(on=True)
    async with shop.db.write() as session:
        turn = {"on": False, "reason": "Back at noon.", "actor": "admin:1", "key": "m", "now": shop.time}
        await switches.turn(session, switches.ORDERING, **turn)  # type: ignore[arg-type]
    with pytest.raises(UnderMaintenance, match="Back at noon"):
        await add(shop, key)


async def test_who_was_suspended_since_the_key_was_looked_at_orders_nothing(shop: Shop) -> None:
    key = await key_of(shop)
    async with shop.db.write() as session:
        await resellers.decide(session, MIA, state="suspended", actor="admin:1", now=shop.time)
    with pytest.raises(NotAReseller):
        await add(shop, key)
    stranger = KeyView(**{name: getattr(key, name) for name in KeyView.__dataclass_fields__} | {"user_id": OMAR})
    with pytest.raises(NotAReseller):
        await add(shop, stranger)


async def test_only_one_s_own_orders_are_found_all_in_one_go(shop: Shop) -> None:
    mine, chatted = await add(shop, await key_of(shop)), await shop.buy(100)
    async with shop.db.read() as session:
        assert (await panel_orders.found(session, MIA, [mine, chatted, 999])).keys() == {mine, chatted}
        assert await panel_orders.found(session, OMAR, [mine, chatted]) == {}
        assert await panel_orders.found(session, MIA, []) == {}
        assert str(await panel_orders.balance(session, MIA)) == "14.00"


async def test_a_partial_of_such_an_order_comes_back_without_a_word_in_the_chat(shop: Shop) -> None:
    order_id = await add(shop, await key_of(shop))
    await shop.submit()
    shop.north.rows["1"] = {"charge": "8", "start_count": "5", "status": "Partial", "remains": "400", "currency": "USD"}
    await shop.poll()
    order = await shop.order(order_id)
    assert (order.status, order.delivered, str(order.refunded)) == ("partial", 600, "4.00")
    assert not [told for told in await shop.heard() if isinstance(told, notices.Partial)]
