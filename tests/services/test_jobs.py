"""The jobs' runner: every job by itself, one run at a time, however the last one ended and whatever the clock does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apscheduler.executors.base
import apscheduler.schedulers.base
import apscheduler.triggers.interval
import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from bot import jobs
from bot.jobs import Job
from bot.runner import Runner, Running
from bot.settings import Settings
from services import backups, staff
from services.provider import Ambiguous, PanelClient
from services.roles import Role
from tests.shop import Shop

TICK = 0.05
SELDOM = 600.0


def at_work(shop: Shop, owner: str = "me") -> jobs.Shop:
    panels = {name: {"url": "https://panel.example/api/v2", "key": "scripted"} for name in shop.clients}
    settings = Settings(
        _env_file=None,
        bot_token="7000000001:" + "x" * 35,
        database_url=str(shop.db.url),
        providers=panels,
    )
    clock = jobs.Clock(shop.now)
    return jobs.Shop(shop.db, settings, shop.policy, shop.clients, owner, shop.now, lambda: None, clock)


@dataclass
class Work:
    """A job's function that counts its runs; a run `takes` so many seconds, or until `held` is opened."""

    takes: float = 0
    held: asyncio.Event | None = None
    ends: list[Exception | None] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    finished: int = 0
    at_once: int = 0

    async def __call__(self, shop: jobs.Shop) -> None:
        self.runs.append(" ".join(shop.providers))
        self.at_once += 1
        try:
            await asyncio.sleep(self.takes)
            if self.held is not None:
                await self.held.wait()
        finally:
            self.at_once -= 1
        if self.ends and (error := self.ends.pop(0)) is not None:
            raise error
        self.finished += 1


def job(work: Callable[[jobs.Shop], Awaitable[object]], period: float = TICK, **more: object) -> Job:
    return Job("work", lambda _settings: period, work, **more)  # type: ignore[arg-type]


@asynccontextmanager
async def running(shop: jobs.Shop, *table: Job) -> AsyncIterator[list[Running]]:
    """A runner at work on this table; it is stopped in the end, and must then come to its end."""
    runner = Runner(shop, table)
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(runner.run())
        yield runner.running
        runner.stop()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  another task makes it so
            await asyncio.sleep(0.01)


async def test_a_job_runs_at_the_start_and_again_after_each_period(shop: Shop) -> None:
    often, seldom = Work(), Work()
    async with running(at_work(shop), job(often), job(seldom, SELDOM)) as [first, second]:
        await until(lambda: often.finished >= 4)
    assert len(seldom.runs) == 1
    assert (first.failures, second.failures) == (0, 0)
    assert second.finished == shop.time


async def test_a_backup_that_fails_by_the_clock_is_tried_again_in_its_turn(shop: Shop, tmp_path: Path) -> None:
    """Not at once, and without end: a full disk would be written to all the time."""
    (tmp_path / "file").write_text("in the way")
    terms = {"backup_interval": 24, "backup_folder": tmp_path / "file"}
    at = at_work(shop)
    [line] = [job for job in jobs.JOBS if job.name == "backup"]
    async with running(replace(at, settings=at.settings.model_copy(update=terms)), line) as [one]:
        await until(lambda: one.runs > 0)
        await asyncio.sleep(4 * TICK)
        assert one.runs == 1
    async with shop.db.read() as session:
        assert [made.state for made in await backups.latest(session, 9)] == ["failed"]


async def test_each_run_knows_whom_alerts_go_to_by_then(shop: Shop) -> None:
    told: list[tuple[int, ...]] = []

    async def note(at: jobs.Shop) -> None:
        told.append(at.policy.admins)

    runner = Runner(at_work(shop), (Job("note", lambda _: SELDOM, note),))
    running = runner.running[0]
    await runner._once(running)
    async with shop.db.write() as session:
        await staff.grant(session, user_id=7, role=Role.MANAGER, actor="shell", owners=(), now=shop.now())
    await runner._once(running)
    assert told == [shop.policy.admins, tuple(sorted({*shop.policy.admins, 7}))]


