"""Which addresses of resellers' sites are told of changes, judged by their text: https to a public name, and no more.

What the name leads to is judged when a connection is made (services.public_addresses): this is the first of two nets.
"""

import re
from typing import NoReturn
from urllib.parse import urlsplit

from services.reseller_errors import BadSite

LONGEST = 500
LOOPBACK = frozenset({"127.0.0.1", "localhost"})
"""What stands for this machine, where the settings allow sites on it: for development."""
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)+(?:[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9]))")
"""Names end in a label that begins with a letter: whatever ends in a number is some spelling of an IPv4 address."""
_INSIDE = re.compile(
    r"(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home|corp|private|home\.arpa|onion)$"
)


def checked(text: str, *, loopback: bool = False) -> str:
    """The address, written anew from what was understood of it. BadSite for any other than https to a public name.

    With `loopback` http to this machine will do as well, on any port.
    """
    given = text.strip()
    if not given:
        _refuse("empty")
    if len(given) > LONGEST:
        _refuse("long")
    if not given.isascii() or not given.isprintable() or " " in given or "\\" in given:
        _refuse("letters")  # tabs and line ends are not printable; addresses have their own spelling for the rest
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        _refuse("host")
    host = parts.netloc.lower().rpartition("@")[2]
    host = host if port is None else host.rpartition(":")[0]
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme == "http" and loopback and parts.netloc.lower() in {host, f"{host}:{port}"} and host in LOOPBACK:
        return f"http://{host}{'' if port is None else f':{port}'}{target}"
    if parts.scheme != "https":
        _refuse("scheme")
    if "@" in parts.netloc:
        _refuse("user")
    if port not in (None, 443):
        _refuse("port")
    if not _NAME.fullmatch(host) or len(host) > 253:
        _refuse("host")
    if _INSIDE.search(host):
        _refuse("inside")
    return f"https://{host}{target}"


def _refuse(reason: str) -> NoReturn:
    raise BadSite(reason=reason, longest=LONGEST)
