"""Stretches of whole days that reports are about, as people ask for them: today, 7d, month, one day to another."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

LONGEST = 366
"""Days."""
HOURLY, DAILY = 2, 92
"""Up to so many days are told hour by hour, and up to so many day by day; longer ones week by week."""
DAY = timedelta(days=1)
WORDS = ("today", "yesterday", "7d", "30d", "month")
"""What stands for a period that moves on with the days."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the `first` day to the end of the `last`, in UTC; `word` asks for it again."""

    word: str
    first: date
    last: date

    @property
    def since(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last, time(), UTC) + DAY

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def step(self) -> timedelta:
        """How long the stretches are that it is told in."""
        if self.days <= HOURLY:
            return timedelta(hours=1)
        return DAY if self.days <= DAILY else 7 * DAY


def read(word: str, now: datetime) -> Period | None:
    """The period that a word asks for, None for no such word: a day may stand for one, too, and none is yet to come."""
    word, today = word.lower(), now.astimezone(UTC).date()
    match word:
        case "today":
            return Period(word, today, today)
        case "yesterday":
            return Period(word, today - DAY, today - DAY)
        case "month":
            return Period(word, today.replace(day=1), today)
    count = word.removesuffix("d")
    if count != word:
        return _last(word, count, today)
    first, dots, last = word.partition("..")
    begins, ends = _day(first), _day(last if dots else first)
    if begins is None or ends is None or not begins <= min(ends, today):
        return None
    period = Period(word, begins, min(ends, today))
    return period if period.days <= LONGEST else None


def _last(word: str, count: str, today: date) -> Period | None:
    """So many days, today the last of them."""
    if not (count.isascii() and count.isdigit() and len(count) <= 3 and 1 <= int(count) <= LONGEST):
        return None
    return Period(word, today - (int(count) - 1) * DAY, today)


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
