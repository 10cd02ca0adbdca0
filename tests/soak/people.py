"""Customers as the outside has them: what they want, the buttons in their chat, every message that reached them."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]
CUSTOMERS = range(1001, 1021)
ADMIN = 9001


@dataclass
class Wish:
    """One thing a customer wants. A button's `token`, once seen, stays in the chat: it is tapped until it answers.

    `undo` are the seconds of its Undo window, `regrets` whether the customer uses it; `rest` whether the rest is
    bought when a notice offers it, `finish` whether the shop finishes it by itself. `decision` is the step of an
    admin, who wants nothing else.
    """

    number: int
    user: int
    service: int = 0
    link: str = ""
    quantity: int = 0
    extras: Document = field(default_factory=dict)
    decision: Document | None = None
    undo: float = 0
    regrets: bool = False
    rest: int = 0
    finish: bool = False
    token: str | None = None
    order: int | None = None
    undone: bool = False
    refused: str | None = None

    def next_step(self) -> Document | None:
        """What the customer does about it now, as a worker is asked for it; None where nothing is left to do."""
        if self.refused is not None:
            return None
        step = {"wish": self.number, "user": self.user}
        if self.decision is not None:
            return step | self.decision if self.order is None else None
        if self.token is None:
            wanted = {"service": self.service, "link": self.link, "quantity": self.quantity, "extras": self.extras}
            return step | {"do": "quote", "finish": self.finish} | wanted
        if self.order is None:
            return step | {"do": "confirm", "token": self.token, "undo": self.undo}
        if self.regrets and not self.undone:
            return step | {"do": "undo", "order": self.order}
        return None


@dataclass(frozen=True)
class Message:
    """What reached a chat: the notice's key and version, the token of the button that buys the rest ("": none).

    `fresh`: a new message, not one that was there and reads otherwise now.
    """

    key: str
    chat: int
    version: int
    offer: str = ""
    fresh: bool = True


@dataclass
class People:
    """All customers together; at most `at_once` steps are handed out, chosen by `dice`, the same one twice at times."""

    dice: random.Random
    at_once: int = 4
    wishes: list[Wish] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    settled: int = 0
    points: int = 0
    decide: Callable[[str], Document | None] = lambda code: None
    """What an admin does about an alert of this code."""
    counted: dict[int, int] = field(default_factory=dict)
    """What admins read off, by order."""
    _open: dict[int, Wish] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    @property
    def open(self) -> int:
        """Wishes that a tap is still missing for."""
        return len(self._open)

    def want(self, **wish: Any) -> Wish:
        """Somebody has a new wish."""
        made = Wish(len(self.wishes), **wish)
        self.wishes.append(made)
        self._open[made.number] = made
        return made

    def steps(self) -> list[Document]:
        """What some of them do next."""
        ready = list(self._open.values())
        if len(ready) > self.at_once:
            ready = self.dice.sample(ready, self.at_once)
        return [step for wish in ready if (step := wish.next_step()) is not None]

    def hear(self, answer: Document) -> None:
        """The shop's answer to a step. The first one counts: whoever taps twice looks at the first screen."""
        wish = self.wishes[answer["wish"]]
        if "refused" in answer and wish.order is None:
            wish.refused = answer["refused"]
        elif "refused" in answer:
            wish.undone = True  # too late to be undone: nothing is left to try
        wish.token = wish.token or answer.get("token")
        wish.order = wish.order or answer.get("order")
        wish.undone = wish.undone or answer.get("undone", False)
        if wish.next_step() is None:
            self._open.pop(wish.number, None)

    def receive(self, message: Message) -> None:
        """A message arrives. Who wants the rest takes the offer in it; admins decide."""
        self.messages.append(message)
        match message.key.split(":"):
            case ["alert", code, order, attempt, _] if order.isdigit():
                self._alarmed(message.chat, code, {"order": int(order), "attempt": int(attempt)})
            case ["alert", code, order, _] if order.isdigit():
                self._alarmed(message.chat, code, {"order": int(order)})
            case ["order", order, *_] if message.offer and message.offer not in self._taken:
                rest = max((wish.rest for wish in self.wishes if wish.order == int(order)), default=0)
                if rest:
                    self._taken.add(message.offer)
                    self.want(user=message.chat, token=message.offer, rest=rest - 1)

    def _alarmed(self, admin: int, code: str, about: Document) -> None:
        decision = self.decide(code)
        if decision is None:
            return
        if decision["do"] == "counted":
            self.counted[about["order"]] = decision["delivered"]
        self.want(user=admin, decision=decision | about)
