"""Drip-feed: the whole is bought, priced and refunded; the provider is told the quantity of one run."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update

from services import catalog, quotes
from services.db import Database
from services.errors import BadAnswer, QuantityTooSmall
from services.extras import PLAIN, Drip, Extras
from services.models import Service
from services.notices import Partial
from tests.scripted_panel import row
from tests.shop import LINK, MIA, Shop, open_shop

SPREAD = Extras(drip=Drip(runs=10, interval=30))


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """Server A and Server C have drip-feed, Server B has not."""
    async with open_shop(db) as opened:
        await change(opened, "north", "1", dripfeed=True)
        await change(opened, "north", "3", dripfeed=True)
        yield opened
        await opened.audit()


async def change(shop: Shop, provider: str, external_id: str, **values: object) -> None:
    service_id = await shop.service(provider, external_id)
    async with shop.db.write() as session:
        await session.run(update(Service).where(Service.id == service_id).values(**values))


async def quote(shop: Shop, quantity: int = 1000, extras: Extras = SPREAD, provider: str = "north") -> quotes.QuoteView:
    service_id = await shop.service(provider)
    async with shop.db.write() as session:
        return await quotes.quote(
            session, user_id=MIA, service_id=service_id, link=LINK, quantity=quantity, extras=extras, now=shop.time
        )


async def placed(shop: Shop) -> int:
    order_id = (await shop.tap((await quote(shop)).token)).order.id
    assert await shop.submit() == 1
    return order_id


async def test_the_price_is_that_of_the_whole_and_the_provider_hears_of_one_run(shop: Shop) -> None:
    quoted = await quote(shop)
    assert (str(quoted.price), quoted.quantity, quoted.extras) == ("10.00", 1000, SPREAD)
    order = (await shop.tap(quoted.token)).order
    assert (order.quantity, order.extras) == (1000, SPREAD)
    await shop.submit()
    sent = shop.north.accepted[0]
    assert (sent["quantity"], sent["runs"], sent["interval"]) == ("100", "10", "30")
    assert (await shop.card(order.id)).extras == {"drip": {"runs": 10, "interval": 30}}


async def test_a_spread_order_that_stops_pays_for_the_whole_less_what_came(shop: Shop) -> None:
    """$10.00 for 10 runs of 100; 333 delivered: kept floor(3.33), back the rest, to the micro-unit."""
    order_id = await placed(shop)
    shop.north.rows["1"] = row("Partial", "667")
    await shop.poll()
    assert await shop.balance() == "21.67"
    order = await shop.order(order_id)
    assert (order.delivered, str(order.refunded)) == (333, "6.67")


async def test_the_rest_goes_on_in_runs_on_a_server_that_can(shop: Shop) -> None:
    """Server B is nearer in price and another provider, but would deliver at once."""
    await placed(shop)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    [notice] = await shop.heard()
    assert isinstance(notice, Partial)
    assert notice.offer is not None
    assert (notice.offer.server, notice.offer.quantity, notice.offer.runs) == ("C", 400, 4)
    rest = await shop.tap(notice.offer.token)
    assert rest.order.extras == Extras(drip=Drip(runs=4, interval=30))
    await shop.submit()
    assert shop.north.accepted[1]["quantity"] == "100"


async def test_a_rest_that_is_no_whole_runs_is_offered_at_once(shop: Shop) -> None:
    await placed(shop)
    shop.north.rows["1"] = row("Partial", "450")
    await shop.poll()
    [notice] = await shop.heard()
    assert isinstance(notice, Partial)
    assert notice.offer is not None
    assert (notice.offer.server, notice.offer.runs) == ("B", 1)
    assert (await shop.tap(notice.offer.token)).order.extras == PLAIN
    await shop.submit()
    assert "runs" not in shop.panels["south"].accepted[0]


async def test_the_limits_are_those_of_the_whole(shop: Shop) -> None:
    assert (await quote(shop, 50)).quantity == 50
    with pytest.raises(QuantityTooSmall):
        await quote(shop, 40)


async def test_runs_that_leave_something_over_are_refused(shop: Shop) -> None:
    with pytest.raises(BadAnswer):
        await quote(shop, 1001)


async def test_where_there_is_no_drip_feed_all_comes_at_once(shop: Shop) -> None:
    quoted = await quote(shop, provider="south")
    assert quoted.extras == PLAIN


async def test_a_service_spreads_where_its_provider_and_its_type_let_it(shop: Shop) -> None:
    await change(shop, "north", "3", type="Package")
    async with shop.db.read() as session:
        found = [
            await catalog.service(session, await shop.service(provider, external_id))
            for provider, external_id in (("north", "1"), ("north", "3"), ("south", "1"))
        ]
    assert [service.spreads for service in found] == [True, False, False]
