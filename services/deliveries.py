"""Messages to resellers' sites, sent: claimed by lease, in turn among the sites, tried for three days.

A site may get a message twice, under the same id: where the shop died between the POST and its record, or was brought
back from a backup in which a message still waits that has gone out since. So it takes no harm from either.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, TypedDict
from urllib.parse import urlsplit

from sqlalchemy import Select, bindparam, case, func, literal, or_, select, text, update

from services import outbox, signing
from services.columns import Instant
from services.db import Database, WriteSession
from services.models import UNDELIVERED, Delivery, Webhook
from services.site_notices import SiteNotice
from services.site_posts import DEADLINE, Answer, SitePosts

PAUSES = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""After each try that failed; the last of ten is more than three days after the first."""
JITTER = 0.1
"""Pauses are up to this share longer or shorter: what failed together does not come back together."""
LONGEST_WAIT = timedelta(hours=24)
"""So long a site may ask to be left alone."""
LEASE = timedelta(seconds=DEADLINE + 35)
AT_ONCE, AT_SILENT = 24, 12
"""POSTs under way, to sites that take messages and to those that do not."""
OF_ONE_SITE = 4
"""Of them to one site; to a site that takes nothing, one."""
SPELL = 20.0
"""Seconds in which one run begins POSTs; to a site that takes nothing only as long as that may take till its end."""
LOOK = 0.5
"""So often it is looked for new messages while POSTs are under way, in seconds."""
FAILING = timedelta(hours=1)
"""When a site has taken nothing for so long its owner is told, once."""
OLD = sum(PAUSES, timedelta()) * (1 + JITTER)
"""So long at most the tries of a message take, from the first to the last."""
OVERDUE = timedelta(days=1)
"""What is as old, and could not be tried for so long because so much waits for a site that takes nothing, is given up.

Not for being late alone: after a day on which the shop was down everything is. Nor for being old alone: what its
reseller has sent once more has its tries again.
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that its claimer alone may send until the lease ends; it is signed with each of `keys`."""

    id: int
    key: str
    user_id: int
    body: str
    tries: int
    lease_until: datetime
    url: str
    keys: tuple[str, ...] = field(repr=False)
    failing: bool


Outcome = tuple[Claimed, Answer]


