"""What sites of resellers hear of the shelves: each change once, at their own rate, and nothing that is none."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from services import (
    applications,
    catalog,
    markups,
    overrides,
    panel_orders,
    people,
    resellers,
    scheduled_prices,
    service_news,
    stock,
    tiering,
)
from services.db import Database
from services.models import Delivery, Service
from services.money import Money
from services.scheduled_prices import Scheduled
from services.service_news import CHANGED
from tests import reselling
from tests.shop import CATALOGUE, MIA, Shop, offered, open_shop

OMAR, IDA = 1002, 1003
TERMS = {"north": Decimal(25), "south": Decimal(25)}
BY = "admin:9001"
LATER = datetime(2026, 5, 6, 18, 0, tzinfo=UTC)


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """Mia sells on in the tier gold, 10 % off, Omar and Ida in none; all have sites that listen."""
    async with open_shop(db) as opened:
        await reselling.tier(db, "gold", "10", opened.time)
        await reselling.approve(db, MIA, opened.time, tier="gold")
        for user_id in (OMAR, IDA):
            await reselling.approve(db, user_id, opened.time)
        for user_id in (MIA, OMAR, IDA):
            await reselling.listen(db, user_id, opened.time)
        yield opened


async def repriced(shop: Shop, service_id: int, rate: str) -> None:
    async with shop.db.write() as session:
        await overrides.reprice(session, service_id, rate=Money.parse(rate), markups=TERMS, now=shop.time)


async def announced(shop: Shop, service_id: int, rate: str | None) -> None:
    """Let a price wait from now on; None: none."""
    async with shop.db.write() as session, service_news.told(session, shop.time, Service.id == service_id):
        await scheduled_prices.drop(session, service_id)
        if rate is not None:
            fresh = Money.parse(rate)
            await scheduled_prices.put(session, Scheduled(service_id, fresh, None, fresh, LATER, BY, shop.time))


def at(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


async def when(shop: Shop, user_id: int = MIA) -> list[tuple[str, str]]:
    """The rate of each service that this reseller's site was told of, and from when on."""
    told = await reselling.told(shop.db, user_id, CHANGED)
    return [(each["rate"], data["effective_at"]) for data in told for each in data["services"]]


async def heard(shop: Shop, user_id: int = MIA) -> list[dict[str, Any]]:
    """The services of every message to this reseller's site, in their order."""
    return [each for data in await reselling.told(shop.db, user_id, CHANGED) for each in data["services"]]


async def said(shop: Shop, user_id: int = MIA) -> list[tuple[int, str | None, str, bool]]:
    return [
        (each["service"], each["rate_before"], each["rate"], each["available"]) for each in await heard(shop, user_id)
    ]


async def test_a_change_is_told_at_the_rate_of_each_whom_it_is_told(shop: Shop) -> None:
    service_id = await shop.service()
    await repriced(shop, service_id, "11.11")
    [data] = await reselling.told(shop.db, MIA, CHANGED)
    moment = shop.time.isoformat(timespec="microseconds")
    assert (data["currency"], data["at"], data["effective_at"]) == ("USD", moment, moment)
    assert data["services"] == [
        {
            "service": service_id,
            "name": "Instagram Likes | Real | Server A",
            "category": "Instagram Likes",
            "rate": "9.999",
            "min": "50",
            "max": "100000",
            "available": True,
            "rate_before": "9",
        }
    ]
    assert await said(shop, OMAR) == [(service_id, "10", "11.11", True)]
    assert await heard(shop, IDA) == await heard(shop, OMAR)


async def test_a_price_that_is_the_same_for_somebody_is_not_told_them(shop: Shop) -> None:
    """Mia pays the cost of $8.00 before and after: her discount is clamped there."""
    service_id = await shop.service()
    async with shop.db.write() as session:
        await tiering.put(session, "gold", Decimal(50), actor=BY, now=shop.time)
        before = await session.value(select(func.count()).where(Delivery.user_id == MIA))
    await repriced(shop, service_id, "11.00")
    async with shop.db.read() as session:
        assert await session.value(select(func.count()).where(Delivery.user_id == MIA)) == before
    assert await said(shop, OMAR) == [(service_id, "10", "11", True)]


