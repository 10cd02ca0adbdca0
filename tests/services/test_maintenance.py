"""Maintenance: customers order nothing and the shop by itself neither; what was ordered goes on to its end."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from services import finishing, maintenance, reorder, staff, switches, waiting
from services.errors import UnderMaintenance
from services.models import Order
from services.notices import AdminAlert, Partial
from services.roles import Role
from tests.scripted_panel import row
from tests.shop import ADMIN, MIA, Shop

MESSAGE = "Back at 18:00."


async def turned(shop: Shop, *, on: bool, key: str) -> switches.Turn | None:
    async with shop.db.write() as session:
        return await maintenance.turn(
            session,
            on=on,
            message=MESSAGE if on else "",
            admin=ADMIN,
            name="Ada",
            owners={ADMIN},
            key=key,
            now=shop.time,
        )


async def test_it_is_off_until_it_is_turned_on_and_says_the_message_while_it_is(shop: Shop) -> None:
    async with shop.db.read() as session:
        assert await switches.maintenance(session) is None
        await turned(shop, on=True, key="1")
        assert await switches.maintenance(session) == MESSAGE
        await turned(shop, on=False, key="2")
        assert await switches.maintenance(session) is None
    assert await turned(shop, on=True, key="1") is None, "one message turns it once"


async def test_the_other_staff_hear_of_it_and_customers_do_not(shop: Shop) -> None:
    async with shop.db.write() as session:
        await staff.grant(session, user_id=1002, role=Role.READER, actor="shell", owners={ADMIN}, now=shop.time)
    await turned(shop, on=True, key="1")
    await turned(shop, on=False, key="2")
    assert await shop.heard(1002) == [
        AdminAlert("maintenance-on", None, {"by": "Ada, 9001", "message": MESSAGE}),
        AdminAlert("maintenance-off", None, {"by": "Ada, 9001"}),
    ]
    assert await shop.heard(ADMIN) == await shop.heard(MIA) == []


async def test_while_it_is_on_customers_order_nothing_and_what_was_ordered_goes_on(shop: Shop) -> None:
    under_way, queued = await shop.placed(1000), await shop.buy(500, link="https://www.instagram.com/p/queued")
    quote = await shop.quote(100)
    await turned(shop, on=True, key="1")
    with pytest.raises(UnderMaintenance) as refused:
        await shop.quote(100)
    assert refused.value.params == {"message": MESSAGE}
    with pytest.raises(UnderMaintenance):
        await shop.tap(quote.token)
    assert await shop.balance() == "10.00"
    assert await shop.submit() == 1
    assert (await shop.order(queued)).status == "placed"
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    assert await shop.balance() == "14.00"
    [notice] = await shop.heard()
    assert isinstance(notice, Partial)
    assert notice.offer is not None
    with pytest.raises(UnderMaintenance):
        await shop.tap(notice.offer.token)
    async with shop.db.write() as session:
        with pytest.raises(UnderMaintenance):
            await reorder.rest(session, user_id=MIA, order_id=under_way, now=shop.time)
        found = await reorder.rest(session, user_id=MIA, order_id=under_way, now=shop.time, staff=True)
        assert found.offers, "the staff look at it all the same"
    await turned(shop, on=False, key="2")
    assert (await shop.tap(quote.token)).created
    assert (await shop.tap(notice.offer.token)).created
    await shop.audit()


async def test_the_shop_itself_orders_no_rest_and_offers_none_while_it_is_on(shop: Shop) -> None:
    stopped = await shop.placed(1000)
    async with shop.db.write() as session:
        await finishing.turn(session, user_id=MIA, goal_id=stopped, on=True, now=shop.time)
        await waiting.keep(session, [stopped], waiting.SERVER, shop.time)
    await turned(shop, on=True, key="1")
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    async with shop.db.write() as session:
        assert await finishing.claim(session, shop.time + timedelta(hours=1)) == []
        assert await waiting.look(session, shop.time) == 0
    await turned(shop, on=False, key="2")
    async with shop.db.write() as session:
        assert len(await finishing.claim(session, shop.time + timedelta(hours=1))) == 1
    async with shop.db.read() as session:
        assert await session.value(select(func.count(Order.id))) == 1
