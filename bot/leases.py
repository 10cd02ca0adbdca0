"""Singletons among several processes: whoever holds the lease row works, the others wait for it to lapse."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, or_

from services.db import Database, StorageFailure
from services.models import Lease

log = structlog.get_logger()

TERM = timedelta(seconds=15)
"""How long a process that died silently still blocks its successors."""


async def acquire(db: Database, name: str, owner: str, now: datetime, term: timedelta | None = None) -> bool:
    """Take or renew the lease until now + `term` (TERM); False while another owner's has not lapsed.

    One that lies further ahead than any is taken for is of a clock that was set back since.
    """
    term = term or TERM
    async with db.write() as session:
        insert = session.insert(Lease).values(name=name, owner=owner, until=now + term)
        taken = insert.on_conflict_do_update(
            index_elements=["name"],
            set_={"owner": insert.excluded.owner, "until": insert.excluded.until},
            where=or_(Lease.owner == owner, Lease.until < now, Lease.until > now + 2 * term),
        ).returning(Lease.owner)
        return bool(await session.returned(taken))


async def _held(db: Database, name: str, owner: str, now: Callable[[], datetime]) -> bool:
    """`acquire`, where a database that does not answer in time counts as a lease that is lost."""
    try:
        async with asyncio.timeout(TERM.total_seconds() / 3):
            return await acquire(db, name, owner, now())
    except StorageFailure:
        return False


async def release(db: Database, name: str, owner: str) -> None:
    """Let the next one begin at once."""
    async with db.write() as session:
        await session.run(delete(Lease).where(Lease.name == name, Lease.owner == owner))


async def while_leading(
    db: Database,
    name: str,
    owner: str,
    work: Callable[[], Awaitable[None]],
    now: Callable[[], datetime],
    closing: asyncio.Event,
) -> None:
    """Run `work` while this process holds the lease; again whenever it comes back.

    Returns when `work` returns, and, where another leads, as soon as `closing` is set.

    An SQLite file belongs to one process (the lock of `bot.app`), which therefore leads without asking: a lease left
    behind by a killed predecessor must not keep its successor waiting.
    """
    if db.on_sqlite:
        await work()
        return
    pause = TERM.total_seconds() / 3
    while not closing.is_set():
        if not await _held(db, name, owner, now):
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await closing.wait()
            continue
        log.info("leading", lease=name)
        if await _work_and_renew(db, name, owner, work, now, pause):
            with suppress(*StorageFailure):  # else it lapses
                await release(db, name, owner)
            return
        log.warning("the lease was lost", lease=name)


async def _work_and_renew(
    db: Database, name: str, owner: str, work: Callable[[], Awaitable[None]], now: Callable[[], datetime], pause: float
) -> bool:
    """True when `work` came to its end; False when the lease was lost and `work` therefore cancelled."""
    lost = False

    async def renew(working: asyncio.Task[None]) -> None:
        nonlocal lost
        while not lost:
            await asyncio.sleep(pause)
            if not await _held(db, name, owner, now):
                lost = True
                working.cancel()

    async with asyncio.TaskGroup() as group:
        working = group.create_task(_run(work))
        renewing = group.create_task(renew(working))
        working.add_done_callback(lambda _: renewing.cancel())
    return not lost


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    await work()
