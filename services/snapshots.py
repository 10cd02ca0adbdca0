"""Whole copies of a database that is at work, and back again: SQLite's online backup, PostgreSQL's own tools.

What blocks says so and is called in a thread; PostgreSQL's tools are child processes that see nothing of the shop's
environment, the password of the database aside.
"""

import asyncio
import errno
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO

from sqlalchemy.engine import URL

SQLITE, POSTGRES = b"SQLite format 3\0", b"PGDMP"
"""What copies begin with."""
LIMIT = 3600.0
"""Seconds that PostgreSQL's tools may take."""
ASIDE = "before_restore_"
"""What the schemas of databases are called that were kept aside."""
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SSL = {"true": "require", "false": "disable"}


class BackupFailed(Exception):
    """`code` is why, `said` what the system or the tool said of it.

    disk      there is no room left
    file      a file could not be read or written
    damaged   the copy is not whole
    revision  the database is not at the revision of this program
    no-tool   a tool of PostgreSQL's is not installed: `said` is its name
    tool      a tool of PostgreSQL's failed
    slow      a tool of PostgreSQL's took too long: `said` is its name
    storage   the database does not answer
    """

    def __init__(self, code: str, said: str = "") -> None:
        super().__init__(code, said)
        self.code, self.said = code, said


@contextmanager
def told() -> Iterator[None]:
    """What goes wrong with files in the block is raised as BackupFailed."""
    try:
        yield
    except OSError as error:
        raise BackupFailed("disk" if error.errno in _NO_ROOM else "file", error.strerror or str(error)) from error
    except sqlite3.Error as error:
        full = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
        raise BackupFailed("disk" if full else "damaged", str(error)) from error


def of_sqlite(source: Path, target: Path) -> None:
    """Copy a file that others are writing to, as it stands at one moment, and look whether the copy is whole.

    One step for all of it: writers go on beside it in the write-ahead log, and nothing makes it begin anew. It blocks.
    Raises BackupFailed.
    """
    with told(), closing(sqlite3.connect(source, timeout=10)) as live, closing(sqlite3.connect(target)) as copy:
        live.execute("PRAGMA query_only=ON")
        live.backup(copy)
    alone(target)
    whole(target)


def whole(file: Path) -> None:
    """Read every page of a database. It blocks. Raises BackupFailed where one is not as it should be."""
    with told(), closing(sqlite3.connect(file)) as copy:
        [first, *_] = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if first != "ok":
        raise BackupFailed("damaged", first)


def alone(file: Path) -> None:
    """Fold a database's write-ahead log into it, so that the file alone is all of it. It blocks."""
    with told(), closing(sqlite3.connect(file)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")


async def of_postgres(url: URL, target: Path, snapshot: str, limit: float = LIMIT) -> None:
    """Dump what another connection sees as `snapshot` into a file, and look whether it can be read. BackupFailed."""
    dump = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--exclude-schema={ASIDE}*"]
    with told(), target.open("wb") as written:
        await _run([*dump, f"--snapshot={snapshot}"], connection(url), limit, into=written)
        await asyncio.to_thread(os.fsync, written.fileno())
    listed = await _run(["pg_restore", "--list", str(target)], {}, limit)
    if " TABLE DATA public orders " not in listed:
        raise BackupFailed("damaged", "no orders in the dump")


async def into_postgres(url: URL, source: Path, folder: Path, before: str, after: str, limit: float = LIMIT) -> None:
    """Bring a dump back in one transaction, between the statements `before` and `after`: all of it, or nothing.

    What is written meanwhile is in `folder`. Raises BackupFailed.
    """
    parts = [folder / name for name in ("before.sql", "dump.sql", "after.sql")]
    with told():
        parts[0].write_text(before, encoding="utf-8")
        parts[2].write_text(after, encoding="utf-8")
    await _run(["pg_restore", "--no-owner", "--no-privileges", f"--file={parts[1]}", str(source)], {}, limit)
    files = [f"--file={part}" for part in parts]
    quiet = ["psql", "--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", "--single-transaction"]
    await _run([*quiet, *files], connection(url), limit)


def connection(url: URL) -> dict[str, str]:
    """How PostgreSQL's tools find the database and are let in."""
    query = {name: value for name, value in url.query.items() if isinstance(value, str)}
    ssl = query.get("ssl", query.get("sslmode"))
    found = {
        "PGHOST": url.host or query.get("host"),
        "PGPORT": str(url.port or query.get("port") or ""),
        "PGUSER": url.username or query.get("user"),
        "PGPASSWORD": url.password or query.get("password"),
        "PGDATABASE": url.database,
        "PGSSLMODE": _SSL.get(ssl, ssl) if ssl else None,
    }
    return {name: str(value) for name, value in found.items() if value}


async def _run(command: Sequence[str], given: Mapping[str, str], limit: float, into: IO[bytes] | None = None) -> str:
    """What a tool writes, where not `into` a file. Raises BackupFailed."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"LC_ALL": "C", **given}
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE if into is None else into,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
        )
    except FileNotFoundError:
        raise BackupFailed("no-tool", command[0]) from None
    try:
        async with asyncio.timeout(limit):
            written, complained = await process.communicate()
    except TimeoutError:
        raise BackupFailed("slow", command[0]) from None
    finally:
        with suppress(ProcessLookupError):  # it has ended, or nobody waits for it any more
            process.kill()
        await process.wait()
    if process.returncode:
        lines = complained.decode(errors="replace").strip().splitlines() or [f"{command[0]}: {process.returncode}"]
        said = " ".join(lines[-3:])[:300]
        raise BackupFailed("disk" if os.strerror(errno.ENOSPC) in said else "tool", said)
    return (written or b"").decode(errors="replace")
