"""Rests that no single server takes as they are: too small, too large, too dear, or nobody there; to the micro-unit."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, update

from services import goals, orders, reorder, waiting
from services.db import Database
from services.errors import NotEnoughMoney, OrderNotFound, PriceChanged, RestOrdered
from services.models import Service, WaitingRest
from services.money import Money
from services.notices import Half, Offer, Partial, RestReady
from tests.scripted_panel import row
from tests.shop import MIA, Shop, offered, open_shop
from tests.statements import watched

OMAR = 1002


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    async with open_shop(db) as opened:
        yield opened
        await opened.audit()


async def limit(shop: Shop, server: str, **values: object) -> None:
    """Change what a server of the category takes."""
    async with shop.db.write() as session:
        await session.run(
            update(Service).where(Service.server == server, Service.name.like("Instagram%")).values(**values)
        )


async def stopped(shop: Shop, remains: str, quantity: int = 1000) -> tuple[int, Partial]:
    """An order on Server A, and the notice of how it stopped."""
    order_id = await shop.placed(quantity)
    shop.north.rows[str(len(shop.north.accepted))] = row("Partial", remains)
    await shop.poll()
    notice = (await shop.heard())[-1]
    assert isinstance(notice, Partial)
    return order_id, notice


async def look(shop: Shop) -> int:
    async with shop.db.write() as session:
        return await waiting.look(session, shop.time)


async def pay_in(shop: Shop, amount: str, key: str = "later") -> None:
    async with shop.db.write() as session:
        await shop.credit(session, amount, key)


async def spent(shop: Shop, left: str) -> None:
    """Leave Mia with so much: the rest is on its way in another order, for a link of its own."""
    price = Money.parse(await shop.balance()) - Money.parse(left)
    await shop.tap((await shop.quote(price.micros // 10_000, link="https://www.instagram.com/p/other")).token)
    assert await shop.balance() == left


async def waits(shop: Shop) -> list[tuple[int, str]]:
    async with shop.db.read() as session:
        rows = await session.all(select(WaitingRest.order_id, WaitingRest.for_what).order_by(WaitingRest.order_id))
    return [(row.order_id, row.for_what) for row in rows]


async def goal(shop: Shop, order_id: int) -> goals.GoalView:
    async with shop.db.read() as session:
        return await goals.find(session, MIA, order_id)


async def rest(shop: Shop, order_id: int) -> reorder.Rest:
    async with shop.db.write() as session:
        return await reorder.rest(session, user_id=MIA, order_id=order_id, now=shop.time)


# --- Below the minimum ---


async def covered(shop: Shop) -> tuple[int, Offer]:
    """40 are missing, and the smallest order elsewhere is 50 on B."""
    await limit(shop, "C", min=100)
    order_id, notice = await stopped(shop, "40")
    assert notice.offer is not None
    return order_id, notice.offer


async def test_the_smallest_order_that_covers_a_small_rest_is_offered(shop: Shop) -> None:
    order_id, offer = await covered(shop)
    assert (offer.way, offer.server, offer.quantity, offer.remaining) == ("cover", "B", 50, 40)
    assert (str(offer.price), str(offer.difference)) == ("0.50", "0.10")
    assert [found.quantity for found in (await rest(shop, order_id)).offers] == [50, 100, 5000]


async def test_a_goal_is_full_and_never_more_than_full(shop: Shop) -> None:
    order_id, offer = await covered(shop)
    await shop.tap(offer.token)
    await shop.submit()
    assert shop.panels["south"].accepted[0]["quantity"] == "50"
    shop.panels["south"].rows["1"] = row("Completed", "0")
    await shop.poll()
    found = await goal(shop, order_id)
    assert (found.delivered, found.quantity, str(found.paid), found.rests) == (1000, 1000, "10.10", [])


async def test_more_than_was_missing_is_bought_once(shop: Shop) -> None:
    order_id, offer = await covered(shop)
    other = (await rest(shop, order_id)).offers[1]
    await shop.tap(offer.token)
    with pytest.raises(RestOrdered):
        await shop.tap(other.token)
    assert (await rest(shop, order_id)).no_offer == "ordered"


@pytest.mark.parametrize(
    ("remains", "refund", "brought", "missing"), [("5", "0.05", 40, 0), ("10", "0.10", 40, 0), ("30", "0.30", 20, 20)]
)
async def test_a_covering_order_that_stops_pays_back_its_own_share_and_lacks_what_its_goal_lacks(
    shop: Shop, remains: str, refund: str, brought: int, missing: int
) -> None:
    order_id, offer = await covered(shop)
    await shop.tap(offer.token)
    await shop.submit()
    shop.panels["south"].rows["1"] = row("Partial", remains)
    await shop.poll()
    notice = (await shop.heard())[-1]
    assert isinstance(notice, Partial)
    assert str(notice.refunded) == refund
    found = await goal(shop, order_id)
    assert (found.delivered, [left for _, left in found.rests]) == (960 + brought, [missing] if missing else [])
    if missing:
        assert notice.offer is not None
        assert (notice.offer.remaining, notice.offer.quantity) == (20, 100)
    else:
        assert (notice.offer, notice.no_offer) == (None, "covered")


async def test_a_price_that_moved_is_quoted_anew_for_the_same_cover(shop: Shop) -> None:
    order_id, offer = await covered(shop)
    await limit(shop, "B", rate=Money.parse("11.00"))
    with pytest.raises(PriceChanged) as changed:
        await shop.tap(offer.token)
    assert str(changed.value.params["price"]) == "0.55"
    assert len((await goal(shop, order_id)).parts) == 1


# --- Above the maximum ---


async def shared(shop: Shop) -> tuple[int, Offer]:
    """4,000 of 10,000 are missing; B takes 2,500 at the most, C 3,000."""
    await pay_in(shop, "100.00", "much")
    await limit(shop, "B", max=2500)
    await limit(shop, "C", max=3000)
    order_id, notice = await stopped(shop, "4000", 10_000)
    assert notice.offer is not None
    return order_id, notice.offer


async def test_a_rest_that_is_too_large_for_each_is_shared_by_two(shop: Shop) -> None:
    order_id, offer = await shared(shop)
    assert (offer.way, offer.server, offer.quantity, offer.second) == ("split", "B", 2500, Half("C", 1500))
    assert (offer.remaining, str(offer.price)) == (4000, "28.75")
    placed = await shop.tap(offer.token)
    assert placed.second is not None
    assert [(part.server, part.quantity, str(part.charge)) for part in (placed.order, placed.second)] == [
        ("B", 2500, "25.00"),
        ("C", 1500, "3.75"),
    ]
    assert not (await shop.tap(offer.token)).created
    assert await shop.submit() == 2
    assert [part.id for part in (await goal(shop, order_id)).parts] == [order_id, placed.order.id, placed.second.id]
    assert (await rest(shop, order_id)).no_offer == "ordered"


async def test_both_are_bought_or_neither(shop: Shop) -> None:
    order_id, offer = await shared(shop)
    await limit(shop, "C", rate=Money.parse("3.00"))
    before = await shop.balance()
    with pytest.raises(PriceChanged):
        await shop.tap(offer.token)
    assert (await shop.balance(), len((await goal(shop, order_id)).parts)) == (before, 1)


async def test_money_for_one_of_two_buys_neither(shop: Shop) -> None:
    order_id, offer = await shared(shop)
    await spent(shop, "26.00")
    with pytest.raises(NotEnoughMoney):
        await shop.tap(offer.token)
    assert (await shop.balance(), len((await goal(shop, order_id)).parts)) == ("26.00", 1)


async def test_each_of_two_that_stops_or_is_undone_leaves_its_own_rest(shop: Shop) -> None:
    """B brings 2,000 of 2,500, C nothing: 500 and 1,500 are missing, each bought once; then all is there."""
    order_id, offer = await shared(shop)
    placed = await shop.tap(offer.token)
    assert placed.second is not None
    await shop.submit()
    shop.panels["south"].rows["1"] = row("Partial", "500")
    shop.north.rows["2"] = row("Canceled", "1500")
    await shop.poll()
    found = await goal(shop, order_id)
    assert [(part.id, left) for part, left in found.rests] == [(placed.order.id, 500), (placed.second.id, 1500)]
    await shop.stock("south", offered("7", "Instagram Likes", "E", "9.50"))
    await limit(shop, "D", min=50)
    first, second = await rest(shop, placed.order.id), await rest(shop, placed.second.id)
    assert (first.remaining, second.remaining) == (500, 1500)
    assert (await rest(shop, order_id)).remaining == 1500, "the place that C left is that of the first order's rest"
    await shop.tap(second.offers[0].token)
    again = await shop.tap((await rest(shop, placed.order.id)).offers[0].token, undo=10)
    with pytest.raises(RestOrdered):
        await shop.tap(first.offers[0].token)
    assert (await goal(shop, order_id)).rests == []
    async with shop.db.write() as session:
        await orders.undo(session, user_id=MIA, order_id=again.order.id, now=shop.time)
    assert [left for _, left in (await goal(shop, order_id)).rests] == [500]


async def test_half_of_a_shared_rest_that_was_undone_is_what_is_missing(shop: Shop) -> None:
    order_id, offer = await shared(shop)
    placed = await shop.tap(offer.token, undo=10)
    assert placed.second is not None
    async with shop.db.write() as session:
        await orders.undo(session, user_id=MIA, order_id=placed.order.id, now=shop.time)
    assert [(part.id, left) for part, left in (await goal(shop, order_id)).rests] == [(order_id, 2500)]
    again = await rest(shop, order_id)
    assert (again.remaining, [found.server for found in again.offers]) == (2500, ["B"])
    await shop.tap(again.offers[0].token)
    assert (await goal(shop, order_id)).rests == []


# --- Dearer than the wallet ---


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


# --- Nobody there ---


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
