"""Orders that nobody sends or follows: admins hear of them, and what never left is never held for ever."""

import asyncio
from dataclasses import replace

import pytest

from services import audit, doubts, ledger, stranded
from services.errors import TooLate
from services.notices import AdminAlert, Rejected
from services.stranded import Stranded
from tests.services.test_placing import unreachable
from tests.shop import ADMIN, LINK, MIA, Shop


def take_out(shop: Shop, name: str = "north") -> None:
    """The provider is no longer in the settings."""
    del shop.clients[name]
    shop.policy = replace(shop.policy, providers=tuple(shop.clients))


async def found(shop: Shop) -> list[Stranded]:
    async with shop.db.read() as session:
        return await stranded.find(session, shop.policy, shop.time)


async def given_back(shop: Shop, order_id: int) -> int:
    async with shop.db.write() as session:
        return await stranded.give_back(session, order_id=order_id, policy=shop.policy, now=shop.time)


async def alerts(shop: Shop, admin: int = ADMIN) -> list[tuple[str, int | None, dict[str, str]]]:
    return [
        (notice.code, notice.order_id, {name: value for name, value in notice.facts.items() if value})
        for notice in await shop.heard(admin)
        if isinstance(notice, AdminAlert)
    ]


async def test_orders_of_a_missing_provider_are_told_once_a_day_with_their_number(shop: Shop) -> None:
    await shop.placed(100, LINK + "1")
    first = await shop.buy(100, LINK + "2")
    await shop.buy(100, LINK + "3")
    take_out(shop)
    for _ in range(3):
        await shop.sweep()
        shop.wait(hours=1)
    told = {"provider": "north", "waiting to be sent": "2", "at the provider": "1"}
    assert await alerts(shop) == [("provider-missing", first, told)]
    shop.wait(hours=10)
    await shop.sweep()
    assert await alerts(shop) == [("provider-missing", first, told)] * 2
    assert await shop.balance() == "22.00"


async def test_where_all_is_at_the_missing_provider_there_is_no_order_to_give_up(shop: Shop) -> None:
    await shop.placed()
    take_out(shop)
    await shop.sweep()
    assert await alerts(shop) == [("provider-missing", None, {"provider": "north", "at the provider": "1"})]


async def test_a_missing_provider_without_open_orders_is_nobodys_concern(shop: Shop) -> None:
    take_out(shop)
    await shop.sweep()
    assert await found(shop) == []
    assert await alerts(shop) == []


async def test_orders_that_nobody_sends_for_an_hour_are_told(shop: Shop) -> None:
    """Whatever keeps them: their provider is in the settings."""
    order_id = await shop.buy()
    shop.wait(minutes=59)
    await shop.sweep()
    assert await alerts(shop) == []
    shop.wait(minutes=1)
    await shop.sweep()
    assert await alerts(shop) == [("orders-stuck", order_id, {"provider": "north", "waiting to be sent": "1"})]


async def test_an_order_that_nobody_could_send_gives_the_money_back_and_is_not_sent_any_more(shop: Shop) -> None:
    order_id = await shop.buy()
    shop.wait(hours=23)
    await shop.sweep()
    assert await shop.balance() == "15.00"
    shop.wait(hours=1)
    assert await shop.submit() == 0
    for _ in range(2):
        await shop.sweep()
    assert (await shop.order(order_id)).status == "rejected"
    assert await shop.balance() == "25.00"
    [told] = await shop.heard(MIA)
    assert isinstance(told, Rejected)
    assert (told.reason, str(told.refunded)) == ("unreachable", "10.00")
    assert await shop.submit() == 0
    assert shop.north.accepted == []


async def test_the_time_of_an_order_that_is_tried_again_counts_from_its_last_try(shop: Shop) -> None:
    await shop.buy()
    north = shop.clients.pop("north")
    shop.wait(hours=23)
    async with unreachable(shop):
        await shop.submit()
    shop.clients["north"] = north
    shop.wait(hours=2)
    await shop.sweep()
    assert await shop.submit() == 1
    assert len(shop.north.accepted) == 1


async def test_an_order_that_may_have_left_before_counts_as_one_in_doubt(shop: Shop) -> None:
    """It is sent again to a provider that knows our key; but that one is gone before it can be."""
    shop.policy = replace(shop.policy, idempotent=("north",))
    shop.north.adds = ["drop"]
    order_id = await shop.placed()
    shop.wait(minutes=1)
    await shop.sweep()
    assert (await shop.order(order_id)).status == "queued"
    take_out(shop)
    with pytest.raises(TooLate):
        await given_back(shop, order_id)
    shop.wait(hours=24)
    await shop.sweep()
    assert await shop.balance() == "25.00"
    [*_, told] = await shop.heard(MIA)
    assert isinstance(told, Rejected)
    assert told.reason == "unverified"
    assert "order-given-up" in [code for code, _, _ in await alerts(shop)]
    async with shop.db.read() as session:
        assert str(await ledger.balance(session, "loss")) == "-8.00"


