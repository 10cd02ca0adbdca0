"""Markups told ahead: one that raises a price comes after its notice, once, or not at all; sites hear of it before."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from bot import jobs
from services import actions, coming_markups, coming_prices, markups, overrides, scheduled_markups, stock
from services.coming_markups import Coming
from services.db import Database
from services.errors import TermsMoved
from services.markups import Effect, InForce
from services.models import Service
from services.money import Money
from services.policy import Policy
from services.scheduled_markups import Scheduled
from services.service_news import CHANGED
from tests import reselling
from tests.services.test_concurrency import owners
from tests.services.test_jobs import at_work
from tests.shop import ADMIN, CATALOGUE, MIA, Shop, offered, open_shop
from tests.statements import watched

OMAR = 1002
BY, OTHER = actions.by(ADMIN), actions.by(9002)
TERMS = {"north": Decimal(25), "south": Decimal(25)}
NOTICE, AT_ONCE = timedelta(hours=48), timedelta(0)
BEFORE, AFTER = ["10.00", "2.50", "0.125"], ["12.00", "3.00", "0.15"]
"""What north's services are sold at, at 25 % and at 50 %."""


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """Mia sells on in the tier gold, 10 % off, Omar in none; both have sites that listen."""
    async with open_shop(db) as opened:
        await reselling.two_listen(db, opened.time, MIA, OMAR)
        yield opened


async def marked_up(
    shop: Shop, percent: str | None, *, notice: timedelta = NOTICE, terms: dict[str, Decimal] = TERMS, by: str = BY
) -> tuple[Effect, datetime]:
    async with shop.db.write() as session:
        chosen = None if percent is None else Decimal(percent)
        return await coming_markups.put(session, "north", chosen, terms, notice=notice, by=by, now=shop.time)


async def due(shop: Shop, *, providers: frozenset[str] = frozenset(TERMS), **later: float) -> None:
    """Let time pass, then do what the job does."""
    shop.wait(**later)
    at = at_work(shop)
    panels = {
        name: terms.model_copy(update={"markup_percent": TERMS[name]})
        for name, terms in at.settings.providers.items()
        if name in providers
    }
    await jobs.reprice(replace(at, settings=at.settings.model_copy(update={"providers": panels})))


async def synced(shop: Shop, cost: str, *, policy: Policy | None = None) -> None:
    """North asks this for its first service from now on."""
    async with shop.db.write() as session:
        await stock.sync(
            session,
            "north",
            [offered("1", "Instagram Likes", "A", cost), *CATALOGUE["north"][1:]],
            markup_percent=Decimal(25),
            exchange_rate=Decimal(1),
            policy=policy or shop.policy,
            now=shop.time,
        )


async def rates(shop: Shop) -> list[str]:
    async with shop.db.read() as session:
        found = await session.values(select(Service.rate).where(Service.provider == "north").order_by(Service.id))
    return [str(rate) for rate in found]


async def waiting(shop: Shop) -> Scheduled | None:
    async with shop.db.read() as session:
        return await scheduled_markups.find(session, "north")


async def mark(shop: Shop) -> int:
    found = await waiting(shop)
    assert found is not None
    return found.mark


async def standing(shop: Shop) -> InForce:
    async with shop.db.read() as session:
        return (await markups.in_force(session, TERMS))[0]


async def heard(shop: Shop, user_id: int = OMAR, *, since: int = 0) -> list[tuple[int, str, str, timedelta]]:
    """What this reseller's site was told: service, the rate before, the rate, and in how long it is in force."""
    found = [
        (
            each["service"],
            each["rate_before"],
            each["rate"],
            datetime.fromisoformat(data["effective_at"]) - datetime.fromisoformat(data["at"]),
        )
        for data in await reselling.told(shop.db, user_id, CHANGED)
        for each in data["services"]
    ]
    return found[since:]


async def logged(shop: Shop) -> list[tuple[str, str, dict[str, object]]]:
    async with shop.db.read() as session:
        found = await actions.history(session, limit=10, subject="provider:north")
    return [(each.actor, each.code, dict(each.detail)) for each in found]


async def numbers(shop: Shop) -> list[int]:
    return [await shop.service("north", external_id) for external_id in ("1", "3", "9")]


async def test_without_a_notice_a_markup_is_in_force_at_once(shop: Shop) -> None:
    effect, moment = await marked_up(shop, "50", notice=AT_ONCE)
    assert (effect.changed, effect.raises, moment) == (3, True, shop.time)
    assert (await rates(shop), await waiting(shop)) == (AFTER, None)
    assert {pause for *_, pause in await heard(shop)} == {AT_ONCE}


