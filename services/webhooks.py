"""Webhooks: where a reseller's site is told of changes, and the messages to it, written with what caused them.

Shape and signature are those of the Standard Webhooks specification. A message has one id for all its tries; it is sent
by services.deliveries until the site takes it.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, insert, or_, select, text, update

from services import signing, site_addresses
from services.db import ReadSession, WriteSession
from services.models import FRESH, Account, Delivery, Webhook
from services.reseller_errors import DeliveryGone, NoSite, SiteOff

Cells = TypeVarTuple("Cells")

UPDATED, TEST = "order.updated", "webhook.test"
ON, OFF, GONE = "on", "off", "gone"
WAITING, DONE, FAILED = "waiting", "done", "failed"
TOPIC = "deliveries"
OVERLAP = timedelta(hours=24)
"""So long the old secret signs beside the one that takes its place."""
KEPT = timedelta(days=30)
"""So long messages are shown, and can be sent once more."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a reseller's site is told of changes, as its owner may see it; its secret is asked for by itself.

    `state` is on, off or gone: it answered that it wants nothing more. Until `overlap_until` the secret before signs as
    well. `failing_since` is when it began to take nothing.
    """

    url: str
    state: str
    overlap_until: datetime | None
    failing_since: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """A message to a site, as its owner may see it: `key` is its webhook-id, `answer` what came of the last try.

    `state` is waiting, done or failed, which it is since `done_at`.
    """

    id: int
    key: str
    order_id: int | None
    kind: str
    state: str
    tries: int
    due_at: datetime
    answer: str | None
    created_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """How many messages a site took since a moment, how many were given up, and how many wait now."""

    delivered: int
    failed: int
    waiting: int


CURRENCY = select(Account.currency).where(Account.id == "revenue")
"""What the shop counts its money in."""
MESSAGE = tuple(getattr(Delivery, name) for name in Message.__dataclass_fields__)


async def find(read: ReadSession, user_id: int, now: datetime) -> Site | None:
    """The site of a reseller; None where none is connected."""
    row = await read.first(
        select(Webhook.url, Webhook.state, Webhook.old_until, Webhook.failing_since, Webhook.created_at).where(
            Webhook.user_id == user_id
        )
    )
    if row is None:
        return None
    site = Site(*row)
    return site if site.overlap_until is None or site.overlap_until > now else _alone(site)


def _alone(site: Site) -> Site:
    return Site(site.url, site.state, None, site.failing_since, site.created_at)


async def secret(read: ReadSession, user_id: int) -> str:
    """What the messages to a reseller's site are signed with, for its owner. NoSite."""
    found = await read.value(select(Webhook.secret).where(Webhook.user_id == user_id))
    if found is None:
        raise NoSite
    return found


async def connect(write: WriteSession, user_id: int, url: str, *, now: datetime, loopback: bool = False) -> str:
    """Tell a reseller's site of changes at `url` from now on; the address as it was understood. BadSite.

    The secret stays where a site was connected before, and what waits goes to the new address at once. `loopback`
    allows http to this machine, for development.
    """
    address = site_addresses.checked(url, loopback=loopback)
    row = {"user_id": user_id, "url": address, "state": ON, "secret": signing.new_secret(), "created_at": now}
    await write.run(
        write.insert(Webhook)
        .values(row)
        .on_conflict_do_update(
            index_elements=["user_id"],
            set_={"url": address, "state": ON, "failing_since": None, "quiet_until": None, "created_at": now},
        )
    )
    await write.run(update(Delivery).where(_waiting(user_id)).values(due_at=now))
    write.announce(TOPIC)
    return address


async def disconnect(write: WriteSession, user_id: int) -> None:
    """Forget a reseller's site, its secrets and its messages. NoSite."""
    await write.value(
        select(Webhook.user_id).where(Webhook.user_id == user_id).with_for_update()
    )  # none is written now
    await write.run(delete(Delivery).where(Delivery.user_id == user_id))
    if (await write.run(delete(Webhook).where(Webhook.user_id == user_id))).rowcount != 1:
        raise NoSite


