"""Laws of the sender's pace: Telegram's limits are kept, what is urgent goes first, a stop leaves nothing claimed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot
from aiogram.methods import SendMessage, TelegramMethod
from sqlalchemy import select

from bot.pace import Gcra, Pace
from bot.sender import Sender
from services import outbox
from services.db import Database
from services.models import Notice
from tests.e2e.post_office import OMAR, Post, post_office, sending
from tests.e2e.sandbox_telegram import MIA


@pytest.fixture
async def post(db: Database, now: datetime, tmp_path: Path) -> AsyncIterator[Post]:
    async with post_office(db, now, tmp_path) as office:
        yield office


# Its limits, and what is urgent


async def test_never_more_than_thirty_messages_in_any_second(post: Post) -> None:
    for number in range(70):
        await post.credited(str(number), chat_id=5_000_000 + number)
    async with sending(post):
        await post.settled()
    times = sorted(at for at, _ in post.calls)
    assert len(times) == 70
    assert all(later - earlier > 0.999 for earlier, later in zip(times, times[30:], strict=False))
    assert times[-1] - times[0] < 2.5, "and not much fewer either"


async def test_a_chat_gets_a_short_burst_and_then_one_message_a_second(post: Post) -> None:
    for number in range(6):
        await post.credited(str(number))
    async with sending(post):
        await post.settled()
    times = [at for at, _ in post.calls]
    assert times[2] - times[0] < 1
    assert all(later - earlier > 0.999 for earlier, later in zip(times, times[3:], strict=False))
    assert times[5] - times[0] > 2.999


def test_a_group_gets_twenty_messages_in_any_minute() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    times = []
    while now < 600:
        now += pace.chat_wait(-100) or 0.0
        times.append(now)
        pace.take(-100)
    assert len(times) > 170
    assert all(later - earlier >= 60 for earlier, later in zip(times, times[20:], strict=False))


def test_a_pause_that_telegram_asks_for_spends_the_burst() -> None:
    gate = Gcra(1.0, burst=3)
    gate.hold(10.0)
    assert gate.wait(0.0) == 10.0
    assert gate.wait(10.0) == 0.0


async def test_a_refund_overtakes_a_broadcast(post: Post) -> None:
    for number in range(60):
        await post.credited(f"broadcast {number}", chat_id=5_000_000 + number, priority=outbox.BROADCAST)
    async with sending(post):
        await post.until(lambda _: len(post.calls) >= 20)
        before = len(post.calls)
        await post.credited("refund", MIA, outbox.NOTICE)
        await post.settled()
    place = next(place for place, (_, call) in enumerate(post.calls) if getattr(call, "chat_id", 0) == MIA)
    assert place - before < 2 * Sender.IN_FLIGHT


async def test_a_stop_records_what_was_sent_and_gives_back_the_rest(post: Post) -> None:
    """The next process need not wait for the lease to end."""
    for number in range(10):
        await post.credited(str(number))
    under_way = asyncio.Event()

    async def notice(make_request: Any, bot: Bot, method: TelegramMethod[Any]) -> Any:
        under_way.set()
        return await make_request(bot, method)

    post.telegram.bot.session.middleware(notice)
    async with asyncio.TaskGroup() as group:
        group.create_task(post.sender.run())
        await under_way.wait()
        post.sender.stop()
    rows = await post.rows()
    assert Counter(row.state for row in rows)["sent"] == len(await post.chat())
    async with post.db.read() as session:
        owners = await session.values(select(Notice.lease_owner).where(Notice.state == "queued"))
    assert owners
    assert set(owners) == {None}


async def test_a_message_whose_lease_ends_on_its_way_is_sent_once(post: Post) -> None:
    """A machine that slept, a line or a database that was slow: it is the same sender that finds the lease lapsed."""

    async def oversleep(make_request: Any, bot: Bot, method: TelegramMethod[Any]) -> Any:
        answer = await make_request(bot, method)
        if len(post.calls) == 1:
            post.time.seconds += 2 * Sender.LEASE.total_seconds()
            post.sender.look()
            await post.until(lambda rows: rows[0].tries == 2)
        return answer

    post.telegram.bot.session.middleware(oversleep)
    await post.credited()
    async with sending(post):
        await post.settled()
        await asyncio.sleep(0.05)
    assert len(await post.chat()) == 1


async def test_an_announcement_is_sent_without_waiting_for_the_tick(post: Post) -> None:
    async with sending(post):
        await asyncio.sleep(0.01)
        began = post.time.seconds
        await post.credited()
        await post.settled()
    assert post.calls[0][0] - began < 60


async def test_one_chat_with_much_to_read_holds_up_no_other(post: Post) -> None:
    """A provider that refuses everything gives an admin hundreds of alerts; customers wait for their refunds."""
    for number in range(300):
        await post.credited(f"alert {number}", chat_id=OMAR)
    async with sending(post):
        await post.until(lambda _: len(post.calls) >= 5)
        await post.credited("refund", MIA)
        queued = post.time.seconds
        await post.until(lambda rows: rows[-1].state == "sent")
        post.sender.stop()
    [refunded] = [at for at, method in post.calls if isinstance(method, SendMessage) and method.chat_id == MIA]
    assert refunded - queued < 5
