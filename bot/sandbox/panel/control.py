"""The panels side by side on one server: their APIs, the control API that steers them, the stream of events."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

from aiohttp import web

from bot.sandbox.panel.behaviours import BEHAVIOURS, by_word, story_link
from bot.sandbox.panel.delivery import Order, standing, text
from bot.sandbox.panel.server import serve
from bot.sandbox.panel.simulator import CURRENCY, MODES, Heard, PanelSimulator

SHOWN = 50
"""How many orders and requests of a panel, the newest, the control API shows; of orders, the stream follows them."""

PING = 15.0
Event = dict[str, object]


class Panels:
    """Several panels attached to one aiohttp app; an audience reached by one is reached for all.

    `tick` is the seconds between two looks at orders that move by themselves, for the event stream.
    """

    def __init__(self, panels: Sequence[PanelSimulator], *, tick: float = 0.5) -> None:
        self.panels = {panel.name: panel for panel in panels}
        self.tick = tick
        self._closing = asyncio.Event()
        self._listening: set[asyncio.Queue[Event | None]] = set()
        for panel in panels:
            panel.book.neighbours = [one.book for one in panels]
            panel.listeners.append(self._tell_request)

    def __getitem__(self, name: str) -> PanelSimulator:
        return self.panels[name]

    def attach(self, app: web.Application) -> None:
        """Add the routes of every panel's API and of the control API to this app."""
        for path in ("/panels/{name}/api/v2", "/panels/{name}/api/v2/"):
            app.router.add_route("*", path, self._api)
        app.router.add_get("/sandbox/stories", self._stories)
        app.router.add_get("/sandbox/panels", self._list)
        app.router.add_get("/sandbox/panels/events", self._events)
        app.router.add_get("/sandbox/panels/{name}/truth", self._truth)
        app.router.add_post("/sandbox/panels/{name}", self._steer_panel)
        app.router.add_post("/sandbox/panels/{name}/orders/{order}", self._steer_order)
        app.on_shutdown.append(self._close)

    async def _close(self, app: web.Application) -> None:
        self._closing.set()
        for queue in self._listening:
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait(None)

    def _panel(self, request: web.Request) -> PanelSimulator:
        panel = self.panels.get(request.match_info["name"])
        if panel is None:
            raise _problem(web.HTTPNotFound, "no such panel")
        return panel

    async def _api(self, request: web.Request) -> web.StreamResponse:
        return await serve(self._panel(request), request, self._closing)

    async def _stories(self, request: web.Request) -> web.Response:
        return web.json_response(
            [{"link": story_link(one.word), "title": one.title, "what": one.what} for one in BEHAVIOURS]
        )

    async def _list(self, request: web.Request) -> web.Response:
        return web.json_response([_panel_view(panel) for panel in self.panels.values()])

    async def _truth(self, request: web.Request) -> web.Response:
        panel = self._panel(request)
        rows = []
        for one in panel.accepted:
            order = order_view(panel, panel.book.orders[one.order])
            rows.append({**order, "at": one.at, "fields": one.fields, "asked_for": one.behaviour, "answer": one.answer})
        return web.json_response(
            {"name": panel.name, "balance": text(panel.balance()), "currency": CURRENCY, "accepted": rows}
        )

    async def _steer_panel(self, request: web.Request) -> web.Response:
        """down | drop | slow | garbage | refuse_key | ignore_orders | rate_limit | unique_links | up; each stays
        until `up`. set_balance (value: an amount), behave (value: a word for all orders to come, null for none),
        chance (value: the share of orders, 0 to 1, that misbehave; words: by which), pace (value: a factor)."""
        panel, asked = self._panel(request), await _json(request)
        do, value = asked.get("do"), asked.get("value")
        try:
            if do in MODES:
                panel.modes.add("drop" if (do, value) == ("down", "drop") else str(do))
            elif do == "up":
                panel.modes.clear()
            else:
                _SETTINGS[str(do)](panel, value, asked)
        except KeyError:
            raise _problem(web.HTTPBadRequest, f"a panel cannot {do}") from None
        except (ValueError, TypeError, InvalidOperation):
            raise _problem(web.HTTPBadRequest, f"{value!r} is no value for {do}") from None
        return web.json_response(_panel_view(panel))

    async def _steer_order(self, request: web.Request) -> web.Response:
        panel, asked = self._panel(request), await _json(request)
        try:
            order = panel.direct(int(request.match_info["order"]), str(asked.get("do")), int(asked.get("percent", 60)))
        except KeyError:
            raise _problem(web.HTTPNotFound, "no such order") from None
        except (ValueError, TypeError) as error:
            raise _problem(web.HTTPBadRequest, str(error)) from None
        self._tell({})
        return web.json_response(order_view(panel, order))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        queue: asyncio.Queue[Event | None] = asyncio.Queue(1000)
        seen = dict(self._snapshot())
        self._listening.add(queue)
        try:
            await response.prepare(request)
            await response.write(b": hello\n\n")
            await self._follow(response, queue, seen)
        except ConnectionError:
            pass  # the listener has gone
        finally:
            self._listening.discard(queue)
        return response

    async def _follow(
        self, response: web.StreamResponse, queue: asyncio.Queue[Event | None], seen: dict[tuple[str, str], Event]
    ) -> None:
        """Write requests as they come and orders as they change, until the server closes (None in the queue)."""
        quiet = 0.0
        while not self._closing.is_set():
            events: list[Event] = []
            with contextlib.suppress(TimeoutError):
                told = await asyncio.wait_for(queue.get(), self.tick)
                if told is None:
                    return
                events = [told] if told else []
            for key, order in self._snapshot():
                if seen.get(key) != order:
                    seen[key] = order
                    events.append({"type": "order", "panel": key[0], "order": order})
            for event in events:
                await response.write(f"data: {json.dumps(event)}\n\n".encode())
            quiet = 0.0 if events else quiet + self.tick
            if quiet >= PING:
                await response.write(b": ping\n\n")
                quiet = 0.0

    def _snapshot(self) -> Iterator[tuple[tuple[str, str], Event]]:
        for panel in self.panels.values():
            panel.book.find_posts(panel.clock())
            for order in reversed(_newest(panel)):
                yield (panel.name, str(order.id)), order_view(panel, order)

    def _tell_request(self, panel: PanelSimulator, heard: Heard) -> None:
        self._tell({"type": "request", "panel": panel.name, **_request_view(heard)})

    def _tell(self, event: Event) -> None:
        """Pass an event on, {} to have the orders looked at; a listener that is 1000 events behind misses it."""
        for queue in self._listening:
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait(event)


