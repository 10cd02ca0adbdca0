"""What the staff sets by hand is in force at once, survives every sync, and can be taken back."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select

from services import catalog, overrides, own_terms
from services.db import Database, WriteSession
from services.errors import BelowCost, NameTaken, NotInCatalogue, PriceChanged, PriceTooHigh, ServiceGone
from services.models import Category, Order, Service, ServiceOverride
from services.money import LARGEST, Money
from services.overrides import Change
from services.own_terms import Own
from services.stock import SyncReport
from tests.services.test_catalog import LATER, LIKES, NOW, like, shelf, sync
from tests.shop import Shop, open_shop
from tests.statements import watched

TERMS = {"north": Decimal(25)}
OFFERED = [like(str(number), f"Likes | Server {letter}") for number, letter in enumerate("ABCD", start=1)]


async def done(db: Database, step: Callable[..., Awaitable[Any]], *what: Any, **how: Any) -> Any:
    """Take a step of the staff."""
    async with db.write() as session:
        return await step(session, *what, **how)


async def ids(db: Database, provider: str = "north") -> dict[str, int]:
    """Our number of each service, by its provider's."""
    async with db.read() as session:
        found = select(Service.external_id, Service.id).where(Service.provider == provider)
        return {row.external_id: row.id for row in await session.all(found)}


async def row(db: Database, service_id: int) -> Any:
    async with db.read() as session:
        return await session.first(select(*Service.__table__.columns).where(Service.id == service_id))


async def order(db: Database, name: str = "Instagram Likes") -> str:
    """The letters of a shelf as customers see them."""
    return "".join(service.server for service in await shelf(db, name))


async def category(db: Database, known_as: str = "Instagram Likes") -> int:
    async with db.read() as session:
        found = await session.value(select(Category.id).where(Category.known_as == known_as))
    assert found is not None
    return found


async def categories(db: Database) -> list[str]:
    async with db.read() as session:
        return [each.name for each in await catalog.categories(session)]


async def test_a_hidden_service_stays_hidden_sync_after_sync_until_it_is_shown(db: Database) -> None:
    await sync(db, OFFERED)
    number = (await ids(db))["2"]
    assert await done(db, overrides.hide, number, hidden=True, now=NOW) == Change("shown", "hidden", 1)
    for changed in (OFFERED, [OFFERED[0], like("2", "Likes | Server B", max=9), *OFFERED[2:]], OFFERED):
        await sync(db, changed, now=LATER)
        assert await order(db) == "ACD"
    async with db.read() as session:
        with pytest.raises(ServiceGone):
            await catalog.service(session, number)
        assert (await catalog.service(session, number, unsold=True)).on_sale is False
    assert await done(db, overrides.hide, number, hidden=False, now=LATER) == Change("hidden", "shown", 1)
    assert await order(db) == "ABCD"


async def test_a_hidden_service_that_its_provider_withdraws_comes_back_hidden(db: Database) -> None:
    await sync(db, OFFERED)
    number = (await ids(db))["2"]
    await done(db, overrides.hide, number, hidden=True, now=NOW)
    assert await sync(db, [OFFERED[0], *OFFERED[2:]]) == SyncReport(0, 0, 1, 0)
    assert (await row(db, number)).offered is False
    assert await done(db, overrides.hide, number, hidden=False, now=NOW) == Change("hidden", "shown", 0)
    await done(db, overrides.hide, number, hidden=True, now=NOW)
    assert await sync(db, OFFERED) == SyncReport(0, 1, 0, 0)
    assert ((await row(db, number)).offered, (await row(db, number)).on_sale) == (True, False)


async def test_hiding_most_of_a_shelf_does_not_make_the_next_catalogue_look_short(db: Database) -> None:
    offered = [like(str(number), f"Likes {number}") for number in range(1, 11)]
    await sync(db, offered)
    for number in list((await ids(db)).values())[1:]:
        await done(db, overrides.hide, number, hidden=True, now=NOW)
    assert await sync(db, offered) == SyncReport(0, 0, 0, 0)
    assert len(await shelf(db)) == 1


