"""The wire of a panel: reads a request in any of its forms, sends the answer whole, late, dripping or not at all."""

import asyncio
import contextlib
import json

from aiohttp import web

from bot.sandbox.panel.manners import ERROR_PAGE, HTML_PAGE, Reply
from bot.sandbox.panel.simulator import Answer, Heard, PanelSimulator

_DOWN = Answer(Reply(status=503, content_type="text/html"), ERROR_PAGE.format("503 Service Unavailable"))
_DROPPED = Answer(Reply(via="closed"), "")
_TOO_MANY = Answer(Reply(status=429, headers=(("Retry-After", "2"),)), '{"error":"Too many requests"}')
_GARBAGE = Answer(Reply(content_type="text/html"), HTML_PAGE)
_WHOLE_PANEL = {"drop": _DROPPED, "down": _DOWN, "rate_limit": _TOO_MANY, "garbage": _GARBAGE}
_DRIPS = 60
_CHUNK = b" " * 65536
_WAYS = {
    "whole": "",
    "late": "late: ",
    "never": "held back: ",
    "closed": "closed without an answer",
    "drip": "dripping: ",
    "huge": "huge: ",
}


async def serve(panel: PanelSimulator, request: web.Request, closing: asyncio.Event) -> web.StreamResponse:
    """Answer one request to the panel's API as its modes and the order's behaviour have it.

    `closing` ends every wait on purpose, so that the server can stop at once.
    """
    fields = await _read(request)
    if "slow" in panel.modes:
        await _linger(panel.lag, closing)
    down = next((answer for mode, answer in _WHOLE_PANEL.items() if mode in panel.modes), None)
    answer = down or panel.answer(fields)
    told = _tell(answer)
    if answer.accepted:
        answer.accepted.answer = told
    summary = " ".join(f"{name}={value}" for name, value in fields.items() if name not in ("key", "action"))
    panel.note(Heard(panel.clock(), fields.get("action", ""), summary[:200], told))
    return await _send(panel, request, answer, closing)


async def _read(request: web.Request) -> dict[str, str]:
    """The parameters, from the query string, a form or a JSON object; a list becomes its items with commas."""
    fields = dict(request.query)
    if request.content_type == "application/json":
        with contextlib.suppress(ValueError):
            sent = json.loads(await request.read())
            if isinstance(sent, dict):
                fields |= {name: _as_text(value) for name, value in sent.items() if value is not None}
    else:
        fields |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return fields


def _as_text(value: object) -> str:
    return ",".join(str(one) for one in value) if isinstance(value, list) else str(value)


def _tell(answer: Answer) -> str:
    """How the answer goes out, in at most 200 characters."""
    if answer.reply.via == "closed":
        return _WAYS["closed"]
    status = f"{answer.reply.status} " if answer.reply.status != 200 else ""
    return (_WAYS[answer.reply.via] + status + answer.body)[:200]


async def _linger(seconds: float, closing: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(closing.wait(), seconds)


async def _send(
    panel: PanelSimulator, request: web.Request, answer: Answer, closing: asyncio.Event
) -> web.StreamResponse:
    match answer.reply.via:
        case "closed":
            if request.transport:
                request.transport.close()
        case "late":
            await _linger(panel.lag, closing)
        case "never":
            await _linger(panel.stall, closing)
        case "drip" | "huge":
            return await _stream(panel, request, answer, closing)
    # A charset suffix would be more than panels send, and `text=` adds one.
    return web.Response(
        body=answer.body.encode(),
        status=answer.reply.status,
        content_type=answer.reply.content_type,
        headers=dict(answer.reply.headers),
    )


async def _stream(
    panel: PanelSimulator, request: web.Request, answer: Answer, closing: asyncio.Event
) -> web.StreamResponse:
    """Send an answer that is too long in time (blanks dripping before it) or in size (blanks behind it)."""
    response = web.StreamResponse(headers={"Content-Type": answer.reply.content_type})
    # A client that has had enough hangs up in the middle: that is the point.
    with contextlib.suppress(ConnectionError):
        await response.prepare(request)
        if answer.reply.via == "drip":
            for _ in range(_DRIPS):
                await response.write(b" ")
                await _linger(panel.stall / _DRIPS, closing)
            await response.write(answer.body.encode())
        else:
            await response.write(answer.body.encode())
            for _ in range(panel.bulk // len(_CHUNK)):
                await response.write(_CHUNK)
        await response.write_eof()
    return response
