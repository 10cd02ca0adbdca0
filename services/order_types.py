"""The types of service that the shop can take: what each asks for, what is counted, and what `add` is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urlsplit

from services.extras import Drip, Extras

DRIP = ("runs", "interval")
"""What is asked where an order is to be spread out."""
TERMS = ("each", "delay", "expiry")
"""What is asked of a subscription."""
MOST_POSTS = 1000
POSTS = (1, 3, 5, 10, 20, 30)
"""Numbers of posts worth suggesting."""
PACKAGE = 1000
"""A package is priced as a thousand items: its rate is the price of one."""


@dataclass(frozen=True, slots=True)
class OrderType:
    """What orders of a type are made of, beside a link.

    `asks` names the further answers in the order in which they are asked for (see services.order_fields);
    `counted_by` is the one whose lines are the quantity; `unit` is what the quantity counts (see services.pricing);
    `spreads` says whether drip-feed is possible where the service has it.
    """

    name: str
    asks: tuple[str, ...] = ()
    counted_by: str | None = None
    unit: str = "thousand"
    spreads: bool = False

    @property
    def asks_quantity(self) -> bool:
        """Whether somebody chooses the quantity; lines are counted, and a package is one."""
        return self.unit != "package" and self.counted_by is None

    def limits(self, smallest: int, largest: int) -> tuple[int, int]:
        """The limits of a service that a panel offers with these: a package is one, whatever it says is in it."""
        return (1, 1) if self.unit == "package" else (smallest, largest)

    def quantities(self, smallest: int, largest: int) -> tuple[int, int]:
        """The smallest and the largest quantity of an order; the limits of a subscription are those of one post."""
        return (1, MOST_POSTS) if self.unit == "post" else (smallest, largest)

    def span(self, quantity: int, extras: Extras) -> tuple[int, int]:
        """What must lie within a service's limits, from the least to the most: the quantity, or that of each post."""
        terms = extras.subscription
        return (terms.min, terms.max) if terms else (quantity, quantity)

    def each(self, extras: Extras) -> int:
        """The items that one of the quantity is priced as."""
        terms = extras.subscription
        return PACKAGE if self.unit == "package" else terms.max if terms else 1

    def dearest(self, largest: int) -> tuple[int, int]:
        """(quantity, each) of the most expensive order, of a service with this largest limit."""
        each = {"package": PACKAGE, "post": largest}.get(self.unit, 1)
        return (MOST_POSTS if self.unit == "post" else largest), each


class Parameters(NamedTuple):
    """What `add` is sent beside key, action and service; None is not sent."""

    link: str | None
    quantity: int | None
    further: Mapping[str, str]


TYPES: Mapping[str, OrderType] = {
    one.name.casefold(): one
    for one in (
        OrderType("Default", spreads=True),
        OrderType("Package", unit="package"),
        OrderType("Custom Comments", ("comments",), counted_by="comments"),
        OrderType("Custom Comments Package", ("comments",), unit="package"),
        OrderType("Comment Replies", ("username", "comments"), counted_by="comments"),
        OrderType("Comment Likes", ("username",)),
        OrderType("Mentions", ("usernames",)),
        OrderType("Mentions with Hashtags", ("usernames", "hashtags")),
        OrderType("Mentions Custom List", ("usernames",), counted_by="usernames"),
        OrderType("Mentions Hashtag", ("hashtag",)),
        OrderType("Mentions User Followers", ("username",)),
        OrderType("Mentions Media Likers", ("media",)),
        OrderType("Poll", ("answer_number",)),
        OrderType("Invites from Groups", ("groups",)),
        OrderType("SEO", ("keywords",)),
        OrderType("Subscriptions", TERMS, unit="post"),
    )
}
"""By name in lower case: panels spell them as they like.

Web Traffic is not taken: its country, device and kind of traffic are codes of which every panel has its own.
"""


def of(name: str) -> OrderType | None:
    """The type of this name, None where the shop cannot take it."""
    return TYPES.get(name.strip().casefold())


def parameters(name: str, link: str, quantity: int, extras: Extras) -> Parameters:
    """What a panel wants to hear of an order of the type `name`.

    In drip-feed its quantity is that of one run; a subscription goes by the name of the profile that it is for.
    """
    if terms := extras.subscription:
        further = {"username": username(link), "min": str(terms.min), "max": str(terms.max), "posts": str(quantity)}
        further["delay"] = str(terms.delay)
        if terms.expiry:
            further["expiry"] = f"{terms.expiry:%d/%m/%Y}"
        return Parameters(None, None, further)
    if not TYPES[name.casefold()].asks_quantity:
        return Parameters(link, None, extras.texts)
    if drip := extras.drip:
        further = {"runs": str(drip.runs), "interval": str(drip.interval)}
        return Parameters(link, quantity // drip.runs, further)
    return Parameters(link, quantity, extras.texts)


def username(link: str) -> str:
    """The name in the link of a profile, without its @."""
    return urlsplit(link).path.strip("/").removeprefix("@")


def of_rest(name: str, extras: Extras, quantity: int, remaining: int, *, dripfeed: bool) -> Extras:
    """What the rest of an order of the type `name` carries on a service that has drip-feed, or has not.

    Of what is counted by its lines the last ones go along, for panels work from the top. A spread order goes on in
    runs of the same size where the service can do that and the rest is made of whole runs; else it comes at once.
    """
    if lines := TYPES[name.casefold()].counted_by:
        return replace(extras, texts={**extras.texts, lines: "\n".join(extras.lines(lines)[-remaining:])})
    if extras.drip is None:
        return extras
    run = quantity // extras.drip.runs
    if dripfeed and remaining > run and remaining % run == 0:
        return replace(extras, drip=Drip(remaining // run, extras.drip.interval))
    return replace(extras, drip=None)
