"""Updates stored before they are acknowledged, then worked: one person's in order, different people's in parallel."""

import asyncio
import json
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from aiogram import Bot
from aiogram.methods import TelegramMethod
from sqlalchemy import bindparam, delete, func, select, text, update

from bot.logs import blotter
from bot.telegram import Meaning, TelegramFailure, TokenRejected, meaning, retry_after
from services.db import Database, StorageFailure, WriteSession, passing
from services.models import WAITING, Update

log = structlog.get_logger()

ALLOWED_UPDATES = ["message", "callback_query", "pre_checkout_query", "my_chat_member"]
"""Named in full: Telegram remembers an earlier list where none is given."""
FAST = "pre_checkout_query"
"""Telegram waits ten seconds for its answer, so it stands in nobody's line."""

Raw = dict[str, Any]


class RawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates as plain objects: one that aiogram cannot read must not hold up the others."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int | None = None
    allowed_updates: list[str] | None = None


async def store(session: WriteSession, bot_id: int, updates: Iterable[Raw], now: datetime) -> None:
    """Write updates down, each once however often it is delivered; what has no usable update_id is passed over."""
    rows = [
        {
            "bot_id": bot_id,
            "update_id": item["update_id"],
            "person_id": _person(item),
            "payload": _storable(item),
            "received_at": now,
        }
        for item in updates
        if _fits(item.get("update_id"))
    ]
    if rows:
        await session.run(session.insert(Update).on_conflict_do_nothing(index_elements=["bot_id", "update_id"]), rows)
        session.announce("inbox")


async def purge(session: WriteSession, before: datetime) -> None:
    """Forget the updates received before that are done or were set aside."""
    await session.run(delete(Update).where(Update.received_at < before, Update.state != "waiting"))


def _fits(number: object) -> bool:
    return type(number) is int and abs(number) < 2**63


def _person(item: Raw) -> int | None:
    """Whose line the update stands in; None for the fast lane and for what no person sent."""
    for kind, event in item.items():
        if kind != FAST and isinstance(event, dict):
            sender = event.get("from")
            if isinstance(sender, dict) and _fits(sender.get("id")):
                return int(sender["id"])
    return None


def _storable(item: Raw) -> Raw:
    """The update without half characters, which no database takes."""
    document = json.dumps(item, ensure_ascii=False)
    try:
        document.encode()
    except UnicodeEncodeError:
        repaired: Raw = json.loads(document.encode(errors="replace"))
        return repaired
    return item


