"""Laws of the log: one line an event for machines, and no secret on any of them, whoever wrote it."""

import io
import json
import logging
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
import structlog

from bot import logs
from services import api_keys, signing

TOKEN = "7000000001:" + "Canary0_-" * 4
KEY = "canary/key+with=signs"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the JSON log goes."""
    written = io.StringIO()
    handler = logs.configure("json", "debug", {TOKEN, KEY}, written)
    yield written
    logging.getLogger().removeHandler(handler)
    logging.getLogger().setLevel(logging.WARNING)
    structlog.reset_defaults()


def test_an_event_is_one_line_of_json_with_its_context(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(update=7, user=1001):
        structlog.get_logger("bot.inbox").info("stored", count=3)
    (line,) = stream.getvalue().splitlines()
    told = json.loads(line)
    assert (told["event"], told["count"], told["update"], told["user"]) == ("stored", 3, 7, 1001)
    assert (told["level"], told["logger"]) == ("info", "bot.inbox")
    assert told["timestamp"].endswith("Z")


def fail() -> None:
    raise httpx.ConnectError(f"cannot reach https://panel.example/?key={KEY}")


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_is_written_wherever_it_comes_from(form: str) -> None:
    written = io.StringIO()
    handler = logs.configure(form, "debug", {TOKEN, KEY}, written)
    log = structlog.get_logger()
    calling = f"calling https://api.telegram.org/bot{TOKEN}/getMe"
    log.info(calling, key=KEY)
    log.warning("nested", request={"headers": [("key", KEY)]}, quoted=quote(KEY, safe=""))
    logging.getLogger("some.library").warning("POST %s with %r", f"/bot{TOKEN}/sendMessage", {"key": KEY})
    logging.getLogger("some.library").info("an unknown token 7000000002:%s", "AbCdEfGhIj" * 4)
    try:
        fail()
    except httpx.ConnectError:
        log.exception("failed")
        logging.getLogger("some.library").exception("failed")
    logging.getLogger().removeHandler(handler)
    structlog.reset_defaults()
    told = written.getvalue()
    assert told.count(logs.BLOT) >= 8
    for secret in (TOKEN, KEY, quote(KEY, safe=""), "Canary0_-", "AbCdEfGhIj" * 4):
        assert secret not in told
    assert "ConnectError" in told


def test_what_opens_the_api_or_signs_messages_is_hidden_by_its_shape(stream: io.StringIO) -> None:
    """Nobody can list these beforehand: they are in the database."""
    secret, key = signing.new_secret(), api_keys.PREFIX + "AbCdEfGhIj_-" * 4
    structlog.get_logger().warning("odd", row=(7, secret), form=f"key={key}&action=balance")
    told = stream.getvalue()
    assert told.count(logs.BLOT) == 2
    assert secret[10:20] not in told
    assert key[10:20] not in told


@pytest.mark.parametrize("before", ["\n", "\t", "/bot", "x", "\u00e9", "7"])
@pytest.mark.parametrize(
    "secret", [api_keys.PREFIX + "AbCdEfGhIj_-" * 4, "whsec_" + "AbCdEfGhIj+/" * 4, "7000000002:" + "Ab-_" * 9]
)
def test_a_secret_is_hidden_whatever_is_right_before_it(stream: io.StringIO, before: str, secret: str) -> None:
    """In JSON a line's end is written with an n, as if the secret went on before its beginning."""
    structlog.get_logger().warning("odd", exception=f"x{before}{secret}")
    told = stream.getvalue()
    assert told.count(logs.BLOT) == 1
    assert secret[12:] not in told


def test_http_clients_do_not_log_addresses_at_all(stream: io.StringIO) -> None:
    """httpx logs each URL at INFO, aiogram each update."""
    for name in ("httpx", "httpcore.http11", "aiogram.event", "aiohttp.access", "sqlalchemy.engine"):
        logging.getLogger(name).info("GET https://example.com/secret-path")
    assert stream.getvalue() == ""


def test_configuring_again_does_not_write_lines_twice(stream: io.StringIO) -> None:
    second = io.StringIO()
    handler = logs.configure("json", "info", (), second)
    structlog.get_logger().info("once")
    logging.getLogger().removeHandler(handler)
    assert stream.getvalue() == ""
    assert len(second.getvalue().splitlines()) == 1
