"""What an `add` must carry for each type of service, and what it comes to: the quantity and the charge."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from bot.sandbox.panel.catalogue import Service
from bot.sandbox.panel.delivery import SUBSCRIPTIONS, money

NEEDS: dict[str, tuple[str, ...]] = {
    "Default": ("link", "quantity"),
    "SEO": ("link", "quantity", "keywords"),
    "Custom Comments": ("link", "comments"),
    "Custom Comments Package": ("link", "comments"),
    "Mentions with Hashtags": ("link", "quantity", "usernames", "hashtags"),
    "Mentions Custom List": ("link", "usernames"),
    "Mentions Hashtag": ("link", "quantity", "hashtag"),
    "Mentions User Followers": ("link", "quantity", "username"),
    "Mentions Media Likers": ("link", "quantity", "media"),
    "Mentions": ("link", "quantity", "usernames"),
    "Package": ("link",),
    "Comment Likes": ("link", "quantity", "username"),
    "Comment Replies": ("link", "username", "comments"),
    "Poll": ("link", "quantity", "answer_number"),
    "Invites from Groups": ("link", "quantity", "groups"),
    "Subscriptions": ("username", "min", "max", "delay"),
    "Web Traffic": ("link", "quantity", "country", "device", "type_of_traffic"),
}
"""The parameters that each type cannot do without."""

_COUNTED_BY = {
    "Custom Comments": "comments",
    "Comment Replies": "comments",
    "Mentions Custom List": "usernames",
}
_PACKAGES = ("Package", "Custom Comments Package")
_DELAYS = {0, 5, 10, 15, 20, 30, 40, 50, *range(60, 601, 30)}
_NUMBER = re.compile(r"[0-9]{1,10}")
_DEFAULT_POSTS = 10


class RefusedError(Exception):
    """The panel refuses the request; the message is the text of its `error` key."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A well-formed `add`: total quantity, its charge, the size of one drip-feed run.

    A subscription (its link is a username) has no quantity of its own, but posts, and perhaps a time it ends.
    """

    link: str
    quantity: int
    charge: Decimal
    step: int = 1
    posts: int = 0
    expires: float | None = None


def read_add(service: Service, fields: Mapping[str, str], now: float) -> Ask:
    """Check the parameters of an `add` for this service, or raise `RefusedError` in the panel's words."""
    for name in NEEDS[service.type]:
        if not fields.get(name, "").strip():
            raise RefusedError(f"neworder.error.{name}")
    if service.type == SUBSCRIPTIONS:
        return _subscription(service, fields, now)
    link = fields["link"].strip()
    if re.search(r"\s", link):
        raise RefusedError("neworder.error.link")
    if service.type in _PACKAGES:
        return Ask(link, 1, money(service.price))
    if counted := _COUNTED_BY.get(service.type):
        return _sized(service, link, len([line for line in fields[counted].splitlines() if line.strip()]), 1)
    each = _whole(fields, "quantity")
    runs = _runs(service, fields)
    return _sized(service, link, each * runs, each if runs > 1 else 1)


def _sized(service: Service, link: str, quantity: int, step: int) -> Ask:
    _within(service, quantity)
    return Ask(link, quantity, money(service.price * quantity / 1000), step)


def _within(service: Service, quantity: int) -> None:
    if quantity < service.min:
        raise RefusedError("neworder.error.min_quantity")
    if quantity > service.max:
        raise RefusedError("neworder.error.max_quantity")


def _runs(service: Service, fields: Mapping[str, str]) -> int:
    """How many drip-feed runs are asked for; without drip-feed 1."""
    if not fields.get("runs", "").strip():
        return 1
    runs = _whole(fields, "runs")
    if runs and not service.dripfeed:
        raise RefusedError("neworder.error.runs")
    if runs and not _whole(fields, "interval"):
        raise RefusedError("neworder.error.interval")
    return max(runs, 1)


def _subscription(service: Service, fields: Mapping[str, str], now: float) -> Ask:
    least, most = _whole(fields, "min"), _whole(fields, "max")
    _within(service, least)
    _within(service, most)
    if most < least:
        raise RefusedError("neworder.error.max_quantity")
    if _whole(fields, "delay") not in _DELAYS:
        raise RefusedError("neworder.error.delay")
    expires = None
    if expiry := fields.get("expiry", "").strip():
        try:
            expires = datetime.strptime(expiry, "%d/%m/%Y").replace(tzinfo=UTC).timestamp()
        except ValueError:
            raise RefusedError("neworder.error.expiry") from None
        if expires <= now:
            raise RefusedError("neworder.error.expiry")
    posts = _whole(fields, "posts") if fields.get("posts", "").strip() else _DEFAULT_POSTS
    return Ask(fields["username"].strip(), 0, Decimal(0), posts=posts, expires=expires)


def _whole(fields: Mapping[str, str], name: str) -> int:
    value = fields.get(name, "").strip()
    if not _NUMBER.fullmatch(value):
        raise RefusedError(f"neworder.error.{name}")
    return int(value)
