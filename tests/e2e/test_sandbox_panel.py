"""The simulated panels speak the field's standard API to the letter, and their books are true."""

from collections import defaultdict
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from bot.sandbox.panel import NORTH, SOUTH
from tests.e2e.sandbox_panel import EVERY_TYPE, KEY, World, panel_world

LINK = "https://instagram.com/p/Cx7"
NETWORKS = {"Instagram", "TikTok", "YouTube", "Telegram", "X", "Facebook", "Spotify", "Twitch"}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with panel_world() as made:
        yield made


# --- what they sell -----------------------------------------------------------------------------------------------


def test_the_two_catalogues_offer_alternatives_in_every_category_under_letters_of_their_own() -> None:
    servers: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for panel, stock in (("north", NORTH), ("south", SOUTH)):
        for service in stock:
            servers[service.category][panel].append(service.name.rpartition(" Server ")[2])
    assert len(NORTH) + len(SOUTH) >= 60
    assert len(servers) >= 10
    assert {category.split()[0] for category in servers} == NETWORKS
    for category, letters in servers.items():
        assert letters["north"], category
        assert letters["south"], category
        assert set(letters["north"]) <= set("ACEG"), category
        assert set(letters["south"]) <= set("BDFH"), category
        both = letters["north"] + letters["south"]
        assert len(both) == len(set(both)), category


def test_the_worked_example_is_for_sale_on_both_panels_at_one_price() -> None:
    first, second = NORTH[0], SOUTH[0]
    assert (first.category, first.rate) == (second.category, second.rate) == ("Instagram Likes", "0.80")
    assert (first.name[-8:], second.name[-8:]) == ("Server A", "Server B")
    assert first.max >= 50_000
    assert second.max >= 50_000
    others = [Decimal(one.rate) for one in NORTH + SOUTH if one.category == "Instagram Likes"]
    assert min(others) < Decimal("0.80") < max(others)


async def test_the_catalogue_is_in_the_canonical_types(world: World) -> None:
    answer = await world.post("services")
    assert answer.headers["Content-Type"] == "application/json"
    rows = answer.json()
    assert rows[0] == {
        "service": 101,
        "name": "Instagram Likes | Real | Server A",
        "type": "Default",
        "category": "Instagram Likes",
        "rate": "0.80",
        "min": "50",
        "max": "100000",
        "dripfeed": True,
        "refill": False,
        "cancel": True,
        "average_time": "6 minutes",
    }
    assert "time" in (await world.call("services", "south"))[0]
    types = {row["type"] for row in rows}
    assert {"Custom Comments", "Package", "Poll", "Comment Likes", "SEO"} <= types
    for row in rows:
        assert [type(row[name]) for name in ("service", "rate", "min", "max", "refill")] == [int, str, str, str, bool]


# --- the request --------------------------------------------------------------------------------------------------


async def test_forms_json_and_query_are_the_same_request_with_or_without_the_slash(world: World) -> None:
    asked = {"key": KEY, "action": "balance"}
    expected = {"balance": "1000.00", "currency": "USD"}
    for path in ("/panels/north/api/v2", "/panels/north/api/v2/"):
        assert (await world.http.post(path, data=asked)).json() == expected
        assert (await world.http.post(path, json=asked)).json() == expected
        assert (await world.http.get(path, params=asked)).json() == expected


async def test_numbers_and_lists_in_json_are_understood(world: World) -> None:
    asked = {"key": KEY, "action": "add", "service": 101, "link": LINK, "quantity": 100}
    first = (await world.http.post(world.north.path, json=asked)).json()["order"]
    answer = await world.http.post(world.north.path, json={"key": KEY, "action": "status", "orders": [first, 5]})
    assert list(answer.json()) == [str(first), "5"]


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"key": "wrong", "action": "balance"}, "Invalid API key"),
        ({"action": "balance"}, "Invalid API key"),
        ({"key": KEY}, "Incorrect request"),
        ({"key": KEY, "action": "teleport"}, "Incorrect request"),
    ],
)
async def test_a_wrong_key_or_action_is_refused_with_200_and_one_key(
    world: World, asked: dict[str, str], error: str
) -> None:
    answer = await world.http.post(world.north.path, data=asked)
    assert (answer.status_code, answer.json()) == (200, {"error": error})


async def test_bodies_that_are_no_request_are_refused_not_fatal(world: World) -> None:
    for body in (b"{", b"[1]", b'"x"', b"\xff\xfe"):
        answer = await world.http.post(world.north.path, content=body, headers={"Content-Type": "application/json"})
        assert answer.json() == {"error": "Invalid API key"}


# --- add ----------------------------------------------------------------------------------------------------------

