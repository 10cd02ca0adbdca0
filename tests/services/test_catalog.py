"""The shelves follow the providers' catalogues, write only what changed, and are never emptied by accident."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from services import catalog, panel_answers, stock
from services.catalog import ServiceView
from services.db import Database
from services.errors import ServiceGone
from services.guarantees import LIFETIME
from services.models import Category, Service
from services.money import Money
from services.panel_answers import OfferedService
from services.policy import Policy
from services.stock import CatalogueShrunk, SyncReport
from tests.statements import watched

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
LIKES = OfferedService(
    external_id="1",
    name="Instagram Likes | Real | Server A",
    type="Default",
    category="Instagram Likes",
    rate=Decimal("0.80"),
    min=50,
    max=100_000,
    refill=True,
    cancel=False,
    dripfeed=True,
    description="Fast",
    pace="6 minutes",
)


def like(external_id: str, name: str = "Likes", **more: Any) -> OfferedService:
    return replace(LIKES, external_id=external_id, name=name, **more)


async def sync(
    db: Database,
    offered: Sequence[OfferedService],
    provider: str = "north",
    *,
    markup: str = "25",
    exchange: str = "1",
    policy: Policy | None = None,
    now: datetime = NOW,
) -> SyncReport:
    async with db.write() as session:
        return await stock.sync(
            session,
            provider,
            offered,
            markup_percent=Decimal(markup),
            exchange_rate=Decimal(exchange),
            policy=policy or Policy(),
            now=now,
        )


async def shelf(db: Database, name: str = "Instagram Likes") -> list[ServiceView]:
    async with db.read() as session:
        category_id = await session.value(select(Category.id).where(Category.name == name))
        return [] if category_id is None else await catalog.services(session, category_id)


async def servers(db: Database, name: str = "Instagram Likes") -> dict[str, str]:
    """The letter of each service of a category, by what the rest of its name is; on sale or not."""
    async with db.read() as session:
        rows = await session.all(
            select(Service.provider, Service.external_id, Service.server)
            .join(Category, Category.id == Service.category_id)
            .where(Category.name == name)
        )
    return {f"{row.provider}:{row.external_id}": row.server for row in rows}


async def test_an_offered_service_goes_on_sale_at_the_shops_price(db: Database) -> None:
    assert await sync(db, [LIKES]) == SyncReport(added=1, changed=0, withdrawn=0, skipped=0)
    (service,) = await shelf(db)
    assert service == ServiceView(
        id=service.id,
        category_id=service.category_id,
        category="Instagram Likes",
        name="Instagram Likes | Real",
        server="A",
        type="Default",
        description="Fast",
        pace="6 minutes",
        rate=Money.parse("1.00"),
        min=50,
        max=100_000,
        refill=True,
        cancel=False,
        dripfeed=True,
        on_sale=True,
        known_as="Instagram Likes",
    )
    async with db.read() as session:
        assert await catalog.service(session, service.id) == service


async def test_prices_are_exchanged_marked_up_and_rounded_up_to_the_micro_unit(db: Database) -> None:
    await sync(db, [like("1", rate=Decimal("0.0001"))], markup="33.333", exchange="0.9137")
    (service,) = await shelf(db)
    async with db.read() as session:
        assert await session.value(select(Service.cost)) == Money(92)
    assert service.rate == Money(123)


async def test_a_catalogue_that_did_not_change_writes_nothing(db: Database) -> None:
    offered = [like(str(number), f"Likes {number}", category=f"Shelf {number % 9}") for number in range(1, 1201)]
    assert await sync(db, offered) == SyncReport(added=1200, changed=0, withdrawn=0, skipped=0)
    with watched(db) as seen:
        assert await sync(db, offered[::-1], now=LATER) == SyncReport(added=0, changed=0, withdrawn=0, skipped=0)
    assert {statement.split()[0] for statement in seen} <= {"SELECT", "BEGIN"}


async def test_only_what_changed_is_written_and_in_one_go(db: Database) -> None:
    offered = [like(str(number), f"Likes {number}") for number in range(1, 21)]
    await sync(db, offered)
    before = {service.id: service for service in await shelf(db)}
    changed = [replace(offered[0], rate=Decimal(1)), replace(offered[1], max=9, min=1, pace=None), *offered[2:]]
    with watched(db) as seen:
        assert await sync(db, changed, now=LATER) == SyncReport(added=0, changed=2, withdrawn=0, skipped=0)
    assert [statement.split()[0] for statement in seen if statement.split()[0] not in ("SELECT", "BEGIN")] == ["UPDATE"]
    after = {service.id: service for service in await shelf(db)}
    different = [after[key] for key in before if after[key] != before[key]]
    assert [(service.rate, service.max, service.pace) for service in different] == [
        (Money.parse("1.25"), 100_000, "6 minutes"),
        (Money.parse("1.00"), 9, None),
    ]
    async with db.read() as session:
        assert len(await session.values(select(Service.id).where(Service.updated_at == LATER))) == 2


async def test_a_withdrawn_service_stays_known_and_comes_back_as_itself(db: Database) -> None:
    await sync(db, [LIKES, like("2", "Likes | Server B")])
    gone = next(service for service in await shelf(db) if service.server == "B")
    assert await sync(db, [LIKES]) == SyncReport(added=0, changed=0, withdrawn=1, skipped=0)
    assert [service.server for service in await shelf(db)] == ["A"]
    async with db.read() as session:
        with pytest.raises(ServiceGone):
            await catalog.service(session, gone.id)
    assert await sync(db, [LIKES]) == SyncReport(added=0, changed=0, withdrawn=0, skipped=0)
    assert await sync(db, [LIKES, like("2", "Likes | Server B")]) == SyncReport(0, 1, 0, 0)
    assert gone in await shelf(db)


async def test_another_providers_services_are_left_alone(db: Database) -> None:
    await sync(db, [LIKES], "north")
    await sync(db, [like("1", "Likes | Server B")], "south")
    assert await sync(db, [LIKES, like("2", "Likes | Server C")], "north") == SyncReport(1, 0, 0, 0)
    assert await servers(db) == {"north:1": "A", "south:1": "B", "north:2": "C"}


async def test_an_unknown_service_is_gone(db: Database) -> None:
    async with db.read() as session:
        with pytest.raises(ServiceGone):
            await catalog.service(session, 404)


@pytest.mark.parametrize(
    ("name", "flag", "said"),
    [
        ("Likes | 30 Days Refill", True, (True, 30)),
        ("Likes | Lifetime Refill", True, (True, LIFETIME)),
        ("Likes | Real", True, (True, None)),
        ("Likes | No Refill", True, (False, None)),
        ("Likes | 30 Days Refill", False, (False, None)),
    ],
)
async def test_a_guarantee_is_what_the_panels_flag_and_its_words_agree_on(
    db: Database, name: str, flag: bool, said: tuple[bool, int | None]
) -> None:
    await sync(db, [like("1", name, refill=flag)])
    (service,) = await shelf(db)
    assert (service.refill, service.guarantee_days) == said


@pytest.mark.parametrize(
    "change",
    [
        {"type": "Web Traffic"},
        {"type": "Whatever"},
        {"min": 0},
        {"min": 100, "max": 99},
        {"max": 0},
        {"rate": Decimal(0)},
        {"rate": Decimal("1E+10")},
        {"rate": Decimal("9999999999"), "max": 999_999_999},
    ],
)
async def test_what_the_shop_cannot_sell_is_skipped(db: Database, change: dict[str, Any]) -> None:
    assert await sync(db, [LIKES, like("2", **change)]) == SyncReport(added=1, changed=0, withdrawn=0, skipped=1)
    assert len(await shelf(db)) == 1


async def test_what_becomes_unsellable_goes_off_sale(db: Database) -> None:
    await sync(db, [LIKES, like("2")])
    assert await sync(db, [LIKES, like("2", type="Web Traffic")]) == SyncReport(0, 0, 1, 1)


@pytest.mark.parametrize("word", ["default", "DEFAULT", "Default"])
async def test_default_is_default_in_any_case(db: Database, word: str) -> None:
    assert (await sync(db, [like("1", type=word)])).added == 1


@pytest.mark.parametrize("limits", [(1, 1), (0, 0), (1000, 1000), (5, 2)])
async def test_a_package_is_sold_one_at_a_time_at_its_own_price(db: Database, limits: tuple[int, int]) -> None:
    """Its limits are what is in it, one, or nothing: panels differ, and nobody can choose."""
    package = like("2", type="package", rate=Decimal("2.40"), min=limits[0], max=limits[1])
    assert (await sync(db, [LIKES, package])).added == 2
    found = {service.type: service for service in await shelf(db)}
    assert (found["Package"].unit, found["Package"].min, found["Package"].max) == ("package", 1, 1)
    assert found["Package"].rate == Money.parse("3.00")
    assert found["Default"].unit == "thousand"


async def test_a_categorys_lowest_rate_is_per_thousand_where_it_has_one(db: Database) -> None:
    packages = [like("2", type="Package", rate=Decimal("0.10")), like("3", category="TikTok Packs", type="Package")]
    await sync(db, [LIKES, *packages])
    async with db.read() as session:
        likes, packs = await catalog.categories(session)
    assert (likes.services, likes.cheapest, likes.unit) == (2, Money.parse("1.00"), "thousand")
    assert (packs.services, packs.cheapest, packs.unit) == (1, Money.parse("1.00"), "package")


async def test_no_order_can_be_larger_than_the_shops_largest(db: Database) -> None:
    await sync(db, [like("1", max=10**15, rate=Decimal("0.01"))])
    assert [service.max for service in await shelf(db)] == [999_999_999]


async def test_an_empty_or_broken_catalogue_takes_nothing_off_sale(db: Database) -> None:
    offered = [like(str(number), f"Likes {number}") for number in range(1, 11)]
    await sync(db, offered)
    strange = [replace(service, type="Web Traffic") for service in offered]
    for broken in ([], offered[:1], strange):
        with pytest.raises(CatalogueShrunk) as refused:
            await sync(db, broken)
        assert refused.value.on_sale == 10
        assert len(await shelf(db)) == 10
    assert await sync(db, offered[:2]) == SyncReport(added=0, changed=0, withdrawn=8, skipped=0)


async def test_the_first_catalogue_may_be_empty(db: Database) -> None:
    assert await sync(db, []) == SyncReport(added=0, changed=0, withdrawn=0, skipped=0)


async def test_letters_named_are_kept_where_free_and_others_are_next_in_line(db: Database) -> None:
    await sync(db, [like("1", "Likes"), like("2", "Likes | Server B"), like("3", "Likes | Server B")], "north")
    await sync(db, [like("1", "Likes | Server B"), like("2", "Likes"), like("3", "Likes | Server X")], "south")
    assert await servers(db) == {
        "north:2": "B",
        "north:1": "A",
        "north:3": "C",
        "south:3": "X",
        "south:1": "D",
        "south:2": "E",
    }
    assert [service.server for service in await shelf(db)] == ["A", "B", "C", "D", "E", "X"]


async def test_a_letter_stays_whatever_the_provider_renames(db: Database) -> None:
    await sync(db, [LIKES, like("2", "Likes | Server B")])
    report = await sync(db, [like("1", "Old Likes | Server Z"), like("2", "Likes | Server A")])
    assert report == SyncReport(added=0, changed=1, withdrawn=0, skipped=0)
    assert [(service.name, service.server) for service in await shelf(db)] == [("Old Likes", "A"), ("Likes", "B")]


async def test_the_letter_of_a_withdrawn_service_is_nobody_elses(db: Database) -> None:
    await sync(db, [LIKES, like("2", "Likes | Server B")])
    await sync(db, [LIKES, like("3", "Likes | Server B")])
    assert await servers(db) == {"north:1": "A", "north:2": "B", "north:3": "C"}


async def test_services_may_change_places_between_categories(db: Database) -> None:
    views = {"category": "Instagram Views"}
    await sync(db, [like("1", "Likes | Server A"), like("2", "Views | Server A", **views)])
    assert await sync(db, [like("1", "Likes | Server A", **views), like("2", "Views | Server A")]) == SyncReport(
        0, 2, 0, 0
    )
    assert await servers(db, "Instagram Views") == {"north:1": "B"}
    assert await servers(db, "Instagram Likes") == {"north:2": "B"}


async def test_a_name_that_was_only_a_server_is_the_categorys(db: Database) -> None:
    await sync(db, [like("1", "Server A")])
    assert [service.name for service in await shelf(db)] == ["Instagram Likes"]


async def test_two_providers_share_a_category_however_they_spell_it(db: Database) -> None:
    await sync(db, [LIKES], "north")
    await sync(db, [like("1", "Likes | Server B", category="INSTAGRAM likes")], "south")
    assert [service.server for service in await shelf(db)] == ["A", "B"]
    async with db.read() as session:
        assert len(await session.values(select(Category.id))) == 1


async def test_categories_come_by_platform_and_count_what_is_on_sale(db: Database) -> None:
    names = ["Website Traffic", "X Likes", "Twitch Followers", "Instagram Views", "TikTok Likes", "Instagram Likes"]
    names += ["Spotify Plays", "YouTube Views", "Telegram Members", "Facebook Likes"]
    offered = [like(str(place), category=name) for place, name in enumerate(names, start=1)]
    await sync(
        db, [*offered, like("90", category="Instagram Likes", rate=Decimal("0.1")), like("91", category="X Views")]
    )
    await sync(db, [*offered, like("90", category="Instagram Likes", rate=Decimal("0.1"))])
    await sync(db, [like("1", category="TikTok Views")], "south")
    async with db.read() as session:
        categories = await catalog.categories(session)
    assert [category.name for category in categories] == [
        "Instagram Likes",
        "Instagram Views",
        "TikTok Likes",
        "TikTok Views",
        "YouTube Views",
        "Telegram Members",
        "X Likes",
        "Facebook Likes",
        "Spotify Plays",
        "Twitch Followers",
        "Website Traffic",
    ]
    assert (categories[0].services, categories[0].cheapest) == (2, Money.parse("0.125"))
    assert (categories[1].services, categories[1].cheapest) == (1, Money.parse("1.00"))


async def test_a_hostile_catalogue_can_be_stored(db: Database) -> None:
    nasty = '<script>x</script>\x00\ud800\u202e"; DROP TABLE services; --'
    row = {"service": 1, "name": nasty, "category": nasty, "rate": "1", "min": 1, "max": 10**30, "desc": nasty}
    offered = panel_answers.services([{**row, "max": "1000000"}, {**row, "service": nasty}, {**row, "service": 2}])
    assert isinstance(offered, list)
    assert await sync(db, offered) == SyncReport(added=1, changed=0, withdrawn=0, skipped=1)
    (service,) = await shelf(db, 'x"; DROP TABLE services; --')
    assert (service.name, service.description) == (service.category, service.category)


async def test_syncs_at_the_same_time_give_no_letter_twice(db: Database) -> None:
    offered = [like(str(number), f"Likes {number}") for number in range(1, 31)]
    async with asyncio.TaskGroup() as group:
        for provider in ("north", "south", "east"):
            group.create_task(sync(db, offered, provider))
    given_out = await servers(db)
    assert len(given_out) == 90
    assert len(set(given_out.values())) == 90


async def test_what_a_provider_sold_that_is_gone_from_the_settings_is_off_sale_until_it_comes_back(
    db: Database,
) -> None:
    """Nobody would send its orders: they would wait, paid, for ever."""
    await sync(db, [LIKES])
    await sync(db, [LIKES], "south")
    async with db.write() as session:
        await catalog.withdraw_strangers(session, {"south"}, LATER)
    assert len(await shelf(db)) == 1
    await sync(db, [LIKES], now=LATER)
    assert len(await shelf(db)) == 2