def order_view(panel: PanelSimulator, order: Order) -> Event:
    """The order as the control API shows it (PanelOrder): the panel's truth, not what its behaviour says of it."""
    stands = standing(order, panel.clock())
    return {
        "id": str(order.id),
        "service": str(order.service.id),
        "service_name": order.service.name,
        "link": order.link,
        "quantity": order.quantity,
        "start_count": order.start_count,
        "delivered": stands.delivered,
        "remains": order.quantity - stands.delivered,
        "dropped": panel.refills.dropped(order, panel.clock()),
        "status": stands.status,
        "charge": text(stands.kept),
        "created": order.created,
        "behaviour": order.behaviour.word,
    }


def _request_view(heard: Heard) -> Event:
    return {"at": heard.at, "action": heard.action, "summary": heard.summary, "answer": heard.answer}


def _panel_view(panel: PanelSimulator) -> Event:
    panel.book.find_posts(panel.clock())
    return {
        "name": panel.name,
        "title": panel.title,
        "balance": text(panel.balance()),
        "currency": CURRENCY,
        "modes": sorted(panel.modes),
        "orders": [order_view(panel, order) for order in _newest(panel)],
        "requests": [_request_view(heard) for heard in islice(reversed(panel.heard), SHOWN)],
    }


def _newest(panel: PanelSimulator) -> list[Order]:
    return list(islice(reversed(panel.book.orders.values()), SHOWN))


def _set_balance(panel: PanelSimulator, value: Any, asked: dict[str, Any]) -> None:
    amount = Decimal(str(value))
    if not amount.is_finite():
        raise ValueError("not an amount")
    panel.book.set_balance(amount, panel.clock())


def _set_behaviour(panel: PanelSimulator, value: Any, asked: dict[str, Any]) -> None:
    behaviour = None if value is None else by_word(str(value))
    if value is not None and behaviour is None:
        raise ValueError("not in the table")
    panel.always = behaviour


def _set_chance(panel: PanelSimulator, value: Any, asked: dict[str, Any]) -> None:
    words = tuple(str(word) for word in asked.get("words", ()))
    if any(by_word(word) is None for word in words):
        raise ValueError("not in the table")
    if not 0 <= float(value) <= 1:
        raise ValueError("not a share")
    panel.chance, panel.chance_words = float(value), words


def _set_pace(panel: PanelSimulator, value: Any, asked: dict[str, Any]) -> None:
    if not 0 < float(value) < 1e6:
        raise ValueError("not a pace")
    panel.pace = float(value)


_SETTINGS: dict[str, Callable[[PanelSimulator, Any, dict[str, Any]], None]] = {
    "set_balance": _set_balance,
    "behave": _set_behaviour,
    "chance": _set_chance,
    "pace": _set_pace,
}


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        asked = json.loads(await request.read())
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise _problem(web.HTTPBadRequest, "a JSON object is needed")
    return asked


def _problem(kind: type[web.HTTPClientError], error: str) -> web.HTTPClientError:
    return kind(text=json.dumps({"error": error}), content_type="application/json")
