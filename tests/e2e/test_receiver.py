"""The receivers that README and the page show run as they stand there; README's buttons are those of the chat."""

import asyncio
import contextlib
import os
import re
import socket
import sqlite3
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from handlers.http import panel_page
from services import deliveries, low_balances, reseller_events, service_news, signing, webhooks
from services.db import Database
from services.models import Webhook
from services.site_posts import DEADLINE, SitePosts
from tests.desk import MIA, Desk
from tests.e2e.test_panel_description import ENDINGS, RUNNERS, needed
from tests.e2e.test_signatures import library as library  # the fixture
from tests.readme import README, ROOT
from tests.reseller_site import Sites

SECTION = README.read_text(encoding="utf-8").partition("## Connect your site")[2].partition("\n## ")[0]
[PROGRAM] = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)


@pytest.fixture
def engine() -> str:
    """What a site does with a message does not depend on the shop's database."""
    return "sqlite"


@asynccontextmanager
async def receiver(folder: Path, secret: str, name: str = "python", program: str = PROGRAM) -> AsyncIterator[str]:
    """The program as a process of its own, as long as the block; its address."""
    file = folder / f"receiver.{ENDINGS[name]}"
    file.write_text(program, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    known = {"WEBHOOK_SECRET": secret, "PORT": str(port), "MESSAGES": str(folder)}
    command = ["php", "-q", "-S", f"127.0.0.1:{port}"] if name == "php" else RUNNERS[name]
    process = await asyncio.create_subprocess_exec(
        *command, file.name, cwd=folder, env={"PATH": os.environ["PATH"], **known}, stderr=DEVNULL
    )
    try:
        await _listens(process, port)
        yield f"http://127.0.0.1:{port}/webhook"
    finally:
        process.kill()
        await process.wait()


async def _listens(process: Process, port: int) -> None:
    async with asyncio.timeout(20):
        while process.returncode is None:
            with contextlib.suppress(OSError):
                (await asyncio.open_connection("127.0.0.1", port))[1].close()
                return
            await asyncio.sleep(0.02)
    pytest.fail("the receiver ended at once")


@pytest.fixture
async def desk(db: Database) -> AsyncIterator[Desk]:
    """Mia's site has a secret already; it is nowhere yet. The library takes no old messages, so it is now."""
    posts = SitePosts(loopback=True)
    opened = Desk(db, Sites(), posts, datetime.now(UTC))
    opened.sites.url = "http://127.0.0.1:9"
    await opened.connect(MIA, "/nowhere")
    yield opened
    await posts.close()


async def answers(desk: Desk) -> list[str | None]:
    """What the site answered to each message."""
    await desk.work()
    return [message.answer for message in await desk.messages()]


def kept(folder: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(folder / "site.db")) as site:
        return [row[0] for row in site.execute("SELECT id FROM messages ORDER BY rowid")]


def files(folder: Path) -> list[str]:
    return sorted(file.stem for file in folder.glob("*.json"))


async def test_the_receiver_of_readme_keeps_each_message_once_and_nothing_that_is_not_signed(
    desk: Desk, tmp_path: Path
) -> None:
    async with desk.db.read() as read:
        secret = await webhooks.secret(read, MIA)
    async with receiver(tmp_path, secret) as url:
        desk.sites.url = url.removesuffix("/webhook")
        await desk.connect(MIA, "/webhook")
        await desk.put()
        assert await answers(desk) == ["204"]
        [first] = await desk.messages()
        async with desk.db.write() as session:
            await webhooks.replay(session, MIA, first.id, desk.time)
        assert await answers(desk) == ["204"]
        assert kept(tmp_path) == [first.key], "sent again, kept once"
        async with desk.db.write() as session:
            await webhooks.rotate(session, MIA, desk.time)
            await webhooks.ping(session, MIA, desk.time)
        assert await answers(desk) == ["204"] * 2, "it has the old secret still"
        taken = [message.key for message in await desk.messages()]
        assert kept(tmp_path) == taken
        now, desk.time = desk.time, desk.time - timedelta(minutes=10)
        await desk.put()
        assert (await answers(desk))[-1] == "401", "signed ten minutes ago"
        desk.time = now
        async with desk.db.write() as session:
            await session.run(update(Webhook).values(old_until=desk.time))
            await webhooks.ping(session, MIA, desk.time)
        assert (await answers(desk))[-1] == "401", "the old secret signs no more"
        assert kept(tmp_path) == taken


@pytest.mark.parametrize("name", ["php", "python", "javascript"])
async def test_the_receivers_of_the_page_take_what_we_sign_and_nothing_else(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """With the old secret and the new one during an exchange; not with another secret, id or moment."""
    needed(RUNNERS[name][0])
    if name == "javascript":
        (tmp_path / "node_modules").symlink_to(request.getfixturevalue("library") / "node_modules")
    old, new, now, body = signing.new_secret(), signing.new_secret(), datetime.now(UTC), '{"type":"ünï ✓ <&>"}'
    posts = SitePosts(loopback=True)

    async def answer(url: str, *secrets: str, key: str = "msg_1", at: datetime = now, sent: str = body) -> str:
        return (await posts.post(url, sent, signing.headers(key, body, secrets, at), now)).said

    program = panel_page.example(f"webhook_{name}")
    async with receiver(tmp_path, old, name, program) as url:
        assert [await answer(url, old), await answer(url, old), await answer(url, new, old, key="msg_2")] == ["204"] * 3
        refused = [
            await answer(url, new, key="msg_3"),
            await answer(url, old, key="msg_3", sent=f"{body} "),
            await answer(url, old, key="msg_3", at=now - timedelta(minutes=6)),
            await answer(url, old, key="msg_3", at=now + timedelta(minutes=6)),
            (await posts.post(url, body, {}, now)).said,
        ]
    await posts.close()
    assert set(refused) <= {"400", "401"}
    assert (kept(tmp_path) if name == "python" else files(tmp_path)) == ["msg_1", "msg_2"]


async def test_readme_says_when_it_is_tried_again_and_until_when(desk: Desk) -> None:
    spans = []
    for pause in deliveries.PAUSES:
        seconds = int(pause.total_seconds())
        number, unit = next((seconds // each, name) for each, name in UNITS if seconds >= each)
        spans.append(f"{number} {unit}")
    assert f"{', '.join(spans[:-1])} and {spans[-1]}" in SECTION
    assert f"within {DEADLINE:.0f} seconds" in SECTION
    assert f"For {webhooks.OVERLAP.total_seconds() / 3600:.0f} hours each message carries two" in SECTION
    assert f"for {webhooks.KEPT.days} days" in SECTION
    assert deliveries.JITTER == 0.1
    assert timedelta(hours=1) == deliveries.FAILING


UNITS = ((3600, "hours"), (60, "minutes"), (1, "seconds"))


def test_readme_names_the_buttons_as_they_are_and_every_kind_of_message() -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "locales" / "en").glob("*.ftl"))
    labels = {line.partition(" = ")[2] for line in texts.splitlines() if line.startswith("button-")}
    named = re.findall(r"\*\*([^*a-zA-Z0-9]+ [^*]+)\*\*", SECTION)
    assert len(named) >= 12
    assert set(named) <= labels
    kinds = {*reseller_events.ENDS.values(), "order.refunded", webhooks.UPDATED, webhooks.TEST}
    assert {*kinds, service_news.CHANGED, low_balances.LOW} == set(re.findall(r"`((?:\w+)\.(?!py|at)\w+)`", SECTION))
