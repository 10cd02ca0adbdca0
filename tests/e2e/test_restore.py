"""The drill: a shop is backed up, lost and brought back; it passes the audit and sends nothing again."""

import asyncio
import errno
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select, text, update

from bot import cli, rebuilding
from bot.sandbox.panel import story_link
from bot.sandbox.shop import ShopProcess
from bot.settings import Settings
from services import sealing, snapshots
from services.db import Database
from services.models import Order, Restore, Transfer, User
from tests import factories
from tests.conftest import NOW
from tests.e2e.shop_app import Town, town
from tests.e2e.test_cli import ordered

ADMIN = 9001
PASSPHRASE = "a passphrase of the tests"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        yield place


@pytest.fixture
def settings(here: Town, spare_url: str) -> Settings:
    """Of a shop on either engine, in a place of its own."""
    url = f"sqlite:///{here.folder / 'shop.db'}" if spare_url.startswith("sqlite") else spare_url
    return here.settings(
        database_url=url, backup_folder=here.folder / "backups", backup_passphrase=PASSPHRASE, undo_seconds=0
    )


async def backed_up(settings: Settings) -> str:
    """The file of a backup made now."""
    assert await cli.backup(settings) == cli.OK
    folder = settings.backups.folder
    return str(await asyncio.to_thread(lambda: max(folder.glob("shop-*"), key=lambda file: file.stat().st_mtime_ns)))


async def restored(settings: Settings, file: str, *, over: bool = False, unsound: bool = False) -> int:
    return await cli.restore(settings, file, over=over, unsound=unsound, done=False)


async def stocked(settings: Settings) -> None:
    """A shop with a person who has money, whose books hold."""
    await cli.migrate(settings)
    db = Database(settings.database_url.get_secret_value())
    async with db.write() as session:
        await factories.person(session, NOW)
    await db.close()


async def counted(settings: Settings) -> tuple[int, int, int]:
    """People, orders and transfers."""
    db = Database(settings.database_url.get_secret_value())
    async with db.read() as session:
        counts = [await session.value(select(func.count()).select_from(each)) or 0 for each in (User, Order, Transfer)]
    await db.close()
    return counts[0], counts[1], counts[2]


async def statuses(settings: Settings) -> list[str]:
    db = Database(settings.database_url.get_secret_value())
    async with db.read() as session:
        found = await session.values(select(Order.status).order_by(Order.id))
    await db.close()
    return list(found)


async def until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not fact():  # noqa: ASYNC110  the panel tells nobody
            await asyncio.sleep(0.02)


