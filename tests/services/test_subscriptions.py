"""Subscriptions: so many posts are paid for; what was not found by the end comes back, post by post."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from services import doubts, finishing, goals, quotes, reorder
from services.db import Database
from services.errors import BadAnswer, BadLink, QuantityTooLarge
from services.extras import Extras, Subscription
from services.notices import AdminAlert, Canceled, Completed, FinishStopped, Partial
from services.order_view import OrderView
from tests.shop import ADMIN, MIA, Shop, offered, open_shop

MIA_LINK = "https://www.instagram.com/mia/"
EACH = Extras(subscription=Subscription(min=100, max=150, delay=30))


def posts(status: str, found: int) -> dict[str, Any]:
    """A subscription's row: no charge, no remains, the ids of its orders."""
    return {"status": status, "orders": list(range(500, 500 + found))}


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """Subscriptions for $1.111112 and $1.25 per 1,000; a cheaper one gives no post more than 120."""
    async with open_shop(db) as opened:
        kind = {"type": "Subscriptions", "min": 50, "max": 500}
        await opened.stock("north", offered("70", "Instagram Likes", "X", "0.888889", **kind))
        await opened.stock(
            "south",
            offered("70", "Instagram Likes", "Y", "1.00", **kind),
            offered("71", "Instagram Likes", "Z", "0.90", **(kind | {"max": 120})),
        )
        yield opened
        await opened.audit()


async def quote(shop: Shop, quantity: int = 5, extras: Extras = EACH, link: str = MIA_LINK) -> quotes.QuoteView:
    service_id = await shop.service("north", "70")
    async with shop.db.write() as session:
        return await quotes.quote(
            session, user_id=MIA, service_id=service_id, link=link, quantity=quantity, extras=extras, now=shop.time
        )


async def placed(shop: Shop, extras: Extras = EACH) -> int:
    order_id = (await shop.tap((await quote(shop, extras=extras)).token)).order.id
    assert await shop.submit() == 1
    return order_id


async def ended(shop: Shop, row: dict[str, Any]) -> tuple[OrderView, object]:
    order_id = await placed(shop)
    shop.north.rows["1"] = row
    await shop.poll()
    return await shop.order(order_id), (await shop.heard())[-1]


async def test_the_price_is_the_most_of_every_post(shop: Shop) -> None:
    """ceil(1.111112 x 150 x 5 / 1000) = 0.833334 micro-units rounded up."""
    quoted = await quote(shop)
    assert (quoted.quantity, str(quoted.price), quoted.extras) == (5, "0.833334", EACH)


async def test_the_provider_is_sent_the_name_and_the_terms(shop: Shop) -> None:
    until = Extras(subscription=Subscription(100, 150, 30, date(2026, 6, 1)))
    order = await shop.order(await placed(shop, until))
    assert (order.unit, order.quantity, order.each, order.link) == ("post", 5, 150, MIA_LINK)
    assert shop.north.accepted == [
        {
            "key": "scripted",
            "action": "add",
            "service": "70",
            "username": "mia",
            "min": "100",
            "max": "150",
            "posts": "5",
            "delay": "30",
            "expiry": "01/06/2026",
        }
    ]


async def test_each_post_found_is_shown(shop: Shop) -> None:
    order_id = await placed(shop)
    shop.north.rows["1"] = posts("Active", 2)
    await shop.poll()
    assert ((await shop.order(order_id)).delivered, (await shop.card(order_id)).unit) == (2, "post")
    shop.north.rows["1"] = posts("Paused", 3)
    await shop.poll()
    order = await shop.order(order_id)
    assert (order.status, order.delivered) == ("placed", 3)


async def test_all_posts_found_are_all_paid(shop: Shop) -> None:
    order, notice = await ended(shop, posts("Completed", 5))
    assert isinstance(notice, Completed)
    assert (order.status, order.delivered, str(order.refunded)) == ("completed", 5, "0.00")
    assert await shop.balance() == "24.166666"


async def test_orders_listed_as_objects_are_posts_as_well(shop: Shop) -> None:
    order, _ = await ended(shop, {"status": "Completed", "orders": [{"order": 500 + post} for post in range(5)]})
    assert (order.status, order.delivered) == ("completed", 5)


@pytest.mark.parametrize(
    "row",
    [
        {"status": "Expired"},
        {"status": "Expired", "remains": "0"},
        {"status": "Expired", "remains": "3"},
        {"status": "Expired", "orders": [500, None]},
    ],
)
async def test_an_end_without_a_readable_list_is_settled_by_the_posts_that_an_admin_counted(
    shop: Shop, row: dict[str, Any]
) -> None:
    """`remains` would count posts or likes, nobody knows."""
    order, _ = await ended_by_hand(shop, row, 3)
    assert (order.status, order.delivered, str(order.refunded)) == ("partial", 3, "0.333334")


async def test_an_admin_who_counted_no_post_gives_everything_back(shop: Shop) -> None:
    order, notice = await ended_by_hand(shop, {"status": "Expired"}, 0)
    assert isinstance(notice, Canceled)
    assert order.refunded == order.charge


