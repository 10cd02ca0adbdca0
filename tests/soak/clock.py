"""A clock that several processes share: it stands still until pushed, or flows and can be pushed besides."""

import mmap
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BEGIN = (datetime(2026, 5, 4, 12, tzinfo=UTC) - EPOCH) // MICROSECOND


class SharedClock:
    """Microseconds since 1970 in a file of eight bytes, mapped by whoever opens it.

    `flows` adds the time this machine has been up, so that all processes on it see the same moment go by. `skew` is
    what this reader's own clock is ahead of the others'.
    """

    def __init__(self, path: Path, *, flows: bool = False, skew: timedelta = timedelta(0)) -> None:
        self.path, self.flows = path, flows
        self._skew = skew // MICROSECOND
        if not path.exists():
            path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            self._cell = memoryview(mmap.mmap(file.fileno(), 8)).cast("q")

    def begin(self) -> None:
        """Set it to the moment every run begins with."""
        self._cell[0] = BEGIN - self._flowed()

    def __call__(self) -> datetime:
        return EPOCH + MICROSECOND * self._micros()

    def seconds(self) -> float:
        """The same as the simulated panels count."""
        return self._micros() / 1e6

    def push(self, span: timedelta) -> None:
        """Jump; backwards where `span` is negative."""
        self._cell[0] += span // MICROSECOND

    def reach(self, moment: datetime) -> None:
        """Go on to `moment`, unless it is past."""
        self.push(max(timedelta(0), moment - self()))

    def _flowed(self) -> int:
        return time.monotonic_ns() // 1000 if self.flows else 0

    def _micros(self) -> int:
        return self._cell[0] + self._flowed() + self._skew
