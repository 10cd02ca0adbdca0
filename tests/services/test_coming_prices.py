"""Prices told ahead: what rises comes after its notice, once, or not at all; whoever pays it has heard of it before."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from bot import jobs
from services import actions, coming_prices, markups, overrides, own_terms, scheduled_prices, stock
from services.coming_prices import Coming
from services.db import Database
from services.errors import BelowCost, NotInCatalogue, PriceTooHigh, TermsMoved
from services.models import Order, Service
from services.money import Money
from services.notices import AdminAlert, Notice
from services.overrides import Change
from services.own_terms import Own
from services.policy import Policy
from services.service_news import CHANGED
from tests import reselling
from tests.services.test_concurrency import owners
from tests.services.test_jobs import at_work
from tests.shop import ADMIN, CATALOGUE, MIA, Shop, offered, open_shop

OMAR = 1002
BY = actions.by(ADMIN)
TERMS = {"north": Decimal(25), "south": Decimal(25)}
NOTICE = timedelta(hours=48)


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """Mia sells on in the tier gold, 10 % off, Omar in none; both have sites that listen. #1 is sold at $10.00."""
    async with open_shop(db) as opened:
        await reselling.two_listen(db, opened.time, MIA, OMAR)
        yield opened


async def priced(
    shop: Shop, rate: str | None = None, percent: int | None = None, *, notice: timedelta = NOTICE, number: int = 0
) -> Change | Coming:
    """What an admin sets about the first service of north."""
    async with shop.db.write() as session:
        return await coming_prices.put(
            session,
            number or await shop.service(),
            rate=None if rate is None else Money.parse(rate),
            percent=None if percent is None else Decimal(percent),
            markups=TERMS,
            notice=notice,
            by=BY,
            now=shop.time,
        )


async def due(shop: Shop, *, policy: Policy | None = None, **later: float) -> None:
    """Let time pass, then do what the job does."""
    shop.wait(**later)
    at = at_work(shop)
    panels = {
        name: terms.model_copy(update={"markup_percent": TERMS[name]}) for name, terms in at.settings.providers.items()
    }
    settings = at.settings.model_copy(update={"providers": panels})
    await jobs.reprice(replace(at, settings=settings, policy=policy or shop.policy))


async def synced(shop: Shop, cost: str, *, rule: str = "hide", **more: Any) -> None:
    """North asks this for its first service from now on."""
    async with shop.db.write() as session:
        await stock.sync(
            session,
            "north",
            [offered("1", "Instagram Likes", "A", cost, **more), *CATALOGUE["north"][1:]],
            markup_percent=Decimal(25),
            exchange_rate=Decimal(1),
            policy=replace(shop.policy, margin_rule=rule),
            now=shop.time,
        )


async def rate(shop: Shop) -> str:
    async with shop.db.read() as session:
        return str(await session.value(select(Service.rate).where(Service.id == await shop.service())))


async def waiting(shop: Shop) -> tuple[str, datetime, str] | None:
    """What the first service of north will cost, from when on, and who says so."""
    async with shop.db.read() as session:
        found = await scheduled_prices.find(session, await shop.service())
    return None if found is None else (str(found.rate), found.effective_at, found.set_by)


async def mark(shop: Shop) -> int:
    async with shop.db.read() as session:
        found = await scheduled_prices.find(session, await shop.service())
    assert found is not None
    return found.mark


async def heard(shop: Shop, user_id: int = OMAR) -> list[tuple[str, str, timedelta]]:
    """What this reseller's site was told: the rate before, the rate, and in how long it is in force."""
    return [
        (
            each["rate_before"],
            each["rate"],
            datetime.fromisoformat(data["effective_at"]) - datetime.fromisoformat(data["at"]),
        )
        for data in await reselling.told(shop.db, user_id, CHANGED)
        for each in data["services"]
    ]


async def logged(shop: Shop) -> list[tuple[str, str, dict[str, Any]]]:
    async with shop.db.read() as session:
        found = await actions.history(session, limit=10, subject=f"service:{await shop.service()}")
    return [(each.actor, each.code, dict(each.detail)) for each in found]


AT_ONCE = timedelta(0)


async def test_without_a_notice_every_price_is_in_force_at_once(shop: Shop) -> None:
    assert await priced(shop, "12.00", notice=AT_ONCE) == Change(Money.parse("10"), Money.parse("12"))
    assert (await rate(shop), await waiting(shop)) == ("12.00", None)
    assert await heard(shop) == [("10", "12", AT_ONCE)]


