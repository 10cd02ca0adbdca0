"""What people see of the bot before it speaks: commands, name and descriptions, set only where they differ."""

import structlog
from aiogram import Bot
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat

from bot.settings import Settings
from bot.telegram import TelegramFailure
from handlers import commands
from handlers.i18n import Catalogue, Texts
from services import staff
from services.db import Database, StorageFailure

log = structlog.get_logger()


async def publish(bot: Bot, db: Database, settings: Settings, catalogue: Catalogue) -> None:
    """Bring the profile up to date in every language; a failure is logged: the shop sells without the rest of it."""
    try:
        await _name(bot, settings.shop_name)
        for locale in catalogue.locales:
            texts = catalogue.texts(locale)
            # Telegram shows what has no language to everybody whose own language is missing.
            language = None if locale == catalogue.default_locale else locale.partition("-")[0]
            await _commands(bot, texts, language)
            await _descriptions(bot, texts, language, settings.shop_name)
        async with db.read() as session:
            members = await staff.members(session, settings.admin_ids)
        for member in members:
            await _staff_commands(bot, member.user_id, commands.of_staff(catalogue.texts(), member.role))
    except (*TelegramFailure, *StorageFailure) as error:
        log.warning("the bot's profile could not be brought up to date", error=str(error))


async def _name(bot: Bot, name: str) -> None:
    if (await bot.get_my_name()).name != name:
        await bot.set_my_name(name=name)


async def _commands(bot: Bot, texts: Texts, language: str | None) -> None:
    scope = BotCommandScopeAllPrivateChats()
    wanted = commands.customers(texts)
    if _told(await bot.get_my_commands(scope=scope, language_code=language)) != _told(wanted):
        await bot.set_my_commands(wanted, scope=scope, language_code=language)


async def _descriptions(bot: Bot, texts: Texts, language: str | None, shop: str) -> None:
    long, short = texts.bare("bot-description", shop=shop), texts.bare("bot-short-description", shop=shop)
    if (await bot.get_my_description(language_code=language)).description != long:
        await bot.set_my_description(description=long, language_code=language)
    if (await bot.get_my_short_description(language_code=language)).short_description != short:
        await bot.set_my_short_description(short_description=short, language_code=language)


async def _staff_commands(bot: Bot, member: int, wanted: list[BotCommand]) -> None:
    """Refused until they have opened the chat with the bot; then the next start sets them."""
    scope = BotCommandScopeChat(chat_id=member)
    try:
        if _told(await bot.get_my_commands(scope=scope)) != _told(wanted):
            await bot.set_my_commands(wanted, scope=scope)
    except TelegramFailure as error:
        log.info("the commands of somebody of the staff were not set", member=member, error=str(error))


def _told(listed: list[BotCommand]) -> list[tuple[str, str]]:
    """What people see; two BotCommands differ already by the bot they came through."""
    return [(each.command, each.description) for each in listed]
