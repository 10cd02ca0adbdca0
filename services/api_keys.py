"""Keys of the panel API: shown once, kept as their hash, exchanged with an overlap, revoked, bound to addresses.

A key has 256 random bits, so its plain SHA-256 gives nothing away, and the search for it by hash in an index tells
nobody anything by how long it takes: to steer that hash one would have to break SHA-256. The hash that was found is
compared once more in constant time all the same.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, insert, or_, select, update

from services import networks as ip
from services.db import ReadSession, WriteSession
from services.models import ApiKey, Order, Resale, Reseller, User
from services.money import ZERO, Money
from services.reseller_errors import BadNetwork, KeyGone, TooManyKeys

PREFIX = "psk_"
"""How every key begins: whoever finds one in a log or a commit knows what it is."""
HINT = 10
"""Characters of a key that are kept, to tell one from another."""
MOST = 5
"""Keys of one reseller that are good until they are revoked, and as many that only end."""
MOST_NETWORKS = 20
OVERLAP = timedelta(hours=24)
"""So long the old key is good beside the one that takes its place."""
DAY = timedelta(hours=24)
SEEN_EVERY = timedelta(minutes=1)
"""When a key was used last is written down no more often than this."""


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as its owner may see it. `limit` is what its orders of any 24 hours may cost; None: no limit."""

    id: int
    user_id: int
    hint: str
    networks: Sequence[str]
    limit: Money | None
    created_at: datetime
    ends_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Made:
    """A new key: `secret` is shown now and never again."""

    key: KeyView
    secret: str


@dataclass(frozen=True, slots=True)
class Access:
    """Whose key it is, and what it may do. `open`: its owner is an approved reseller who is not banned."""

    key: KeyView
    open: bool


_ROOT = func.coalesce(ApiKey.root_id, ApiKey.id)
"""The first of the keys that took each other's places."""
COLUMNS = tuple(getattr(ApiKey, name) for name in KeyView.__dataclass_fields__)