async def test_a_price_that_rises_waits_and_sites_hear_their_own_of_it_with_its_moment(shop: Shop) -> None:
    moment = shop.time + NOTICE
    assert await priced(shop, "12.00") == Coming(Money.parse("10"), Money.parse("12"), moment)
    assert (await rate(shop), await waiting(shop)) == ("10.00", ("12.00", moment, BY))
    assert await heard(shop) == [("10", "12", NOTICE)]
    assert await heard(shop, MIA) == [("9", "10.8", NOTICE)]


async def test_customers_pay_the_present_price_until_then_and_a_quote_is_what_it_always_is(shop: Shop) -> None:
    before = await shop.quote(1000)
    await priced(shop, "12.00")
    await shop.tap(before.token)
    await shop.tap((await shop.quote(1000)).token)
    async with shop.db.read() as session:
        assert await session.values(select(Order.charge)) == [Money.parse("10")] * 2
    await due(shop, hours=48)
    assert str((await shop.quote(1000)).price) == "12.00"


@pytest.mark.parametrize(
    ("lower", "then"), [({"rate": "9.50"}, "9.50"), ({"rate": "10.00"}, "10.00"), ({"percent": 10}, "8.80")]
)
async def test_a_price_that_does_not_rise_is_in_force_at_once_instead_of_what_waited(
    shop: Shop, lower: dict[str, Any], then: str
) -> None:
    await priced(shop, "12.00")
    shop.wait(hours=1)
    assert await priced(shop, **lower) == Change(Money.parse("10"), Money.parse(then))
    assert (await rate(shop), await waiting(shop)) == (then, None)
    assert (await heard(shop))[1:] == [("10", then.rstrip("0").rstrip("."), AT_ONCE)]
    await due(shop, hours=48)
    assert await rate(shop) == then


async def test_the_later_of_two_that_wait_takes_the_place_of_the_first(shop: Shop) -> None:
    await priced(shop, "12.00")
    shop.wait(hours=47)
    await priced(shop, percent=100)
    assert await waiting(shop) == ("16.00", shop.time + NOTICE, BY)
    assert await heard(shop) == [("10", "12", NOTICE), ("10", "16", NOTICE)]
    await due(shop, hours=47)
    assert await rate(shop) == "10.00"
    await due(shop, hours=1)
    assert await rate(shop) == "16.00"
    async with shop.db.read() as session:
        assert await own_terms.of_service(session, await shop.service()) == Own(markup=Decimal(100))


async def test_what_the_guard_has_hidden_is_priced_and_back_at_once(shop: Shop) -> None:
    """Nobody pays for what is not on sale; as long as it waited, nobody could order it."""
    await priced(shop, "10.00")
    await synced(shop, "11.00")
    assert await priced(shop, "12.00") == Change(Money.parse("10"), Money.parse("12"), sold=1)
    assert await waiting(shop) is None


async def test_what_cannot_be_sold_at_that_is_not_announced(shop: Shop) -> None:
    for refused, error in (("7.99", BelowCost), ("999999999999", PriceTooHigh)):
        with pytest.raises(error):
            await priced(shop, refused)
    with pytest.raises(NotInCatalogue):
        await priced(shop, "12.00", number=404)
    assert (await waiting(shop), await heard(shop)) == (None, [])


async def test_what_is_called_off_never_comes_and_sites_hear_that_the_rate_stays(shop: Shop) -> None:
    await priced(shop, "12.00")
    announced, moment = await mark(shop), shop.time + NOTICE
    shop.wait(hours=1)
    async with shop.db.write() as session:
        left = await coming_prices.call_off(session, await shop.service(), mark=announced, now=shop.time)
    assert left == Coming(Money.parse("10"), Money.parse("12"), moment)
    assert (await heard(shop))[1:] == [("10", "10", AT_ONCE)]
    assert (await heard(shop, MIA))[1:] == [("9", "9", AT_ONCE)]
    await due(shop, hours=48)
    assert (await rate(shop), len(await heard(shop)), await logged(shop)) == ("10.00", 2, [])


