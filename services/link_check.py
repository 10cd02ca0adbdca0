"""The polite check of a link: one look at its page, at the platforms we know, and an honest "could not tell"."""

import asyncio
import re
import ssl
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

import httpx

from services import page_signs
from services.links import LONGEST, PLATFORMS
from services.page_signs import Code
from services.public_addresses import PublicTransport

DEADLINE = 2.5
"""Seconds in which all links of one question are answered for, whatever is still missing then."""
AT_ONCE = 3
"""Requests to one platform at a time."""
MOST = 24
"""Links looked at for one question: where more orders stop at once, it is not for their links."""
CAP = 1024 * 1024
"""Bytes read of a page: what lies behind is not looked at."""
HOPS = 2
"""Redirects followed, all of them within the platform."""
KEPT = 600.0
"""Seconds for which an answer is good."""
REMEMBERED = 5000
"""Links whose answers are kept."""

_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_HEADERS = {
    "User-Agent": "partial-shop/1.0 (link check: one page, on its owner's order; no crawling)",
    "Accept": "text/html",
    "Accept-Encoding": "identity",  # a page of a megabyte must not be a gigabyte once it is unpacked
    "Accept-Language": "en",
}


@dataclass(frozen=True, slots=True)
class Page:
    """Where a link leads: a platform of the shop's, a host of its domain, and what to ask there."""

    platform: str
    domain: str
    host: str
    path: str
    query: str

    @property
    def target(self) -> str:
        """Path and query as they are asked for."""
        return self.path + (f"?{self.query}" if self.query else "")

    @property
    def url(self) -> str:
        """The address, written anew from what was understood of it."""
        return f"https://{self.host}{self.target}"


def page_of(link: str) -> Page | None:
    """The page that a link names, None for whatever is not plain HTTPS to a platform that the shop knows."""
    if not link.isascii() or not link.isprintable() or len(link) > LONGEST or "\\" in link or " " in link:
        return None
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    host = parts.netloc.lower()
    if parts.scheme != "https" or not _HOST.fullmatch(host):
        return None  # ports, users, brackets and bare numbers are no part of such a host
    for name, platform in PLATFORMS.items():
        for domain in platform.domains:
            if host == domain or host.endswith(f".{domain}"):
                return Page(name, domain, host, parts.path or "/", parts.query)
    return None


class LinkCheck:
    """Looks at the pages of links, each at most once in a while; never raises but for cancellation.

    `stand_ins` are addresses that are asked instead of a platform's domain, for the sandbox and for tests: then nobody
    else is asked at all. Without them a connection is made to public addresses alone.
    """

    def __init__(
        self,
        stand_ins: Mapping[str, str] | None = None,
        *,
        deadline: float = DEADLINE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stand_ins = stand_ins or {}
        self._deadline = deadline
        self._clock = clock
        self._answers: OrderedDict[str, tuple[float, Code]] = OrderedDict()
        self._places = {name: asyncio.Semaphore(AT_ONCE) for name in PLATFORMS}
        self._http = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(verify=_tls()) if self._stand_ins else PublicTransport(_tls()),
            headers=_HEADERS,
            follow_redirects=False,
            trust_env=False,
            timeout=deadline,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def codes(self, links: Collection[str], *, no_older: float = KEPT) -> dict[str, Code]:
        """What became of the target of each link, within the deadline; answers may be `no_older` seconds old."""
        codes: dict[str, Code] = dict.fromkeys(links, "unclear")
        wanted = []
        for link in codes:
            known = self._answers.get(link)
            if known is not None and self._clock() - known[0] < no_older:
                codes[link] = known[1]
            elif page := page_of(link):
                wanted.append((link, page))

        async def look(link: str, page: Page) -> None:
            codes[link] = await self._look(page)
            self._keep(link, codes[link])

        try:
            async with asyncio.timeout(self._deadline), asyncio.TaskGroup() as group:
                for link, page in wanted[:MOST]:
                    group.create_task(look(link, page))
        except TimeoutError:
            pass  # who has not answered by now has not told
        return codes

    def _keep(self, link: str, code: Code) -> None:
        self._answers[link] = (self._clock(), code)
        self._answers.move_to_end(link)
        if len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)

    async def _look(self, page: Page) -> Code:
        try:
            async with self._places[page.platform]:
                return await self._follow(page)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError):
            return "unclear"

    async def _follow(self, page: Page) -> Code:
        """Ask for the page, and for where it redirects to, as far as that goes."""
        for _ in range(HOPS + 1):
            address = self._address(page)
            if address is None:
                return "unclear"
            async with self._http.stream("GET", address) as response:
                if not response.has_redirect_location:
                    body = await _body(response)
                    return page_signs.read(page.platform, response.status_code, response.headers, body)
                onward = page_of(urljoin(page.url, response.headers["location"]))
            if onward is None or onward.platform != page.platform:
                return "unclear"
            code = page_signs.moved(page.platform, page.domain, page.path, onward.path)
            if code is not None:
                return code
            page = onward
        return "unclear"

    def _address(self, page: Page) -> str | None:
        if not self._stand_ins:
            return page.url
        origin = self._stand_ins.get(page.domain)
        return None if origin is None else origin + page.target


async def _body(response: httpx.Response) -> str:
    """As much of the page as is looked at; nothing of one that came packed all the same."""
    if response.headers.get("content-encoding", "identity") != "identity":
        return ""
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) >= CAP:
            break
    return bytes(body[:CAP]).decode("utf-8", "replace")


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()
