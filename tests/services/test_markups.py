"""Markups set in the chat: told before what they change, in force at once and at every sync, and taken back."""

from decimal import Decimal

import pytest

from services import markups, overrides
from services.db import Database
from services.markups import Effect, InForce
from services.money import Money
from services.stock import SyncReport
from tests.services.test_catalog import LATER, NOW, like, shelf, sync
from tests.services.test_overrides import TERMS, done, ids
from tests.statements import watched

OFFERED = [like(str(number), f"Likes | Server {letter}") for number, letter in enumerate("ABCD", start=1)]
BY = "admin:9001"


async def rates(db: Database) -> list[str]:
    return [str(service.rate) for service in await shelf(db)]


async def put(db: Database, percent: str | None) -> Effect:
    async with db.write() as session:
        chosen = None if percent is None else Decimal(percent)
        return await markups.put(session, "north", chosen, TERMS, by=BY, now=LATER)


async def test_a_markup_prices_all_but_what_has_a_price_of_its_own_and_survives_every_sync(db: Database) -> None:
    await sync(db, OFFERED)
    known = await ids(db)
    await done(db, overrides.reprice, known["1"], rate=Money.parse("2.00"), markups=TERMS, now=NOW)
    await done(db, overrides.reprice, known["2"], percent=Decimal(100), markups=TERMS, now=NOW)
    expected = Effect(Decimal(25), Decimal(50), 2, 2, Decimal("20.0"), Decimal("20.0"), raises=True)
    async with db.read() as session:
        assert await markups.preview(session, "north", Decimal(50), TERMS) == expected
    assert await rates(db) == ["2.00", "1.60", "1.00", "1.00"]
    assert await put(db, "50") == expected
    assert await rates(db) == ["2.00", "1.60", "1.20", "1.20"]
    assert await sync(db, OFFERED, now=LATER) == SyncReport(0, 0, 0, 0)
    await sync(db, [*OFFERED, like("5", "Likes | Server E")], now=LATER)
    assert await rates(db) == ["2.00", "1.60", "1.20", "1.20", "1.20"]
    assert await done(db, overrides.reprice, known["1"], markups=TERMS, now=NOW) == overrides.Change(
        Money.parse("2.00"), Money.parse("1.20")
    )


async def test_without_it_the_settings_count_again(db: Database) -> None:
    await sync(db, OFFERED)
    await put(db, "12.5")
    assert set(await rates(db)) == {"0.90"}
    assert await put(db, None) == Effect(
        Decimal("12.5"), Decimal(25), 4, 0, Decimal("11.1"), Decimal("11.1"), raises=True
    )
    assert set(await rates(db)) == {"1.00"}
    async with db.read() as session:
        assert await markups.in_force(session, TERMS) == [InForce("north", Decimal(25), Decimal(25), None, None, 0)]


async def test_the_markups_in_force_say_who_set_them_and_how_many_go_their_own_way(db: Database) -> None:
    await sync(db, OFFERED)
    await done(db, overrides.reprice, (await ids(db))["3"], percent=Decimal(5), markups=TERMS, now=NOW)
    await put(db, "40")
    await put(db, "45")
    async with db.read() as session:
        assert await markups.in_force(session, TERMS | {"south": Decimal(30)}) == [
            InForce("north", Decimal(45), Decimal(25), BY, LATER, 1),
            InForce("south", Decimal(30), Decimal(30), None, None, 0),
        ]


async def test_a_change_is_told_from_the_least_to_the_most(db: Database) -> None:
    await sync(db, [like("1", rate=Decimal("0.000001")), like("2", "Likes | Server B", rate=Decimal(1))])
    effect = await put(db, "100")
    assert (effect.changed, effect.least, effect.most) == (1, Decimal("60.0"), Decimal("60.0"))
    effect = await put(db, "101")
    assert (effect.changed, effect.least, effect.most) == (2, Decimal("0.5"), Decimal("50.0"))


async def test_what_could_not_be_counted_any_more_is_left_for_the_next_sync(db: Database) -> None:
    dear = like("9", rate=Decimal(999_999_999), max=2_000_000)
    await sync(db, [*OFFERED, dear])
    effect = await put(db, "100000")
    assert (effect.changed, effect.beyond) == (4, 1)
    assert await sync(db, [*OFFERED, dear], now=LATER) == SyncReport(0, 0, 1, 1)


async def test_a_thousand_prices_are_changed_page_by_page(db: Database) -> None:
    await sync(db, [like(str(number), f"Likes {number}") for number in range(1, 1201)])
    with watched(db) as seen:
        assert (await put(db, "50")).changed == 1200
    assert len([statement for statement in seen if statement.startswith("UPDATE services")]) <= 3


@pytest.mark.parametrize("percent", ["0", "25"])
async def test_a_markup_that_changes_no_price_says_so(db: Database, percent: str) -> None:
    await sync(db, OFFERED, markup="0" if percent == "0" else "25")
    assert (await put(db, percent)).changed == 0
