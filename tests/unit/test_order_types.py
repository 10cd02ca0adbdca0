"""What each type of service is sent, and what the rest of an order of it carries."""

from datetime import date

import pytest

from bot.sandbox.panel.catalogue import Service
from bot.sandbox.panel.intake import NEEDS, read_add
from services import order_types
from services.extras import PLAIN, Drip, Extras, Subscription


@pytest.mark.parametrize("name", ["Default", "default", " DEFAULT "])
def test_types_are_known_however_they_are_spelled(name: str) -> None:
    assert order_types.of(name) is order_types.TYPES["default"]


@pytest.mark.parametrize("name", ["Web Traffic", "", "Anything"])
def test_other_types_are_not_taken(name: str) -> None:
    assert order_types.of(name) is None


LINK = "https://x.com/a"
SENT = [
    ("Default", 1000, PLAIN, (LINK, 1000, {})),
    ("Default", 1000, Extras(drip=Drip(10, 30)), (LINK, 100, {"runs": "10", "interval": "30"})),
    ("Package", 1, PLAIN, (LINK, None, {})),
    ("Custom Comments", 2, Extras({"comments": "a\nb"}), (LINK, None, {"comments": "a\nb"})),
    ("Custom Comments Package", 1, Extras({"comments": "a\nb"}), (LINK, None, {"comments": "a\nb"})),
    ("Comment Likes", 20, Extras({"username": "mia"}), (LINK, 20, {"username": "mia"})),
    (
        "Comment Replies",
        2,
        Extras({"username": "mia", "comments": "a\nb"}),
        (LINK, None, {"username": "mia", "comments": "a\nb"}),
    ),
    ("Mentions", 20, Extras({"usernames": "a\nb"}), (LINK, 20, {"usernames": "a\nb"})),
    (
        "Mentions with Hashtags",
        20,
        Extras({"usernames": "a\nb", "hashtags": "x"}),
        (LINK, 20, {"usernames": "a\nb", "hashtags": "x"}),
    ),
    ("Mentions Custom List", 2, Extras({"usernames": "a\nb"}), (LINK, None, {"usernames": "a\nb"})),
    ("Mentions Hashtag", 20, Extras({"hashtag": "x"}), (LINK, 20, {"hashtag": "x"})),
    ("Mentions User Followers", 20, Extras({"username": "mia"}), (LINK, 20, {"username": "mia"})),
    ("Mentions Media Likers", 20, Extras({"media": LINK}), (LINK, 20, {"media": LINK})),
    ("Poll", 20, Extras({"answer_number": "3"}), (LINK, 20, {"answer_number": "3"})),
    ("Invites from Groups", 20, Extras({"groups": "a\nb"}), (LINK, 20, {"groups": "a\nb"})),
    (
        "Subscriptions",
        5,
        Extras(subscription=Subscription(50, 100)),
        (None, None, {"username": "mia", "min": "50", "max": "100", "posts": "5", "delay": "0"}),
    ),
    (
        "Subscriptions",
        1,
        Extras(subscription=Subscription(100, 100, 30, date(2026, 6, 1))),
        (
            None,
            None,
            {"username": "mia", "min": "100", "max": "100", "posts": "1", "delay": "30", "expiry": "01/06/2026"},
        ),
    ),
    ("SEO", 20, Extras({"keywords": "a\nb"}), (LINK, 20, {"keywords": "a\nb"})),
]


@pytest.mark.parametrize(("name", "quantity", "extras", "sent"), SENT)
def test_what_add_is_sent(name: str, quantity: int, extras: Extras, sent: tuple[object, ...]) -> None:
    link = "https://www.instagram.com/mia/" if name == "Subscriptions" else LINK
    assert tuple(order_types.parameters(name, link, quantity, extras)) == sent


@pytest.mark.parametrize("link", ["https://instagram.com/mia/", "https://www.tiktok.com/@mia", "https://t.me/mia?x=1"])
def test_the_name_is_the_last_word_of_a_profile(link: str) -> None:
    assert order_types.username(link) == "mia"


def test_every_type_is_in_the_table_of_what_is_sent() -> None:
    assert {name.casefold() for name, *_ in SENT} == set(order_types.TYPES)


@pytest.mark.parametrize(("name", "quantity", "extras", "sent"), SENT)
def test_a_panel_takes_it_and_counts_the_same(
    name: str, quantity: int, extras: Extras, sent: tuple[str | None, int | None, dict[str, str]]
) -> None:
    """The simulated panels were written from the protocol alone, without the shop."""
    service = Service(1, "Any", name, "Instagram Likes", "1.00", 1, 100_000, dripfeed=True)
    link, each, further = sent
    fields = {**further, **({"link": link} if link else {}), **({"quantity": str(each)} if each else {})}
    taken = read_add(service, fields, 0.0)
    assert (taken.posts or taken.quantity) == quantity


def test_all_types_of_the_protocol_are_taken_but_one() -> None:
    assert {name for name in NEEDS if order_types.of(name) is None} == {"Web Traffic"}


SPREAD = Extras(drip=Drip(10, 30))
"""1,000 in runs of 100."""


@pytest.mark.parametrize(
    ("remaining", "dripfeed", "runs"),
    [
        (400, True, 4),
        (200, True, 2),
        (1000, True, 10),
        (400, False, None),  # a service without drip-feed delivers at once
        (100, True, None),  # one run is left
        (50, True, None),
        (450, True, None),  # not whole runs
    ],
)
def test_the_rest_of_a_spread_order_goes_on_in_runs_of_the_same_size(
    remaining: int, dripfeed: bool, runs: int | None
) -> None:
    rest = order_types.of_rest("Default", SPREAD, 1000, remaining, dripfeed=dripfeed)
    assert rest == (Extras(drip=Drip(runs, 30)) if runs else PLAIN)


def test_the_rest_of_a_plain_order_is_plain() -> None:
    assert order_types.of_rest("Default", PLAIN, 1000, 400, dripfeed=True) is PLAIN


COMMENTS = Extras({"comments": "one\ntwo\nthree\nfour"})


@pytest.mark.parametrize(("remaining", "left"), [(1, "four"), (3, "two\nthree\nfour"), (4, "one\ntwo\nthree\nfour")])
def test_the_last_lines_are_the_rest_of_what_is_counted_by_lines(remaining: int, left: str) -> None:
    rest = order_types.of_rest("Custom Comments", COMMENTS, 4, remaining, dripfeed=False)
    assert rest.texts == {"comments": left}


UNITS = [
    # type              extras                                         each   dearest of at most 500   what limits hold
    ("Default", PLAIN, 1, (500, 1), (7, 7)),
    ("Package", PLAIN, 1000, (500, 1000), (7, 7)),
    ("Subscriptions", Extras(subscription=Subscription(50, 100)), 100, (1000, 500), (50, 100)),
]


@pytest.mark.parametrize(("name", "extras", "each", "dearest", "span"), UNITS)
def test_what_one_of_the_quantity_is(
    name: str, extras: Extras, each: int, dearest: tuple[int, int], span: tuple[int, int]
) -> None:
    kind = order_types.of(name)
    assert kind is not None
    assert kind.each(extras) == each
    assert kind.dearest(500) == dearest
    assert kind.span(7, extras) == span


def test_a_package_goes_along_with_all_its_comments() -> None:
    assert order_types.of_rest("Custom Comments Package", COMMENTS, 1, 1, dripfeed=False) == COMMENTS
