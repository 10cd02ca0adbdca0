"""Every command there is: the customers', and the staff's with the least role that has each."""

from collections.abc import Mapping
from contextlib import suppress

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import BotCommand, BotCommandScopeChat

from handlers.i18n import Texts
from services.roles import Role

CUSTOMERS = ("start", "new", "orders", "wallet", "finish", "settings", "reseller", "cancel", "help")

STAFF: Mapping[str, Role] = {
    "stats": Role.READER,
    "orders": Role.READER,
    "order": Role.READER,
    "unknown": Role.READER,
    "review": Role.READER,
    "user": Role.READER,
    "refund": Role.SUPPORT,
    "cancel": Role.SUPPORT,
    "ban": Role.SUPPORT,
    "unban": Role.SUPPORT,
    "resellers": Role.READER,
    "tier": Role.READER,
    "credit": Role.MANAGER,
    "debit": Role.MANAGER,
    "services": Role.READER,
    "service": Role.READER,
    "price": Role.MANAGER,
    "markup": Role.READER,
    "sync": Role.MANAGER,
    "providers": Role.READER,
    "provider": Role.READER,
    "sales": Role.MANAGER,
    "broadcast": Role.MANAGER,
    "settings": Role.READER,
    "export": Role.MANAGER,
    "audit": Role.READER,
    "maintenance": Role.MANAGER,
    "backup": Role.OWNER,
    "staff": Role.READER,
    "log": Role.READER,
}
"""In the order of /help. What is a customers' command too does both: it shows the shop, and leads to one's own."""


def customers(texts: Texts) -> list[BotCommand]:
    """What customers find in the menu beside the message box."""
    return [BotCommand(command=name, description=texts.bare(f"command-{name}")) for name in CUSTOMERS]


async def show(bot: Bot, texts: Texts, user_id: int, role: Role | None) -> None:
    """Put somebody's commands into their menu; refused while they have not opened the chat, and worked without it."""
    scope = BotCommandScopeChat(chat_id=user_id)
    with suppress(TelegramAPIError):
        if role is None:
            await bot.delete_my_commands(scope=scope)
        else:
            await bot.set_my_commands(of_staff(texts, role), scope=scope)


def of_staff(texts: Texts, role: Role) -> list[BotCommand]:
    """What somebody with this role finds there: their own commands, then the customers'."""
    own = [name for name, least in STAFF.items() if role >= least]
    described = [BotCommand(command=name, description=texts.bare(f"staff-{name}")) for name in own]
    return [*described, *(one for one in customers(texts) if one.command not in own)]
