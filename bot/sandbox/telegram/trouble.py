"""Trouble on purpose: faults that were ordered, and Telegram's limits on sending."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.telegram.call import Call, Refused

_WORDS = {
    400: "Bad Request: the fault that was ordered",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
DROPPED = 0  # the "status" of a connection that breaks off


@dataclass
class Fault:
    """The next `times` calls of a method end badly.

    `status` 0 breaks the connection off after the call took effect; every other status refuses the call
    before it does. `before` turns the first into the second, `after` the second into the first.
    """

    method: str  # "*" is every method but getUpdates, which would swallow the rest
    status: int
    times: int
    retry_after: int | None = 1  # None: a 429 without parameters
    html: bool = False
    before: bool = False
    after: bool = False
    person: int | None = None  # only calls about this chat
    description: str = ""

    @property
    def takes_effect(self) -> bool:
        """Whether the call does its work before the caller is told otherwise."""
        return self.after or (self.status == DROPPED and not self.before)

    def refusal(self) -> Refused:
        """The error answer of this fault."""
        if self.status == 429 and self.retry_after is not None:
            words = self.description or f"Too Many Requests: retry after {self.retry_after}"
            return Refused(429, words, retry_after=self.retry_after)
        return Refused(self.status, self.description or _WORDS.get(self.status, "Too Many Requests"))

    def page(self) -> str:
        """What a proxy in front of the real server would show instead of JSON."""
        title = f"{self.status} {_WORDS.get(self.status, 'Error').partition(':')[0]}"
        return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><hr>nginx</body></html>"


class Faults:
    """The faults that are still to come, the ones ordered first going first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Add a fault; one with `times` 0 cancels those of its method."""
        if fault.times > 0:
            self._faults.append(fault)
        else:
            self._faults = [other for other in self._faults if other.method.lower() != fault.method.lower()]

    def take(self, call: Call) -> Fault | None:
        """The fault that strikes this call, used up by one."""
        for fault in self._faults:
            everything = fault.method == "*" and call.method != "getUpdates"
            named = everything or fault.method.lower() == call.method.lower()
            if named and fault.person in (None, call.chat_id()):
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
                return fault
        return None


@dataclass
class _Bucket:
    """A token bucket: so many at once, then so many a second."""

    capacity: float
    per_second: float
    tokens: float
    at: float

    def seconds_until_one(self, now: float) -> float:
        self.tokens = min(self.capacity, self.tokens + max(0.0, now - self.at) * self.per_second)
        self.at = now
        return max(0.0, (1 - self.tokens) / self.per_second)


class Limits:
    """About 30 messages a second in all, 1 a second in a chat (a short burst passes), 20 a minute in a group."""

    OVERALL = (30.0, 30.0)
    PRIVATE = (5.0, 1.0)
    GROUP = (20.0, 20 / 60)

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[int, _Bucket] = {}

    def check(self, call: Call) -> None:
        """Count a call that shows something in a chat. Raises `Refused` (429) when it comes too soon."""
        shows = call.method.startswith(("send", "edit")) and call.method != "sendChatAction"
        chat_id = call.chat_id()
        if not shows or chat_id is None:
            return
        now = self._clock()
        buckets = [
            self._bucket(0, self.OVERALL, now),
            self._bucket(chat_id, self.GROUP if chat_id < 0 else self.PRIVATE, now),
        ]
        wait = math.ceil(max(bucket.seconds_until_one(now) for bucket in buckets))
        if wait > 0:
            raise Refused(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        for bucket in buckets:
            bucket.tokens -= 1

    def _bucket(self, key: int, size: tuple[float, float], now: float) -> _Bucket:
        capacity, per_second = size
        return self._buckets.setdefault(key, _Bucket(capacity, per_second, capacity, now))
