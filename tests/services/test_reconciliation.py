"""What providers charged against what the orders cost: yesterday's sums, told once a day."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bot import jobs
from bot.settings import Settings
from services import reconciliation
from services.notices import AdminAlert
from services.reconciliation import Reckoning
from tests.scripted_panel import row
from tests.shop import ADMIN, LINK, Shop
from tests.statements import watched


async def closed(shop: Shop, status: str, remains: str, charge: object) -> None:
    number = str(len(shop.north.accepted) + 1)
    await shop.placed(500, LINK + number)
    shop.north.rows[number] = row(status, remains, charge=charge)
    await shop.poll()


async def reckoned(shop: Shop, exchange_rate: str = "1", days: int = 0) -> Reckoning:
    async with shop.db.read() as session:
        day = (shop.time + timedelta(days=days)).date()
        [found] = await reconciliation.of_days(session, "north", [day], Decimal(exchange_rate))
        return found


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


async def test_what_a_provider_charges_after_the_end_is_what_counts(shop: Shop) -> None:
    await closed(shop, "Partial", "250", "4.00")
    assert str((await reckoned(shop)).difference) == "2.00"
    shop.north.rows["1"] = row("Partial", "250", charge="2.00")
    await shop.poll(hours=2)
    assert str((await reckoned(shop)).charged) == "2.00"
    assert reconciliation.within(await reckoned(shop))


async def test_a_charge_named_after_a_cancellation_is_told_to_admins_once_and_counts(shop: Shop) -> None:
    await closed(shop, "Canceled", "500", None)
    assert await shop.heard(ADMIN) == []
    for charge in ("4.00", "4.00", "3.00", None):
        shop.north.rows["1"] = row("Canceled", "500", charge=charge)
        await shop.poll(hours=2)
    assert [notice.code for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)] == [
        "canceled-but-charged"
    ]
    assert str((await reckoned(shop)).charged) == "3.00"


async def test_a_charge_that_goes_on_changing_is_no_news_to_the_customer_and_watched_no_longer(shop: Shop) -> None:
    await closed(shop, "Completed", "0", "4.00")
    told, card = await shop.heard(), await shop.card(1)
    for cents in range(74):
        shop.north.rows["1"] = row("Completed", "0", charge=f"3.{cents:02}")
        await shop.poll(hours=1)
    assert await shop.poll(hours=2) == 0
    assert (await shop.heard(), await shop.card(1)) == (told, card)


async def test_the_same_charge_again_writes_nothing(shop: Shop) -> None:
    await closed(shop, "Completed", "0", "4.00")
    shop.north.rows["1"] = row("Completed", "0", charge="4.0")
    with watched(shop.db) as seen:
        assert await shop.poll(hours=2) == 1
    assert len([statement for statement in seen if statement.startswith("UPDATE")]) == len(shop.clients), "the claims"


async def test_charges_are_exchanged_into_the_shops_currency(shop: Shop) -> None:
    await closed(shop, "Completed", "0", "8.00")
    assert str((await reckoned(shop, "0.5")).charged) == "4.00"


async def test_other_days_and_other_providers_do_not_count(shop: Shop) -> None:
    await closed(shop, "Completed", "0", "4.00")
    assert (await reckoned(shop, days=-1)).orders == 0
    async with shop.db.read() as session:
        [other] = await reconciliation.of_days(session, "south", [shop.time.date()], Decimal(1))
        assert other.orders == 0


async def test_each_day_is_reckoned_up_from_midnight_to_midnight_in_utc(shop: Shop) -> None:
    today = shop.time.date()
    days = [today + timedelta(days=ahead) for ahead in range(4)]
    shop.wait(seconds=(12 * 3600) - 6 - 1)  # a poll takes six seconds: one second before midnight
    await closed(shop, "Completed", "0", "4.00")
    shop.wait(seconds=1 - 6)
    await closed(shop, "Partial", "250", "2.00")
    shop.wait(days=2)
    await closed(shop, "Completed", "0", None)
    async with shop.db.read() as session:
        found = await reconciliation.of_days(session, "north", days, Decimal(1))
    assert [(each.day, each.orders, each.silent, str(each.charged)) for each in found] == [
        (days[0], 1, 0, "4.00"),
        (days[1], 1, 0, "2.00"),
        (days[2], 0, 0, "0.00"),
        (days[3], 1, 1, "0.00"),
    ]


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


async def test_admins_are_told_how_many_charges_are_not_known(shop: Shop) -> None:
    await closed(shop, "Completed", "0", "Unknown")
    async with shop.db.write() as session:
        await reconciliation.report(session, [await reckoned(shop)], shop.policy, shop.time)
    [told] = [notice for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)]
    assert told.facts["without a charge"] == "1"


def at_work(shop: Shop) -> jobs.Shop:
    panel = {"url": "https://panel.example/api/v2", "key": "scripted"}
    settings = Settings(_env_file=None, bot_token="7000000001:" + "x" * 35, providers={"north": panel})
    clients = {"north": shop.clients["north"]}
    return jobs.Shop(shop.db, settings, shop.policy, clients, "me", shop.now, lambda: None, jobs.Clock(shop.now))


async def told(shop: Shop) -> list[tuple[str, str, str]]:
    """Code, day and difference of every reckoning an admin was told."""
    alerts = [notice for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)]
    return [
        (alert.code, alert.facts["day"], alert.facts["difference"])
        for alert in alerts
        if alert.code.startswith("reckoning")
    ]


async def test_days_on_which_the_shop_was_down_are_told_when_it_is_up_again(shop: Shop) -> None:
    await closed(shop, "Completed", "0", "4.00")
    first = shop.time.date().isoformat()
    await jobs.reckon(at_work(shop))
    assert await told(shop) == [], "the day is not over"
    shop.wait(days=1)
    await closed(shop, "Completed", "0", "4.00")
    second = shop.time.date().isoformat()
    shop.wait(days=3)
    for _ in range(3):
        await jobs.reckon(at_work(shop))
        shop.wait(hours=6)
    assert await told(shop) == [("reckoning", first, "0.00"), ("reckoning", second, "0.00")]


async def test_orders_without_a_charge_are_told_by_their_number(shop: Shop) -> None:
    await closed(shop, "Completed", "0", "4.00")
    await closed(shop, "Completed", "0", None)
    shop.wait(days=1)
    await jobs.reckon(at_work(shop))
    [alert] = await shop.heard(ADMIN)
    assert isinstance(alert, AdminAlert)
    assert (alert.facts["orders"], alert.facts["without a charge"]) == ("2", "1")


async def test_a_day_that_a_later_correction_changed_is_told_once_more(shop: Shop) -> None:
    await closed(shop, "Completed", "0", "4.00")
    await closed(shop, "Completed", "0", "4.00")
    day = shop.time.date().isoformat()
    shop.wait(days=1)
    await jobs.reckon(at_work(shop))
    for charge in ("4.00", "2.00"):  # half is taken back; the charge for it follows later
        shop.north.rows["1"] = row("Partial", "250", charge=charge)
        await shop.poll(hours=2)
        for _ in range(2):
            await jobs.reckon(at_work(shop))
    assert await told(shop) == [("reckoning", day, "0.00"), ("reckoning-changed", day, "2.00")]
    [changed] = [notice for notice in await shop.heard(ADMIN) if getattr(notice, "code", "") == "reckoning-changed"]
    assert isinstance(changed, AdminAlert)
    assert changed.facts["difference told before"] == "0.00"


async def test_a_change_that_rounding_explains_is_not_told(shop: Shop) -> None:
    await closed(shop, "Completed", "0", "4.00")
    await closed(shop, "Completed", "0", "4.00")
    shop.wait(days=1)
    await jobs.reckon(at_work(shop))
    shop.north.rows["1"] = row("Partial", "1", charge="4.00")
    await shop.poll(hours=2)
    await jobs.reckon(at_work(shop))
    assert [code for code, _, _ in await told(shop)] == ["reckoning"]
    assert str((await reckoned(shop, days=-1)).difference) == "0.008"
