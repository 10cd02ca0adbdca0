"""Each word of the table of behaviours does what its sentence says, seen from outside over real HTTP."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from decimal import Decimal
from typing import Any

import httpx
import pytest

from bot.sandbox.panel import BEHAVIOURS, story_link
from bot.sandbox.panel.manners import HTML_PAGE, Via
from tests.e2e.sandbox_panel import World, panel_world

QUANTITY = 10_000
FIRST, ID = 70001, 70002
"""An ordinary order goes before, so that there is an id to mix up with; ID is the one under test."""

END, MIDDLE = 40.0, 11.5
"""Seconds after which every delivery is over, and is half done (the panel has delivered 5000)."""


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with panel_world() as made:
        await made.order("https://instagram.com/p/before")
        yield made


# --- how add is answered ------------------------------------------------------------------------------------------


class Seen:
    """What the client saw of the answer to one `add`: status, text and type, or the error it met."""

    def __init__(self, answer: httpx.Response | None, error: httpx.HTTPError | None) -> None:
        self.status = answer.status_code if answer else None
        self.text = answer.text if answer else None
        self.type = answer.headers["Content-Type"] if answer else None
        self.retry_after = answer.headers.get("Retry-After") if answer else None
        self.error = type(error) if error else None


def _json(text: str, status: int = 200, type_: str = "application/json") -> Callable[[Seen], bool]:
    return lambda seen: (seen.status, seen.text, seen.type) == (status, text, type_)


def _refused(error: str) -> Callable[[Seen], bool]:
    return _json(f'{{"error":"{error}"}}')


def _page(status: int, word: str) -> Callable[[Seen], bool]:
    return lambda seen: (seen.status, seen.type) == (status, "text/html") and word in (seen.text or "")


def _failed(*errors: type[httpx.HTTPError]) -> Callable[[Seen], bool]:
    return lambda seen: seen.error in errors


_HUNG_UP = _failed(httpx.RemoteProtocolError, httpx.ReadError)
_NORMAL = _json(f'{{"order":{ID}}}')

ANSWERS: dict[str, tuple[bool, Callable[[Seen], bool]]] = {
    "timeout-then-accept": (True, _failed(httpx.ReadTimeout)),
    "timeout-not-accepted": (False, _failed(httpx.ReadTimeout)),
    "slow": (True, _NORMAL),
    "accept-then-drop": (True, _HUNG_UP),
    "drop-before-accept": (False, _HUNG_UP),
    "error-500-accepted": (True, _page(500, "Internal Server Error")),
    "error-500-refused": (False, _page(500, "Internal Server Error")),
    "html-200-accepted": (True, _page(200, "Checking your browser")),
    "html-200-refused": (False, _page(200, "Checking your browser")),
    "html-502": (False, _page(502, "Bad Gateway")),
    "html-502-accepted": (True, _page(502, "Bad Gateway")),
    "html-403": (False, _page(403, "Checking your browser")),
    "too-many": (False, lambda seen: (seen.status, seen.retry_after) == (429, "2")),
    "cut-json": (True, _json('{"order":')),
    "empty-body": (True, _json("")),
    "json-as-html": (True, _json(f'{{"order":{ID}}}', 200, "text/html")),
    "order-null": (True, _json('{"order":null}')),
    "order-list": (True, _json(f'{{"order":[{ID}]}}')),
    "order-zero": (True, _json('{"order":0}')),
    "order-negative": (True, _json('{"order":-1}')),
    "order-float": (True, _json(f'{{"order":{ID}.0}}')),
    "order-string": (True, _json(f'{{"order":"{ID}"}}')),
    "both-keys": (True, _json(f'{{"order":{ID},"error":"neworder.error.link"}}')),
    "error-with-status": (False, _json('{"error":"Incorrect service ID","status":"104"}')),
    "reused-id": (True, _json(f'{{"order":{FIRST}}}')),
    "drip": (True, lambda seen: seen.text == " " * 60 + f'{{"order":{ID}}}'),
    "huge": (True, lambda seen: len(seen.text or "") > 900_000 and json.loads(seen.text or "") == {"order": ID}),
    "redirect": (False, lambda seen: seen.status == 302),
    "reject": (False, _refused("neworder.error.link")),
    "not-enough-funds": (False, _refused("neworder.error.not_enough_funds")),
    "duplicate-link": (False, _refused("neworder.error.link_duplicate")),
    "active-order": (False, _refused("You have active order with this link.")),
    "min-quantity": (False, _refused("neworder.error.min_quantity")),
    "max-quantity": (False, _refused("neworder.error.max_quantity")),
    "service-gone": (False, _refused("Incorrect service ID")),
}

# --- what status says ---------------------------------------------------------------------------------------------

HALF, WHOLE, NONE = "5000", "0", "10000"
Said = Mapping[str, object]


def _row(status: str, remains: object, charge: str, **other: object) -> Said:
    return {"status": status, "remains": remains, "charge": charge} | other


def _partial(remains: object = "4000", charge: str = "4.80", status: str = "Partial") -> Said:
    return _row(status, remains, charge)


_RUNNING = _row("In progress", HALF, "8.00")
_DONE = _row("Completed", WHOLE, "8.00")
_WRONG: object = {"error": "Incorrect order ID"}
_GONE, _HTML = object(), object()

COURSES: dict[str, list[tuple[float, object]]] = {
    "complete": [(0, _row("Pending", NONE, "8.00", start_count="0")), (MIDDLE, _RUNNING), (END, _DONE)],
    "partial-60": [(MIDDLE, _RUNNING), (END, _partial()), (END, _partial())],
    "partial-0": [(END, _partial(NONE, "0.00"))],
    "partial-100": [(END, _partial(WHOLE, "8.00"))],
    "partial-N": [(END, _partial("7500", "2.00"))],
    "cancel": [(5, _row("In progress", "8824", "8.00")), (END, _row("Canceled", "6000", "3.20"))],
    "cancel-at-once": [(0, _row("Canceled", NONE, "0.00"))],
    "cancel-null": [(END, _row("Canceled", None, "0.00"))],
    "canceled-but-charged": [(END, _row("Canceled", WHOLE, "8.00"))],
    "cancel-ignored": [(MIDDLE, _RUNNING), (END, _DONE)],
    "over-remains": [(END, _partial("11500", "0.00"))],
    "negative-remains": [(END, _partial("-25", "8.00"))],
    "null-remains": [*[(END, _partial(None))] * 3, (END, _partial()), (END, _partial())],
    "unknown-remains": [(END, _partial("Unknown"))] * 5,
    "empty-remains": [(END, _partial(""))] * 5,
    "missing-remains": [(END, {"status": "Partial", "remains": _GONE})] * 5,
    "flapping": [(END, _partial()), (END, _row("In progress", "4000", "8.00")), (END, _partial()), (END, _partial())],
    "backwards": [
        (MIDDLE - 2, _row("In progress", "6177", "8.00")),
        (END, _row("Processing", "7000", "8.00")),
        (END, _row("Pending", NONE, "8.00")),
        (END, _row("In progress", HALF, "8.00")),
        (END, _DONE),
    ],
    "partial-then-cancel": [(END, _partial()), *[(END, _row("Canceled", NONE, "0.00"))] * 2],
    "completed-then-partial": [(END, _DONE), (END, _partial()), (END, _partial())],
    "partial-grows": [(END, _partial("3000", "5.60")), (END, _partial()), (END, _partial())],
    "partial-shrinks": [(END, _partial()), (END, _partial("3000", "5.60"))],
    "over-delivered": [(MIDDLE, _RUNNING), (END, _row("Completed", "-2", "8.00"))],
    "never-starts": [(0, _row("Pending", NONE, "8.00")), (1e6, _row("Pending", NONE, "8.00"))],
    "stuck": [
        (MIDDLE, _RUNNING),
        (1e6, _row("In progress", "4000", "8.00")),
        (2e6, _row("In progress", "4000", "8.00")),
    ],
    "private": [(MIDDLE, _RUNNING), (END, _partial())],
    "deleted": [(MIDDLE, _partial("7000", "2.40")), (END, _partial("7000", "2.40"))],
    "renamed": [(END, _partial("5000", "4.00"))],
    "overloaded": [(MIDDLE, _RUNNING), (END, _partial())],
    "throttled": [(MIDDLE, {"status": "Pending"}), (90, {"status": "In progress"}), (115, _partial("6000", "3.20"))],
    "unclear": [(MIDDLE, _RUNNING), (END, _partial())],
    **{
        word: [(MIDDLE, _RUNNING), (END, _DONE), (END, _DONE)]
        for word in ("drops", "refill-rejected", "refill-too-early", "refill-lost", "refill-stuck")
    },
    "slow-delivery": [(MIDDLE, {"status": "Pending"}), (115, _RUNNING), (200, _DONE)],
    "zero-remains": [(MIDDLE, _row("In progress", WHOLE, "8.00")), (END, _DONE)],
    "null-start": [(0, {"status": "Pending", "start_count": None}), (2, {"start_count": None}), (MIDDLE, _RUNNING)],
    "number-types": [
        (MIDDLE, {"charge": 8.000000000000002, "remains": 5000}),
        (END, {"start_count": int, "remains": 0}),
    ],
    "lower-case": [(MIDDLE, {"status": "in progress"}), (END, _partial(status="partial"))],
    "digit-status": [(0, {"status": "0"}), (MIDDLE, {"status": "1"}), (END, _partial(status="3"))],
    "other-words": [(MIDDLE, {"status": "Inprogress"}), (END, _partial(status="Partially completed"))],
    "strange-status": [
        (0, {"status": "Awaiting moderation"}),
        (MIDDLE, {"status": "Awaiting moderation"}),
        (END, _DONE),
    ],
    "silence": [(0, _GONE), (MIDDLE, _GONE), (END, _GONE)],
    "garbage": [(0, _HTML), (MIDDLE, _HTML), (END, _HTML)],
    "spoils-batch": [*[(MIDDLE, _HTML)] * 3, (MIDDLE, _RUNNING), (END, _DONE)],
    "row-error": [*[(MIDDLE, _WRONG)] * 3, (MIDDLE, _RUNNING), (END, _DONE)],
    "row-error-string": [*[(MIDDLE, "Incorrect order ID")] * 3, (MIDDLE, _RUNNING), (END, _DONE)],
    "row-error-status": [*[(MIDDLE, {"error": "Temporary fault, try again", "status": "104"})] * 3, (END, _DONE)],
    "lost": [(0, _WRONG), (MIDDLE, _WRONG), (END, _WRONG), (END, _WRONG)],
}

WORDS = [behaviour.word for behaviour in BEHAVIOURS]


def test_every_word_of_the_table_has_one_expectation_here_and_a_sentence_there() -> None:
    assert sorted([*ANSWERS, *COURSES]) == sorted(WORDS)
    for behaviour in BEHAVIOURS:
        assert behaviour.title, behaviour.word
        assert behaviour.what.endswith("."), behaviour.word


async def _add(world: World, link: str) -> Seen:
    try:
        return Seen(await world.post("add", service=101, link=link, quantity=QUANTITY), None)
    except httpx.HTTPError as error:
        return Seen(None, error)


@pytest.mark.parametrize("word", list(ANSWERS))
async def test_an_answer_to_add_is_what_its_word_says_and_the_truth_is_kept_apart(world: World, word: str) -> None:
    accepted, expected = ANSWERS[word]
    if word.startswith("timeout"):
        world.http.timeout = httpx.Timeout(0.1)
    if word == "drip":
        world.north.stall = 0.03
    seen = await _add(world, story_link(word))
    assert expected(seen), vars(seen)
    truth = world.north.accepted[1:]
    assert [one.behaviour for one in truth] == ([word] if accepted else [])
    assert world.north.balance() == (Decimal(984) if accepted else Decimal(992))
    world.clock.now += END
    world.http.timeout = httpx.Timeout(5)
    expected_row = _DONE if accepted else _WRONG
    assert _matches(await world.call("status", order=ID), expected_row)


@pytest.mark.parametrize("word", list(COURSES))
@pytest.mark.parametrize("batch", [False, True], ids=["single", "batch"])
async def test_a_course_is_what_its_word_says_asked_alone_or_in_a_batch(world: World, word: str, batch: bool) -> None:
    seen = await _add(world, story_link(word))
    assert _NORMAL(seen)
    start = world.clock.now
    ask = _ask_batch if batch else _ask_single
    for after, expected in COURSES[word]:
        world.clock.now = start + after
        said = await ask(world, word)
        assert _matches(said, expected), (after, said)
    assert [one.behaviour for one in world.north.accepted[1:]] == ["partial-25" if word == "partial-N" else word]


async def _ask_single(world: World, word: str) -> object:
    answer = await world.post("status", order=ID)
    if answer.headers["Content-Type"] == "text/html":
        return _HTML
    return _GONE if answer.json() == [] else answer.json()


async def _ask_batch(world: World, word: str) -> object:
    """The row out of a batch; the order beside it is answered whatever this one does, unless the batch is spoilt."""
    answer = await world.post("status", orders=f"{FIRST},{ID}")
    if answer.headers["Content-Type"] == "text/html":
        assert word == "spoils-batch"
        return _HTML
    rows = answer.json()
    assert "status" in rows[str(FIRST)]
    said = rows.get(str(ID), _GONE)
    return _HTML if said == HTML_PAGE else said


def _matches(said: Any, expected: object) -> bool:
    """Whether a row has at least what is expected of it (a type: any of it; errors and strings: exactly)."""
    if not isinstance(expected, Mapping) or "error" in expected:
        return bool(said == expected)
    if not isinstance(said, dict):
        return False
    pairs = [(said.get(name, _GONE), value) for name, value in expected.items()]
    return all(isinstance(got, value) if isinstance(value, type) else got == value for got, value in pairs)


async def test_a_cancel_that_is_ignored_is_answered_with_1_all_the_same(world: World) -> None:
    await _add(world, story_link("cancel-ignored"))
    world.clock.now += MIDDLE
    assert await world.call("cancel", orders=ID) == [{"order": ID, "cancel": 1}]
    world.clock.now += END
    assert _matches(await world.call("status", order=ID), _DONE)


async def test_money_follows_what_the_panel_last_said(world: World) -> None:
    await _add(world, story_link("completed-then-partial"))
    world.clock.now += END
    for expected in ("984.00", "987.20", "987.20"):
        await world.call("status", order=ID)
        assert (await world.call("balance"))["balance"] == expected


async def test_the_rest_of_a_partial_order_is_delivered_by_another_service(world: World) -> None:
    """10,000 on Server A, stopped at 6,000; the 4,000 left on Server B: together 10,000."""
    link = story_link("partial-60")
    first = await world.order(link, quantity=10_000)
    world.clock.now += END
    stopped = await world.call("status", order=first)
    rest = (await world.call("add", "south", service=1001, link=link, quantity=stopped["remains"]))["order"]
    world.clock.now += END
    ended = await world.call("status", "south", order=rest)
    assert (stopped["status"], ended["status"]) == ("Partial", "Completed")
    assert int(ended["start_count"]) + 4000 - int(stopped["start_count"]) == 10_000


async def test_the_rest_goes_to_another_service_and_a_word_is_heeded_otherwise_with_always_in_any_case(
    world: World,
) -> None:
    async def left(service: int, link: str, quantity: int) -> str:
        order = await world.order(link, service=service, quantity=quantity)
        world.clock.now += END
        return str((await world.call("status", order=order))["remains"])

    link, insisting = story_link("partial-60"), story_link("always/partial-60")
    tried = [(101, 10_000), (101, 4_000), (102, 4_000), (102, 1_600), (101, 640)]
    assert [await left(service, link, quantity) for service, quantity in tried] == ["4000", "1600", "1600", "640", "0"]
    assert [await left(service, insisting, 10_000 - 6_000 * (service - 101)) for service in (101, 102)] == [
        "4000",
        "1600",
    ]


@pytest.mark.parametrize("word", ["reject", "cancel-at-once"])
async def test_what_one_service_refuses_or_cancels_another_delivers(world: World, word: str) -> None:
    link = story_link(word)
    for service in (101, 101, 102):
        answer = await world.call("add", service=service, link=link, quantity=QUANTITY)
        world.clock.now += END
    assert _matches(await world.call("status", order=answer["order"]), _row("Completed", WHOLE, "3.20"))
    assert [one.fields["service"] for one in world.north.accepted].count("102") == 1


@pytest.mark.parametrize("percent", [1, 7, 33, 99])
async def test_partial_takes_any_percentage(world: World, percent: int) -> None:
    await _add(world, f"https://tiktok.com/@mia/video/partial-{percent}/?lang=en#top")
    world.clock.now += END
    assert (await world.call("status", order=ID))["remains"] == str(QUANTITY - QUANTITY * percent // 100)


@pytest.mark.parametrize("link", ["https://x.com/mia", "partial-101", "https://x.com/partial-60/photo", "http://[bad"])
async def test_a_link_without_a_word_is_delivered_in_full(world: World, link: str) -> None:
    await _add(world, link)
    world.clock.now += END
    assert _matches(await world.call("status", order=ID), _DONE)


async def test_what_was_accepted_is_told_with_its_answer_also_where_nobody_got_it(world: World) -> None:
    for word in ("accept-then-drop", "error-500-accepted", "reused-id"):
        await _add(world, story_link(word))
    rows = (await world.http.get("/sandbox/panels/north/truth")).json()["accepted"][1:]
    assert [(row["id"], row["asked_for"]) for row in rows] == [
        ("70002", "accept-then-drop"),
        ("70003", "error-500-accepted"),
        ("70004", "reused-id"),
    ]
    assert [row["answer"][:24] for row in rows] == [
        "closed without an answer",
        "500 <html><head><title>5",
        '{"order":70003}',
    ]
    assert rows[0]["fields"] == {
        "action": "add",
        "service": "101",
        "link": story_link("accept-then-drop"),
        "quantity": "10000",
    }
    assert all(row["at"] == world.clock.now for row in rows)


async def test_a_late_answer_is_already_accepted_while_it_is_awaited(world: World) -> None:
    """The order can be seen at the panel before the client hears of it, as after a time-out."""
    world.http.timeout = httpx.Timeout(0.05)
    seen = await _add(world, story_link("timeout-then-accept"))
    assert seen.error is httpx.ReadTimeout
    assert world.north.accepted[-1].answer == 'held back: {"order":70002}'


def test_every_way_an_answer_can_go_is_taken_by_some_behaviour() -> None:
    ways: set[Via] = {behaviour.reply.via for behaviour in BEHAVIOURS}
    assert ways == {"whole", "late", "never", "closed", "drip", "huge"}
