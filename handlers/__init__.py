"""The conversation: Telegram's edge of the shop, where input is read, one use case called and one screen shown."""

from aiogram import Router
from aiogram.types import BotCommand

from handlers import admin, customer
from handlers.i18n import Texts


def routers() -> list[Router]:
    """Fresh routers for one dispatcher, in the order in which an update is tried."""
    return [admin.router(), customer.router()]


def commands(texts: Texts) -> list[BotCommand]:
    """What customers find in the menu beside the message box."""
    return [
        BotCommand(command="start", description=texts.bare("command-start")),
        BotCommand(command="new", description=texts.bare("command-new")),
        BotCommand(command="orders", description=texts.bare("command-orders")),
        BotCommand(command="wallet", description=texts.bare("command-wallet")),
        BotCommand(command="finish", description=texts.bare("command-finish")),
        BotCommand(command="settings", description=texts.bare("command-settings")),
        BotCommand(command="cancel", description=texts.bare("command-cancel")),
        BotCommand(command="help", description=texts.bare("command-help")),
    ]


def admin_commands(texts: Texts) -> list[BotCommand]:
    """What admins find there: the customers' commands and their own."""
    return [
        *commands(texts),
        BotCommand(command="credit", description=texts.bare("command-credit")),
        BotCommand(command="sales", description=texts.bare("command-sales")),
    ]
