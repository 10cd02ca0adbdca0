"""Where each person stands in a conversation, in our own database: a restart loses no half-made order."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey
from sqlalchemy import delete, select

from services.db import Database, WriteSession
from services.models import Conversation


@dataclass(frozen=True, slots=True)
class _Row:
    state: str | None = None
    data: dict[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.state is not None or bool(self.data)


class Conversations(BaseStorage):
    """aiogram's storage on the conversations table; a conversation with neither state nor data has no row.

    aiogram asks for the state at the beginning of each update, and one person's updates come one after the other: so
    the row is read then, once, and written only where something changes.
    """

    REMEMBERED = 1000

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now
        self._read: OrderedDict[StorageKey, _Row] = OrderedDict()

    async def get_state(self, key: StorageKey) -> str | None:
        """Where the person stands, as the database has it now."""
        async with self._db.read() as session:
            found = await session.first(
                select(Conversation.state, Conversation.data).where(Conversation.key == _name(key))
            )
        data: Any = found.data if found else {}
        row = _Row(found.state, data) if found else _Row()
        self._remember(key, row)
        return row.state

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        """What was entered so far."""
        if key not in self._read:
            await self.get_state(key)
        return deepcopy(self._read[key].data)

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        """Where the person stands now; None for nowhere."""
        await self.change(key, state=named(state))

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        """What was entered so far, replaced; TypeError for what JSON cannot hold."""
        await self.change(key, data=deepcopy(dict(data)))

    async def close(self) -> None:
        """The database is closed by whoever opened it."""

    async def change(self, key: StorageKey, **halves: Any) -> None:
        """Write `state`, `data` or both, in one transaction."""
        if key not in self._read:
            await self.get_state(key)
        before = self._read[key]
        after = replace(before, **halves)
        if after == before:
            return
        async with self._db.write() as session:
            if after:
                row = {"key": _name(key), "state": after.state, "data": after.data, "updated_at": self._now()}
                insert = session.insert(Conversation).values(row)
                kept = {name: insert.excluded[name] for name in ("state", "data", "updated_at")}
                await session.run(insert.on_conflict_do_update(index_elements=["key"], set_=kept))
            else:
                await session.run(delete(Conversation).where(Conversation.key == _name(key)))
        self._remember(key, after)

    def _remember(self, key: StorageKey, row: _Row) -> None:
        self._read[key] = row
        self._read.move_to_end(key)
        if len(self._read) > self.REMEMBERED:
            self._read.popitem(last=False)


class Turn(BaseStorage):
    """What one update changes in conversations, in hand until `end`.

    An update whose answer Telegram failed is worked again. It must find the conversation as it found it the first
    time, else what was typed once is taken for the answer to the next question as well.
    """

    def __init__(self, kept: Conversations) -> None:
        self._kept = kept
        self._changed: dict[StorageKey, dict[str, Any]] = {}

    async def get_state(self, key: StorageKey) -> str | None:
        """Where the person stands by now."""
        changed: dict[str, str | None] = self._changed.get(key, {})
        return changed["state"] if "state" in changed else await self._kept.get_state(key)

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        """What was entered by now."""
        changed = self._changed.get(key, {})
        return deepcopy(changed["data"]) if "data" in changed else await self._kept.get_data(key)

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        """Where the person stands from now on."""
        self._changed.setdefault(key, {})["state"] = named(state)

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        """What was entered, replaced."""
        self._changed.setdefault(key, {})["data"] = deepcopy(dict(data))

    async def end(self) -> None:
        """The update is answered: keep what it changed."""
        for key, halves in self._changed.items():
            await self._kept.change(key, **halves)

    async def close(self) -> None:
        """Nothing is open."""


def named(state: StateType) -> str | None:
    """A state as it is written down."""
    return state.state if isinstance(state, State) else state


async def purge(session: WriteSession, before: datetime) -> None:
    """Forget conversations that nobody went on with."""
    await session.run(delete(Conversation).where(Conversation.updated_at < before))


def _name(key: StorageKey) -> str:
    return f"{key.bot_id}:{key.chat_id}:{key.user_id}:{key.thread_id or ''}:{key.destiny}"
