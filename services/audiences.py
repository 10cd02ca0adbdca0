"""Whom a message to many goes to: by what they bought lately, by language, by what they spent."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, type_coerce

from services.columns import Whole
from services.db import ReadSession
from services.models import Order, User
from services.money import ZERO, Money

ACTIVITIES: Mapping[str, timedelta | None] = {
    "all": None,
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "quarter": timedelta(days=90),
    "quiet": timedelta(days=30),
    "never": None,
}
"""Everybody; who ordered within so long; who ordered once, but not within so long; who never did."""
SPENDS = tuple(Money.parse(amount) for amount in ("0", "10", "100", "1000"))
LANGUAGES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Audience:
    """`activity` is one of ACTIVITIES; `language` what people chose or their Telegram says, None: any.

    `spent` is the least that they have left in the shop, what came back not counted.
    """

    activity: str = "all"
    language: str | None = None
    spent: Money = ZERO

    def to_document(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self) | {"spent": self.spent.micros}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Audience":
        """What `to_document` wrote down."""
        return cls(document["activity"], document["language"], Money(document["spent"]))


def members(audience: Audience, now: datetime) -> ColumnElement[bool]:
    """The people of an audience who can be reached and want to be, as a condition on users."""
    conditions: list[Any] = [
        ~User.banned,
        User.news,
        User.unreachable_since.is_(None),
    ]
    ordered = exists().where(Order.user_id == User.id)
    span = ACTIVITIES[audience.activity]
    lately = ordered.where(Order.created_at >= now - span) if span is not None else ordered
    match audience.activity:
        case "never":
            conditions.append(~ordered)
        case "quiet":
            conditions += [ordered, ~lately]
        case "week" | "month" | "quarter":
            conditions.append(lately)
    if audience.language is not None:
        spoken = func.coalesce(User.locale, User.language_code)
        conditions.append(or_(spoken == audience.language, spoken.like(f"{audience.language}-%")))
    if audience.spent > ZERO:
        left = func.sum(type_coerce(Order.charge, Whole) - type_coerce(Order.refunded, Whole))
        paid = select(left).where(Order.user_id == User.id).correlate(User).scalar_subquery()
        conditions.append(paid >= audience.spent.micros)
    return and_(*conditions)


async def size(read: ReadSession, audience: Audience, now: datetime) -> int:
    """How many people it is by now."""
    return await read.value(select(func.count()).select_from(User).where(members(audience, now))) or 0


async def languages(read: ReadSession) -> Sequence[str]:
    """The languages that most people have, without their countries."""
    spoken = func.coalesce(User.locale, User.language_code)
    counted = select(spoken.label("language"), func.count().label("people")).where(spoken.is_not(None))
    rows = await read.all(counted.group_by(spoken).order_by(func.count().desc(), spoken))
    plain = dict.fromkeys(row.language.partition("-")[0] for row in rows)
    return list(plain)[:LANGUAGES_SHOWN]