class Poller:
    """Asks getUpdates for ever; the offset, which is the acknowledgement, moves only after the commit."""

    def __init__(
        self,
        bot: Bot,
        db: Database,
        now: Callable[[], datetime],
        *,
        seconds: int = 25,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot, self._db, self._now, self._sleep = bot, db, now, sleep
        self._seconds = seconds
        self._offset: int | None = None
        self._failures = 0
        self._hooked = False

    async def run(self) -> None:
        """Until cancelled, which loses nothing. Raises TokenRejected."""
        while True:
            try:
                await self._turn()
                self._failures = 0
            except (*TelegramFailure, *StorageFailure) as error:
                await self._sleep(self._pause_after(error))

    async def _turn(self) -> None:
        if self._hooked:
            await self._bot.delete_webhook()
            self._hooked = False
        call = RawUpdates(offset=self._offset, timeout=self._seconds, allowed_updates=ALLOWED_UPDATES)
        updates: list[Raw] = await self._bot(call, request_timeout=self._seconds + 10)
        if not updates:
            return
        async with self._db.write() as session:
            await store(session, self._bot.id, updates, self._now())
        self._offset = max((item["update_id"] for item in updates if _fits(item.get("update_id"))), default=-1) + 1

    def _pause_after(self, error: BaseException) -> float:
        self._failures += 1
        match meaning(error):
            case Meaning.TOKEN_REJECTED:
                raise TokenRejected from error
            case Meaning.CONFLICT if "webhook" in str(error):
                self._hooked = True
                return 0.5
            case Meaning.CONFLICT:
                log.error("another program takes this bot's updates: stop it, or give this shop a bot of its own")
                return 10.0
            case Meaning.FLOOD:
                return retry_after(error)
        log.warning("updates could not be fetched", error=f"{type(error).__name__}: {error}", tries=self._failures)
        return min(30.0, 0.5 * 2.0 ** min(self._failures, 8))


@dataclass(slots=True)
class _Item:
    update_id: int
    payload: Raw
    tries: int = 0
    blinks: int = 0
    """Tries that met a database that was away: they say nothing of the update, so there may be any number."""


@dataclass(frozen=True, slots=True)
class _Finished:
    update_id: int
    tries: int
    error: str | None


class Worker:
    """Feeds stored updates to `handle`, at most `limit` people at a time.

    An update is done when `handle` returns and set aside, with the traceback, when it raises; what may pass is tried
    again first, a few times, and until the database is back. One that was running when the process died is run again.
    """

    LOW = 32
    """Below so many updates in hand, more are read: an unbounded backlog would fill the memory."""
    PAGE = 64
    DEPTH = 8
    """Of one person's updates at most so many are in hand: a flood from one leaves room for the others."""
    TICK = 1.0
    """Seconds between looks at the table when nobody announced anything: another process may have stored something."""
    TRIES = 4
    LONGEST_PAUSE = 5.0

    def __init__(
        self,
        db: Database,
        bot_id: int,
        handle: Callable[[Raw], Awaitable[None]],
        now: Callable[[], datetime],
        *,
        limit: int = 32,
    ) -> None:
        self._db, self._bot_id, self._handle, self._now = db, bot_id, handle, now
        self._limit = limit
        self._lines: dict[int, deque[_Item]] = {}
        self._ready: deque[int] = deque()
        self._fast: deque[_Item] = deque()
        self._running = 0
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._held: set[int] = set()
        self._released: set[int] = set()
        self._finished: list[_Finished] = []
        self._unread = True
        self._stopping = False
        self._wake = asyncio.Event()
        self._marked = asyncio.Event()
        db.subscribe("inbox", self._announced)

    def _announced(self) -> None:
        self._unread = True
        self._wake.set()

    def stop(self) -> None:
        """Begin nothing new; `run` returns when what runs has ended and is marked."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Work until stopped or cancelled; whatever was not marked done is taken up by the next run."""
        self._forget()
        async with asyncio.TaskGroup() as group:
            marker = group.create_task(self._mark_for_ever())
            async with asyncio.TaskGroup() as serving:
                while not self._stopping:
                    self._wake.clear()
                    await self._read()
                    self._begin(serving)
                    try:
                        async with asyncio.timeout(self.TICK):
                            await self._wake.wait()
                    except TimeoutError:
                        self._unread = True
            marker.cancel()
        await self._mark()

    def _forget(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._lines.clear()
        self._ready.clear()
        self._fast.clear()
        self._held.clear()
        self._finished.clear()
        self._running = 0
        self._unread = True

    async def _read(self) -> None:
        """Take up the first few waiting updates of each person, and every one of the fast lane."""
        if not self._unread:
            return
        room = len(self._held) < self.LOW
        line = func.coalesce(Update.person_id, -Update.update_id)
        turn = func.row_number().over(partition_by=line, order_by=Update.update_id).label("turn")
        turns = select(Update.update_id, turn).where(text(WAITING), Update.bot_id == self._bot_id).subquery()
        waiting = (
            select(Update.update_id, Update.person_id, Update.payload, turns.c.turn)
            .join(turns, turns.c.update_id == Update.update_id)
            .where(Update.bot_id == self._bot_id, turns.c.turn <= self.DEPTH)
            .order_by(Update.person_id.is_not(None), turns.c.turn, Update.update_id)
            .limit(self.PAGE + len(self._held))
        )
        if not room:
            waiting = waiting.where(Update.person_id.is_(None))
        self._released.clear()
        try:
            async with self._db.read() as session:
                rows = await session.all(waiting)
        except StorageFailure as error:
            log.warning("the inbox could not be read", error=str(error))
            return
        # What was marked done while this was read may still have been waiting in it.
        new = [row for row in rows if row.update_id not in self._held | self._released]
        # Whatever the page or the depth cut off is read when some of these are done.
        self._unread = not room or len(new) >= self.PAGE or any(row.turn == self.DEPTH for row in rows)
        for row in new:
            self._held.add(row.update_id)
            self._line_up(row.person_id, _Item(row.update_id, row.payload))

    def _line_up(self, person: int | None, item: _Item) -> None:
        if person is None:
            self._fast.append(item)
        elif person in self._lines:
            self._lines[person].append(item)
        else:
            self._lines[person] = deque([item])
            self._ready.append(person)

    def _begin(self, group: asyncio.TaskGroup) -> None:
        while self._fast:
            group.create_task(self._serve_fast(self._fast.popleft()))
        while self._ready and self._running < self._limit:
            self._running += 1
            group.create_task(self._serve(self._ready.popleft()))

    async def _serve(self, person: int) -> None:
        """Work the first update of a line, then queue the line behind the others."""
        line = self._lines[person]
        try:
            again_in = await self._work(line[0])
        finally:
            self._running -= 1
        self._wake.set()
        if again_in is not None:
            later = asyncio.get_running_loop().call_later(again_in, self._ready_again, person)
            self._timers[person] = later
            return
        line.popleft()
        if line:
            self._ready.append(person)
        else:
            del self._lines[person]

    def _ready_again(self, person: int) -> None:
        del self._timers[person]
        self._ready.append(person)
        self._wake.set()

    async def _serve_fast(self, item: _Item) -> None:
        again_in = await self._work(item)
        while again_in is not None and not self._stopping:
            await asyncio.sleep(min(again_in, 1.0))
            again_in = await self._work(item)

    async def _work(self, item: _Item) -> float | None:
        """Handle one update; seconds after which to try it again, or None when it is finished either way."""
        item.tries += 1
        failure: Exception | None = None
        try:
            await self._handle(item.payload)
        except Exception as error:  # noqa: BLE001  the process edge: one poisoned update stops nobody
            failure = error
        if failure is not None:
            again_in = self._again_in(failure, item)
            if again_in is not None:
                log.warning("an update is tried again", update_id=item.update_id, error=str(failure), after=again_in)
                return again_in
            log.error("an update was set aside", update_id=item.update_id, exc_info=failure)
        self._finished.append(_Finished(item.update_id, item.tries, _told(failure)))
        self._marked.set()
        return None

    def _again_in(self, failure: Exception, item: _Item) -> float | None:
        """Seconds to wait before another try; None where it would not help."""
        if passing(failure):
            item.blinks += 1
            return min(self.LONGEST_PAUSE, 0.25 * 2.0 ** min(item.blinks, 8))
        tries = item.tries - item.blinks
        if tries >= self.TRIES or not may_pass(failure):
            return None
        return retry_after(failure) if meaning(failure) is Meaning.FLOOD else 0.5 * 2.0**tries

    async def _mark_for_ever(self) -> None:
        while True:
            await self._marked.wait()
            self._marked.clear()
            await self._mark()

    async def _mark(self) -> None:
        """Write down what is finished, all of it in one transaction."""
        while self._finished:
            batch = self._finished[:]
            try:
                async with self._db.write() as session:
                    await session.run(
                        update(Update)
                        .where(Update.bot_id == self._bot_id, Update.update_id == bindparam("finished_id"))
                        .values(
                            state=bindparam("new_state"),
                            error=bindparam("new_error"),
                            tries=bindparam("new_tries"),
                            done_at=self._now(),
                        ),
                        [
                            {
                                "finished_id": done.update_id,
                                "new_state": "done" if done.error is None else "set_aside",
                                "new_error": done.error,
                                "new_tries": done.tries,
                            }
                            for done in batch
                        ],
                    )
            except StorageFailure as error:
                log.warning("finished updates could not be marked", error=str(error))
                await asyncio.sleep(1.0)
                continue
            del self._finished[: len(batch)]
            self._released.update(done.update_id for done in batch)
            self._held -= self._released
            self._wake.set()


def _told(failure: Exception | None) -> str | None:
    return None if failure is None else blotter.clean("".join(traceback.format_exception(failure)))


def may_pass(failure: BaseException) -> bool:
    """Whether the same may go well a little later: the line to Telegram, its flood control, a database that is away."""
    return passing(failure) or meaning(failure) in {Meaning.FLOOD, Meaning.TROUBLE}
