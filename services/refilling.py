"""Sending and following refills: licence, one POST, evidence, fenced transition; then asked about until the end.

    asked ──claim──> sending ──┬── accepted ───────> sent ──> done       the provider says so
       ^                       ├── refused ────────> rejected   └──> rejected, or unknown where it never says an end
       └── nothing was sent ───┤
                               └── anything else ──> unknown             never sent again by itself

A refill costs nothing, but one asked for twice may end with both refused. The licence is the step to `sending`, counted
in `tries` and committed before the socket opens. Whoever dies after that leaves it to `sweep`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import ColumnElement, TextClause, bindparam, select, text, update

from services import fulfilment, panel_refills, reconciling, refills
from services.columns import Instant
from services.db import Database, WriteSession
from services.models import REFILL_DUE, Refill
from services.panel_answers import RowError
from services.panel_refills import Progress
from services.placing import AT_ONCE, LONGEST_BACKOFF
from services.policy import Policy
from services.provider import Ambiguous, NothingSent, PanelClient, ProviderError, Refused
from services.refills import Move

PAGE = 1000
"""Refills claimed at once: ten status batches of a hundred."""
NEVER = frozenset({"over"})
"""Refusals after which no further refill can be asked for."""
AT_WILL = frozenset({"unreachable", "bad_key"})
"""Reasons that have nothing to do with the order: the next may be asked for at any time."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Licence:
    """The right to ask once for one refill."""

    refill: int
    order: int
    provider_order_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a licence: accepted, rejected, unsent or ambiguous."""

    outcome: str
    evidence: str
    provider_refill_id: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """A refill as its poller knows it."""

    refill: int
    order: int
    provider_refill_id: str
    progress: str
    again_at: datetime | None


async def work(
    db: Database, providers: Mapping[str, PanelClient], policy: Policy, clock: Callable[[], datetime]
) -> None:
    """Send what was asked for and ask about what was sent. One provider's slowness holds up no other's."""
    async with asyncio.TaskGroup() as group:
        for client in providers.values():
            group.create_task(_work(db, client, policy, clock))


async def _work(db: Database, client: PanelClient, policy: Policy, clock: Callable[[], datetime]) -> None:
    await _submit(db, client, policy, clock)
    await _poll(db, client, policy, clock)


async def _submit(db: Database, client: PanelClient, policy: Policy, clock: Callable[[], datetime]) -> None:
    while True:
        licences = await db.retrying(partial(claim, client=client, policy=policy, now=clock()))
        sending = (_send(db, client, licence, policy, clock) for licence in licences)
        # No TaskGroup: where one answer cannot be recorded, the POSTs of the others must not be cut off by it.
        ends = await asyncio.gather(*sending, return_exceptions=True)
        if failures := [end for end in ends if isinstance(end, BaseException)]:
            raise BaseExceptionGroup("some answers could not be recorded", failures)
        if len(licences) < AT_ONCE:
            return


async def claim(session: WriteSession, *, client: PanelClient, policy: Policy, now: datetime) -> list[Licence]:
    """Move refills that are due to `sending`, each of which licenses one POST."""
    due = (
        select(Refill.id)
        .where(text(REFILL_DUE), Refill.state == "asked", Refill.provider == client.name, Refill.due_at <= now)
        .where(reconciling.over())
        .order_by(Refill.due_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    lost_at = now + timedelta(seconds=client.deadline) + policy.placing_margin
    rows = await session.returned(
        update(Refill)
        .where(Refill.id.in_(due.scalar_subquery()), Refill.state == "asked")
        .values(state="sending", tries=Refill.tries + 1, due_at=lost_at, sent_at=now, moved_at=now)
        .returning(Refill.id, Refill.order_id, Refill.provider_order_id, Refill.tries)
    )
    return [Licence(row.id, row.order_id, row.provider_order_id, row.tries) for row in rows]


async def _send(
    db: Database, client: PanelClient, licence: Licence, policy: Policy, clock: Callable[[], datetime]
) -> None:
    answer = await _post(client, licence)
    log.info("refill.submitted", order=licence.order, attempt=licence.number, outcome=answer.outcome)

    async def recording(session: WriteSession) -> None:
        await record(session, licence=licence, answer=answer, policy=policy, now=clock())

    await db.insisting(recording)


async def _post(client: PanelClient, licence: Licence) -> Answer:
    """The one POST of a licence, its every end put into words."""
    try:
        accepted = await client.refill(licence.provider_order_id)
    except NothingSent as error:
        return Answer("unsent", str(error))
    except Refused as error:
        return Answer("rejected", error.text, reason=error.reason)
    except Ambiguous as error:
        return Answer("ambiguous", error.evidence)
    return Answer("accepted", accepted, provider_refill_id=accepted)


async def record(session: WriteSession, *, licence: Licence, answer: Answer, policy: Policy, now: datetime) -> None:
    """Store the answer as evidence; then the transition it allows, where nobody has taken another meanwhile."""
    mine = select(Refill.state, Refill.tries, Refill.again_at).where(Refill.id == licence.refill)
    row = await session.first(mine.with_for_update())
    if row is None or row.tries != licence.number or row.state not in ("sending", "unknown"):
        return
    await session.run(update(Refill).where(Refill.id == licence.refill).values(evidence=answer.evidence))
    if row.state == "unknown" and await _asked_anew(session, licence):
        return
    moved = partial(Move, licence.refill, licence.order, row.state)
    if answer.outcome == "accepted":
        due_at = now + policy.poll_fastest
        taken = moved("sent", again_at=row.again_at, due_at=due_at, provider_refill_id=answer.provider_refill_id)
        await refills.move(session, [taken], now)
    elif answer.outcome == "rejected":
        again_at = _again_at(answer, policy, now)
        await refills.move(session, [moved("rejected", again_at=again_at, reason=answer.reason)], now)
    elif row.state == "unknown":
        return
    elif answer.outcome == "ambiguous":
        await refills.move(session, [moved("unknown", again_at=row.again_at, reason="unclear")], now)
    elif licence.number >= policy.unsent_tries:
        await refills.move(session, [moved("rejected", again_at=now, reason="unreachable")], now)
    else:
        pause = min(policy.unsent_backoff * 2 ** (licence.number - 1), LONGEST_BACKOFF)
        await refills.move(session, [moved("asked", again_at=row.again_at, due_at=now + pause)], now)


async def _asked_anew(session: WriteSession, licence: Licence) -> bool:
    """Whether the customer has asked anew since this one was given up: that one is followed then."""
    newer = select(Refill.id).where(Refill.order_id == licence.order, Refill.id > licence.refill)
    return await session.value(newer.limit(1)) is not None


def _again_at(answer: Answer, policy: Policy, now: datetime) -> datetime | None:
    """When the next may be asked for after a refusal: the panel's own word comes first."""
    if answer.reason in NEVER:
        return None
    if answer.reason in AT_WILL:
        return now
    wait = panel_refills.wait(answer.evidence) if answer.reason == "too_early" else None
    return now + (wait or policy.refill_every)


