"""What happens to every update around its handler: log context, the person, not too fast, the conversation kept."""

from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from aiogram import BaseMiddleware, Bot, Dispatcher
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.exceptions import TelegramBadRequest
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Chat, Message, TelegramObject, Update, User

from bot.fsm import Conversations, Turn
from bot.pace import Gates, Gcra
from handlers import groups
from handlers.i18n import Catalogue, Texts
from services import resellers, users
from services.db import Database
from services.errors import Banned, ShopError
from services.roles import Role

PUT_OUT = {ChatMemberStatus.KICKED, ChatMemberStatus.LEFT}
Next = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class LogContext(BaseMiddleware):
    """Every line logged on the way says which update and whose."""

    async def __call__(self, handler: Next, event: TelegramObject, data: dict[str, Any]) -> Any:
        sender: User | None = data.get("event_from_user")
        update_id = event.update_id if isinstance(event, Update) else None
        with structlog.contextvars.bound_contextvars(update=update_id, user=sender.id if sender else None):
            return await handler(event, data)


class Groups(BaseMiddleware):
    """What happens in groups ends here: but for what a reseller says of one, the bot hears nothing and says nothing."""

    def __init__(
        self, db: Database, catalogue: Catalogue, now: Callable[[], datetime], clock: Callable[[], float]
    ) -> None:
        self._db, self._catalogue, self._now, self._clock = db, catalogue, now, clock
        # Each speaker has a gate of their own in each group: no stranger uses up what a reseller may say there.
        self._words: Gates[tuple[int, int]] = Gates(lambda _: Gcra(3.0, burst=5))

    async def __call__(self, handler: Next, event: TelegramObject, data: dict[str, Any]) -> Any:
        chat: Chat | None = data.get("event_chat")
        if chat is None or chat.type == ChatType.PRIVATE or not isinstance(event, Update):
            return await handler(event, data)
        if event.my_chat_member is not None and event.my_chat_member.new_chat_member.status in PUT_OUT:
            async with self._db.write() as session:
                await resellers.lose_chat(session, chat.id, self._now())
        if event.message is not None and (ids := groups.moved(event.message)) is not None:
            async with self._db.write() as session:
                await resellers.move_chat(session, *ids, self._now())
        if event.message is not None and event.message.from_user is not None:
            await self._heard(event.message, event.message.from_user, data["bot"])
        return None

    async def _heard(self, message: Message, sender: User, bot: Bot) -> None:
        if not (message.text or "").startswith("/"):
            return
        wished, now = groups.wish(message.text, (await bot.me()).username), self._clock()
        speaker = message.chat.id, sender.id
        if wished is not None and not self._words.wait(speaker, now):
            self._words.gate(speaker, now).take(now)
            await groups.heard(message, sender, wished, self._db, self._catalogue, self._now)


class People(BaseMiddleware):
    """Gives handlers `user` and `texts`.

    Looks first and writes only what changed. Raises Banned, once both are known, for those who may not come in.
    The `owners` of the settings have that role whatever the database says; others have theirs as it stands now.
    """

    def __init__(
        self, db: Database, catalogue: Catalogue, now: Callable[[], datetime], owners: Collection[int]
    ) -> None:
        self._db, self._catalogue, self._now, self._owners = db, catalogue, now, owners

    async def __call__(self, handler: Next, event: TelegramObject, data: dict[str, Any]) -> Any:
        sender: User | None = data.get("event_from_user")
        if sender is None or sender.is_bot:
            return None
        if isinstance(event, Update) and event.my_chat_member is not None:
            await self._blocked(sender, event.my_chat_member.new_chat_member.status in PUT_OUT)
            return None
        person = await self._met(sender)
        if person.id in self._owners:
            person = replace(person, role=Role.OWNER)
        data["user"] = person
        data["texts"] = self._catalogue.texts(person.locale, person.language_code)
        if person.banned:
            raise Banned
        return await handler(event, data)

    async def _met(self, sender: User) -> users.Person:
        name, username, language = sender.full_name, sender.username, sender.language_code
        async with self._db.read() as session:
            known = await users.find(session, sender.id)
        if known is not None and known.is_as(name=name, username=username, language_code=language):
            return known
        async with self._db.write() as session:
            return await users.remember(
                session, user_id=sender.id, name=name, username=username, language_code=language, now=self._now()
            )

    async def _blocked(self, sender: User, blocked: bool) -> None:
        if not blocked:
            await self._met(sender)
            return
        async with self._db.write() as session:
            await users.mark_unreachable(session, sender.id, self._now())


class Throttle(BaseMiddleware):
    """Three updates a second from one person, thirty at once after a rest; what is too much is always told.

    A tap is answered each time, so that nobody believes a payment went through that did not; typed messages are
    answered once in a while. Payments themselves pass.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._updates: Gates[int] = Gates(lambda _: Gcra(1 / 3, burst=30))
        self._answers: Gates[int] = Gates(lambda _: Gcra(10.0))

    async def __call__(self, handler: Next, event: TelegramObject, data: dict[str, Any]) -> Any:
        sender: User = data["event_from_user"]
        now = self._clock()
        if not isinstance(event, Update) or _pays(event) or not self._updates.wait(sender.id, now):
            self._updates.gate(sender.id, now).take(now)
            return await handler(event, data)
        bot: Bot = data["bot"]
        texts: Texts = data["texts"]
        told = texts.bare("error-throttled")
        if event.callback_query is not None:
            await alert(event.callback_query, told)
        elif not self._answers.wait(sender.id, now):
            self._answers.gate(sender.id, now).take(now)
            await bot.send_message(sender.id, told, parse_mode=None)
        return None


class Turns(BaseMiddleware):
    """Gives handlers a `state` whose changes are kept when the update is answered, and dropped where that failed.

    A refusal is an answer.
    """

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def __call__(self, handler: Next, event: TelegramObject, data: dict[str, Any]) -> Any:
        turn, state = Turn(self._conversations), data["state"]
        data["state"] = FSMContext(turn, state.key)
        try:
            answer = await handler(event, data)
        except ShopError:
            await turn.end()
            raise
        await turn.end()
        return answer


def _pays(event: Update) -> bool:
    return event.pre_checkout_query is not None or (
        event.message is not None and event.message.successful_payment is not None
    )


async def alert(query: CallbackQuery, text: str) -> bool:
    """Answer a tap with a text that has to be closed; False where the tap was answered before or is too old."""
    with suppress(TelegramBadRequest):
        await query.answer(text[:200], show_alert=True)
        return True
    return False


def install(
    dispatcher: Dispatcher,
    db: Database,
    conversations: Conversations,
    catalogue: Catalogue,
    now: Callable[[], datetime],
    clock: Callable[[], float],
    owners: Collection[int],
) -> None:
    """Put them around every update, the first outermost."""
    outside = LogContext(), Groups(db, catalogue, now, clock), People(db, catalogue, now, owners)
    for middleware in (*outside, Throttle(clock), Turns(conversations)):
        dispatcher.update.outer_middleware(middleware)
