"""One POST to a panel and what came of it: a total deadline, a body cap, no redirects, no retries, no secrets out."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from urllib.parse import quote_plus

import httpx

from services.panel_values import visible

EVIDENCE = 2048
"""Bytes of UTF-8 that are kept of an answer nobody can read."""
CONNECT = 10.0
KEEP_ALIVE = 3.0
"""Seconds an idle connection is kept: fewer than servers keep theirs, or a POST dies on one that was just closed."""
SHORTEST_SECRET = 6
"""A key shorter than this is not looked for in answers: it would be found in innocent text."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole HTTP answer; the key is blotted out of `body`."""

    status: int
    body: bytes

    @property
    def fine(self) -> bool:
        """Whether the status says that the request was carried out."""
        return 200 <= self.status < 300

    @property
    def blames_us(self) -> bool:
        """Whether the status says that the request was at fault, and not the server."""
        return 400 <= self.status < 500

    @property
    def evidence(self) -> str:
        """The answer as it is kept to be judged by a person: markup and all, without what cannot be seen."""
        return _capped(f"HTTP {self.status}: {visible(self.body[: 2 * EVIDENCE].decode('utf-8', 'replace'))}")


@dataclass(frozen=True, slots=True)
class NoReply:
    """No whole answer. Where `sent` is False, it is certain that not a byte of the request left for the panel."""

    sent: bool
    evidence: str


class _Phase(Enum):
    WAITING = auto()
    """for one of the places in flight"""
    CALLED = auto()
    CONNECTING = auto()
    SENDING = auto()


class PanelHttp:
    """The connections to one panel, `concurrency` requests in flight, each over after `deadline` seconds in all."""

    def __init__(self, url: str, key: str, *, deadline: float, concurrency: int) -> None:
        self._url = _address(url)
        self._key = key
        self._deadline = deadline
        self._places = asyncio.Semaphore(concurrency)
        self._http = httpx.AsyncClient(
            verify=_tls(),
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(deadline, connect=min(CONNECT, deadline / 2)),
            limits=httpx.Limits(
                max_connections=concurrency, max_keepalive_connections=concurrency, keepalive_expiry=KEEP_ALIVE
            ),
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "partial-shop"},
        )

    def __repr__(self) -> str:
        return f"PanelHttp({self._url.host!r})"

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def post(self, fields: Mapping[str, str], *, cap: int) -> Reply | NoReply:
        """Send the form `fields` with the key and read at most `cap` bytes of answer.

        The deadline counts from the call. Up to half of it is spent on waiting for a place in flight, so that who gets
        one has time left for an answer. Cancellation passes through.
        """
        phase = _Phase.WAITING

        async def follow(event: str, _info: object) -> None:
            """httpcore's account of where the request is; an event of no known kind counts as bytes sent, for good."""
            nonlocal phase
            if phase is not _Phase.SENDING:
                phase = _Phase.CONNECTING if event.startswith("connection.") else _Phase.SENDING

        try:
            async with asyncio.timeout(self._deadline), self._place():
                phase = _Phase.CALLED
                async with self._http.stream(
                    "POST", self._url, data={**fields, "key": self._key}, extensions={"trace": follow}
                ) as response:
                    return Reply(response.status_code, self._blotted(await _read(response, cap)))
        except (httpx.HTTPError, httpx.StreamError, OSError, ValueError) as error:
            return NoReply(not _unsent(phase, error), self._said(error, phase))

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """One of the places in flight; TimeoutError where none came free in half the deadline."""
        async with asyncio.timeout(self._deadline / 2):
            await self._places.acquire()
        try:
            yield
        finally:
            self._places.release()

    def _said(self, error: Exception, phase: _Phase) -> str:
        """The failure in words: its kind, and its own text without the key."""
        if isinstance(error, TimeoutError):
            return f"no answer within {self._deadline:g} s ({phase.name.lower()})"
        text = self._blotted(str(error).encode("utf-8", "replace")).decode("utf-8", "replace")
        return _capped(f"{type(error).__name__}: {visible(text)}".rstrip(": "))

    def _blotted(self, body: bytes) -> bytes:
        """Panels quote the request in their error pages: the key must not come back in with it."""
        if len(self._key) >= SHORTEST_SECRET:
            for form in {self._key, quote_plus(self._key)}:
                body = body.replace(form.encode(), b"***")
        return body


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """One for all panels: reading the root certificates takes longer than a request."""
    return httpx.create_ssl_context()


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        address = httpx.URL("")
    if address.scheme not in ("http", "https") or not address.host:
        raise ValueError("a panel's address begins with http:// or https:// and names a host")
    return address


class _TooLong(ValueError):
    """The body passed its cap."""


async def _read(response: httpx.Response, cap: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > cap:
            raise _TooLong(f"more than {cap} bytes: {bytes(body[: 2 * EVIDENCE]).decode('utf-8', 'replace')}")
    return bytes(body)


def _unsent(phase: _Phase, error: Exception) -> bool:
    """Whether nothing was sent: no place, no pool slot, no address, no connection or no TLS was to be had."""
    if phase in (_Phase.WAITING, _Phase.CONNECTING):
        return True
    early = (httpx.PoolTimeout, httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol)
    return phase is _Phase.CALLED and isinstance(error, early)


def _capped(text: str) -> str:
    """At most EVIDENCE bytes of it."""
    return text.encode()[:EVIDENCE].decode("utf-8", "ignore")