async def work(
    db: Database,
    posts: SitePosts,
    clock: Callable[[], datetime],
    chance: Callable[[], float] = random.random,
    spell: float = SPELL,
) -> int:
    """Send what is due, to all sites side by side, and record what came of it; how many POSTs that were."""
    loop = asyncio.get_running_loop()
    end = loop.time() + spell
    sent = 0
    async with asyncio.TaskGroup() as group:
        under_way: dict[asyncio.Task[Answer], Claimed] = {}
        while True:
            while (left := end - loop.time()) > 0:
                fresh = await _claim(db, under_way.values(), clock(), trying=left > spell / 2)
                for each in fresh:
                    under_way[group.create_task(_send(posts, each, clock()))] = each
                sent += len(fresh)
                if not fresh:
                    break
            if not under_way:
                return sent
            done, _ = await asyncio.wait(under_way, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
            outcomes = [(under_way.pop(task), task.result()) for task in done]
            if outcomes:
                await db.insisting(partial(record, outcomes=outcomes, now=clock(), chance=chance))


async def _send(posts: SitePosts, each: Claimed, now: datetime) -> Answer:
    return await posts.post(each.url, each.body, signing.headers(each.key, each.body, each.keys, now), now)


async def _claim(db: Database, under_way: Collection[Claimed], now: datetime, *, trying: bool) -> list[Claimed]:
    """One more message for each site that has less than its share under way, where one is due.

    Sites that take nothing have places of their own, and fewer: however many those are, the others do not wait. Nor do
    slow sites with much to take keep the places: what becomes free goes to whoever has the fewest.
    """
    counted = Counter(each.user_id for each in under_way)
    silent = {each.user_id for each in under_way if each.failing}
    busy = silent | {site for site, number in counted.items() if number >= OF_ONE_SITE}
    places = {False: AT_ONCE - len(under_way) + len(silent), True: AT_SILENT - len(silent) if trying else 0}
    claimed: list[Claimed] = []
    for failing, limit in places.items():
        if limit > 0:
            which: _Which = {"limit": limit, "but": busy, "under_way": counted, "failing": failing, "now": now}
            async with db.read() as read:  # most looks find nothing: they need not wait for the one that writes
                found = await read.first(_next(**which))
            if found is not None:
                claimed += await db.retrying(partial(claim, **which))
    return claimed


class _Which(TypedDict):
    limit: int
    but: Collection[int]
    under_way: Mapping[int, int]
    failing: bool
    now: datetime


def _next(
    *, limit: int, but: Collection[int], under_way: Mapping[int, int], failing: bool, now: datetime
) -> Select[*tuple[Any, ...]]:
    """The first due message of each site that takes them, or of each that takes nothing.

    Those with the fewest POSTs under way come first, then the longest due.
    """
    fewest = [case(dict(under_way), value=Delivery.user_id, else_=0)] if under_way else []
    free = or_(Delivery.lease_until.is_(None), Delivery.lease_until < now)
    first = (
        select(Delivery.id)
        .where(Delivery.user_id == Webhook.user_id, text(UNDELIVERED), Delivery.due_at <= now, free)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(1)
        .correlate(Webhook)
        .scalar_subquery()
    )
    sites = (
        select(first)
        .select_from(Webhook)
        .where(Webhook.state == "on", Webhook.user_id.not_in(but))
        .where(or_(Webhook.quiet_until.is_(None), Webhook.quiet_until <= now))
        .where(Webhook.failing_since.is_not(None) if failing else Webhook.failing_since.is_(None))
    )
    return (
        select(Delivery.id)
        .where(Delivery.id.in_(sites), Delivery.state == "waiting", Delivery.due_at <= now, free)
        .order_by(*fewest, Delivery.due_at, Delivery.id)
        .limit(limit)
    )


async def claim(
    session: WriteSession,
    *,
    limit: int,
    but: Collection[int] = (),
    under_way: Mapping[int, int] = MappingProxyType({}),
    failing: bool = False,
    now: datetime,
) -> list[Claimed]:
    """Take the first due message of each of up to `limit` sites for LEASE, those in `but` aside; others skip them.

    Of sites that take messages, or of those that are `failing`; `under_way` is how many POSTs are, to which.
    """
    due = _next(limit=limit, but=but, under_way=under_way, failing=failing, now=now).with_for_update(skip_locked=True)
    rows = await session.returned(
        update(Delivery)
        .where(Delivery.id.in_(due.scalar_subquery()))
        .values(lease_until=now + LEASE, tries=Delivery.tries + 1)
        .returning(Delivery.id, Delivery.key, Delivery.user_id, Delivery.body, Delivery.tries)
    )
    if not rows:
        return []
    columns = (Webhook.user_id, Webhook.url, Webhook.secret, Webhook.old_secret, Webhook.old_until)
    found = await session.all(
        select(*columns, Webhook.failing_since).where(Webhook.user_id.in_([row.user_id for row in rows]))
    )
    sites = {site.user_id: site for site in found}
    return [
        Claimed(row.id, row.key, row.user_id, row.body, row.tries, now + LEASE, *_of_site(sites[row.user_id], now))
        for row in rows
    ]


def _of_site(site: Any, now: datetime) -> tuple[str, tuple[str, ...], bool]:
    """Where to, signed with what, and whether it takes nothing."""
    overlap = site.old_secret is not None and site.old_until is not None and site.old_until > now
    return site.url, (site.secret, site.old_secret) if overlap else (site.secret,), site.failing_since is not None


async def record(
    session: WriteSession, *, outcomes: Sequence[Outcome], now: datetime, chance: Callable[[], float]
) -> None:
    """Write down what came of these tries, and tell the owners of sites what they must know."""
    sites = select(Webhook.user_id).where(Webhook.user_id.in_({each.user_id for each, _ in outcomes}))
    # Before their messages, as whoever connects or disconnects one does: or both wait for each other.
    await session.all(sites.order_by(Webhook.user_id).with_for_update(key_share=True))
    rows = [_row(each, answer, now, chance) for each, answer in outcomes]
    await session.run(RECORDED, rows)
    lively = {each.user_id: each.url for each, answer in outcomes if answer.taken}
    silent = {each.user_id: (each.url, answer.said) for each, answer in outcomes if each.user_id not in lively}
    for user_id, url in lively.items():
        await session.run(update(Webhook).where(*_at(user_id, url)).values(failing_since=None))
    told: list[outbox.Outgoing] = []
    for each, answer in outcomes:
        if answer.gone:
            told += await _stop(session, each, now)
        elif answer.wait is not None:
            await _leave_alone(session, each, now + min(answer.wait, LONGEST_WAIT))
    for user_id, (url, said) in silent.items():
        told += await _note_silence(session, user_id, url, said, now)
    given_up = {each.user_id: (each.url, answer.said) for each, answer in outcomes if _is_last(each, answer)}
    for user_id, (url, said) in given_up.items():
        told.append(_given_up(user_id, url, said, now))
    await outbox.put(session, told, now)


RECORDED = (
    update(Delivery)
    .where(Delivery.id == bindparam("of"), Delivery.state == "waiting", Delivery.lease_until == bindparam("lease"))
    .values(
        state=bindparam("becomes"),
        due_at=bindparam("due"),
        done_at=bindparam("ended"),
        answer=bindparam("said"),
        lease_until=None,
    )
)
"""Whoever's lease was taken over meanwhile records nothing."""


def _row(each: Claimed, answer: Answer, now: datetime, chance: Callable[[], float]) -> dict[str, object]:
    ended = answer.taken or _is_last(each, answer)
    return {
        "of": each.id,
        "lease": each.lease_until,
        "becomes": "done" if answer.taken else "failed" if ended else "waiting",
        "due": now if ended else now + pause(each.tries, answer, chance()),
        "ended": now if ended else None,
        "said": answer.said,
    }


def _is_last(each: Claimed, answer: Answer) -> bool:
    return not answer.taken and not answer.gone and each.tries > len(PAUSES)


def pause(tries: int, answer: Answer, chance: float) -> timedelta:
    """How long after so many tries the next one is: never sooner than the site asks, nor than a share of the plan."""
    planned = PAUSES[min(tries, len(PAUSES)) - 1] * (1 - JITTER + 2 * JITTER * chance)
    return max(planned, min(answer.wait, LONGEST_WAIT)) if answer.wait is not None else planned


def _at(user_id: int, url: str) -> tuple[Any, ...]:
    """The site, where it is still connected at the address that was tried."""
    return Webhook.user_id == user_id, Webhook.url == url, Webhook.state == "on"


def _waiting(user_id: int) -> tuple[Any, ...]:
    return Delivery.user_id == user_id, text(UNDELIVERED)


async def _stop(session: WriteSession, each: Claimed, now: datetime) -> list[outbox.Outgoing]:
    """The site wants no more: nothing is sent to it or written for it until its owner says otherwise."""
    stopped = await session.run(update(Webhook).where(*_at(each.user_id, each.url)).values(state="gone"))
    if stopped.rowcount != 1:
        return []
    over = {"state": "failed", "done_at": now, "answer": "410", "lease_until": None}
    await session.run(update(Delivery).where(*_waiting(each.user_id)).values(over))
    notice = SiteNotice("gone", _host(each.url), "410")
    return [outbox.Outgoing(f"site:{each.user_id}:gone:{now.isoformat()}", each.user_id, notice)]


async def _leave_alone(session: WriteSession, each: Claimed, until: datetime) -> None:
    """A site that asks for time gets it, for all its messages, however many wait."""
    sooner = or_(Webhook.quiet_until.is_(None), Webhook.quiet_until < until)
    await session.run(update(Webhook).where(*_at(each.user_id, each.url), sooner).values(quiet_until=until))


async def _note_silence(
    session: WriteSession, user_id: int, url: str, said: str, now: datetime
) -> list[outbox.Outgoing]:
    """The site took nothing of this: since when, and what its owner hears of it."""
    noted = await session.returned(
        update(Webhook)
        .where(*_at(user_id, url))
        .values(failing_since=func.coalesce(Webhook.failing_since, literal(now, Instant())))
        .returning(Webhook.failing_since)
    )
    if not noted:
        return []
    since, told = noted[0].failing_since, []
    if since <= now - FAILING:
        notice = SiteNotice("failing", _host(url), said, since.isoformat())
        told.append(outbox.Outgoing(f"site:{user_id}:failing:{since.isoformat()}", user_id, notice))
        late = {"state": "failed", "done_at": now, "lease_until": None}
        stuck = (*_waiting(user_id), Delivery.due_at < now - OVERDUE, Delivery.created_at < now - OLD)
        if (await session.run(update(Delivery).where(*stuck).values(late))).rowcount:
            told.append(_given_up(user_id, url, said, now))
    return told


def _given_up(user_id: int, url: str, said: str, now: datetime) -> outbox.Outgoing:
    """Told once a day: a site that takes nothing may miss thousands."""
    notice = SiteNotice("given_up", _host(url), said)
    return outbox.Outgoing(f"site:{user_id}:given-up:{now:%Y-%m-%d}", user_id, notice)


def _host(url: str) -> str:
    return urlsplit(url).netloc
