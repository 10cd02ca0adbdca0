"""What providers charged against what the orders cost: yesterday's sums, told once a day."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest

from services import reconciliation
from services.db import Database
from services.notices import AdminAlert
from services.reconciliation import Reckoning
from tests.scripted_panel import row
from tests.shop import ADMIN, LINK, Shop, open_shop


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    async with open_shop(db) as opened:
        yield opened


async def closed(shop: Shop, status: str, remains: str, charge: object) -> None:
    number = str(len(shop.north.accepted) + 1)
    await shop.placed(500, LINK + number)
    shop.north.rows[number] = row(status, remains, charge=charge)
    await shop.poll()


async def reckoned(shop: Shop, exchange_rate: str = "1", days: int = 0) -> Reckoning:
    async with shop.db.read() as session:
        day = (shop.time + timedelta(days=days)).date()
        return await reconciliation.of_day(session, "north", day, Decimal(exchange_rate))


async def test_the_days_charges_and_costs_add_up(shop: Shop) -> None:
    await closed(shop, "Completed", "0", "4.00")
    await closed(shop, "Partial", "250", "2.00")
    await closed(shop, "Canceled", "500", "0")
    found = await reckoned(shop)
    assert (found.orders, found.silent) == (3, 0)
    assert (str(found.charged), str(found.cost), str(found.difference)) == ("6.00", "6.00", "0.00")
    assert reconciliation.within(found)


async def test_a_cancellation_still_charged_for_is_a_difference(shop: Shop) -> None:
    await closed(shop, "Completed", "0", "4.00")
    await closed(shop, "Canceled", "500", "4.00")
    found = await reckoned(shop)
    assert str(found.difference) == "4.00"
    assert not reconciliation.within(found)


@pytest.mark.parametrize("charge", [None, "Unknown", ""])
async def test_an_order_without_a_readable_charge_is_counted_apart(shop: Shop, charge: object) -> None:
    await closed(shop, "Completed", "0", charge)
    await closed(shop, "Completed", "0", "4.00")
    found = await reckoned(shop)
    assert (found.orders, found.silent, str(found.charged), str(found.cost)) == (2, 1, "4.00", "4.00")


async def test_charges_are_exchanged_into_the_shops_currency(shop: Shop) -> None:
    await closed(shop, "Completed", "0", "8.00")
    assert str((await reckoned(shop, "0.5")).charged) == "4.00"


async def test_other_days_and_other_providers_do_not_count(shop: Shop) -> None:
    await closed(shop, "Completed", "0", "4.00")
    assert (await reckoned(shop, days=-1)).orders == 0
    async with shop.db.read() as session:
        assert (await reconciliation.of_day(session, "south", shop.time.date(), Decimal(1))).orders == 0


async def test_admins_are_told_once_a_day_and_only_if_there_was_anything(shop: Shop) -> None:
    for _ in range(2):
        async with shop.db.write() as session:
            await reconciliation.report(session, [await reckoned(shop)], shop.policy, shop.time)
    assert await shop.heard(ADMIN) == []
    await closed(shop, "Canceled", "500", "4.00")
    for _ in range(2):
        async with shop.db.write() as session:
            await reconciliation.report(session, [await reckoned(shop)], shop.policy, shop.time)
    told = [notice for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)]
    assert [notice.code for notice in told] == ["canceled-but-charged", "reckoning-off"]
    assert told[-1].facts["difference"] == "4.00"
