"""A panel without sockets: the real client talks to it, it misbehaves on demand and remembers what is true.

Sockets, timers and deadlines have tests of their own (`test_provider`, `tests.soak`). Here they would make a story take
ten times as long and, worse, end differently each time it is told again, so that nothing could be shrunk.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import httpx

from services.provider import PanelClient

IDENTITY = "client_order"
"""The parameter under which this panel is told which order of ours it is sent."""
HTML = "<html><body>Bad gateway</body></html>"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a panel meets one `add`: whether it takes the order, what it says, and what the shop should make of it.

    `say` gets the id that the order was given, or would have been given.
    """

    name: str
    takes: bool
    end: str  # accepted, refused, unsent, ambiguous
    say: Callable[[int], httpx.Response]

    def __repr__(self) -> str:
        return self.name


def _says(document: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, text=document if isinstance(document, str) else json.dumps(document))


def _raises(error: type[httpx.TransportError]) -> Callable[[int], httpx.Response]:
    def say(_number: int) -> httpx.Response:
        raise error("the wire")

    return say


_UNCLEAR: dict[str, Callable[[int], httpx.Response]] = {
    "silent": _raises(httpx.ReadTimeout),
    "dropped": _raises(httpx.RemoteProtocolError),
    "reset": _raises(httpx.ReadError),
    "500": lambda number: _says("oops", 500),
    "502 page": lambda number: _says(HTML, 502),
    "200 page": lambda number: _says(HTML),
    "500 with an id": lambda number: _says({"order": number}, 500),
    "redirect": lambda number: httpx.Response(302, headers={"location": "http://127.0.0.1:1/"}),
    "nothing": lambda number: _says(""),
    "cut": lambda number: _says(f'{{"order": {number}'),
    "null": lambda number: _says({"order": None}),
    "zero": lambda number: _says({"order": 0}),
    "negative": lambda number: _says({"order": -1}),
    "list": lambda number: _says([number]),
    "listed": lambda number: _says({"order": [number]}),
    "both keys": lambda number: _says({"order": number, "error": "neworder.error.not_enough_funds"}),
    "empty error": lambda number: _says({"error": ""}),
    "huge": lambda number: _says("9" * 2_000_000),
}
WELL = Manner("well", True, "accepted", lambda number: _says({"order": number}))
MANNERS = [
    WELL,
    Manner("as text", True, "accepted", lambda number: _says({"order": str(number)})),
    Manner("as float", True, "accepted", lambda number: _says(f'{{"order": {number}.0}}')),
    Manner("with more", True, "accepted", lambda number: _says({"order": number, "charge": "1", "error": None})),
    Manner("refused", False, "refused", lambda number: _says({"error": "Incorrect service ID"})),
    Manner("refused with 400", False, "refused", lambda number: _says({"error": "neworder.error.link"}, 400)),
    Manner("bad key", False, "refused", lambda number: _says({"error": "Invalid API key"}, 401)),
    Manner("unreachable", False, "unsent", _raises(httpx.ConnectError)),
    Manner("no handshake", False, "unsent", _raises(httpx.ConnectTimeout)),
    *(
        Manner(f"{name}, {'taken' if takes else 'not taken'}", takes, "ambiguous", say)
        for name, say in _UNCLEAR.items()
        for takes in (True, False)
    ),
    Manner("somebody else's id", True, "ambiguous", lambda number: _says({"order": 1})),
]

TROUBLES: dict[str, Callable[[int], httpx.Response]] = {
    **_UNCLEAR,
    "an error": lambda number: _says({"error": "Internal error"}),
    "an error list": lambda number: _says([{"error": "Incorrect order ID"}]),
    "empty map": lambda number: _says({}),
    "null document": lambda number: _says("null"),
}
"""Ways to answer `status` that say nothing about any order."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a status row means: `state` as the shop should read it, `remains` None where it cannot be read."""

    state: str
    remains: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """A status row as it is written, and what it means; None where it says nothing about its order."""

    written: Any
    means: Said | None


@dataclass
class Panel:
    """`taken` is the truth: the id of every order it accepted, by the shop's token, once for each time it did."""

    name: str
    tick: Callable[[], None]
    confirmations: int = 1
    idempotent: bool = False
    manners: dict[str, list[Manner]] = field(default_factory=dict)
    taken: list[tuple[str, str]] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)
    trouble: str | None = None
    overlooks_orders: bool = False
    posts: list[tuple[str, Manner, str]] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    told: dict[str, Said] = field(default_factory=dict)

    def client(self) -> PanelClient:
        """The shop's own client, speaking to this panel."""
        client = PanelClient(
            self.name,
            "http://panel.invalid/api/v2",
            "scripted",
            confirmations=self.confirmations,
            idempotency_parameter=IDENTITY,
        )
        client._http._http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        return client

    def forget(self) -> None:
        """Begin a new page of what was asked and told."""
        self.posts, self.asked, self.told = [], set(), {}

    def take(self, token: str) -> str:
        """Accept an order; its id. A panel that minds the key it is sent takes an order once."""
        known = {key: number for key, number in self.taken if self.idempotent}
        if token in known:
            return known[token]
        number = str(len(self.taken) + 1)
        self.taken.append((token, number))
        self.rows[number] = Row({"status": "Pending", "remains": "1", "charge": "1"}, Said("running", None))
        return number

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs((await request.aread()).decode()).items()}
        self.tick()
        reply = self._add(form[IDENTITY]) if form["action"] == "add" else self._status(form)
        self.tick()
        return reply

    def _add(self, token: str) -> httpx.Response:
        waiting = self.manners.get(token)
        manner = waiting.pop(0) if waiting else WELL
        if manner.name == "somebody else's id" and not self.taken:
            manner = WELL
        number = self.take(token) if manner.takes else str(len(self.taken) + 1)
        self.posts.append((token, manner, number))
        return manner.say(int(number))

    def _status(self, form: dict[str, str]) -> httpx.Response:
        ids = form["orders"].split(",") if "orders" in form else [form["order"]]
        self.asked.update(ids)
        if self.trouble is not None:
            return TROUBLES[self.trouble](7)
        if "orders" in form and self.overlooks_orders:
            return _says({"status": "Canceled", "remains": "0", "charge": "0"})
        self.told.update((each, means) for each in ids if (means := self.rows[each].means) is not None)
        rows = {each: written for each in ids if (written := self.rows[each].written) is not MISSING}
        return _says(rows if "orders" in form else rows.get(ids[0], {}))


MISSING = object()
"""In place of a written row: the panel leaves the order out."""
