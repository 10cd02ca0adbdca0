"""The copy in a backup made the shop's database: looked through first, marked, then put in place all at once."""

import asyncio
import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL

from bot import storage
from bot.settings import Settings
from bot.storage import StartRefused
from services import actions, backups, migrations, restoring, snapshots, staff
from services.db import Database
from services.models import Order, Service, StaffMember, Transfer, User
from services.reconciling import Comparing
from services.snapshots import BackupFailed

OVER = "There is a shop in {place} already. With --over it is kept aside, and the backup takes its place."

OWN = (User, Order, Transfer, Service, StaffMember)
"""A database with a row in one of these tables is a shop's, and not thrown away."""


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """One backup, `name`, on its way into `db`; what is made meanwhile stands in `workshop`."""

    settings: Settings
    db: Database
    name: str
    workshop: Path
    now: datetime
    over: bool
    unsound: bool

    async def from_copy(self, copy: Path) -> list[str]:
        """Put it in place; what to say then. Raises StartRefused or BackupFailed, and nothing has changed."""
        return await (self._file(copy) if self.db.on_sqlite else self._server(copy))

    # SQLite: the copy is made ready beside the old file, and takes its name at once.

    async def _file(self, copy: Path) -> list[str]:
        place = storage.file_of(self.db)
        there = await asyncio.to_thread(_occupied, place)
        if there and not self.over:
            raise StartRefused(OVER.format(place=place))
        await asyncio.to_thread(snapshots.whole, copy)
        other = Database(URL.create("sqlite", database=str(copy)).render_as_string())
        try:
            await self._require_shop(other)
            await storage.prepare(other, self.settings.currency)
            await self._require_sound(other)
            async with other.write() as session:
                await session.run(restoring.opening(self.name, self.now))
            comparing = await self._settled(other)
        finally:
            await other.close()
        await asyncio.to_thread(snapshots.alone, copy)
        aside = place.with_name(f"{place.name}.before-restore-{self.now:%Y%m%d-%H%M%S}") if there else None
        await asyncio.to_thread(_swap, copy, place, aside)
        return self._told(comparing, str(aside) if aside else None)

    # PostgreSQL: the old tables become a schema of their own, and the dump comes in, all in one transaction.

    async def _server(self, copy: Path) -> list[str]:
        await self._require_alone()
        tables, there = await self._found()
        if there and not self.over:
            raise StartRefused(OVER.format(place=f"the database {self.db.url.database}"))
        aside = f"{snapshots.ASIDE}{self.now:%Y%m%d_%H%M%S}" if there else None
        before = f"ALTER SCHEMA public RENAME TO {aside}; CREATE SCHEMA public;" if there else ""
        if tables and not there:
            before = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
        mark = restoring.opening(self.name, self.now).compile(
            dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
            compile_kwargs={"literal_binds": True},
        )
        after = f"SET search_path = public; {mark};"
        await self.db.close()
        await snapshots.into_postgres(self.db.url, copy, self.workshop, before, after)
        try:
            await self._require_shop(self.db)
            await storage.prepare(self.db, self.settings.currency)
            await self._require_sound(self.db)
        except (StartRefused, BackupFailed):
            back = f"ALTER SCHEMA {aside} RENAME TO public" if aside else "CREATE SCHEMA public"
            async with self.db.writer.begin() as connection:
                await connection.execute(text("DROP SCHEMA public CASCADE"))
                await connection.execute(text(back))
            raise
        return self._told(await self._settled(self.db), f"the schema {aside}" if aside else None)

    async def _require_alone(self) -> None:
        others = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        async with self.db.reader.connect() as connection:
            if (await connection.execute(text(others))).scalar():
                raise StartRefused("Somebody else is connected to the database: stop the shop first.")

    async def _found(self) -> tuple[bool, bool]:
        """Whether there are tables in the database, and whether there is a shop in them."""
        public = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        async with self.db.reader.connect() as connection:
            if not (await connection.execute(text(public))).scalar():
                return False, False
            if not (await connection.execute(text("SELECT to_regclass('public.users') IS NOT NULL"))).scalar():
                return True, True  # somebody else's: it is not thrown away
        async with self.db.read() as session:
            counts = [await session.value(select(func.count()).select_from(each)) for each in OWN]
        return True, any(counts)

    # What both have in common

    async def _require_shop(self, db: Database) -> None:
        """Refuse what is of a newer program, or no shop at all."""
        try:
            if await migrations.known(db) is None:
                raise StartRefused("This is no backup of a shop.")
        except migrations.SchemaMismatch as error:
            raise StartRefused(str(error)) from None

    async def _require_sound(self, db: Database) -> None:
        """Refuse books that do not hold, where nobody insists."""
        found = await backups.looked_through(db, self.settings.policy, self.now)
        if found["broken"] and not self.unsound:
            listed = "; ".join(found["broken"])
            raise StartRefused(f"The books in this backup do not hold ({listed}). With --unsound it is brought back.")

    async def _settled(self, db: Database) -> Comparing:
        async with db.write() as session:
            policy = await staff.informed(session, self.settings.policy)
            comparing = await restoring.settle(session, policy=policy, now=self.now)
            await actions.record(
                session,
                key=f"shell:restore:{self.now.isoformat()}",
                actor=staff.SHELL,
                code="restore",
                detail={"file": self.name},
                now=self.now,
            )
        return comparing

    def _told(self, comparing: Comparing, aside: str | None) -> list[str]:
        lost = timedelta(seconds=int((comparing.restored_at - comparing.taken_at).total_seconds()))
        kept = [f"What was there before is kept aside as {aside}."] if aside else []
        return [
            f"Brought back from the backup of {comparing.taken_at:%Y-%m-%d %H:%M} UTC: the {lost} since are missing.",
            *kept,
            "Nothing is sent to any provider and nothing is sold until all is compared. Start the shop: its owners",
            "are told in the chat what is to be compared, and one tap there ends it, as does `restore --done` here.",
        ]


def _occupied(place: Path) -> bool:
    """Whether there is something in a file that must not be lost."""
    if not place.exists() or not place.stat().st_size:
        return False
    if not _is_sqlite(place):
        return True
    try:
        with closing(sqlite3.connect(place)) as there:
            tables = {row[0] for row in there.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            own = tables & {model.__tablename__ for model in OWN}
            if tables and not own:
                return True  # somebody else's
            return any(there.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() for name in own)  # noqa: S608
    except sqlite3.Error:
        return True


def _is_sqlite(file: Path) -> bool:
    """What is not is left alone: SQLite would throw away the log beside it."""
    with file.open("rb") as opened:
        return opened.read(len(snapshots.SQLITE)) == snapshots.SQLITE


def _swap(copy: Path, place: Path, aside: Path | None) -> None:
    """The copy takes the place of what is there, which stays under another name: there is a whole file all the while.

    What is left of a write-ahead log belongs to the old file, and would ruin the new one.
    """
    if place.exists() and _is_sqlite(place):
        with suppress(BackupFailed):
            snapshots.alone(place)
    for suffix in ("-wal", "-shm"):
        log = place.with_name(place.name + suffix)
        if log.exists():
            kept = aside or place.with_name(f"{place.name}.empty")
            log.rename(kept.with_name(kept.name + suffix))
    if aside is not None:
        os.link(place, aside)
    copy.chmod(0o600)
    copy.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
