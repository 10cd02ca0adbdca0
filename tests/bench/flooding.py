"""The bot while its panel API is flooded: how long a reply takes then, and what the flood got past its limits."""

import asyncio
import json
import math
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from services import api_keys, resellers
from services.db import Database
from tests.bench import replies, stock
from tests.bench.figures import Figure
from tests.bench.replies import PEOPLE, Telegram
from tests.bench.wire import listen

PER_MINUTE = 600
"""What the settings allow a key where nobody says otherwise."""
ASKER = PEOPLE + 1
"""One who does not write to the bot meanwhile."""
HEAD_START = 1.0
"""Seconds of the flood before anything is measured: by then its burst is spent."""


async def measure(folder: Path, updates: int) -> list[Figure]:
    """/start over and over, first in peace and then while one key and many wrong ones ask without end."""
    folder = folder / "flooded"
    folder.mkdir()
    key = await _stocked(folder)
    people = min(PEOPLE, 3 * updates)
    telegram = Telegram(people)
    server, port = await listen(telegram.answer)
    shop_port = replies.free_port()
    with replies.shop(folder, f"http://127.0.0.1:{port}", shop_port) as process:
        async with server:
            await replies.opened(telegram, process)
            await telegram.greet(people, replies.IN_FLIGHT)  # the first time everybody is new
            quiet = await telegram.greet(updates, 1)
            async with _flood(shop_port, key) as told:
                flooded = await telegram.greet(updates, 1)
    most = PER_MINUTE + math.ceil(told["seconds"] * PER_MINUTE / 60)
    asked, answered = told["good_asked"] + told["wrong_asked"], told["good_answered"] + told["wrong_answered"]
    if told["wrong_answered"] or answered > most:
        raise RuntimeError(f"{answered} calls answered, where at most {most} should be: {told}")
    refused = f"{(asked - answered) / asked:.1%} of {asked:,.0f} calls refused"
    return [
        Figure("update -> reply, panel API flooded", updates / flooded, "replies/s", flooded / quiet, "no flood"),
        Figure(f"the flood: {refused}", answered / told["seconds"], "answered/s", answered / most, "what its key may"),
    ]


async def _stocked(folder: Path) -> str:
    """The shop's file with a reseller in it, whose key is returned."""
    db = Database(f"sqlite:///{folder / 'replies.db'}")
    now = datetime.now(UTC)
    await stock.open_shop(db)
    async with db.write() as session:
        await resellers.apply(session, ASKER, about="a bench", now=now)
        await resellers.decide(session, ASKER, state="approved", actor="admin:1", now=now)
        made = await api_keys.make(session, ASKER, now)
    await db.close()
    return made.secret


@asynccontextmanager
async def _flood(port: int, key: str) -> AsyncIterator[dict[str, float]]:
    """Flooded as long as the block; what came of it is in the yielded map afterwards."""
    told: dict[str, float] = {}
    flood = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.flood", str(port), key), stdin=PIPE, stdout=PIPE
    )
    try:
        await asyncio.sleep(HEAD_START)
        yield told
        said, _ = await asyncio.wait_for(flood.communicate(b""), 60)
        told |= json.loads(said)
    finally:
        if flood.returncode is None:
            flood.kill()
