"""Logging for the whole process: structlog, for people or machines, with every known secret blotted out."""

import logging
import re
import sys
from collections.abc import Iterable
from typing import Any, TextIO
from urllib.parse import quote

import structlog

BLOT = "[hidden]"
SHORTEST = 6
"""Shorter values are words that logs are full of: hiding them would hide the log."""

_TOKENS = re.compile(r"[0-9]{5,16}:[A-Za-z0-9_-]{30,64}|(?:whsec|psk)_[A-Za-z0-9+/=_-]{20,}")
"""Bot tokens, secrets of webhooks and keys of the panel API, whatever is before them: in JSON the n of a \\n is."""
_QUIET = ("httpx", "httpcore", "aiogram", "aiohttp.access", "apscheduler", "sqlalchemy", "alembic", "aiosqlite")


class Blotter:
    """Takes secrets out of finished lines, tracebacks included; anything shaped like a secret of ours goes as well."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._pattern = _TOKENS

    def hide(self, secrets: Iterable[str]) -> None:
        """Never show these again, nor their percent-encoded forms."""
        for secret in secrets:
            if len(secret) >= SHORTEST:
                self._secrets |= {secret, quote(secret, safe="")}
        longest_first = sorted(self._secrets, key=len, reverse=True)
        self._pattern = re.compile("|".join([*map(re.escape, longest_first), _TOKENS.pattern]))

    def clean(self, text: str) -> str:
        """The text without any secret."""
        return self._pattern.sub(BLOT, text)


blotter = Blotter()
"""One for the process: several shops in it hide each other's secrets too."""


class _CleanFormatter(structlog.stdlib.ProcessorFormatter):
    """The last hand on a line, whoever logged it: nothing leaves without the blotter."""

    def format(self, record: logging.LogRecord) -> str:
        return blotter.clean(super().format(record))


def configure(form: str, level: str, secrets: Iterable[str], stream: TextIO | None = None) -> logging.Handler:
    """Send every logger of the process to `stream` (stderr): one line an event, as `console` or `json`.

    Returns the handler, so that whoever embeds the shop can take it away again.
    """
    blotter.hide(secrets)
    stream = stream or sys.stderr
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendered: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]
        if form == "json"
        else [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        _CleanFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered],
        )
    )
    root = logging.getLogger()
    for old in root.handlers[:]:
        if isinstance(old.formatter, _CleanFormatter):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _QUIET:  # they say at INFO what nobody needs: each request, with the token in its address
        logging.getLogger(name).setLevel(logging.WARNING)
    return handler
