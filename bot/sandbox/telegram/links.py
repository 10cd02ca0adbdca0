"""Which links Telegram accepts in texts and on buttons."""

import re
from urllib.parse import urlsplit

_OWN_SCHEMES = ("tg:", "ton:", "tonsite:", "mailto:")
_HOST = re.compile(r"[^\s/?#\\<>\"'@:]+")


def checked_link(url: str) -> str:
    """The link as Telegram keeps it, with its scheme and path filled in.

    Raises `ValueError` with Telegram's reason. A host without a dot ("localhost") is refused, as there.
    """
    url = url.strip()
    if url.lower().startswith(_OWN_SCHEMES):
        return url
    if "://" not in url:
        url = f"http://{url}"
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in {"http", "https"}:
        raise ValueError("Unsupported URL protocol")
    if not rest or rest[0] in "/?#":
        raise ValueError("URL host is empty")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port  # reading it checks that it is a number
    except ValueError:
        raise ValueError("Wrong HTTP URL") from None
    if "." not in host.strip(".") or not _HOST.fullmatch(host):
        raise ValueError("Wrong HTTP URL")
    return url if parts.path else parts._replace(path="/").geturl()
