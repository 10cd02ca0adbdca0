"""Laws of the conversation storage: what was entered outlives the process, and nothing empty is kept."""

from datetime import datetime, timedelta

import pytest
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import StorageKey
from sqlalchemy import func, select

from bot import fsm
from bot.fsm import Conversations, Turn
from services.db import Database
from services.models import Conversation

MIA = StorageKey(bot_id=1, chat_id=1001, user_id=1001)
OMAR = StorageKey(bot_id=1, chat_id=1002, user_id=1002)


class Asking(StatesGroup):
    link = State()


async def kept(db: Database) -> int:
    async with db.read() as session:
        return await session.value(select(func.count()).select_from(Conversation)) or 0


async def test_state_and_data_are_found_again_by_the_next_process(db: Database, now: datetime) -> None:
    before = FSMContext(Conversations(db, lambda: now), MIA)
    await before.set_state(Asking.link)
    await before.set_data({"service_id": 7, "link": "https://example.com/ü"})
    await before.update_data(quantity=1000)
    after = FSMContext(Conversations(db, lambda: now), MIA)
    assert await after.get_state() == "Asking:link"
    assert await after.get_data() == {"service_id": 7, "link": "https://example.com/ü", "quantity": 1000}
    assert await after.get_value("quantity") == 1000


async def test_people_do_not_see_each_others_conversation(db: Database, now: datetime) -> None:
    storage = Conversations(db, lambda: now)
    await storage.set_state(MIA, Asking.link)
    await storage.set_data(OMAR, {"link": "mine"})
    assert await storage.get_state(OMAR) is None
    assert await storage.get_data(MIA) == {}


async def test_what_was_changed_in_hand_is_written_when_it_is_set(db: Database, now: datetime) -> None:
    storage = Conversations(db, lambda: now)
    await storage.set_data(MIA, {"links": ["a"]})
    data = await storage.get_data(MIA)
    data["links"].append("b")
    assert await storage.get_data(MIA) == {"links": ["a"]}
    await storage.set_data(MIA, data)
    assert await Conversations(db, lambda: now).get_data(MIA) == {"links": ["a", "b"]}


async def test_each_update_begins_with_what_the_database_has(db: Database, now: datetime) -> None:
    """Another process may have led meanwhile."""
    ours, theirs = Conversations(db, lambda: now), Conversations(db, lambda: now)
    await ours.set_data(MIA, {"step": 1})
    await theirs.set_data(MIA, {"step": 2})
    await ours.get_state(MIA)
    assert await ours.get_data(MIA) == {"step": 2}


@pytest.mark.parametrize("state_first", [True, False])
async def test_a_conversation_that_is_over_leaves_no_row(db: Database, now: datetime, state_first: bool) -> None:
    storage = Conversations(db, lambda: now)
    await storage.set_state(MIA, Asking.link)
    await storage.set_data(MIA, {"link": "x"})
    if state_first:
        await storage.set_state(MIA, None)
        assert await storage.get_data(MIA) == {"link": "x"}
        await storage.set_data(MIA, {})
    else:
        await storage.set_data(MIA, {})
        assert await storage.get_state(MIA) == "Asking:link"
        await storage.set_state(MIA, None)
    assert await kept(db) == 0
    await FSMContext(storage, MIA).clear()
    assert await kept(db) == 0


async def test_what_an_update_changes_is_kept_at_its_end_and_not_before(db: Database, now: datetime) -> None:
    """Until then it is there for the update alone: worked again, it must find what it found the first time."""
    kept = Conversations(db, lambda: now)
    await kept.set_state(MIA, Asking.link)
    await kept.set_data(MIA, {"step": 1})
    turn = Turn(kept)
    state = FSMContext(turn, MIA)
    assert await state.get_state() == "Asking:link"
    assert await state.update_data(step=2, links=["a"]) == {"step": 2, "links": ["a"]}
    await state.set_state(None)
    (await state.get_data())["links"].append("b")
    assert (await state.get_state(), await state.get_data()) == (None, {"step": 2, "links": ["a"]})
    assert (await kept.get_state(MIA), await kept.get_data(MIA)) == ("Asking:link", {"step": 1})
    await turn.end()
    after = Conversations(db, lambda: now)
    assert (await after.get_state(MIA), await after.get_data(MIA)) == (None, {"step": 2, "links": ["a"]})


async def test_abandoned_conversations_are_forgotten(db: Database, now: datetime) -> None:
    await Conversations(db, lambda: now - timedelta(days=91)).set_state(MIA, Asking.link)
    await Conversations(db, lambda: now).set_state(OMAR, Asking.link)
    async with db.write() as session:
        await fsm.purge(session, now - timedelta(days=90))
    assert await Conversations(db, lambda: now).get_state(MIA) is None
    assert await Conversations(db, lambda: now).get_state(OMAR) == "Asking:link"
