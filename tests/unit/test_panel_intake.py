"""What `add` of the panel API means, by the type of the service; what cannot be meant is refused in typed words."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services import order_types, panel_intake
from services.errors import BadAnswer, BadLink, QuantityTooLarge, QuantityTooSmall, ShopError
from services.extras import Drip, Extras, Subscription
from services.money import Money
from services.order_fields import Situation
from services.panel_intake import Goods
from services.reseller_errors import BadParameter

LINK = "https://www.instagram.com/p/abc"
TODAY = date(2026, 5, 4)


def goods(type_name: str, *, dripfeed: Any = True, limits: Any = (1, 10_000), **fields: Any) -> Goods:
    kind = order_types.of(type_name)
    assert kind is not None
    about = Situation(kind, limits[0], limits[1], "Instagram", today=TODAY)
    return panel_intake.goods({name: str(value) for name, value in fields.items()}, about, dripfeed=dripfeed)


@pytest.mark.parametrize(
    ("type_name", "fields", "quantity", "texts"),
    [
        ("Default", {"quantity": 100}, 100, {}),
        ("SEO", {"quantity": 100, "keywords": "a b\nc"}, 100, {"keywords": "a b\nc"}),
        ("Custom Comments", {"comments": "Nice\r\n\r\nGreat"}, 0, {"comments": "Nice\nGreat"}),
        ("Custom Comments Package", {"comments": "Nice"}, 0, {"comments": "Nice"}),
        (
            "Mentions with Hashtags",
            {"quantity": 100, "usernames": "@a\nb", "hashtags": "#c\nd"},
            100,
            {"usernames": "a\nb", "hashtags": "c\nd"},
        ),
        ("Mentions Custom List", {"usernames": "a\nb"}, 0, {"usernames": "a\nb"}),
        ("Mentions Hashtag", {"quantity": 100, "hashtag": "#c"}, 100, {"hashtag": "c"}),
        ("Mentions User Followers", {"quantity": 100, "username": "a"}, 100, {"username": "a"}),
        ("Mentions Media Likers", {"quantity": 100, "media": LINK}, 100, {"media": LINK}),
        ("Mentions", {"quantity": 100, "usernames": "a"}, 100, {"usernames": "a"}),
        ("Package", {}, 0, {}),
        ("Comment Likes", {"quantity": 100, "username": "a"}, 100, {"username": "a"}),
        ("Comment Replies", {"username": "a", "comments": "Yes\nNo"}, 0, {"username": "a", "comments": "Yes\nNo"}),
        ("Poll", {"quantity": 100, "answer_number": 3}, 100, {"answer_number": "3"}),
        ("Invites from Groups", {"quantity": 100, "groups": LINK}, 100, {"groups": LINK}),
    ],
)
def test_each_type_takes_what_it_is_made_of(
    type_name: str, fields: dict[str, Any], quantity: int, texts: dict[str, str]
) -> None:
    assert goods(type_name, link=LINK, **fields) == Goods(LINK, quantity, Extras(texts=texts))


def test_a_drip_feed_names_the_quantity_of_one_run() -> None:
    assert goods("Default", link=LINK, quantity=100, runs=5, interval=60) == Goods(LINK, 500, Extras(drip=Drip(5, 60)))


@pytest.mark.parametrize("runs", ["", "0", "1"])
def test_one_run_is_no_drip_feed(runs: str) -> None:
    assert goods("Default", link=LINK, quantity=100, runs=runs, interval=60) == Goods(LINK, 100, Extras())


def test_a_subscription_is_for_a_profile_so_many_posts_and_until_a_day() -> None:
    terms = Extras(subscription=Subscription(50, 80, 30, date(2026, 6, 1)))
    days = {"delay": "30", "expiry": "01/06/2026", "old_posts": "0"}
    assert goods("Subscriptions", username="mia", min=50, max=80, posts=5, **days) == Goods("mia", 5, terms)
    assert goods("Subscriptions", username="mia", min=50, max=50, posts=5) == Goods(
        "mia", 5, Extras(subscription=Subscription(50, 50))
    )


@pytest.mark.parametrize(
    ("type_name", "fields", "refusal", "told"),
    [
        ("Default", {}, BadParameter, {"name": "quantity", "reason": "missing"}),
        ("Default", {"quantity": "1e3"}, BadParameter, {"name": "quantity", "reason": "whole"}),
        ("Default", {"quantity": "-5"}, BadParameter, {"name": "quantity", "reason": "whole"}),
        ("Default", {"quantity": "99"}, QuantityTooSmall, {"minimum": 100}),
        ("Default", {"quantity": "9" * 18}, QuantityTooLarge, {"maximum": 1000}),
        ("Default", {"quantity": 100, "runs": "x"}, BadParameter, {"name": "runs", "reason": "whole"}),
        ("Default", {"quantity": 100, "runs": 2}, BadAnswer, {"field": "interval", "reason": "empty"}),
        ("Default", {"quantity": 600, "runs": 2, "interval": 5}, QuantityTooLarge, {"maximum": 1000}),
        ("Poll", {"quantity": 100}, BadAnswer, {"field": "answer_number", "reason": "empty"}),
        ("Mentions Media Likers", {"quantity": 100, "media": "x"}, BadLink, {"reason": "platform"}),
        ("Subscriptions", {"min": 100, "max": 200}, BadParameter, {"name": "posts", "reason": "missing"}),
        ("Subscriptions", {"min": 9, "max": 200, "posts": 5}, BadAnswer, {"field": "each", "reason": "range"}),
        ("Subscriptions", {"min": 100, "max": 200, "posts": 5000}, QuantityTooLarge, {"maximum": 1000}),
        (
            "Subscriptions",
            {"min": 100, "max": 200, "posts": 5, "old_posts": 3},
            BadParameter,
            {"name": "old_posts", "reason": "unsupported"},
        ),
        (
            "Subscriptions",
            {"min": 100, "max": 200, "posts": 5, "delay": 7},
            BadAnswer,
            {"field": "delay", "reason": "choice"},
        ),
    ],
)
def test_what_cannot_be_ordered_is_refused_for_what_it_is(
    type_name: str, fields: dict[str, Any], refusal: type[ShopError], told: dict[str, Any]
) -> None:
    with pytest.raises(refusal) as refused:
        goods(type_name, limits=(100, 1000), link=LINK, username="mia", **fields)
    assert told.items() <= refused.value.params.items()


def test_a_service_without_drip_feed_takes_none() -> None:
    with pytest.raises(BadParameter) as refused:
        goods("Default", dripfeed=False, link=LINK, quantity=100, runs=2, interval=5)
    assert refused.value.params["reason"] == "unsupported"


@pytest.mark.parametrize(
    ("fields", "name", "reason"),
    [
        ({"retail": "a lot"}, "retail", "amount"),
        ({"retail": "-1"}, "retail", "amount"),
        ({"retail": "1.0000001"}, "retail", "amount"),
        ({"retail": "1", "retail_currency": "US$"}, "retail_currency", "currency"),
        ({"retail_currency": "USD"}, "retail", "missing"),
        ({"reference": "x" * 101}, "reference", "long"),
        ({"request_id": "a\x01b"}, "request_id", "long"),
    ],
)
def test_what_the_site_says_of_its_own_sale_is_checked(fields: dict[str, str], name: str, reason: str) -> None:
    with pytest.raises(BadParameter) as refused:
        panel_intake.sale(fields)
    assert (refused.value.params["name"], refused.value.params["reason"]) == (name, reason)


def test_the_retail_price_is_the_one_that_was_named_or_follows_from_the_markup() -> None:
    named = panel_intake.sale({"retail": "15", "retail_currency": "eur"})
    assert named.priced(Money.parse("10"), Decimal(50), "USD") == named
    silent = panel_intake.sale({}).priced(Money(1), Decimal(50), "USD")
    assert (silent.retail, silent.currency) == (Money(2), "USD")


def test_two_calls_ask_for_the_same_when_they_say_the_same_of_the_order() -> None:
    first = panel_intake.digest({"service": "1", "quantity": " 100", "key": "a", "request_id": "r", "comments": ""})
    assert first == panel_intake.digest({"quantity": "100", "service": "1", "key": "b", "nonce": "7"})
    assert first != panel_intake.digest({"service": "1", "quantity": "101"})
    assert first != panel_intake.digest({"service": "1", "quantity": "100", "reference": "A"})


@pytest.mark.parametrize(("text", "read"), [(" 12 ", 12), ("0", 0), ("", None), ("Array", None), ("9" * 19, None)])
def test_an_id_is_a_whole_number_or_none(text: str, read: int | None) -> None:
    assert panel_intake.number(text) == read


def test_the_arabic_digits_of_other_scripts_are_no_id() -> None:
    assert panel_intake.number("١٢") is None
