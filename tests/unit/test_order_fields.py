"""Answers to the further questions of an order: read one way, refused with what helps, taken apart and put together."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from services import order_fields, order_types
from services.errors import BadAnswer, BadLink, QuantityTooLarge, QuantityTooSmall
from services.extras import PLAIN, Drip, Extras, Subscription
from services.order_fields import Situation, read
from services.order_types import OrderType


def kind(name: str) -> OrderType:
    found = order_types.of(name)
    assert found is not None
    return found


def about(name: str = "Default", minimum: int = 50, maximum: int = 100_000, **more: Any) -> Situation:
    return Situation(kind(name), minimum, maximum, **more)


ABOUT = about(quantity=1000)


def refused(name: str, text: str, situation: Situation = ABOUT) -> Mapping[str, object]:
    """What the refusal of this answer says."""
    with pytest.raises(BadAnswer) as refusal:
        read(name, text, situation)
    assert refusal.value.params["field"] == name
    return refusal.value.params


READ = [
    ("runs", " 10 ", "10"),
    ("runs", "2", "2"),
    ("runs", "500", "500"),
    ("interval", "1", "1"),
    ("interval", "1,440", "1440"),
]


@pytest.mark.parametrize(("name", "typed", "meant"), READ)
def test_an_answer_has_one_spelling_and_reads_the_same_again(name: str, typed: str, meant: str) -> None:
    assert read(name, typed, ABOUT) == meant
    assert read(name, meant, ABOUT) == meant


NO_NUMBER = [
    *(("runs", typed, 2, 500) for typed in ("1", "0", "-2", "501", "1,000", "ten", "2.5", "١٠")),
    *(("answer_number", typed, 1, 100) for typed in ("0", "101", "the first", "-1")),
    *(("interval", typed, 1, 1440) for typed in ("0", "1441", "soon", "-5")),
]


@pytest.mark.parametrize(("name", "typed", "least", "most"), NO_NUMBER)
def test_what_is_no_such_number_is_told_the_numbers_that_are(name: str, typed: str, least: int, most: int) -> None:
    said = refused(name, typed)
    assert (said["reason"], said["minimum"], said["maximum"]) == ("number", least, most)


def test_no_more_runs_than_there_are_items() -> None:
    assert refused("runs", "8", about(minimum=1, maximum=100, quantity=7))["maximum"] == 7


def test_runs_that_leave_something_over_are_refused_with_some_that_do_not() -> None:
    said = refused("runs", "3")
    assert (said["reason"], said["count"], said["given"]) == ("uneven", 1000, 3)
    assert said["hint"] == "2, 4, 5, 8, 10, 20"


@pytest.mark.parametrize(
    ("quantity", "suggested"),
    [
        (1000, ["2", "4", "5", "8", "10", "20"]),
        (100, ["2"]),  # more runs would be smaller than an order of this service may be
        (60, ["2", "3", "4", "5", "6", "10"]),  # no run is large enough alone: the total is what must be
        (17 * 19, ["17", "19", "323"]),
        (997, []),
    ],
)
def test_suggested_runs_leave_nothing_over(quantity: int, suggested: list[str]) -> None:
    assert order_fields.suggestions("runs", about(quantity=quantity)) == suggested
    assert all(quantity % int(runs) == 0 for runs in suggested)


def test_a_quantity_that_no_runs_divide_says_so() -> None:
    assert refused("runs", "2", about(quantity=997))["hint"] == "none"


def test_every_suggestion_is_an_answer() -> None:
    for name, situation in [
        *((name, ABOUT) for name in (*order_types.DRIP, "answer_number")),
        *((name, POSTS) for name in order_types.TERMS),
    ]:
        suggested = order_fields.suggestions(name, situation)
        assert suggested
        assert [read(name, answer, situation) for answer in suggested] == suggested


@pytest.mark.parametrize("extras", [PLAIN, Extras(drip=Drip(10, 30)), Extras({"comments": "a\nb"})])
def test_what_was_put_together_comes_apart_again(extras: Extras) -> None:
    assert order_fields.composed(order_fields.answers(extras)) == extras


def test_half_a_drip_feed_is_none() -> None:
    assert order_fields.composed({"runs": "10"}) == PLAIN


def fitted(extras: Extras, quantity: int = 1000, *, dripfeed: bool = True) -> Extras:
    found, carried = order_fields.fitted(quantity, extras, about(), dripfeed=dripfeed)
    assert found == quantity
    return carried


def test_limits_hold_for_all_runs_together() -> None:
    drip = Extras(drip=Drip(10, 30))
    assert fitted(drip, 50) == drip
    with pytest.raises(QuantityTooSmall):
        fitted(drip, 40)
    with pytest.raises(QuantityTooLarge):
        fitted(drip, 100_010)


def test_a_drip_feed_is_left_out_where_the_service_has_none() -> None:
    assert fitted(Extras(drip=Drip(10, 30)), dripfeed=False) == PLAIN


@pytest.mark.parametrize("quantity", [0, 1, 5000])
def test_a_package_is_one(quantity: int) -> None:
    package = about("Package", *kind("Package").limits(1000, 1000))
    assert order_fields.fitted(quantity, Extras(drip=Drip(10, 30)), package, dripfeed=True) == (1, PLAIN)


COMMENTS = about("Custom Comments", 2, 4)
"""A service of 2 to 4 comments."""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("one\ntwo", "one\ntwo"),
        ("  one \r\n\n\t two\t2 \u2028three\n \n", "one\ntwo 2\nthree"),
        ("same\nsame", "same\nsame"),
        ("null\x00ed\nb\x07ell", "nulled\nbell"),
        ("👩\u200d🚀\nשלום", "👩\u200d🚀\nשלום"),
        ("a\n" + "x" * 1000, "a\n" + "x" * 1000),
    ],
)
def test_comments_are_lines_without_empty_ones(typed: str, meant: str) -> None:
    assert read("comments", typed, COMMENTS) == meant
    assert read("comments", meant, COMMENTS) == meant


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", {"reason": "empty"}),
        (" \n\x00\n", {"reason": "empty"}),
        ("one", {"reason": "few", "count": 1, "minimum": 2}),
        ("1\n2\n3\n4\n5", {"reason": "many", "count": 5, "maximum": 4}),
        ("one\n" + "x" * 1001, {"reason": "long", "given": 2, "maximum": 1000}),
        ("é" * 32769, {"reason": "size", "maximum": 64}),
    ],
)
def test_comments_that_do_not_do_say_why(typed: str, said: dict[str, object]) -> None:
    assert said.items() <= refused("comments", typed, COMMENTS).items()


@pytest.mark.parametrize("quantity", [0, 1, 3, 9999])
def test_comments_are_counted_whatever_the_quantity_says(quantity: int) -> None:
    three = Extras({"comments": "one\ntwo\nthree", "stray": "goes"})
    assert order_fields.fitted(quantity, three, COMMENTS, dripfeed=True) == (3, Extras({"comments": "one\ntwo\nthree"}))


def test_comments_of_a_package_are_as_many_as_it_holds() -> None:
    package = about("Custom Comments Package", 1, 1)
    ten = Extras({"comments": "\n".join("0123456789")})
    assert order_fields.fitted(0, ten, package, dripfeed=False) == (1, ten)


INVITES = about("Invites from Groups", 10, 500, platform="Telegram")
MENTIONS = about("Mentions Custom List", 2, 3, platform="Instagram")
LIKERS = about("Mentions Media Likers", platform="Instagram")
TEXTS = [
    ("username", "@mia", "mia", ABOUT),
    ("username", "mia.k_1", "mia.k_1", ABOUT),
    ("username", "https://www.instagram.com/mia.k/?hl=en", "mia.k", ABOUT),
    ("username", "tiktok.com/@mia", "mia", ABOUT),
    ("hashtag", "#travel", "travel", ABOUT),
    ("hashtag", "Köln_2026", "Köln_2026", ABOUT),
    ("usernames", "@a\nb, c;  @d", "a\nb\nc\nd", about("Mentions")),
    ("usernames", "@Mia\nmia\nomar", "Mia\nomar", MENTIONS),  # the same person is paid for once
    ("hashtags", "#one #two\n#one", "one\ntwo", ABOUT),
    ("keywords", " best shoes \n\nred shoes", "best shoes\nred shoes", ABOUT),
    ("groups", "@cats\nt.me/dogs", "https://t.me/cats\nhttps://t.me/dogs", INVITES),
    ("media", "instagram.com/p/abc?utm_source=x", "https://instagram.com/p/abc", LIKERS),
    ("answer_number", "3", "3", ABOUT),
]


@pytest.mark.parametrize(("name", "typed", "meant", "situation"), TEXTS)
def test_names_tags_and_links_have_one_spelling(name: str, typed: str, meant: str, situation: Situation) -> None:
    assert read(name, typed, situation) == meant
    assert read(name, meant, situation) == meant


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("username", "two words", {"reason": "form", "hint": "two words"}),
        ("username", "@", {"reason": "form"}),
        ("username", "https://www.instagram.com/p/abc", {"reason": "form"}),
        ("username", "https://www.instagram.com/", {"reason": "form"}),
        ("username", "m" * 65, {"reason": "form", "hint": "m" * 40}),
        ("username", "", {"reason": "empty"}),
        ("hashtag", "#two words", {"reason": "form"}),
        ("hashtag", "#", {"reason": "form"}),
        ("usernames", "mia\nnot-a-name!\nomar", {"reason": "form", "given": 2, "hint": "not-a-name!"}),
        ("usernames", " , ;\n", {"reason": "empty"}),
        ("hashtags", "#ok #no!", {"reason": "form", "given": 2, "hint": "#no!"}),
        ("keywords", "fine\n" + "k" * 101, {"reason": "long", "given": 2, "maximum": 100}),
        ("groups", "@cats\nhttps://127.0.0.1/x", {"reason": "form", "given": 2}),
    ],
)
def test_what_is_no_name_or_tag_is_shown(name: str, typed: str, said: dict[str, object]) -> None:
    assert said.items() <= refused(name, typed, INVITES).items()


def test_a_list_of_names_that_is_counted_keeps_the_limits() -> None:
    assert refused("usernames", "mia", MENTIONS)["reason"] == "few"
    assert refused("usernames", "a b c d", MENTIONS)["reason"] == "many"


def test_a_link_that_is_none_is_refused_as_one() -> None:
    with pytest.raises(BadLink):
        read("media", "https://www.tiktok.com/@mia", LIKERS)


TODAY = date(2026, 5, 4)
POSTS = about("Subscriptions", 50, 20_000, platform="Instagram", today=TODAY)
TERMS = [
    ("each", "100", "100"),
    ("each", "1k", "1000"),
    ("each", "100-150", "100-150"),
    ("each", "1,000 – 1.5k", "1000-1500"),
    ("each", "50 to 60", "50-60"),
    ("each", "70-70", "70"),
    ("delay", "0", "0"),
    ("delay", "90", "90"),
    ("delay", "600", "600"),
    ("expiry", "None", "none"),
    ("expiry", "2026-06-01", "2026-06-01"),
    ("expiry", "1.6.2026", "2026-06-01"),
    ("expiry", "05/06/2026", "2026-06-05"),  # the day before the month
    ("expiry", "5.5.2026", "2026-05-05"),
    ("expiry", "5.5.2027", "2027-05-05"),
]


@pytest.mark.parametrize(("name", "typed", "meant"), TERMS)
def test_the_terms_of_a_subscription_have_one_spelling(name: str, typed: str, meant: str) -> None:
    assert read(name, typed, POSTS) == meant
    assert read(name, meant, POSTS) == meant


@pytest.mark.parametrize(
    ("name", "typed", "reason"),
    [
        *(
            ("each", typed, "range")
            for typed in ("49", "20001", "49-100", "100-20001", "200-100", "many", "1-2-3", "100-")
        ),
        *(("delay", typed, "choice") for typed in ("7", "610", "at once", "-5", "05")),
        *(("expiry", typed, "date") for typed in ("tomorrow", "31.2.2026", "2026-13-01", "1.6.26", "13/13/2026")),
        *(("expiry", typed, "past") for typed in ("4.5.2026", "1.1.2020", "6.5.2027", "2099-01-01")),
    ],
)
def test_terms_that_do_not_do_say_why(name: str, typed: str, reason: str) -> None:
    assert refused(name, typed, POSTS)["reason"] == reason


SUBSCRIBED = Extras(subscription=Subscription(100, 150, 30, date(2026, 6, 1)))


@pytest.mark.parametrize("extras", [SUBSCRIBED, Extras(subscription=Subscription(100, 100))])
def test_a_subscription_comes_apart_and_together(extras: Extras) -> None:
    assert order_fields.composed(order_fields.answers(extras)) == extras


def test_posts_have_limits_of_their_own() -> None:
    """The limits of the service are those of each post."""
    assert order_fields.fitted(1, SUBSCRIBED, POSTS, dripfeed=False) == (1, SUBSCRIBED)
    assert order_fields.fitted(1000, SUBSCRIBED, POSTS, dripfeed=False) == (1000, SUBSCRIBED)
    with pytest.raises(QuantityTooLarge):
        order_fields.fitted(1001, SUBSCRIBED, POSTS, dripfeed=False)
    with pytest.raises(QuantityTooSmall):
        order_fields.fitted(0, SUBSCRIBED, POSTS, dripfeed=False)
    with pytest.raises(BadAnswer):
        order_fields.fitted(5, Extras(subscription=Subscription(10, 100)), POSTS, dripfeed=False)
    with pytest.raises(BadAnswer):
        order_fields.fitted(5, PLAIN, POSTS, dripfeed=False)


@pytest.mark.parametrize(
    ("name", "typed", "link"),
    [
        ("Subscriptions", "@mia", "https://www.instagram.com/mia/"),
        ("Subscriptions", "mia.k", "https://www.instagram.com/mia.k/"),
        ("Subscriptions", "instagram.com/mia", "https://instagram.com/mia"),
        ("Default", "instagram.com/p/abc", "https://instagram.com/p/abc"),
    ],
)
def test_a_subscription_is_for_a_profile(name: str, typed: str, link: str) -> None:
    assert order_fields.target(kind(name), typed, "Instagram") == link


def test_a_subscription_is_not_for_a_post() -> None:
    with pytest.raises(BadLink) as refusal:
        order_fields.target(kind("Subscriptions"), "https://www.instagram.com/p/abc", "Instagram")
    assert refusal.value.params["reason"] == "profile"
    assert refusal.value.params["example"] == "https://www.instagram.com/username/"


def test_an_order_without_its_comments_is_refused() -> None:
    with pytest.raises(BadAnswer):
        order_fields.fitted(3, PLAIN, COMMENTS, dripfeed=False)


@pytest.mark.parametrize("drip", [Drip(3, 30), Drip(1, 30), Drip(10, 0), Drip(10, 1441)])
def test_a_drip_feed_that_cannot_be_is_refused(drip: Drip) -> None:
    with pytest.raises(BadAnswer):
        fitted(Extras(drip=drip))
