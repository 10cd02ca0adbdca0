"""How often somebody may ask: a bucket of tokens for each, filled evenly, and the headers that say what is in it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import ceil

MOST = 10_000
"""Buckets that are kept; the full ones are forgotten first, which changes nothing for anybody."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled: float


@dataclass(frozen=True, slots=True)
class Left:
    """What is left after a call: `remaining` of `limit`, all of it again in `reset` seconds.

    `wait` is 0 where the call was allowed, else the seconds until one is.
    """

    limit: int
    remaining: int
    reset: int
    wait: int

    @property
    def headers(self) -> dict[str, str]:
        """The same for the one who asked."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }
        return told | ({"Retry-After": str(self.wait)} if self.wait else {})


class Allowance:
    """`limit` calls in `seconds`, as a burst or evenly, for each of any number of askers."""

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float]) -> None:
        self._limit, self._rate, self._clock = limit, limit / seconds, clock
        self._buckets: dict[Hashable, _Bucket] = {}

    def take(self, asker: Hashable) -> Left:
        """One call of somebody, where they have one left."""
        bucket = self._filled(asker)
        if bucket.tokens < 1:
            return self._left(bucket, wait=max(1, ceil((1 - bucket.tokens) / self._rate)))
        bucket.tokens -= 1
        return self._left(bucket)

    def look(self, asker: Hashable) -> Left:
        """The same without taking anything."""
        bucket = self._filled(asker)
        return self._left(bucket, wait=0 if bucket.tokens >= 1 else max(1, ceil((1 - bucket.tokens) / self._rate)))

    def _left(self, bucket: _Bucket, *, wait: int = 0) -> Left:
        reset = ceil((self._limit - bucket.tokens) / self._rate)
        return Left(self._limit, int(bucket.tokens), reset, wait)

    def _filled(self, asker: Hashable) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.get(asker)
        if bucket is None:
            if len(self._buckets) >= MOST:
                self._forget(now)
            bucket = self._buckets[asker] = _Bucket(self._limit, now)
        bucket.tokens = min(self._limit, bucket.tokens + (now - bucket.filled) * self._rate)
        bucket.filled = now
        return bucket

    def _forget(self, now: float) -> None:
        """Let go of every full bucket, and of the older half where too few are."""
        self._buckets = {
            asker: bucket
            for asker, bucket in self._buckets.items()
            if bucket.tokens + (now - bucket.filled) * self._rate < self._limit
        }
        if len(self._buckets) > MOST // 2:
            oldest_first = sorted(self._buckets.items(), key=lambda pair: pair[1].filled)
            self._buckets = dict(oldest_first[-(MOST // 2) :])
