"""Whose call it is behind reverse proxies: those that are trusted say for whom they ask, and nobody else does.

Each proxy adds whom it was asked by to the right of X-Forwarded-For; whatever stands left of that anybody may have
written. So it is read from the right, past the proxies that are trusted, to the first address that is none of them.
"""

import re
from collections.abc import Collection

from aiohttp import web

from services import networks
from services.networks import Network

HEADER = "X-Forwarded-For"
_WRITTEN = re.compile(r"\[(?P<six>[^\]]*)\](?::[0-9]{1,5})?|(?P<four>[0-9.]+):[0-9]{1,5}")
"""How an address stands with a port, or in brackets; whatever else is one stands bare."""


def client(request: web.Request, proxies: Collection[Network]) -> str:
    """The address that a call comes from: its peer's, or whom a trusted peer asks for.

    The peer's, too, where a trusted one does not say: no header, junk, or nobody but trusted proxies.
    """
    peer = request.remote or ""
    near = networks.address(peer)
    if near is None or not networks.among(near, proxies):
        return peer
    words = [word.strip() for word in ",".join(request.headers.getall(HEADER, ())).split(",")]
    for word in reversed([word for word in words if word]):
        said = networks.address(_bare(word))
        if said is None:
            return peer
        if not networks.among(said, proxies):
            return str(said)
    return peer


def _bare(word: str) -> str:
    """An address without brackets and port."""
    written = _WRITTEN.fullmatch(word)
    return word if written is None else written["six"] or written["four"] or ""
