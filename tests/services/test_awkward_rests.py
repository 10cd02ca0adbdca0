"""Rests that no single server takes as they are: too small, too large, too dear, or nobody there; to the micro-unit."""

import pytest
from sqlalchemy import update

from services import goals, orders, quotes, reorder
from services.errors import NotEnoughMoney, PriceChanged, RestOrdered
from services.models import Service
from services.money import Money
from services.notices import Half, Offer, Partial
from tests.scripted_panel import row
from tests.shop import MIA, Shop, offered

OMAR = 1002


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


async def pay_in(shop: Shop, amount: str, key: str = "later") -> None:
    async with shop.db.write() as session:
        await shop.credit(session, amount, key)


async def spent(shop: Shop, left: str) -> None:
    """Leave Mia with so much: the rest is on its way in another order, for a link of its own."""
    price = Money.parse(await shop.balance()) - Money.parse(left)
    await shop.tap((await shop.quote(price.micros // 10_000, link="https://www.instagram.com/p/other")).token)
    assert await shop.balance() == left


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


async def test_where_one_half_was_bought_already_the_other_is_not_bought_with_it(shop: Shop) -> None:
    order_id, offer = await shared(shop)
    async with shop.db.read() as session:
        second = (await quotes.requote(session, user_id=MIA, token=offer.token)).second
    assert second is not None
    await shop.tap(second)
    with pytest.raises(RestOrdered):
        await shop.tap(offer.token)
    assert [part.quantity for part in (await goal(shop, order_id)).parts] == [10_000, 1500]


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
