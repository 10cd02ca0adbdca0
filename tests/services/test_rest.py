"""What the rest of an order may be bought on, asked for by hand; where there is nothing, why."""

from sqlalchemy import update

from services import reorder
from services.models import Service
from tests.scripted_panel import row
from tests.shop import MIA, Shop


async def stopped(shop: Shop) -> int:
    order_id = await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    return order_id


async def rest(shop: Shop, order_id: int) -> reorder.Rest:
    async with shop.db.write() as session:
        return await reorder.rest(session, user_id=MIA, order_id=order_id, now=shop.time)


async def test_the_rest_is_offered_on_every_other_server_that_fits(shop: Shop) -> None:
    found = await rest(shop, await stopped(shop))
    assert (found.remaining, found.no_offer) == (400, None)
    assert {offer.server for offer in found.offers} == {"B", "C"}


async def test_where_nothing_else_is_on_sale_nothing_is_offered_and_it_says_so(shop: Shop) -> None:
    order_id = await stopped(shop)
    async with shop.db.write() as session:
        await session.run(update(Service).values(on_sale=False))
    found = await rest(shop, order_id)
    assert (found.offers, found.no_offer) == ([], "no_alternative")


async def test_no_orders_need_no_offers(shop: Shop) -> None:
    async with shop.db.write() as session:
        assert await reorder.best_offers(session, [], shop.time) == {}
