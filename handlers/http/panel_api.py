"""The panel API's edge: who asks, whether they may, what they are answered; a refusal is HTTP 200 with one `error`."""

import asyncio
import json
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from aiohttp import web

from handlers.http import panel_fields, panel_refusals, trusted_proxies
from handlers.http.allowance import MOST, Allowance, Left
from handlers.http.panel_actions import ACTIONS, Counter, Refused
from handlers.http.panel_fields import Unusable
from services import api_keys
from services.api_keys import Access, KeyView
from services.api_uses import Tally
from services.errors import ShopError
from services.networks import Network

log = structlog.get_logger()

PATHS = ("/api/v2", "/api/v2/")
"""A redirect from one to the other would make an empty GET of a POST."""
MINUTE, HOUR = 60, 3600
WRONG_KEYS = 60
"""Calls a minute without a key that opens anything, from one address."""
BUSY = "Too many requests, please try again later"
HOLD = 1.0
"""Seconds that this answer is held back: who asks again as soon as they are answered leaves the loop to the others."""
HELD = 512
"""Answers held back at a time; each keeps a connection open."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls that one key may make: of all kinds in a minute, and of the catalogue in an hour."""

    per_minute: int
    catalogues: int


class PanelApi:
    """The API of one process: what it remembers is how often each key asked."""

    def __init__(
        self,
        counter: Counter,
        tally: Tally,
        limits: Limits,
        clock: Callable[[], float],
        proxies: Collection[Network] = (),
        hold: float = HOLD,
    ) -> None:
        self._counter, self._tally, self.limits, self._proxies, self._hold = counter, tally, limits, proxies, hold
        self._held = 0
        self._known: dict[str, KeyView] = {}
        self._calls = Allowance(limits.per_minute, MINUTE, clock)
        self._catalogues = Allowance(limits.catalogues, HOUR, clock)
        self._strangers = Allowance(WRONG_KEYS, MINUTE, clock)

    def routes(self) -> list[web.RouteDef]:
        """GET and POST, with the slash and without."""
        return [web.route(method, path, self.answer) for path in PATHS for method in ("GET", "POST")]

    async def answer(self, request: web.Request) -> web.Response:
        """One call, whatever comes of it: this is the edge where a defect ends."""
        try:
            fields = await panel_fields.read(request)
            return await self._admitted(request, fields)
        except Unusable as unusable:
            return await self._no_one(request, str(unusable))
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("a call of the panel API failed", reference=reference)
            return _refusal(f"Internal error, reference {reference}")

    async def _admitted(self, request: web.Request, fields: dict[str, str]) -> web.Response:
        """The answer to who may ask; to everybody else, why not."""
        secret, now = fields.pop("key", "").strip(), self._counter.now()
        if not secret:
            return await self._no_one(request, panel_refusals.KEY)
        asker, address = api_keys.digest(secret), trusted_proxies.client(request, self._proxies)
        if (left := self._refused(asker, address, fields, now)) is not None:
            return await self._busy(left)
        async with self._counter.db.read() as session:
            access = await api_keys.opened(session, secret, now)
        if access is None:
            self._known.pop(asker, None)  # it was good once, and is a stranger's from now on
            return _refusal(panel_refusals.KEY, self._strangers.take(address))
        self._remember(asker, access.key)
        shut = _shut(access, address)
        left = self._strangers.take(address) if shut else self._calls.take(asker)
        action = _action(fields)
        if not shut and not left.wait and action == "services":
            asked = self._catalogues.take(asker)
            left = asked if asked.wait else left
        answer = BUSY if left.wait else shut or await self._said(access.key, action, fields)
        self._note(access.key, action, now, refused=isinstance(answer, str))
        if left.wait:
            return await self._busy(left)
        return _refusal(answer, left) if isinstance(answer, str) else _response(answer, left)

    async def _no_one(self, request: web.Request, why: str) -> web.Response:
        """The answer to who shows no key at all."""
        left = self._strangers.take(trusted_proxies.client(request, self._proxies))
        return await self._busy(left) if left.wait else _refusal(why, left)

    def _refused(self, asker: str, address: str, fields: Mapping[str, str], now: datetime) -> Left | None:
        """Until when somebody has asked too often already; this is found out without a look into the database."""
        key = self._known.get(asker)
        if key is None or not api_keys.admits(key, address):
            left = self._strangers.look(address)
        else:
            left = self._calls.look(asker)
        if not left.wait:
            return None
        if key is not None:
            self._note(key, _action(fields), now, refused=True)
        return left

    async def _busy(self, left: Left) -> web.Response:
        if self._held < HELD:
            self._held += 1
            try:
                await asyncio.sleep(self._hold)
            finally:
                self._held -= 1
        return _refusal(BUSY, left)

    def _remember(self, asker: str, key: KeyView) -> None:
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[asker] = key

    def _note(self, key: KeyView, action: str, now: datetime, *, refused: bool) -> None:
        self._tally.note(key, action if action in ACTIONS else "other", now, refused=refused)

    async def _said(self, key: KeyView, action: str, fields: dict[str, str]) -> object:
        """The document that an action answers with; text where it refuses."""
        if action not in ACTIONS:
            return "Incorrect request: unknown action"
        try:
            return await ACTIONS[action](self._counter, key, fields)
        except ShopError as refusal:
            return panel_refusals.sentence(refusal)
        except Refused as refused:
            return str(refused)


def _shut(access: Access, address: str) -> str:
    """Why a good key opens nothing here, "" where it does: asked first, so that its owner pays no call for others'."""
    if not access.open:
        return "This account may not use the API"
    return "" if api_keys.admits(access.key, address) else "This API key may not be used from your address"


def _action(fields: Mapping[str, str]) -> str:
    return fields.get("action", "").strip()


def _refusal(text: str, left: Left | None = None) -> web.Response:
    return _response({"error": text}, left)


def _response(document: Any, left: Left | None) -> web.Response:
    """JSON whose type says nothing but that: consumers compare it whole."""
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return web.Response(body=body, headers=headers | (left.headers if left else {}))
