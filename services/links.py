"""Links as people paste them, made whole and checked against the platform that the service works on."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit

from services.errors import BadLink

LONGEST = 500
"""Characters of a link, as pasted and as kept."""


@dataclass(frozen=True, slots=True)
class Platform:
    """A network: the words that name it in a category, the domains its links are on, and how a handle becomes one."""

    words: tuple[str, ...]
    domains: tuple[str, ...]
    example: str
    profile: str | None = None


PLATFORMS: Mapping[str, Platform] = {
    "Instagram": Platform(
        words=("instagram", "ig", "insta"),
        domains=("instagram.com", "instagr.am", "ig.me"),
        example="https://www.instagram.com/p/DAbCdEfGhIj/",
        profile="https://www.instagram.com/{}/",
    ),
    "TikTok": Platform(
        words=("tiktok", "tik tok"),
        domains=("tiktok.com",),
        example="https://www.tiktok.com/@username/video/7301234567890123456",
        profile="https://www.tiktok.com/@{}",
    ),
    "YouTube": Platform(
        words=("youtube", "you tube", "yt"),
        domains=("youtube.com", "youtu.be"),
        example="https://www.youtube.com/watch?v=VIDEO",
        profile="https://www.youtube.com/@{}",
    ),
    "Telegram": Platform(
        words=("telegram", "tg"),
        domains=("t.me", "telegram.me", "telegram.dog"),
        example="https://t.me/channel/123",
        profile="https://t.me/{}",
    ),
    "X": Platform(
        words=("twitter",),
        domains=("x.com", "twitter.com"),
        example="https://x.com/username/status/1234567890123456789",
        profile="https://x.com/{}",
    ),
    "Facebook": Platform(
        words=("facebook", "fb"),
        domains=("facebook.com", "fb.com", "fb.watch", "fb.me"),
        example="https://www.facebook.com/page/posts/123456789",
        profile="https://www.facebook.com/{}",
    ),
    "Spotify": Platform(
        words=("spotify",),
        domains=("spotify.com", "spotify.link", "spoti.fi"),
        example="https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC",
    ),
    "Twitch": Platform(
        words=("twitch",),
        domains=("twitch.tv",),
        example="https://www.twitch.tv/username",
        profile="https://www.twitch.tv/{}",
    ),
}
"""The platforms the shop knows, in the order in which it shows them."""

_ANYWHERE = Platform(words=(), domains=(), example="https://example.com/page")
_NAMED = {
    name: re.compile(rf"(?<![^\W_])(?:{'|'.join(platform.words)})(?![^\W_])", re.IGNORECASE)
    for name, platform in PLATFORMS.items()
}
_LONE_X = re.compile(r"(?:^|[\s(\[|/•:-])X(?=$|[\s)\]|/•:-])")
_HANDLE = re.compile(r"@([A-Za-z0-9_][A-Za-z0-9_.-]{0,63})")
_PROFILE = re.compile(r"/@?[A-Za-z0-9_][A-Za-z0-9_.-]*/?")
_BARE_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?![0-9]+(?:[/?#]|$))")  # "example.com:8080" has none
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_TOP_LABEL = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PRIVATE = frozenset({"localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "arpa"})
_UNSAFE = re.compile(r'[<>"`{}|^]')
_INVISIBLE = "\u200b\u200e\u200f\u202a\u202b\u202c\u2060\u2066\u2067\u2068\u2069\ufeff"
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


class _Refused(ValueError):
    """The reason why a text is no link."""


def platform_of(category_name: str) -> str:
    """The platform that a category is about, a name in PLATFORMS; "" where none or more than one is named."""
    named = [name for name, pattern in _NAMED.items() if pattern.search(category_name)]
    if not named and _LONE_X.search(category_name):
        return "X"
    return named[0] if len(named) == 1 else ""


def normalise(text: str, platform: str) -> str:
    """The full link meant by what was pasted; `platform` is a name in PLATFORMS, or "" for any public address.

    The scheme may be left out, `@name` stands for the profile where the platform has them, one link is found between
    words, `utm_` parameters go and all others stay. Raises BadLink with one of the reasons

        empty      nothing was typed
        long       over 500 characters
        scheme     neither http nor https
        private    an IP address in any spelling, localhost, a host without a dot
        platform   no link into this platform; `example` shows one
        host       no web address for any other cause: control characters, user:password@, no valid host
    """
    known = PLATFORMS.get(platform, _ANYWHERE)
    try:
        return _normal(text.strip().strip(_INVISIBLE).strip(), known)
    except _Refused as refused:
        raise BadLink(reason=str(refused), platform=platform, example=known.example) from None


def profile(text: str, platform: str) -> str:
    """The full link of the profile meant, by a link, @name or name; BadLink as `normalise`, or with the reason

    profile    a link into the platform, but to something else than a profile; `example` shows one
    """
    known = PLATFORMS.get(platform, _ANYWHERE)
    name = text.strip().strip(_INVISIBLE).strip()
    link = normalise(f"@{name}" if known.profile and _HANDLE.fullmatch(f"@{name}") else name, platform)
    if not _PROFILE.fullmatch(urlsplit(link).path):
        example = (known.profile or "https://example.com/{}").format("username")
        raise BadLink(reason="profile", platform=platform, example=example)
    return link


def _normal(pasted: str, platform: Platform) -> str:
    if not pasted:
        raise _Refused("empty")
    if len(pasted) > LONGEST:
        raise _Refused("long")
    if "\\" in pasted or not _REFUSED_CATEGORIES.isdisjoint(map(unicodedata.category, pasted)):
        raise _Refused("host")
    handle = _HANDLE.fullmatch(pasted)
    if handle and platform.profile:
        return platform.profile.format(handle[1])
    if platform.domains and _BARE_WORD.fullmatch(pasted) and pasted.lower() not in _PRIVATE:
        raise _Refused("platform")  # a name without its @, most likely: the example helps more than a word on hosts
    parts = _split(_one_link(pasted))
    host, port = _host(parts), _port(parts)
    if platform.domains and not _leads_into(platform, parts, host, port):
        raise _Refused("platform")
    link = _joined(parts, "https" if platform.domains else parts.scheme, host if port is None else f"{host}:{port}")
    if len(link) > LONGEST:
        raise _Refused("long")
    return link


def _one_link(pasted: str) -> str:
    """The text itself, or the one link in what an app's Share button made of it."""
    words = pasted.split()
    if len(words) == 1:
        return pasted
    found = [word for word in words if word.lower().startswith(("http://", "https://"))]
    if len(found) != 1:
        raise _Refused("host")
    return found[0].rstrip(".,;!")


