"""Wallets that run low: whoever sells on is told once when theirs falls below what they chose, on their site as well.

They are told anew once it has been a tenth above that again, or above it a day after they were told: a wallet that goes
up and down around its limit warns once a day. An order looks at its own wallet in its own transaction; a job looks at
all of them, for what else moves money, and for a limit that was chosen late.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, literal, or_, select, true, type_coerce, update

from services import outbox, panel_words, webhooks
from services.columns import Whole, micros
from services.db import WriteSession
from services.models import Account, Reseller, User
from services.money import Money
from services.reseller_notices import LowBalance
from services.webhooks import Event

LOW = "balance.low"
TENTH = 10
DAY = timedelta(days=1)

_WALLET = literal("wallet:") + cast(Reseller.user_id, String)
_HELD = select(Account.balance).where(Account.id == _WALLET).correlate(Reseller).scalar_subquery()
_WATCHED = and_(
    Reseller.state == "approved",
    Reseller.low_balance.is_not(None),
    Reseller.user_id.not_in(select(User.id).where(User.banned.is_(true()))),
)


async def spent(write: WriteSession, user_id: int, amount: Money, now: datetime) -> None:
    """Tell somebody, as far as they are a reseller, whose wallet fell below their limit by this amount."""
    fell = or_(Reseller.low_since.is_(None), _filled(type_coerce(_HELD, Whole) + amount.micros, now))
    await _tell(write, and_(Reseller.user_id == user_id, fell), now)


async def look(write: WriteSession, now: datetime) -> None:
    """Tell everybody whose wallet is below their limit and who does not know; forget it where it is no more."""
    filled = _filled(type_coerce(_HELD, Whole), now)
    await write.run(update(Reseller).where(Reseller.low_since.is_not(None), filled).values(low_since=None))
    await _tell(write, Reseller.low_since.is_(None), now)


def _filled(held: ColumnElement[int], now: datetime) -> ColumnElement[bool]:
    """Whether a wallet with so many micro-units is far enough above its limit for its next fall to be told."""
    limit = type_coerce(Reseller.low_balance, Whole)
    return or_(held - limit >= limit // TENTH, and_(held >= limit, Reseller.low_since <= now - DAY))


async def _tell(write: WriteSession, which: ColumnElement[bool], now: datetime) -> None:
    low = await write.returned(
        update(Reseller)
        .where(_WATCHED, Reseller.low_balance > _HELD, which)
        .values(low_since=now)
        .returning(Reseller.user_id, Reseller.low_balance, _HELD.label("balance"))
    )
    if not low:
        return
    told = [
        outbox.Outgoing(f"low:{row.user_id}:{micros(now)}", row.user_id, LowBalance(row.balance, row.low_balance))
        for row in low
    ]
    await outbox.put(write, told, now)
    addressed = await webhooks.addressed(write, {row.user_id for row in low})
    events = [
        Event(row.user_id, LOW, _data(row, addressed[row.user_id], now)) for row in low if row.user_id in addressed
    ]
    await webhooks.put(write, events, now)


def _data(row: Any, currency: str, now: datetime) -> dict[str, Any]:
    return {
        "balance": panel_words.amount(row.balance),
        "limit": panel_words.amount(row.low_balance),
        "currency": currency,
        "at": now.isoformat(timespec="microseconds"),
    }
