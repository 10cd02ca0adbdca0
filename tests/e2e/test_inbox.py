"""Laws of the inbox: stored before acknowledged, taken up after a crash, one person's in order, poison stops nobody."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter
from aiogram.methods import GetMe
from aiogram.types import Update as TelegramUpdate
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from bot import inbox
from bot.inbox import Poller, Raw, Worker
from bot.telegram import TokenRejected
from services.db import Database
from services.models import Update
from tests.blinks import blink
from tests.e2e.sandbox_telegram import MIA, Telegram, running

BOT = 700100
OMAR = 1002


@pytest.fixture
async def telegram(tmp_path: Path) -> AsyncIterator[Telegram]:
    page = tmp_path / "page"
    page.mkdir()
    async with running(page) as simulator:
        yield simulator


def said(update_id: int, person: int = MIA, words: str = "hello") -> Raw:
    """A message update as Telegram sends it."""
    sender = {"id": person, "is_bot": False, "first_name": "Somebody"}
    chat = {"id": person, "type": "private"}
    message = {"message_id": update_id, "date": 1_760_000_000, "chat": chat, "from": sender, "text": words}
    return {"update_id": update_id, "message": message}


def checkout(update_id: int, person: int = MIA) -> Raw:
    """A pre-checkout query, which Telegram waits ten seconds for."""
    sender = {"id": person, "is_bot": False, "first_name": "Somebody"}
    query = {"id": "7", "from": sender, "currency": "XTR", "total_amount": 5, "invoice_payload": "x"}
    return {"update_id": update_id, "pre_checkout_query": query}


async def keep(db: Database, now: datetime, *updates: Raw) -> None:
    async with db.write() as session:
        await inbox.store(session, BOT, updates, now)


async def states(db: Database) -> dict[int, str]:
    """update_id -> state of everything in the inbox."""
    async with db.read() as session:
        return {row[0]: row[1] for row in await session.all(select(Update.update_id, Update.state))}


async def until(look: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a fact in the database."""
    async with asyncio.timeout(10):
        while not await look():  # noqa: ASYNC110  what is waited for is a row
            await asyncio.sleep(0.01)


@asynccontextmanager
async def at_work(
    db: Database, now: datetime, handle: Callable[[Raw], Awaitable[None]], **options: Any
) -> AsyncIterator[Worker]:
    """A worker that runs as long as the block; it is killed at its end, not asked to stop."""
    worker = Worker(db, BOT, handle, lambda: now, **options)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(worker.run())
        yield worker
        task.cancel()


@asynccontextmanager
async def polling(poller: Poller) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(poller.run())
        yield
        task.cancel()


# Storing


async def test_an_update_is_acknowledged_only_when_it_is_stored(
    telegram: Telegram, spare_db: Database, now: datetime
) -> None:
    """While the table cannot be written, Telegram keeps the update; then it arrives, once."""
    async with spare_db.writer.begin() as connection:
        await connection.execute(text("ALTER TABLE inbox RENAME TO away"))
    kept_by_telegram: list[int] = []

    async def after_failure(_seconds: float) -> None:
        kept_by_telegram.append(len(await telegram.updates()))
        async with spare_db.writer.begin() as connection:
            await connection.execute(text("ALTER TABLE away RENAME TO inbox"))

    await telegram.page("say", person=MIA, text="hello")
    async with polling(Poller(telegram.bot, spare_db, lambda: now, seconds=1, sleep=after_failure)):
        await until(lambda: some(spare_db))
    assert kept_by_telegram == [1]
    assert list((await states(spare_db)).values()) == ["waiting"]


async def some(db: Database) -> bool:
    try:
        return bool(await states(db))
    except SQLAlchemyError:  # the table is away
        return False


async def test_an_update_that_comes_twice_is_stored_once(db: Database, now: datetime) -> None:
    await keep(db, now, said(5, words="first"))
    await keep(db, now, said(5, words="again"), said(6))
    assert await states(db) == {5: "waiting", 6: "waiting"}


async def test_half_a_character_does_not_stop_the_batch(db: Database, now: datetime) -> None:
    """No database takes a lone surrogate; the update around it is kept all the same."""
    await keep(db, now, said(1, words="half \ud83d"), {"no": "id"}, said(2))
    assert set(await states(db)) == {1, 2}


