"""Following orders upstream: ask each provider about its due orders, apply what it says, page by page."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

import structlog
from sqlalchemy import BigInteger, and_, bindparam, case, func, literal, null, or_, select, text, type_coerce, update
from sqlalchemy.orm import InstrumentedAttribute

from services import causes, closing, followed, notices, order_news, outbox, refills, settlement
from services.columns import Instant, micros
from services.db import Database, WriteSession
from services.followed import KNOWN, Followed
from services.link_check import LinkCheck
from services.models import POLLED, Order
from services.order_news import Change
from services.order_view import OrderView
from services.panel_answers import RowError, Snapshot
from services.policy import Policy
from services.provider import PanelClient, ProviderError
from services.settlement import CLOSED, Outcome, Terms

PAGE = 1000
"""Orders claimed at once: ten status batches of a hundred."""
PATIENCE = 8
"""An order that has not moved for a time is asked about again after an eighth of that time."""
LAST_LOOKS = 24
"""After its watch a closed order is asked about until its row says something, and so often at most where it does not.

Looks are counted, not hours: the shop itself may have slept. A provider that does not answer at all is asked on.
"""
SILENCES = 48
"""So many answers in a row that say nothing about an open order, and admins hear of it: it may stay so for ever.

About an hour for an order just placed, for panels take their time to know their own; a day for one that has long stood.
"""
MICROSECOND = timedelta(microseconds=1)

log = structlog.get_logger()


class Source(Protocol):
    """Who tells how orders stand: a panel's client, or an admin who read it off by hand."""

    @property
    def name(self) -> str:
        """The provider."""

    @property
    def confirmations(self) -> int:
        """How often it must give a terminal answer."""


