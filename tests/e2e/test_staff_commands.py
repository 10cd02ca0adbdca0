"""Every command of the staff in the sandbox, typed by each role and by a stranger: the right answer or refusal."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.sandbox.person import visible
from bot.sandbox.telegram import chats
from handlers import commands
from services import staff
from services.roles import Role
from tests.e2e.shop_app import Town, town
from tests.handlers.staff import IDS, STRANGER, TYPED

UNKNOWN = "Sorry, I did not understand that."


def people() -> Iterator[tuple[Role | None, int]]:
    """Somebody with each role, and somebody with none."""
    yield from IDS.items()
    yield None, STRANGER


async def hired(here: Town) -> None:
    for role, one in people():
        name = role.word if role else "stranger"
        here.world.telegram.chats.people[one] = chats.Person(one, name, name, started=True)
    async with here.database() as db, db.write() as session:
        for role, one in IDS.items():
            await staff.grant(session, user_id=one, role=role, actor="shell", owners=(), now=datetime.now(UTC))


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        yield place


async def test_each_command_answers_each_role_as_it_may(here: Town) -> None:
    wrong = []
    async with here.shop(admin_ids=frozenset({9001})):
        await hired(here)
        for role, one in people():
            person = here.person(one)
            for name, (typed, _) in TYPED.items():
                said = await person.say(typed)
                answer = visible(await person.reads("", after=said))
                if not right(name, role, answer):
                    wrong.append((role, typed, answer[:120]))
    assert not wrong


def right(name: str, role: Role | None, answer: str) -> bool:
    """Whether that is what somebody with this role should read."""
    refused = "That takes the role" in answer
    if "Something went wrong" in answer:
        return False
    if role is None:
        return not refused and (answer.startswith(UNKNOWN) or name in commands.CUSTOMERS)
    return refused is (role < commands.STAFF[name])