async def test_one_that_raises_prices_waits_and_sites_hear_their_own_of_it_with_its_moment(shop: Shop) -> None:
    effect, moment = await marked_up(shop, "50")
    assert effect == Effect(Decimal(25), Decimal(50), 3, 0, Decimal("20.0"), Decimal("20.0"), raises=True)
    assert moment == shop.time + NOTICE
    assert await rates(shop) == BEFORE
    found = Scheduled("north", Decimal(50), Decimal(50), moment, BY, shop.time)
    assert await standing(shop) == InForce("north", Decimal(25), Decimal(25), None, None, 0, found)
    one, three, nine = await numbers(shop)
    assert await heard(shop) == [
        (one, "10", "12", NOTICE),
        (three, "2.5", "3", NOTICE),
        (nine, "0.125", "0.15", NOTICE),
    ]
    assert await heard(shop, MIA) == [
        (one, "9", "10.8", NOTICE),
        (three, "2.25", "2.7", NOTICE),
        (nine, "0.1125", "0.135", NOTICE),
    ]


async def test_a_rise_too_small_to_be_told_in_percent_waits_too(shop: Shop) -> None:
    effect, moment = await marked_up(shop, "25.01")
    assert (effect.most, effect.raises, moment) == (Decimal("0.0"), True, shop.time + NOTICE)
    assert await rates(shop) == BEFORE


async def test_services_with_a_price_of_their_own_are_told_of_nothing(shop: Shop) -> None:
    """A price, a markup, or a price that waits: each is what its service is sold at, whatever its panel's markup."""
    one, three, nine = await numbers(shop)
    async with shop.db.write() as session:
        await overrides.reprice(session, one, rate=Money.parse("10"), markups=TERMS, now=shop.time)
        await overrides.reprice(session, three, percent=Decimal(25), markups=TERMS, now=shop.time)
        await coming_prices.put(
            session, nine, rate=Money.parse("0.20"), markups=TERMS, notice=NOTICE, by=BY, now=shop.time
        )
    before = len(await heard(shop))
    await marked_up(shop, "50")
    assert await heard(shop, since=before) == []
    await due(shop, hours=48)
    assert await rates(shop) == ["10.00", "2.50", "0.20"]


async def test_a_service_that_is_given_or_loses_a_price_of_its_own_meanwhile_is_told_anew(shop: Shop) -> None:
    """Though its present rate is the same all the while."""
    one = await shop.service()
    await marked_up(shop, "50")
    shop.wait(hours=1)
    told = len(await heard(shop))
    async with shop.db.write() as session:
        await overrides.reprice(session, one, rate=Money.parse("10"), markups=TERMS, now=shop.time)
    assert await heard(shop, since=told) == [(one, "10", "10", AT_ONCE)]
    async with shop.db.write() as session:
        await overrides.reprice(session, one, markups=TERMS, now=shop.time)
    assert await heard(shop, since=told + 1) == [(one, "10", "12", NOTICE - timedelta(hours=1))]


async def test_what_could_not_be_counted_then_is_told_nothing_of(shop: Shop) -> None:
    dear = offered("77", "YouTube Views", "A", "999999999", max=2_000_000)
    await shop.stock("north", dear)
    number, told = await shop.service("north", "77"), len(await heard(shop))
    effect, _ = await marked_up(shop, "100000")
    assert effect.beyond == 1
    assert number not in {service for service, *_ in await heard(shop, since=told)}
    assert len(await heard(shop, since=told)) == 3


async def test_syncs_go_on_under_the_old_markup_and_sites_hear_what_it_comes_to_by_then(shop: Shop) -> None:
    one = await shop.service()
    await marked_up(shop, "50")
    told = len(await heard(shop))
    shop.wait(hours=24)
    await synced(shop, "8.80")
    assert await rates(shop) == ["11.00", *BEFORE[1:]]
    assert await heard(shop, since=told) == [(one, "10", "11", AT_ONCE), (one, "11", "13.2", NOTICE / 2)]
    await synced(shop, "8.80")
    assert len(await heard(shop)) == told + 2
    await due(shop, hours=24)
    assert await rates(shop) == ["13.20", *AFTER[1:]]


async def test_it_comes_once_when_it_is_due_and_the_log_says_who_set_it_and_when(shop: Shop) -> None:
    await marked_up(shop, "50.0")
    await due(shop, hours=47, minutes=59)
    assert (await rates(shop), await logged(shop)) == (BEFORE, [])
    for _ in range(2):
        await due(shop, minutes=1)
    assert (await rates(shop), await waiting(shop)) == (AFTER, None)
    came = datetime.fromisoformat("2026-05-06T12:00:00+00:00")
    assert await standing(shop) == InForce("north", Decimal(50), Decimal(25), BY, came, 0)
    detail = {"provider": "north", "set": "2026-05-04 12:00", "old": "25", "new": "50", "changed": 3}
    assert await logged(shop) == [(BY, "markup-came", detail)]
    one = await shop.service()
    assert [told for told in await heard(shop, MIA) if told[0] == one] == [
        (one, "9", "10.8", NOTICE),
        (one, "9", "10.8", AT_ONCE),
    ]


async def test_the_settings_markup_comes_back_after_its_notice(shop: Shop) -> None:
    await marked_up(shop, "10", notice=AT_ONCE)
    effect, moment = await marked_up(shop, None)
    assert (effect.new, await waiting(shop)) == (
        Decimal(25),
        Scheduled("north", None, Decimal(25), moment, BY, shop.time),
    )
    one, told = await shop.service(), await heard(shop, since=3)
    assert told[0] == (one, "8.8", "10", NOTICE)
    await due(shop, hours=48)
    assert await rates(shop) == BEFORE
    assert (await standing(shop)).set_by is None


