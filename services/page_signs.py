"""What a platform's page says of a link's target: one table of signs, read without the network."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Code = Literal["there", "gone", "private", "renamed", "unclear"]
"""What became of a link's target; unclear: the page does not say, which is most often so."""


@dataclass(frozen=True, slots=True)
class Signs:
    """A platform's signs. `said`: the first of these found in a page decides. `missing`: statuses that mean gone.

    `names` find what a path is about, kind by kind: two paths of one kind with different names are two targets.
    """

    said: tuple[tuple[str, Code], ...]
    names: tuple[re.Pattern[str], ...]
    missing: frozenset[int] = frozenset({404, 410})


def _names(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


_SHOWN: tuple[str, Code] = ('property="og:url"', "there")
"""A page made for one target names its address; walls and empty shells do not."""

SIGNS: Mapping[str, Signs] = {
    "Instagram": Signs(
        said=(
            ("Sorry, this page isn't available", "gone"),
            ("This account is private", "private"),
            ('"is_private":true', "private"),
            _SHOWN,
        ),
        names=_names(r"(?:/[\w.]+)?/(?:p|reel|reels|tv)/([\w-]+)", r"/([\w.]+)"),
    ),
    "TikTok": Signs(
        said=(
            ('"statusCode":10216', "private"),  # of a video
            ('"statusCode":10222', "private"),  # of an account
            ('"privateAccount":true', "private"),
            ("This account is private", "private"),
            ('"statusCode":10221', "gone"),
            ("Couldn't find this account", "gone"),
            ("Video currently unavailable", "gone"),
            _SHOWN,
        ),
        names=_names(r"/@([\w.]+)"),
    ),
    "YouTube": Signs(
        said=(
            ("Sign in to confirm", "unclear"),  # a wall against robots, or against age
            ("This video is private", "private"),
            ('"simpleText":"Private video"', "private"),
            ("This video isn't available anymore", "gone"),
            ("This video has been removed", "gone"),
            ("This video is no longer available", "gone"),
            ("This account has been terminated", "gone"),
            ('"playabilityStatus":{"status":"OK"', "there"),
            ('"playabilityStatus":', "unclear"),
            _SHOWN,
        ),
        names=_names(r"/@([\w.-]+)", r"/shorts/([\w-]+)"),
    ),
    "Telegram": Signs(
        said=(
            ("tgme_page_title", "there"),
            ("tgme_channel_info", "there"),
            ("tgme_widget_message_error", "gone"),
            ("tgme_icon_user", "gone"),  # the empty card of a name that nobody has
        ),
        names=_names(r"/(?:s/)?([A-Za-z]\w+)"),
    ),
    "X": Signs(
        said=(
            ("These posts are protected", "private"),
            ("This account doesn't exist", "gone"),
            ("Hmm...this page doesn't exist", "gone"),
            _SHOWN,
        ),
        names=_names(r"/(?!i/|intent/)(\w+)"),
    ),
    "Facebook": Signs(
        # "This content isn't available right now" is said of private and of deleted alike.
        said=(("This content isn't available", "unclear"), ("You must log in", "unclear"), _SHOWN),
        names=_names(r"/(?!watch|share|groups|reel|photo|story|permalink|profile\.php)([\w.]+)"),
    ),
    "Spotify": Signs(
        said=(("Page not found", "gone"), _SHOWN),
        names=_names(r"(?:/intl-\w+)?/(?:track|album|artist|playlist|episode|show|user)/(\w+)"),
    ),
    "Twitch": Signs(
        said=(("that content is unavailable", "gone"), _SHOWN),
        names=_names(r"/videos/(\d+)", r"/(\w+)"),
    ),
}

SHORTENERS = frozenset({"fb.me", "fb.watch", "ig.me", "spoti.fi", "spotify.link", "youtu.be"})
"""Domains whose paths name nothing: where they lead does."""

_WALL = re.compile(
    r"/(?:accounts/login|login|signin|signup|i/flow|checkpoint|challenge|consent|captcha|sorry|unsupportedbrowser"
    r"|accounts/suspended)\b",
    re.IGNORECASE,
)
"""Where those are sent who are not let in: it says nothing about what lies behind."""


def read(platform: str, status: int, headers: Mapping[str, str], body: str) -> Code:
    """What a page says of the target it was asked for; `headers` by their names in lower case."""
    signs = SIGNS.get(platform)
    if signs is None:
        return "unclear"
    if status in signs.missing:
        return "gone"
    if status != 200 or not headers.get("content-type", "").lower().startswith("text/html"):
        return "unclear"
    text = html.unescape(body).replace("\u2019", "'")
    return next((code for sign, code in signs.said if sign in text), "unclear")


def moved(platform: str, domain: str, asked: str, location: str) -> Code | None:
    """What a redirect from path `asked` of a domain to path `location` says; None: nothing yet, follow it."""
    if _WALL.match(location) or location.strip("/") == "":
        return "unclear"
    if domain in SHORTENERS:
        return None
    for pattern in SIGNS[platform].names:
        before, after = pattern.match(asked), pattern.match(location)
        if before and after:
            return None if before[1].casefold() == after[1].casefold() else "renamed"
        if before:
            return "unclear"
    return None