async def test_a_name_of_ours_stands_whatever_its_provider_renames_and_theirs_is_back_without_it(db: Database) -> None:
    await sync(db, [LIKES])
    number = (await ids(db))["1"]
    assert await done(db, overrides.rename, number, "Hearts", now=NOW) == Change("Instagram Likes | Real", "Hearts")
    assert await done(db, overrides.rename, number, "Real hearts", now=NOW) == Change("Hearts", "Real hearts")
    assert await sync(db, [LIKES], now=LATER) == SyncReport(0, 0, 0, 0)
    await sync(db, [like("1", "Instagram Likes | Slow | Server A")], now=LATER)
    assert [service.name for service in await shelf(db)] == ["Real hearts"]
    back = Change("Real hearts", "Instagram Likes | Slow")
    assert await done(db, overrides.rename, number, None, now=LATER) == back
    assert await sync(db, [like("1", "Instagram Likes | Slow | Server A")], now=LATER) == SyncReport(0, 0, 0, 0)
    assert (await shelf(db))[0].name == "Instagram Likes | Slow"


async def test_a_thousand_names_that_change_under_ours_are_one_statement(db: Database) -> None:
    offered = [like(str(number), f"Likes {number}") for number in range(1, 1001)]
    await sync(db, offered)
    async with db.write() as session:
        known = await ids(db)
        rows = [{"service_id": number, "name": "Ours", "their_name": "?"} for number in known.values()]
        await session.run(insert(ServiceOverride), rows)
    with watched(db) as seen:
        await sync(db, [like(str(number), f"New {number}") for number in range(1, 1001)])
    assert len([statement for statement in seen if statement.startswith("UPDATE service_overrides")]) == 1
    assert await done(db, overrides.rename, known["7"], None, now=NOW) == Change("Ours", "New 7")


async def test_a_description_of_ours_or_none_at_all_stands_and_theirs_is_back_without_it(db: Database) -> None:
    await sync(db, [LIKES])
    number = (await ids(db))["1"]
    assert await done(db, overrides.describe, number, "Ours", now=NOW) == Change("Fast", "Ours")
    await sync(db, [like("1", LIKES.name, description="Faster")], now=LATER)
    assert (await shelf(db))[0].description == "Ours"
    assert await done(db, overrides.describe, number, "", now=NOW) == Change("Ours", "")
    await sync(db, [like("1", LIKES.name, description="Fastest")], now=LATER)
    assert (await shelf(db))[0].description is None
    assert await done(db, overrides.describe, number, None, now=NOW) == Change("", "Fastest")
    assert (await shelf(db))[0].description == "Fastest"


async def test_a_price_of_ours_stands_and_the_markup_counts_again_without_it(db: Database) -> None:
    await sync(db, [LIKES])
    number = (await ids(db))["1"]
    changed = await done(db, overrides.reprice, number, rate=Money.parse("1.50"), markups=TERMS, now=NOW)
    assert changed == Change(Money.parse("1.00"), Money.parse("1.50"))
    await sync(db, [like("1", LIKES.name, rate=Decimal("1.20"))], now=LATER)
    assert (await shelf(db))[0].rate == Money.parse("1.50")
    changed = await done(db, overrides.reprice, number, markups=TERMS, now=LATER)
    assert changed == Change(Money.parse("1.50"), Money.parse("1.50"))  # 25 % above 1.20
    await sync(db, [LIKES], now=LATER)
    assert (await shelf(db))[0].rate == Money.parse("1.00")


async def test_a_markup_of_its_own_follows_the_cost_and_takes_the_place_of_a_price(db: Database) -> None:
    await sync(db, [LIKES])
    number = (await ids(db))["1"]
    await done(db, overrides.reprice, number, rate=Money.parse("9"), markups=TERMS, now=NOW)
    changed = await done(db, overrides.reprice, number, percent=Decimal("12.5"), markups=TERMS, now=NOW)
    assert changed == Change(Money.parse("9"), Money.parse("0.90"))
    await sync(db, [like("1", LIKES.name, rate=Decimal("1.00"))], now=LATER)
    assert (await shelf(db))[0].rate == Money.parse("1.125")
    async with db.read() as session:
        assert await own_terms.of_service(session, number) == Own(markup=Decimal("12.5"))


async def test_nothing_is_priced_below_its_cost_or_beyond_all_money(db: Database) -> None:
    await sync(db, [LIKES])
    number = (await ids(db))["1"]
    with pytest.raises(BelowCost) as refused:
        await done(db, overrides.reprice, number, rate=Money.parse("0.79"), markups=TERMS, now=NOW)
    assert refused.value.params == {"price": Money.parse("0.79"), "cost": Money.parse("0.80")}
    with pytest.raises(PriceTooHigh):
        await done(db, overrides.reprice, number, rate=Money(LARGEST), markups=TERMS, now=NOW)
    await done(db, overrides.reprice, number, rate=Money.parse("0.80"), markups=TERMS, now=NOW)
    assert (await shelf(db))[0].rate == Money.parse("0.80")