async def test_a_clock_that_is_set_back_an_hour_stops_no_job(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shift = timedelta(0)

    class Wall(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + shift

    for module in (apscheduler.executors.base, apscheduler.schedulers.base, apscheduler.triggers.interval):
        monkeypatch.setattr(module, "datetime", Wall)
    work = Work()
    async with running(at_work(shop), job(work)):
        await until(lambda: work.finished >= 3)
        shift = timedelta(hours=-1)
        before = work.finished
        await until(lambda: work.finished >= before + 4)


async def test_one_run_at_a_time_and_the_ticks_meanwhile_are_made_up_once(shop: Shop) -> None:
    work = Work(held=asyncio.Event())
    assert work.held is not None
    async with running(at_work(shop), job(work, 0.2)):
        await asyncio.sleep(0.7)
        assert (len(work.runs), work.at_once) == (1, 1)
        work.held.set()
        await until(lambda: work.finished == 2)
        assert (len(work.runs), work.at_once) == (2, 0)


@pytest.mark.parametrize(
    ("error", "told"),
    [(ValueError("a defect"), "a job failed"), (Ambiguous("no answer"), "a provider is of no use just now")],
)
async def test_a_run_that_fails_is_told_and_counted_and_the_next_goes_on(
    shop: Shop, error: Exception, told: str
) -> None:
    work, other = Work(ends=[error]), Work()
    with capture_logs([merge_contextvars]) as lines:
        async with running(at_work(shop), job(work), job(other)) as [failed, well]:
            await until(lambda: work.finished >= 2 and other.finished >= 2)
    assert (failed.failures, well.failures) == (1, 0)
    assert failed.runs == len(work.runs)
    assert [(line["event"], line["job"]) for line in lines if line["log_level"] in ("warning", "error")] == [
        (told, "work")
    ]


async def test_a_slow_provider_holds_up_no_other(shop: Shop) -> None:
    slow, ran = asyncio.Event(), []

    async def ask(shop: jobs.Shop) -> None:
        [name] = shop.providers
        ran.append(name)
        if name == "north":
            await slow.wait()

    async with running(at_work(shop), job(ask, each=True)) as each:
        assert [one.name for one in each] == ["work:north", "work:south"]
        await until(lambda: ran.count("south") >= 3)
        assert ran.count("north") == 1
        slow.set()


async def test_a_commit_that_announces_work_has_it_done_at_once(shop: Shop) -> None:
    work = Work()
    async with running(at_work(shop), job(work, SELDOM, topic="submit")):
        await until(lambda: work.finished == 1)
        await shop.buy()
        await until(lambda: work.finished == 2)


async def test_of_several_processes_on_one_database_one_does_what_is_to_be_done_alone(shop: Shop) -> None:
    """On PostgreSQL; an SQLite file has one process, which asks nobody."""
    mine, theirs = Work(), Work()
    async with (
        running(at_work(shop), job(mine, alone=True)),
        running(at_work(shop, "them"), job(theirs, alone=True)) as [other],
    ):
        await until(lambda: mine.finished + theirs.finished >= 4 and other.runs >= 2)
    assert (0 in (mine.finished, theirs.finished)) is not shop.db.on_sqlite


async def test_what_was_done_alone_is_done_by_another_once_its_lease_has_lapsed(shop: Shop) -> None:
    gone, heir = Work(), Work()
    async with running(at_work(shop), job(gone, SELDOM, alone=True)):
        await until(lambda: gone.finished == 1)
    shop.wait(seconds=2 * SELDOM)
    async with running(at_work(shop, "heir"), job(heir, SELDOM, alone=True)):
        await until(lambda: heir.finished == 1)


async def test_a_stop_lets_the_run_under_way_end_and_begins_no_other(shop: Shop) -> None:
    work = Work(held=asyncio.Event())
    assert work.held is not None
    runner = Runner(at_work(shop), (job(work),))
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        running = group.create_task(runner.run())
        await until(lambda: work.at_once == 1)
        runner.stop()
        await asyncio.sleep(4 * TICK)
        assert not running.done()
        work.held.set()
    assert (len(work.runs), work.finished) == (1, 1)


async def test_the_catalogue_counts_as_stocked_once_every_provider_was_asked(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With or without success: a panel that is down keeps nobody waiting."""
    answers = asyncio.Event()

    async def services(client: PanelClient) -> list[object]:
        if client.name == "north":
            await answers.wait()
        raise Ambiguous("no answer")

    monkeypatch.setattr(PanelClient, "services", services)
    table = tuple(each for each in jobs.JOBS if each.function is jobs.sync)
    runner = Runner(at_work(shop), table)
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(runner.run())
        await until(lambda: any(each.runs for each in runner.running))
        assert not runner.stocked
        answers.set()
        await until(lambda: runner.stocked)
        runner.stop()
