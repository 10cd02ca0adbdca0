"""Laws of the warnings: told once when something begins, again when it comes back or has lasted a day."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from services import broadcasts, health, lookout, notices, outbox, purses
from services.db import Database
from services.lookout import Sign
from services.models import Notice, Order, Provider, Service
from services.money import ZERO, Money
from services.notices import AdminAlert, Credited
from services.policy import Policy
from services.purses import Purse, lasts
from tests import factories
from tests.shop import ADMIN, MIA, Shop, open_shop

RATES = {"north": Decimal(1), "south": Decimal(2)}
SITES = {"north": "https://north.example/"}
DAY = timedelta(days=1)


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """A shop with orders put in by hand, without their money: nothing is audited at its end."""
    async with open_shop(db) as opened:
        yield opened


async def seen(shop: Shop, rates: Mapping[str, Decimal] = RATES) -> list[Sign]:
    async with shop.db.read() as read:
        return await lookout.signs(read, shop.policy, rates, SITES, shop.time)


async def look(shop: Shop) -> None:
    signs = await seen(shop)
    async with shop.db.write() as write:
        await lookout.report(write, signs, shop.policy.admins, shop.time)


async def told(shop: Shop) -> list[AdminAlert]:
    return [notice for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)]


async def codes(shop: Shop) -> list[str]:
    """What was told, but for the alerts that nobody fetches here."""
    return [code for alert in await told(shop) if (code := alert.code) != "outbox-late"]


async def known(shop: Shop, name: str = "north", **what: object) -> None:
    """What was learnt of a provider."""
    row = {"name": name, **what}
    async with shop.db.write() as write:
        await write.run(write.insert(Provider).values(row).on_conflict_do_update(index_elements=["name"], set_=row))


async def spent(shop: Shop) -> None:
    """Orders for $8.00 at north, today."""
    await shop.placed()


async def test_a_balance_below_a_days_spending_is_told_once(shop: Shop) -> None:
    await spent(shop)
    await known(shop, balance="7.99", currency="USD")
    for _ in range(3):
        await look(shop)
        shop.wait(minutes=1)
    [alert] = await told(shop)
    assert (alert.code, alert.site) == ("balance-low", "https://north.example/")
    facts = {"provider": "north", "balance": "7.99 USD", "spent in 24 hours": "8.00", "hours left": "23"}
    assert alert.facts == facts


async def test_a_balance_that_was_filled_up_and_runs_out_again_is_told_again(shop: Shop) -> None:
    await spent(shop)
    for balance in ("4.00", "10.00", "4.00"):
        await known(shop, balance=balance)
        await look(shop)
        shop.wait(minutes=1)
    assert await codes(shop) == ["balance-low"] * 2


async def test_a_balance_that_hovers_about_the_line_is_not_told_again(shop: Shop) -> None:
    await spent(shop)
    for balance in ("7.99", "8.01", "9.99", "7.99"):
        await known(shop, balance=balance)
        await look(shop)
        shop.wait(minutes=1)
    assert await codes(shop) == ["balance-low"]


async def test_a_balance_about_the_line_is_no_reason_to_begin(shop: Shop) -> None:
    await spent(shop)
    await known(shop, balance="8.00")
    await look(shop)
    assert await codes(shop) == []


async def test_what_lasts_another_day_is_told_once_more(shop: Shop) -> None:
    await known(shop, balance="0")
    for _ in range(2 * 24 + 1):
        await look(shop)
        shop.wait(hours=1)
    assert await codes(shop) == ["balance-low"] * 3


async def test_the_limit_is_the_shops_own(shop: Shop) -> None:
    shop.policy = replace(shop.policy, balance_for=timedelta(hours=6))
    await spent(shop)
    await known(shop, balance="4.00")
    await look(shop)
    assert await codes(shop) == []
    await known(shop, balance="1.99")
    await look(shop)
    assert await codes(shop) == ["balance-low"]


async def test_an_empty_balance_is_told_as_long_as_something_is_sold_from_it(shop: Shop) -> None:
    """Nothing was spent: what is refused for lack of money is no spending."""
    await known(shop, balance="-0.10")
    await known(shop, "south", balance="0.00")
    async with shop.db.write() as write:
        await write.run(update(Service).where(Service.provider == "south").values(on_sale=False))
    await look(shop)
    assert [alert.facts["provider"] for alert in await told(shop)] == ["north"]


async def test_what_was_spent_yesterday_and_what_never_left_is_no_spending_of_today(shop: Shop) -> None:
    await spent(shop)
    await shop.buy(500)
    await known(shop, balance="4.00", currency="USD")
    async with shop.db.read() as read:
        before = await purses.of(read, RATES, shop.time)
        shop.wait(hours=24)
        after = await purses.of(read, RATES, shop.time)
    half = timedelta(hours=12)
    four = Money.parse("4.00")
    assert before[0] == Purse("north", "4.00", "USD", four, Money.parse("8.00"), half, 3, None, None)
    assert (after[0].spent, after[0].left) == (ZERO, None)
    assert before[1] == Purse("south", None, None, None, ZERO, None, 2, None, None)


async def test_a_balance_in_another_currency_is_weighed_in_ours(shop: Shop) -> None:
    await known(shop, "south", balance="3.00", currency="EUR")
    async with shop.db.read() as read:
        south = (await purses.of(read, RATES, shop.time))[1]
    assert south.held == Money.parse("6.00")


def test_how_long_a_balance_lasts() -> None:
    one = Money.parse("1.00")
    assert lasts(None, one) is None
    assert lasts(one, ZERO) is None
    assert lasts(one, Money.parse("24.00")) == timedelta(hours=1)
    assert lasts(Money(2**62), Money(1)) == timedelta(days=999)
    assert lasts(ZERO, ZERO) == timedelta(0)


async def test_a_provider_is_down_when_it_has_been_silent_for_long(shop: Shop) -> None:
    await known(shop, failing="silent", failing_since=shop.time)
    await look(shop)
    shop.wait(minutes=29)
    await look(shop)
    assert await codes(shop) == []
    shop.wait(minutes=1)
    await look(shop)
    [alert] = await told(shop)
    assert (alert.code, alert.facts) == ("provider-down", {"provider": "north", "since": "2026-05-04 12:00 UTC"})
    await known(shop, failing=None, failing_since=None)
    await look(shop)
    shop.wait(minutes=1)
    await known(shop, failing="silent", failing_since=shop.time - timedelta(hours=1))
    await look(shop)
    assert await codes(shop) == ["provider-down"] * 2


async def test_a_refused_key_is_told_at_once(shop: Shop) -> None:
    await known(shop, "south", failing="key", failing_since=shop.time)
    await look(shop)
    [alert] = await told(shop)
    assert (alert.code, alert.facts["provider"], alert.site) == ("key-refused", "south", "")


async def ended(shop: Shop, service_id: int, **counts: int) -> None:
    async with shop.db.write() as write:
        for status, count in counts.items():
            for _ in range(count):
                await factories.order(
                    write, shop.time, user_id=MIA, service_id=service_id, status=status, quantity=100, delivered=10
                )


async def test_a_service_whose_orders_stop_in_a_wave_is_told_once(shop: Shop) -> None:
    service_id = await shop.service()
    await ended(shop, service_id, completed=5, partial=3, canceled=2)
    await ended(shop, await shop.service("north", "3"), completed=6, partial=4)
    for _ in range(2):
        await look(shop)
        shop.wait(minutes=1)
    [alert] = await told(shop)
    assert (alert.code, alert.services) == ("partial-wave", [service_id])
    assert alert.facts["stopped early"] == "5 of the last 10"
    assert alert.facts["provider"] == "north"


async def waves(shop: Shop) -> list[Sign]:
    return [sign for sign in await seen(shop) if sign.code == "partial-wave"]


async def test_a_wave_that_fades_is_not_over_until_a_third_at_most_stops(shop: Shop) -> None:
    service_id = await shop.service()
    await ended(shop, service_id, completed=6, partial=6)
    await look(shop)
    shop.wait(minutes=1)
    await ended(shop, service_id, completed=2)
    assert [sign.fading for sign in await waves(shop)] == [False]
    shop.wait(minutes=1)
    await ended(shop, service_id, completed=6)
    assert [sign.fading for sign in await waves(shop)] == [True]
    await look(shop)
    shop.wait(minutes=1)
    await ended(shop, service_id, completed=3)
    assert await waves(shop) == []


async def test_too_few_orders_are_no_wave_and_what_is_sold_no_more_is_none(shop: Shop) -> None:
    service_id = await shop.service()
    await ended(shop, service_id, partial=health.ENOUGH - 1)
    assert await waves(shop) == []
    await ended(shop, service_id, partial=1)
    assert len(await waves(shop)) == 1
    async with shop.db.write() as write:
        await write.run(update(Service).where(Service.id == service_id).values(on_sale=False))
    assert await waves(shop) == []


async def test_orders_that_ended_without_a_provider_are_no_wave(shop: Shop) -> None:
    service_id = await shop.service()
    await ended(shop, service_id, canceled=12)
    async with shop.db.write() as write:
        await write.run(update(Order).values(placed_at=None))
    assert await waves(shop) == []


async def waits(shop: Shop, since: datetime, key: str = "a", **more: object) -> None:
    one = outbox.Outgoing(key, MIA, Credited(ZERO, ZERO, ""), **more)  # type: ignore[arg-type]
    async with shop.db.write() as write:
        await outbox.put(write, [one], since)


async def test_a_message_that_waits_too_long_is_told_once(shop: Shop) -> None:
    await waits(shop, shop.time)
    shop.wait(minutes=4)
    await look(shop)
    assert await codes(shop) == []
    shop.wait(minutes=1)
    await look(shop)
    await look(shop)
    assert [alert.facts for alert in await told(shop)] == [{"waiting since": "2026-05-04 12:00 UTC"}]


async def test_broadcasts_and_cards_keep_nobody_waiting(shop: Shop) -> None:
    await shop.buy()
    await waits(shop, shop.time - DAY, priority=outbox.BROADCAST)
    async with shop.db.write() as write:
        made = await broadcasts.draft(write, text="News", locale="en", by=ADMIN, now=shop.time - DAY)
        await broadcasts.move(write, made, "run", shop.time - DAY)
        await write.run(update(Notice).where(Notice.kind == "card").values(created_at=shop.time - DAY))
    async with shop.db.read() as read:
        assert await lookout.oldest_unsent(read) is None
    await waits(shop, shop.time - 2 * DAY, "b")
    async with shop.db.read() as read:
        assert await lookout.oldest_unsent(read) == shop.time - 2 * DAY


async def test_everybody_is_told_and_each_once(shop: Shop) -> None:
    sign = Sign("job:sync:north", "job-late", {"job": "sync:north"})
    for _ in range(2):
        async with shop.db.write() as write:
            await lookout.report(write, [sign], (ADMIN, 9002), shop.time)
    for admin in (ADMIN, 9002):
        assert [notice.facts for notice in await shop.heard(admin) if isinstance(notice, AdminAlert)] == [sign.facts]
    async with shop.db.read() as read:
        assert await lookout.standing(read) == [lookout.Warned("job-late", "sync:north", shop.time)]
    async with shop.db.write() as write:
        await lookout.report(write, [], (ADMIN,), shop.time)
    async with shop.db.read() as read:
        assert await lookout.standing(read) == []


async def test_what_fades_stands_but_is_not_told_again(shop: Shop) -> None:
    begun = Sign("outbox:", "outbox-late")
    for sign in (begun, replace(begun, fading=True), replace(begun, fading=True), begun):
        async with shop.db.write() as write:
            await lookout.report(write, [sign], (ADMIN,), shop.time)
        shop.wait(hours=20)
    assert len(await told(shop)) == 2


async def test_an_alert_goes_through_the_outbox_and_comes_back_whole(shop: Shop) -> None:
    alert = AdminAlert("partial-wave", None, {"service": "x"}, services=[7], site="https://panel.example/")
    assert notices.from_document(alert.kind, notices.to_document(alert)) == alert
    assert Policy().balance_for == DAY
