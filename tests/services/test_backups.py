"""Backups: whole, looked through, sealed, told to the owners; what fails says why, and the shop goes on meanwhile."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import OperationalError

from services import backups, sealing, snapshots, staff
from services.backup_notices import BackupNotice
from services.backups import Made, Terms
from services.db import Database
from services.models import Backup, Notice
from services.roles import Role
from tests.shop import ADMIN, Shop, open_shop

PASSPHRASE = "a passphrase of the tests"
HOUR = timedelta(hours=1)


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """A shop whose books a test may spoil: nothing is audited at its end."""
    async with open_shop(db) as opened:
        yield opened


@pytest.fixture
def terms(tmp_path: Path) -> Terms:
    return Terms(tmp_path / "backups", 2, PASSPHRASE)


async def asked(shop: Shop, key: str = "tap:1", asked_by: str = "admin:9001") -> bool:
    async with shop.db.write() as session:
        return await backups.ask(session, key=key, asked_by=asked_by, now=shop.time)


async def worked(shop: Shop, terms: Terms) -> Made | None:
    return await backups.work(shop.db, terms, shop.policy, {ADMIN}, shop.now)


async def backed_up(shop: Shop, terms: Terms, key: str = "tap:1", asked_by: str = "admin:9001") -> Made:
    assert await asked(shop, key, asked_by)
    made = await worked(shop, terms)
    assert made is not None
    return made


def measured(file: Path) -> tuple[int, int]:
    """Its size, and who may read it."""
    known = file.stat()
    return known.st_size, known.st_mode & 0o777


async def timed(shop: Shop) -> None:
    async with shop.db.write() as session:
        await backups.ask_in_time(session, HOUR, shop.time)


async def states(shop: Shop) -> list[str]:
    async with shop.db.read() as session:
        return [made.state for made in await backups.latest(session, 100)]


# What it holds


async def test_a_backup_is_looked_through_sealed_kept_and_told_to_the_owners(shop: Shop, terms: Terms) -> None:
    async with shop.db.write() as session:
        for one, role in ((9002, Role.OWNER), (9003, Role.MANAGER)):
            await staff.grant(session, user_id=one, role=role, actor="shell", owners={ADMIN}, now=shop.time)
    await shop.completed()
    made = await backed_up(shop, terms)
    file = Path(made.file or "")
    assert made.state == "kept"
    assert made.detail["holds"] == {"people": 2, "orders": 1, "transfers": 3, "checks": 15}
    assert file.parent == terms.folder
    assert file.name == f"shop-{shop.time:%Y%m%d-%H%M%S}-1.sealed"
    assert (made.size, 0o600) == measured(file)
    assert [each.name for each in terms.folder.iterdir()] == [file.name], "nothing half-made is left"
    sealing.unseal(file, terms.folder / "opened", PASSPHRASE)
    begins = snapshots.SQLITE if shop.db.on_sqlite else snapshots.POSTGRES
    assert (terms.folder / "opened").read_bytes().startswith(begins)
    [told] = await shop.heard(ADMIN)
    assert told == backups.notice(made)
    assert isinstance(told, BackupNotice)
    assert told.document
    assert await shop.heard(9002) == [told]
    assert await shop.heard(9003) == []


async def test_without_a_passphrase_it_is_not_sealed_and_goes_nowhere(shop: Shop, terms: Terms) -> None:
    made = await backed_up(shop, Terms(terms.folder, 2))
    assert made.state == "kept"
    assert not backups.notice(made).document
    file = Path(made.file or "")
    assert file.suffix == (".db" if shop.db.on_sqlite else ".dump")
    assert not sealing.is_sealed(file)


async def test_one_that_is_too_large_for_telegram_stays_on_the_machine(shop: Shop, terms: Terms) -> None:
    made = await backed_up(shop, terms)
    large = Made(made.id, made.at, made.state, made.file, backups.SENT_UP_TO + 1, made.detail)
    assert backups.notice(made).document
    assert not backups.notice(large).document


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_the_copy_is_one_file_with_everything_and_knows_when_it_was_taken(shop: Shop, terms: Terms) -> None:
    await shop.placed()
    made = await backed_up(shop, Terms(terms.folder, 2))
    copy = Database(f"sqlite:///{made.file}")
    async with copy.read() as session:
        assert await backups.taken_at(session) == shop.time
    await copy.close()
    async with shop.db.read() as session:
        assert await backups.taken_at(session) is None
    assert [each.name for each in terms.folder.iterdir()] == [Path(made.file or "").name]


async def test_books_that_do_not_hold_are_kept_but_not_called_good(shop: Shop, terms: Terms) -> None:
    await shop.completed()
    async with shop.db.write() as session:
        await session.run(delete(Notice))
    made = await backed_up(shop, terms)
    assert made.state == "broken"
    assert made.detail["broken"] == ["12: each change has its event, each closing its notice"]
    [told] = await shop.heard(ADMIN)
    assert isinstance(told, BackupNotice)
    assert not told.document
    assert [each.name for each in terms.folder.iterdir()] == [Path(made.file or "").name]


async def test_a_shop_that_stood_still_is_not_broken_for_what_is_late_since(shop: Shop, terms: Terms) -> None:
    await shop.buy()
    shop.wait(days=2)
    made = await backed_up(shop, terms)
    assert made.state == "kept"


# Asked for once, by hand and by the clock


async def test_one_is_made_at_a_time_and_one_tap_makes_one(shop: Shop, terms: Terms) -> None:
    assert await worked(shop, terms) is None
    assert await asked(shop, "tap:1")
    assert not await asked(shop, "tap:2"), "one is asked for already"
    await worked(shop, terms)
    assert not await asked(shop, "tap:1"), "the same tap, handed in again"
    assert await asked(shop, "tap:2")
    assert await states(shop) == ["asked", "kept"]


async def test_the_clock_asks_when_the_last_one_is_long_ago(shop: Shop, terms: Terms) -> None:
    await timed(shop)
    await timed(shop)
    assert await states(shop) == ["asked"]
    await worked(shop, terms)
    shop.wait(minutes=59)
    await timed(shop)
    assert await states(shop) == ["kept"]
    shop.wait(minutes=2)
    await timed(shop)
    assert await states(shop) == ["asked", "kept"]


async def test_what_fails_by_the_clock_is_tried_again_and_told_once_a_day(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    nowhere = Terms(tmp_path / "file", 2)
    for _ in range(3):
        await timed(shop)
        made = await worked(shop, nowhere)
        assert made is not None
        assert (made.state, made.detail["reason"]) == ("failed", "file")
        shop.wait(minutes=30)
    assert len(await shop.heard(ADMIN)) == 1
    await backed_up(shop, nowhere, "tap:1")
    assert len(await shop.heard(ADMIN)) == 2, "whoever asks is told each time"
    shop.wait(days=1)
    await timed(shop)
    await worked(shop, nowhere)
    assert len(await shop.heard(ADMIN)) == 3


async def test_the_last_ones_of_each_kind_are_kept(shop: Shop, terms: Terms) -> None:
    for number in range(4):
        await backed_up(shop, terms, f"tap:{number}")
        shop.wait(seconds=1)
    assert await states(shop) == ["kept", "kept", "gone", "gone"]
    assert len(list(terms.folder.iterdir())) == 2
    await shop.completed()
    async with shop.db.write() as session:
        await session.run(delete(Notice))
    for number in range(3):
        await backed_up(shop, terms, f"broken:{number}")
        shop.wait(seconds=1)
    assert await states(shop) == ["broken", "broken", "gone", "kept", "kept", "gone", "gone"]
    assert len(list(terms.folder.iterdir())) == 4


async def test_what_a_dead_process_left_half_made_has_failed_and_is_taken_away(shop: Shop, terms: Terms) -> None:
    await asked(shop)
    async with shop.db.write() as session:
        await session.run(update(Backup).values(state="making"))
    left, fresh = terms.folder / ".making-old", terms.folder / ".making-new"
    for folder in (left, fresh):
        folder.mkdir(parents=True)
    os.utime(left, (0, 0))
    shop.time = datetime.now(shop.time.tzinfo)
    made = await backed_up(shop, terms, "tap:2")
    assert made.state == "kept"
    assert await states(shop) == ["kept", "failed"]
    assert not left.exists()
    assert fresh.exists()
    failed, _ = await shop.heard(ADMIN)
    assert isinstance(failed, BackupNotice)
    assert failed.reason == "stopped"


# The shop goes on meanwhile


async def test_the_shop_works_while_a_backup_is_made(shop: Shop, terms: Terms, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes long waits here for the loop itself, and would wait for ever on it."""
    waited: list[str] = []

    def held(blocking: Callable[..., None]) -> Callable[..., None]:
        def step(*given: object) -> None:
            gate = threading.Event()
            loop.call_soon_threadsafe(gate.set)
            assert gate.wait(20)
            waited.append(blocking.__name__)
            blocking(*given)

        return step

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(sealing, "seal", held(sealing.seal))
    monkeypatch.setattr(snapshots, "of_sqlite", held(snapshots.of_sqlite))
    monkeypatch.setattr(snapshots, "alone", held(snapshots.alone))
    at_work = True
    async with shop.db.write() as session:
        await shop.credit(session, "9000.00", key="more")

    async def selling() -> int:
        count = 0
        while at_work:
            await shop.buy(100, link=f"https://www.instagram.com/p/n{count}")
            count += 1
        return count

    async with asyncio.TaskGroup() as group:
        sales = group.create_task(selling())
        made = await backed_up(shop, terms)
        at_work = False
    assert made.state == "kept", made.detail
    assert sales.result() > 0
    assert waited == (["of_sqlite", "alone", "alone", "seal"] if shop.db.on_sqlite else ["seal"])


