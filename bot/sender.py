"""From the outbox to Telegram, under its limits: the most urgent first, one at a time to each chat."""

import asyncio
import html
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from aiogram import Bot
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramBadRequest, TelegramMigrateToChat
from aiogram.types import FSInputFile, InlineKeyboardMarkup, Message

from bot.pace import Pace
from bot.parcels import LIVE, Held, Parcel, may_join, pack
from bot.telegram import Meaning, TelegramFailure, TokenRejected, may_have_arrived, meaning, retry_after
from handlers.i18n import Catalogue
from handlers.screens import Screen
from services import outbox, resellers, users
from services.db import Database, StorageFailure, WriteSession

log = structlog.get_logger()

_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Sent:
    """It is in the chat as `message_id`."""

    message_id: int | None


@dataclass(frozen=True, slots=True)
class Later:
    """It was not sent and is due again in `seconds`."""

    seconds: float
    error: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """It can never be sent."""

    error: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The chat cannot be reached: nothing queued for it can be sent."""

    error: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The group is another chat by now: what is queued for it goes there."""

    to: int


Outcome = Sent | Later | Dropped | Gone | Moved


async def pause_for(wake: asyncio.Event, seconds: float) -> None:
    """Until `wake` is set, at most so long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()


class Sender:
    """Claims notices by lease, puts them into the reader's words outside any transaction, sends them at `pace`.

    At least once: where the line broke before Telegram's answer came, a message may arrive twice. A message to many
    goes out at most once: it counts as sent before it is. `clock` is the monotonic one that `pace` runs on; `pause`
    waits for it.
    """

    LEASE = timedelta(seconds=60)
    LOW, FULL, RESERVE, MOST = 8, 32, 16, 200
    """Notices in hand: claimed anew below LOW up to FULL; an announcement adds RESERVE, so that what is urgent gets
    in beside a broadcast; never above MOST."""
    DEPTH = 4
    """Of one chat's only so many count, and a chat with so many in hand is passed over: what one admin has yet to be
    told, a message a second, holds up nobody else's."""
    IN_FLIGHT = 8
    TICK = 1.0
    LINGER = 2.0
    """So many seconds two orders that ended at once wait for a third, which makes them one message."""
    LONGEST_BACKOFF = 300.0
    UPLOAD = 900
    """Seconds that a file may take on its way."""
    REFUSALS = 5
    """So often is a message offered that Telegram will not take as it is; then it is given up, loudly."""

    def __init__(
        self,
        bot: Bot,
        db: Database,
        catalogue: Catalogue,
        owner: str,
        now: Callable[[], datetime],
        pace: Pace,
        *,
        clock: Callable[[], float],
        pause: Callable[[asyncio.Event, float], Awaitable[None]] = pause_for,
    ) -> None:
        self._bot, self._db, self._catalogue, self._owner, self._now = bot, db, catalogue, owner, now
        self._pace, self._clock, self._pause = pace, clock, pause
        self._held: list[Held] = []
        self._busy: dict[int, Parcel] = {}
        self._outcomes: list[tuple[Parcel, Outcome]] = []
        self._alone: set[int] = set()  # refused in a digest: what one of them may have is to stop no other
        self._announced = True
        self._more = False
        self._failures = 0
        self._stopping = False
        self._wake = asyncio.Event()
        self._answered = asyncio.Event()
        db.subscribe("outbox", self.look)

    def look(self) -> None:
        """Something may be due: called after each commit that put something there, and once in a while."""
        self._announced = True
        self._wake.set()

    def stop(self) -> None:
        """Send nothing new; `run` returns when what is on its way has been answered and recorded."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Send until stopped or cancelled. Raises TokenRejected, in an exception group."""
        self._announced = True
        self._held.clear()
        self._busy.clear()
        async with asyncio.TaskGroup() as group:
            recorder = group.create_task(self._record_for_ever())
            async with asyncio.TaskGroup() as sending:
                while not self._stopping:
                    self._wake.clear()
                    await self._claim()
                    await self._pause(self._wake, self._begin(sending))
            recorder.cancel()
        await self._record()
        if self._held:
            with suppress(*StorageFailure):  # else their leases end
                async with self._db.write() as session:
                    await outbox.release(session, self._owner)

    # What to send next

    async def _claim(self) -> None:
        """Take more in hand: when little is left, or when something was announced that may be more urgent."""
        self._held = [held for held in self._held if held.until > self._clock()]
        chats = Counter(held.notice.chat_id for held in self._held)
        crowded = [chat for chat, count in chats.items() if count >= self.DEPTH]
        in_hand = sum(min(count, self.DEPTH) for count in chats.values())
        room = self.FULL - in_hand if in_hand < self.LOW else self.RESERVE
        limit = min(room, self.MOST - in_hand)
        if limit <= 0 or not (self._announced or (self._more and in_hand < self.LOW)):
            return
        self._announced = False
        # Their leases may have ended, but they are on their way or were answered: sent again, they would come twice. A
        # card that was replaced since is another version, and may be recorded while this waits for its turn to write.
        on_their_way = [*self._busy.values(), *(parcel for parcel, _ in self._outcomes)]
        unrecorded = {(notice.id, notice.version) for parcel in on_their_way for notice in parcel.notices}
        since = self._clock()
        until = since + self.LEASE.total_seconds() / 2
        try:
            async with self._db.write() as session:
                claimed = await outbox.claim(
                    session, owner=self._owner, limit=limit, lease=self.LEASE, now=self._now(), but=crowded
                )
                wanted = await outbox.queued(session, {held.notice.id for held in self._held})
                # Known before a try counts: a database that is away must not pass for a notice without words.
                readers = await users.readers(session, {notice.chat_id for notice in claimed})
        except StorageFailure as error:
            log.warning("the outbox could not be read", error=str(error))
            return
        self._more = bool(crowded) or len(claimed) == limit
        fresh = [
            Held(notice, since, until, readers.get(notice.chat_id, users.Reader()))
            for notice in claimed
            if (notice.id, notice.version) not in unrecorded
        ]
        kept = [held for held in self._held if held.notice.id in wanted]
        self._held = sorted([*kept, *fresh], key=lambda held: held.urgency)

    def _begin(self, sending: asyncio.TaskGroup) -> float:
        """Start whatever may leave now; seconds until something else may."""
        while len(self._busy) < self.IN_FLIGHT:
            free = [held for held in self._held if held.notice.chat_id not in self._busy]
            if not free:
                break
            waits = {chat: self._chat_wait(chat) for chat in {held.notice.chat_id for held in free}}
            ready = next((held for held in free if not waits[held.notice.chat_id]), None)
            wait = self._pace.overall_wait() if ready else min(waits.values())
            if ready is None or wait:
                # Chosen again after the wait: something more urgent may have come.
                return min(wait, self.TICK)
            packed = pack(ready, self._held, self._alone)
            self._held = [held for held in self._held if held not in packed]
            parcel = Parcel(tuple(held.notice for held in packed), ready.reader)
            self._pace.take(parcel.chat_id)
            self._busy[parcel.chat_id] = parcel
            sending.create_task(self._send(parcel))
        return self.TICK

    def _chat_wait(self, chat_id: int) -> float:
        """Seconds until this chat may get its next message; two ends of orders wait a little for a third."""
        since = may_join(self._held, chat_id, self._alone)
        lingers = 0.0 if since is None or self._stopping else since + self.LINGER - self._clock()
        return max(self._pace.chat_wait(chat_id), lingers)

    # One message

    async def _send(self, parcel: Parcel) -> None:
        try:
            outcome = await self._deliver(parcel)
        finally:
            del self._busy[parcel.chat_id]
        if isinstance(outcome, Gone | Moved):
            self._held = [other for other in self._held if other.notice.chat_id != parcel.chat_id]
        self._outcomes.append((parcel, outcome))
        self._answered.set()
        self._wake.set()

    async def _deliver(self, parcel: Parcel) -> Outcome:
        try:
            screen = parcel.screen(self._catalogue.texts(*parcel.reader.languages), self._now())
            if parcel.at_most_once:
                async with self._db.write() as session:
                    await outbox.sent(session, parcel.done(None), self._now())
            message_id = await self._transmit(parcel, screen)
        except TelegramFailure as error:
            return self._after(parcel, error)
        except StorageFailure as error:
            return Later(self._backoff(parcel), str(error))
        except Exception:  # the process edge: a notice that cannot be put into words stops no other
            log.exception("a notice could not be sent", key=parcel.key)
            return self._refused(parcel, "see the log")
        self._failures = 0
        return Sent(message_id)

    async def _transmit(self, parcel: Parcel, screen: Screen) -> int | None:
        """The id of the message as it stands in the chat: the edited one, or a new one where that is gone."""
        target, text, silent = parcel.message_id, screen.text, parcel.silent(self._now())
        parse_mode: ParseMode | None = ParseMode.HTML
        while True:
            try:
                if screen.document is not None and await asyncio.to_thread(Path(screen.document).is_file):
                    return await self._upload(parcel.chat_id, screen.document, text, parse_mode, silent)
                return await self._write(parcel.chat_id, target, text, parse_mode, screen.keyboard, silent)
            except TelegramBadRequest as error:
                match meaning(error):
                    case Meaning.UNCHANGED:
                        return target
                    case Meaning.EDIT_GONE if target is not None:
                        target = None
                    case Meaning.BAD_MARKUP if parse_mode is not None:
                        log.warning("a text is not good HTML and goes out plain", key=parcel.key, error=error.message)
                        text, parse_mode = html.unescape(_TAG.sub("", text)), None
                    case _:
                        raise

    async def _write(
        self,
        chat_id: int,
        message_id: int | None,
        text: str,
        parse_mode: ParseMode | None,
        keyboard: InlineKeyboardMarkup | None,
        silent: bool,
    ) -> int | None:
        if message_id is None:
            sent = await self._bot.send_message(
                chat_id, text, parse_mode=parse_mode, reply_markup=keyboard, disable_notification=silent
            )
            return sent.message_id
        edited = await self._bot.edit_message_text(
            text, chat_id=chat_id, message_id=message_id, parse_mode=parse_mode, reply_markup=keyboard
        )
        return edited.message_id if isinstance(edited, Message) else message_id

    async def _upload(self, chat_id: int, path: str, text: str, parse_mode: ParseMode | None, silent: bool) -> int:
        """A file, with the text as its caption."""
        sent = await self._bot.send_document(
            chat_id,
            FSInputFile(path),
            caption=text,
            parse_mode=parse_mode,
            disable_notification=silent,
            request_timeout=self.UPLOAD,
        )
        return sent.message_id

    def _after(self, parcel: Parcel, error: Exception) -> Outcome:
        """What becomes of notices that Telegram did not take."""
        told = f"{type(error).__name__}: {error}"
        if isinstance(error, TelegramMigrateToChat):
            return Moved(error.migrate_to_chat_id)
        means = meaning(error)
        if means is Meaning.MUTED and parcel.chat_id < 0:
            means = Meaning.UNREACHABLE
        match means:
            case Meaning.TOKEN_REJECTED:
                raise TokenRejected from error
            case Meaning.UNREACHABLE:
                return Gone(told)
            case Meaning.FLOOD:
                seconds = retry_after(error)
                self._pace.hold_chat(parcel.chat_id, seconds)
                return Later(seconds, told)
            case Meaning.TROUBLE:
                self._failures += 1
                if self._failures > 2:  # not this message: the line
                    self._pace.hold_all(min(30.0, 0.25 * 2 ** min(self._failures, 7)))
                log.warning("a message did not go out", key=parcel.key, error=told, tries=parcel.tries)
                if parcel.at_most_once and may_have_arrived(error):
                    return Sent(None)
                return Later(self._backoff(parcel), told)
        log.error("Telegram refuses a message", key=parcel.key, error=told)
        return self._refused(parcel, told)

    def _refused(self, parcel: Parcel, told: str) -> Outcome:
        """Several are tried once more, one by one; a notice alone is given up in the end."""
        if len(parcel.notices) > 1:
            self._alone.update(parcel.ids)
            return Later(self._backoff(parcel), told)
        if parcel.tries < self.REFUSALS:
            return Later(self._backoff(parcel), told)
        log.error("a notice was given up", key=parcel.key, chat=parcel.chat_id, tries=parcel.tries)
        return Dropped(told)

    def _backoff(self, parcel: Parcel) -> float:
        return min(self.LONGEST_BACKOFF, 2.0 ** min(parcel.tries - 1, 10))

    # What became of them

    async def _record_for_ever(self) -> None:
        while True:
            await self._answered.wait()
            self._answered.clear()
            await self._record()

    async def _record(self) -> None:
        """Write down what was answered since the last time, all of it in one transaction."""
        while self._outcomes:
            batch = self._outcomes[:]
            try:
                async with self._db.write() as session:
                    await self._write_down(session, batch)
            except StorageFailure as error:
                log.warning("what was sent could not be recorded", error=str(error))
                await asyncio.sleep(1.0)
                continue
            del self._outcomes[: len(batch)]
            if any(notice.notice.kind in LIVE for parcel, _ in batch for notice in parcel.notices):
                self.look()  # a card replaced while it was on its way is queued again

    async def _write_down(self, session: WriteSession, batch: list[tuple[Parcel, Outcome]]) -> None:
        now = self._now()
        done: list[tuple[int, int, int | None]] = []
        for parcel, outcome in batch:
            match outcome:
                case Sent(message_id):
                    done += parcel.done(message_id)
                case Later(seconds, error):
                    due = now + timedelta(seconds=seconds)
                    await outbox.later(session, parcel.ids, due_at=due, error=error)
                case Dropped(error):
                    await outbox.drop(session, parcel.ids, error)
                case Gone(error):
                    await outbox.drop(session, parcel.ids, error)
                    await outbox.drop_chat(session, parcel.chat_id, error)
                    await users.mark_unreachable(session, parcel.chat_id, now)
                    await resellers.lose_chat(session, parcel.chat_id, now)
                case Moved(to):
                    await resellers.move_chat(session, parcel.chat_id, to, now)
                    self.look()
            if not isinstance(outcome, Later):
                self._alone.difference_update(parcel.ids)
        await outbox.sent(session, done, now)
