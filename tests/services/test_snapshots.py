"""Copies of databases at work: whole or refused, and PostgreSQL's own tools kept on a short lead."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from services import snapshots
from services.backups import Terms
from services.db import Database
from services.snapshots import BackupFailed
from tests.services.test_backups import PASSPHRASE, backed_up
from tests.shop import Shop


@pytest.fixture
def terms(tmp_path: Path) -> Terms:
    return Terms(tmp_path / "backups", 2, PASSPHRASE)


def test_a_copy_with_a_broken_page_is_not_whole(tmp_path: Path) -> None:
    file = tmp_path / "copy"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE words (word TEXT)")
        connection.executemany("INSERT INTO words VALUES (?)", [("x" * 500,)] * 200)
    connection.close()
    snapshots.whole(file)
    content = bytearray(file.read_bytes())
    content[8192:8292] = b"\xff" * 100
    file.write_bytes(content)
    with pytest.raises(BackupFailed) as failure:
        snapshots.whole(file)
    assert failure.value.code == "damaged"
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(BackupFailed) as failure:
        snapshots.whole(file)
    assert failure.value.code == "damaged"


def test_sqlites_own_full_disk_is_told_as_one() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA max_page_count=1")
    with pytest.raises(BackupFailed) as failure, snapshots.told():
        connection.execute("CREATE TABLE words (word TEXT)")
    connection.close()
    assert failure.value.code == "disk"


# PostgreSQL's own tools


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which nothing is installed but what a test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def tool(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_where_pg_dump_is_not_installed_that_is_said(shop: Shop, terms: Terms, tools: Path) -> None:
    made = await backed_up(shop, terms)
    assert made.detail == {"reason": "no-tool", "said": "pg_dump"}


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    ("script", "reason", "said"),
    [
        (
            "echo 'pg_dump: error: server version mismatch' >&2; exit 1",
            "tool",
            "pg_dump: error: server version mismatch",
        ),
        ("echo 'could not write: No space left on device' >&2; exit 1", "disk", "could not write: No space left"),
        ("exit 3", "tool", "pg_dump: 3"),
    ],
)
async def test_what_pg_dump_says_is_told(
    shop: Shop, terms: Terms, tools: Path, script: str, reason: str, said: str
) -> None:
    tool(tools, "pg_dump", script)
    made = await backed_up(shop, terms)
    assert made.detail["reason"] == reason
    assert made.detail["said"].startswith(said)
    assert list(terms.folder.iterdir()) == []


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_dump_without_orders_is_none(shop: Shop, terms: Terms, tools: Path) -> None:
    tool(tools, "pg_dump", "exit 0")
    tool(tools, "pg_restore", "exit 0")
    assert (await backed_up(shop, terms)).detail["reason"] == "damaged"


async def test_a_tool_that_does_not_end_is_stopped(tmp_path: Path, tools: Path, shop: Shop) -> None:
    tool(tools, "pg_dump", "exec /bin/sleep 60")
    with pytest.raises(BackupFailed) as failure:
        await snapshots.of_postgres(shop.db.url, tmp_path / "dump", "1", limit=0.2)
    assert (failure.value.code, failure.value.said) == ("slow", "pg_dump")


async def test_a_tool_sees_the_password_in_its_environment_alone_and_nothing_else_of_the_shops(
    tmp_path: Path, tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "canary-token")
    tool(tools, "pg_dump", f'echo "$@" > {tmp_path}/arguments; /usr/bin/env > {tmp_path}/environment; exit 1')
    url = Database("postgresql://shop:canary-word@db.example:6432/books?ssl=true").url
    with pytest.raises(BackupFailed):
        await snapshots.of_postgres(url, tmp_path / "dump", "1")
    told = dict(line.split("=", 1) for line in (tmp_path / "environment").read_text().splitlines() if "=" in line)
    assert told["PGPASSWORD"] == "canary-word"
    assert (told["PGHOST"], told["PGPORT"], told["PGUSER"]) == ("db.example", "6432", "shop")
    assert (told["PGDATABASE"], told["PGSSLMODE"]) == ("books", "require")
    assert "BOT_TOKEN" not in told
    assert "canary" not in (tmp_path / "arguments").read_text()


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_dump_comes_back_whole_or_not_at_all(spare_db: Database, tmp_path: Path) -> None:
    """What was there stays aside; where a statement of ours fails, nothing has happened."""

    async def tables(schema: str) -> int:
        async with spare_db.reader.connect() as connection:
            counted = text(f"SELECT count(*) FROM pg_tables WHERE schemaname = '{schema}'")  # noqa: S608
            return int((await connection.execute(counted)).scalar() or 0)

    before, dump = await tables("public"), tmp_path / "dump"
    async with spare_db.writer.connect() as connection:
        exported = (await connection.execute(text("SELECT pg_export_snapshot()"))).scalar()
        await snapshots.of_postgres(spare_db.url, dump, str(exported))
    aside = f"{snapshots.ASIDE}now"
    room = f"ALTER SCHEMA public RENAME TO {aside}; CREATE SCHEMA public;"
    with pytest.raises(BackupFailed) as failure:
        await snapshots.into_postgres(spare_db.url, dump, tmp_path, room, "SELECT 1 FROM nowhere;")
    assert failure.value.code == "tool"
    assert (await tables("public"), await tables(aside)) == (before, 0)
    await snapshots.into_postgres(spare_db.url, dump, tmp_path, room, "SELECT 1;")
    assert (await tables("public"), await tables(aside)) == (before, before)
