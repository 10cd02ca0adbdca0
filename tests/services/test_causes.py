"""Why an order stopped: found in its link's page, in other orders, in its provider and in its pace."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from services import causes, notices, orders
from services.causes import Cause
from services.db import Database
from services.link_check import LinkCheck
from services.models import CheckedLink, Order, Provider
from services.page_signs import Code
from tests.page_site import PRIVATE, Site, open_site, page, to
from tests.scripted_panel import row
from tests.shop import LINK, MIA, Shop, open_shop


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    async with open_shop(db) as opened:
        async with db.write() as session:
            await opened.credit(session, "975.00", key="more")
        yield opened
        await opened.audit()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as opened:
        yield opened


@pytest.fixture
async def pages(site: Site) -> AsyncIterator[LinkCheck]:
    opened = LinkCheck({"instagram.com": site.url}, deadline=5.0)
    yield opened
    await opened.close()


async def stopped(shop: Shop, link: str = LINK, status: str = "Partial", **taken: float) -> int:
    """An order for 1,000 that stops at 600 after `taken` (six seconds unless told)."""
    order_id = await shop.placed(link=link)
    shop.north.rows[str(len(shop.north.accepted))] = row(status, "400")
    await shop.poll(**taken)
    return order_id


async def finished(shop: Shop, **taken: float) -> None:
    await shop.placed()
    shop.north.rows[str(len(shop.north.accepted))] = row("Completed", "0")
    await shop.poll(**taken)


async def cause(shop: Shop) -> Cause:
    """What the customer was told last."""
    told = (await shop.heard())[-1]
    assert isinstance(told, notices.Partial | notices.Canceled)
    return Cause(told.cause, told.sure)


async def offer(shop: Shop) -> tuple[bool, str | None]:
    """Whether the last notice offers the rest, and why not."""
    told = (await shop.heard())[-1]
    assert isinstance(told, notices.Partial)
    return told.offer is not None, told.no_offer


@pytest.mark.parametrize(
    ("answer", "said", "offered"),
    [
        (lambda _: page(PRIVATE), Cause("target_private", sure=True), (True, None)),
        (lambda _: page("", 404), Cause("target_gone", sure=True), (False, "gone")),
        (to("/p/another"), Cause("target_renamed", sure=True), (True, None)),
        (to("/accounts/login/"), Cause("unclear"), (True, None)),
        (lambda _: page("", 503), Cause("unclear"), (True, None)),
    ],
    ids=["private", "gone", "renamed", "wall", "broken"],
)
async def test_the_first_notice_says_what_the_links_page_says(
    shop: Shop, site: Site, pages: LinkCheck, answer: object, said: Cause, offered: tuple[bool, str | None]
) -> None:
    """And where the target is gone, nothing is offered that would stop there too."""
    shop.pages = pages
    site.answers["/p/abc"] = answer  # type: ignore[assignment]
    await stopped(shop)
    assert await cause(shop) == said
    assert await offer(shop) == offered
    assert await shop.balance() == "994.00"
    assert len(await shop.heard()) == 1


async def test_a_canceled_order_is_explained_too(shop: Shop, site: Site, pages: LinkCheck) -> None:
    shop.pages = pages
    site.answers["/p/abc"] = lambda _: page("", 404)
    await stopped(shop, status="Canceled")
    assert await cause(shop) == Cause("target_gone", sure=True)


async def test_only_orders_that_stop_are_looked_at_and_each_once(shop: Shop, site: Site, pages: LinkCheck) -> None:
    shop.pages = pages
    await shop.placed()
    shop.north.rows["1"] = row("In progress", "400")
    await shop.poll()
    shop.north.rows["1"] = row("Completed", "0")
    await shop.poll()
    assert site.asked == []
    await stopped(shop)
    shop.north.rows["2"] = row("Partial", "500")
    await shop.poll(hours=2)
    assert await shop.heard() != []
    assert site.asked == ["/p/abc"]


async def test_who_moves_is_told_before_anybody_is_looked_at(shop: Shop, site: Site, pages: LinkCheck) -> None:
    """A page that takes its time holds up the orders that stopped, and nobody else."""
    shop.pages = pages
    await shop.placed()
    shop.north.rows["1"] = row("In progress", "300")
    delivered: list[int] = []

    async def look(_: object) -> object:
        delivered.append((await shop.order(1)).delivered)
        return page("", 404)

    site.answers["/p/stops"] = look
    await stopped(shop, "https://www.instagram.com/p/stops")
    assert delivered == [700]
    assert await cause(shop) == Cause("target_gone", sure=True)


async def test_the_page_is_looked_at_outside_of_any_transaction(
    shop: Shop, site: Site, pages: LinkCheck, database_url: str
) -> None:
    shop.pages = pages
    other = Database(database_url)

    async def look(_: object) -> object:
        async with other.write() as session:
            await session.run(update(Order).values(progress="seen"))
        return page("", 404)

    site.answers["/p/abc"] = look
    await stopped(shop)
    assert await cause(shop) == Cause("target_gone", sure=True)
    await other.close()


async def test_nobody_who_looks_means_no_cause_is_seen(shop: Shop) -> None:
    await stopped(shop)
    assert await cause(shop) == Cause("unclear")


async def test_what_was_seen_long_ago_counts_no_more(shop: Shop) -> None:
    async with shop.db.write() as session:
        await causes.remember(session, {LINK: "private"}, shop.time - causes.JUST_NOW)
    await stopped(shop)
    assert await cause(shop) == Cause("unclear")


async def test_what_is_seen_now_replaces_what_was_seen_before(shop: Shop) -> None:
    seen: list[Code] = ["private", "there"]
    async with shop.db.write() as session:
        for code in seen:
            await causes.remember(session, {LINK: code}, shop.time)
    await stopped(shop)
    assert await cause(shop) == Cause("not_the_link")


async def test_links_looked_at_before_are_forgotten(shop: Shop) -> None:
    async with shop.db.write() as session:
        await causes.remember(session, {"https://t.me/old": "there"}, shop.time - timedelta(hours=1))
        await causes.remember(session, {"https://t.me/new": "there"}, shop.time)
        await causes.purge(session, shop.time)
        assert await session.values(select(CheckedLink.link)) == ["https://t.me/new"]


async def test_other_links_that_stop_on_the_server_point_to_it(shop: Shop) -> None:
    for number in range(causes.OVERLOADED):
        await stopped(shop, f"{LINK}{number}")
        assert await cause(shop) == Cause("unclear")
    await stopped(shop)
    assert await cause(shop) == Cause("overloaded")


async def test_one_dead_link_ordered_again_and_again_is_no_overload(shop: Shop) -> None:
    for _ in range(causes.OVERLOADED + 1):
        await stopped(shop)
    assert await cause(shop) == Cause("unclear")


async def test_orders_taken_back_point_to_nobody(shop: Shop) -> None:
    for number in range(causes.OVERLOADED):
        order_id = (await shop.tap((await shop.quote(link=f"{LINK}{number}")).token, undo=10)).order.id
        async with shop.db.write() as session:
            await orders.undo(session, user_id=MIA, order_id=order_id, now=shop.time)
    await stopped(shop)
    assert await cause(shop) == Cause("unclear")


async def test_stops_of_yesterday_point_to_nobody(shop: Shop) -> None:
    for number in range(causes.OVERLOADED):
        await stopped(shop, f"{LINK}{number}")
    shop.wait(hours=25)
    await stopped(shop)
    assert await cause(shop) == Cause("unclear")


async def test_the_same_link_that_stops_elsewhere_points_to_the_link(shop: Shop) -> None:
    await stopped(shop)
    other = await shop.quote(service_id=await shop.service("south"))
    await shop.tap(other.token)
    await shop.submit()
    shop.panels["south"].rows["1"] = row("Partial", "400")
    await shop.poll()
    assert await cause(shop) == Cause("target")


@pytest.mark.parametrize(("minutes", "said"), [(29, "provider_trouble"), (31, "unclear")])
async def test_errors_of_the_provider_just_now_point_to_it(shop: Shop, minutes: int, said: str) -> None:
    failed = shop.time + timedelta(seconds=6) - timedelta(minutes=minutes)
    async with shop.db.write() as session:
        await session.run(insert(Provider).values(name="north", last_error="HTTP 503", last_error_at=failed))
        await session.run(insert(Provider).values(name="south", last_error="HTTP 503", last_error_at=shop.time))
    await stopped(shop)
    assert await cause(shop) == Cause(said)


@pytest.mark.parametrize(
    ("others", "minutes", "said"),
    [
        (causes.ENOUGH, 3 * 10, "limits"),
        (causes.ENOUGH, 2 * 10, "unclear"),
        (causes.ENOUGH - 1, 3 * 10, "unclear"),
    ],
)
async def test_a_pace_well_under_the_usual_points_to_limits(shop: Shop, others: int, minutes: int, said: str) -> None:
    """Usual here: 1,000 in ten minutes. 600 in half an hour is a fifth of that, in twenty minutes three tenths."""
    for _ in range(others):
        await finished(shop, minutes=10)
    await stopped(shop, minutes=minutes)
    assert await cause(shop) == Cause(said)


async def test_what_came_in_no_time_has_no_pace(shop: Shop) -> None:
    for _ in range(causes.ENOUGH):
        await finished(shop, minutes=10)
    order_id = await shop.placed()
    async with shop.db.write() as session:
        await session.run(update(Order).where(Order.id == order_id).values(next_poll_at=shop.time))
    shop.north.rows[str(causes.ENOUGH + 1)] = row("Partial", "400")
    await shop.poll(seconds=0)
    assert await cause(shop) == Cause("unclear")


async def test_a_correction_of_what_was_completed_days_ago_has_a_cause(shop: Shop) -> None:
    await finished(shop)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll(hours=30)
    assert await cause(shop) == Cause("unclear")


async def test_no_orders_need_no_cause(shop: Shop) -> None:
    async with shop.db.read() as session:
        assert await causes.of(session, [], shop.time) == {}
        assert await session.value(select(func.count(Order.id))) == 0
