"""The control API steers orders and panels by hand, shows the truth, and streams what happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.sandbox.panel import BEHAVIOURS, NORTH, PanelSimulator
from bot.sandbox.panel.behaviours import by_link
from tests.e2e.sandbox_panel import KEY, World, panel_world

LINK = "https://instagram.com/p/Cx7"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with panel_world() as made:
        yield made


async def _status(world: World, order: int) -> Any:
    return await world.call("status", order=order)


# --- one order ----------------------------------------------------------------------------------------------------


async def test_finish_stop_and_cancel_show_at_the_next_status_call(world: World) -> None:
    orders = [await world.order(f"{LINK}{place}") for place in range(3)]
    world.clock.now += 11.5
    shown = []
    hands: list[dict[str, object]] = [{"do": "finish"}, {"do": "stop", "percent": 60}, {"do": "cancel"}]
    for order, asked in zip(orders, hands, strict=True):
        shown.append((await world.steer(f"north/orders/{order}", **asked)).json())
    assert [(one["status"], one["delivered"], one["behaviour"]) for one in shown] == [
        ("Completed", 10_000, "finish"),
        ("Partial", 6_000, "partial-60"),
        ("Canceled", 5_000, "cancel"),
    ]
    rows = await world.call("status", orders=",".join(map(str, orders)))
    assert [(row["status"], row["remains"], row["charge"]) for row in rows.values()] == [
        ("Completed", "0", "8.00"),
        ("Partial", "4000", "4.80"),
        ("Canceled", "5000", "4.00"),
    ]
    assert (await world.call("balance"))["balance"] == "983.20"


@pytest.mark.parametrize(("do", "single"), [("silence", "[]"), ("garbage", "<!DOCTYPE html>")])
async def test_silence_and_garbage_last_until_the_order_resumes(world: World, do: str, single: str) -> None:
    order, other = await world.order(LINK), await world.order(LINK + "8")
    world.clock.now += 11.5
    await world.steer(f"north/orders/{order}", do=do)
    for _ in range(2):
        assert (await world.post("status", order=order)).text.startswith(single)
    batch = await world.call("status", orders=f"{order},{other}")
    assert batch[str(other)]["status"] == "In progress"
    assert str(batch.get(str(order), "<!DOCTYPE")).startswith("<!DOCTYPE")
    await world.steer(f"north/orders/{order}", do="resume")
    assert (await _status(world, order))["remains"] == "5000"
    world.clock.now += 30
    assert (await _status(world, order))["status"] == "Completed"


async def test_a_stopped_order_that_resumes_goes_on_from_where_it_was(world: World) -> None:
    order = await world.order(LINK + "/partial-60")
    world.clock.now += 300
    assert (await _status(world, order))["status"] == "Partial"
    await world.steer(f"north/orders/{order}", do="resume")
    assert await _status(world, order) == (await _status(world, order))
    row = await _status(world, order)
    assert (row["status"], row["remains"], row["charge"]) == ("In progress", "4000", "8.00")
    world.clock.now += 3.4
    assert (await _status(world, order))["remains"] == "2000"
    world.clock.now += 3.5
    assert (await _status(world, order))["status"] == "Completed"


async def test_an_order_that_never_starts_can_be_woken(world: World) -> None:
    order = await world.order(LINK + "/never-starts")
    world.clock.now += 1000
    await world.steer(f"north/orders/{order}", do="resume")
    world.clock.now += 8.5
    assert (await _status(world, order))["remains"] == "5000"


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("north/orders/70001", {"do": "explode"}, 400),
        ("north/orders/70001", {"do": "stop", "percent": 101}, 400),
        ("north/orders/70001", {"do": "stop", "percent": "many"}, 400),
        ("north/orders/1", {"do": "finish"}, 404),
        ("west/orders/70001", {"do": "finish"}, 404),
        ("west", {"do": "down"}, 404),
        ("north", {"do": "explode"}, 400),
        ("north", {"do": "set_balance", "value": "much"}, 400),
        ("north", {"do": "set_balance", "value": "NaN"}, 400),
        ("north", {"do": "behave", "value": "nicely"}, 400),
        ("north", {"do": "chance", "value": 1, "words": ["nicely"]}, 400),
        ("north", {"do": "chance", "value": 1.5}, 400),
        ("north", {"do": "pace", "value": 0}, 400),
        ("north", {"do": "pace", "value": "inf"}, 400),
        ("north", {}, 400),
    ],
)
async def test_a_wrong_order_to_the_control_api_says_so_and_changes_nothing(
    world: World, path: str, asked: dict[str, object], status: int
) -> None:
    order = await world.order(LINK)
    before = (await world.http.get("/sandbox/panels")).json()
    answer = await world.steer(path, **asked)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert (await world.http.get("/sandbox/panels")).json() == before
    assert (await _status(world, order))["status"] == "Pending"
    assert (await world.http.post("/sandbox/panels/north", content=b"{")).status_code == 400


# --- a whole panel ------------------------------------------------------------------------------------------------


async def test_a_panel_that_is_down_answers_503_and_takes_nothing(world: World) -> None:
    await world.steer("north", do="down")
    answer = await world.post("add", service=101, link=LINK, quantity=100)
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html")
    assert not world.north.accepted
    assert (await world.post("balance", "south")).status_code == 200
    await world.steer("north", do="up")
    assert await world.call("balance") == {"balance": "1000.00", "currency": "USD"}


async def test_a_panel_can_hang_up_on_everybody(world: World) -> None:
    hands: list[dict[str, object]] = [{"do": "down", "value": "drop"}, {"do": "drop"}]
    for asked in hands:
        await world.steer("south", **asked)
        with pytest.raises(httpx.TransportError):
            await world.post("balance", "south")
        assert (await world.steer("south", do="up")).json()["modes"] == []
    assert (await world.post("balance", "south")).status_code == 200


async def test_a_panel_can_answer_garbage_refuse_the_key_or_limit_the_rate(world: World) -> None:
    await world.steer("north", do="garbage")
    answer = await world.post("services")
    assert (answer.status_code, answer.text[:15]) == (200, "<!DOCTYPE html>")
    await world.steer("north", do="up")
    await world.steer("north", do="refuse_key")
    assert await world.call("services") == {"error": "Invalid API key"}
    await world.steer("north", do="rate_limit")
    answer = await world.post("services")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")


async def test_a_slow_panel_answers_after_its_lag_and_in_full(world: World) -> None:
    await world.steer("north", do="slow")
    world.north.lag = 0.05
    answer = await world.post("balance")
    assert answer.json()["balance"] == "1000.00"
    assert answer.elapsed.total_seconds() >= 0.05


async def test_a_panel_without_batches_ignores_orders(world: World) -> None:
    order = await world.order(LINK)
    await world.steer("north", do="ignore_orders")
    assert await world.call("status", orders=order) == {"error": "Incorrect order ID"}
    assert (await _status(world, order))["status"] == "Pending"


async def test_a_panel_with_unique_links_refuses_the_second_order_while_the_first_runs(world: World) -> None:
    await world.steer("north", do="unique_links")
    await world.order(LINK)
    again = {"service": 101, "link": LINK, "quantity": 100}
    assert await world.call("add", **again) == {"error": "You have active order with this link."}
    await world.order(LINK, service=102)
    world.clock.now += 30
    await world.order(LINK)
    assert len(world.north.accepted) == 3


async def test_the_balance_is_set_to_the_letter(world: World) -> None:
    await world.order(LINK)
    assert (await world.steer("north", do="set_balance", value="12.345")).json()["balance"] == "12.345"
    assert await world.call("balance") == {"balance": "12.345", "currency": "USD"}


async def test_a_panel_wide_behaviour_takes_every_link_without_a_word(world: World) -> None:
    await world.steer("north", do="behave", value="partial-30")
    plain, worded = await world.order(LINK), await world.order(LINK + "/partial-60")
    await world.steer("north", do="behave", value=None)
    after = await world.order(LINK + "9")
    world.clock.now += 40
    rows = await world.call("status", orders=f"{plain},{worded},{after}")
    assert [row["remains"] for row in rows.values()] == ["7000", "4000", "0"]


async def test_pace_holds_for_the_orders_to_come(world: World) -> None:
    before = await world.order(LINK)
    await world.steer("north", do="pace", value=10)
    after = await world.order(LINK + "8")
    world.clock.now += 2
    rows = await world.call("status", orders=f"{before},{after}")
    assert [row["status"] for row in rows.values()] == ["Processing", "Completed"]


def test_chance_is_fixed_by_the_seed_and_keeps_to_its_words() -> None:
    def behaviours(seed: int, words: tuple[str, ...] = ()) -> list[str]:
        panel = PanelSimulator("p", "P", KEY, catalogue=NORTH, seed=seed, clock=lambda: 0.0)
        panel.chance, panel.chance_words = 0.5, words
        asked = {"key": KEY, "action": "add", "service": "101", "link": LINK, "quantity": "50"}
        bodies = [panel.answer(asked).body for _ in range(60)]
        assert len(bodies) == 60
        return [one.behaviour for one in panel.accepted]

    assert behaviours(1) == behaviours(1) != behaviours(2)
    kept = behaviours(3, ("partial-60", "cancel"))
    assert set(kept) == {"complete", "partial-60", "cancel"}
    assert 15 <= kept.count("complete") <= 45


# --- what is shown ------------------------------------------------------------------------------------------------


async def test_the_panels_are_listed_with_their_orders_newest_first(world: World) -> None:
    order = await world.order(LINK + "/partial-60")
    created, start = world.clock.now, world.north.book.orders[order].start_count
    world.clock.now += 40
    for place in range(51):
        await world.order(f"{LINK}{place}", quantity=50)
    north, south = (await world.http.get("/sandbox/panels")).json()
    assert [north["name"], north["title"], north["currency"]] == ["north", "Panel North", "USD"]
    assert (south["name"], south["orders"], south["balance"]) == ("south", [], "1000.00")
    assert len(north["orders"]) == 50
    assert north["orders"][0]["id"] == str(order + 51)
    truth = (await world.http.get("/sandbox/panels/north/truth")).json()
    assert len(truth["accepted"]) == 52
    assert truth["balance"] == north["balance"]
    first = {name: value for name, value in truth["accepted"][0].items() if name in north["orders"][0]}
    assert first == {
        "id": "70001",
        "service": "101",
        "service_name": "Instagram Likes | Real | Server A",
        "link": LINK + "/partial-60",
        "quantity": 10_000,
        "start_count": start,
        "delivered": 6_000,
        "remains": 4_000,
        "dropped": 0,
        "status": "Partial",
        "charge": "4.80",
        "created": created,
        "behaviour": "partial-60",
    }


async def test_the_panels_are_listed_with_their_last_requests_as_the_stream_told_them(world: World) -> None:
    async def happen() -> None:
        await world.call("balance")

    (told,) = await _events(world, 1, happen)
    north, south = (await world.http.get("/sandbox/panels")).json()
    assert [{"type": "request", "panel": "north", **one} for one in north["requests"]] == [told]
    assert south["requests"] == []
    for number in range(51):
        await world.call("status", orders=str(number))
    north, _ = (await world.http.get("/sandbox/panels")).json()
    assert [one["summary"] for one in north["requests"]] == [f"orders={number}" for number in range(50, 0, -1)]


async def test_the_stories_are_the_table_with_links_that_choose_them(world: World) -> None:
    stories = (await world.http.get("/sandbox/stories")).json()
    assert [(one["title"], one["what"]) for one in stories] == [(one.title, one.what) for one in BEHAVIOURS]
    assert stories[1]["link"] == "https://instagram.com/p/partial-60"
    for story, behaviour in zip(stories, BEHAVIOURS, strict=True):
        chosen = by_link(story["link"])
        assert chosen is not None
        assert chosen.word == ("partial-25" if behaviour.word == "partial-N" else behaviour.word)


# --- the stream ---------------------------------------------------------------------------------------------------


async def _events(world: World, until: int, happen: Any) -> list[dict[str, Any]]:
    """Open the stream, let it happen, and read so many events."""
    events: list[dict[str, Any]] = []
    async with asyncio.timeout(5), world.http.stream("GET", "/sandbox/panels/events") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        lines = stream.aiter_lines()
        assert await anext(lines) == ": hello"
        await happen()
        async for line in lines:
            if line.startswith("data: "):
                events.append(json.loads(line.removeprefix("data: ")))
            if len(events) == until:
                break
    return events


async def test_the_stream_tells_of_requests_and_of_the_orders_they_make_and_never_the_key(world: World) -> None:
    async def happen() -> None:
        await world.order(LINK, quantity=100)
        await world.call("status", orders="70001,5")

    add, order, status = await _events(world, 3, happen)
    assert add == {
        "type": "request",
        "panel": "north",
        "at": world.clock.now,
        "action": "add",
        "summary": f"service=101 link={LINK} quantity=100",
        "answer": '{"order":70001}',
    }
    listed = (await world.http.get("/sandbox/panels")).json()[0]["orders"][0]
    assert order == {"type": "order", "panel": "north", "order": listed}
    assert (status["action"], status["summary"]) == ("status", "orders=70001,5")
    assert len(status["answer"]) <= 200
    assert KEY not in json.dumps([add, order, status])


async def test_the_stream_tells_of_orders_that_move_by_themselves_and_of_those_steered_by_hand(world: World) -> None:
    order = await world.order(LINK)

    async def happen() -> None:
        world.clock.now += 11.5

    moved = await _events(world, 1, happen)
    assert [(one["type"], one["order"]["delivered"]) for one in moved] == [("order", 5_000)]

    async def stop() -> None:
        world.panels.tick = 60
        await world.steer(f"north/orders/{order}", do="stop", percent=60)

    stopped = await _events(world, 1, stop)
    assert [(one["order"]["status"], one["order"]["remains"]) for one in stopped] == [("Partial", 4_000)]


async def test_an_open_stream_and_a_held_answer_do_not_keep_the_server_from_stopping() -> None:
    async with asyncio.timeout(3):
        async with panel_world() as world:
            world.panels.tick = 60
            address = (world.http.base_url.host, world.http.base_url.port)
            stream, stream_out = await asyncio.open_connection(*address)
            stream_out.write(b"GET /sandbox/panels/events HTTP/1.1\r\nHost: x\r\n\r\n")
            await stream.readuntil(b": hello")
            held, held_out = await asyncio.open_connection(*address)
            asked = f"key={KEY}&action=add&service=101&quantity=100&link={LINK}/timeout-then-accept".replace(" ", "+")
            held_out.write(f"GET /panels/north/api/v2?{asked} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            await stream.readuntil(b"held back")
        assert b"70001" in await held.read()
        await stream.read()
    for writer in (stream_out, held_out):
        writer.close()
        await writer.wait_closed()
