"""What a call of the panel API says, however it was sent: form, multipart, JSON or the address itself.

Everything becomes text by its name, as it was written: a JSON number keeps its digits. Lists become lines of one text,
parted by commas where they are ids. Later words win over earlier ones, the body over the address. What is blank was
not given: many programs send every parameter they know.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.http import HttpProcessingError

CAP = 256 * 1024
"""Bytes of a body: a thousand long comments."""
FIELDS = 1000
"""Parameters of a form."""
IDS = frozenset({"orders", "refills", "order", "refill"})
_LISTED = re.compile(r"(.+)\[[0-9]*\]")
"""One of a list, as forms have it: orders[], or orders[0] where PHP writes it."""

_BROKEN = (
    *(ValueError, LookupError, RuntimeError, AssertionError),  # RecursionError is a RuntimeError
    *(web.HTTPException, web.RequestPayloadError, HttpProcessingError),
)
"""All that a body which is none can raise while it is read."""


class Unusable(Exception):
    """A call that cannot be read; its text is the answer."""


async def read(request: web.Request) -> dict[str, str]:
    """The parameters of a call; Unusable for what is none."""
    limited = request.clone(client_max_size=CAP)
    try:
        sent = await _body(limited)
    except web.HTTPRequestEntityTooLarge:
        raise Unusable(f"The request is too large: {CAP // 1024} KB at most") from None
    except _BROKEN:
        raise Unusable("Incorrect request: the body cannot be read") from None
    return _texts(request.query.items()) | _texts(sent)


async def _body(request: web.Request) -> Iterable[tuple[str, Any]]:
    if request.content_type == "multipart/form-data":
        return (await request.post()).items()
    text = (await request.read()).decode("utf-8-sig", "replace").strip()
    if text and (request.content_type.endswith("json") or text.startswith("{")):
        return _document(text).items()
    return parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=FIELDS)


def _document(text: str) -> Mapping[str, Any]:
    """A JSON object, its numbers as they were written; ValueError for anything else."""
    document = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    if not isinstance(document, dict):
        raise ValueError("no object")  # noqa: TRY004  it is the text that is wrong
    return document


def _texts(pairs: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Values by name, those that are not blank; what comes several times as name[] is a list."""
    found: dict[str, str] = {}
    for name, value in pairs:
        listed = _LISTED.fullmatch(name)
        key = listed[1] if listed else name
        text = _text(key, value)
        if text is None:
            continue
        found[key] = found[key] + _joint(key) + text if listed and key in found else text
    return {name: text for name, text in found.items() if text.strip()}


def _text(name: str, value: Any) -> str | None:
    """One value as text; None for what is nothing, or can be none."""
    if isinstance(value, list):
        return _joint(name).join(_text(name, item) or "" for item in value if not isinstance(item, list))
    if isinstance(value, bytes | bytearray):
        value = value.decode("utf-8", "replace")
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return None
    # No engine keeps half a character, PostgreSQL no NUL either.
    return value.encode("utf-8", "replace").decode().replace("\x00", "")


def _joint(name: str) -> str:
    return "," if name in IDS else "\n"
