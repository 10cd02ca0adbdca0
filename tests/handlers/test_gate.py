"""The gate of the admin side: each command and button for each role, for a stranger and for one who had a role."""

import pytest
from aiogram import Bot, Dispatcher
from aiogram.filters.callback_data import CallbackData

from bot.settings import Settings
from handlers import admin, commands
from handlers.admin.gate import LEAST
from services import staff
from services.roles import Role
from tests.handlers import staff as crew
from tests.handlers.conftest import TOKEN
from tests.handlers.intentions import BIGGEST
from tests.handlers.phone import Line, Phone
from tests.shop import ADMIN, MIA, Shop

UNKNOWN = "Sorry, I did not understand that."
REGISTERED = dict(crew.registered(admin.router()))
SHARED = set(commands.CUSTOMERS)


@pytest.fixture
async def hired(shop: Shop, settings: Settings) -> None:
    await crew.hire(shop, settings)


def taps() -> dict[type[CallbackData], Role]:
    """Every button of the admin side with its role, as the router has them."""
    found = {}
    router = admin.router()
    for one in (router, *router.sub_routers):
        for handler in one.callback_query.handlers:
            for check in handler.filters or ():
                kind = getattr(check.callback, "callback_data", None)
                if kind is not None:
                    found[kind] = handler.flags[LEAST]
    return found


TAPS = taps()


def test_every_command_has_its_role_its_words_and_its_place_in_this_matrix() -> None:
    assert dict(commands.STAFF) == REGISTERED
    assert set(crew.TYPED) == set(REGISTERED)


def test_every_handler_of_the_admin_side_says_whom_it_is_for() -> None:
    router = admin.router()
    for one in (router, *router.sub_routers):
        for handler in (*one.message.handlers, *one.callback_query.handlers):
            assert isinstance(handler.flags.get(LEAST), Role), handler.callback


@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role.word if role else "stranger")
@pytest.mark.parametrize("name", crew.TYPED)
async def test_a_command_answers_whom_it_is_for_and_refuses_the_others(
    hired: None, dispatcher: Dispatcher, telegram: Bot, line: Line, name: str, role: Role | None
) -> None:
    typed, right = crew.TYPED[name]
    said = (await crew.phone(dispatcher, telegram, line, role).say(typed)).text
    if role is None:
        assert right not in said
        assert name in SHARED or said.startswith(UNKNOWN)
    elif role < REGISTERED[name]:
        assert said == f"That takes the role {REGISTERED[name].word} or higher. Please ask an owner of the shop."
    else:
        assert right in said


@pytest.mark.parametrize("kind", TAPS, ids=lambda kind: kind.__name__)
async def test_a_button_refuses_whom_it_is_not_for(
    hired: None, dispatcher: Dispatcher, telegram: Bot, line: Line, kind: type[CallbackData]
) -> None:
    """Forged taps, the lowest role first: nothing about the buttons that were shown says who may tap them."""
    refused = f"That takes the role {TAPS[kind].word} or higher. Please ask an owner of the shop."
    for role in (None, *sorted(Role)):
        said, _ = await crew.phone(dispatcher, telegram, line, role).press(BIGGEST[kind].pack(), None)
        if role is None:
            assert said == "This button is out of date. Here is a fresh menu."
        else:
            assert (said == refused) is (role < TAPS[kind]), role


async def test_a_role_that_was_taken_is_gone_with_the_next_word(
    hired: None, dispatcher: Dispatcher, telegram: Bot, line: Line, shop: Shop, settings: Settings
) -> None:
    manager = crew.phone(dispatcher, telegram, line, Role.MANAGER)
    assert "Sales are on" in (await manager.say("/sales")).text
    async with shop.db.write() as session:
        await staff.revoke(session, user_id=manager.user_id, owners=settings.admin_ids)
    assert (await manager.say("/sales")).text.startswith(UNKNOWN)


async def test_help_lists_what_each_role_can_do(hired: None, dispatcher: Dispatcher, telegram: Bot, line: Line) -> None:
    for role in Role:
        said = (await crew.phone(dispatcher, telegram, line, role).say("/help")).text
        for name, least in commands.STAFF.items():
            assert (f"\n/{name} – " in said.partition("For you who run the shop")[2]) is (role >= least)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/debit", "Usage: /debit <id or @name> <amount> <reason>"),
        (f"/debit {ADMIN} 5", "Please say why, too"),
        ("/debit @nobody 5 why", "“@nobody” has not used this bot yet"),
        ("/staff 12", "/staff <user id> <role>"),
        ("/staff Mia owner", "“Mia” is not a number"),
        ("/staff 12 boss", "“boss” is none of these: reader, support, manager, owner, none."),
        ("/staff 12 owner now", "“now” is more than this command takes."),
        ("/log whom", "“whom” is none of these"),
        ("/log order", "Usage: /log"),
    ],
)
async def test_what_was_mistyped_is_told_with_how_it_is_typed(ada: Phone, typed: str, said: str) -> None:
    assert said in (await ada.say(typed)).text


@pytest.fixture
def settings() -> Settings:
    """A shop with one admin."""
    return Settings(_env_file=None, bot_token=TOKEN, admin_ids=frozenset({ADMIN}))


async def test_a_number_of_another_bots_message_is_another_message(
    ada: Phone, shop: Shop, dispatcher: Dispatcher, telegram: Bot, line: Line
) -> None:
    """The shop moves to a new bot: the messages of its chats are counted from the beginning."""
    await ada.say(f"/credit {MIA} 1.00 thanks", message_id=17)
    moved = Phone(dispatcher, Bot(f"{525252}:{'x' * 35}", session=line, default=telegram.default), line, ADMIN, "Ada")
    await moved.say(f"/credit {MIA} 2.00 thanks again", message_id=17)
    assert await shop.balance() == "28.00"
    assert "thanks again" in (await moved.say("/log")).text
