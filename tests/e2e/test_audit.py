"""The audit in the whole process: the job, what it sets off, /healthz, and the command beside a running shop."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot import cli, jobs, runner
from bot.app import App
from bot.settings import Settings
from services import alarm, placing, switches
from services.audit import CHECKS
from services.db import Database
from services.migrations import triggers
from services.models import Audit, Notice
from tests.e2e.shop_app import Town, town
from tests.e2e.test_web import app_get, stocked, until
from tests.services.ruins import spoil
from tests.shop import ADMIN, Shop, open_shop

TOKEN = f"{424242}:{'x' * 35}"
BROKEN = "2: each balance equals its transfers"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        yield place


@pytest.fixture
async def shop(spare_db: Database) -> AsyncIterator[Shop]:
    async with open_shop(spare_db) as opened:
        yield opened


def settings(url: str) -> Settings:
    panels = {name: {"url": "https://panel.example/api/v2", "key": "scripted"} for name in ("north", "south")}
    admins = frozenset({ADMIN})
    return Settings(_env_file=None, bot_token=TOKEN, admin_ids=admins, database_url=url, providers=panels)


async def tampered(db: Database) -> None:
    """Money from one wallet into another, past the ledger; the guard is put back, so that only the books show it."""
    off = "DROP TRIGGER accounts_gate" if db.on_sqlite else "ALTER TABLE accounts DISABLE TRIGGER accounts_gate"
    back = triggers.guards("sqlite")["accounts_gate"]
    on = back if db.on_sqlite else "ALTER TABLE accounts ENABLE TRIGGER accounts_gate"
    await spoil(
        db,
        off,
        "UPDATE accounts SET balance = balance - 1000000 WHERE id = 'wallet:1001'",
        "UPDATE accounts SET balance = balance + 1000000 WHERE id = 'wallet:1002'",
        on,
    )


def at_work(shop: Shop) -> jobs.Shop:
    clock = jobs.Clock(shop.now)
    return jobs.Shop(shop.db, settings(str(shop.db.url)), shop.policy, {}, "test", shop.now, lambda: None, clock)


async def test_the_job_alerts_once_and_stops_sales_once(shop: Shop) -> None:
    await jobs.examine(at_work(shop))
    assert await shop.heard(ADMIN) == []
    await tampered(shop.db)
    for _ in range(3):
        shop.wait(hours=1)
        await jobs.examine(at_work(shop))
    assert len(await shop.heard(ADMIN)) == 1
    async with shop.db.read() as session:
        [turn] = await switches.history(session, switches.SALES, limit=9)
        assert turn.reason == BROKEN
        assert await session.value(select(func.count(Audit.id))) == 4
        verdict = await alarm.last(session)
    assert verdict is not None
    assert [dict(row) for row in verdict.breaches[0].rows] == [
        {"account": "wallet:1001", "difference": "-1.00"},
        {"account": "wallet:1002", "difference": "1.00"},
    ]


async def test_what_a_standstill_left_late_is_swept_up_before_it_is_judged(shop: Shop) -> None:
    """A sender that died and a process that was down for a day are no breach."""
    await shop.buy(1000)
    async with shop.db.write() as session:
        await placing.claim(session, client=shop.clients["north"], policy=shop.policy, owner="dead", now=shop.time)
    shop.wait(hours=23)
    await jobs.examine(at_work(shop))
    shop.wait(hours=30)
    await jobs.examine(at_work(shop))
    async with shop.db.read() as session:
        assert await switches.history(session, switches.SALES, limit=1) == []
    assert await shop.balance() == "25.00"


async def test_the_purge_forgets_old_audits(shop: Shop) -> None:
    for _ in range(2):
        await jobs.examine(at_work(shop))
        shop.wait(seconds=(jobs.AUDITS_KEPT + timedelta(hours=1)).total_seconds())
    await jobs.purge(at_work(shop))
    async with shop.db.read() as session:
        assert await session.value(select(func.count(Audit.id))) == 1


def audit_job(app: App) -> runner.Running:
    return next(running for running in app.jobs.running if running.name == "audit")


async def audited_again(app: App) -> None:
    job = audit_job(app)
    runs = job.runs
    job.due.set()
    async with asyncio.timeout(10):
        while job.runs == runs:  # noqa: ASYNC110  what is waited for is a count
            await asyncio.sleep(0.01)


async def test_a_breach_closes_the_till_of_a_running_shop_until_an_admin_opens_it(here: Town) -> None:
    """From the tampered row to the admin's chat, /healthz, the refused customer, and back."""
    mia, ada = here.mia, here.people[ADMIN]
    async with here.shop() as app:
        await until(lambda: stocked(app))
        await mia.say("/start")
        await mia.reads("Balance")
        await ada.say("/start")
        await ada.reads("Balance")
        await audited_again(app)
        health = (await app_get(app, "/healthz")).json()
        assert (health["status"], health["sales"], health["breaches"]) == ("ok", "on", [])
        assert health["audited_at"]
        await ada.say("/credit 1001 5.00")
        await ada.reads("put into the wallet")
        await ada.say(f"/credit {ADMIN} 5.00")
        await ada.reads("Balance now: $5.00")
        async with here.database() as db:
            await spoil(
                db,
                "DROP TRIGGER accounts_gate",
                "UPDATE accounts SET balance = balance - 1000000 WHERE id = 'wallet:1001'",
            )
        await audited_again(app)
        await ada.reads(
            "The books are not as they must be: sales are stopped", "account wallet:1001 · difference -1.00"
        )
        answer = await app_get(app, "/healthz")
        assert answer.status_code == 200, "a restart would mend nothing and stop the refunds as well"
        assert answer.json()["status"] == "breach"
        assert answer.json()["sales"] == "stopped"
        assert BROKEN in answer.json()["breaches"]
        assert "1001" not in answer.text, "nobody's id"
        metrics = (await app_get(app, "/metrics")).text
        assert "\nshop_sales_on 0\n" in metrics
        assert "\nshop_audit_breaches 3\n" in metrics
        await mia.say("/sales on please")
        await mia.reads("I did not understand")
        await ada.say("/sales on looked into it")
        await ada.reads("Sales go on")
        await audited_again(app)
        told = (await app_get(app, "/healthz")).json()
        assert (told["status"], told["sales"]) == ("breach", "on")
        assert "\nshop_sales_on 1\n" in (await app_get(app, "/metrics")).text
        async with app.db.read() as session:
            alerts = select(func.count(Notice.id)).where(Notice.key.like("alert:audit:%"))
            assert await session.value(alerts) == 3


