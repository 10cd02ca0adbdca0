"""One message to a reseller's site: a POST to the public internet alone, with a deadline and a cap for all of it."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache, partial

import httpx
import structlog

from services.public_addresses import HTTPS, Names, NoAddress, NotPublic, PublicTransport
from services.site_addresses import LOOPBACK

DEADLINE = 10.0
"""Seconds for all of it, from the question for the name to the end of the answer."""
CAP = 4096
"""Bytes read of an answer's body, which nobody looks at."""
LOOKUPS = 64
"""Names asked for at once, in threads of their own: a name that takes its time holds up no other part of the shop.

None twice, and more than there are POSTs under way: a question goes on after the deadline of whoever asked it.
"""
GONE = 410
_ASKS_TO_WAIT = frozenset({429, 503})
_HEADERS = {
    "user-agent": "partial-shop/1.0 (webhooks)",
    "content-type": "application/json",
    "accept": "*/*",
    "accept-encoding": "identity",
}

log = structlog.get_logger()

_Found = list[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str | int, ...]]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try: the HTTP status in figures, or why there was none.

    slow         no whole answer within the deadline
    unreachable  no connection
    name         the name has no address
    inside       the name does not lead to the public internet alone
    certificate  no TLS with a certificate of that name
    broken       the connection broke, or what came is no HTTP, or nothing that could be foreseen
    address      no address that a message can be sent to

    `wait` is how long the site asks to be left alone.
    """

    said: str
    wait: timedelta | None = None

    @property
    def taken(self) -> bool:
        """Whether the site has the message: nothing but 2xx says so, a redirect does not."""
        return len(self.said) == 3 and self.said.startswith("2")

    @property
    def gone(self) -> bool:
        """Whether the site wants no more messages."""
        return self.said == str(GONE)


class SitePosts:
    """Sends messages, none of them along with another; never raises but for cancellation.

    `loopback` lets http to this machine through, for development. `names` finds the addresses of a name.
    """

    def __init__(self, *, loopback: bool = False, deadline: float = DEADLINE, names: Names | None = None) -> None:
        self._loopback, self._deadline = loopback, deadline
        self._threads = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="names")
        self._lookups: dict[str, tuple[asyncio.Future[_Found], float]] = {}
        self._public = PublicTransport(_tls(), names or self._names)
        alone = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._here = httpx.AsyncHTTPTransport(trust_env=False, limits=alone)

    async def close(self) -> None:
        """Close what is open."""
        await self._public.aclose()
        await self._here.aclose()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def post(self, url: str, body: str, headers: Mapping[str, str], now: datetime) -> Answer:
        """Send exactly these characters once; `now` is what a date to wait for is counted from."""
        try:
            async with asyncio.timeout(self._deadline):
                return await self._post(url, body, headers, now)
        except (httpx.TimeoutException, TimeoutError):
            return Answer("slow")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            return Answer(_why(error))
        except Exception:  # whatever a site brings about: the messages to all others are under way beside it
            log.exception("a site's answer came to nothing", site="/".join(url.split("/")[:3]))
            return Answer("broken")

    async def _post(self, url: str, body: str, headers: Mapping[str, str], now: datetime) -> Answer:
        """Past httpx's client: it follows, remembers and reads from the environment what is not wanted here."""
        request = httpx.Request(
            "POST",
            url,
            headers={**_HEADERS, **headers},
            content=body.encode(),
            extensions={"timeout": httpx.Timeout(self._deadline).as_dict()},
        )
        here = self._loopback and request.url.scheme == "http" and request.url.host in LOOPBACK
        response = await (self._here if here else self._public).handle_async_request(request)
        try:
            await _skim(response)
        finally:
            await response.aclose()
        wait = waiting(response.headers.get("retry-after"), now) if response.status_code in _ASKS_TO_WAIT else None
        return Answer(str(response.status_code), wait)

    async def _names(self, host: str) -> list[str]:
        """What a name leads to, asked once for all who ask meanwhile; OSError at once where that has hung too long."""
        loop = asyncio.get_running_loop()
        if host not in self._lookups:
            asked = loop.run_in_executor(self._threads, _look_up, host)
            self._lookups[host] = asked, loop.time() + self._deadline
            asked.add_done_callback(partial(self._looked_up, host))
        asked, patience = self._lookups[host]
        if loop.time() >= patience:
            raise OSError(f"{host} is still asked for")
        await asyncio.wait([asked])  # whose own deadline ends here ends nobody else's
        return [str(entry[4][0]) for entry in asked.result()]

    def _looked_up(self, host: str, asked: asyncio.Future[_Found]) -> None:
        del self._lookups[host]
        if not asked.cancelled():
            asked.exception()  # there may be nobody left to hear of it


async def _skim(response: httpx.Response) -> None:
    """Let the site finish, as far as that is short: closing on its first byte would look like a failure there."""
    read = 0
    async for chunk in response.stream:  # type: ignore[union-attr]
        read += len(chunk)
        if read >= CAP:
            return


def waiting(text: str | None, now: datetime) -> timedelta | None:
    """How long `Retry-After` asks to wait: seconds, or until a date. None where it says nothing of the kind."""
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        until = parsedate_to_datetime(text)
        return max(timedelta(0), (until if until.tzinfo else until.replace(tzinfo=UTC)) - now)
    except (ValueError, OverflowError, TypeError):
        return None


def _why(error: BaseException) -> str:
    if isinstance(error, NoAddress):
        return "name"
    if isinstance(error, NotPublic):
        return "inside"
    if isinstance(error, httpx.ConnectError):
        causes = [error, error.__cause__, error.__context__]
        while causes and causes[-1] is not None:
            causes.append(causes[-1].__cause__ or causes[-1].__context__)
        return "certificate" if any(isinstance(cause, ssl.SSLError) for cause in causes) else "unreachable"
    return "broken" if isinstance(error, httpx.HTTPError | httpx.StreamError | OSError) else "address"


def _look_up(host: str) -> _Found:
    return socket.getaddrinfo(host, HTTPS, type=socket.SOCK_STREAM)  # type: ignore[return-value]


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()
