"""What is said in groups: a reseller lets one hear of their orders or takes it back; else the bot is silent there."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat
from aiogram.types import Message, User

from handlers.i18n import Catalogue
from services import resellers, users
from services.db import Database
from services.reseller_errors import TooManyGroups

Wish = Literal["here", "away"]


def wish(text: str | None, username: str | None) -> Wish | None:
    """What was typed, where it is for this bot: /reseller here, /reseller away, or what the link to add it says."""
    words = (text or "").split()
    if len(words) != 2:
        return None
    command, _, whose = words[0].partition("@")
    if whose and whose.lower() != (username or "").lower():
        return None
    match command.lower(), words[1].lower():
        case "/reseller", "here" | "away" as found:
            return "here" if found == "here" else "away"
        case "/start", "reseller":
            return "here"
    return None


def moved(message: Message) -> tuple[int, int] | None:
    """The id that a group had and the one that it has now, where Telegram says that it became a supergroup."""
    if message.migrate_to_chat_id is not None:
        return message.chat.id, message.migrate_to_chat_id
    return None if message.migrate_from_chat_id is None else (message.migrate_from_chat_id, message.chat.id)


async def heard(
    message: Message, sender: User, wished: Wish, db: Database, catalogue: Catalogue, now: Callable[[], datetime]
) -> None:
    """Do what a reseller wishes here. Nobody else gets an answer, nor learns who is one."""
    if sender.is_bot:
        return
    async with db.read() as session:
        person = await users.find(session, sender.id)
        reseller = await resellers.find(session, sender.id)
    if person is None or person.banned or reseller is None or (wished == "here" and not reseller.may_sell):
        return
    texts = catalogue.texts(person.locale, person.language_code)
    told = texts("group-here", level=reseller.news) if wished == "here" else texts("group-away")
    try:
        async with db.write() as session:
            if wished == "here":
                title = message.chat.title or ""
                await resellers.add_chat(session, person.id, chat_id=message.chat.id, title=title, now=now())
            else:
                await resellers.drop_chat(session, person.id, message.chat.id)
    except TooManyGroups as refusal:
        told = texts(refusal.code, **refusal.params)
    try:
        await message.answer(told)
    except TelegramMigrateToChat as elsewhere:
        async with db.write() as session:
            await resellers.move_chat(session, message.chat.id, elsewhere.migrate_to_chat_id, now())
    except TelegramForbiddenError:
        async with db.write() as session:
            await resellers.lose_chat(session, message.chat.id, now())
    except TelegramBadRequest:  # it may be this answer alone that is refused: whoever else is told here stays
        async with db.write() as session:
            await resellers.lose_chat(session, message.chat.id, now(), user_id=person.id)