async def test_healthz_answers_without_a_database(here: Town) -> None:
    async with here.shop() as app:
        await until(lambda: stocked(app))
        await spoil(app.db, "ALTER TABLE audits RENAME TO away")
        answer = await app_get(app, "/healthz")
        assert (answer.status_code, answer.json()) == (200, {"status": "unknown"})
        await spoil(app.db, "ALTER TABLE away RENAME TO audits")


async def test_the_command_says_ok_for_each_invariant(
    shop: Shop, spare_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await shop.placed(1000)
    capsys.readouterr()
    assert await cli.audit(settings(spare_url)) == cli.OK
    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert lines[:-1] == [f"ok      {each.invariant.name}" for each in CHECKS]
    assert (lines[-1], told.err) == ("All 15 hold.", "")


async def test_the_command_fails_and_names_the_broken_rows(
    shop: Shop, spare_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await tampered(shop.db)
    assert await cli.audit(settings(spare_url)) == cli.FAILED
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("BROKEN  each balance equals its transfers")
    assert lines[at + 1 : at + 3] == [
        "        account wallet:1001 · difference -1.00",
        "        account wallet:1002 · difference 1.00",
    ]
    assert lines[-1] == "1 of 15 are broken."
    assert len([line for line in lines if line.startswith("ok ")]) == 14


async def test_the_command_works_beside_a_running_shop_and_changes_nothing(
    here: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """It neither takes the file's lock nor waits for a writer."""
    async with here.shop() as app:
        await until(lambda: stocked(app))
        capsys.readouterr()
        async with app.db.write(), asyncio.timeout(8):
            assert await cli.audit(here.settings()) == cli.OK
        assert "All 15 hold.\n" in capsys.readouterr().out


async def test_a_database_that_cannot_be_audited_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its exit code is another than a breach's, and nothing is made where nothing was."""
    missing = tmp_path / "none.db"
    assert await cli.audit(settings(f"sqlite:///{missing}")) == cli.REFUSED
    assert capsys.readouterr().err == f"There is no database at {missing}.\n"
    assert not missing.exists()
    missing.write_bytes(b"")
    assert await cli.audit(settings(f"sqlite:///{missing}")) == cli.REFUSED
    assert capsys.readouterr().err == "The database is empty: run `python -m bot migrate` first.\n"
    missing.write_bytes(b"not a database at all" * 500)
    assert await cli.audit(settings(f"sqlite:///{missing}")) == cli.REFUSED
    assert capsys.readouterr().err == "The database cannot be read: file is not a database.\n"


def test_the_command_needs_no_telegram() -> None:
    program = (
        "import asyncio, sys\n"
        "from bot import cli, settings\n"
        f"asyncio.run(cli.audit(settings.load(bot_token={json.dumps(TOKEN)}, database_url='sqlite:///none.db')))\n"
        "print({'aiogram', 'aiohttp', 'apscheduler', 'fluent'} & set(sys.modules))"
    )
    root = Path(cli.__file__).parents[1]
    ran = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"