async def test_an_admin_gives_back_what_waits_at_a_missing_provider_and_nothing_else(shop: Shop) -> None:
    placed = await shop.placed(100, LINK + "1")
    waiting = [await shop.buy(100, LINK + word) for word in ("2", "3")]
    other = (await shop.tap((await shop.quote(100, service_id=await shop.service("south"))).token)).order.id
    take_out(shop)
    assert await shop.balance() == "21.00"
    assert await given_back(shop, waiting[0]) == 2
    assert await shop.balance() == "23.00"
    statuses = [(await shop.order(order_id)).status for order_id in (placed, *waiting, other)]
    assert statuses == ["placed", "rejected", "rejected", "queued"]
    with pytest.raises(TooLate):
        await given_back(shop, waiting[0])
    assert await shop.submit() == 1


async def test_what_has_not_waited_too_long_for_a_provider_of_ours_is_not_given_back(shop: Shop) -> None:
    late = await shop.buy(100, LINK + "1")
    shop.wait(hours=1)
    fresh = await shop.buy(100, LINK + "2")
    assert await given_back(shop, fresh) == 1
    assert [(await shop.order(order_id)).status for order_id in (late, fresh)] == ["rejected", "queued"]


async def test_money_that_goes_back_while_the_order_is_being_sent_goes_back_once_or_not_at_all(shop: Shop) -> None:
    order_id = await shop.buy()
    shop.wait(hours=2)
    await asyncio.gather(shop.submit(), given_back(shop, order_id), return_exceptions=True)
    bought = len(shop.north.accepted)
    assert ((await shop.order(order_id)).status, await shop.balance()) == (
        ("placed", "15.00") if bought else ("rejected", "25.00")
    )


async def broken(shop: Shop) -> list[int]:
    async with shop.db.read() as session:
        return [breach.invariant.number for breach in await audit.check(session, shop.policy, shop.time)]


@pytest.mark.parametrize("sent", [True, False], ids=["placed", "queued"])
async def test_orders_that_lie_still_are_a_breach_as_long_as_no_admin_has_heard(shop: Shop, sent: bool) -> None:
    await shop.buy()
    if sent:
        await shop.submit()
    take_out(shop)
    shop.wait(hours=1, minutes=4)
    assert await broken(shop) == []
    shop.wait(minutes=2)
    assert await broken(shop) == [15]
    await shop.sweep()
    assert await broken(shop) == []


async def test_a_queued_order_beyond_the_policy_time_is_a_breach_whoever_has_heard(shop: Shop) -> None:
    await shop.buy()
    shop.wait(hours=23, minutes=59)
    await shop.sweep()
    shop.wait(minutes=5)
    assert await broken(shop) == []
    shop.wait(minutes=1)
    assert await broken(shop) == [15]
    await shop.sweep()


async def test_without_admins_nobody_can_be_told_and_the_money_goes_back_all_the_same(shop: Shop) -> None:
    shop.policy = replace(shop.policy, admins=())
    await shop.placed(100, LINK + "1")
    await shop.buy(100, LINK + "2")
    take_out(shop)
    shop.wait(hours=24)
    await shop.sweep()
    assert await shop.balance() == "24.00"
    assert await broken(shop) == []


async def test_what_is_in_doubt_stays_with_the_buttons_of_its_own_alert(shop: Shop) -> None:
    shop.north.adds = ["drop"]
    order_id = await shop.placed()
    take_out(shop)
    await shop.sweep()
    assert await found(shop) == []
    async with shop.db.write() as session:
        await doubts.missing(session, order_id=order_id, attempt=1, again=False, actor="admin:1", now=shop.time)
    assert await shop.balance() == "25.00"


async def test_what_is_placed_at_a_provider_that_is_gone_is_settled_by_hand(shop: Shop) -> None:
    """Nobody asks about it any more: an admin looks at the panel. While it is followed, its provider's word counts."""
    order_id = await shop.placed()
    with pytest.raises(TooLate):
        await counted(shop, order_id, 600)
    take_out(shop)
    await counted(shop, order_id, 600)
    assert (await shop.order(order_id)).status == "partial"
    assert await shop.balance() == "19.00"
    with pytest.raises(TooLate):
        await counted(shop, order_id, 0)


async def counted(shop: Shop, order_id: int, delivered: int) -> None:
    async with shop.db.write() as session:
        await doubts.counted(session, order_id=order_id, delivered=delivered, policy=shop.policy, now=shop.time)
