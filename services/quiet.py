"""Quiet hours: the hours of a person's own day in which they want to be told without a sound."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From the hour `begins` until the hour `ends` of a clock `offset` minutes ahead of UTC; None: never said.

    `begins` after `ends` goes over midnight. Off where there is no `begins`. The offset is that of the clock as it was
    set: it does not follow summer time, and the settings show the time by it.
    """

    begins: int | None = None
    ends: int | None = None
    offset: int | None = None

    def local(self, now: datetime) -> datetime:
        """The moment by the person's own clock; UTC where they never said."""
        return now + timedelta(minutes=self.offset or 0)

    def at(self, now: datetime) -> bool:
        """Whether it is quiet now, a moment in UTC."""
        if self.begins is None or self.ends is None:
            return False
        hour = self.local(now).hour
        if self.begins < self.ends:
            return self.begins <= hour < self.ends
        return hour >= self.begins or hour < self.ends


NONE = QuietHours()
"""Of somebody who never said."""
