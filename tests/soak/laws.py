"""What must hold when the dust has settled: our books against themselves, and against what the panels remember."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from services import audit, ledger
from services.db import Database, ReadSession
from services.models import Account, Attempt, Audit, Notice, Order, OrderEvent, Transfer
from services.money import ZERO
from services.policy import Policy
from tests.soak.databases import purse
from tests.soak.outside import KEY, Outside, Witness
from tests.soak.people import CUSTOMERS

What = tuple[str, str, str, int]
"""Panel, service, link and quantity of an order (of a subscription: its posts)."""
Orders = Sequence[Row[*tuple[Any, ...]]]
FINISHED = ("rejected", "completed", "partial", "canceled")
TELLING = ("rejected", "completed", "partial", "canceled", "corrected")
"""The kinds of notice that tell how an order ended."""

LATE = 15
"""The invariant that is about waiting alone."""


@dataclass
class Verdict:
    """What was found. `orders` and `borne` (given up though accepted: at the shop's risk) only count."""

    orders: int = 0
    double_orders: int = 0
    micros_astray: int = 0
    borne: int = 0
    broken: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether every law held."""
        return not (self.double_orders or self.micros_astray or self.broken)

    def add(self, other: "Verdict") -> None:
        """Count another run's findings in."""
        self.orders += other.orders
        self.double_orders += other.double_orders
        self.micros_astray += other.micros_astray
        self.borne += other.borne
        self.broken += other.broken


async def judge(db: Database, outside: Outside, policy: Policy, now: datetime, *, copies: int | None = None) -> Verdict:
    """Hold a settled shop against every law; an order that its panel never ends may be open still.

    `copies` are the messages that may stand twice in a chat, for Telegram's protocol has no key against that: one for
    each death that may have fallen between a message and the record of it. None where deaths were too many to tell.
    """
    verdict = Verdict()
    verdict.broken += await audited(db, policy, now)
    async with db.read() as session:
        orders = await session.all(select(*Order.__table__.columns).order_by(Order.id))
        verdict.orders = len(orders)
        await _books(session, orders, verdict)
        await _licences(session, orders, outside, policy, verdict)
        await _notices(session, orders, outside, verdict)
        await _alarms(session, verdict)
    twice = _twice(outside)
    if copies is not None and sum(twice.values()) > copies:
        verdict.broken.append(f"came more than once, {copies} may: {dict(twice)}")
    _refunds(orders, outside, verdict)
    return verdict


async def audited(db: Database, policy: Policy, now: datetime, *, at_peace: bool = True) -> list[str]:
    """What the shop's own audit finds; unless `at_peace`, what merely waits for a worker is left out."""
    async with db.read() as session:
        breaches = await audit.check(session, policy, now)
    return [
        f"audit {breach.invariant}: {audit.worded(row)}"
        for breach in breaches
        for row in breach.rows
        if at_peace or breach.invariant.number != LATE
    ]


async def _books(session: ReadSession, orders: Orders, verdict: Verdict) -> None:
    """Sums and balances; open: hold = charge; closed: nothing held, all but the refund kept; each wallet's balance."""
    for drift in await ledger.drift(session):
        verdict.broken.append(f"{drift.account} holds {drift.balance}, its transfers say {drift.transferred}")
        verdict.micros_astray += abs((drift.balance - drift.transferred).micros)
    for currency, total in (await ledger.totals(session)).items():
        if total:
            verdict.broken.append(f"all balances in {currency} add up to {total}")
            verdict.micros_astray += abs(total.micros)
    balances = {row.id: row.balance for row in await session.all(select(Account.id, Account.balance))}
    moved = {
        (row.order_id, row.code): row.total
        for row in await session.all(
            select(Transfer.order_id, Transfer.code, func.sum(Transfer.amount).label("total")).group_by(
                Transfer.order_id, Transfer.code
            )
        )
    }
    wallets = {user: purse(user) for user in CUSTOMERS}
    for order in orders:
        closed = order.status in FINISHED
        held = balances.get(f"hold:{order.id}", ZERO)
        paid_back = moved.get((order.id, "refund"), ZERO)
        wanted_hold = ZERO if closed else order.charge
        wallets[order.user_id] -= order.charge - order.refunded
        for what, found, wanted in (
            ("held", held, wanted_hold),
            ("paid", moved.get((order.id, "hold"), ZERO), order.charge),
            ("paid back", paid_back, order.refunded),
        ):
            if found != wanted:
                verdict.broken.append(f"order {order.id} ({order.status}): {found} {what}, not {wanted}")
                verdict.micros_astray += abs((found - wanted).micros)
        if not closed and order.refunded:
            verdict.broken.append(f"order {order.id} is {order.status} and refunded {order.refunded}")
    for user, wanted in wallets.items():
        found = balances.get(f"wallet:{user}", ZERO)
        if found != wanted:
            verdict.broken.append(f"wallet {user} holds {found}, not {wanted}")
            verdict.micros_astray += abs((found - wanted).micros)


async def _licences(session: ReadSession, orders: Orders, outside: Outside, policy: Policy, verdict: Verdict) -> None:
    """One order upstream for each of ours at most, and none without a licence that may have been sent.

    One licence that may have been sent is all an order gets, and one more each time an admin has looked and says so; or
    any number where the panel knows our key.
    """
    attempts: dict[int, list[str]] = defaultdict(list)
    for row in await session.all(select(Attempt.order_id, Attempt.outcome)):
        attempts[row.order_id].append(row.outcome)
    events = await session.all(select(OrderEvent.order_id, OrderEvent.status, OrderEvent.detail))
    by_admin = Counter((row.order_id, row.status) for row in events if str(row.detail.get("by")).startswith("admin:"))
    ours: Counter[What] = Counter()
    sent: Counter[What] = Counter()
    for order in orders:
        what = _what(order)
        ours[what] += 1
        sent[what] += bool([outcome for outcome in attempts[order.id] if outcome != "unsent"])
        maybe = [outcome for outcome in attempts[order.id] if outcome not in ("unsent", "licensed")]
        if len(maybe) > 1 + by_admin[order.id, "queued"] and order.provider not in policy.idempotent:
            verdict.broken.append(f"order {order.id} was sent {len(maybe)} times: {attempts[order.id]}")
        if order.status in ("queued", "placing", "unknown"):
            verdict.broken.append(f"order {order.id} is still {order.status}")
        got = "accepted" in attempts[order.id] or by_admin[order.id, "placed"]
        if order.provider_order_id is not None and not got:
            verdict.broken.append(f"order {order.id} has an id that no licence got")
    for what, count in _accepted(outside).items():
        extra = count - sent[what]
        if extra > 0:
            verdict.double_orders += extra
            verdict.broken.append(f"{what} was accepted {count} times for {ours[what]} orders, {sent[what]} sent")


def _accepted(outside: Outside) -> Counter[What]:
    """What the panels took."""
    return Counter(
        (panel.name, str(order.service.id), order.link, order.posts or order.quantity)
        for panel in outside.panels.values()
        for order in (panel.book.orders[took.order] for took in panel.accepted)
    )


def _what(order: Any) -> What:
    """What a panel must have taken for this order of ours; a subscription goes by the name of its profile."""
    link = order.link.rpartition("/")[2] if order.unit == "post" else order.link
    return order.provider, order.external_service, link, order.quantity


def _refunds(orders: Orders, outside: Outside, verdict: Verdict) -> None:
    """Each refund is what the panel's last word makes due, or more only where it said more before."""
    taken = _accepted(outside)
    for order in orders:
        if order.provider_order_id is None:
            accepted = taken[_what(order)]
            verdict.borne += bool(order.status == "rejected" and accepted)
            if order.status in FINISHED and order.refunded != order.charge:
                verdict.broken.append(f"order {order.id} was never placed and refunded {order.refunded}")
                verdict.micros_astray += abs((order.charge - order.refunded).micros)
            continue
        panel = outside.panels[order.provider]
        said = panel.said[order.provider_order_id]
        possible = {due for row in said if (due := due_back(row, order.charge.micros, order.quantity)) is not None}
        last = due_back(_last_word(panel, order.provider_order_id), order.charge.micros, order.quantity)
        if (counted := outside.people.counted.get(order.id)) is not None:
            last = order.charge.micros - order.charge.micros * counted // order.quantity
            possible.add(last)
        refunded = order.refunded.micros
        if order.status not in FINISHED:
            if last is not None:
                verdict.broken.append(f"order {order.id} is {order.status}, its panel is done with it")
        elif refunded not in possible or refunded < (last or 0):
            allowed = [due for due in possible if due >= (last or 0)] or [last or 0]
            verdict.micros_astray += min(abs(refunded - due) for due in allowed)
            verdict.broken.append(
                f"order {order.id} ({order.status}) refunded {refunded}, the panel said {possible}, at last {last}"
            )


def _last_word(panel: Witness, order: str) -> object:
    """The row that the panel words for this order now."""
    asked = {"key": KEY, "action": "status", "order": order}
    try:
        said: object = json.loads(panel.answer(asked).body)
    except ValueError:
        return None
    return said


def due_back(row: object, charge: int, quantity: int) -> int | None:
    """The micro-units due back by a row of a panel; None where it is no end. Worked out apart from the shop's code."""
    if not isinstance(row, Mapping) or "error" in row:
        return None
    word = str(row.get("status", "")).lower()
    if "orders" in row:  # a subscription's posts
        missing = quantity - len(row["orders"])
        return charge - charge * (quantity - missing) // quantity if word in ("completed", "canceled") else None
    stated = str(row.get("remains", ""))
    remains = int(stated) if stated.removeprefix("-").isdigit() else None
    if word in ("completed", "2"):
        left = 0
    elif word in ("canceled", "4"):
        left = remains if remains is not None and 0 < remains < quantity else quantity
    elif word in ("partial", "partially completed", "3"):
        if remains is None:
            return None
        left = min(max(remains, 0), quantity)
    else:
        return None
    return charge - charge * (quantity - left) // quantity


async def _notices(session: ReadSession, orders: Orders, outside: Outside, verdict: Verdict) -> None:
    """Each end of an order has its notice, once; everything written was delivered, as it was written."""
    rows = await session.all(
        select(Notice.key, Notice.chat_id, Notice.kind, Notice.version, Notice.state, Notice.payload)
    )
    arrived: dict[str, list[int]] = defaultdict(list)
    for message in outside.people.messages:
        arrived[message.key].append(message.version)
    for row in rows:
        if row.state != "sent":
            verdict.broken.append(f"{row.key} was left {row.state}")
        if row.version not in arrived[row.key]:
            verdict.broken.append(f"{row.key} never reached its chat in its last version")
    for key in arrived.keys() - {row.key for row in rows}:
        verdict.broken.append(f"{key} reached a chat and is in no outbox")
    told = Counter(row.payload["order_id"] for row in rows if row.kind in TELLING)
    events = await session.all(select(OrderEvent.order_id, OrderEvent.status, OrderEvent.detail))
    ends = Counter(row.order_id for row in events if row.status in FINISHED and row.detail.get("by") != "customer")
    for order in orders:
        for problem in _untold(order, told[order.id], ends[order.id]):
            verdict.broken.append(f"order {order.id} ({order.status}) {problem}")


def _twice(outside: Outside) -> Counter[str]:
    """Notices of which further messages were sent, and how many; a card that reads otherwise now is no further one."""
    fresh = Counter(message.key for message in outside.people.messages if message.fresh)
    return Counter({key: count - 1 for key, count in fresh.items() if count > 1})


async def _alarms(session: ReadSession, verdict: Verdict) -> None:
    """The shop's own audits, while it all happened, found nothing but what was late."""
    for row in await session.all(select(Audit.at, Audit.breaches)):
        for breach in row.breaches:
            if breach["invariant"] != LATE:
                verdict.broken.append(f"an audit at {row.at} found {breach}")


def _untold(order: Any, told: int, ends: int) -> Iterator[str]:
    if told != ends:
        yield f"ended or was corrected {ends} times and its customer was told {told} times"
    if order.status in FINISHED and not told and order.placed_at is not None:
        yield "ended and its customer was not told"