async def test_polling_survives_trouble_and_a_forgotten_webhook(
    telegram: Telegram, db: Database, now: datetime
) -> None:
    async def at_once(_seconds: float) -> None:
        await asyncio.sleep(0)

    await telegram.result("setWebhook", url="https://127.0.0.1:9/hook", secret_token="x" * 20)
    await telegram.page("fault", method="getUpdates", status=502, times=1, html=True)
    await telegram.page("fault", method="getUpdates", status=0, times=1)
    await telegram.page("fault", method="getUpdates", status=429, times=1, retry_after=3)
    async with polling(Poller(telegram.bot, db, lambda: now, seconds=1, sleep=at_once)):
        await telegram.page("say", person=MIA, text="hello")
        await until(lambda: some(db))
    assert not (await telegram.result("getWebhookInfo"))["url"]


async def test_a_rejected_token_ends_the_polling(telegram: Telegram, db: Database, now: datetime) -> None:
    await telegram.page("fault", method="getUpdates", status=401, times=1)
    with pytest.raises(TokenRejected):
        await Poller(telegram.bot, db, lambda: now).run()


async def test_done_updates_are_forgotten_and_waiting_ones_are_not(db: Database, now: datetime) -> None:
    await keep(db, now - timedelta(hours=50), said(1), said(2))

    async def handle(_raw: Raw) -> None:
        return

    async with at_work(db, now, handle):
        await until(lambda: all_are(db, "done"))
    await keep(db, now - timedelta(hours=50), said(3))
    async with db.write() as session:
        await inbox.purge(session, now - timedelta(hours=48))
    assert await states(db) == {3: "waiting"}


async def all_are(db: Database, state: str) -> bool:
    return set((await states(db)).values()) == {state}


# Working


async def test_what_was_running_at_a_crash_is_run_again(db: Database, now: datetime) -> None:
    began = asyncio.Event()

    async def hang(_raw: Raw) -> None:
        began.set()
        await asyncio.Event().wait()

    await keep(db, now, said(1), said(2))
    async with at_work(db, now, hang):
        await began.wait()
    assert await states(db) == {1: "waiting", 2: "waiting"}

    handled: list[int] = []

    async def handle(raw: Raw) -> None:
        handled.append(raw["update_id"])

    async with at_work(db, now, handle):
        await until(lambda: all_are(db, "done"))
    assert handled == [1, 2]


async def test_one_persons_updates_go_in_order_while_others_go_on(db: Database, now: datetime) -> None:
    log: list[str] = []
    release = asyncio.Event()
    others = asyncio.Event()

    async def handle(raw: Raw) -> None:
        words = raw["message"]["text"]
        log.append(f"begin {words}")
        if words == "mia 1":
            await release.wait()
        log.append(f"end {words}")
        if words == "omar 2":
            others.set()

    await keep(db, now, said(1, MIA, "mia 1"), said(2, MIA, "mia 2"), said(3, OMAR, "omar 1"), said(4, OMAR, "omar 2"))
    async with at_work(db, now, handle):
        await others.wait()
        assert "begin mia 2" not in log
        release.set()
        await until(lambda: all_are(db, "done"))
    assert [line for line in log if "mia" in line] == ["begin mia 1", "end mia 1", "begin mia 2", "end mia 2"]
    assert log.index("end omar 2") < log.index("end mia 1")


async def test_no_more_people_are_served_at_once_than_allowed(db: Database, now: datetime) -> None:
    at_once = most = 0

    async def handle(_raw: Raw) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1

    await keep(db, now, *(said(number, person=number) for number in range(1, 151)))
    async with at_work(db, now, handle, limit=5):
        await until(lambda: all_are(db, "done"))
    assert most == 5


async def test_a_flood_from_one_person_leaves_room_for_the_others(db: Database, now: datetime) -> None:
    handled: list[int] = []

    async def handle(raw: Raw) -> None:
        handled.append(raw["update_id"])
        await asyncio.sleep(0)

    await keep(db, now, *(said(number, MIA) for number in range(1, 201)), said(201, OMAR))
    async with at_work(db, now, handle):
        await until(lambda: all_are(db, "done"))
    assert handled.index(201) < Worker.DEPTH
    assert [each for each in handled if each != 201] == list(range(1, 201))


async def test_a_poisoned_update_is_set_aside_and_stops_nobody(db: Database, now: datetime) -> None:
    """Not even the person who sent it."""
    handled: list[int] = []

    async def handle(raw: Raw) -> None:
        handled.append(TelegramUpdate.model_validate(raw).update_id)

    poison = said(1)
    poison["message"]["chat"] = "not a chat"
    await keep(db, now, poison, said(2), said(3, OMAR))
    async with at_work(db, now, handle):
        await until(lambda: none_waits(db))
    assert await states(db) == {1: "set_aside", 2: "done", 3: "done"}
    assert sorted(handled) == [2, 3]
    async with db.read() as session:
        error = await session.value(select(Update.error).where(Update.update_id == 1))
    assert error is not None
    assert "Traceback" in error
    assert "ValidationError" in error


