"""The panel API over real HTTP: each row of the field's tables of actions and types, answered to the letter."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.db import Database
from services.order_types import TYPES
from services.provider import AddRequest, PanelClient, Refused
from tests.e2e.panel_site import Site, open_site, retype
from tests.scripted_panel import row
from tests.shop import LINK

PROFILE = "https://www.instagram.com/mia/"


@pytest.fixture
async def site(db: Database) -> AsyncIterator[Site]:
    async with open_site(db) as opened:
        yield opened
        await opened.shop.audit()


async def delivered(site: Site, status: str, remains: str, **more: Any) -> int:
    """An order that has come so far, says its provider."""
    order_id = await site.add(**more)
    await site.shop.submit()
    site.shop.north.rows[str(len(site.shop.north.accepted))] = row(status, remains, start_count="3572")
    await site.shop.poll()
    return order_id


# The table of actions


async def test_services_lists_what_is_on_sale_in_the_field_s_types(site: Site) -> None:
    told = await site.ask("services")
    by_id = {service["service"]: service for service in told}
    assert by_id[site.ids["Spread"]] == {
        "service": site.ids["Spread"],
        "name": "Instagram Likes | Real | Server E",
        "type": "Default",
        "category": "Instagram Likes",
        "rate": "1.25",
        "min": "50",
        "max": "100000",
        "dripfeed": True,
        "refill": True,
        "cancel": False,
    }
    assert by_id[site.ids["Default"]]["dripfeed"] is False
    assert {service["type"] for service in told} == {kind.name for kind in TYPES.values()}


async def test_add_answers_with_the_order_s_id(site: Site) -> None:
    told = await site.ask("add", service=site.ids["Default"], link=LINK, quantity=1000)
    assert told == {"order": 1}


async def test_status_of_an_order_under_way(site: Site) -> None:
    order_id = await delivered(site, "In progress", "157")
    assert await site.ask("status", order=order_id) == {
        "charge": "10",
        "start_count": "3572",
        "status": "In progress",
        "remains": "157",
        "currency": "USD",
    }


async def test_status_of_many_is_a_map_by_id_with_row_errors(site: Site) -> None:
    first, second = await site.add(), await site.add(quantity=100)
    told = await site.ask("status", orders=f"{first},999,{second}")
    assert list(told) == [str(first), "999", str(second)]
    assert told["999"] == {"error": "Incorrect order ID"}
    assert (told[str(first)]["remains"], told[str(second)]["remains"]) == ("1000", "100")


async def test_balance_is_what_the_wallet_holds(site: Site) -> None:
    await site.add(quantity=333)
    assert await site.ask("balance") == {"balance": "21.67", "currency": "USD"}


async def test_a_refill_of_one_and_of_many(site: Site) -> None:
    first, second = await delivered(site, "Completed", "0", quantity=100), await site.add(quantity=100)
    assert await site.ask("refill", order=first) == {"refill": "1"}
    assert await site.ask("refill", order=first) == {"refill": "1"}
    assert await site.ask("refill", order=second) == {"error": "Refill is not available for this order"}
    assert await site.ask("refill", order=999) == {"error": "Incorrect order ID"}
    assert await site.ask("refill", orders=f"{first},999,{second}") == [
        {"order": first, "refill": 1},
        {"order": 999, "refill": {"error": "Incorrect order ID"}},
        {"order": second, "refill": {"error": "Refill is not available for this order"}},
    ]


async def test_many_refills_are_asked_for_in_one_go(site: Site) -> None:
    orders = [await delivered(site, "Completed", "0", quantity=100) for _ in range(3)]
    told = await site.ask("refill", orders=",".join(map(str, orders)))
    assert sorted(line["refill"] for line in told) == [1, 2, 3]
    assert [line["order"] for line in told] == orders
    await site.shop.refill()
    assert [form["order"] for form in site.shop.north.asked if form["action"] == "refill"] == ["1", "2", "3"]


async def test_the_next_refill_waits_until_its_provider_takes_one(site: Site) -> None:
    order_id = await delivered(site, "Completed", "0", quantity=100)
    await site.ask("refill", order=order_id)
    await site.shop.refill()
    site.shop.north.refills["1"] = "Completed"
    await site.shop.refill(seconds=6)
    told = await site.ask("refill", order=order_id)
    assert told == {"error": "Refill will be available in 24 hours 0 minutes"}


async def test_how_refills_stand(site: Site) -> None:
    orders = [await delivered(site, "Completed", "0", quantity=100) for _ in range(3)]
    assert [line["refill"] for line in await site.ask("refill", orders=",".join(map(str, orders)))] == [1, 2, 3]
    assert await site.ask("refill_status", refill=1) == {"status": "Pending"}
    site.shop.north.refill_answers = [None, {"error": "Not dropped"}, "drop"]
    await site.shop.refill()
    told = await site.ask("refill_status", refills="1,2,3")
    assert sorted(line["status"] for line in told) == ["Error", "In progress", "Rejected"]
    site.shop.north.refills = dict.fromkeys(site.shop.north.refills, "Completed")
    await site.shop.refill(seconds=6)
    told = await site.ask("refill_status", refills="1,2,3")
    assert sorted(line["status"] for line in told) == ["Completed", "Error", "Rejected"]
    assert await site.ask("refill_status", refill=999) == {"error": "Refill not found"}
    assert await site.ask("refill_status", refills="999") == [{"refill": 999, "status": {"error": "Refill not found"}}]


async def test_cancel_gives_back_what_never_left_and_asks_about_the_rest(site: Site) -> None:
    placed = await delivered(site, "In progress", "500")
    refused = await delivered(site, "In progress", "50", quantity=100)
    spread = await delivered(site, "In progress", "50", service=site.ids["Spread"], quantity=100)
    done = await delivered(site, "Completed", "0", quantity=100)
    fresh = await site.add(quantity=100)
    site.shop.north.cancels = [{"order": 1, "cancel": 1}, {"order": 2, "cancel": {"error": "Not now"}}]
    told = await site.ask("cancel", orders=f"9999,{placed},{refused},{spread},{done},{fresh}")
    assert told == [
        {"order": 9999, "cancel": {"error": "Incorrect order ID"}},
        {"order": placed, "cancel": 1},
        {"order": refused, "cancel": {"error": "Cancel is not available for this order"}},
        {"order": spread, "cancel": {"error": "Cancel is not available for this order"}},
        {"order": done, "cancel": {"error": "The order has ended already"}},
        {"order": fresh, "cancel": 1},
    ]
    rows = await site.ask("status", orders=f"{placed},{fresh}")
    assert (rows[str(placed)]["status"], rows[str(placed)]["charge"]) == ("In progress", "10")
    assert (rows[str(fresh)]["status"], rows[str(fresh)]["charge"], rows[str(fresh)]["remains"]) == (
        "Canceled",
        "0",
        "100",
    )
    assert [form["orders"] for form in site.shop.north.asked if form["action"] == "cancel"] == ["1,2"]


async def test_a_provider_that_is_silent_is_said_so(site: Site) -> None:
    order_id = await delivered(site, "In progress", "500")
    site.shop.north.cancels = "<html>"
    [told] = await site.ask("cancel", order=order_id)
    assert told == {"order": order_id, "cancel": {"error": "The server did not answer, please try again later"}}
    site.shop.north.cancels = [{"order": 77, "cancel": 1}]
    [told] = await site.ask("cancel", orders=order_id)
    assert told["cancel"] == {"error": "The server did not answer, please try again later"}


async def test_what_may_have_left_is_not_canceled(site: Site) -> None:
    site.shop.north.adds = ["drop"]
    order_id = await site.add()
    await site.shop.submit()
    [told] = await site.ask("cancel", orders=order_id)
    assert told["cancel"] == {"error": "The order cannot be canceled at the moment, please try again later"}
    assert (await site.ask("status", order=order_id))["status"] == "Pending"


# The table of types

USERS, COMMENTS = "mia\nomar", "Nice\nGreat\nWow"
REPLIES = {"username": "mia", "comments": COMMENTS}
WORDS = {"quantity": "100", "keywords": "shoes\nred shoes"}


@pytest.mark.parametrize(
    ("name", "fields", "sent", "charge"),
    [
        ("SEO", WORDS, WORDS, "0.125"),
        ("Custom Comments", {"comments": COMMENTS}, {"comments": COMMENTS}, "0.00375"),
        ("Custom Comments Package", {"comments": COMMENTS}, {"comments": COMMENTS}, "1.25"),
        (
            "Mentions with Hashtags",
            {"quantity": 100, "usernames": USERS, "hashtags": "#a\n#b"},
            {"quantity": "100", "usernames": USERS, "hashtags": "a\nb"},
            "0.125",
        ),
        ("Mentions Custom List", {"usernames": USERS}, {"usernames": USERS}, "0.0025"),
        ("Mentions Hashtag", {"quantity": 100, "hashtag": "a"}, {"quantity": "100", "hashtag": "a"}, "0.125"),
        ("Mentions User Followers", {"quantity": 100, "username": "mia"}, {"username": "mia"}, "0.125"),
        ("Mentions Media Likers", {"quantity": 100, "media": LINK}, {"media": LINK}, "0.125"),
        ("Mentions", {"quantity": 100, "usernames": USERS}, {"usernames": USERS}, "0.125"),
        ("Package", {}, {"link": LINK}, "1.25"),
        ("Comment Likes", {"quantity": 100, "username": "mia"}, {"username": "mia"}, "0.125"),
        ("Comment Replies", REPLIES, REPLIES, "0.00375"),
        ("Poll", {"quantity": 100, "answer_number": 2}, {"answer_number": "2"}, "0.125"),
        ("Invites from Groups", {"quantity": 100, "groups": PROFILE}, {"groups": PROFILE}, "0.125"),
        (
            "Subscriptions",
            {"username": "mia", "min": 100, "max": 150, "posts": 4, "delay": 30, "expiry": "01/06/2026"},
            {"username": "mia", "min": "100", "max": "150", "posts": "4", "delay": "30", "expiry": "01/06/2026"},
            "0.75",
        ),
    ],
)  # fmt: skip
async def test_each_type_is_ordered_with_its_own_parameters(
    site: Site, name: str, fields: dict[str, Any], sent: dict[str, str], charge: str
) -> None:
    asked = {"service": site.ids[name], "link": LINK} | fields
    told = await site.ask("add", **asked)
    assert told == {"order": 1}
    await site.shop.submit()
    [accepted] = site.shop.north.accepted
    assert sent.items() <= accepted.items()
    told = await site.ask("status", order=1)
    assert str((await site.shop.order(1)).charge).rstrip("0") == charge.rstrip("0")
    if name == "Subscriptions":
        assert told == {"status": "Active", "orders": []}
    else:
        assert told["charge"] == charge


async def test_the_quantity_of_a_drip_feed_is_that_of_one_run_and_its_price_that_of_all(site: Site) -> None:
    order_id = await site.add(service=site.ids["Spread"], quantity=100, runs=5, interval=60)
    told = await site.ask("status", order=order_id)
    assert (told["remains"], told["charge"]) == ("500", "0.625")
    await site.shop.submit()
    accepted = site.shop.north.accepted[0]
    assert (accepted["quantity"], accepted["runs"], accepted["interval"]) == ("100", "5", "60")
    refused = await site.ask("add", service=site.ids["Default"], link=LINK, quantity=100, runs=2, interval=60)
    assert refused == {"error": "Parameter runs is not available for this service"}


async def test_a_subscription_says_its_own_words_and_lists_its_orders(site: Site) -> None:
    asked = {"service": site.ids["Subscriptions"], "username": "mia", "min": 100, "max": 150, "posts": 4}
    await site.ask("add", **asked)
    await site.shop.submit()
    site.shop.north.rows["1"] = {"status": "Paused", "orders": [500, 501]}
    await site.shop.poll()
    told = await site.ask("status", order=1)
    assert (told["status"], len(set(told["orders"])), set(told)) == ("Paused", 2, {"status", "orders"})
    assert (await site.ask("status", order=told["orders"][0])) == {"error": "Incorrect order ID"}
    site.shop.north.rows["1"] = {"status": "Expired", "orders": [500, 501, 502]}
    await site.shop.poll()
    told = await site.ask("status", order=1)
    assert (told["status"], len(told["orders"])) == ("Expired", 3)


async def test_web_traffic_is_refused_with_a_sentence(site: Site) -> None:
    await retype(site, site.ids["Package"], "Web Traffic")
    told = await site.ask("add", service=site.ids["Package"], link="https://example.com", quantity=100, country="US")
    assert told == {"error": "Services of the type Web Traffic cannot be ordered here"}
    assert site.ids["Package"] not in {service["service"] for service in await site.ask("services")}


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"service": 98765}, "Incorrect service ID"),
        ({"service": ""}, "Incorrect service ID"),
        ({"service": "Array"}, "Incorrect service ID"),
        ({"quantity": 49}, "Quantity less than minimal 50"),
        ({"quantity": 100_001}, "Quantity more than maximal 100000"),
        ({"quantity": ""}, "Parameter quantity is missing"),
        ({"quantity": "many"}, "Parameter quantity is not a whole number"),
        ({"quantity": 3000}, "Not enough funds on balance"),
        ({"link": ""}, "Link is missing"),
        ({"link": "https://www.tiktok.com/@mia"}, "Incorrect link: it does not lead to Instagram"),
        ({"link": "ftp://x"}, "Incorrect link"),
        ({"retail": "ten"}, "Parameter retail is not an amount with at most 6 decimals"),
        ({"reference": "x" * 101}, "Parameter reference has more than 100 characters, or some that cannot be used"),
    ],
)
async def test_what_cannot_be_ordered_is_refused_in_plain_words(site: Site, fields: dict[str, Any], error: str) -> None:
    asked = {"service": site.ids["Default"], "link": LINK, "quantity": 1000} | fields
    assert await site.ask("add", **asked) == {"error": error}
    assert await site.shop.balance() == "25.00"


# Our own client as a reseller's site


async def test_our_own_client_can_sell_our_services_on(site: Site) -> None:
    client = PanelClient("downstream", site.url, site.key, idempotency_parameter="request_id")
    try:
        offers = {offer.external_id: offer for offer in await client.services()}
        assert len(offers) == len(await site.ask("services"))
        service = str(site.ids["Default"])
        assert (str(offers[service].rate), offers[service].min) == ("10.00", 50)
        first = await client.add(AddRequest(service, LINK, 1000), "key-1")
        assert await client.add(AddRequest(service, LINK, 1000), "key-1") == first
        second = await client.add(AddRequest(service, LINK, 100), "key-2")
        await site.shop.submit()
        site.shop.north.rows |= {"1": row("Partial", "400"), "2": row("Completed", "0")}
        await site.shop.poll()
        told: dict[str, Any] = await client.statuses([first, second, "777"])
        assert (told[first].state, told[first].remains, told[first].charge) == ("partial", 400, "6")
        assert (told[second].state, told[second].remains) == ("completed", 0)
        assert "Incorrect order ID" in told["777"].text
        assert client.batches
        refill = await client.refill(second)
        assert (await client.refill_statuses([refill, "99"]))[refill].state == "running"  # type: ignore[union-attr]
        assert "text" in dir((await client.cancel([first, second]))[first])
        assert str((await client.balance()).amount) == "18.00"
        with pytest.raises(Refused) as refused:
            await client.add(AddRequest(service, LINK, 10), "key-3")
        assert refused.value.reason == "min_quantity"
    finally:
        await client.close()


async def test_partial_is_said_once_it_is_final_and_charge_is_what_was_kept(site: Site) -> None:
    order_id = await delivered(site, "Partial", "Unknown")
    assert (await site.ask("status", order=order_id))["status"] == "In progress"
    site.shop.north.rows["1"] = row("Partial", "400")
    await site.shop.poll()
    told = await site.ask("status", order=order_id)
    assert (told["status"], told["charge"], told["remains"]) == ("Partial", "6", "400")
    site.shop.wait(hours=2)
    site.shop.north.rows["1"] = row("Canceled", "1000")
    await site.shop.poll()
    told = await site.ask("status", order=order_id)
    assert (told["status"], told["charge"], told["remains"]) == ("Canceled", "0", "1000")
    assert re.fullmatch(r"25(\.0+)?", (await site.ask("balance"))["balance"])
