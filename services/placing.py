"""Sending orders upstream, where a retry may buy twice: licence, one POST, evidence, fenced transition.

    queued ──claim──> placing ──┬── accepted ──────────> placed       not claimed in time: rejected
       ^                        ├── refused ───────────> rejected   all the money back
       └── nothing was sent ────┤
                                └── anything else ─────> unknown    never sent again; the money is held

The licence (an `attempts` row) is committed before the socket opens and allows exactly one POST. Whoever dies after
that leaves an order in `placing`, which `sweep` turns into `unknown` once the deadline has passed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import ColumnElement, TextClause, exists, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from services import closing, notices, order_news, order_types, orders, outbox, pricing, reconciling, wallet
from services.db import Database, ReadSession, WriteSession
from services.extras import PLAIN, Extras
from services.models import PLACING, QUEUED, UNKNOWN, Attempt, Order, OrderEvent
from services.order_news import Change
from services.order_view import VIEW, OrderView
from services.policy import Policy
from services.provider import AddRequest, Ambiguous, NothingSent, PanelClient, Refused

AT_ONCE = 8
"""POSTs in flight per provider: the best point of the client, see services.provider."""
LONGEST_BACKOFF = timedelta(minutes=5)
UNREACHABLE = "unreachable"
"""The reason code of orders that never left."""
NEVER_LEFT = ~exists().where(Attempt.order_id == Order.id, Attempt.outcome != "unsent")
"""Whether it is sure that no provider can have an order: on no licence of it was anything sent."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Licence:
    """The right to send one order once."""

    order_id: int
    number: int
    service: str
    link: str
    quantity: int
    token: str
    extras: Extras = PLAIN
    type: str = "Default"

    def request(self) -> AddRequest:
        """What the POST says."""
        return AddRequest(self.service, *order_types.parameters(self.type, self.link, self.quantity, self.extras))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a licence: `outcome` is one of services.models.ATTEMPT_OUTCOMES."""

    outcome: str
    evidence: str
    provider_order_id: str | None = None
    reason: str = ""


async def submit_due(
    db: Database, providers: Mapping[str, PanelClient], policy: Policy, owner: str, clock: Callable[[], datetime]
) -> int:
    """Send every queued order that is due; the number sent. One provider's slowness holds up no other's orders."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_submit(db, client, policy, owner, clock)) for client in providers.values()]
    return sum(task.result() for task in tasks)


async def _submit(db: Database, client: PanelClient, policy: Policy, owner: str, clock: Callable[[], datetime]) -> int:
    submitted = 0
    while True:
        licences = await db.retrying(partial(claim, client=client, policy=policy, owner=owner, now=clock()))
        sending = (_send(db, client, licence, policy, clock) for licence in licences)
        # No TaskGroup: where one order cannot be recorded, the POSTs of the others must not be cut off by it.
        ends = await asyncio.gather(*sending, return_exceptions=True)
        if failures := [end for end in ends if isinstance(end, BaseException)]:
            raise BaseExceptionGroup("some answers could not be recorded", failures)
        submitted += len(licences)
        if len(licences) < AT_ONCE:
            return submitted