async def test_what_is_hastened_is_in_force_at_once_and_does_not_come_again(shop: Shop) -> None:
    await priced(shop, percent=50)
    announced = await mark(shop)
    shop.wait(hours=1)
    async with shop.db.write() as session:
        number = await shop.service()
        change = await coming_prices.hasten(session, number, mark=announced, markups=TERMS, now=shop.time)
    assert change == Change(Money.parse("10"), Money.parse("12"))
    assert (await heard(shop))[1:] == [("10", "12", AT_ONCE)]
    await due(shop, hours=48)
    assert (len(await heard(shop)), await logged(shop)) == (2, [])


@pytest.mark.parametrize("now", [True, False], ids=["replaced", "gone"])
async def test_a_tap_under_an_older_announcement_does_nothing_to_another(shop: Shop, now: bool) -> None:
    await priced(shop, "12.00")
    seen, number = await mark(shop), await shop.service()
    shop.wait(hours=1)
    await priced(shop, "13.00" if now else "9.00")
    before = await waiting(shop)
    async with shop.db.write() as session:
        with pytest.raises(TermsMoved):
            await coming_prices.call_off(session, number, mark=seen, now=shop.time)
        with pytest.raises(TermsMoved):
            await coming_prices.hasten(session, number, mark=seen, markups=TERMS, now=shop.time)
    assert (await waiting(shop) is None, await waiting(shop)) == (not now, before)


async def test_a_price_comes_when_it_is_due_and_the_log_says_who_set_it_and_when(shop: Shop) -> None:
    await priced(shop, "12.00")
    await due(shop, hours=47, minutes=59)
    assert (await rate(shop), await logged(shop)) == ("10.00", [])
    await due(shop, minutes=1)
    await due(shop, minutes=1)
    assert (await rate(shop), await waiting(shop)) == ("12.00", None)
    detail = {"set": "2026-05-04 12:00", "old": Money.parse("10"), "new": Money.parse("12")}
    assert await logged(shop) == [(BY, "price-came", detail)]
    assert await heard(shop, MIA) == [("9", "10.8", NOTICE), ("9", "10.8", AT_ONCE)]


async def test_the_markup_takes_the_place_of_a_price_when_that_is_due(shop: Shop) -> None:
    await priced(shop, "9.00")
    await priced(shop)
    assert (await rate(shop), (await waiting(shop) or ("",))[0]) == ("9.00", "10.00")
    await due(shop, hours=48)
    assert await rate(shop) == "10.00"
    async with shop.db.read() as session:
        assert await own_terms.of_service(session, await shop.service()) == Own()


async def told(shop: Shop, user_id: int) -> Sequence[Notice]:
    return [notice for notice in await shop.heard(user_id) if isinstance(notice, AdminAlert)]


@pytest.mark.parametrize("admins", [(ADMIN, 9002), (9002, 9003)], ids=["staff", "left"])
async def test_what_would_lose_money_when_it_is_due_is_gone_and_who_set_it_is_told_once(
    shop: Shop, admins: tuple[int, ...]
) -> None:
    """Whoever set it and is not of the staff any more hears nothing: it is about costs."""
    await priced(shop, "12.00")
    await synced(shop, "14.00")
    assert await rate(shop) == "17.50"
    for _ in range(2):
        await due(shop, policy=replace(shop.policy, admins=admins), hours=48)
    assert (await rate(shop), await waiting(shop)) == ("17.50", None)
    number = await shop.service()
    facts = {
        f"#{number}": "Instagram Likes | Real · A",
        "announced": "12.00, 2026-05-06 12:00 UTC",
        "price": "17.50",
        "cost": "14.00",
    }
    alert = AdminAlert("price-refused", None, facts, services=[number])
    hear = {ADMIN} if ADMIN in admins else set(admins)
    assert {one: await told(shop, one) for one in (ADMIN, 9002, 9003)} == {
        one: [alert] if one in hear else [] for one in (ADMIN, 9002, 9003)
    }
    assert await logged(shop) == [(BY, "price-refused", {"set": "2026-05-04 12:00", "new": Money.parse("12")})]
    assert await heard(shop) == [("10", "12", NOTICE), ("10", "17.5", AT_ONCE)]


