"""Groups: a reseller lets one hear of their orders, and whatever anybody else says there, the bot stays silent."""

from collections.abc import Callable
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat
from aiogram.methods import SendMessage
from aiogram.types import (
    Chat,
    ChatMemberLeft,
    ChatMemberMember,
    ChatMemberUpdated,
    Message,
    Update,
    User,
)
from sqlalchemy import update

import bot.dispatcher
from bot.settings import Settings
from handlers.i18n import Catalogue
from services import resellers, users
from services.models import User as Row
from services.reseller_notices import GroupLost
from tests.handlers.phone import SENT_AT, Line
from tests.shop import MIA, Shop

GROUP, MOVED = -100_555, -100_666
OMAR = 1002
Refusing = Callable[[Callable[[SendMessage], Exception]], None]


@pytest.fixture
async def selling(shop: Shop) -> None:
    """Mia sells on."""
    async with shop.db.write() as session:
        await resellers.apply(session, MIA, about="shop.example", now=shop.time)
        await resellers.decide(session, MIA, state="approved", actor="admin:1", now=shop.time)


class Room:
    """A group that the bot is in."""

    def __init__(self, dispatcher: Dispatcher, telegram: Bot, line: Line) -> None:
        self.dispatcher, self.telegram, self.line, self.number = dispatcher, telegram, line, 0
        self.chat = Chat(id=GROUP, type="supergroup", title="Team & co")

    async def says(self, text: str | None, who: int = MIA, *, is_bot: bool = False) -> list[str]:
        """Somebody writes; what the bot wrote in answer, here or in their own chat."""
        before = self.told(who)
        await self._writes(from_user=User(id=who, is_bot=is_bot, first_name="Somebody"), text=text)
        return self.told(who)[len(before) :]

    async def tells(self, **news: int) -> None:
        """Telegram tells what became of the group."""
        await self._writes(from_user=User(id=77, is_bot=False, first_name="Admin"), **news)

    async def _writes(self, **written: Any) -> None:
        self.number += 1
        message = Message(message_id=self.number, date=SENT_AT, chat=self.chat, **written)
        await self.dispatcher.feed_update(self.telegram, Update(update_id=self.number, message=message))

    async def puts_out(self, *, out: bool = True) -> None:
        """An admin of the group puts the bot out of it, or in."""
        self.number += 1
        me = User(id=self.telegram.id, is_bot=True, first_name="Shop")
        change = ChatMemberUpdated(
            chat=self.chat,
            from_user=User(id=77, is_bot=False, first_name="Admin"),
            date=SENT_AT,
            old_chat_member=ChatMemberMember(user=me),
            new_chat_member=ChatMemberLeft(user=me) if out else ChatMemberMember(user=me),
        )
        await self.dispatcher.feed_update(self.telegram, Update(update_id=self.number, my_chat_member=change))

    def told(self, who: int) -> list[str]:
        return [shown.text for chat in (GROUP, who) for shown in self.line.chats.messages.get(chat, [])]


@pytest.fixture
def room(dispatcher: Dispatcher, telegram: Bot, line: Line) -> Room:
    return Room(dispatcher, telegram, line)


async def linked(shop: Shop, user_id: int = MIA) -> list[tuple[int, str]]:
    async with shop.db.read() as session:
        return [(chat.chat_id, chat.title) for chat in await resellers.chats(session, user_id)]


@pytest.mark.parametrize(
    "typed", ["/reseller here", "/reseller@sunny_bot here", "/RESELLER@Sunny_Bot  HERE", "/start@sunny_bot reseller"]
)
async def test_a_reseller_lets_a_group_hear_and_takes_it_back(
    selling: None, room: Room, shop: Shop, typed: str
) -> None:
    [said] = await room.says(typed)
    assert said == (
        "🔔 This group hears how the orders of your site fare: Partial and Canceled only. /reseller away ends it."
    )
    assert await linked(shop) == [(GROUP, "Team & co")]
    [said] = await room.says("/reseller away")
    assert said == "🔕 This group hears nothing of your site's orders any more."
    assert await linked(shop) == []


@pytest.mark.parametrize(
    "typed",
    [
        None,
        "hello",
        "/start",
        "/start 1",
        "/wallet",
        "/reseller",
        "/reseller there",
        "/reseller here now",
        "/reseller@other_bot here",
        "/stats today",
    ],
)
async def test_nothing_else_is_answered_in_a_group(selling: None, room: Room, shop: Shop, typed: str | None) -> None:
    for who in (MIA, 9001):
        assert await room.says(typed, who) == []
    assert await linked(shop) == []


@pytest.mark.parametrize("state", [None, "applied", "refused", "suspended"])
async def test_who_may_not_sell_on_links_nothing_and_learns_nothing(room: Room, shop: Shop, state: str | None) -> None:
    async with shop.db.write() as session:
        if state is not None:
            await resellers.apply(session, OMAR, about="other.example", now=shop.time)
        for step in {"refused": ["refused"], "suspended": ["approved", "suspended"]}.get(state or "", []):
            await resellers.decide(session, OMAR, state=step, actor="admin:1", now=shop.time)
    assert await room.says("/reseller here", OMAR) == []
    assert await linked(shop, OMAR) == []


async def test_a_stranger_an_anonymous_admin_and_a_banned_reseller_link_nothing(
    selling: None, room: Room, shop: Shop
) -> None:
    assert await room.says("/reseller here", 424_243) == []
    assert await room.says("/reseller here", 1_087_968_824, is_bot=True) == []
    async with shop.db.write() as session:
        await session.run(update(Row).where(Row.id == MIA).values(banned=True))
    assert await room.says("/reseller here") == []
    assert await linked(shop) == []
    async with shop.db.read() as session:
        assert await users.find(session, 424_243) is None, "a group makes nobody a customer"


