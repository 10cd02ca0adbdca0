"""The outside on a port of its own: two simulated panels that remember, and customers with their chat."""

import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from bot.sandbox.panel import NORTH, SOUTH, Panels, PanelSimulator, Service
from bot.sandbox.panel.manners import Reply
from bot.sandbox.panel.simulator import Answer
from tests.soak.chance import dice
from tests.soak.people import People

logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # a request that its sender died over is no news
HOST = "127.0.0.1"
KEY = "soak-panel-key"
CATEGORY = "Instagram Likes"
"""What rivals and storms order; stories order of the others as well."""
CATEGORIES = (CATEGORY, "Instagram Comments", "Instagram Packages")
ONCE = "once"
"""The panels' parameter against double orders."""
CUT_SHORT = "cut.short"
"""The profile whose subscriptions are canceled once they have found a post or two."""


class Witness(PanelSimulator):
    """A panel that remembers every row it ever worded, by order id: what a shop may have heard.

    An `add` with the key (ONCE) of an order that it has is answered with that order.
    """

    def __init__(self, name: str, catalogue: Sequence[Service], **more: Any) -> None:
        sold = [service for service in catalogue if service.category in CATEGORIES]
        super().__init__(name, name.title(), KEY, catalogue=sold, balance="1000000000", **more)
        self.said: dict[str, list[object]] = defaultdict(list)
        self._keys: dict[str, int] = {}

    def _add(self, fields: Mapping[str, str], now: float) -> Answer:
        key = fields.get(ONCE, "")
        if key in self._keys:
            return Answer(Reply(), json.dumps({"order": self._keys[key]}))
        answer = super()._add(fields, now)
        if key and answer.accepted is not None:
            self._keys[key] = answer.accepted.order
        return answer

    def _say(self, one: str, now: float) -> object:
        order = self.book.orders.get(int(one))
        if order is not None and order.link == CUT_SHORT and len(order.children) > 1 and order.cancel_asked is None:
            self.direct(order.id, "cancel")
        said = super()._say(one, now)
        self.said[one].append(said)
        return said


class Outside:
    """Everything a worker talks to, and the only memory that outlives it beside the database.

    `pace` and `seconds` are the panels', `seed` all dice's.
    """

    def __init__(
        self, seconds: Callable[[], float], *, pace: float, seed: int = 0, lag: float = 0.1, stall: float = 1.0
    ) -> None:
        self.panels = {
            name: Witness(
                name, catalogue, pace=pace, seed=seed, clock=seconds, lag=lag, stall=stall, bulk=2 * 1024 * 1024
            )
            for name, catalogue in (("north", NORTH), ("south", SOUTH))
        }
        self.people = People(dice(seed, "people"))
        self.chat_fails = 0.0
        self.url = ""
        self._dice = dice(seed, "chat")

    async def _steps(self, request: web.Request) -> web.Response:
        return web.json_response(self.people.steps())

    async def _answer(self, request: web.Request) -> web.Response:
        self.people.hear(await request.json())
        return web.json_response(None)

    async def _settled(self, request: web.Request) -> web.Response:
        self.people.settled += 1
        self.people.points = (await request.json())["points"]
        return web.json_response(None)

    async def _chat(self, request: web.Request) -> web.Response:
        """A message is delivered, and now and then the answer says otherwise."""
        said = await request.json()
        lost, unheard = self._dice.random() < self.chat_fails, self._dice.random() < self.chat_fails
        if lost:
            raise web.HTTPServiceUnavailable
        number = self.people.receive(said)
        if unheard:
            raise web.HTTPGatewayTimeout
        return web.json_response({"message_id": number})

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Outside"]:
        """Answer on the loopback for as long as the block lasts."""
        app = web.Application()
        Panels(list(self.panels.values())).attach(app)
        app.router.add_get("/people", self._steps)
        app.router.add_post("/people", self._answer)
        app.router.add_post("/settled", self._settled)
        app.router.add_post("/chat", self._chat)
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, HOST, 0).start()
        self.url = f"http://{HOST}:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()
