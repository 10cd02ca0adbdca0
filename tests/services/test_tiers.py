"""Tiers: what resellers have off, on everything and on one service, frozen on what their sites order."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from sqlalchemy import insert, select

from services import orders, quotes, resellers, tiers
from services.db import Database
from services.errors import PriceChanged
from services.models import Order, TierDiscount
from services.money import Money
from services.tiers import Discounts
from tests import reselling
from tests.shop import LINK, MIA, Shop, open_shop

OMAR = 1002


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """Mia sells on in the tier gold, 10 % off; the services cost $8.00 and are sold at $10.00."""
    async with open_shop(db) as opened:
        await reselling.tier(db, "gold", "10", opened.time)
        await reselling.approve(db, MIA, opened.time, tier="gold")
        yield opened
        await opened.audit()


async def apart(shop: Shop, service_id: int, percent: str) -> None:
    row = {"tier": "gold", "service_id": service_id, "discount": percent, "set_by": "admin:1", "set_at": shop.time}
    async with shop.db.write() as session:
        await session.run(insert(TierDiscount), [row])


async def quoted(shop: Shop, user_id: int = MIA, *, by_api: bool = True) -> quotes.QuoteView:
    async with shop.db.write() as session:
        return await quotes.quote(
            session,
            user_id=user_id,
            service_id=await shop.service(),
            link=LINK,
            quantity=1000,
            by_api=by_api,
            now=shop.time,
        )


async def rates(shop: Shop, user_id: int, *service_ids: int) -> list[str]:
    async with shop.db.read() as session:
        return [str(await tiers.rate(session, user_id, service_id)) for service_id in service_ids]


async def test_a_tiers_discount_is_on_everything_but_what_is_told_apart(shop: Shop) -> None:
    first, second = await shop.service(), await shop.service("south")
    assert await rates(shop, MIA, first, second) == ["9.00", "9.00"]
    await apart(shop, second, "0.5")
    assert await rates(shop, MIA, first, second) == ["9.00", "9.95"]
    async with shop.db.read() as session:
        assert await tiers.discounts(session, MIA) == Discounts(Decimal(10), {second: Decimal("0.5")})


async def test_nobody_is_sold_to_below_cost_however_much_is_off(shop: Shop) -> None:
    await reselling.tier(shop.db, "gold", "60", shop.time)
    assert await rates(shop, MIA, await shop.service()) == ["8.00"]


async def test_who_is_in_no_tier_not_approved_or_no_reseller_has_nothing_off(shop: Shop) -> None:
    service_id = await shop.service()
    assert await rates(shop, OMAR, service_id) == ["10.00"]
    await reselling.approve(shop.db, OMAR, shop.time)
    assert await rates(shop, OMAR, service_id) == ["10.00"]
    async with shop.db.write() as session:
        await resellers.decide(session, MIA, state=resellers.SUSPENDED, actor="admin:1", now=shop.time)
    assert await rates(shop, MIA, service_id) == ["10.00"]


async def test_what_a_site_orders_costs_by_the_tier_and_the_order_keeps_that_rate(shop: Shop) -> None:
    quote = await quoted(shop)
    assert str(quote.price) == "9.00"
    order = (await shop.tap(quote.token)).order
    await reselling.tier(shop.db, "gold", "5", shop.time)
    async with shop.db.read() as session:
        row = await session.first(select(Order.rate, Order.charge, Order.by_api).where(Order.id == order.id))
    assert row is not None
    assert tuple(row) == (Money.parse("9"), Money.parse("9"), True)
    assert await shop.balance() == "16.00"


async def test_in_the_chat_a_reseller_pays_the_shops_rate(shop: Shop) -> None:
    quote = await quoted(shop, by_api=False)
    assert str(quote.price) == "10.00"
    assert (await shop.tap(quote.token)).order.charge == Money.parse("10")


async def test_a_tier_that_moved_between_price_and_purchase_refuses_the_purchase(shop: Shop) -> None:
    quote = await quoted(shop)
    await reselling.tier(shop.db, "gold", "5", shop.time)
    with pytest.raises(PriceChanged) as refused:
        await shop.tap(quote.token)
    assert refused.value.params["price"] == Money.parse("9.50")
    assert await shop.balance() == "25.00"
    again = await quoted(shop)
    async with shop.db.write() as session:
        await resellers.set_tier(session, MIA, None)
        with pytest.raises(PriceChanged):
            await orders.place(session, user_id=MIA, token=again.token, now=shop.time)
