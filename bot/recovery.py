"""Backups from the command line: one made now, one brought back, and the end of comparing after that."""

import asyncio
import html
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

from bot import rebuilding
from bot.settings import LOCALES, Settings
from bot.storage import StartRefused, beside, file_of, locked
from handlers import recovery
from handlers.i18n import Catalogue, Texts
from services import actions, backups, restoring, sealing, snapshots, staff
from services.db import Database, StorageFailure
from services.roles import Role
from services.snapshots import BackupFailed

_TAG = re.compile(r"<[^>]*>")


async def back_up(settings: Settings) -> tuple[bool, str]:
    """Whether there is a good new backup, and what to say of it. Raises StartRefused."""
    texts, now = _texts(settings), datetime.now(UTC)
    key = f"shell:backup:{now.isoformat()}"
    async with beside(settings) as db:
        async with db.write() as session:
            if await backups.ask(session, key=key, asked_by=staff.SHELL, now=now):
                await actions.record(session, key=key, actor=staff.SHELL, code="backup", now=now)
        clock = partial(datetime.now, UTC)
        made = await backups.work(db, settings.backups, settings.policy, settings.admin_ids, clock)
    if made is None:  # a running shop makes it
        return False, texts.bare("backup-under-way")
    return made.state == backups.WHOLE, _plain(recovery.backup(backups.notice(made), texts).text)


async def bring_back(settings: Settings, name: str, *, over: bool, unsound: bool) -> list[str]:
    """Bring a backup back, and what to say then. Raises StartRefused, and nothing has changed."""
    now, file, db = datetime.now(UTC), Path(name), Database(settings.database_url.get_secret_value())
    try:
        with locked(db), snapshots.told():
            async with _workshop(db, settings) as workshop:
                copy = await asyncio.to_thread(_opened, file, workshop / "copy", settings.backups.passphrase)
                await _require_engine(db, copy)
                into = rebuilding.Rebuilding(settings, db, file.name, workshop, now, over=over, unsound=unsound)
                return await into.from_copy(copy)
    except StorageFailure as failure:
        raise StartRefused(f"The database cannot be opened: {' '.join(str(failure).split())[:300]}.") from None
    except BackupFailed as failure:
        raise StartRefused(_plain(recovery.failure(_texts(settings), failure.code, failure.said))) from None
    finally:
        await db.close()


async def compared(settings: Settings) -> list[str]:
    """All is compared, beside a running shop or not. Raises StartRefused where nothing was brought back."""
    now = datetime.now(UTC)
    key = f"shell:compared:{now.isoformat()}"
    async with beside(settings) as db, db.write() as session:
        members = await staff.members(session, settings.admin_ids)
        told = [member.user_id for member in members if member.role >= Role.MANAGER]
        over = await restoring.finish(session, actor=staff.SHELL, key=key, by=staff.SHELL, others=told, now=now)
        if not over:
            raise StartRefused("Nothing was brought back that is not compared yet.")
        await actions.record(session, key=key, actor=staff.SHELL, code="compared", now=now)
    return ["All is compared: the shop sends and sells again."]


@asynccontextmanager
async def _workshop(db: Database, settings: Settings) -> AsyncIterator[Path]:
    """A folder of its own: beside the SQLite file, so that what is made in it can take that one's place at once."""
    place = file_of(db).parent if db.on_sqlite else settings.backups.folder
    await asyncio.to_thread(place.mkdir, parents=True, exist_ok=True)
    workshop = Path(await asyncio.to_thread(mkdtemp, prefix=".restoring-", dir=place))
    try:
        yield workshop
    finally:
        await asyncio.to_thread(shutil.rmtree, workshop, ignore_errors=True)


def _opened(file: Path, copy: Path, passphrase: str) -> Path:
    """What is in a backup, as a file that may be altered. It blocks."""
    if not file.is_file():
        raise StartRefused(f"There is no file {file}.")
    if not sealing.is_sealed(file):
        shutil.copyfile(file, copy)
        return copy
    if not passphrase:
        raise StartRefused("This backup is encrypted: set BACKUP_PASSPHRASE to the one that it was made with.")
    try:
        sealing.unseal(file, copy, passphrase)
    except sealing.WrongPassphrase:
        raise StartRefused(
            "BACKUP_PASSPHRASE is not the one that this backup was made with, or its beginning was changed."
        ) from None
    except sealing.Damaged:
        raise StartRefused(
            f"{file} is damaged: bytes of it are missing or were changed. Nothing of it can be used."
        ) from None
    return copy


async def _require_engine(db: Database, copy: Path) -> None:
    begins = await asyncio.to_thread(_beginning, copy)
    on_sqlite = begins.startswith(snapshots.SQLITE)
    if not on_sqlite and not begins.startswith(snapshots.POSTGRES):
        raise StartRefused("This is no backup of a shop.")
    if on_sqlite is not db.on_sqlite:
        engine = "SQLite" if on_sqlite else "PostgreSQL"
        raise StartRefused(f"This is a backup of a shop on {engine}, and DATABASE_URL names one on the other engine.")


def _beginning(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(len(snapshots.SQLITE))


def _plain(text: str) -> str:
    """A screen's text as a terminal shows it."""
    return html.unescape(_TAG.sub("", text))


def _texts(settings: Settings) -> Texts:
    return Catalogue(LOCALES, settings.default_locale, settings.currency).texts()