async def test_what_a_price_would_be_is_foreseen_and_changes_nothing(db: Database) -> None:
    await sync(db, [LIKES])
    number = (await ids(db))["1"]
    async with db.read() as session:
        assert await overrides.foresee(session, number, percent=Decimal(50), markups=TERMS) == Money.parse("1.20")
        assert await overrides.foresee(session, number, percent=None, markups=TERMS) == Money.parse("1.00")
        with pytest.raises(NotInCatalogue):
            await overrides.foresee(session, 404, percent=None, markups=TERMS)
    assert (await shelf(db))[0].rate == Money.parse("1.00")


async def test_what_a_sync_cannot_price_by_our_own_markup_goes_off_sale(db: Database) -> None:
    """An order of it could not be counted: that is a matter of this service, and stops no other."""
    await sync(db, OFFERED)
    number = (await ids(db))["1"]
    await done(db, overrides.reprice, number, percent=Decimal(100_000), markups=TERMS, now=NOW)
    dear = like("1", OFFERED[0].name, rate=Decimal(999_999_999), max=20_000)
    assert await sync(db, [dear, *OFFERED[1:]]) == SyncReport(0, 0, 1, 1)


async def test_a_price_shown_before_is_not_the_price_paid_after_a_change(db: Database) -> None:
    """The frozen quote buys nothing at the old price: its customer sees the new one first."""
    async with open_shop(db) as shop:
        before = await shop.quote(100)
        number = await shop.service()
        await done(db, overrides.reprice, number, rate=Money.parse("20"), markups=TERMS, now=NOW)
        with pytest.raises(PriceChanged):
            await shop.tap(before.token)
        assert await paid(shop) == []
        await shop.tap((await shop.quote(100)).token)
        assert await paid(shop) == [Money.parse("2.00")]
        await done(db, overrides.reprice, number, rate=Money.parse("30"), markups=TERMS, now=NOW)
        assert await paid(shop) == [Money.parse("2.00")]
        hidden = await shop.quote(100)
        await done(db, overrides.hide, number, hidden=True, now=NOW)
        with pytest.raises(ServiceGone):
            await shop.tap(hidden.token)
        await shop.audit()


async def paid(shop: Shop) -> list[Money]:
    async with shop.db.read() as session:
        return list(await session.values(select(Order.charge)))


async def test_services_change_places_and_stay_there(db: Database) -> None:
    await sync(db, OFFERED)
    known = await ids(db)
    assert await done(db, overrides.move, known["3"], up=True, now=NOW) == Change(3, 2)
    assert await order(db) == "ACBD"
    assert await done(db, overrides.move, known["1"], up=False, now=NOW) == Change(1, 2)
    assert await sync(db, [*OFFERED, like("5", "Likes | Server E")], now=LATER) == SyncReport(1, 0, 0, 0)
    assert await order(db) == "CABDE"
    assert await done(db, overrides.move, known["3"], up=True, now=NOW) is None
    assert await done(db, overrides.move, (await ids(db))["5"], up=False, now=NOW) is None


async def test_a_move_passes_by_what_customers_do_not_see(db: Database) -> None:
    await sync(db, OFFERED)
    known = await ids(db)
    for number in ("2", "3"):
        await done(db, overrides.hide, known[number], hidden=True, now=NOW)
    assert await done(db, overrides.move, known["4"], up=True, now=NOW) == Change(2, 1)
    assert await order(db) == "DA"
    await done(db, overrides.hide, known["2"], hidden=False, now=NOW)
    assert await order(db) == "DBA"


async def test_a_place_is_given_back_and_services_at_one_place_are_set_apart(db: Database) -> None:
    await sync(db, OFFERED)
    known = await ids(db)
    await done(db, overrides.move, known["1"], up=False, now=NOW)
    assert await done(db, overrides.put_back, known["1"], now=NOW) == Change(2, 1)
    assert await order(db) == "ABCD"  # A and B are both at the first place by now
    assert await done(db, overrides.move, known["2"], up=True, now=NOW) == Change(2, 1)
    assert await order(db) == "BACD"
    await sync(db, OFFERED, now=LATER)
    assert await order(db) == "BACD"


