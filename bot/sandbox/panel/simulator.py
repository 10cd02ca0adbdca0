"""One simulated panel: its key, catalogue and balance, what it answers, and its memory of what it accepted."""

import json
import random
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.sandbox.panel.behaviours import BEHAVIOURS, COMPLETE, by_link, insists
from bot.sandbox.panel.catalogue import Service
from bot.sandbox.panel.delivery import SUBSCRIPTIONS, Order, Standing, standing, text
from bot.sandbox.panel.intake import Ask, RefusedError, read_add
from bot.sandbox.panel.manners import HTML_PAGE, Behaviour, Reply, Row, Unsaid
from bot.sandbox.panel.orderbook import OrderBook
from bot.sandbox.panel.refills import WRONG_ORDER, RefillBook

CURRENCY = "USD"
BATCH = 100
MODES = ("down", "drop", "slow", "garbage", "refuse_key", "ignore_orders", "rate_limit", "unique_links")
"""What can be wrong with a whole panel, until it is `up` again."""


@dataclass(slots=True)
class Accepted:
    """One order the panel truly took: when it was asked for, with what, and how the answer to that went out."""

    order: int
    at: float
    fields: dict[str, str]
    behaviour: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """One request the panel got: its action, its parameters in short (never the key), its answer in short."""

    at: float
    action: str
    summary: str
    answer: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes out: the way, the text, and the acceptance it tells of, if any."""

    reply: Reply
    body: str
    accepted: Accepted | None = None


class PanelSimulator:
    """A panel that sells `catalogue` over the standard API; every order it takes follows a behaviour.

    `pace` speeds delivery up (at 1 an order takes about 20 s), `clock` gives seconds, `seed` fixes what is left to
    chance: `chance` is the share of orders without a word in their link that misbehave, by one of `chance_words`
    (none named: any word of the table). `always` is the behaviour of all of them, `modes` what is wrong with the
    whole panel. `lag` and `stall` are the seconds of a late answer and of one meant to outlast every deadline,
    `bulk` the bytes of a huge one. `accepted` is the truth, oldest first; `heard` the last thousand requests.
    """

    def __init__(
        self,
        name: str,
        title: str,
        key: str,
        *,
        catalogue: Sequence[Service],
        pace: float = 1.0,
        seed: int = 0,
        clock: Callable[[], float] = time.time,
        balance: str = "1000.00",
        lag: float = 3.0,
        stall: float = 60.0,
        bulk: int = 32 * 1024 * 1024,
    ) -> None:
        self.name, self.title, self.key = name, title, key
        self.catalogue = {service.id: service for service in catalogue}
        self.pace, self.seed, self.clock = pace, seed, clock
        self.lag, self.stall, self.bulk = lag, stall, bulk
        self.always: Behaviour | None = None
        self.chance = 0.0
        self.chance_words: tuple[str, ...] = ()
        self.modes: set[str] = set()
        self.book = OrderBook(Decimal(balance))
        self.accepted: list[Accepted] = []
        self.heard: deque[Heard] = deque(maxlen=1000)
        self.listeners: list[Callable[[PanelSimulator, Heard], None]] = []
        self.refills = RefillBook()
        self._adds = 0

    @property
    def path(self) -> str:
        """Where on its server the panel's API answers."""
        return f"/panels/{self.name}/api/v2"

    def balance(self) -> Decimal:
        """The balance now."""
        return self.book.balance(self.clock())

    def direct(self, order_id: int, do: str, percent: int = 60) -> Order:
        """Steer one order by hand, see `OrderBook.direct`; KeyError for an order the panel does not have."""
        order = self.book.orders[order_id]
        self.book.direct(order, do, percent, self.clock())
        return order

    def note(self, heard: Heard) -> None:
        """Remember a request and tell the listeners of it."""
        self.heard.append(heard)
        for listener in self.listeners:
            listener(self, heard)

    def answer(self, fields: Mapping[str, str]) -> Answer:
        """What the panel answers to a request with these parameters; its effect is done when this returns."""
        if fields.get("key") != self.key or "refuse_key" in self.modes:
            return _plain({"error": "Invalid API key"})
        now = self.clock()
        self.book.find_posts(now)
        actions = {
            "services": self._services,
            "add": self._add,
            "status": self._status,
            "balance": self._balance,
            "refill": self._refill,
            "refill_status": self._refill_status,
            "cancel": self._cancel,
        }
        act = actions.get(fields.get("action", ""))
        if act is None:
            return _plain({"error": "Incorrect request"})
        try:
            return act(fields, now)
        except RefusedError as error:
            return _plain({"error": str(error)})

    def _services(self, fields: Mapping[str, str], now: float) -> Answer:
        return _plain([service.row() for service in self.catalogue.values()])

    def _balance(self, fields: Mapping[str, str], now: float) -> Answer:
        return _plain({"balance": text(self.book.balance(now)), "currency": CURRENCY})

    def _add(self, fields: Mapping[str, str], now: float) -> Answer:
        service = self.catalogue.get(_id(fields.get("service", "")))
        if service is None:
            raise RefusedError("Incorrect service ID")
        ask = read_add(service, fields, now)
        behaviour = self._behaviour(service, ask, now)
        if not behaviour.reply.accepts:
            self.book.refuse(service, ask)
            return Answer(behaviour.reply, behaviour.reply.body(0, 0))
        if "unique_links" in self.modes and self.book.has_active(service, ask.link, now):
            raise RefusedError("You have active order with this link.")
        if not self.book.affords(ask.charge, now):
            raise RefusedError("neworder.error.not_enough_funds")
        course = COMPLETE if service.type == SUBSCRIPTIONS else behaviour
        kept = {name: value for name, value in fields.items() if name != "key"}
        order = self.book.open(service, ask, course, kept, now, self.pace)
        before = self.accepted[-1].order if self.accepted else order.id
        accepted = Accepted(order.id, now, kept, behaviour.word)
        self.accepted.append(accepted)
        return Answer(behaviour.reply, behaviour.reply.body(order.id, before), accepted)

    def _behaviour(self, service: Service, ask: Ask, now: float) -> Behaviour:
        """The link's own word, else the panel's, else what the seed's dice say for this add.

        The rest of an order is delivered by whoever gets it, unless the link says always.
        """
        self._adds += 1
        found = by_link(ask.link)
        if found and not insists(ask.link) and self.book.is_rest(service, ask, now):
            found = COMPLETE
        if chosen := found or self.always:
            return chosen
        dice = random.Random(f"{self.seed}/{self.name}/{self._adds}")  # noqa: S311 - to be repeatable, not secret
        if dice.random() >= self.chance:
            return COMPLETE
        return dice.choice([one for one in BEHAVIOURS if not self.chance_words or one.word in self.chance_words])

    def _status(self, fields: Mapping[str, str], now: float) -> Answer:
        if "orders" not in fields or "ignore_orders" in self.modes:
            said = self._say(fields.get("order", ""), now)
            if said is Unsaid.PAGE or said is Unsaid.SPOIL:
                return GARBAGE
            return _plain([] if said is Unsaid.MISSING else said)
        rows = {one: self._say(one, now) for one in _ids(fields, "orders")}
        if Unsaid.SPOIL in rows.values():
            return GARBAGE
        heard = {one: HTML_PAGE if said is Unsaid.PAGE else said for one, said in rows.items()}
        return _plain({one: said for one, said in heard.items() if said is not Unsaid.MISSING})

    def _say(self, one: str, now: float) -> object:
        """This order's row as its behaviour words it; being asked after the end moves its acts on."""
        order = self.book.orders.get(_id(one))
        if order is None:
            return {"error": WRONG_ORDER}
        order.asked += 1
        if standing(order, now).over:
            order.shown += 1
        return order.behaviour.say(_row(order, standing(order, now)), order.asked)

    def _refill(self, fields: Mapping[str, str], now: float) -> Answer:
        if "orders" in fields:
            return _each(self._ask_refill, "order", "refill", _ids(fields, "orders"), now)
        one = fields.get("order", "")
        answer = _plain({"refill": str(self._ask_refill(one, now))})
        lost = self.book.orders[_id(one)].behaviour.refills == "lost"
        return replace(answer, reply=Reply(via="never")) if lost else answer

    def _ask_refill(self, one: str, now: float) -> int:
        return self.refills.ask(self.book.orders, _id(one), now, self.pace)

    def _refill_status(self, fields: Mapping[str, str], now: float) -> Answer:
        if "refills" not in fields:
            return _plain({"status": self._tell_refill(fields.get("refill", ""), now)})
        return _each(self._tell_refill, "refill", "status", _ids(fields, "refills"), now)

    def _tell_refill(self, one: str, now: float) -> str:
        return self.refills.status(_id(one), now)

    def _cancel(self, fields: Mapping[str, str], now: float) -> Answer:
        return _each(self._ask_cancel, "order", "cancel", _ids(fields, "orders"), now)

    def _ask_cancel(self, one: str, now: float) -> int:
        order = self.book.orders.get(_id(one))
        if order is None:
            raise RefusedError(WRONG_ORDER)
        over = standing(order, now).status in ("Completed", "Partial", "Canceled", "Expired")
        if over or not order.service.cancel or order.cancel_asked is not None:
            raise RefusedError("Cancel is not available for this order")
        order.cancel_asked = now
        return 1