async def rotate(write: WriteSession, user_id: int, now: datetime) -> str:
    """A new secret, which is returned; the one before signs as well for OVERLAP, so that no message is lost. NoSite.

    Where an older one does so still, it goes on, for OVERLAP from now, and the one in between ends: a site that was not
    changed yet has the older one.
    """
    fresh = signing.new_secret()
    older = case((Webhook.old_until > now, Webhook.old_secret), else_=Webhook.secret)
    await _set(write, user_id, old_secret=older, old_until=now + OVERLAP, secret=fresh)
    return fresh


async def turn(write: WriteSession, user_id: int, *, on: bool, now: datetime) -> bool:
    """Send to a reseller's site, or write nothing for it and keep what waits; whether that is new. NoSite."""
    was = await write.value(select(Webhook.state).where(Webhook.user_id == user_id).with_for_update())
    await _set(write, user_id, state=ON if on else OFF, failing_since=None, quiet_until=None)
    if on:
        await write.run(update(Delivery).where(_waiting(user_id)).values(due_at=now))
        write.announce(TOPIC)
    return (was == ON) is not on


async def _set(write: WriteSession, user_id: int, **values: object) -> None:
    if (await write.run(update(Webhook).where(Webhook.user_id == user_id).values(values))).rowcount != 1:
        raise NoSite


async def ping(write: WriteSession, user_id: int, now: datetime) -> int:
    """Write a test message for a reseller's site, in the place of one that still waits; its id. NoSite, SiteOff."""
    await _wake(write, user_id)
    await write.run(delete(Delivery).where(_waiting(user_id), Delivery.kind == TEST))
    data = {"text": "This is a test.", "at": now.isoformat(timespec="microseconds")}
    row = _row(Event(user_id, TEST, data), now)
    [made] = await write.returned(insert(Delivery).values(row).returning(Delivery.id))
    write.announce(TOPIC)
    return int(made.id)


async def _wake(write: WriteSession, user_id: int) -> None:
    """Its owner wants something sent to the site now, whatever time that has asked for. NoSite, SiteOff."""
    state = await write.value(select(Webhook.state).where(Webhook.user_id == user_id).with_for_update())
    if state is None:
        raise NoSite
    if state != ON:
        raise SiteOff
    await _set(write, user_id, quiet_until=None)


async def messages(read: ReadSession, user_id: int, *, limit: int, before: int | None = None) -> list[Message]:
    """Up to `limit` messages to a reseller's site, the newest first; `before` is the last id of the page before."""
    found = select(*MESSAGE).where(Delivery.user_id == user_id)
    if before is not None:
        found = found.where(Delivery.id < before)
    return [Message(*row) for row in await read.all(found.order_by(Delivery.id.desc()).limit(limit))]


async def message(read: ReadSession, user_id: int, message_id: int) -> tuple[Message, str]:
    """One message to a reseller's site, and what it says. DeliveryGone."""
    row = await read.first(select(*MESSAGE, Delivery.body).where(_one(user_id, message_id)))
    if row is None:
        raise DeliveryGone
    return Message(*row[:-1]), row[-1]


async def replay(write: WriteSession, user_id: int, message_id: int, now: datetime) -> None:
    """Send a message once more under its own id, whether the site took it or not; one that waits goes out now.

    It counts as tried: an update of its order that is written meanwhile does not take its place. DeliveryGone where it
    is no more, or on its way; NoSite, SiteOff.
    """
    await _wake(write, user_id)
    again = {"state": WAITING, "tries": 1, "due_at": now, "done_at": None, "lease_until": None}
    ended = (_one(user_id, message_id), Delivery.state != WAITING)
    if (await write.run(update(Delivery).where(*ended).values(again))).rowcount != 1:
        here = or_(Delivery.lease_until.is_(None), Delivery.lease_until < now)
        waits = (_one(user_id, message_id), Delivery.state == WAITING, here)
        if (await write.run(update(Delivery).where(*waits).values(due_at=now))).rowcount != 1:
            raise DeliveryGone
    write.announce(TOPIC)