async def _poll(db: Database, client: PanelClient, policy: Policy, clock: Callable[[], datetime]) -> None:
    while True:
        page = await db.retrying(partial(claim_due, provider=client.name, policy=policy, now=clock()))
        if not page:
            return
        try:
            answers = await client.refill_statuses([refill.provider_refill_id for refill in page])
        except ProviderError as error:
            log.warning("provider.refills_failed", provider=client.name, error=str(error), refills=len(page))
            return
        news = {
            followed.refill: answer
            for followed in page
            if isinstance(answer := answers.get(followed.provider_refill_id), Progress)
            and (answer.state != "running" or answer.word != followed.progress)
        }
        for silent in (answer for answer in answers.values() if isinstance(answer, RowError)):
            log.info("provider.row_error", provider=client.name, error=silent.text)
        if news:
            await db.retrying(partial(apply, news=news, now=clock()))
        if len(page) < PAGE:
            return


async def claim_due(session: WriteSession, *, provider: str, policy: Policy, now: datetime) -> list[Followed]:
    """Up to PAGE refills due for asking, the longest due first.

    Claiming moves `due_at` on, which is the lease: whoever dies after it only makes the answer come later.
    """
    due = (
        select(Refill.id)
        .where(text(REFILL_DUE), Refill.state == "sent", Refill.provider == provider, Refill.due_at <= now)
        .order_by(Refill.due_at)
        .limit(PAGE)
        .with_for_update(skip_locked=True)
    )
    rows = await session.returned(
        update(Refill)
        .where(Refill.id.in_(due.scalar_subquery()), Refill.state == "sent")
        .values(due_at=fulfilment.later(Refill.moved_at, policy, now))
        .returning(Refill.id, Refill.order_id, Refill.provider_refill_id, Refill.progress, Refill.again_at)
    )
    return [Followed(row.id, row.order_id, row.provider_refill_id, row.progress, row.again_at) for row in rows]


async def apply(session: WriteSession, *, news: Mapping[int, Progress], now: datetime) -> None:
    """Carry out what a page of answers means; read again under lock, so that nothing is told twice."""
    rows = await _locked(session, Refill.id.in_(list(news)), Refill.state == "sent")
    moves: list[Move] = []
    words: list[dict[str, Any]] = []
    for row in rows:
        told = news[row.id]
        if told.state == "running":
            words.append({"refill_id": row.id, "word": told.word, "at": now})
            continue
        reason = "declined" if told.state == "rejected" else ""
        moves.append(Move(row.id, row.order_id, "sent", told.state, row.again_at, reason=reason, progress=told.word))
    await session.run(PROGRESS, words)
    await refills.move(session, moves, now)


PROGRESS = (
    update(Refill)
    .where(Refill.id == bindparam("refill_id"), Refill.state == "sent")
    .values(progress=bindparam("word"), moved_at=bindparam("at", type_=Instant()))
)


async def _locked(session: WriteSession, *where: ColumnElement[bool] | TextClause) -> Sequence[Any]:
    """The refills that meet the conditions, nobody else's to change until the transaction ends."""
    wanted = select(Refill.id, Refill.order_id, Refill.again_at).where(*where)
    return await session.all(wanted.order_by(Refill.id).with_for_update())


async def sweep(session: WriteSession, policy: Policy, now: datetime) -> None:
    """Refills whose sender died, and those that come to no end, become `unknown`; what nobody can send is given up."""
    lost = await _locked(session, text(REFILL_DUE), Refill.state == "sending", Refill.due_at < now)
    silent = await _locked(
        session, text(REFILL_DUE), Refill.state == "sent", Refill.sent_at <= now - policy.refill_followed
    )
    unsent = await _locked(
        session, text(REFILL_DUE), Refill.state == "asked", Refill.asked_at <= now - policy.unknown_for
    )
    moves = [Move(row.id, row.order_id, "sending", "unknown", row.again_at, reason="unclear") for row in lost]
    moves += [Move(row.id, row.order_id, "sent", "unknown", now, reason="silent") for row in silent]
    moves += [Move(row.id, row.order_id, "asked", "rejected", now, reason="unreachable") for row in unsent]
    await refills.move(session, moves, now)
