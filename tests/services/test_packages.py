"""Packages: bought one at a time at their own price, paid for whole or not at all."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update

from services import quotes, reorder
from services.db import Database
from services.errors import PriceChanged, QuoteGone
from services.models import Service
from services.money import Money
from services.notices import Canceled, Completed, Offer, Partial
from services.order_view import OrderView
from tests.scripted_panel import row
from tests.shop import LINK, MIA, Shop, offered, open_shop

STARTER = offered("70", "Instagram Likes", "X", "2.400001", type="Package", min=1, max=1)
BIGGER = offered("70", "Instagram Likes", "Y", "3.20", type="Package", min=1, max=1)


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """Two packages stand among the likes: Server X for $3.000002, and Server Y of another provider for $4.00."""
    async with open_shop(db) as opened:
        await opened.stock("north", STARTER)
        await opened.stock("south", BIGGER)
        yield opened
        await opened.audit()


async def quote(shop: Shop, quantity: int = 0) -> quotes.QuoteView:
    return await shop.quote(quantity, service_id=await shop.service("north", "70"))


async def placed(shop: Shop) -> int:
    order_id = (await shop.tap((await quote(shop)).token)).order.id
    assert await shop.submit() == 1
    return order_id


async def ended(shop: Shop, status: str, remains: object) -> tuple[OrderView, object]:
    """A package that ended like this, and what the customer hears."""
    order_id = await placed(shop)
    shop.north.rows["1"] = row(status, remains)
    await shop.poll()
    return await shop.order(order_id), (await shop.heard())[-1]


@pytest.mark.parametrize("quantity", [0, 1, 5000])
async def test_a_package_is_one_and_costs_its_rate_to_the_micro_unit(shop: Shop, quantity: int) -> None:
    quoted = await quote(shop, quantity)
    assert (quoted.quantity, str(quoted.price)) == (1, "3.000002")


async def test_the_provider_is_sent_no_quantity(shop: Shop) -> None:
    order = await shop.order(await placed(shop))
    assert (order.type, order.unit, order.quantity, order.each) == ("Package", "package", 1, 1000)
    assert shop.north.accepted == [{"key": "scripted", "action": "add", "service": "70", "link": LINK}]
    assert await shop.balance() == "21.999998"


@pytest.mark.parametrize("remains", ["1", "499"])
async def test_a_package_that_is_not_whole_is_given_back_whole(shop: Shop, remains: str) -> None:
    order, notice = await ended(shop, "Partial", remains)
    assert (order.status, order.delivered, str(order.refunded)) == ("partial", 0, "3.000002")
    assert isinstance(notice, Partial)
    assert (notice.unit, notice.delivered, notice.quantity) == ("package", 0, 1)
    assert await shop.balance() == "25.00"


async def test_a_cancelled_package_is_given_back(shop: Shop) -> None:
    order, notice = await ended(shop, "Canceled", "0")
    assert isinstance(notice, Canceled)
    assert (order.status, await shop.balance()) == ("canceled", "25.00")


async def test_a_delivered_package_is_paid(shop: Shop) -> None:
    order, notice = await ended(shop, "Completed", "0")
    assert isinstance(notice, Completed)
    assert (order.delivered, notice.unit, notice.goal_delivered) == (1, "package", 1)
    assert await shop.balance() == "21.999998"


async def test_a_package_is_replaced_by_a_package_and_likes_by_likes(shop: Shop) -> None:
    _, notice = await ended(shop, "Partial", "1")
    assert isinstance(notice, Partial)
    assert isinstance(notice.offer, Offer)
    assert (notice.offer.server, notice.offer.unit, str(notice.offer.price)) == ("Y", "package", "4.00")
    async with shop.db.write() as session:
        rest = await reorder.rest(session, user_id=MIA, order_id=notice.order_id, now=shop.time)
    assert [offer.server for offer in rest.offers] == ["Y"]
    replacing = (await shop.tap(notice.offer.token)).order
    await shop.submit()
    assert (replacing.type, replacing.quantity) == ("Package", 1)
    likes = await shop.placed(1000)
    shop.north.rows["2"] = row("Partial", "400")
    await shop.poll()
    async with shop.db.write() as session:
        rest = await reorder.rest(session, user_id=MIA, order_id=likes, now=shop.time)
    assert {offer.unit for offer in rest.offers} == {"thousand"}


async def test_a_price_that_moved_is_the_price_of_a_package(shop: Shop) -> None:
    quoted = await quote(shop)
    await change(shop, rate=Money.parse("3.50"))
    with pytest.raises(PriceChanged) as moved:
        await shop.tap(quoted.token)
    assert moved.value.params["price"] == Money.parse("3.50")


async def test_a_quote_for_what_has_become_another_type_is_gone(shop: Shop) -> None:
    quoted = await quote(shop)
    await change(shop, type="Default", unit="thousand")
    with pytest.raises(QuoteGone):
        await shop.tap(quoted.token)
    assert await shop.balance() == "25.00"


async def change(shop: Shop, **values: object) -> None:
    service_id = await shop.service("north", "70")
    async with shop.db.write() as session:
        await session.run(update(Service).where(Service.id == service_id).values(**values))
