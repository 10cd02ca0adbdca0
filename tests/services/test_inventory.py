"""What the staff sees of services and categories, on sale or not, with what each costs and what was set by hand."""

from decimal import Decimal

import pytest
from sqlalchemy import update

from services import inventory, overrides
from services.db import Database
from services.errors import NotInCatalogue
from services.inventory import ShelfLine
from services.models import Service
from services.money import Money
from services.own_terms import Own
from tests.services.test_catalog import LIKES, NOW, like, sync
from tests.services.test_overrides import TERMS, category, done, ids

OFFERED = [
    LIKES,
    like("2", "Fast likes | Server B"),
    like("340", "100% real | Server C"),
    like("9", "Просмотры", category="TikTok Views"),
]


async def found(db: Database, words: str) -> list[str]:
    """The names of the services that the words fit."""
    async with db.read() as session:
        page = await inventory.search(session, words, limit=50, offset=0)
    assert page.total == len(page.lines)
    return [line.name for line in page.lines]


async def test_every_state_of_a_service_has_its_word(db: Database) -> None:
    await sync(db, OFFERED)
    known = await ids(db)
    await done(db, overrides.hide, known["1"], hidden=True, now=NOW)
    await done(db, overrides.reprice, known["2"], rate=Money.parse("1.00"), markups=TERMS, now=NOW)
    await done(db, overrides.hide_category, await category(db, "TikTok Views"), hidden=True, now=NOW)
    await sync(db, [LIKES, like("2", OFFERED[1].name, rate=Decimal(2)), OFFERED[3], like("5", "New | Server E")])
    async with db.read() as session:
        page = await inventory.search(session, "", limit=50, offset=0)
    assert [(line.server, line.state) for line in page.lines] == [
        ("A", "hidden"),
        ("B", "below"),
        ("C", "withdrawn"),
        ("E", "on"),
        ("A", "shut"),
    ]


async def test_a_service_is_found_by_our_number_its_providers_and_any_part_of_its_words(db: Database) -> None:
    await sync(db, OFFERED)
    known = await ids(db)
    assert await found(db, f"#{known['9']}") == ["Просмотры"]
    assert await found(db, "340") == ["100% real"]
    assert await found(db, "FAST") == ["Fast likes"]
    assert await found(db, "Просмотры") == ["Просмотры"]
    assert await found(db, "instagram north fast") == ["Fast likes"]
    assert await found(db, "tiktok fast") == []
    assert await found(db, "0%") == ["100% real"]
    assert await found(db, "_") == []
    assert await found(db, "9" * 30) == []


async def test_a_service_is_found_by_the_name_its_category_had_before(db: Database) -> None:
    await sync(db, OFFERED)
    await done(db, overrides.rename_category, await category(db), "Hearts", now=NOW)
    assert len(await found(db, "instagram")) == len(await found(db, "hearts")) == 3
    async with db.read() as session:
        page = await inventory.shelves(session, "instagram likes", limit=10, offset=0)
    assert [(line.name, line.known_as) for line in page.lines] == [("Hearts", "Instagram Likes")]


async def test_pages_follow_one_another_and_say_how_many_there_are(db: Database) -> None:
    await sync(db, [like(str(number), f"Likes {number}") for number in range(1, 8)])
    seen = []
    for offset in (0, 3, 6):
        async with db.read() as session:
            page = await inventory.of_shelf(session, await category(db), limit=3, offset=offset)
        assert page.total == 7
        seen += [line.server for line in page.lines]
    assert seen == list("ABCDEFG")


async def test_a_category_counts_what_it_sells_of_what_it_has(db: Database) -> None:
    await sync(db, OFFERED)
    number = await category(db)
    await done(db, overrides.hide, (await ids(db))["1"], hidden=True, now=NOW)
    async with db.read() as session:
        assert await inventory.shelf(session, number) == ShelfLine(
            number, "Instagram Likes", "Instagram Likes", hidden=False, on_sale=2, offered=3
        )
        assert (await inventory.shelves(session, "", limit=1, offset=1)).lines[0].name == "TikTok Views"
        with pytest.raises(NotInCatalogue):
            await inventory.shelf(session, 404)


async def test_one_service_is_shown_with_its_margin_and_what_was_set_by_hand(db: Database) -> None:
    await sync(db, OFFERED)
    number = (await ids(db))["1"]
    await done(db, overrides.reprice, number, rate=Money.parse("1.20"), markups=TERMS, now=NOW)
    async with db.read() as session:
        ware = await inventory.ware(session, number)
        with pytest.raises(NotInCatalogue):
            await inventory.ware(session, 404)
    assert (ware.line.margin, ware.line.margin_percent) == (Money.parse("0.40"), Decimal("33.3"))
    assert (ware.external_id, ware.type, ware.description, ware.max) == ("1", "Default", "Fast", 100_000)
    assert (ware.refill, ware.cancel, ware.dripfeed, ware.position) == (True, False, True, 1)
    assert ware.own == Own(rate=Money.parse("1.20"))


async def test_a_service_that_is_free_has_no_margin_to_speak_of(db: Database) -> None:
    await sync(db, [LIKES])
    async with db.write() as session:
        await session.run(update(Service).values(rate=Money(0), cost=Money(0)))
    async with db.read() as session:
        assert (await inventory.ware(session, (await ids(db))["1"])).line.margin_percent == 0
