"""Refills of the simulated panels: who gets one, how it goes on, and what drops meanwhile."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.sandbox.panel import NORTH, story_link
from tests.e2e.sandbox_panel import World, panel_world

LINK = "https://instagram.com/p/abc"
HAS = next(one.id for one in NORTH if one.refill and one.type == "Default")
NO = {"error": "Order not eligible for refill."}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with panel_world() as made:
        yield made


async def test_refill_is_for_completed_orders_of_services_that_have_it(world: World) -> None:
    order = await world.order(LINK, service=HAS, quantity=100)
    other = await world.order(LINK, quantity=100)
    assert await world.call("refill", order=order) == NO
    world.clock.now += 30
    assert await world.call("refill", order=order) == {"refill": "1"}
    assert await world.call("refill", order=order) == NO
    assert await world.call("refill", orders=f"{other},999") == [
        {"order": other, "refill": NO},
        {"order": 999, "refill": {"error": "Incorrect order ID"}},
    ]
    seen = []
    for _ in range(3):
        seen.append(await world.call("refill_status", refill=1))
        world.clock.now += 4
    assert seen == [{"status": "Pending"}, {"status": "In progress"}, {"status": "Completed"}]
    assert await world.call("refill", orders=order) == [{"order": order, "refill": 2}]
    assert await world.call("refill_status", refills="1,8,Array") == [
        {"refill": 1, "status": "Completed"},
        {"refill": 8, "status": {"error": "Refill not found"}},
        {"refill": "Array", "status": {"error": "Refill not found"}},
    ]


async def dropped(world: World) -> int:
    panels = (await world.http.get("/sandbox/panels")).json()
    return int(panels[0]["orders"][0]["dropped"])


async def test_a_fifth_drops_off_at_the_end_and_a_refill_brings_it_back(world: World) -> None:
    order = await world.order(story_link("drops"), service=HAS, quantity=1000)
    assert await dropped(world) == 0
    world.clock.now += 30
    assert await dropped(world) == 200
    await world.call("refill", order=order)
    assert await dropped(world) == 200
    world.clock.now += 8
    assert await dropped(world) == 0


async def test_a_stopped_order_is_refilled_too(world: World) -> None:
    order = await world.order(story_link("partial-60"), service=HAS, quantity=1000)
    world.clock.now += 30
    assert await world.call("refill", order=order) == {"refill": "1"}


@pytest.mark.parametrize(
    ("word", "answer", "statuses"),
    [
        ("refill-rejected", {"refill": "1"}, ["Pending", "In progress", "Rejected"]),
        ("refill-stuck", {"refill": "1"}, ["Pending", "Pending", "Pending"]),
        ("refill-too-early", {"error": "Refill will be available in 9 hours 3 minutes"}, None),
    ],
)
async def test_a_word_decides_what_becomes_of_a_refill(
    world: World, word: str, answer: object, statuses: list[str] | None
) -> None:
    order = await world.order(story_link(word), service=HAS, quantity=1000)
    world.clock.now += 30
    assert await world.call("refill", order=order) == answer
    for status in statuses or []:
        assert await world.call("refill_status", refill=1) == {"status": status}
        world.clock.now += 5
    assert await dropped(world) == 200


async def test_the_answer_to_a_refill_may_be_lost(world: World) -> None:
    order = await world.order(story_link("refill-lost"), service=HAS, quantity=1000)
    world.clock.now += 30
    world.http.timeout = httpx.Timeout(0.1)
    with pytest.raises(httpx.ReadTimeout):
        await world.call("refill", order=order)
    world.http.timeout = httpx.Timeout(5)
    assert await world.call("refill_status", refill=1) == {"status": "Pending"}