def _split(link: str) -> SplitResult:
    scheme = _SCHEME.match(link)
    if link.startswith("//"):
        link = f"https:{link}"
    elif scheme is None:
        link = f"https://{link}"
    elif scheme[1].lower() not in _DEFAULT_PORTS:
        raise _Refused("scheme")
    try:
        return urlsplit(link)
    except ValueError:
        raise _Refused("host") from None


def _host(parts: SplitResult) -> str:
    """The public host name in ASCII; numbers in any notation are addresses where they stand last."""
    if "[" in parts.netloc:
        raise _Refused("private")
    if "@" in parts.netloc or not parts.hostname:
        raise _Refused("host")
    try:
        host = parts.hostname.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        raise _Refused("host") from None
    labels = host.split(".")
    if len(labels) == 1 or labels[-1] in _PRIVATE or _NUMBER.fullmatch(labels[-1]):
        raise _Refused("private")
    if not all(_LABEL.fullmatch(label) for label in labels) or not _TOP_LABEL.fullmatch(labels[-1]) or len(host) > 253:
        raise _Refused("host")
    return host


def _port(parts: SplitResult) -> int | None:
    """The port, None where it is the usual one."""
    try:
        port = parts.port
    except ValueError:
        raise _Refused("host") from None
    if port == 0:
        raise _Refused("host")
    return None if port == _DEFAULT_PORTS[parts.scheme] else port


def _leads_into(platform: Platform, parts: SplitResult, host: str, port: int | None) -> bool:
    """Whether the link is on one of the platform's domains and names something there."""
    there = any(host == domain or host.endswith(f".{domain}") for domain in platform.domains)
    return there and port is None and bool(parts.path.strip("/") or parts.query)


def _joined(parts: SplitResult, scheme: str, authority: str) -> str:
    query = "&".join(pair for pair in parts.query.split("&") if not pair.lower().startswith("utm_"))
    link = urlunsplit((scheme, authority, parts.path, query, parts.fragment))
    return _UNSAFE.sub(lambda unsafe: f"%{ord(unsafe[0]):02X}", link)