def digest(secret: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


async def make(write: WriteSession, user_id: int, now: datetime) -> Made:
    """A new key for a reseller; TooManyKeys where they have MOST that are good."""
    await _room(write, user_id, ApiKey.ends_at.is_(None))
    return await _made(write, user_id, now)


async def _room(write: WriteSession, user_id: int, which: ColumnElement[bool]) -> None:
    """TooManyKeys where MOST of this person's keys are such; until the transaction ends nobody else gives them one."""
    await write.value(select(Reseller.user_id).where(Reseller.user_id == user_id).with_for_update())
    counted = select(func.count()).select_from(ApiKey).where(ApiKey.user_id == user_id, which)
    if (await write.value(counted) or 0) >= MOST:
        raise TooManyKeys(maximum=MOST)


async def _made(write: WriteSession, user_id: int, now: datetime, **terms: object) -> Made:
    secret = PREFIX + secrets.token_urlsafe(32)
    row = {
        "user_id": user_id,
        "hint": secret[:HINT],
        "digest": digest(secret),
        "networks": [],
        "created_at": now,
    }
    [made] = await write.returned(insert(ApiKey).values(row | terms).returning(*COLUMNS))
    return Made(KeyView(*made[: len(COLUMNS)]), secret)


async def rotate(write: WriteSession, user_id: int, key_id: int, now: datetime) -> Made:
    """A new key in the place of this one, with its terms; the old one is good for OVERLAP more.

    One limit holds for both: what either of them spends counts for the other.

    KeyGone; TooManyKeys where MOST old ones are good still beside those that took their places.
    """
    await _room(write, user_id, ApiKey.ends_at > now)
    rows = await write.returned(
        update(ApiKey)
        .where(ApiKey.id == key_id, ApiKey.user_id == user_id, ApiKey.ends_at.is_(None))
        .values(ends_at=now + OVERLAP)
        .returning(ApiKey.networks, ApiKey.limit, _ROOT.label("root_id"))
    )
    if not rows:
        raise KeyGone
    [old] = rows
    return await _made(write, user_id, now, networks=list(old.networks), limit=old.limit, root_id=old.root_id)


async def revoke(write: WriteSession, user_id: int, key_id: int, now: datetime) -> None:
    """The key opens nothing from now on. KeyGone where it did not any more."""
    mine = (ApiKey.id == key_id, ApiKey.user_id == user_id, good(now))
    if (await write.run(update(ApiKey).where(*mine).values(ends_at=now))).rowcount != 1:
        raise KeyGone


async def bind(write: WriteSession, user_id: int, key_id: int, networks: str, now: datetime) -> list[str]:
    """Let the key be used from these addresses or networks alone, parted by blanks or commas.

    BadNetwork names what is neither, and refuses none at all: that would open the key to everybody (`unbind`). KeyGone
    where there is no such key.
    """
    listed: list[str] = []
    for word in networks.replace(",", " ").split():
        try:
            read = str(ip.network(word))
        except ValueError:
            raise BadNetwork(reason="unread", text=word[:45]) from None
        if read not in listed:
            listed.append(read)
    if not listed:
        raise BadNetwork(reason="none")
    if len(listed) > MOST_NETWORKS:
        raise BadNetwork(reason="many", maximum=MOST_NETWORKS)
    await _set(write, user_id, key_id, now, networks=listed)
    return listed


async def unbind(write: WriteSession, user_id: int, key_id: int, now: datetime) -> None:
    """Let the key be used from anywhere. KeyGone."""
    await _set(write, user_id, key_id, now, networks=[])


async def limit(write: WriteSession, user_id: int, key_id: int, most: Money | None, now: datetime) -> None:
    """What the key's orders of any 24 hours may cost in all; None: whatever the wallet holds. KeyGone."""
    await _set(write, user_id, key_id, now, limit=most)


async def _set(write: WriteSession, user_id: int, key_id: int, now: datetime, **values: object) -> None:
    mine = (ApiKey.id == key_id, ApiKey.user_id == user_id, good(now))
    if (await write.run(update(ApiKey).where(*mine).values(values))).rowcount != 1:
        raise KeyGone


async def listed(read: ReadSession, user_id: int, now: datetime) -> list[KeyView]:
    """The keys of somebody that are good, the newest first."""
    rows = await read.all(
        select(*COLUMNS).where(ApiKey.user_id == user_id, good(now)).order_by(ApiKey.created_at.desc(), ApiKey.id)
    )
    return [KeyView(*row) for row in rows]


async def opened(read: ReadSession, secret: str, now: datetime) -> Access | None:
    """What this key opens; None where there is none, or it is good no more."""
    looked_for = digest(secret)
    row = await read.first(
        select(*COLUMNS, ApiKey.digest, Reseller.state, User.banned)
        .join(Reseller, Reseller.user_id == ApiKey.user_id)
        .join(User, User.id == ApiKey.user_id)
        .where(ApiKey.digest == looked_for, good(now))
    )
    if row is None or not hmac.compare_digest(row.digest, looked_for):
        return None
    return Access(KeyView(*row[: len(COLUMNS)]), row.state == "approved" and not row.banned)


def admits(key: KeyView, address: str | None) -> bool:
    """Whether the key may be used from this address; IPv4 that comes in IPv6 counts as what it is."""
    if not key.networks:
        return True
    given = ip.address(address or "")
    return given is not None and ip.among(given, [ip.network(each) for each in key.networks])


async def spent(read: ReadSession, key_id: int, now: datetime) -> Money:
    """What the orders of the last 24 hours cost, less what came back of them: this key's, and those of the keys whose
    place it took or that took its own. Else exchanging a key would fill its limit again.
    """
    root = select(_ROOT).where(ApiKey.id == key_id).scalar_subquery()
    line = select(ApiKey.id).where(or_(ApiKey.id == root, ApiKey.root_id == root))
    total = await read.value(
        select(func.sum(Order.charge - Order.refunded))
        .join(Resale, Resale.order_id == Order.id)
        .where(Resale.key_id.in_(line), Resale.created_at > now - DAY)
    )
    return ZERO if total is None else total if isinstance(total, Money) else Money(int(total))


async def used(write: WriteSession, key_id: int, now: datetime) -> None:
    """Write down that a key was used, to the minute."""
    stale = or_(ApiKey.used_at.is_(None), ApiKey.used_at < now - SEEN_EVERY)
    await write.run(update(ApiKey).where(ApiKey.id == key_id, stale).values(used_at=now))


def good(now: datetime) -> ColumnElement[bool]:
    """Whether a key opens anything at this moment."""
    return or_(ApiKey.ends_at.is_(None), ApiKey.ends_at > now)


async def take_back(write: WriteSession, user_id: int, key_id: int, instead_of: int | None, now: datetime) -> None:
    """Undo a key that its owner never saw, and let the one whose place it took stay."""
    mine = (ApiKey.user_id == user_id, good(now))
    await write.run(update(ApiKey).where(ApiKey.id == key_id, *mine).values(ends_at=now))
    if instead_of is not None:
        await write.run(update(ApiKey).where(ApiKey.id == instead_of, *mine).values(ends_at=None))