async def figures(read: ReadSession, user_id: int, since: datetime) -> Figures:
    """How a reseller's site has fared since then."""
    ended = and_(Delivery.state != WAITING, Delivery.done_at >= since)
    rows = await read.all(
        select(Delivery.state, func.count().label("number"))
        .where(Delivery.user_id == user_id, or_(Delivery.state == WAITING, ended))
        .group_by(Delivery.state)
    )
    counted = {row.state: row.number for row in rows}
    return Figures(counted.get(DONE, 0), counted.get(FAILED, 0), counted.get(WAITING, 0))


async def purge(write: WriteSession, before: datetime) -> None:
    """Forget the messages that were written before."""
    await write.run(delete(Delivery).where(Delivery.created_at < before))


def _one(user_id: int, message_id: int) -> ColumnElement[bool]:
    return and_(Delivery.user_id == user_id, Delivery.id == message_id)


def _waiting(user_id: int) -> ColumnElement[bool]:
    return and_(Delivery.user_id == user_id, Delivery.state == WAITING)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, for the site of `user_id`; `data` is ready for JSON.

    What has `once` is told once: another message of the same gets the same id, even from a shop that was brought back
    from a backup and does not remember the first.
    """

    user_id: int
    kind: str
    data: Mapping[str, Any]
    order_id: int | None = None
    once: str | None = None


async def addressed(read: ReadSession, users: Collection[int]) -> dict[int, str]:
    """Those of these people whose sites are told of changes, each with the currency of the shop.

    Those who are suspended or banned are among them: their orders under way go on, and what comes back of them is
    their customers' money. In a transaction that writes they stay connected till its end.
    """
    listening = select(Webhook.user_id, CURRENCY.scalar_subquery().label("currency")).where(
        Webhook.user_id.in_(users), Webhook.state == "on"
    )
    rows = await read.all(staying(read, listening))
    return {row.user_id: row.currency for row in rows}


def staying(read: ReadSession, sites: Select[*Cells]) -> Select[*Cells]:
    """These sites, which nobody disconnects before this transaction has written to them; who reads alone locks none.

    A message to a site that is gone meanwhile would break the transaction of what it tells of.
    """
    if not isinstance(read, WriteSession):
        return sites
    return sites.order_by(Webhook.user_id).with_for_update(read=True, key_share=True, of=Webhook)


async def put(session: WriteSession, events: Sequence[Event], now: datetime) -> None:
    """Write the messages down: they leave once this transaction is committed.

    Of the updates of one order that have not left yet the last one is kept, and none once it has come to an end.
    """
    if not events:
        return
    updates = [_row(event, now) for event in events if event.kind == UPDATED]
    others = [_row(event, now) for event in events if event.kind != UPDATED]
    if others:
        ended = {event.order_id for event in events if event.kind != UPDATED and event.order_id is not None}
        theirs = Delivery.user_id.in_({event.user_id for event in events})  # without whom no index serves
        await session.run(delete(Delivery).where(text(FRESH), theirs, Delivery.order_id.in_(ended)))
        await session.run(session.insert(Delivery).on_conflict_do_nothing(index_elements=["key"]), others)
    if updates:
        insert = session.insert(Delivery)
        latest = insert.on_conflict_do_update(
            index_elements=["user_id", "order_id"],
            index_where=text(FRESH),
            set_={"body": insert.excluded.body, "created_at": insert.excluded.created_at},
        )
        await session.run(latest, updates)
    session.announce(TOPIC)


def _row(event: Event, now: datetime) -> dict[str, Any]:
    body = {"type": event.kind, "timestamp": now.isoformat(timespec="microseconds"), "data": event.data}
    return {
        "key": f"msg_{secrets.token_urlsafe(24) if event.once is None else _named(event)}",
        "user_id": event.user_id,
        "order_id": event.order_id,
        "kind": event.kind,
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        "due_at": now,
        "created_at": now,
    }


def _named(event: Event) -> str:
    """An id of what happened, the same wherever it is written down."""
    named = json.dumps([event.user_id, event.kind, event.once]).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(named).digest()[:24]).decode("ascii")
