"""Backups: a copy of the whole database, looked through, sealed with a passphrase, kept, and told to the owners.

asked ──> making ──┬──> kept     whole, and its books hold
                   ├──> broken   whole, but its books do not hold
                   └──> failed   `detail` says why
"""

import asyncio
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.engine import URL

from services import audit, migrations, outbox, sealing, snapshots, staff
from services.backup_notices import BackupNotice
from services.db import Database, ReadSession, StorageFailure, WriteSession
from services.models import Audit, Backup, Order, OrderEvent, Transfer, User
from services.policy import Policy
from services.roles import Role
from services.snapshots import BackupFailed

SENT_UP_TO = 49 * 1000 * 1000
"""Bytes: Telegram takes a little more from a bot."""
LONGEST = timedelta(hours=3)
"""What has been in the making for so long is not any more: its process has ended."""
SLACK = timedelta(days=1)
_WORKSHOP = ".making-"
WHOLE, BROKEN = "kept", "broken"


@dataclass(frozen=True, slots=True)
class Terms:
    """Where backups go. Without a passphrase they are not sealed and never leave the machine."""

    folder: Path
    keep: int
    passphrase: str = field(default="", repr=False)

    @property
    def sealed(self) -> bool:
        """Whether they are encrypted."""
        return bool(self.passphrase)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup as /backup lists it; `detail` says what it holds, or why it failed."""

    id: int
    at: datetime
    state: str
    file: str | None
    size: int | None
    detail: Mapping[str, Any]


_COLUMNS = (Backup.id, Backup.at, Backup.state, Backup.file, Backup.size, Backup.detail)


async def latest(read: ReadSession, limit: int) -> Sequence[Made]:
    """The last backups, the newest first."""
    rows = await read.all(select(*_COLUMNS).order_by(Backup.id.desc()).limit(limit))
    return [_made(row) for row in rows]


def _made(row: Any) -> Made:
    return Made(row.id, row.at, row.state, row.file, row.size, row.detail)


async def ask(write: WriteSession, *, key: str, asked_by: str, now: datetime) -> bool:
    """Ask for one, once for each `key`; False where one is asked for or being made already, or `key` had its own."""
    write.announce("backup")
    return await _ask(write, key, asked_by, now)


async def _ask(write: WriteSession, key: str, asked_by: str, now: datetime) -> bool:
    under_way = Backup.state.in_(("asked", "making")), Backup.at > now - LONGEST
    if await write.value(select(Backup.id).where(*under_way).limit(1)) is not None:
        return False
    row = {"key": key, "asked_by": asked_by, "at": now, "state": "asked", "detail": {}}
    asked = await write.run(write.insert(Backup).values(row).on_conflict_do_nothing(index_elements=["key"]))
    return bool(asked.rowcount)


async def ask_in_time(write: WriteSession, every: timedelta, now: datetime) -> None:
    """Ask for the next one by the clock, where the last one is `every` ago; one that failed is asked for again.

    It wakes nobody: whoever calls this makes it then, and woken by its own asking would try what fails without end.
    """
    made = Backup.state.in_((WHOLE, BROKEN)), Backup.at > now - every
    if await write.value(select(Backup.id).where(*made).limit(1)) is None:
        last = await write.value(select(func.max(Backup.id))) or 0
        await _ask(write, f"clock:{last}", "shop", now)


async def work(
    db: Database, terms: Terms, policy: Policy, owners: Collection[int], clock: Callable[[], datetime]
) -> Made | None:
    """Make the backup that was asked for, if one was, and tell the owners; the backup."""
    async with db.write() as session:
        backup_id = await _claim(session, owners, clock())
    if backup_id is None:
        return None
    try:
        values = await _make(db, backup_id, terms, policy, clock)
    except BackupFailed as failure:
        values = _failure(failure.code, failure.said)
    except StorageFailure as failure:
        values = _failure("storage", " ".join(str(getattr(failure, "orig", failure)).split())[:300])
    async with db.write() as session:
        made = await _record(session, backup_id, values, owners, clock())
        gone = await _outlived(session, terms.keep)
    await asyncio.to_thread(_remove, [terms.folder / name for name in gone])
    return made


async def _claim(write: WriteSession, owners: Collection[int], now: datetime) -> int | None:
    """Begin the one that was asked for; what a process that has died left in the making has failed."""
    dead = await write.values(select(Backup.id).where(Backup.state == "making", Backup.at <= now - LONGEST))
    for backup_id in dead:
        await _record(write, backup_id, _failure("stopped", ""), owners, now)
    asked = select(Backup.id).where(Backup.state == "asked").order_by(Backup.id).limit(1)
    begun = update(Backup).where(Backup.id == asked.scalar_subquery(), Backup.state == "asked")
    rows = await write.returned(begun.values(state="making", at=now).returning(Backup.id))
    return rows[0].id if rows else None


async def _make(
    db: Database, backup_id: int, terms: Terms, policy: Policy, clock: Callable[[], datetime]
) -> dict[str, Any]:
    """The copy, looked through and in its place; what to record of it. Raises BackupFailed or StorageFailure."""
    now = clock()
    with snapshots.told():
        workshop = await asyncio.to_thread(_workshop, terms.folder, now)
    try:
        copy = workshop / "copy"
        found = await (_of_sqlite if db.on_sqlite else _of_postgres)(db, copy, policy, now)
        ending = "sealed" if terms.sealed else "db" if db.on_sqlite else "dump"
        place = terms.folder / f"shop-{now:%Y%m%d-%H%M%S}-{backup_id}.{ending}"
        with snapshots.told():
            size = await asyncio.to_thread(_put, copy, place, terms.passphrase)
    finally:
        await asyncio.to_thread(shutil.rmtree, workshop, ignore_errors=True)
    detail = {**found, "sealed": terms.sealed}
    state = BROKEN if found["broken"] else WHOLE
    return {"state": state, "file": str(place.absolute()), "size": size, "detail": detail}


async def _of_sqlite(db: Database, copy: Path, policy: Policy, now: datetime) -> dict[str, Any]:
    """Copy the file and look the copy through."""
    await asyncio.to_thread(snapshots.of_sqlite, Path(db.url.database or ""), copy)
    other = Database(URL.create("sqlite", database=str(copy)).render_as_string())
    try:
        found = await looked_through(other, policy, now)
    finally:
        await other.close()
    await asyncio.to_thread(snapshots.alone, copy)
    return found


async def _of_postgres(db: Database, copy: Path, policy: Policy, now: datetime) -> dict[str, Any]:
    """Look the database through and dump it, both as it stands at one moment."""
    await _at_our_revision(db)
    async with db.writer.connect() as connection:
        still = await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        read = ReadSession(still)
        snapshot = await read.value(select(func.pg_export_snapshot()))
        found = await holding(read, policy, now)
        await snapshots.of_postgres(db.url, copy, str(snapshot))
    return found


async def looked_through(db: Database, policy: Policy, now: datetime) -> dict[str, Any]:
    """What a copy holds, and which invariants do not hold in it. BackupFailed where it is of another revision."""
    await _at_our_revision(db)
    async with db.read() as read:
        return await holding(read, policy, now)


async def _at_our_revision(db: Database) -> None:
    try:
        await migrations.check(db)
    except migrations.SchemaMismatch as error:
        raise BackupFailed("revision", str(error)) from None


async def holding(read: ReadSession, policy: Policy, now: datetime) -> dict[str, Any]:
    """The same, of one session's view.

    Deadlines are held against the last moment that the shop was at work: it may have stood still since, and what is
    late then is swept up at the next start. What may have been purged meanwhile is not missed.
    """
    moments = [await read.value(select(func.max(OrderEvent.at))), await read.value(select(func.max(Audit.at)))]
    at_work = max((moment for moment in moments if moment is not None), default=now)
    lenient = replace(await staff.informed(read, policy), notices_kept=policy.notices_kept - SLACK)
    breaches = await audit.check(read, lenient, min(at_work, now))
    counts = {
        "people": await read.value(select(func.count(User.id))) or 0,
        "orders": await read.value(select(func.count(Order.id))) or 0,
        "transfers": await read.value(select(func.count()).select_from(Transfer)) or 0,
        "checks": len(audit.CHECKS) - len(breaches),
    }
    return {"holds": counts, "broken": [str(breach.invariant) for breach in breaches]}


def _workshop(folder: Path, now: datetime) -> Path:
    """A new folder in that of the backups; what dead processes have left half-made there is taken away."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.glob(f"{_WORKSHOP}*"):
        if left.stat().st_mtime < (now - LONGEST).timestamp():
            shutil.rmtree(left, ignore_errors=True)
    return Path(mkdtemp(prefix=_WORKSHOP, dir=folder))


