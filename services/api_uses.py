"""How often resellers ask what: counted in the process, written down in one go now and then.

A question about the status of an order costs no transaction. What was not written when a process dies is not counted.
"""

from datetime import datetime

from services import api_keys
from services.api_keys import KeyView
from services.db import WriteSession
from services.models import ApiUse

Counts = tuple[int, int]


class Tally:
    """What was asked of this process since it was last written down."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, str, str], Counts] = {}
        self._keys: set[int] = set()

    def note(self, key: KeyView, action: str, now: datetime, *, refused: bool) -> None:
        """One call with this key."""
        of = (key.user_id, f"{now:%Y-%m-%d}", action)
        calls, refusals = self._counts.get(of, (0, 0))
        self._counts[of] = (calls + 1, refusals + refused)
        self._keys.add(key.id)

    async def write(self, write: WriteSession, now: datetime) -> int:
        """Add what was counted to what is known of each day; how many lines that took."""
        counts, self._counts = self._counts, {}
        keys, self._keys = self._keys, set()
        rows = [
            {"user_id": user_id, "day": day, "action": action, "calls": calls, "refused": refused}
            for (user_id, day, action), (calls, refused) in sorted(counts.items())
        ]
        insert = write.insert(ApiUse)
        added = {name: getattr(ApiUse, name) + getattr(insert.excluded, name) for name in ("calls", "refused")}
        await write.run(insert.on_conflict_do_update(index_elements=["user_id", "day", "action"], set_=added), rows)
        for key_id in sorted(keys):
            await api_keys.used(write, key_id, now)
        return len(rows)
