"""The jobs behind the alerts: what providers answered is remembered, late jobs are found, audits are run when asked."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot import jobs, upstream
from bot.jobs import Job, Late
from bot.runner import Runner
from bot.settings import Settings
from services import actions, auditing, lookout
from services.models import Audit, Provider
from services.notices import AdminAlert
from services.provider import ProviderError, Unavailable
from services.staff_notices import Audited
from tests.shop import ADMIN, LINK, Shop

SELDOM = 600.0


def at_work(shop: Shop, owner: str = "me") -> jobs.Shop:
    panels = {name: {"url": f"https://{name}.example/api/v2", "key": "scripted"} for name in shop.clients}
    settings = Settings(_env_file=None, bot_token="7000000001:" + "x" * 35, providers=panels)
    return jobs.Shop(shop.db, settings, shop.policy, shop.clients, owner, shop.now, lambda: None, jobs.Clock(shop.now))


async def nothing(shop: jobs.Shop) -> None:
    """A job without work."""


async def broken(shop: jobs.Shop) -> None:
    raise RuntimeError


async def useless(shop: jobs.Shop) -> None:
    raise Unavailable("a page of HTML")


def job(name: str, function: object, period: float = SELDOM, **more: bool) -> Job:
    return Job(name, lambda _settings: period, function, **more)  # type: ignore[arg-type]


async def run_once(runner: Runner) -> None:
    """Every job of the table, once."""
    before = [running.runs for running in runner.running]
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(runner.run())
        while any(  # noqa: ASYNC110  another task makes it so
            running.runs == was for running, was in zip(runner.running, before, strict=True)
        ):
            await asyncio.sleep(0.01)
        runner.stop()


async def test_a_job_that_only_fails_is_late_after_three_periods_and_no_other_is(shop: Shop) -> None:
    table = (job("good", nothing), job("bad", broken), job("away", useless))
    runner, began = Runner(at_work(shop), table), shop.time
    shop.wait(seconds=SELDOM)
    await run_once(runner)
    shop.wait(seconds=2 * SELDOM)
    assert runner.late() == []
    shop.wait(seconds=1)
    assert runner.late() == [Late("bad", began)]
    shop.wait(seconds=SELDOM)
    assert [late.name for late in runner.late()] == ["good", "bad", "away"]


async def test_a_job_with_a_short_period_has_five_minutes(shop: Shop) -> None:
    runner = Runner(at_work(shop), (job("quick", nothing, 2.0),))
    shop.wait(minutes=5)
    assert runner.late() == []
    shop.wait(seconds=1)
    assert [late.name for late in runner.late()] == ["quick"]


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_what_another_process_does_is_not_late_here(shop: Shop) -> None:
    first, second = (Runner(at_work(shop, owner), (job("alone", nothing, alone=True),)) for owner in ("me", "you"))
    shop.wait(seconds=2 * SELDOM)
    await run_once(first)
    await run_once(second)
    shop.wait(seconds=2 * SELDOM)
    assert second.running[0].finished is None
    assert second.late() == []


async def test_a_late_job_is_told_to_the_staff_once(shop: Shop) -> None:
    runner = Runner(at_work(shop), (job("sync:north", broken),))
    shop.wait(hours=1)
    work = runner.running[0].shop
    for _ in range(2):
        await jobs.alarms(work)
    told = [notice for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)]
    assert [(alert.code, alert.facts["job"]) for alert in told] == [("job-late", "sync:north")]
    assert told[0].facts["no good end since"] == "2026-05-04 12:00 UTC"


async def test_the_alarms_know_where_a_provider_is_reached(shop: Shop) -> None:
    async with shop.db.write() as write:
        await write.run(write.insert(Provider).values(name="north", failing="key", failing_since=shop.time))
    await jobs.alarms(at_work(shop))
    [told] = [notice for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)]
    assert told.site == "https://north.example/"


async def failing(shop: Shop) -> tuple[str | None, datetime | None]:
    async with shop.db.read() as read:
        row = await read.first(select(Provider.failing, Provider.failing_since).where(Provider.name == "north"))
    assert row is not None
    return row.failing, row.failing_since


async def weigh(shop: Shop, answer: object) -> None:
    shop.north.balances = [answer]
    try:
        await upstream.weigh(shop.db, shop.clients["north"], shop.now)
    except ProviderError:
        return


async def test_since_when_a_provider_fails_is_remembered_until_it_answers(shop: Shop) -> None:
    began = shop.time
    good, html, no_key = {"balance": "1.00", "currency": "USD"}, "<html>", {"error": "Invalid API key"}
    await weigh(shop, good)
    assert await failing(shop) == (None, None)
    for answer, state in (
        (html, ("silent", began + timedelta(minutes=1))),
        (html, ("silent", began + timedelta(minutes=1))),
        (no_key, ("key", began + timedelta(minutes=3))),
        (no_key, ("key", began + timedelta(minutes=3))),
        (good, (None, None)),
        (html, ("silent", began + timedelta(minutes=6))),
    ):
        shop.wait(minutes=1)
        await weigh(shop, answer)
        assert await failing(shop) == state


async def test_an_audit_that_was_asked_for_is_run_at_once_and_no_other(shop: Shop) -> None:
    work = at_work(shop)
    await jobs.examine_asked(work)
    async with shop.db.write() as write:
        assert await write.value(select(Audit.id)) is None
        await actions.record(
            write,
            key="tap:1",
            actor=actions.by(ADMIN),
            code="audit",
            subject=auditing.SUBJECT,
            detail={"chat": ADMIN, "message": 5},
            now=shop.time,
        )
    for _ in range(2):
        await jobs.examine_asked(work)
    assert await shop.heard(ADMIN) == [Audited(shop.time.isoformat(), [])]
    async with shop.db.read() as read:
        assert len(await read.values(select(Audit.id))) == 1


@pytest.mark.parametrize(
    "said",
    [(502, "Bad Gateway"), (200, "<html>"), (200, '{"error": "Too many requests"}'), (200, '{"error": "bad key"}')],
)
async def test_a_provider_that_says_nothing_about_orders_alone_is_told_until_it_does(
    shop: Shop, said: tuple[int, str]
) -> None:
    await shop.placed(100)
    await shop.placed(100, f"{LINK}2")
    work = at_work(shop)
    work = replace(work, providers={"north": work.providers["north"]})

    async def hour() -> list[str]:
        shop.wait(hours=1)
        await jobs.poll(work)
        await jobs.weigh(work)
        await jobs.alarms(work)
        async with shop.db.read() as read:
            return [warned.code for warned in await lookout.standing(read) if warned.code != "outbox-late"]

    assert await hour() == []
    shop.north.raw_status = said
    assert await hour() == [], "not for one answer"
    assert [await hour(), await hour()] == [["statuses-mute"]] * 2
    alerts = [notice for notice in await shop.heard(ADMIN) if isinstance(notice, AdminAlert)]
    [told] = [alert for alert in alerts if alert.code != "outbox-late"]
    assert (told.code, told.facts) == ("statuses-mute", {"provider": "north", "since": "2026-05-04 14:00 UTC"})
    assert told.site == "https://north.example/"
    shop.north.raw_status = None
    assert await hour() == []


async def test_a_provider_that_is_down_altogether_is_told_of_once(shop: Shop) -> None:
    work = at_work(shop)
    work.providers["north"].mute_since = shop.time
    async with shop.db.write() as write:
        await write.run(write.insert(Provider).values(name="north", failing="silent", failing_since=shop.time))
    shop.wait(hours=1)
    await jobs.alarms(work)
    async with shop.db.read() as read:
        assert [warned.code for warned in await lookout.standing(read)] == ["provider-down"]
