"""How often resellers ask what: counted in the process, written down in one go now and then.

A question about the status of an order costs no transaction. What was not written when a process dies is not counted.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial

from services import api_keys
from services.api_keys import KeyView
from services.db import Database, WriteSession
from services.models import ApiUse

Counts = tuple[int, int]
Of = tuple[int, str, str]
"""A reseller, a day and an action."""


class Tally:
    """What was asked of this process since it was last written down."""

    def __init__(self) -> None:
        self._counts: dict[Of, Counts] = {}
        self._keys: set[int] = set()

    def note(self, key: KeyView, action: str, now: datetime, *, refused: bool) -> None:
        """One call with this key."""
        self._add((key.user_id, f"{now:%Y-%m-%d}", action), 1, int(refused))
        self._keys.add(key.id)

    def _add(self, of: Of, calls: int, refused: int) -> None:
        before = self._counts.get(of, (0, 0))
        self._counts[of] = (before[0] + calls, before[1] + refused)

    async def write(self, db: Database, now: datetime) -> int:
        """Add what was counted to what is known of each day; how many lines that took.

        Where that fails it is counted still, beside what was asked meanwhile.
        """
        counts, self._counts = self._counts, {}
        keys, self._keys = self._keys, set()
        written = False
        try:
            await db.retrying(partial(_write, counts=counts, keys=keys, now=now))
            written = True
        finally:
            if not written:
                self._put_back(counts, keys)
        return len(counts)

    def _put_back(self, counts: Mapping[Of, Counts], keys: set[int]) -> None:
        self._keys |= keys
        for of, (calls, refused) in counts.items():
            self._add(of, calls, refused)


async def _write(write: WriteSession, *, counts: Mapping[Of, Counts], keys: Collection[int], now: datetime) -> None:
    rows = [
        {"user_id": user_id, "day": day, "action": action, "calls": calls, "refused": refused}
        for (user_id, day, action), (calls, refused) in sorted(counts.items())
    ]
    insert = write.insert(ApiUse)
    added = {name: getattr(ApiUse, name) + getattr(insert.excluded, name) for name in ("calls", "refused")}
    await write.run(insert.on_conflict_do_update(index_elements=["user_id", "day", "action"], set_=added), rows)
    for key_id in sorted(keys):
        await api_keys.used(write, key_id, now)