FULL: dict[str, dict[str, object]] = {
    "Default": {"quantity": 10},
    "SEO": {"quantity": 10, "keywords": "one\ntwo"},
    "Custom Comments": {"comments": "nice\r\ngood\r\n\r\nwow"},
    "Custom Comments Package": {"comments": "nice\ngood"},
    "Mentions with Hashtags": {"quantity": 10, "usernames": "a\nb", "hashtags": "x"},
    "Mentions Custom List": {"usernames": "a\nb\nc"},
    "Mentions Hashtag": {"quantity": 10, "hashtag": "x"},
    "Mentions User Followers": {"quantity": 10, "username": "a"},
    "Mentions Media Likers": {"quantity": 10, "media": "https://instagram.com/p/1"},
    "Mentions": {"quantity": 10, "usernames": "a"},
    "Package": {},
    "Comment Likes": {"quantity": 10, "username": "a"},
    "Comment Replies": {"username": "a", "comments": "hi\nho"},
    "Poll": {"quantity": 10, "answer_number": 2},
    "Invites from Groups": {"quantity": 10, "groups": "g"},
    "Subscriptions": {"username": "a", "min": 10, "max": 20, "delay": 5},
    "Web Traffic": {"quantity": 10, "country": "US", "device": 1, "type_of_traffic": 1},
}
COUNTED = {"Custom Comments": 3, "Mentions Custom List": 3, "Comment Replies": 2}


@pytest.mark.parametrize("service", EVERY_TYPE, ids=lambda one: one.type)
async def test_each_type_takes_its_own_parameters_and_needs_every_one(world: World, service: Any) -> None:
    full = ({} if service.type == "Subscriptions" else {"link": LINK}) | FULL[service.type]
    for name in full:
        short = {key: value for key, value in full.items() if key != name}
        assert await world.call("add", service=service.id, **short) == {"error": f"neworder.error.{name}"}
    assert not world.north.accepted
    order = (await world.call("add", service=service.id, **full))["order"]
    if service.type == "Subscriptions":
        return
    packaged = "Package" in service.type
    quantity = 1 if packaged else COUNTED.get(service.type, 10)
    taken = world.north.book.orders[order]
    assert (taken.quantity, taken.charge) == (quantity, Decimal(2) if packaged else Decimal(quantity) * 2 / 1000)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"service": "999"}, "Incorrect service ID"),
        ({"service": "Array"}, "Incorrect service ID"),
        ({"link": "two words"}, "neworder.error.link"),
        ({"link": " "}, "neworder.error.link"),
        ({"quantity": "49"}, "neworder.error.min_quantity"),
        ({"quantity": "100001"}, "neworder.error.max_quantity"),
        ({"quantity": "1e3"}, "neworder.error.quantity"),
        ({"quantity": "-100"}, "neworder.error.quantity"),
        ({"runs": "5000", "quantity": "50", "interval": "5"}, "neworder.error.max_quantity"),
        ({"runs": "2"}, "neworder.error.interval"),
        ({"service": "102", "quantity": "500001"}, "neworder.error.max_quantity"),
    ],
)
async def test_a_bad_add_is_refused_in_the_panels_words_and_leaves_no_trace(
    world: World, changed: dict[str, str], error: str
) -> None:
    asked = {"service": "101", "link": LINK, "quantity": "1000"} | changed
    answer = await world.post("add", **asked)
    assert (answer.status_code, answer.json()) == (200, {"error": error})
    assert (world.north.accepted, await world.call("balance")) == ([], {"balance": "1000.00", "currency": "USD"})


async def test_drip_feed_is_priced_on_all_runs_and_delivered_run_by_run(world: World) -> None:
    order = (await world.call("add", service=101, link=LINK, quantity=1000, runs=5, interval=10))["order"]
    assert (await world.call("balance"))["balance"] == "996.00"
    world.clock.now += 12
    row = await world.call("status", order=order)
    assert (row["charge"], row["remains"]) == ("4.00", "3000")


async def test_an_add_beyond_the_balance_is_refused(world: World) -> None:
    await world.steer("north", do="set_balance", value="8.00")
    await world.order(LINK)
    refusal = await world.call("add", service=101, link=LINK, quantity=50)
    assert refusal == {"error": "neworder.error.not_enough_funds"}
    assert len(world.north.accepted) == 1


# --- status -------------------------------------------------------------------------------------------------------


async def test_an_order_goes_pending_processing_in_progress_completed_and_remains_only_falls(world: World) -> None:
    order, start = await world.order(LINK), world.clock.now
    seen: list[dict[str, str]] = []
    for tenths in range(0, 220, 5):
        world.clock.now = start + tenths / 10
        seen.append(await world.call("status", order=order))
    words = [row["status"] for row in seen]
    assert list(dict.fromkeys(words)) == ["Pending", "Processing", "In progress", "Completed"]
    left = [int(row["remains"]) for row in seen]
    assert left == sorted(left, reverse=True)
    assert len(set(left)) > 20
    assert (left[0], left[-1]) == (10_000, 0)
    started = {row["start_count"] for row in seen if row["status"] in ("In progress", "Completed")}
    assert len(started) == 1
    assert int(started.pop()) >= 150
    assert seen[0] == {"charge": "8.00", "start_count": "0", "status": "Pending", "remains": "10000", "currency": "USD"}


async def test_the_same_time_gives_the_same_row_however_often_it_is_asked(world: World) -> None:
    order = await world.order(LINK)
    world.clock.now += 9.7
    rows = [await world.call("status", order=order) for _ in range(3)]
    assert rows[0] == rows[1] == rows[2]
    assert rows[0]["status"] == "In progress"


