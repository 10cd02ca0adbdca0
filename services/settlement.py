"""What a provider's status means for an order and its money: pure decisions, no storage, no clock.

The table this module implements, row by row (`remains` as the panel sent it):

    Partial, 0 < remains <= quantity      close as partial, refund the rest
    Partial, remains > quantity           nothing was delivered: close as canceled, refund all
    Partial, remains <= 0                 delivered in full: close as completed, no refund
    Partial, remains unreadable           keep open, ask again, alert an admin at the third time
    Canceled, 0 < remains < quantity      close as canceled, refund the remains share
    Canceled, any other remains           close as canceled, refund all; alert where the panel charges, now or later
    Completed                             close as completed
    anything else                         still running

`quantity` and `delivered` count what the order is paid by (the table of services.pricing):

    thousand   items. Of a drip-feed all runs together, and so does `remains`; of comments their lines.
    package    packages delivered whole. Nobody says whether `remains` counts packages or what is in them, so while
               anything of the last package remains, that package was not delivered: of one package, nothing is kept.
    post       posts of a subscription. It lists its orders, one for each post it found: so many posts are done, at most
               those paid for, and `remains` is the others. A `remains` of its own counts nobody knows what and is not
               read. Its own words are read like this:

    Active, Paused                        still running
    Completed, Expired, Partial           close as completed where all posts are done, else as partial, refund the rest
    Canceled                              the same, but close as canceled
    without a readable list of orders:
    Expired, Partial                      as Partial with unreadable `remains`
    Completed, Canceled                   as such without `remains`

               A post counts as done once its order exists. What becomes of that order afterwards is not followed: one
               that the provider stops or cancels changes nothing here.

The refund is a target, a function of what the provider now says: it grows, never shrinks, never passes the charge.

What the provider charges is no base of anything, but kept for comparison: while an order is open along with other
news, once it is closed as news of its own. A cancellation that names no charge voids what was named before it.
"""

from dataclasses import dataclass, replace

from services import pricing
from services.money import Money
from services.panel_answers import Snapshot, State

OPEN = "placed"
CLOSED = frozenset({"completed", "partial", "canceled"})
UNREADABLE = "remains-unreadable"
"""The alert about an order that stopped and whose delivered count nobody can read."""
UNREADABLE_LIMIT = 3
"""Polls in a row without a usable `remains` before an admin is told."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is known of an order before the provider's answer is read; `confirmations` is the provider's setting."""

    status: str
    quantity: int
    charge: Money
    refunded: Money
    delivered: int
    progress: str
    start_count: int | None
    provider_charge: Money | None = None
    unreadable_polls: int = 0
    unconfirmed: str | None = None
    confirmations: int = 1
    unit: str = "thousand"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the order is afterwards. `refunded` is the target reached in all, not what is added now."""

    status: str
    delivered: int
    refunded: Money
    progress: str
    start_count: int | None
    provider_charge: Money | None = None
    unreadable_polls: int = 0
    unconfirmed: str | None = None
    alerts: tuple[str, ...] = ()


def decide(terms: Terms, snapshot: Snapshot) -> Outcome:
    """Read one status answer. The outcome of an answer that says nothing new equals the terms."""
    outcome = _outcome(terms, _counted(terms, snapshot))
    if terms.status not in CLOSED and not changes(terms, outcome):
        return outcome
    return _charged(terms, snapshot, outcome)


def _outcome(terms: Terms, snapshot: Snapshot) -> Outcome:
    """What an answer makes of the order and its refund."""
    closed = terms.status in CLOSED
    now = Outcome(
        status=terms.status,
        delivered=terms.delivered,
        refunded=terms.refunded,
        progress=terms.progress if closed else snapshot.word,
        start_count=terms.start_count if closed or snapshot.start_count is None else snapshot.start_count,
        provider_charge=terms.provider_charge,
    )
    if snapshot.state in ("running", "expired"):
        return now if closed else replace(now, delivered=_so_far(terms, snapshot))
    if snapshot.state == "partial" and snapshot.remains is None:
        return _unreadable(terms, now)
    outcome = _close(terms, snapshot, now)
    if outcome == now:
        return now
    return _confirmed(terms, now, outcome)


def changes(terms: Terms, outcome: Outcome) -> bool:
    """Whether anything of the order has to be written."""
    return (
        outcome.status,
        outcome.delivered,
        outcome.refunded,
        outcome.progress,
        outcome.start_count,
        outcome.provider_charge,
        outcome.unreadable_polls,
        outcome.unconfirmed,
    ) != (
        terms.status,
        terms.delivered,
        terms.refunded,
        terms.progress,
        terms.start_count,
        terms.provider_charge,
        terms.unreadable_polls,
        terms.unconfirmed,
    )


def _counted(terms: Terms, snapshot: Snapshot) -> Snapshot:
    """The answer with `remains` counted in the order's unit."""
    if terms.unit == "package" and snapshot.remains is not None and snapshot.remains > terms.quantity:
        return replace(snapshot, remains=terms.quantity)
    return _posts(terms.quantity, snapshot) if terms.unit == "post" else snapshot


