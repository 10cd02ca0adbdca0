"""The short stories that are killed at every point: ways through buying, placing, delivery, money and messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

from services.extras import Drip, Extras, Subscription
from services.policy import Policy
from tests.soak.outside import CUT_SHORT, Outside
from tests.soak.people import CUSTOMERS
from tests.soak.worker import SHORT

ROOT = "https://www.instagram.com/p"
QUANTITY = 1000
"""For $1.00 on the service that most stories begin with."""
LIKES, COMMENTS, PACKAGE, POSTS = ("north", "101"), ("north", "109"), ("north", "112"), ("north", "113")


@dataclass(frozen=True)
class Story:
    """One customer orders under the panel's `word`; `ends` are the orders' (status, refund) when nobody dies.

    `deaf`: north drops every call until an admin looks into it. `doubt` ("again", "refund") is what an admin does about
    an order in doubt that the panel has not: of one that it has, the id is entered. `counted` is what an admin enters
    for an unreadable `remains`. `keyed`: north knows an order again by our key; `confirmations` are what it must give.
    `finish` lets the shop order the rest by itself.
    After each `upkeep` turns the jobs that nobody waits for come round: catalogue, balance, reckoning, audit, purge.
    """

    word: str
    ends: tuple[tuple[str, str], ...]
    rest: int = 0
    finish: bool = False
    undo: float = 0
    service: tuple[str, str] = LIKES
    quantity: int = QUANTITY
    extras: Extras = field(default_factory=Extras)
    link: str = ""
    deaf: bool = False
    doubt: str = ""
    counted: int | None = None
    keyed: bool = False
    confirmations: int = 1
    upkeep: int = 0

    @property
    def deadline(self) -> float:
        """Seconds that a panel has to answer: few where it never will, many where a machine out of breath may not."""
        return 0.25 if self.word == "timeout-then-accept" else 5.0

    @property
    def policy(self) -> Policy:
        """What the shop waits for."""
        return replace(SHORT, idempotent=("north",), ask_again_after=timedelta(seconds=1)) if self.keyed else SHORT

    def begin(self, outside: Outside, services: Mapping[tuple[str, str], int]) -> None:
        """The customer comes in."""
        if self.deaf:
            outside.panels["north"].modes.add("drop")
        outside.people.decide = partial(self._decided, outside)
        outside.people.want(
            user=CUSTOMERS[0],
            service=services[self.service],
            link=self.link or f"{ROOT}/1/{self.word}",
            quantity=self.quantity,
            extras=self.extras.to_document(),
            rest=self.rest,
            finish=self.finish,
            undo=self.undo,
            regrets=bool(self.undo),
        )

    def _decided(self, outside: Outside, code: str) -> dict[str, Any] | None:
        """What the admin does about an alert, having looked at the panel, which answers again by then."""
        panel = outside.panels["north"]
        panel.modes.clear()
        if code == "remains-unreadable" and self.counted is not None:
            return {"do": "counted", "delivered": self.counted}
        if code != "order-unknown" or not self.doubt:
            return None
        if panel.accepted:
            return {"do": "arrived", "provider_order": str(panel.accepted[0].order)}
        return {"do": "missing", "again": self.doubt == "again"}


_COMMENTS = Extras({"comments": "\n".join(f"Lovely, for the {number}th time" for number in range(4, 14))})

STORIES: Mapping[str, Story] = {
    "partial, the rest elsewhere": Story("partial-60", (("partial", "0.40"), ("completed", "0.00")), rest=1),
    "partial, finished by the shop": Story("partial-60", (("partial", "0.40"), ("completed", "0.00")), finish=True),
    "canceled half-way": Story("cancel", (("canceled", "0.60"),)),
    "accepted, answer too late": Story("timeout-then-accept", (("rejected", "1.00"),)),
    "among the shop's other jobs": Story("partial-60", (("partial", "0.40"),), upkeep=6),
    "refused": Story("reject", (("rejected", "1.00"),)),
    "completed, then partial": Story("completed-then-partial", (("partial", "0.40"),)),
    "taken back": Story("complete", (("canceled", "1.00"),), undo=5),
    "in doubt, it is there": Story("timeout-then-accept", (("completed", "0.00"),), doubt="again"),
    "in doubt, sent again": Story("complete", (("completed", "0.00"),), deaf=True, doubt="again"),
    "in doubt, given back": Story("complete", (("rejected", "1.00"),), deaf=True, doubt="refund"),
    "asked again with its key": Story("timeout-then-accept", (("completed", "0.00"),), keyed=True),
    "flapping, confirmed": Story("flapping", (("partial", "0.40"),), confirmations=2),
    "unreadable, counted by hand": Story("unknown-remains", (("partial", "0.40"),), counted=600),
    "a package, half of it": Story(
        "partial-60", (("partial", "3.00"), ("completed", "0.00")), rest=1, service=PACKAGE, quantity=1
    ),
    "drip-feed, its runs go on": Story(
        "partial-60", (("partial", "0.40"), ("completed", "0.00")), rest=1, extras=Extras(drip=Drip(5, 10))
    ),
    "comments, the last ones": Story(
        "partial-60",
        (("partial", "0.044"), ("completed", "0.00")),
        rest=1,
        service=COMMENTS,
        quantity=10,
        extras=_COMMENTS,
    ),
    "a subscription, cut short": Story(
        "complete",
        (("canceled", "0.20"),),
        service=POSTS,
        quantity=5,
        extras=Extras(subscription=Subscription(100, 100)),
        link=f"https://www.instagram.com/{CUT_SHORT}",
    ),
}