async def test_the_drill(here: Town, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """One order is at the panel, one waits at the backup and is sent after it, one is made and sent after it."""
    north, ada, mia = here.world.panels["north"], here.people[ADMIN], here.mia
    url = settings.database_url.get_secret_value()
    ada.patience = mia.patience = 40.0  # on PostgreSQL the lease of a process that is gone has to lapse
    await ShopProcess(here.world, here.folder, url).seed()
    async with here.shop(**told(settings)):
        await ada.say("/start")
        await bought(here, story_link("stuck"))
        await until(lambda: len(north.accepted) == 1)
    async with here.shop(**told(settings), submit_interval=3600) as app:
        app.db._subscribers.pop("submit")  # nobody sends just now
        await bought(here, story_link("never-starts"))
        await mia.reads("Order #2")
        file = await backed_up(settings)
    async with here.shop(**told(settings)):
        await until(lambda: len(north.accepted) == 2)
        await bought(here, story_link("slow-delivery"))
        await until(lambda: len(north.accepted) == 3)
    capsys.readouterr()

    assert await restored(settings, file) == cli.REFUSED
    assert "There is a shop in" in capsys.readouterr().err
    assert (await statuses(settings))[:2] == ["placed", "placed"]
    assert await restored(settings, file, over=True) == cli.OK
    assert "Nothing is sent to any provider and nothing is sold until all is compared." in capsys.readouterr().out
    assert await statuses(settings) == ["placed", "unknown"]
    assert await cli.audit(settings) == cli.OK, capsys.readouterr()

    async with here.shop(**told(settings)) as app:
        alert = await ada.reads("The shop was brought back from a backup", "north: 1 in doubt")
        await ada.reads("Nobody knows whether a panel took an order", "Order #2")
        greeted = await mia.say("/start")
        await mia.reads("Balance: $23.00", after=greeted)
        await asyncio.sleep(1.5)
        assert len(north.accepted) == 3, "three jobs' worth of time, and nothing was sent"
        health = (await here.http.get(f"http://127.0.0.1:{app.web.port}/healthz")).json()
        assert (health["restored"], health["sales"]) == ("not compared", "stopped")
        await ada.tap("What is to be compared", alert)
        shown = await ada.reads("Not compared yet", "One of our orders may be there")
        doubt = await ada.reads("Nobody knows whether a panel took an order", "Order #2")
        await ada.tap("It is there: enter its id", doubt)
        await ada.reads("Please send the id")
        await ada.say(str(north.accepted[1].order))
        await ada.reads("Order #2 is followed")
        await ada.tap("All is compared: go on", shown)
        await ada.tap("Do it", await ada.reads("Send to providers again, and sell?"))
        await ada.reads("All is compared. Nothing is held back any more.")
        await bought(here, story_link("complete"))
        await until(lambda: len(north.accepted) == 4)
    assert len({one.order for one in north.accepted}) == 4
    assert await cli.audit(settings) == cli.OK, capsys.readouterr()


async def bought(here: Town, link: str) -> None:
    """Mia orders, once somebody hears her."""
    greeted = await here.mia.say("/start")
    await here.mia.reads("Balance", after=greeted)
    await ordered(here, link)


def told(settings: Settings) -> dict[str, object]:
    """The settings again, as `Town.shop` wants them."""
    names = ("database_url", "backup_folder", "backup_passphrase", "undo_seconds")
    return {name: getattr(settings, name) for name in names}


async def test_a_lost_shop_comes_back_with_everything_and_the_shell_ends_the_comparing(
    here: Town, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await stocked(settings)
    file, before = await backed_up(settings), await counted(settings)
    await lost(settings)
    assert await restored(settings, file) == cli.OK
    assert await counted(settings) == before
    for expected, said in (
        (cli.OK, "All is compared: the shop sends and sells again."),
        (cli.REFUSED, "Nothing was brought back that is not compared yet."),
    ):
        capsys.readouterr()
        assert await cli.restore(settings, None, over=False, unsound=False, done=True) == expected
        assert said in "".join(capsys.readouterr())
    assert await cli.restore(settings, None, over=False, unsound=False, done=False) == cli.REFUSED
    assert await cli.restore(settings, file, over=False, unsound=False, done=True) == cli.REFUSED


async def lost(settings: Settings) -> None:
    """The database is gone: an empty one is in its place, or none."""
    db = Database(settings.database_url.get_secret_value())
    if db.on_sqlite:
        file = Path(db.url.database or "")
        for suffix in ("", "-wal", "-shm"):
            await asyncio.to_thread(file.with_name(file.name + suffix).unlink, missing_ok=True)
    else:
        async with db.writer.begin() as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
    await db.close()


async def test_one_that_was_only_migrated_is_empty_and_gives_way(settings: Settings) -> None:
    await stocked(settings)
    file = await backed_up(settings)
    await lost(settings)
    await cli.migrate(settings)
    assert await restored(settings, file) == cli.OK
    assert await counted(settings) == (1, 0, 1)


async def test_what_was_there_is_kept_aside(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    await stocked(settings)
    file = await backed_up(settings)
    db = Database(settings.database_url.get_secret_value())
    async with db.write() as session:
        await factories.person(session, NOW, user_id=2002, name="Newcomer", money="0")
    await db.close()
    assert await restored(settings, file, over=True) == cli.OK
    assert await counted(settings) == (1, 0, 1)
    said = capsys.readouterr().out
    aside = said.partition("kept aside as ")[2].partition(".\n")[0]
    if db.on_sqlite:
        assert await counted(settings.model_copy(update={"database_url": SecretStr(f"sqlite:///{aside}")})) == (
            2,
            0,
            1,
        )
        return
    async with db.reader.connect() as connection:
        schema = aside.removeprefix("the schema ")
        people = (await connection.execute(text(f"SELECT count(*) FROM {schema}.users"))).scalar()  # noqa: S608
    await db.close()
    assert people == 2
    assert await backed_up(settings), "what was kept aside is in no later backup"


async def test_the_wrong_passphrase_or_none_changes_nothing(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await stocked(settings)
    file = await backed_up(settings)
    for passphrase, sentence in (
        ("another passphrase", "BACKUP_PASSPHRASE is not the one that this backup was made with"),
        ("", "This backup is encrypted: set BACKUP_PASSPHRASE"),
    ):
        capsys.readouterr()
        other = settings.model_copy(update={"backup_passphrase": SecretStr(passphrase)})
        assert await restored(other, file, over=True) == cli.REFUSED
        assert capsys.readouterr().err.startswith(sentence)
    assert await counted(settings) == (1, 0, 1)
    assert not await leftovers(settings)


async def leftovers(settings: Settings) -> list[str]:
    """What a restore may have left lying about."""
    folder = settings.backups.folder
    return await asyncio.to_thread(lambda: [str(each) for each in folder.parent.rglob(".restoring-*")])


@pytest.mark.parametrize("spoil", ["cut", "changed", "empty", "text", "missing"])
async def test_a_file_that_is_not_whole_changes_nothing(
    settings: Settings, spoil: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await stocked(settings)
    file = Path(await backed_up(settings))
    content = bytearray(await asyncio.to_thread(file.read_bytes))
    sentence = "damaged: bytes of it are missing or were changed"
    match spoil:
        case "cut":
            del content[-1000:]
        case "changed":
            content[-1000] ^= 1
        case "empty":
            content, sentence = bytearray(), "This is no backup of a shop."
        case "text":
            content, sentence = bytearray(b"Dear customer, " * 100), "This is no backup of a shop."
        case _:
            file, sentence = file.with_name("missing"), "There is no file"
    if spoil != "missing":
        await asyncio.to_thread(file.write_bytes, content)
    capsys.readouterr()
    assert await restored(settings, str(file), over=True) == cli.REFUSED
    assert sentence in capsys.readouterr().err
    assert await counted(settings) == (1, 0, 1)
    assert not await leftovers(settings)


async def test_a_full_disk_changes_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await stocked(settings)
    file = await backed_up(settings)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sealing, "unseal", full)
    assert await restored(settings, file, over=True) == cli.REFUSED
    assert "disk" in capsys.readouterr().err
    assert await counted(settings) == (1, 0, 1)


async def test_a_backup_of_a_newer_program_changes_nothing(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await stocked(settings)
    db = Database(settings.database_url.get_secret_value())

    async def at(revision: str) -> None:
        async with db.writer.begin() as connection:
            await connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))  # noqa: S608
        await db.close()

    raw = settings.backups.folder / "by-hand"
    await asyncio.to_thread(raw.parent.mkdir, parents=True, exist_ok=True)
    await at("9999")
    if db.on_sqlite:
        await asyncio.to_thread(snapshots.of_sqlite, Path(db.url.database or ""), raw)
    else:
        async with db.writer.connect() as connection:
            exported = (await connection.execute(text("SELECT pg_export_snapshot()"))).scalar()
            await snapshots.of_postgres(db.url, raw, str(exported))
    await db.close()
    await at("0001")
    assert await restored(settings, str(raw), over=True) == cli.REFUSED
    assert "revision 9999, which only a newer version of this program knows" in capsys.readouterr().err
    assert await counted(settings) == (1, 0, 1)
    assert await cli.audit(settings) == cli.OK, "it is the old one that is there"


async def test_books_that_do_not_hold_are_brought_back_only_where_somebody_insists(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await stocked(settings)
    db = Database(settings.database_url.get_secret_value())
    async with db.write() as session:
        ids = await factories.category(session, NOW)
        await factories.order(session, NOW, user_id=1001, service_id=ids["A"], status="partial", delivered=6_000)
    await db.close()
    assert await cli.backup(settings) == cli.FAILED
    assert "its books do not hold" in capsys.readouterr().err
    folder = settings.backups.folder
    [file] = await asyncio.to_thread(lambda: list(folder.glob("shop-*")))
    assert await restored(settings, str(file), over=True) == cli.REFUSED
    assert "The books in this backup do not hold (" in capsys.readouterr().err
    assert await counted(settings) == (1, 1, 4)
    assert await restored(settings, str(file), over=True, unsound=True) == cli.OK


async def test_nothing_is_brought_back_into_a_shop_at_work(
    here: Town, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await stocked(settings)
    file = await backed_up(settings)
    async with here.shop(**told(settings)):
        capsys.readouterr()
        assert await restored(settings, file, over=True) == cli.REFUSED
    said = capsys.readouterr().err
    assert "Another process has the shop in" in said or "Somebody else is connected to the database" in said


async def test_a_backup_of_the_other_engine_is_refused(
    here: Town, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await stocked(settings)
    file = here.folder / "other"
    begins = snapshots.POSTGRES if "sqlite" in settings.database_url.get_secret_value() else snapshots.SQLITE
    await asyncio.to_thread(file.write_bytes, begins + b" and more of it")
    assert await restored(settings, str(file), over=True) == cli.REFUSED
    assert "DATABASE_URL names one on the other engine" in capsys.readouterr().err


async def test_one_that_was_cut_short_does_not_open(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Killed between the mark and what follows from it, on PostgreSQL: the start says what to do."""
    await stocked(settings)
    file = await backed_up(settings)
    assert await restored(settings, file, over=True) == cli.OK
    db = Database(settings.database_url.get_secret_value())
    async with db.write() as session:
        await session.run(update(Restore).values(settled_at=None))
    await db.close()
    capsys.readouterr()
    assert await cli.run(settings) == cli.FAILED
    assert "A backup was being brought back, and that was cut short" in capsys.readouterr().err


def test_what_is_no_shop_of_ours_is_not_thrown_away(tmp_path: Path) -> None:
    place = tmp_path / "other.db"
    with sqlite3.connect(place) as connection:
        connection.execute("CREATE TABLE letters (words TEXT)")
    connection.close()
    assert rebuilding._occupied(place)
    place.write_bytes(b"no database at all")
    assert rebuilding._occupied(place)
    place.write_bytes(b"")
    assert not rebuilding._occupied(place)
    assert not rebuilding._occupied(tmp_path / "nothing.db")


def test_a_log_that_belongs_to_the_old_file_never_meets_the_new_one(tmp_path: Path) -> None:
    """It would be replayed into it."""
    place, copy, aside = tmp_path / "shop.db", tmp_path / "copy", tmp_path / "aside.db"
    place.write_bytes(b"a ruin that no longer opens")
    place.with_name("shop.db-wal").write_bytes(b"its log")
    copy.write_bytes(b"the backup")
    rebuilding._swap(copy, place, aside)
    assert place.read_bytes() == b"the backup"
    assert (tmp_path / "aside.db-wal").read_bytes() == b"its log"
    assert aside.read_bytes() == b"a ruin that no longer opens"
    assert not (tmp_path / "shop.db-wal").exists()