@pytest.mark.parametrize("state", ["off", "gone", "suspended", "none"])
async def test_nothing_is_written_where_nobody_listens(db: Database, state: str) -> None:
    async with open_shop(db) as shop:
        await reselling.approve(db, MIA, shop.time)
        if state != "none":
            await reselling.listen(db, MIA, shop.time, "on" if state == "suspended" else state)
        if state == "suspended":
            async with db.write() as session:
                await resellers.decide(session, MIA, state=resellers.SUSPENDED, actor=BY, now=shop.time)
        service_id = await shop.service()
        await repriced(shop, service_id, "11.00")
        await announced(shop, service_id, "12")
        async with db.read() as session:
            assert await session.value(select(Delivery.id)) is None


async def test_a_banned_persons_site_hears_of_no_price_and_of_all_once_they_are_let_in_again(shop: Shop) -> None:
    service_id = await shop.service()
    async with shop.db.write() as session:
        assert await people.ban(session, user_id=MIA, owners=())
    await repriced(shop, service_id, "11.00")
    assert (await heard(shop), len(await heard(shop, OMAR))) == ([], 1)
    async with shop.db.write() as session:
        for user_id in (MIA, OMAR):
            await people.unban(session, user_id=user_id, now=shop.time)
        everything = await session.values(select(Service.id).order_by(Service.id))
    assert [each["service"] for each in await heard(shop)] == list(everything)
    assert (service_id, None, "9.9", True) in await said(shop)
    assert len(await heard(shop, OMAR)) == 1  # who was not banned missed nothing


async def test_a_site_hears_what_it_missed_when_its_owner_is_let_in_again(shop: Shop) -> None:
    first, gone = await shop.service(), await shop.service("north", "9")
    async with shop.db.write() as session:
        await resellers.decide(session, MIA, state=resellers.SUSPENDED, actor=BY, now=shop.time)
    await repriced(shop, first, "11.00")
    async with shop.db.write() as session:
        await overrides.hide(session, gone, hidden=True, now=shop.time)
        await tiering.put(session, "gold", Decimal(1), actor=BY, now=shop.time)
    await announced(shop, first, "12.00")
    assert await heard(shop) == []
    for let_in in (True, False):  # the second time there is nobody to let in
        async with shop.db.write() as session:
            assert let_in is await applications.decide(session, MIA, state=resellers.APPROVED, actor=BY, now=shop.time)
    told = await said(shop)
    assert len(told) == len(CATALOGUE["north"]) + len(CATALOGUE["south"]) + 1
    assert (first, None, "10.89", True) in told
    assert told[-1] == (first, "10.89", "11.88", True), "what waits is announced, after what is"
    assert [available for number, *_, available in told if number == gone] == [False]


async def test_a_sync_tells_what_it_changed_and_only_that(shop: Shop) -> None:
    first, gone = await shop.service(), await shop.service("north", "9")
    await shop.stock("north")
    assert await heard(shop) == []
    async with shop.db.write() as session:
        await stock.sync(
            session,
            "north",
            [
                offered("1", "Instagram Likes", "A", "8.80"),
                *CATALOGUE["north"][1:-1],
                offered("77", "Instagram Likes", "F", "4.00", min=10),
            ],
            markup_percent=Decimal(25),
            exchange_rate=Decimal(1),
            policy=shop.policy,
            now=shop.time,
        )
    new = await shop.service("north", "77")
    assert await said(shop, OMAR) == [
        (first, "10", "11", True),
        (gone, "0.125", "0.125", False),
        (new, None, "5", True),
    ]


async def test_what_cannot_be_ordered_before_nor_after_is_nobodys_business(shop: Shop) -> None:
    service_id = await shop.service()

    async def hidden(*, hidden: bool) -> None:
        async with shop.db.write() as session:
            await overrides.hide(session, service_id, hidden=hidden, now=shop.time)

    await hidden(hidden=True)
    assert await said(shop, OMAR) == [(service_id, "10", "10", False)]
    await repriced(shop, service_id, "20.00")
    assert len(await said(shop, OMAR)) == 1
    await hidden(hidden=False)
    assert (await said(shop, OMAR))[1:] == [(service_id, "20", "20", True)]