def _put(copy: Path, place: Path, passphrase: str) -> int:
    """Seal the copy, where there is a passphrase, and move it to its place; its size."""
    ready = copy
    if passphrase:
        ready = copy.with_name("sealed")
        sealing.seal(copy, ready, passphrase)
    ready.chmod(0o600)
    ready.rename(place)
    return place.stat().st_size


def _remove(files: Sequence[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)


def _failure(code: str, said: str) -> dict[str, Any]:
    return {"state": "failed", "file": None, "size": None, "detail": {"reason": code, "said": said}}


async def _record(
    write: WriteSession, backup_id: int, values: Mapping[str, Any], owners: Collection[int], now: datetime
) -> Made:
    """Write down how it ended and tell every owner; of failures by the clock once a day."""
    mine = update(Backup).where(Backup.id == backup_id).values(**values)
    [row] = await write.returned(mine.returning(*_COLUMNS, Backup.asked_by))
    made = _made(row)
    by_the_clock = row.asked_by == "shop" and made.state == "failed"
    key = f"alert:backup-failed:{now.date()}" if by_the_clock else f"backup:{backup_id}:{made.state}"
    people = [member.user_id for member in await staff.members(write, owners) if member.role is Role.OWNER]
    told = [outbox.Outgoing(f"{key}:{one}", one, notice(made)) for one in people]
    await outbox.put(write, told, now)
    return made


def notice(made: Made) -> BackupNotice:
    """A backup as its owners are told of it."""
    sealed, size = bool(made.detail.get("sealed")), made.size or 0
    return BackupNotice(
        backup_id=made.id,
        state=made.state,
        at=made.at.isoformat(),
        file=made.file or "",
        size=size,
        sealed=sealed,
        document=made.state == WHOLE and sealed and size <= SENT_UP_TO,
        holds=dict(made.detail.get("holds", {})),
        broken=list(made.detail.get("broken", [])),
        reason=made.detail.get("reason", ""),
        said=made.detail.get("said", ""),
    )


async def _outlived(write: WriteSession, keep: int) -> list[str]:
    """The names of the files that newer ones take the place of: all but the last `keep` of each kind."""
    names = []
    for state in (WHOLE, BROKEN):
        last = select(Backup.id).where(Backup.state == state).order_by(Backup.id.desc()).limit(keep)
        old = update(Backup).where(Backup.state == state, Backup.id.not_in(last.scalar_subquery()))
        names += [Path(row.file).name for row in await write.returned(old.values(state="gone").returning(Backup.file))]
    return names


async def taken_at(read: ReadSession) -> datetime | None:
    """When a copy was taken, by its own row in it; None for what was not made by `work`."""
    return await read.value(select(func.max(Backup.at)).where(Backup.state == "making"))
