"""Every command there is: the customers', and the staff's with the least role that has each."""

from collections.abc import Mapping

from aiogram.types import BotCommand

from handlers.i18n import Texts
from services.roles import Role

CUSTOMERS = ("start", "new", "orders", "wallet", "finish", "settings", "cancel", "help")

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


def of_staff(texts: Texts, role: Role) -> list[BotCommand]:
    """What somebody with this role finds there: their own commands, then the customers'."""
    own = [name for name, least in STAFF.items() if role >= least]
    described = [BotCommand(command=name, description=texts.bare(f"staff-{name}")) for name in own]
    return [*described, *(one for one in customers(texts) if one.command not in own)]