async def poll_due(
    db: Database,
    providers: Mapping[str, PanelClient],
    policy: Policy,
    clock: Callable[[], datetime],
    pages: LinkCheck | None = None,
) -> int:
    """Ask every provider about all its due orders; the number asked about. One provider's trouble is its own.

    `pages` looks at the links of orders that stopped, before their customers are told.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_poll(db, client, policy, clock, pages)) for client in providers.values()]
    return sum(task.result() for task in tasks)


async def _poll(
    db: Database, client: PanelClient, policy: Policy, clock: Callable[[], datetime], pages: LinkCheck | None
) -> int:
    asked = 0
    while True:
        async with db.write() as session:
            now = clock()
            page = await claim_due(session, client.name, policy, now)
        if not page:
            return asked
        asked += len(page)
        try:
            await ask(db, client, page, policy, clock, pages)
        except ProviderError as error:
            client.mute_since = client.mute_since or now
            log.warning("provider.statuses_failed", provider=client.name, error=str(error), orders=len(page))
            return asked
        client.mute_since = None
        if len(page) < PAGE:
            return asked


async def ask(
    db: Database,
    client: PanelClient,
    page: Sequence[Followed],
    policy: Policy,
    clock: Callable[[], datetime],
    pages: LinkCheck | None,
) -> Mapping[str, Snapshot | RowError]:
    """Ask a provider about these orders of its and carry out what it says, which is returned. Raises ProviderError."""
    now = clock()
    answers = await client.statuses([order.provider_order_id for order in page])
    news = _news(page, answers, client)
    links = {} if pages is None else _links_of_stopped(page, news, client)
    moving = {order: answer for order, answer in news.items() if order not in links}
    if moving:
        await db.retrying(partial(apply, client=client, news=moving, policy=policy, now=clock()))
    if links and pages is not None:
        codes = await pages.codes(set(links.values()))
        await db.retrying(partial(causes.remember, codes=codes, now=clock()))
        stopped = {order: news[order] for order in links}
        await db.retrying(partial(apply, client=client, news=stopped, policy=policy, now=clock()))
    looks = _looks(page, answers, now)
    if looks:
        await db.retrying(partial(count_looks, client=client, looks=looks, policy=policy, now=now))
    return answers


async def claim_due(session: WriteSession, provider: str, policy: Policy, now: datetime) -> list[Followed]:
    """Up to PAGE orders due for asking, the longest due first.

    Claiming moves `next_poll_at` on, which is the lease: whoever dies after it only makes the answer come later. That
    holds for the last look at a closed order as well: it is let go when it was answered, not when it was asked.
    """
    due = (
        select(Order.id)
        .where(text(POLLED), Order.provider == provider, Order.next_poll_at <= now)
        .order_by(Order.next_poll_at)
        .limit(PAGE)
        .with_for_update(skip_locked=True)
    )
    rows = await session.returned(
        update(Order)
        .where(Order.id.in_(due.scalar_subquery()))
        .values(next_poll_at=_next_poll(policy, now))
        .returning(*KNOWN)
    )
    return [followed.read(row) for row in rows]


def _next_poll(policy: Policy, now: datetime) -> Any:
    """When to ask again, as SQL: soon while an order moves, ever later while it stands, at a slow pace once closed."""
    at = literal(micros(now), BigInteger)
    return case(
        (Order.status != settlement.OPEN, at + policy.watch_every // MICROSECOND),
        else_=later(Order.moved_at, policy, now),
    )


def later(moved_at: InstrumentedAttribute[datetime], policy: Policy, now: datetime) -> Any:
    """When to ask again about what has not moved since then, as SQL."""
    at = literal(micros(now), BigInteger)
    still = (at - type_coerce(moved_at, BigInteger)) // PATIENCE
    fastest, slowest = policy.poll_fastest // MICROSECOND, policy.poll_slowest // MICROSECOND
    return at + case((still < fastest, fastest), (still > slowest, slowest), else_=still)


def _looks(
    page: Sequence[Followed], answers: Mapping[str, Snapshot | RowError], now: datetime
) -> dict[int, RowError | None]:
    """The orders whose looks have to be counted: what was said in place of a row, or None where there was one.

    They are closed ones whose watch was over when they were asked about, and open ones that have fallen silent, or are
    no longer. A provider that did not answer at all was no look at anything.
    """
    looks: dict[int, RowError | None] = {}
    for order in page:
        answer = answers.get(order.provider_order_id)
        silence = answer if isinstance(answer, RowError) else None
        if order.view.status == settlement.OPEN:
            counts = order.silent_looks < SILENCES if silence is not None else order.silent_looks > 0
        else:
            counts = order.watch_until is not None and order.watch_until <= now
        if counts and answer is not None:
            looks[order.view.id] = silence
    return looks


async def count_looks(
    session: WriteSession, *, client: Source, looks: Mapping[int, RowError | None], policy: Policy, now: datetime
) -> None:
    """Count the looks of `_looks`; tell admins of open orders that stay silent, and ask no more about closed ones.

    A closed order is let go once it was answered, or LAST_LOOKS times not; one whose last look brought news is watched
    anew.
    """
    told = Order.id.in_([order for order, silence in looks.items() if silence is None])
    silent = Order.silent_looks + 1
    over = and_(Order.status != settlement.OPEN, Order.watch_until <= now, or_(told, silent >= LAST_LOOKS))
    rows = await session.returned(
        update(Order)
        .where(Order.id.in_(list(looks)))
        .values(silent_looks=case((told, 0), else_=silent), next_poll_at=case((over, null()), else_=Order.next_poll_at))
        .returning(Order.id, Order.status, Order.silent_looks, Order.provider_order_id)
    )
    alerts: list[outbox.Outgoing] = []
    for row in rows:
        silence = looks[row.id]
        if silence is not None and row.status == settlement.OPEN and row.silent_looks == SILENCES:
            facts = {"provider": client.name, "provider_order": row.provider_order_id, "answer": silence.text}
            alert = notices.AdminAlert("order-silent", row.id, facts)
            alerts += outbox.to_each(f"alert:order-silent:{row.id}:{now.date()}", policy.admins, alert)
    await outbox.put(session, alerts, now)


def _news(
    page: Sequence[Followed], answers: Mapping[str, Snapshot | RowError], client: PanelClient
) -> dict[int, Snapshot]:
    """The answers that change something, by order id, found without touching the database."""
    news: dict[int, Snapshot] = {}
    for order in page:
        answer = answers.get(order.provider_order_id)
        if not isinstance(answer, Snapshot):
            if answer is not None:
                log.info("provider.row_error", provider=client.name, order=order.view.id, error=answer.text)
            continue
        terms = order.terms(client.confirmations)
        if settlement.changes(terms, settlement.decide(terms, answer)):
            news[order.view.id] = answer
    return news


def _links_of_stopped(page: Sequence[Followed], news: Mapping[int, Snapshot], client: PanelClient) -> dict[int, str]:
    """The links of the orders that these answers stop, by order id: worth a look before the reason is told."""
    return {
        order.view.id: order.view.link
        for order in page
        if order.view.id in news
        and order.view.status not in causes.STOPPED
        and settlement.decide(order.terms(client.confirmations), news[order.view.id]).status in causes.STOPPED
    }


async def apply(
    session: WriteSession, *, client: Source, news: Mapping[int, Snapshot], policy: Policy, now: datetime
) -> None:
    """Carry out what a page of answers means: rows, money, stories, cards and notices in one transaction.

    The orders are read again under lock and decided anew, so that an answer applied by somebody else in between
    changes nothing twice.
    """
    rows = await session.all(select(*KNOWN).where(Order.id.in_(list(news))).order_by(Order.id).with_for_update())
    unknown = Counter(snapshot.word.lower() for snapshot in news.values() if not snapshot.known)
    updates: list[dict[str, Any]] = []
    closings: list[closing.Closing] = []
    moved: list[Change] = []
    outgoing: list[outbox.Outgoing] = []
    for row in rows:
        order = followed.read(row)
        snapshot = news[order.view.id]
        terms = order.terms(client.confirmations)
        outcome = settlement.decide(terms, snapshot)
        if not settlement.changes(terms, outcome):
            continue
        updates.append(_update(order, terms, outcome, policy, now))
        after = _after(order.view, outcome, now)
        if outcome.refunded != order.view.refunded or (outcome.status in CLOSED and terms.status not in CLOSED):
            closings.append(closing.Closing(order.view, after))
        elif after != order.view:
            moved.append(Change(after, order.view))
        outgoing += _alerts(client.name, order, snapshot, outcome, unknown, policy)
        if settlement.UNREADABLE in outcome.alerts and not after.by_api:
            outgoing.append(_clarifying(after))
    if updates:
        await session.run(UPDATE, updates)
    await closing.close(session, closings, now)
    await order_news.tell(session, moved, now, priority=outbox.PROGRESS)
    await outbox.put(session, outgoing, now)


UPDATE = (
    update(Order)
    .where(Order.id == bindparam("order_id"), Order.status == bindparam("was"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                "status",
                "delivered",
                "refunded",
                "progress",
                "start_count",
                "unreadable_polls",
                "unconfirmed",
                "provider_charge",
                "moved_at",
                "next_poll_at",
                "watch_until",
                "silent_looks",
                "closed_at",
            )
        }
        | {
            "started_at": func.coalesce(Order.started_at, bindparam("now_started", type_=Instant())),
            "remind_at": case(
                (Order.closed_at.is_(None), bindparam("new_remind_at", type_=Instant())), else_=Order.remind_at
            ),
        }
    )
)
"""One compare-and-set for every kind of news, so that a page is one executemany."""


def _update(order: Followed, terms: Terms, outcome: Outcome, policy: Policy, now: datetime) -> dict[str, Any]:
    closed = outcome.status in CLOSED
    watch_until = now + policy.watch_for if closed else None
    if closed and not settlement.changes(terms, replace(outcome, provider_charge=terms.provider_charge)):
        watch_until = order.watch_until  # else a charge that follows an exchange rate would be watched for ever
    return {
        "order_id": order.view.id,
        "was": order.view.status,
        "new_status": outcome.status,
        "new_delivered": outcome.delivered,
        "new_refunded": outcome.refunded,
        "new_progress": outcome.progress,
        "new_start_count": outcome.start_count,
        "new_unreadable_polls": outcome.unreadable_polls,
        "new_unconfirmed": outcome.unconfirmed,
        "new_provider_charge": outcome.provider_charge,
        "new_moved_at": now,
        "new_next_poll_at": now + (policy.watch_every if closed else policy.poll_fastest),
        "new_watch_until": watch_until,
        "new_silent_looks": 0,
        "new_closed_at": (order.view.closed_at or now) if closed else None,
        "new_remind_at": refills.remind_at(_after(order.view, outcome, now), policy),
        "now_started": now if outcome.delivered else None,
    }


def _after(view: OrderView, outcome: Outcome, now: datetime) -> OrderView:
    return replace(
        view,
        status=outcome.status,
        delivered=outcome.delivered,
        refunded=outcome.refunded,
        progress=outcome.progress,
        start_count=outcome.start_count,
        closed_at=(view.closed_at or now) if outcome.status in CLOSED else None,
    )


def _alerts(
    provider: str, order: Followed, snapshot: Snapshot, outcome: Outcome, unknown: Counter[str], policy: Policy
) -> list[outbox.Outgoing]:
    """What admins must hear of one answer, each thing once; `unknown` is how many orders have met which new word."""
    alerts: list[outbox.Outgoing] = []
    facts = {"provider": provider, "provider_order": order.provider_order_id, "word": snapshot.word}
    for code in outcome.alerts:
        alert = notices.AdminAlert(code, order.view.id, facts)
        alerts += outbox.to_each(f"alert:{code}:{order.view.id}", policy.admins, alert)
    if not snapshot.known:
        word = snapshot.word.lower()
        alert = notices.AdminAlert("unknown-status", order.view.id, facts | {"orders": str(unknown[word])})
        alerts += outbox.to_each(f"alert:unknown-status:{provider}:{word}", policy.admins, alert)
    return alerts


def _clarifying(order: OrderView) -> outbox.Outgoing:
    """What the customer hears, once, while an admin finds out how many were delivered."""
    about = (order.id, order.service_name, order.server, order.quantity, order.charge)
    return outbox.Outgoing(f"order:{order.id}:clarifying", order.user_id, notices.Clarifying(*about, unit=order.unit))
