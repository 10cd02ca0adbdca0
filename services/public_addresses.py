"""Which addresses are the public internet's: vetted when a connection is made, and connected to as vetted."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, ip_address, ip_network

import httpx

HTTPS = 443
_INTERNET_6 = ip_network("2000::/3")
"""The only part of IPv6 that is handed out to the public."""
_NOT_QUITE = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments; parts of it pass for global
        "192.88.99.0/24",  # relays of 6to4
        "2001::/23",  # Teredo and other ways into IPv4
        "2002::/16",  # 6to4: any IPv4 address, private ones included
        "2001:db8::/32",
        "3fff::/20",
    )
)
"""What `is_global` lets through, on this version of Python or another, and leads elsewhere."""


Names = Callable[[str], Awaitable[Sequence[str]]]
"""Finds the addresses of a name, or raises OSError."""


class NotPublic(httpx.ConnectError):
    """A name that leads somewhere else than to the public internet: nothing was sent, no connection opened."""


class NoAddress(NotPublic):
    """A name that leads nowhere."""


def is_public(address: str) -> bool:
    """Whether this is an address of the public internet, written as addresses are: nothing else is read as one."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if not found.is_global or found.is_multicast or found.is_reserved or any(found in net for net in _NOT_QUITE):
        return False
    return isinstance(found, IPv4Address) or (found in _INTERNET_6 and found.scope_id is None)


async def addresses(host: str) -> list[str]:
    """What a name leads to, as the system finds it."""
    found = await asyncio.get_running_loop().getaddrinfo(host, HTTPS, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


async def vetted(host: str, names: Names = addresses) -> str:
    """An address of this name, each of which is public: names are asked for once, here. Raises NotPublic."""
    try:
        found = await names(host)
    except (OSError, UnicodeError) as error:
        raise NoAddress(f"{host} has no address: {error}") from None
    if not found or not all(map(is_public, found)):
        raise NotPublic(f"{host} does not lead to the public internet")
    return found[0]


class PublicTransport(httpx.AsyncBaseTransport):
    """HTTPS to the vetted address of a name and to no other, with the name's own certificate.

    The name is looked up once and the connection made to what was found: a name that leads elsewhere the second time
    is not asked a second time. A connection serves one request, so that none is shared between two names.
    """

    def __init__(self, tls: ssl.SSLContext, names: Names = addresses) -> None:
        limits = httpx.Limits(max_keepalive_connections=0)
        self._names = names
        self._wire = httpx.AsyncHTTPTransport(verify=tls, trust_env=False, limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; NotPublic where it would leave for anything but a public address over HTTPS."""
        host = request.url.host
        if request.url.scheme != "https" or request.url.port is not None:
            raise NotPublic(f"{request.url.scheme} to port {request.url.port} of {host} is not asked")
        address = await vetted(host, self._names)
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=address, port=HTTPS),
            headers=request.headers,  # the Host among them is the name's
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await self._wire.handle_async_request(pinned)

    async def aclose(self) -> None:
        """Close what is open."""
        await self._wire.aclose()
