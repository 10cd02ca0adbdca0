"""How the rest of a stopped order can be had: on one server, split over two, or as the smallest order that covers it.

Pure decisions over the services that `services.ranking` puts in order. Where one server takes the rest as it is, there
is no other way. Where all of them take fewer, two share it, the better one getting as much as it takes. Where it is
smaller than what a server takes at the least, that least is ordered: `covers` is then how much of it was missing.
Lists, packages and subscriptions are neither shared nor made larger.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services import order_types
from services.money import ZERO, Money
from services.ranking import Candidate, Wanted, ordered, rank

BEST = 30
"""Two that share a rest are looked for among so many."""


@dataclass(frozen=True, slots=True)
class Portion:
    """An order to be made: `quantity` on one server, of which `covers` were missing."""

    candidate: Candidate
    quantity: int
    covers: int
    price: Money


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to have the rest: one order, or two."""

    portions: tuple[Portion, ...]

    @property
    def price(self) -> Money:
        """What it costs in all."""
        return sum((portion.price for portion in self.portions), ZERO)


def plans(wanted: Wanted, candidates: Sequence[Candidate]) -> list[Plan]:
    """Every way to have the rest, best first; none where nothing can deliver it."""
    fitting = [_whole(wanted, candidate) for candidate in rank(wanted, candidates)]
    kind = order_types.of(wanted.type)
    if fitting or kind is None or not kind.asks_quantity or kind.unit != "thousand":
        return fitting
    others = ordered(wanted, candidates)
    larger = sorted((other for other in others if other.min > wanted.remaining), key=lambda other: other.min)
    return [*_split(wanted, others), *(_covering(wanted, other) for other in larger)]


def best(found: Sequence[Plan], balance: Money) -> Plan | None:
    """The first that the wallet pays; where it pays none, the one that it lacks least for."""
    return next((plan for plan in found if plan.price <= balance), None) or min(
        found, key=lambda plan: plan.price, default=None
    )


def _whole(wanted: Wanted, candidate: Candidate) -> Plan:
    return Plan((_portion(wanted, candidate, wanted.remaining, wanted.remaining),))


def _covering(wanted: Wanted, candidate: Candidate) -> Plan:
    return Plan((_portion(wanted, candidate, candidate.min, wanted.remaining),))


def _split(wanted: Wanted, others: Sequence[Candidate]) -> list[Plan]:
    """The best two that can share it, in a list; an empty one where no two can."""
    others = others[:BEST]
    largest = sorted((other.max for other in others), reverse=True)[:2]
    if sum(largest) < wanted.remaining:
        return []
    for place, first in enumerate(others):
        for second in others[place + 1 :]:
            quantity = min(first.max, wanted.remaining - second.min)
            left = wanted.remaining - quantity
            if first.min <= quantity and second.min <= left <= second.max:
                return [Plan((_portion(wanted, first, quantity, quantity), _portion(wanted, second, left, left)))]
    return []


def _portion(wanted: Wanted, candidate: Candidate, quantity: int, covers: int) -> Portion:
    return Portion(candidate, quantity, covers, wanted.price(candidate, quantity))
