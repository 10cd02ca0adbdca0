"""Laws of the command line: quick to help, one plain sentence for whatever is wrong, exit codes, no secret told."""

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot import cli
from bot.app import App
from bot.sandbox.panel import story_link
from bot.sandbox.shop import ShopProcess
from bot.settings import Settings
from services import actions, staff
from services.db import Database
from services.models import Attempt, Order, Service
from tests import factories
from tests.e2e.shop_app import Town, town

SOURCE = Path(__file__)
ROOT = SOURCE.parents[2]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        yield place


def source() -> bytes:
    """This file, which stands in for one that is no database."""
    return SOURCE.read_bytes()


def spoiled(here: Town, **changed: object) -> Settings:
    """Settings in which something of provider north is wrong."""
    providers = {
        name: {"url": terms.url, "key": terms.key.get_secret_value(), "deadline": 1}
        for name, terms in here.settings().providers.items()
    }
    providers["north"] |= changed
    return here.settings(providers=providers)


def test_help_comes_without_loading_what_it_does_not_need() -> None:
    program = (
        "import sys\n"
        "from bot.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print({'aiogram', 'aiohttp', 'sqlalchemy', 'pydantic'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "doctor" in ran.stdout
    assert ran.stdout.endswith("set()\n")


@pytest.mark.parametrize("command", ["run", "doctor", "sync", "migrate"])
def test_a_missing_token_is_one_sentence(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BOT_TOKEN", raising=False)
    assert cli.main([command]) == cli.REFUSED
    told = capsys.readouterr()
    assert told.err == "BOT_TOKEN is missing: ask @BotFather in Telegram for one and put it into .env.\n"
    assert told.out == ""


@pytest.mark.parametrize("port", ["80000", "65536", "0", "-1"])
def test_a_port_that_there_is_not_is_one_sentence(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sandbox", "--port", port]) == cli.REFUSED
    assert capsys.readouterr() == ("", f"Port {port} cannot be used: ports go from 1 to 65535.\n")


@pytest.mark.parametrize("command", [cli.run, cli.doctor], ids=["run", "doctor"])
@pytest.mark.parametrize("wrong", ["token", "key", "url", "unreachable", "down", "none"])
async def test_what_is_wrong_with_the_outside_world_is_one_sentence_each(
    here: Town, capsys: pytest.CaptureFixture[str], command: Callable[[Settings], Awaitable[int]], wrong: str
) -> None:
    north = here.settings().providers["north"].url
    if wrong == "down":
        await here.http.post("/sandbox/panels/north", json={"do": "down"})
    nowhere = f"{here.world.url}/nowhere/api/v2"
    settings, sentence = {
        "token": (
            here.settings(bot_token="7000000009:" + "x" * 35),
            "Telegram does not know this BOT_TOKEN: copy it again from @BotFather.",
        ),
        "key": (
            spoiled(here, key="canary-of-a-wrong-key"),
            "Provider north does not accept PROVIDERS__NORTH__KEY: Invalid API key.",
        ),
        "url": (
            spoiled(here, url=nowhere),
            f"Provider north does not answer as a panel at {nowhere}: HTTP 404: 404: Not Found. "
            "Is PROVIDERS__NORTH__URL right?",
        ),
        "unreachable": (
            spoiled(here, url="http://127.0.0.1:9/api/v2"),
            "Provider north does not answer as a panel at http://127.0.0.1:9/api/v2: ConnectError: All connection "
            "attempts failed. Is PROVIDERS__NORTH__URL right?",
        ),
        "down": (spoiled(here), f"Provider north does not answer as a panel at {north}: HTTP 503"),
        "none": (here.settings(providers={}), "There is no provider to buy from: set PROVIDERS__<NAME>__URL"),
    }[wrong]
    assert await command(settings) == cli.FAILED
    told = capsys.readouterr().err.splitlines()
    sentences = [line for line in told if not line.startswith("20")]  # the log has lines of its own
    assert len(sentences) == 1, told
    assert sentences[0].startswith(sentence)
    assert "Traceback" not in "".join(told)
    assert "canary" not in "".join(told)


async def test_a_known_provider_that_is_down_does_not_keep_the_shop_closed(
    here: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its silence is an outage then, not a mistake in the settings; it is told all the same."""
    assert await cli.sync(here.settings()) == cli.OK
    assert re.match(r"north: [1-9]\d+ added, 0 changed", capsys.readouterr().out)
    settings = spoiled(here, url="http://127.0.0.1:9/api/v2")
    async with asyncio.TaskGroup() as group:
        running = group.create_task(cli.run(settings))
        await here.mia.say("/start")
        await here.mia.reads("Balance")
        signal.raise_signal(signal.SIGTERM)
    assert running.result() == cli.OK
    assert capsys.readouterr().err.startswith(
        "Provider north does not answer as a panel at http://127.0.0.1:9/api/v2: "
    )


async def test_doctor_finds_nothing_wrong_where_nothing_is(here: Town, capsys: pytest.CaptureFixture[str]) -> None:
    assert await cli.doctor(here.settings()) == cli.OK
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.splitlines() == [
        "Admins: fine.",
        "Telegram, as @sandbox_shop_bot: fine.",
        "Provider north, balance 1000.00 USD: fine.",
        "Provider south, balance 1000.00 USD: fine.",
        "Database, not made yet: fine.",
    ]
    assert not (here.folder / "shop.db").exists(), "looking makes nothing"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"admin_ids": frozenset()}, "Nobody runs this shop: set ADMIN_IDS to your own numeric Telegram id, "),
        ({"currency": "EUR"}, "This database keeps its books in USD, the settings say EUR: set CURRENCY=USD, or use "),
        ({"database_url": "sqlite:////proc/here/shop.db"}, "The database /proc/here/shop.db cannot be opened: No such"),
        ({"database_url": f"sqlite:///{__file__}/shop.db"}, f"The database {__file__}/shop.db cannot be opened: Not a"),
        ({"database_url": f"sqlite:///{ROOT}/tests"}, f"The database {ROOT}/tests cannot be opened: Is a directory."),
        ({"database_url": f"sqlite:///{__file__}"}, "The database cannot be opened: file is not a database."),
        ({"database_url": "postgresql://shop@127.0.0.1:1/shop"}, "The database cannot be opened: "),
    ],
    ids=["admins", "currency", "no folder", "a file for a folder", "a folder", "no database", "no server"],
)
async def test_doctor_says_what_would_keep_the_shop_closed_and_changes_nothing(
    here: Town, capsys: pytest.CaptureFixture[str], changed: dict[str, object], sentence: str
) -> None:
    assert await cli.migrate(here.settings()) == cli.OK
    before = source()
    assert await cli.doctor(here.settings(**changed)) == cli.FAILED
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1, told
    assert told[0].startswith(sentence)
    assert source() == before


async def test_a_provider_with_open_orders_that_is_no_longer_in_the_settings_is_named(
    here: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """By `doctor`, and in the log at the start."""
    assert await cli.sync(here.settings()) == cli.OK
    now = datetime.now(UTC)
    db = Database(str(here.settings().database_url.get_secret_value()))
    async with db.write() as session:
        await factories.person(session, now)
        service = await session.value(select(Service.id).where(Service.provider == "north"))
        assert service is not None
        for status in ("queued", "placed", "completed"):
            await factories.order(session, now, user_id=1001, service_id=service, status=status, quantity=1000)
    await db.close()
    assert await cli.doctor(here.settings()) == cli.OK
    capsys.readouterr()
    south = here.settings(providers={"south": here.settings().providers["south"]})
    assert await cli.doctor(south) == cli.FAILED
    assert capsys.readouterr().err == (
        "Provider north is not in the settings, but has open orders (1 to be sent, 1 being delivered): "
        "set PROVIDERS__NORTH__URL and PROVIDERS__NORTH__KEY again.\n"
    )
    with capture_logs() as lines:
        async with App(south):
            pass
    told = [line for line in lines if "not in the settings" in line["event"]]
    assert [(line["provider"], line["waiting"], line["placed"]) for line in told] == [("north", 1, 1)]


async def test_one_provider_that_fails_does_not_keep_the_other_from_syncing(
    here: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await cli.sync(spoiled(here, key="canary-of-a-wrong-key")) == cli.FAILED
    told = capsys.readouterr()
    assert re.match(r"south: [1-9]\d+ added, 0 changed, 0 withdrawn", told.out)
    assert told.err == "Provider north does not accept PROVIDERS__NORTH__KEY: Invalid API key.\n"
    assert "canary" not in told.out + told.err


async def test_migrate_says_where_the_database_is(here: Town, capsys: pytest.CaptureFixture[str]) -> None:
    assert await cli.migrate(here.settings()) == cli.OK
    assert "The database is at revision 0" in capsys.readouterr().out
    async with here.shop():
        assert await cli.migrate(here.settings()) == cli.FAILED
    assert capsys.readouterr().err.startswith("Another process has the shop in")


async def test_a_role_is_given_and_taken_beside_an_open_shop(here: Town, capsys: pytest.CaptureFixture[str]) -> None:
    settings = here.settings(admin_ids=frozenset({9001}))
    async with here.shop():
        assert await cli.grant(settings, 1001, "manager") == cli.OK
        assert await cli.grant(settings, 1001, "support") == cli.OK
        assert await cli.grant(settings, 1001, "none") == cli.OK
        assert await cli.grant(settings, 1002, "reader") == cli.OK
    assert capsys.readouterr().out.splitlines()[-4:] == [
        "1001 is manager now.",
        "1001 is support now.",
        "1001 has no role any more.",
        "1002 is reader now.",
    ]
    assert await cli.grant(settings, 9001, "reader") == cli.REFUSED
    assert capsys.readouterr().err == "9001 is an owner by ADMIN_IDS: change it there.\n"
    db = Database(settings.database_url.get_secret_value())
    async with db.read() as session:
        assert [one.user_id for one in await staff.members(session, ())] == [1002]
        assert [one.actor for one in await actions.history(session, limit=9)] == ["shell"] * 4
    await db.close()


async def test_the_process_ends_well_on_sigterm_and_its_log_holds_no_secret(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong on the wire meanwhile, at the most talkative level."""
    shop = ShopProcess(here.world, here.folder)
    environment = here.world.environment
    chatty = {"LOG_LEVEL": "debug", "LOG_FORMAT": "json"}
    monkeypatch.setattr(here.world, "environment", lambda url: environment(url) | chatty)
    await shop.start()
    try:
        await here.fault("sendMessage", 0, before=True)
        await here.fault("getUpdates", 502, html=True)
        await here.http.post("/sandbox/panels/north", json={"do": "garbage"})
        await here.mia.say("/start")
        await here.mia.reads("Balance")
    finally:
        code = await shop.stop()
    assert code == 0
    told = shop.log.read_text()
    assert '"event": "closed"' in told
    for secret in (here.world.token, here.world.token.partition(":")[2], *here.world.keys.values()):
        assert secret not in told


async def test_a_sigterm_waits_for_the_answer_to_an_order_that_is_just_being_sent(
    here: Town, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider has taken it and is slow to say so: it is placed when the process is gone, and was sent once."""
    shop, north = ShopProcess(here.world, here.folder, database_url), here.world.panels["north"]
    north.lag = 1.5
    environment = here.world.environment
    monkeypatch.setattr(here.world, "environment", lambda url: environment(url) | {"UNDO_SECONDS": "0"})
    await shop.seed()
    await shop.start()
    try:
        await ordered(here, story_link("slow"))
        async with asyncio.timeout(10):
            while not north.accepted:  # noqa: ASYNC110  the panel tells nobody
                await asyncio.sleep(0.01)
        assert await placed(database_url) == [("placing", None, "licensed")]
    finally:
        code = await shop.stop()
    assert code == 0, shop.last_words()
    assert await placed(database_url) == [("placed", str(north.accepted[0].order), "accepted")]
    assert len(north.accepted) == 1


async def ordered(here: Town, link: str) -> None:
    """Mia walks from /start to Confirm."""
    await here.mia.say("/start")
    for label in ("New order", "Instagram Likes", "Server A", "Order"):
        await here.mia.tap(label)
    await here.mia.reads("link")
    await here.mia.say(link)
    await here.mia.reads("How many?")
    await here.mia.say("1000")
    await here.mia.tap("Confirm", await here.mia.reads("Please check your order"))


async def placed(database_url: str) -> list[tuple[str, str | None, str]]:
    """Of each attempt: its order's status, the provider's id, and what came of it."""
    db = Database(database_url)
    async with db.read() as session:
        rows = await session.all(
            select(Order.status, Order.provider_order_id, Attempt.outcome).join(Attempt, Attempt.order_id == Order.id)
        )
    await db.close()
    return [(row[0], row[1], row[2]) for row in rows]
