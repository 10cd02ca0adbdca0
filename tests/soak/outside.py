"""The outside on a port of its own: two simulated panels that remember, and customers with their chat."""

import json
import logging
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from aiohttp import web

from bot.sandbox.panel import NORTH, SOUTH, Panels, PanelSimulator, Service
from bot.sandbox.panel.manners import Reply
from bot.sandbox.panel.simulator import Answer
from bot.sandbox.telegram import Person, TelegramSimulator
from bot.sandbox.telegram.call import Call, Handler, Refused
from bot.sandbox.telegram.rules import NOT_MODIFIED
from bot.sandbox.telegram.trouble import Fault, Faults
from bot.sandbox.world import PAGE
from handlers.callbacks import BuyRest
from tests.soak.chance import dice
from tests.soak.people import ADMIN, CUSTOMERS, Message, People

logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # a request that its sender died over is no news
HOST = "127.0.0.1"
KEY = "soak-panel-key"
TOKEN = "700100:the-bot-token-of-a-soak-and-of-nothing-else"
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


class Unsteady(Faults):
    """Now and then a message does not arrive, or it does and the answer says otherwise."""

    def __init__(self, fate: random.Random) -> None:
        super().__init__()
        self.chance = 0.0
        self._fate = fate

    def take(self, call: Call) -> Fault | None:
        """See Faults."""
        lost, unheard = self._fate.random() < self.chance, self._fate.random() < self.chance
        return Fault(call.method, 504 if unheard else 503, 1, after=unheard) if lost or unheard else None


class Telegram(TelegramSimulator):
    """Telegram with everybody's chat open; the bot says beside a message which notice that is."""

    def __init__(self, people: People, seconds: Callable[[], float], fate: random.Random) -> None:
        everybody = [Person(one, f"Person {one}", f"person{one}", started=True) for one in (*CUSTOMERS, ADMIN)]
        super().__init__(TOKEN, PAGE, people=everybody, clock=seconds)
        self.faults = self.unsteady = Unsteady(fate)
        self._people = people
        for name in ("sendmessage", "editmessagetext"):
            title, handler = self._methods[name]
            self._methods[name] = title, partial(self._shown, handler)

    def attach(self, app: web.Application) -> None:
        """The Bot API alone: nobody looks at the page."""
        app.router.add_route("*", "/bot{token}/{method}", self._bot_api)

    def _shown(self, handler: Handler, call: Call) -> object:
        """Pass on what stands in a chat afterwards: that it stood there already is no less."""
        try:
            shown = handler(call)
        except Refused as refusal:
            if NOT_MODIFIED not in refusal.description:
                raise
            self._tell(call)
            raise
        self._tell(call)
        return shown

    def _tell(self, call: Call) -> None:
        rows = (call.decoded("reply_markup", "reply markup") or {}).get("inline_keyboard", [])
        taps = [button.get("callback_data", "") for row in rows for button in row]
        offered = {BuyRest.unpack(tap).token for tap in taps if tap.startswith(f"{BuyRest.__prefix__}:")}
        for key, version, token in json.loads(call.text("notices")):
            offer = token if token in offered else ""
            self._people.receive(Message(key, call.chat_id() or 0, version, offer, fresh=call.method == "sendMessage"))


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
        self.telegram = Telegram(self.people, seconds, dice(seed, "chat"))
        self.url = ""

    async def _steps(self, request: web.Request) -> web.Response:
        return web.json_response(self.people.steps())

    async def _answer(self, request: web.Request) -> web.Response:
        self.people.hear(await request.json())
        return web.json_response(None)

    async def _settled(self, request: web.Request) -> web.Response:
        self.people.settled += 1
        self.people.points = (await request.json())["points"]
        return web.json_response(None)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Outside"]:
        """Answer on the loopback for as long as the block lasts."""
        app = web.Application()
        Panels(list(self.panels.values())).attach(app)
        self.telegram.attach(app)
        app.router.add_get("/people", self._steps)
        app.router.add_post("/people", self._answer)
        app.router.add_post("/settled", self._settled)
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, HOST, 0).start()
        self.url = f"http://{HOST}:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()