async def test_what_could_not_be_counted_when_it_is_due_is_gone_too(shop: Shop) -> None:
    await priced(shop, percent=100_000)
    await synced(shop, "100000000")
    assert (await waiting(shop) or ("",))[0] == "8008.00"  # as announced: there is no other
    await due(shop, hours=48)
    assert (await rate(shop), await waiting(shop)) == ("125000000.00", None)
    assert [code for _, code, _ in await logged(shop)] == ["price-refused"]
    assert len(await told(shop, ADMIN)) == 1


async def test_one_that_is_refused_holds_up_no_other(shop: Shop) -> None:
    other = await shop.service("south", "2")
    await priced(shop, "12.00")
    await priced(shop, "20.00", number=other)
    await synced(shop, "14.00")
    await due(shop, hours=48)
    async with shop.db.read() as session:
        assert str(await session.value(select(Service.rate).where(Service.id == other))) == "20.00"


async def test_what_is_worked_out_from_the_cost_follows_it_and_sites_hear_what_comes_then(shop: Shop) -> None:
    """What the panel asks is passed on at once, as it always is: the present price moves, and what was announced."""
    await priced(shop, percent=50)
    moment = shop.time + NOTICE
    shop.wait(hours=24)
    await synced(shop, "8.80")
    assert (await rate(shop), await waiting(shop)) == ("11.00", ("13.20", moment, BY))
    assert (await heard(shop))[1:] == [("10", "11", AT_ONCE), ("11", "13.2", NOTICE / 2)]
    await synced(shop, "8.80")
    assert len(await heard(shop)) == 3
    await due(shop, hours=24)
    assert await rate(shop) == "13.20"


async def test_what_is_worked_out_from_the_markup_follows_it_and_a_rate_of_its_own_stays(shop: Shop) -> None:
    south = await shop.service("south", "2")
    await priced(shop, "9.00")
    await priced(shop)
    await priced(shop, "20.00", number=south)
    for provider in TERMS:
        async with shop.db.write() as session:
            await markups.put(session, provider, Decimal(50), TERMS, by=BY, now=shop.time)
    assert (await rate(shop), (await waiting(shop) or ("",))[0]) == ("9.00", "12.00")
    async with shop.db.read() as session:
        found = await scheduled_prices.find(session, south)
    assert found is not None
    assert str(found.rate) == "20.00"


async def test_the_guard_reprices_at_once_and_what_was_announced_still_comes(shop: Shop) -> None:
    await priced(shop, "10.00")
    await priced(shop, "12.00")
    await synced(shop, "11.00", rule="reprice")
    assert (await rate(shop), (await waiting(shop) or ("",))[0]) == ("13.75", "12.00")
    await due(shop, hours=48)
    assert await rate(shop) == "12.00"


async def test_the_guard_hides_at_once_and_what_was_announced_brings_it_back(shop: Shop) -> None:
    await priced(shop, "10.00")
    await priced(shop, "12.00")
    await synced(shop, "11.00")
    async with shop.db.read() as session:
        assert await session.value(select(Service.on_sale).where(Service.id == await shop.service())) is False
    await due(shop, hours=48)
    async with shop.db.read() as session:
        assert await session.value(select(Service.on_sale).where(Service.id == await shop.service())) is True


async def test_what_is_hidden_or_withdrawn_meanwhile_has_its_price_when_it_is_back(shop: Shop) -> None:
    number = await shop.service()
    await priced(shop, "12.00")
    async with shop.db.write() as session:
        await overrides.hide(session, number, hidden=True, now=shop.time)
        await stock.sync(
            session,
            "north",
            CATALOGUE["north"][1:],
            markup_percent=Decimal(25),
            exchange_rate=Decimal(1),
            policy=shop.policy,
            now=shop.time,
        )
    await due(shop, hours=48)
    assert [code for _, code, _ in await logged(shop)] == ["price-came"]
    await synced(shop, "8.00")
    async with shop.db.write() as session:
        await overrides.hide(session, number, hidden=False, now=shop.time)
    assert await rate(shop) == "12.00"
    assert (await heard(shop))[-1][1:] == ("12", AT_ONCE)


async def test_of_several_processes_one_puts_it_in_force(shop: Shop, database_url: str) -> None:
    await priced(shop, "12.00")
    shop.wait(hours=48)
    async with owners(shop, database_url) as workers:
        await asyncio.gather(*(jobs.reprice(at_work(worker)) for worker in workers * 2))
    assert [code for _, code, _ in await logged(shop)] == ["price-came"]
    assert len(await heard(shop)) == 2