async def test_a_batch_answers_every_id_it_was_asked_about_junk_included(world: World) -> None:
    first, second = await world.order(LINK), await world.order(LINK + "8", quantity=100)
    rows = await world.call("status", orders=f"{first}, {second},999,,Array,{first}")
    wrong = {"error": "Incorrect order ID"}
    assert list(rows) == [str(first), str(second), "999", "", "Array"]
    assert (rows["999"], rows[""], rows["Array"]) == (wrong, wrong, wrong)
    assert rows[str(second)]["charge"] == "0.08"
    assert list(await world.call("status", orders=first)) == [str(first)]


async def test_a_batch_holds_a_hundred_and_no_more(world: World) -> None:
    ids = [str(number) for number in range(1, 102)]
    assert len(await world.call("status", orders=",".join(ids[:100]))) == 100
    assert await world.call("status", orders=",".join(ids)) == {"error": "Incorrect request"}


@pytest.mark.parametrize("junk", ["", "0", "-1", "abc", "7" * 40, "٧٠٠٠١", "70001.0"])
async def test_a_single_status_of_junk_is_an_incorrect_order_id(world: World, junk: str) -> None:
    await world.order(LINK)
    assert await world.call("status", order=junk) == {"error": "Incorrect order ID"}


async def test_a_later_order_starts_counting_where_the_last_one_stopped_on_either_panel(world: World) -> None:
    first = await world.order(LINK + "/partial-60")
    world.clock.now += 30
    start = int((await world.call("status", order=first))["start_count"])
    rest = (await world.call("add", "south", service=1001, link=LINK + "/partial-60", quantity=4000))["order"]
    world.clock.now += 30
    assert (await world.call("status", "south", order=rest))["start_count"] == str(start + 6000)


async def test_a_storys_word_is_acted_out_once_so_that_the_rest_is_delivered_by_whoever_takes_it(world: World) -> None:
    await world.order(LINK + "/partial-60")
    world.clock.now += 30
    rest = (await world.call("add", "south", service=1001, link=LINK + "/partial-60", quantity=4000))["order"]
    again = (await world.call("add", "north", service=101, link=LINK + "/partial-60", quantity=10_000))["order"]
    world.clock.now += 60
    assert (await world.call("status", "south", order=rest))["status"] == "Completed"
    assert (await world.call("status", "north", order=again))["status"] == "Partial"


# --- money --------------------------------------------------------------------------------------------------------


async def test_the_balance_pays_for_an_order_and_gets_back_what_was_not_delivered(world: World) -> None:
    async def balance() -> str:
        return str((await world.call("balance"))["balance"])

    for word in ("partial-60", "cancel-at-once", "complete", "cancel"):
        await world.order(f"{LINK}/{word}")
    assert await balance() == "976.00"  # one is canceled at once and has cost nothing
    world.clock.now += 30
    rows = await world.call("status", orders="70001,70002,70003,70004")
    assert [row["charge"] for row in rows.values()] == ["4.80", "0.00", "8.00", "3.20"]
    assert await balance() == "984.00"


async def test_charges_keep_five_decimals(world: World) -> None:
    order = (await world.call("add", "south", service=1001, link=LINK, quantity=101))["order"]
    assert (await world.call("status", "south", order=order))["charge"] == "0.0808"
    assert (await world.call("balance", "south"))["balance"] == "999.9192"


# --- cancel --------------------------------------------------------------------------------


async def test_cancel_is_asked_first_and_then_refunds_what_was_not_delivered(world: World) -> None:
    moving, pending = await world.order(LINK), 70002
    world.clock.now += 11.5
    assert await world.order(LINK + "8") == pending
    fixed = (await world.call("add", service=105, link=LINK, quantity=100))["order"]
    done = await world.order(LINK + "9/cancel-at-once")
    no = {"error": "Cancel is not available for this order"}
    assert await world.call("cancel", orders=f"{moving},{pending},999,Array,{done}") == [
        {"order": moving, "cancel": 1},
        {"order": pending, "cancel": 1},
        {"order": 999, "cancel": {"error": "Incorrect order ID"}},
        {"order": "Array", "cancel": {"error": "Incorrect order ID"}},
        {"order": done, "cancel": no},
    ]
    assert await world.call("cancel", orders=f"{moving}") == [{"order": moving, "cancel": no}]
    assert (await world.call("status", order=moving))["status"] == "In progress"
    world.clock.now += 2
    rows = await world.call("status", orders=f"{moving},{pending},{fixed}")
    kept = rows[str(moving)]
    assert (kept["status"], int(kept["remains"])) == ("Partial", 3824)
    assert Decimal(kept["charge"]) == Decimal("0.80") * (10_000 - 3824) / 1000
    assert (rows[str(pending)]["status"], rows[str(pending)]["remains"]) == ("Canceled", "10000")
    assert rows[str(pending)]["charge"] == "0.00"
    world.clock.now += 100
    assert (await world.call("status", order=moving)) == kept
