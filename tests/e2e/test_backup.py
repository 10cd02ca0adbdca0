"""A backup in the whole process: asked for in the chat or from the shell, and its document in the owner's chat."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import cli
from services import sealing
from tests.e2e.shop_app import Town, town

ADMIN = 9001
PASSPHRASE = "a passphrase of the tests"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        yield place


async def files(here: Town) -> list[Path]:
    return await asyncio.to_thread(lambda: sorted((here.folder / "backups").glob("*")))


async def test_an_owner_gets_the_backup_as_a_document_that_the_passphrase_opens(here: Town) -> None:
    ada = here.people[ADMIN]
    async with here.shop(backup_passphrase=PASSPHRASE):
        await ada.say("/backup")
        await ada.tap("Back up now", await ada.reads("There is no backup yet"))
        told = await ada.reads("The copy is whole, and its books hold")
        [file] = await files(here)
        assert told["document"]["name"] == file.name
        sent = (await here.http.get(told["document"]["url"])).content
    assert sent == await asyncio.to_thread(file.read_bytes)
    await asyncio.to_thread(sealing.unseal, file, here.folder / "opened", PASSPHRASE)
    assert (await asyncio.to_thread((here.folder / "opened").read_bytes)).startswith(b"SQLite format 3")


async def test_the_clock_makes_one_by_itself_and_without_a_passphrase_nothing_leaves(here: Town) -> None:
    async with here.shop(backup_interval=24):
        await here.people[ADMIN].say("/start")
        told = await here.people[ADMIN].reads("Not encrypted, so it stays on the machine")
        assert told["document"] is None
    assert [file.suffix for file in await files(here)] == [".db"]


async def test_the_shell_makes_one_beside_a_running_shop_which_tells_the_owner(
    here: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = here.settings(backup_passphrase=PASSPHRASE)
    assert await cli.backup(settings) == cli.REFUSED
    assert capsys.readouterr().err.startswith("There is no database at ")
    async with here.shop(backup_passphrase=PASSPHRASE):
        await here.people[ADMIN].say("/start")
        await here.people[ADMIN].reads("Balance")
        assert await cli.backup(settings) == cli.OK
        assert "its books hold: 15 checks passed." in capsys.readouterr().out
        await here.people[ADMIN].reads("The copy is whole")
    assert len(await files(here)) == 1


async def test_the_shell_says_why_there_is_none(here: Town, capsys: pytest.CaptureFixture[str]) -> None:
    assert await cli.migrate(here.settings()) == cli.OK
    capsys.readouterr()
    in_the_way = here.folder / "file"
    await asyncio.to_thread(in_the_way.write_text, "in the way")
    assert await cli.backup(here.settings(backup_folder=in_the_way)) == cli.FAILED
    told = capsys.readouterr()
    assert "There is no new backup" in told.err
    assert "A file could not be read or written: File exists." in told.err
    assert "<" not in told.err