async def claim(
    session: WriteSession, *, client: PanelClient, policy: Policy, owner: str, now: datetime
) -> list[Licence]:
    """Move due orders to `placing` and write the licences for their POSTs."""
    due = (
        select(Order.id)
        .where(text(QUEUED), Order.provider == client.name, reconciling.over())
        .where(Order.submit_at <= now, Order.submit_at > now - policy.unknown_for)
        .order_by(Order.submit_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    deadline = now + timedelta(seconds=client.deadline)
    rows = await session.returned(
        update(Order)
        .where(Order.id.in_(due.scalar_subquery()), text(QUEUED))
        .values(status="placing", lease_owner=owner, lease_until=deadline + policy.placing_margin)
        .returning(*VIEW, Order.external_service, Order.token)
    )
    if not rows:
        return []
    tried = await attempts(session, [row.id for row in rows])
    licences = [
        Licence(
            order_id=row.id,
            number=tried[row.id] + 1,
            service=row.external_service,
            link=row.link,
            quantity=row.quantity,
            token=row.token,
            extras=row.extras,
            type=row.type,
        )
        for row in rows
    ]
    licensed = {"licensed_at": now, "deadline": deadline, "outcome": "licensed"}
    attempted = [{"order_id": licence.order_id, "number": licence.number, **licensed} for licence in licences]
    await session.run(insert(Attempt), attempted)
    await orders.record(
        session, [(licence.order_id, "placing", {"attempt": licence.number}) for licence in licences], now
    )
    leaving = [OrderView(*row[: len(VIEW)]) for row in rows]
    undone_no_more = [order for order in leaving if order.submit_at > order.created_at]
    await order_news.tell(session, [Change(order, order) for order in undone_no_more], now)  # the Undo goes, no more
    return licences


async def _send(
    db: Database, client: PanelClient, licence: Licence, policy: Policy, clock: Callable[[], datetime]
) -> None:
    answer = await _post(client, licence)
    told = log.bind(order=licence.order_id, attempt=licence.number, outcome=answer.outcome)
    told.info("order.submitted", provider_order=answer.provider_order_id)

    async def recording(session: WriteSession) -> None:
        await record(session, client=client, licence=licence, answer=answer, policy=policy, now=clock())

    try:
        await _insisted(db, recording)
    except asyncio.CancelledError:
        told.error("order.unrecorded", provider_order=answer.provider_order_id, evidence=answer.evidence)
        raise


async def _insisted(db: Database, recording: Callable[[WriteSession], Awaitable[None]]) -> None:
    try:
        await db.insisting(recording)
    except IntegrityError:
        # Two answers with one id were being recorded at once: the loser finds it taken now, and keeps its evidence.
        await db.insisting(recording)


async def _post(client: PanelClient, licence: Licence) -> Answer:
    """The one POST of a licence, its every end put into words."""
    try:
        accepted = await client.add(licence.request(), idempotency_key=licence.token)
    except NothingSent as error:
        return Answer("unsent", str(error))
    except Refused as error:
        return Answer("rejected", error.text, reason=error.reason)
    except Ambiguous as error:
        return Answer("ambiguous", error.evidence)
    return Answer("accepted", accepted, provider_order_id=accepted)


async def record(
    session: WriteSession, *, client: PanelClient, licence: Licence, answer: Answer, policy: Policy, now: datetime
) -> None:
    """Store the answer as evidence, whatever became of the order meanwhile; then the transition it allows."""
    holder = await held_by(session, client.name, answer.provider_order_id) if answer.provider_order_id else None
    if holder not in (None, licence.order_id):
        answer = replace(answer, outcome="ambiguous", evidence=f"order id already in use: {answer.evidence}")
    await session.run(
        update(Attempt)
        .where(Attempt.order_id == licence.order_id, Attempt.number == licence.number)
        .values(outcome=answer.outcome, evidence=answer.evidence, answered_at=now)
    )
    if holder == licence.order_id:
        return  # it is followed under this id: an earlier try was committed though nobody heard of it, or an admin knew
    if answer.outcome == "unsent" and licence.number >= policy.unsent_tries:
        answer = replace(answer, outcome="rejected", reason=UNREACHABLE)
    waiting = await locked(session, Order.id == licence.order_id, Order.status.in_(("queued", "placing", "unknown")))
    if answer.outcome != "accepted" and waiting and await _overtaken(session, waiting[0], licence):
        return
    if answer.outcome in ("rejected", "unsent") and await _doubted_before(session, licence):
        answer = replace(answer, outcome="ambiguous")
    told = partial(
        _alerted,
        about={licence.order_id: licence.number},
        provider=client.name,
        evidence=answer.evidence,
        policy=policy,
    )
    if not waiting:
        if answer.outcome == "accepted":
            await outbox.put(session, told("accepted-late"), now)
    elif answer.outcome == "accepted":
        await accept(session, waiting[0], answer.provider_order_id or "", policy, now)
    elif answer.outcome == "rejected":
        await reject(session, waiting, answer.reason, now)
        await outbox.put(session, told("order-refused"), now)
    elif answer.outcome == "unsent":
        pause = min(policy.unsent_backoff * 2 ** (licence.number - 1), LONGEST_BACKOFF)
        await requeue(session, waiting, now=now, submit_at=now + pause)
    elif waiting[0].status == "placing":
        await doubt(session, waiting, now)
        await outbox.put(session, told("order-unknown"), now)


async def _overtaken(session: WriteSession, order: OrderView, licence: Licence) -> bool:
    """Whether this locked order has another licence by now, or waits for one: an old refusal says nothing of that."""
    newer = select(Attempt.id).where(Attempt.order_id == order.id, Attempt.number > licence.number)
    return order.status == "queued" or await session.value(newer.limit(1)) is not None


async def _doubted_before(session: WriteSession, licence: Licence) -> bool:
    """Whether an earlier POST of this order may have arrived: then no answer to this one proves that none did.

    An admin who looked at the provider and sent the order again has settled that doubt for all POSTs until then.
    """
    queued = select(OrderEvent.detail).where(OrderEvent.order_id == licence.order_id, OrderEvent.status == "queued")
    details: Sequence[Any] = await session.values(queued)
    doubts = select(Attempt.id).where(
        Attempt.order_id == licence.order_id,
        Attempt.number > max((detail.get("cleared", 0) for detail in details), default=0),
        Attempt.number < licence.number,
        Attempt.outcome.in_(("ambiguous", "licensed")),
    )
    return await session.value(doubts.limit(1)) is not None


async def sweep(session: WriteSession, policy: Policy, now: datetime) -> None:
    """Orders whose sender died become `unknown`; those unknown for too long give the customer the money back.

    So do those that nobody could send for as long. Where it is not sure that one never left, it counts as unknown.
    """
    late = await locked(session, text(PLACING), Order.lease_until < now)
    await doubt(session, late, now)
    unsent = (text(QUEUED), Order.submit_at <= now - policy.unknown_for)
    await reject(session, await locked(session, *unsent, NEVER_LEFT), UNREACHABLE, now)
    expired = [
        *await locked(session, text(UNKNOWN), Order.moved_at <= now - policy.unknown_for),
        *await locked(session, *unsent, ~NEVER_LEFT),
    ]
    await reject(session, expired, "unverified", now)
    await _book_losses(session, expired, now)
    await _ask_again(session, policy, now)
    # All of them each time: their keys tell nobody twice, and who became an admin since then must hear of them too.
    doubted = await session.values(select(Order.id).where(text(UNKNOWN)).order_by(Order.id))
    for code, about in (("order-unknown", doubted), ("order-given-up", [order.id for order in expired])):
        sent = await attempts(session, about)
        await outbox.put(session, _alerted(code, about=sent, provider="", evidence="", policy=policy), now)


async def _ask_again(session: WriteSession, policy: Policy, now: datetime) -> None:
    """A provider that knows our key answers a second POST with the order of the first: it settles the doubt itself."""
    if not policy.idempotent:
        return
    posts = select(func.count()).where(Attempt.order_id == Order.id).scalar_subquery()
    doubted = await locked(
        session,
        text(UNKNOWN),
        Order.provider.in_(policy.idempotent),
        Order.moved_at <= now - policy.ask_again_after,
        posts <= policy.ask_again,
        reconciling.over(),
    )
    await requeue(session, doubted, now=now, submit_at=now)


async def locked(session: WriteSession, *where: ColumnElement[bool] | TextClause) -> list[OrderView]:
    """The orders that meet the conditions, in id order, nobody else's to change until the transaction ends."""
    rows = await session.all(select(*VIEW).where(*where).order_by(Order.id).with_for_update())
    return [OrderView(*row) for row in rows]


async def attempts(session: ReadSession, order_ids: Sequence[int]) -> dict[int, int]:
    """How often each of these orders was licensed, which is the number of its latest attempt."""
    counts = await session.all(
        select(Attempt.order_id, func.count()).where(Attempt.order_id.in_(order_ids)).group_by(Attempt.order_id)
    )
    return dict.fromkeys(order_ids, 0) | {row[0]: row[1] for row in counts}


async def held_by(session: WriteSession, provider: str, provider_order_id: str) -> int | None:
    """Which order of ours has this id, if any: a panel that hands an id out twice cannot be believed."""
    return await session.value(
        select(Order.id).where(Order.provider == provider, Order.provider_order_id == provider_order_id)
    )


async def _move(session: WriteSession, moved: Sequence[OrderView], now: datetime, **values: Any) -> list[OrderView]:
    """Write `values` on locked orders; returns how they are afterwards."""
    if not moved:
        return []
    ids = [order.id for order in moved]
    await session.run(
        update(Order).where(Order.id.in_(ids)).values(moved_at=now, lease_owner=None, lease_until=None, **values)
    )
    return await locked(session, Order.id.in_(ids))


async def accept(
    session: WriteSession, order: OrderView, provider_order_id: str, policy: Policy, now: datetime, by: str = "shop"
) -> None:
    """The provider has this locked order under that id: follow it from now on."""
    after = await _move(
        session,
        [order],
        now,
        status="placed",
        provider_order_id=provider_order_id,
        placed_at=now,
        next_poll_at=now + policy.poll_fastest,
    )
    await orders.record(session, [(order.id, "placed", {"by": by})], now)
    await order_news.tell(session, [Change(each, order) for each in after], now)


async def reject(session: WriteSession, refused: Sequence[OrderView], reason: str, now: datetime) -> None:
    """These locked orders will not be delivered by anybody: all their money goes back, `reason` is told."""
    after = await _move(session, refused, now, status="rejected", refunded=Order.charge, closed_at=now)
    closings = [closing.Closing(before, each, reason) for before, each in zip(refused, after, strict=True)]
    await closing.close(session, closings, now)


async def requeue(
    session: WriteSession, again: Sequence[OrderView], *, now: datetime, submit_at: datetime, **detail: str | int
) -> None:
    """These locked orders may be sent again, each under a new licence, for it is sure that this buys nothing twice.

    `detail` goes into their stories: `by` whom, and up to which attempt the provider was `cleared` of having them.
    """
    after = await _move(session, again, now, status="queued", submit_at=submit_at)
    await orders.record(session, [(order.id, "queued", {"by": "shop"} | detail) for order in after], now)
    if after:
        session.announce("submit")


async def _book_losses(session: WriteSession, given_up: Sequence[OrderView], now: datetime) -> None:
    """What the provider may have charged for orders whose customers have their money back is the shop's loss."""
    rows = await session.all(
        select(Order.id, Order.provider, Order.cost, Order.quantity, Order.each).where(
            Order.id.in_([lost.id for lost in given_up])
        )
    )
    losses = [wallet.Loss(row.id, row.provider, pricing.charge(row.cost, row.quantity, row.each)) for row in rows]
    await wallet.book_losses(session, losses, now)


async def doubt(session: WriteSession, doubted: Sequence[OrderView], now: datetime) -> None:
    """Nobody knows whether the provider has these orders: say so, hold the money, never send them again."""
    after = await _move(session, doubted, now, status="unknown")
    if not after:
        return
    await orders.record(session, [(order.id, "unknown", {}) for order in after], now)
    told = [
        outbox.Outgoing(
            f"order:{order.id}:verifying",
            order.user_id,
            notices.Verifying(
                order.id, order.service_name, order.server, order.quantity, order.charge, unit=order.unit
            ),
        )
        for order in after
        if not order.by_api
    ]
    changes = [Change(order, before) for order, before in zip(after, doubted, strict=True)]
    await order_news.tell(session, changes, now)
    await outbox.put(session, told, now)


def _alerted(
    code: str, *, about: Mapping[int, int], provider: str, evidence: str, policy: Policy
) -> list[outbox.Outgoing]:
    """One alert an admin and attempt; `about` has the number of the attempt by order id."""
    facts = {"provider": provider, "evidence": evidence[:300]}
    return [
        outbox.Outgoing(
            f"alert:{code}:{order_id}:{attempt}:{admin}",
            admin,
            notices.AdminAlert(code, order_id, facts, attempt),
        )
        for order_id, attempt in about.items()
        for admin in policy.admins
    ]
