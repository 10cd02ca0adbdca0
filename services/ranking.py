"""Which service gets the rest of a stopped order, best first, and the reasons to be shown for it: pure decisions.

What cannot deliver the rest is left out: a service that its goal was tried on, one that is ordered in another way, one
whose limits do not admit it. The others are put in order by the first of these that sets two of them apart:

    1  drip-feed      who can go on spreading it out
    2  health         who is not in trouble: fewer than a fifth of its orders stopped or stand still, then half
    3  provider       another one, for what stopped one server often stops its twin
    4  price          nearest to what was paid, in steps of a tenth: that is the nearest to the same quality
    5  refill         who guarantees it, where the stopped service did
    6  completed      who is known to deliver, in steps of a twentieth
    7  time           who usually takes fewer hours
    8                 the nearest price to the micro-unit, the cheaper, the shop's own order

Of a server too little is known (see services.health) it is thought neither ill nor well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services import order_types, pricing
from services.extras import PLAIN, Extras
from services.health import UNKNOWN, Health
from services.money import Money

_HOUR = timedelta(hours=1)
_LONG = timedelta(days=365)
_STEP = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """An undelivered rest. `returned` is what came back for it, `balance` the wallet that would pay.

    `tried` are the services that its goal has been ordered on already, this one among them.
    """

    order_id: int
    user_id: int
    provider: str
    category_id: int
    link: str
    remaining: int
    rate: Money
    returned: Money
    balance: Money
    tried: frozenset[int]
    stands_for: int
    """The order whose rest a new order would finish: this one, or the one it had itself stood in for in vain."""
    part: int = 1
    """Which of the orders that share that rest the new one would be; a further one takes the next free number."""
    next_part: int = 2
    type: str = "Default"
    unit: str = "thousand"
    quantity: int = 0
    extras: Extras = PLAIN
    """What the stopped order carried; `quantity` is all that it asked for."""
    refill: bool = False
    """Whether the stopped service guarantees a refill."""

    @property
    def span(self) -> tuple[int, int]:
        """What must lie within the limits of whoever delivers the rest, see `OrderType.span`."""
        kind = order_types.of(self.type)
        return kind.span(self.remaining, self.extras) if kind else (self.remaining, self.remaining)

    def over(self, now: datetime) -> bool:
        """Whether the last day of a subscription has passed: nothing is missing then that could still come."""
        terms = self.extras.subscription
        return terms is not None and terms.expiry is not None and terms.expiry <= now.date()

    def carried(self, candidate: "Candidate", quantity: int) -> Extras:
        """What so many of the rest would carry there."""
        return order_types.of_rest(self.type, self.extras, self.quantity, quantity, dripfeed=candidate.dripfeed)

    def price(self, candidate: "Candidate", quantity: int) -> Money:
        """What so many of the rest cost there."""
        kind = order_types.of(self.type)
        return pricing.charge(candidate.rate, quantity, kind.each(self.extras) if kind else 1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A service on sale in the category of a stopped order."""

    id: int
    provider: str
    name: str
    server: str
    rate: Money
    min: int
    max: int
    position: int
    type: str = "Default"
    dripfeed: bool = False
    refill: bool = False
    health: Health = UNKNOWN


def rank(wanted: Wanted, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The services that could deliver the rest, best first; the order of precedence is this file's head."""
    least, most = wanted.span
    return [candidate for candidate in ordered(wanted, candidates) if candidate.min <= least and most <= candidate.max]


def ordered(wanted: Wanted, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The services that are ordered in the same way and were not tried yet, best first, whatever their limits."""
    return sorted(_others(wanted, candidates), key=lambda candidate: _precedence(wanted, candidate))


def _precedence(wanted: Wanted, candidate: Candidate) -> tuple[Any, ...]:
    """Smaller comes first."""
    health, away = candidate.health, abs(candidate.rate.micros - wanted.rate.micros)
    return (
        wanted.extras.drip is not None and wanted.carried(candidate, wanted.remaining).drip is None,
        health.trouble,
        candidate.provider == wanted.provider,
        away * 10 // max(1, wanted.rate.micros),
        wanted.refill and not candidate.refill,
        -(health.completed_percent // _STEP) if health.known else 0,
        (health.usual or _LONG) // _HOUR,
        away,
        candidate.rate.micros,
        candidate.position,
        candidate.id,
    )


def reasons(wanted: Wanted, candidate: Candidate) -> list[list[Any]]:
    """What speaks for a service, and what a customer should know: [code, figures...], in the order of precedence.

    struggling   lately stopped, of so many    half of today's last orders on it stopped
    elsewhere                                  another provider: shown as another server
    refill, no_refill                          it guarantees a refill; it does not, as the stopped one did
    completed    percent                       delivered in full this week
    usual        seconds                       from acceptance to completion
    """
    health = candidate.health
    found: list[list[Any]] = []
    if health.struggling:
        found.append(["struggling", health.lately_stopped, health.lately])
    if candidate.provider != wanted.provider:
        found.append(["elsewhere"])
    if wanted.refill:
        found.append(["refill" if candidate.refill else "no_refill"])
    if health.known and not health.struggling:
        found.append(["completed", health.completed_percent])
    if health.usual is not None:
        found.append(["usual", int(health.usual.total_seconds())])
    return found


def why_none(wanted: Wanted, candidates: Sequence[Candidate]) -> str:
    """The reason that there is no way to have the rest: no_alternative, too_small or too_large."""
    others = _others(wanted, candidates)
    if not others:
        return "no_alternative"
    least, most = wanted.span
    if all(least < candidate.min for candidate in others):
        return "too_small"
    if all(most > candidate.max for candidate in others):
        return "too_large"
    return "no_alternative"


def _others(wanted: Wanted, candidates: Sequence[Candidate]) -> list[Candidate]:
    """What is ordered in the same way and counted in the same unit, and was not tried yet."""
    kind = order_types.of(wanted.type)
    return [
        candidate
        for candidate in candidates
        if candidate.id not in wanted.tried and order_types.of(candidate.type) is kind
    ]