GARBAGE = Answer(Reply(content_type="text/html"), HTML_PAGE)


def _row(order: Order, stands: Standing) -> Row:
    """The canonical row of a status answer: all numbers as text, no key beyond the standard's."""
    if order.service.type == SUBSCRIPTIONS:
        return {"status": stands.status, "orders": list(order.children)}
    left = order.quantity - stands.delivered
    act = stands.act
    return {
        "charge": text(stands.kept),
        "start_count": str(order.start_count) if stands.moving else "0",
        "status": stands.status,
        "remains": act.remains(order.quantity, left) if act and act.remains else str(left),
        "currency": CURRENCY,
    }


def _plain(said: object) -> Answer:
    return Answer(Reply(), json.dumps(said, separators=(",", ":")))


def _ids(fields: Mapping[str, str], name: str) -> list[str]:
    """The ids of a comma-separated parameter, blanks and junk included; more than a batch is refused."""
    ids = [one.strip() for one in fields.get(name, "").split(",")]
    if len(ids) > BATCH:
        raise RefusedError("Incorrect request")
    return ids


def _id(one: str) -> int:
    """The id as a number, -1 where it is none."""
    return int(one) if one.isascii() and one.isdigit() and len(one) < 16 else -1


def _each(act: Callable[[str, float], object], name: str, key: str, ids: Sequence[str], now: float) -> Answer:
    """One row for each id: `name` the id, `key` what `act` gives for it, or its refusal as a row error."""
    rows: list[Row] = []
    for one in ids:
        result: object
        try:
            result = act(one, now)
        except RefusedError as error:
            result = {"error": str(error)}
        rows.append({name: _id(one) if _id(one) >= 0 else one, key: result})
    return _plain(rows)