async def ended_by_hand(shop: Shop, row: dict[str, Any], delivered: int) -> tuple[OrderView, object]:
    order_id = await placed(shop)
    shop.north.rows["1"] = row
    await shop.poll()
    assert (await shop.order(order_id)).status == "placed"
    async with shop.db.write() as session:
        await doubts.counted(session, order_id=order_id, delivered=delivered, policy=shop.policy, now=shop.time)
    return await shop.order(order_id), (await shop.heard())[-1]


@pytest.mark.parametrize("word", ["Completed", "Expired"])
async def test_posts_that_did_not_come_are_given_back(shop: Shop, word: str) -> None:
    """3 of 5 kept: floor(833,334 x 3 / 5) = 500,000 micro-units."""
    order, notice = await ended(shop, posts(word, 3))
    assert isinstance(notice, Partial)
    assert (order.status, order.delivered, str(order.refunded)) == ("partial", 3, "0.333334")
    assert notice.unit == "post"
    assert await shop.balance() == "24.50"


async def test_a_cancelled_subscription_keeps_what_it_found(shop: Shop) -> None:
    order, notice = await ended(shop, posts("Canceled", 1))
    assert isinstance(notice, Canceled)
    assert (order.status, order.delivered, str(order.refunded)) == ("canceled", 1, "0.666668")


async def test_a_list_that_is_missing_at_the_end_is_asked_for_again_and_told_to_admins(shop: Shop) -> None:
    order_id = await placed(shop)
    shop.north.rows["1"] = {"status": "Expired"}
    for _ in range(3):
        await shop.poll(hours=1)
    assert (await shop.order(order_id)).status == "placed"
    assert await shop.balance() == "24.166666"
    codes = [notice.code for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)]
    assert "remains-unreadable" in codes


async def test_the_rest_of_the_posts_goes_to_a_server_that_admits_each(shop: Shop) -> None:
    """Server Z is nearer in price, but gives no post more than 120."""
    _, notice = await ended(shop, posts("Completed", 3))
    assert isinstance(notice, Partial)
    assert notice.offer is not None
    assert (notice.offer.server, notice.offer.quantity, str(notice.offer.price)) == ("Y", 2, "0.375")
    rest = (await shop.tap(notice.offer.token)).order
    assert (rest.unit, rest.quantity, rest.each, rest.extras) == ("post", 2, 150, EACH)
    await shop.submit()
    assert shop.panels["south"].accepted[0]["posts"] == "2"
    shop.panels["south"].rows["1"] = posts("Completed", 2)
    await shop.poll()
    async with shop.db.read() as session:
        goal = await goals.find(session, MIA, notice.order_id)
    assert (goal.quantity, goal.delivered) == (5, 5)


async def test_past_its_last_day_nothing_more_is_offered(shop: Shop) -> None:
    order_id = await placed(shop, Extras(subscription=Subscription(100, 150, 30, shop.time.date() + timedelta(days=3))))
    shop.wait(days=3)
    shop.north.rows["1"] = posts("Expired", 3)
    await shop.poll()
    notice = (await shop.heard())[-1]
    assert isinstance(notice, Partial)
    assert (notice.cause, notice.offer, notice.no_offer) == ("expired", None, "expired")
    async with shop.db.write() as session:
        rest = await reorder.rest(session, user_id=MIA, order_id=order_id, now=shop.time)
    assert (rest.offers, rest.no_offer) == ([], "expired")
    assert (await shop.order(order_id)).status == "partial"
    async with shop.db.write() as session:
        await finishing.turn(session, user_id=MIA, goal_id=order_id, on=True, now=shop.time)
        await finishing.step(session, order_id, page="there", undo=timedelta(0), now=shop.time)
    end = (await shop.heard())[-1]
    assert isinstance(end, FinishStopped)
    assert end.reason == "expired"


async def test_a_later_correction_pays_more_back_and_never_less(shop: Shop) -> None:
    order, _ = await ended(shop, posts("Expired", 3))
    shop.north.rows["1"] = posts("Canceled", 2)
    await shop.poll(hours=2)
    assert str((await shop.order(order.id)).refunded) == "0.500001"
    shop.north.rows["1"] = posts("Completed", 5)
    await shop.poll(hours=2)
    assert str((await shop.order(order.id)).refunded) == "0.500001"


async def test_what_becomes_of_an_order_of_a_post_is_not_followed(shop: Shop) -> None:
    """The rule: a post is done once its order exists."""
    order, _ = await ended(shop, posts("Completed", 5))
    shop.north.rows["500"] = {"status": "Canceled", "remains": "150", "charge": "0"}
    await shop.poll(hours=2)
    assert (await shop.order(order.id)).status == "completed"


async def test_what_cannot_be_subscribed_is_refused(shop: Shop) -> None:
    with pytest.raises(BadLink):
        await quote(shop, link="https://www.instagram.com/p/abc")
    with pytest.raises(QuantityTooLarge):
        await quote(shop, quantity=1001)
    with pytest.raises(BadAnswer):
        await quote(shop, extras=Extras(subscription=Subscription(100, 501)))
    with pytest.raises(BadAnswer):
        await quote(shop, extras=Extras(subscription=Subscription(100, 150, 0, shop.time.date())))
