"""What the staff is warned of before it costs money: told once when it begins, once a day while it lasts.

code            begins when                                              is over when
balance-low     a provider's balance lasts less than `balance_for`       it lasts a quarter longer than that
provider-down   it answered nothing for `silent_for`                     it answers
statuses-mute   it answers, but nothing about orders for `silent_for`    it does (bot.jobs)
key-refused     it refuses our key                                       it answers
partial-wave    half of a service's last orders of today stopped         a third of them did not, or it is not sold
outbox-late     a message has waited for NOTICES_LATE                    half of that
job-late        a job has not come to a good end for long (bot.jobs)     it has
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func, insert, select, text, true, update

from services import health, notices, outbox, purses
from services.columns import micros
from services.db import ReadSession, WriteSession
from services.health import Health
from services.models import UNSENT, Notice, Order, Service, Trouble
from services.policy import Policy
from services.purses import DAY, Purse

NOTICES_LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Sign:
    """Something to warn of, under a `name` of its own; `fading`: no reason to begin, nor enough to be over.

    `facts` are the alert's, `services` those it is about, `site` where it is mended.
    """

    name: str
    code: str
    facts: dict[str, str] = field(default_factory=dict)
    fading: bool = False
    services: tuple[int, ...] = ()
    site: str = ""


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning that stands; `subject` is the provider, the service's id or the job that it is about."""

    code: str
    subject: str
    since: datetime


async def signs(
    read: ReadSession, policy: Policy, rates: Mapping[str, Decimal], sites: Mapping[str, str], now: datetime
) -> list[Sign]:
    """What is to be seen in the database; `rates` as in services.purses, `sites` where each provider is reached."""
    found = []
    for purse in await purses.of(read, rates, now):
        site = sites.get(purse.provider, "")
        found += [*_low(purse, policy, site), *_failing(purse, policy, site, now)]
    return [*found, *await _waves(read, now), *await _late(read, now)]


def mute(provider: str, since: datetime, policy: Policy, site: str, now: datetime) -> Sign:
    """A provider that has answered no question about orders since then, asked by the process that follows them."""
    facts = {"provider": provider, "since": f"{since:%Y-%m-%d %H:%M} UTC"}
    return Sign(f"statuses:{provider}", "statuses-mute", facts, now - since < policy.silent_for, site=site)


async def report(write: WriteSession, seen: Sequence[Sign], admins: Collection[int], now: datetime) -> None:
    """Tell `admins` what began, and what has lasted another day; forget what is over."""
    standing = {row.name: row for row in await write.all(select(Trouble.name, Trouble.since, Trouble.told_at))}
    over = sorted(standing.keys() - {sign.name for sign in seen})
    if over:
        await write.run(delete(Trouble).where(Trouble.name.in_(over)))
    for sign in seen:
        known = standing.get(sign.name)
        if sign.fading or (known is not None and now - known.told_at < DAY):
            continue
        if known is None:
            row = {"name": sign.name, "code": sign.code, "since": now, "told_at": now}
            await write.run(insert(Trouble).values(row))
        else:
            await write.run(update(Trouble).where(Trouble.name == sign.name).values(told_at=now))
        told = notices.AdminAlert(sign.code, None, sign.facts, services=list(sign.services), site=sign.site)
        key = f"alert:{sign.name}:{micros(now)}"
        await outbox.put(write, outbox.to_each(key, sorted(admins), told), now)


async def standing(read: ReadSession) -> list[Warned]:
    """The warnings that stand, the oldest first."""
    rows = await read.all(select(Trouble.name, Trouble.code, Trouble.since).order_by(Trouble.since, Trouble.name))
    return [Warned(row.code, row.name.partition(":")[2], row.since) for row in rows]


async def oldest_unsent(read: ReadSession) -> datetime | None:
    """Since when the message waits that has waited longest.

    Broadcasts take their time, and a card that was replaced, their own included, was made long before it was due.
    """
    live = [card.kind for card in notices.LIVE]
    waiting = select(func.min(Notice.created_at)).where(
        text(UNSENT), Notice.priority < outbox.BROADCAST, Notice.kind.not_in(live)
    )
    return await read.value(waiting)


def _low(purse: Purse, policy: Policy, site: str) -> list[Sign]:
    """An empty purse is worth a word where something is sold from it, whatever was spent."""
    left = purse.left
    if left is None or left >= policy.balance_for * 1.25 or not (purse.spent or purse.selling):
        return []
    facts = {
        "provider": purse.provider,
        "balance": f"{purse.balance} {purse.currency or ''}".strip(),
        "spent in 24 hours": str(purse.spent),
        "hours left": str(int(left / timedelta(hours=1))),
    }
    fading = left >= policy.balance_for
    return [Sign(f"balance:{purse.provider}", "balance-low", facts, fading, site=site)]


def _failing(purse: Purse, policy: Policy, site: str, now: datetime) -> list[Sign]:
    since = purse.failing_since
    if since is None:
        return []
    facts = {"provider": purse.provider, "since": f"{since:%Y-%m-%d %H:%M} UTC"}
    if purse.failing == "key":
        return [Sign(f"key:{purse.provider}", "key-refused", facts, site=site)]
    return [Sign(f"down:{purse.provider}", "provider-down", facts, now - since < policy.silent_for, site=site)]


async def _waves(read: ReadSession, now: datetime) -> list[Sign]:
    """Services on sale with enough orders that ended today, half of the last ones early."""
    busy = await read.values(
        select(Order.service_id)
        .where(
            Order.service_id.in_(select(Service.id).where(Service.on_sale.is_(true()))),
            Order.closed_at > now - health.TODAY,
        )
        .group_by(Order.service_id)
        .having(func.count() >= health.ENOUGH)
    )
    if not busy:
        return []
    named = {
        row.id: row
        for row in await read.all(
            select(Service.id, Service.name, Service.server, Service.provider).where(Service.id.in_(busy))
        )
    }
    found = []
    for service_id, fares in sorted((await health.of(read, busy, now)).items()):
        if fares.lately >= health.ENOUGH and fares.lately_stopped * 3 >= fares.lately:
            found.append(_wave(service_id, named[service_id], fares))
    return found


def _wave(service_id: int, row: Any, fares: Health) -> Sign:
    facts = {
        "service": f"#{service_id} {row.name} · {row.server}",
        "provider": row.provider,
        "stopped early": f"{fares.lately_stopped} of the last {fares.lately}",
    }
    return Sign(f"wave:{service_id}", "partial-wave", facts, not fares.struggling, (service_id,))


async def _late(read: ReadSession, now: datetime) -> list[Sign]:
    since = await oldest_unsent(read)
    if since is None or now - since < NOTICES_LATE / 2:
        return []
    facts = {"waiting since": f"{since:%Y-%m-%d %H:%M} UTC"}
    return [Sign("outbox:", "outbox-late", facts, now - since < NOTICES_LATE)]