async def test_names_markups_and_whole_categories_are_told(shop: Shop) -> None:
    service_id = await shop.service("south")
    async with shop.db.write() as session:
        await overrides.rename(session, service_id, "Hearts", now=shop.time)
        await overrides.describe(session, service_id, "Quick", now=shop.time)
        await overrides.move(session, service_id, up=False, now=shop.time)
    assert [(each["service"], each["name"]) for each in await heard(shop)] == [(service_id, "Hearts | Server B")]
    async with shop.db.write() as session:
        shelf = await session.value(select(Service.category_id).where(Service.id == service_id))
        assert shelf is not None
        on_it = set(await session.values(select(Service.id).where(Service.category_id == shelf)))
        of_south = set(await session.values(select(Service.id).where(Service.provider == "south")))
        await overrides.rename_category(session, shelf, "Love", now=shop.time)
    told = (await heard(shop))[1:]
    assert {each["service"] for each in told} == on_it
    assert {each["category"] for each in told} == {"Love"}
    async with shop.db.write() as session:
        await overrides.hide_category(session, shelf, hidden=True, now=shop.time)
    hidden = (await heard(shop))[1 + len(on_it) :]
    assert {each["service"] for each in hidden if not each["available"]} == on_it
    async with shop.db.write() as session:
        await overrides.hide_category(session, shelf, hidden=False, now=shop.time)
        await markups.put(session, "south", Decimal(50), TERMS, by=BY, now=shop.time)
    dearer = (await heard(shop))[1 + 3 * len(on_it) :]
    assert {each["service"] for each in dearer} == of_south
    assert all(Money.parse(each["rate"]) > Money.parse(each["rate_before"]) for each in dearer)


async def test_a_service_is_told_as_the_panel_api_lists_it(shop: Shop) -> None:
    """Name, category, bounds and rate: a site may match the two by any of them."""
    async with shop.db.write() as session:
        await overrides.rename(session, await shop.service(), "Hearts", now=shop.time)
        await markups.put(session, "north", Decimal(60), TERMS, by=BY, now=shop.time)
        await markups.put(session, "south", Decimal(60), TERMS, by=BY, now=shop.time)
        listed = await panel_orders.services(session, MIA)
    told = {each["service"]: each for each in await heard(shop)}
    assert {each.id for each in listed} == set(told)
    for each in listed:
        heard_of = told[each.id]
        assert (heard_of["name"], heard_of["category"]) == (each.name, each.category)
        assert (heard_of["min"], heard_of["max"]) == (str(each.min), str(each.max))
        assert Money.parse(heard_of["rate"]) == each.rate
    assert len({each.name for each in listed}) == len(listed)


async def test_another_discount_or_tier_is_told_to_whom_it_changes_something(shop: Shop) -> None:
    first, tiktok = await shop.service(), await shop.service("north", "9")
    async with shop.db.write() as session:
        await tiering.put(session, "silver", Decimal(5), actor=BY, now=shop.time)
        await tiering.put_apart(session, "gold", first, Decimal(1), actor=BY, now=shop.time)
    assert await said(shop) == [(first, "9", "9.9", True)]
    async with shop.db.write() as session:
        await tiering.put_apart(session, "gold", first, None, actor=BY, now=shop.time)
        await tiering.put(session, "gold", Decimal(15), actor=BY, now=shop.time)
    told = await said(shop)
    assert told[1] == (first, "9.9", "9", True)
    assert {(first, "9", "8.5", True), (tiktok, "0.1125", "0.10625", True)} <= set(told[2:])
    assert await said(shop, OMAR) == []
    async with shop.db.write() as session:
        await tiering.enrol(session, OMAR, "silver", now=shop.time)
    assert (first, "10", "9.5", True) in await said(shop, OMAR)
    assert len(await said(shop)) == len(told)


async def test_thousands_of_services_are_a_few_messages(shop: Shop) -> None:
    many = [offered(f"x{number}", "YouTube Views", "A", "1.00") for number in range(service_news.MOST * 2)]
    await shop.stock("south", *many)
    sizes = [len(data["services"]) for data in await reselling.told(shop.db, OMAR, CHANGED)]
    assert sizes == [service_news.MOST] * 2