# What goes wrong


async def test_a_database_of_another_revision_is_not_backed_up(spare_db: Database, terms: Terms) -> None:
    async with open_shop(spare_db) as shop:
        async with spare_db.writer.begin() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        made = await backed_up(shop, terms)
    assert (made.state, made.detail["reason"]) == ("failed", "revision")
    assert "revision 9999" in made.detail["said"]


async def test_a_database_that_does_not_answer_is_told(
    shop: Shop, terms: Terms, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise OperationalError("select", {}, Exception("the server  is\ngone"))

    monkeypatch.setattr(backups, "holding", away)
    made = await backed_up(shop, terms)
    assert made.detail == {"reason": "storage", "said": "the server is gone"}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_full_disk_leaves_no_half_file_and_the_next_one_is_good(
    shop: Shop, terms: Terms, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr(backups, "mkdtemp", lambda **_: full_workshop(terms.folder))
        made = await backed_up(shop, terms)
    assert (made.state, made.detail["reason"]) == ("failed", "disk")
    assert list(terms.folder.iterdir()) == []
    assert (await backed_up(shop, terms, "tap:2")).state == "kept"


def full_workshop(folder: Path) -> str:
    """A workshop in which whatever is sealed goes to a device that is full."""
    workshop = folder / "workshop"
    workshop.mkdir()
    (workshop / "sealed").symlink_to("/dev/full")
    return str(workshop)