async def test_a_service_that_goes_to_another_category_has_no_place_of_its_own_there(db: Database) -> None:
    await sync(db, OFFERED)
    known = await ids(db)
    await done(db, overrides.move, known["4"], up=True, now=NOW)
    await done(db, overrides.rename, known["4"], "Ours", now=NOW)
    await sync(db, [*OFFERED[:3], like("4", "Likes | Server D", category="Instagram Views")], now=LATER)
    found = await row(db, known["4"])
    assert (found.position, found.name) == (4, "Ours")
    async with db.read() as session:
        assert (await own_terms.of_service(session, known["4"])).position is None


async def test_a_hidden_category_is_gone_with_all_that_is_in_it_and_all_that_comes_into_it(db: Database) -> None:
    views = [like("8", "Views", category="TikTok Views")]
    await sync(db, [*OFFERED, *views])
    known, number = await ids(db), await category(db)
    await done(db, overrides.hide, known["2"], hidden=True, now=NOW)
    assert await done(db, overrides.hide_category, number, hidden=True, now=NOW) == Change("shown", "hidden", 3)
    await sync(db, [*OFFERED, *views, like("5", "Likes | Server E")], now=LATER)
    assert await categories(db) == ["TikTok Views"]
    assert await done(db, overrides.hide_category, number, hidden=False, now=NOW) == Change("hidden", "shown", 4)
    assert await order(db) == "ACDE"
    await done(db, overrides.hide_category, number, hidden=True, now=NOW)
    assert await done(db, overrides.hide, known["2"], hidden=False, now=NOW) == Change("hidden", "shown", 0)


async def test_a_renamed_category_is_still_found_by_its_providers_and_still_of_its_platform(db: Database) -> None:
    await sync(db, OFFERED)
    number = await category(db)
    assert await done(db, overrides.rename_category, number, "Hearts", now=NOW) == Change("Instagram Likes", "Hearts")
    await sync(db, [*OFFERED, like("5", "Likes | Server E")], now=LATER)
    await sync(db, [like("1", "Likes | Server F")], "south", now=LATER)
    assert await categories(db) == ["Hearts"]
    found = await shelf(db, "Hearts")
    assert [service.server for service in found] == list("ABCDEF")
    assert {(service.category, service.platform) for service in found} == {("Hearts", "Instagram")}
    assert await done(db, overrides.rename_category, number, None, now=NOW) == Change("Hearts", "Instagram Likes")
    assert await categories(db) == ["Instagram Likes"]


async def test_no_two_categories_have_one_name_and_a_provider_that_takes_ours_fills_our_shelf(db: Database) -> None:
    await sync(db, [*OFFERED, like("8", "Views", category="TikTok Views")])
    number = await category(db)
    for name in ("tiktok VIEWS", "TikTok Views"):
        with pytest.raises(NameTaken):
            await done(db, overrides.rename_category, number, name, now=NOW)
    await done(db, overrides.rename_category, number, "Hearts", now=NOW)
    with pytest.raises(NameTaken):
        await done(db, overrides.rename_category, await category(db, "TikTok Views"), "instagram likes", now=NOW)
    await sync(db, [like("1", "Likes | Server E", category="HEARTS")], "south", now=LATER)
    assert await order(db, "Hearts") == "ABCDE"


async def test_categories_change_places_past_those_that_are_empty_and_stay_there(db: Database) -> None:
    names = ["Instagram Likes", "Instagram Views", "TikTok Views", "Website Traffic"]
    offered = [like(str(place), category=name) for place, name in enumerate(names, start=1)]
    await sync(db, offered)
    await sync(db, [offered[0], *offered[2:]])
    assert await done(db, overrides.move_category, await category(db, "TikTok Views"), up=True) == Change(2, 1)
    await sync(db, [offered[0], *offered[2:], like("9", category="TikTok Likes")], now=LATER)
    assert await categories(db) == ["TikTok Views", "Instagram Likes", "TikTok Likes", "Website Traffic"]
    assert await done(db, overrides.move_category, await category(db, "TikTok Views"), up=True) is None


@pytest.mark.parametrize(
    "step",
    [
        lambda write: overrides.hide(write, 404, hidden=True, now=NOW),
        lambda write: overrides.rename(write, 404, "x", now=NOW),
        lambda write: overrides.hide_category(write, 404, hidden=True, now=NOW),
        lambda write: overrides.move_category(write, 404, up=True),
    ],
)
async def test_what_is_not_there_is_refused(db: Database, step: Callable[[WriteSession], Awaitable[Any]]) -> None:
    with pytest.raises(NotInCatalogue):
        await done(db, step)