async def test_a_suspended_reseller_can_still_take_a_group_back(selling: None, room: Room, shop: Shop) -> None:
    await room.says("/reseller here")
    async with shop.db.write() as session:
        await resellers.decide(session, MIA, state="suspended", actor="admin:1", now=shop.time)
    [said] = await room.says("/reseller away")
    assert "hears nothing" in said
    assert await linked(shop) == []


async def test_one_group_too_many_is_told_so_and_is_not_linked(selling: None, room: Room, shop: Shop) -> None:
    async with shop.db.write() as session:
        for number in range(resellers.MOST_GROUPS):
            await resellers.add_chat(session, MIA, chat_id=-number - 1, title="Orders", now=shop.time)
    [said] = await room.says("/reseller here")
    assert said.startswith("Your orders are told in 20 groups already. Write /reseller away in one")
    assert GROUP not in [chat for chat, _ in await linked(shop)]
    async with shop.db.write() as session:
        await resellers.drop_chat(session, MIA, -1)
    [said] = await room.says("/reseller here")
    assert said.startswith("🔔 This group hears")


async def test_a_group_that_puts_the_bot_out_hears_no_more(selling: None, room: Room, shop: Shop) -> None:
    await room.says("/reseller here")
    await room.puts_out(out=False)
    assert await linked(shop) == [(GROUP, "Team & co")]
    await room.puts_out()
    assert await linked(shop) == []
    async with shop.db.read() as session:
        person = await users.find(session, MIA)
    assert person is not None
    assert person.reachable


@pytest.mark.parametrize("told", ["migrate_to_chat_id", "migrate_from_chat_id"])
async def test_a_group_that_becomes_a_supergroup_goes_on_hearing_there(
    selling: None, room: Room, shop: Shop, told: str
) -> None:
    await room.says("/reseller here")
    if told == "migrate_to_chat_id":
        await room.tells(migrate_to_chat_id=MOVED)
    else:
        room.chat = Chat(id=MOVED, type="supergroup", title="Team & co")
        await room.tells(migrate_from_chat_id=GROUP)
    assert await linked(shop) == [(MOVED, "Team & co")]


@pytest.fixture
def refusing(line: Line, monkeypatch: pytest.MonkeyPatch) -> Refusing:
    """Telegram takes no message any more, and says why."""
    real = line.make_request

    def refuse(why: Callable[[SendMessage], Exception]) -> None:
        async def refused(bot: Bot, method: object, timeout: int | None = None) -> object:  # noqa: ASYNC109
            if isinstance(method, SendMessage):
                raise why(method)
            return await real(bot, method, timeout)  # type: ignore[arg-type]

        monkeypatch.setattr(line, "make_request", refused)

    return refuse


async def test_a_group_that_moved_before_it_was_answered_is_linked_under_its_new_id(
    selling: None, room: Room, shop: Shop, refusing: Refusing
) -> None:
    refusing(lambda method: TelegramMigrateToChat(method, "group chat was upgraded to a supergroup chat", MOVED))
    assert await room.says("/reseller here") == []
    assert await linked(shop) == [(MOVED, "Team & co")]
    async with shop.db.read() as session:
        person = await users.find(session, MIA)
    assert person is not None
    assert person.reachable, "a group says nothing of a person's own chat"


async def test_a_group_where_the_bot_may_not_write_is_not_linked(
    selling: None, room: Room, shop: Shop, refusing: Refusing
) -> None:
    refusing(lambda method: TelegramForbiddenError(method, "Forbidden: bot was kicked from the supergroup chat"))
    assert await room.says("/reseller here") == []
    assert await linked(shop) == []
    async with shop.db.read() as session:
        person = await users.find(session, MIA)
    assert person is not None
    assert person.reachable, "a group says nothing of a person's own chat"


@pytest.fixture
def still_room(shop: Shop, telegram: Bot, line: Line, settings: Settings, catalogue: Catalogue) -> Room:
    """The group, where no time passes."""
    still = bot.dispatcher.build(
        db=shop.db,
        settings=settings,
        catalogue=catalogue,
        providers=shop.clients,
        now=shop.now,
        clock=lambda: 0.0,
    )
    return Room(still, telegram, line)


async def test_one_refused_answer_takes_a_group_from_whoever_wrote_alone_and_tells_them(
    selling: None, room: Room, shop: Shop, refusing: Refusing
) -> None:
    await room.says("/reseller here")
    async with shop.db.write() as session:
        await resellers.apply(session, OMAR, about="other.example", now=shop.time)
        await resellers.decide(session, OMAR, state="approved", actor="admin:1", now=shop.time)
    refusing(lambda method: TelegramBadRequest(method, "Bad Request: TOPIC_CLOSED"))
    await room.says("/reseller here", OMAR)
    assert await linked(shop, OMAR) == []
    assert await linked(shop) == [(GROUP, "Team & co")]
    assert await shop.heard(OMAR) == [GroupLost("Team & co", left=0)]
    assert await shop.heard(MIA) == []


async def test_a_flood_of_words_in_a_group_is_let_go(selling: None, still_room: Room) -> None:
    said = [await still_room.says("/reseller here") for _ in range(20)]
    assert sum(map(len, said)) == 5


async def test_strangers_who_flood_a_group_keep_no_reseller_from_taking_it_back(
    selling: None, still_room: Room, shop: Shop
) -> None:
    await still_room.says("/reseller here")
    for stranger in (424_243, 424_244):
        for _ in range(10):
            assert await still_room.says("/reseller away", stranger) == []
    [said] = await still_room.says("/reseller away")
    assert "hears nothing" in said
    assert await linked(shop) == []
