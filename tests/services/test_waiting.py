"""Rests that are dearer than the wallet, or that no server takes: who is told, when, and how often."""

import pytest
from sqlalchemy import select

from services import waiting
from services.errors import NotEnoughMoney, OrderNotFound
from services.models import WaitingRest
from services.money import Money
from services.notices import Partial, RestReady
from tests.scripted_panel import row
from tests.services.test_awkward_rests import limit, pay_in, rest, spent, stopped
from tests.shop import MIA, Shop, offered
from tests.statements import watched

OMAR = 1002


async def look(shop: Shop) -> int:
    async with shop.db.write() as session:
        return await waiting.look(session, shop.time)


async def waits(shop: Shop) -> list[tuple[int, str]]:
    async with shop.db.read() as session:
        rows = await session.all(select(WaitingRest.order_id, WaitingRest.for_what).order_by(WaitingRest.order_id))
    return [(row.order_id, row.for_what) for row in rows]


async def short(shop: Shop) -> int:
    """The 400 that are missing cost $5.00 elsewhere, and $4.20 are in the wallet."""
    for server in "BCD":
        await limit(shop, server, rate=Money.parse("12.50"), min=50)
    order_id = await shop.placed()
    await spent(shop, "0.20")
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    return order_id


async def test_what_the_wallet_lacks_is_named_and_the_rest_waits_for_it(shop: Shop) -> None:
    order_id = await short(shop)
    [notice] = [told for told in await shop.heard() if isinstance(told, Partial)]
    assert notice.offer is not None
    assert (str(notice.offer.price), str(notice.offer.missing), str(notice.balance)) == ("5.00", "0.80", "4.20")
    with pytest.raises(NotEnoughMoney):
        await shop.tap(notice.offer.token)
    assert await waits(shop) == [(order_id, "money")]
    assert await look(shop) == 0, "nothing has changed"


async def test_once_it_is_paid_in_one_message_brings_the_button_that_buys(shop: Shop) -> None:
    order_id = await short(shop)
    await pay_in(shop, "0.79", "nearly")
    assert await look(shop) == 0
    await pay_in(shop, "0.01", "there")
    assert (await look(shop), await look(shop), await waits(shop)) == (1, 0, [])
    ready = (await shop.heard())[-1]
    assert isinstance(ready, RestReady)
    assert ready.offer is not None
    assert (ready.order_id, ready.remaining, str(ready.balance), ready.offer.missing) == (
        order_id,
        400,
        "5.00",
        Money(0),
    )
    assert (await shop.tap(ready.offer.token)).created
    assert await shop.balance() == "0.00"


async def test_who_ordered_meanwhile_is_not_told(shop: Shop) -> None:
    order_id = await short(shop)
    await pay_in(shop, "5.00")
    await shop.tap((await rest(shop, order_id)).offers[0].token)
    before = len(await shop.heard())
    assert (await look(shop), await waits(shop), len(await shop.heard())) == (0, [], before)


async def test_while_nothing_is_sold_nobody_is_told_and_nothing_is_forgotten(shop: Shop) -> None:
    order_id = await short(shop)
    await pay_in(shop, "5.00")
    await shop.sell(on=False)
    assert (await look(shop), await waits(shop)) == (0, [(order_id, "money")])
    await shop.sell(on=True)
    assert await look(shop) == 1


async def alone(shop: Shop) -> int:
    """Nothing else is on sale when an order stops."""
    for server in "BCD":
        await limit(shop, server, on_sale=False)
    order_id, notice = await stopped(shop, "400")
    assert (notice.offer, notice.no_offer) == (None, "no_alternative")
    return order_id


async def ask(shop: Shop, order_id: int, user_id: int = MIA) -> None:
    async with shop.db.write() as session:
        await waiting.ask(session, user_id=user_id, order_id=order_id, now=shop.time)


async def test_nobody_is_told_who_did_not_ask(shop: Shop) -> None:
    await alone(shop)
    await shop.stock("south")
    assert await look(shop) == 0


async def test_who_asked_is_told_once_when_a_server_takes_the_rest(shop: Shop) -> None:
    order_id = await alone(shop)
    for _ in range(2):
        await ask(shop, order_id)
    assert (await look(shop), await waits(shop)) == (0, [(order_id, "server")])
    await shop.stock("south")
    assert (await look(shop), await look(shop), await waits(shop)) == (1, 0, [])
    ready = (await shop.heard())[-1]
    assert isinstance(ready, RestReady)
    assert ready.offer is not None
    assert (ready.remaining, ready.offer.server) == (400, "B")
    assert (await shop.tap(ready.offer.token)).created


async def test_who_asks_again_is_told_again(shop: Shop) -> None:
    order_id = await alone(shop)
    await ask(shop, order_id)
    await shop.stock("south")
    assert await look(shop) == 1
    shop.wait(seconds=1)
    await ask(shop, order_id)
    assert await look(shop) == 1


async def test_a_server_that_is_too_dear_is_told_with_what_is_missing_and_then_the_money_is_waited_for(
    shop: Shop,
) -> None:
    order_id = await alone(shop)
    await spent(shop, "3.00")
    await ask(shop, order_id)
    await shop.stock("south", offered("1", "Instagram Likes", "B", "8.00"))
    assert (await look(shop), await waits(shop)) == (1, [(order_id, "money")])
    ready = (await shop.heard())[-1]
    assert isinstance(ready, RestReady)
    assert ready.offer is not None
    assert str(ready.offer.missing) == "1.00"
    assert await look(shop) == 0
    await pay_in(shop, "1.00")
    assert (await look(shop), await waits(shop)) == (1, [])


async def test_nobody_waits_for_somebody_elses_order(shop: Shop) -> None:
    order_id = await alone(shop)
    with pytest.raises(OrderNotFound):
        await ask(shop, order_id, OMAR)
    assert await waits(shop) == []


async def test_all_that_wait_have_their_turn(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that cannot be had yet holds up nobody behind it."""
    monkeypatch.setattr(waiting, "PAGE", 1)
    first = await alone(shop)
    second, _ = await stopped(shop, "40")
    for order_id in (first, second):
        await ask(shop, order_id)
        shop.wait(seconds=1)
    await shop.stock("south", offered("7", "Instagram Likes", "E", "8.00", min=10, max=50))
    await limit(shop, "B", on_sale=False)
    await limit(shop, "D", on_sale=False)
    told = []
    for _ in range(3):
        shop.wait(seconds=1)
        told.append(await look(shop))
    assert told == [0, 1, 0]


async def test_a_look_takes_as_many_statements_for_ten_as_for_one(shop: Shop) -> None:
    await pay_in(shop, "100.00", "much")
    first = await alone(shop)
    await ask(shop, first)
    with watched(shop.db) as one:
        await look(shop)
    for number in range(10):
        order_id = await shop.placed(100, f"https://www.instagram.com/p/{number}")
        shop.north.rows[str(len(shop.north.accepted))] = row("Partial", "60")
        await shop.poll()
        await ask(shop, order_id)
    with watched(shop.db) as ten:
        await look(shop)
    assert len(await waits(shop)) == 11
    assert len(ten) == len(one)