async def test_what_is_called_off_never_comes_and_sites_hear_that_the_rates_stay(shop: Shop) -> None:
    _, moment = await marked_up(shop, "50")
    announced = await mark(shop)
    shop.wait(hours=1)
    async with shop.db.write() as session:
        left = await coming_markups.call_off(session, "north", TERMS, mark=announced, now=shop.time)
    assert left == Coming(Decimal(25), Decimal(50), moment)
    one, three, nine = await numbers(shop)
    assert await heard(shop, MIA, since=3) == [
        (one, "9", "9", AT_ONCE),
        (three, "2.25", "2.25", AT_ONCE),
        (nine, "0.1125", "0.1125", AT_ONCE),
    ]
    await due(shop, hours=48)
    assert (await rates(shop), len(await heard(shop)), await logged(shop)) == (BEFORE, 6, [])


async def test_what_is_hastened_is_in_force_at_once_and_does_not_come_again(shop: Shop) -> None:
    await marked_up(shop, "50")
    announced = await mark(shop)
    shop.wait(hours=1)
    async with shop.db.write() as session:
        effect = await coming_markups.hasten(session, "north", TERMS, mark=announced, now=shop.time)
    assert (effect.changed, await rates(shop), (await standing(shop)).set_by) == (3, AFTER, BY)
    assert {pause for *_, pause in await heard(shop, since=3)} == {AT_ONCE}
    await due(shop, hours=48)
    assert (len(await heard(shop)), await logged(shop)) == (6, [])


async def test_the_later_of_two_that_wait_takes_the_place_of_the_first(shop: Shop) -> None:
    await marked_up(shop, "50")
    shop.wait(hours=47)
    await marked_up(shop, "100", by=OTHER)
    one = await shop.service()
    assert [told for told in await heard(shop) if told[0] == one] == [
        (one, "10", "12", NOTICE),
        (one, "10", "16", NOTICE),
    ]
    await due(shop, hours=47)
    assert await rates(shop) == BEFORE
    await due(shop, hours=1)
    assert (await rates(shop))[0] == "16.00"
    assert [(by, code) for by, code, _ in await logged(shop)] == [(OTHER, "markup-came")]


@pytest.mark.parametrize(("percent", "then"), [("10", "8.8"), ("25", "10"), (None, "10")])
async def test_one_that_raises_nothing_is_in_force_at_once_instead_of_what_waited(
    shop: Shop, percent: str | None, then: str
) -> None:
    await marked_up(shop, "50")
    shop.wait(hours=1)
    _, moment = await marked_up(shop, percent)
    assert (moment, await waiting(shop)) == (shop.time, None)
    assert (await heard(shop, since=3))[0] == (await shop.service(), "10", then, AT_ONCE)
    lower = await rates(shop)
    await due(shop, hours=48)
    assert (await rates(shop), len(await heard(shop)), await logged(shop)) == (lower, 6, [])


@pytest.mark.parametrize("now", ["replaced", "gone", "provider"])
async def test_a_tap_under_an_older_announcement_does_nothing_to_another(shop: Shop, now: str) -> None:
    await marked_up(shop, "50")
    seen, terms = await mark(shop), dict(TERMS)
    shop.wait(hours=1)
    if now == "provider":
        del terms["north"]
    else:
        await marked_up(shop, "60" if now == "replaced" else "20")
    before = await waiting(shop), await rates(shop)
    async with shop.db.write() as session:
        with pytest.raises(TermsMoved):
            await coming_markups.call_off(session, "north", terms, mark=seen, now=shop.time)
        with pytest.raises(TermsMoved):
            await coming_markups.hasten(session, "north", terms, mark=seen, now=shop.time)
    assert (await waiting(shop), await rates(shop)) == before


async def test_what_waits_for_a_panel_that_is_gone_from_the_settings_comes_when_it_is_back(shop: Shop) -> None:
    await marked_up(shop, "50")
    await due(shop, providers=frozenset({"south"}), hours=48)
    assert await rates(shop) == BEFORE
    await due(shop)
    assert await rates(shop) == AFTER


async def test_of_several_processes_one_puts_it_in_force(shop: Shop, database_url: str) -> None:
    await marked_up(shop, "50")
    shop.wait(hours=48)
    async with owners(shop, database_url) as workers:
        await asyncio.gather(*(jobs.reprice(at_work(worker)) for worker in workers * 2))
    assert [code for _, code, _ in await logged(shop)] == ["markup-came"]
    assert len(await heard(shop)) == 6


async def test_a_thousand_services_are_announced_in_as_many_statements_as_three(shop: Shop) -> None:
    async def statements(percent: str) -> int:
        with watched(shop.db) as seen:
            await marked_up(shop, percent)
        return len(seen)

    few = await statements("50")
    await shop.stock("north", *(offered(f"x{number}", "YouTube Views", "A", "1.00") for number in range(1000)))
    assert await statements("60") == few