async def none_waits(db: Database) -> bool:
    return "waiting" not in (await states(db)).values()


async def test_a_payment_question_waits_behind_nothing(
    db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither behind the same person's slow update, nor behind a full house, nor for the next look at the table."""
    monkeypatch.setattr(Worker, "TICK", 60.0)
    answered = asyncio.Event()

    async def handle(raw: Raw) -> None:
        if "pre_checkout_query" in raw:
            answered.set()
        else:
            await asyncio.Event().wait()

    await keep(db, now, *(said(number, person=number) for number in range(1, 101)))
    async with at_work(db, now, handle, limit=2) as worker:
        await until(lambda: held(worker, 64))
        await keep(db, now, checkout(101, person=1))
        async with asyncio.timeout(10):
            await answered.wait()


async def held(worker: Worker, least: int) -> bool:
    return len(worker._held) >= least


@pytest.mark.parametrize(
    "trouble",
    [
        TelegramRetryAfter(GetMe(), "Too Many Requests", 0),
        TelegramNetworkError(GetMe(), "reset"),
    ],
    ids=["flood", "network"],
)
async def test_what_may_pass_is_tried_again_in_order(
    db: Database, now: datetime, trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once(monkeypatch)
    handled: list[int] = []

    async def handle(raw: Raw) -> None:
        handled.append(raw["update_id"])
        if len(handled) == 1:
            raise trouble

    await keep(db, now, said(1), said(2))
    async with at_work(db, now, handle):
        await until(lambda: all_are(db, "done"))
    assert handled == [1, 1, 2]


def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers come to their real verdict and leave out the pause."""
    verdict = Worker._again_in

    def again_in(worker: Worker, failure: Exception, item: inbox._Item) -> float | None:
        return None if verdict(worker, failure, item) is None else 0.0

    monkeypatch.setattr(Worker, "_again_in", again_in)


async def test_a_database_that_is_away_keeps_taps_waiting_and_in_order(
    db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is met; and what is tried a few times only is tried as often as ever afterwards."""
    at_once(monkeypatch)
    handled: list[int] = []

    async def handle(raw: Raw) -> None:
        handled.append(raw["update_id"])
        if len(handled) <= 2 * Worker.TRIES:
            async with db.write() as session:
                await blink(session)
        if raw["update_id"] == 2:
            raise TelegramNetworkError(GetMe(), "reset")

    await keep(db, now, said(1), said(2), said(3))
    async with at_work(db, now, handle):
        await until(lambda: none_waits(db))
    assert handled == [*[1] * (2 * Worker.TRIES + 1), *[2] * Worker.TRIES, 3]
    assert await states(db) == {1: "done", 2: "set_aside", 3: "done"}


async def test_pauses_for_a_database_that_is_away_grow_and_stay_short(db: Database, now: datetime) -> None:
    worker, item = Worker(db, BOT, lambda _raw: asyncio.sleep(0), lambda: now), inbox._Item(1, said(1))
    pauses = [worker._again_in(ConnectionRefusedError(), item) for _ in range(200)]
    assert pauses[:3] == [0.5, 1.0, 2.0]
    assert set(pauses[5:]) == {Worker.LONGEST_PAUSE}


async def test_a_stop_waits_for_no_database_that_is_away(db: Database, now: datetime) -> None:
    """Not even for a payment question; both are taken up at the next start."""
    met = asyncio.Event()

    async def handle(raw: Raw) -> None:
        if "pre_checkout_query" in raw:
            met.set()
        raise ConnectionRefusedError

    await keep(db, now, said(1), checkout(2))
    worker = Worker(db, BOT, handle, lambda: now)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        await met.wait()
        worker.stop()
    assert await states(db) == {1: "waiting", 2: "waiting"}


async def test_a_stop_finishes_what_runs_and_begins_nothing(db: Database, now: datetime) -> None:
    began, release = asyncio.Event(), asyncio.Event()

    async def handle(_raw: Raw) -> None:
        began.set()
        await release.wait()

    await keep(db, now, said(1), said(2))
    worker = Worker(db, BOT, handle, lambda: now)
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        await began.wait()
        worker.stop()
        release.set()
    assert await states(db) == {1: "done", 2: "waiting"}
