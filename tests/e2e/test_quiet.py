"""Laws of quiet hours: nothing waits, what would wake somebody makes no sound, and what must be heard does."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from aiogram.methods import SendMessage

from services import outbox, users
from services.db import Database
from services.notices import AdminAlert, Completed
from services.outbox import Outgoing
from services.quiet import QuietHours
from tests.e2e.post_office import OMAR, Post, post_office, sending
from tests.e2e.sandbox_telegram import MIA


@pytest.fixture
async def post(db: Database, now: datetime, tmp_path: Path) -> AsyncIterator[Post]:
    """Mia wants it quiet now, and for a few hours."""
    async with post_office(db, now, tmp_path) as office:
        async with db.write() as session:
            hours = QuietHours((now.hour - 1) % 24, (now.hour + 3) % 24, 0)
            await users.choose_quiet(session, MIA, hours)
        yield office


def silent(post: Post) -> list[bool]:
    return [bool(call.disable_notification) for _, call in post.calls if isinstance(call, SendMessage)]


async def test_in_quiet_hours_a_notice_comes_at_once_and_without_a_sound(post: Post) -> None:
    began = post.time.seconds
    await post.credited("mia")
    await post.credited("omar", OMAR)
    async with sending(post):
        rows = await post.settled()
    assert {(row.state, row.tries) for row in rows} == {("sent", 1)}
    heard = {call.chat_id: call.disable_notification for _, call in post.calls if isinstance(call, SendMessage)}
    assert heard == {MIA: True, OMAR: False}
    assert post.calls[-1][0] - began < 1


async def test_a_digest_is_as_quiet_as_its_notices(post: Post) -> None:
    done = [Completed(n, "Likes", "A", 100, n, 100, 100, [["A", 100]]) for n in range(1, 5)]
    await post.put(*(Outgoing(f"done:{each.order_id}", MIA, each) for each in done))
    async with sending(post):
        await post.settled()
    assert silent(post) == [True]


async def test_an_alert_and_a_reply_ring_in_quiet_hours(post: Post) -> None:
    """A reply answers somebody who is awake; an alert is about money at risk."""
    await post.put(Outgoing("alert", MIA, AdminAlert("order-unknown", 7, {}, 1)))
    await post.card(0)
    await post.credited("reply", priority=outbox.INTERACTIVE)
    async with sending(post):
        await post.settled()
    assert silent(post) == [False] * 3


async def test_when_they_are_over_notices_ring_again(post: Post) -> None:
    post.time.seconds += 4 * 3600
    await post.credited()
    async with sending(post):
        await post.settled()
    assert silent(post) == [False]
