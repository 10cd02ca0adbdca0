"""The auditors: every invariant that can be read off the live database, checked one by one; they write nothing.

`python -m bot audit` and the hourly job run CHECKS; `services.alarm` is what follows from a breach. What each check
costs stands with it: at a million orders all of them take under a minute of one core, and nobody waits for them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from services.audit import books, guards, orders
from services.audit.findings import SHOWN, Breach, Invariant, Look, Row, worded
from services.db import ReadSession
from services.policy import Policy

__all__ = ["CHECKS", "SHOWN", "Breach", "Check", "Invariant", "Look", "Row", "check", "worded"]


@dataclass(frozen=True, slots=True)
class Check:
    """How an invariant is looked after; `find` gives the rows that break it, none where it holds."""

    invariant: Invariant
    find: Callable[[Look], Awaitable[list[Row]]]

    async def run(self, look: Look) -> Breach | None:
        """The breach, or None where the invariant holds."""
        rows = await self.find(look)
        return Breach(self.invariant, rows[:SHOWN], more=len(rows) > SHOWN) if rows else None


CHECKS = tuple(
    Check(Invariant(number, name), find)
    for number, name, find in (
        (1, "the balances of each currency add up to 0", books.add_up),
        (2, "each balance equals its transfers", books.match),
        (3, "no account is under its floor", books.stay_above_floors),
        (4, "no transfer changes or vanishes: the database's own guards stand", guards.stand),
        (5, "one key, one transfer", books.have_their_own_keys),
        (6, "an open order holds its charge, a closed one has settled it", books.hold_the_charge),
        (7, "refunds never exceed the charge, and are what the order says", books.refund_no_more_than_the_charge),
        (8, "at most one order is accepted upstream", orders.accepted_once),
        (9, "a provider's order id is unique", orders.have_provider_ids_of_their_own),
        (10, "nothing is sent without a licence", orders.are_licensed),
        (11, "orders take listed steps only", orders.take_listed_steps),
        (12, "each change has its event, each closing its notice", orders.tell_each_change),
        (14, "what belongs together belongs to one person", orders.belong_to_one_person),
        (15, "nothing waits past its deadline without an alert", orders.wait_for_nobody),
        (19, "no goal is ordered beyond what it wants", orders.stay_within_goals),
    )
)
"""In the order of their numbers. 13 and 16 to 18 cannot be read off the database; their tests keep them."""


async def check(read: ReadSession, policy: Policy, now: datetime) -> list[Breach]:
    """Every breach there is: an empty list, or the shop must not sell."""
    look = Look(read, policy, now)
    return [breach for each in CHECKS if (breach := await each.run(look)) is not None]