def _posts(quantity: int, snapshot: Snapshot) -> Snapshot:
    """A subscription's answer in the words of the table."""
    if snapshot.posts is None:
        return replace(snapshot, remains=None, state="partial" if snapshot.state == "expired" else snapshot.state)
    missing = max(0, quantity - snapshot.posts)
    if snapshot.state == "running":
        return replace(snapshot, remains=missing)
    stopped: State = "canceled" if snapshot.state == "canceled" or missing == quantity else "partial"
    return replace(snapshot, remains=missing, state=stopped if missing else "completed")


def _so_far(terms: Terms, snapshot: Snapshot) -> int:
    """The delivered count to show while an order runs: panels say remains 0 for orders they have not begun."""
    if snapshot.remains is not None and (0 if terms.unit == "post" else 1) <= snapshot.remains <= terms.quantity:
        return terms.quantity - snapshot.remains
    return terms.delivered


def _unreadable(terms: Terms, now: Outcome) -> Outcome:
    if terms.status in CLOSED:
        return now
    # Counted no further than the limit: an answer that stays the same is no news, and is asked for ever less often.
    polls = min(terms.unreadable_polls + 1, UNREADABLE_LIMIT)
    alerts = (UNREADABLE,) if terms.unreadable_polls < polls == UNREADABLE_LIMIT else ()
    return replace(now, unreadable_polls=polls, alerts=alerts)


def _close(terms: Terms, snapshot: Snapshot, now: Outcome) -> Outcome:
    """The outcome of a terminal answer, before confirmations; equal to `now` where it adds nothing."""
    status, delivered = _reading(terms.quantity, snapshot)
    target = terms.charge - pricing.kept(terms.charge, delivered, terms.quantity)
    if terms.status in CLOSED and target <= terms.refunded:
        return now
    if terms.status == "canceled":
        status = "canceled"
    return replace(
        now,
        status=status,
        delivered=delivered,
        refunded=max(target, terms.refunded),
        progress=snapshot.word,
    )


def _reading(quantity: int, snapshot: Snapshot) -> tuple[str, int]:
    """(status, delivered) of a terminal answer whose `remains` is usable or does not matter."""
    remains = snapshot.remains
    if snapshot.state == "completed":
        return "completed", quantity
    if snapshot.state == "canceled":
        return ("canceled", quantity - remains) if remains is not None and 0 < remains < quantity else ("canceled", 0)
    if remains is None or remains <= 0:
        return "completed", quantity
    return ("partial", quantity - remains) if remains <= quantity else ("canceled", 0)


def _charged(terms: Terms, snapshot: Snapshot, outcome: Outcome) -> Outcome:
    """The outcome with what the panel now charges, and an alert where it wants money for an order it gave up."""
    charge = pricing.foreign(snapshot.charge)
    given_up = outcome.status == "canceled"
    if charge is None and (not given_up or terms.status == "canceled"):
        charge = terms.provider_charge
    outcome = replace(outcome, provider_charge=charge)
    wanted = given_up and outcome.delivered == 0 and charge is not None and charge.micros > 0
    return replace(outcome, alerts=("canceled-but-charged",)) if wanted and changes(terms, outcome) else outcome


def _confirmed(terms: Terms, now: Outcome, outcome: Outcome) -> Outcome:
    """Hold a terminal answer back until a flapping provider has meant it twice.

    What is compared is what would become of the order, whose refund follows from it: `remains` may go on moving where
    it does not matter.
    """
    heard = f"{outcome.status}:{outcome.delivered}"
    if terms.confirmations < 2 or terms.unconfirmed == heard:
        return outcome
    return replace(now, unconfirmed=heard)
