"""A subscription at a simulated panel: an order for each post it finds, and status words of its own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.e2e.sandbox_panel import EVERY_TYPE, World, panel_world

SUBSCRIPTION = next(one.id for one in EVERY_TYPE if one.type == "Subscriptions")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with panel_world() as made:
        yield made


async def test_a_subscription_opens_a_paid_order_for_each_post_and_has_no_charge_of_its_own(world: World) -> None:
    asked = {"service": SUBSCRIPTION, "username": "mia", "min": 100, "max": 200, "posts": 3, "delay": 0}
    parent = (await world.call("add", **asked))["order"]
    assert await world.call("status", order=parent) == {"status": "Active", "orders": []}
    world.clock.now += 13
    row = await world.call("status", order=parent)
    assert (row["status"], len(row["orders"])) == ("Active", 2)
    child = await world.call("status", order=row["orders"][0])
    assert 0 <= int(child["remains"]) <= 200
    assert Decimal(child["charge"]) > 0
    world.clock.now += 60
    row = await world.call("status", order=parent)
    assert (row["status"], len(row["orders"])) == ("Completed", 3)
    spent = sum(world.north.book.orders[one].charge for one in row["orders"])
    assert Decimal((await world.call("balance"))["balance"]) == 1000 - spent


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"delay": 7}, "delay"),
        ({"min": 300}, "max_quantity"),
        ({"max": 501}, "max_quantity"),
        ({"expiry": "2031-01-01"}, "expiry"),
        ({"expiry": "01/01/2020"}, "expiry"),
    ],
)
async def test_a_subscription_checks_its_delay_bounds_and_expiry(
    world: World, changed: dict[str, object], word: str
) -> None:
    asked: dict[str, object] = {"service": SUBSCRIPTION, "username": "mia", "min": 100, "max": 200, "delay": 5}
    assert await world.call("add", **(asked | changed)) == {"error": f"neworder.error.{word}"}


async def test_a_subscription_pauses_without_money_and_expires_with_time(world: World) -> None:
    midnight = datetime(2025, 10, 10, tzinfo=UTC).timestamp()
    world.clock.now = midnight - 15
    asked = {"service": SUBSCRIPTION, "min": 100, "max": 200, "delay": 5, "posts": 100}
    ending = (await world.call("add", **asked, username="mia", expiry="10/10/2025"))["order"]
    world.clock.now = midnight + 600
    row = await world.call("status", order=ending)
    assert (row["status"], len(row["orders"])) == ("Expired", 2)
    await world.steer("north", do="set_balance", value="0.01")
    poor = (await world.call("add", **asked, username="omar"))["order"]
    world.clock.now += 7
    assert await world.call("status", order=poor) == {"status": "Paused", "orders": []}


async def test_a_canceled_subscription_finds_no_more_posts(world: World) -> None:
    asked = {"service": SUBSCRIPTION, "username": "mia", "min": 100, "max": 200, "delay": 5, "posts": 100}
    order = (await world.call("add", **asked))["order"]
    world.clock.now += 7
    await world.steer(f"north/orders/{order}", do="cancel")
    world.clock.now += 60
    row = await world.call("status", order=order)
    assert (row["status"], len(row["orders"])) == ("Canceled", 1)
    assert (await world.steer(f"north/orders/{order}", do="stop")).status_code == 400
    await world.steer(f"north/orders/{order}", do="resume")
    assert (await world.call("status", order=order))["status"] == "Active"
    await world.steer(f"north/orders/{order}", do="finish")
    world.clock.now += 60
    assert (await world.call("status", order=order))["status"] == "Completed"