async def test_services_of_a_provider_that_is_gone_are_off_sale_for_sites_too(shop: Shop) -> None:
    async with shop.db.write() as session, service_news.told(session, shop.time):
        await catalog.withdraw_strangers(session, ["north"], shop.time)
    assert {available for *_, available in await said(shop)} == {False}
    assert len(await said(shop)) == len(CATALOGUE["south"])


async def test_what_is_coming_is_told_with_its_moment(shop: Shop) -> None:
    service_id = await shop.service()
    await announced(shop, service_id, "20")
    [data] = await reselling.told(shop.db, MIA, CHANGED)
    assert data["at"] == shop.time.isoformat(timespec="microseconds")
    assert data["effective_at"] == at(LATER)
    assert await said(shop) == [(service_id, "9", "18", True)]
    assert await said(shop, OMAR) == [(service_id, "10", "20", True)]


async def test_what_is_called_off_is_told_at_once_to_whom_it_was_announced(shop: Shop) -> None:
    """To Mia nothing was: she pays the cost of $8.00 now and then, her discount is clamped there."""
    service_id = await shop.service()
    async with shop.db.write() as session:
        await tiering.put(session, "gold", Decimal(50), actor=BY, now=shop.time)
    before = await heard(shop)
    await announced(shop, service_id, "12")
    shop.wait(hours=1)
    await announced(shop, service_id, None)
    assert await when(shop, OMAR) == [("12", at(LATER)), ("10", at(shop.time))]
    assert await said(shop, OMAR) == [(service_id, "10", "12", True), (service_id, "10", "10", True)]
    assert await heard(shop) == before


async def test_what_waits_is_told_anew_with_whatever_else_changes(shop: Shop) -> None:
    """A site goes by the last that it was told of a service: what is not repeated is off."""
    service_id = await shop.service()
    await announced(shop, service_id, "20")
    shop.wait(minutes=1)
    async with shop.db.write() as session:
        await overrides.rename(session, service_id, "Hearts", now=shop.time)
    assert (await when(shop))[1:] == [("9", at(shop.time)), ("18", at(LATER))]
    assert [each["name"] for each in (await heard(shop))[1:]] == ["Hearts | Server A"] * 2
    shop.wait(minutes=1)
    async with shop.db.write() as session:
        await tiering.put_apart(session, "gold", service_id, Decimal(15), actor=BY, now=shop.time)
    assert (await when(shop))[3:] == [("8.5", at(shop.time)), ("17", at(LATER))]
    assert len(await when(shop, OMAR)) == 3
    shop.wait(minutes=1)
    await announced(shop, service_id, "30")
    assert (await when(shop))[5:] == [("25.5", at(LATER))]
    shop.wait(minutes=1)
    await shop.stock("north", offered("1", "Instagram Likes", "A", "8.80"))
    assert (await when(shop))[6:] == [("9.35", at(shop.time)), ("25.5", at(LATER))]


async def test_what_cannot_be_ordered_has_nothing_announced_until_it_can_be_again(shop: Shop) -> None:
    service_id = await shop.service()
    await announced(shop, service_id, "20")
    for hidden in (True, False):
        async with shop.db.write() as session:
            await overrides.hide(session, service_id, hidden=hidden, now=shop.time)
    now = at(shop.time)
    assert await when(shop) == [("18", at(LATER)), ("9", now), ("9", now), ("18", at(LATER))]
    assert [each["available"] for each in await heard(shop)] == [True, False, True, True]


async def test_what_would_lose_money_by_now_is_not_announced_any_more(shop: Shop) -> None:
    """It will not come: once its provider asks less again, it is announced once more."""
    service_id = await shop.service()
    await announced(shop, service_id, "12")
    for cost in ("14.00", "8.00"):
        shop.wait(minutes=1)
        await shop.stock("north", offered("1", "Instagram Likes", "A", cost))
    assert [each for each in await when(shop, OMAR) if each[1] == at(LATER)] == [("12", at(LATER))] * 2
    assert [each[2] for each in await said(shop, OMAR)] == ["12", "17.5", "10", "12"]
