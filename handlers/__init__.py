"""The conversation: Telegram's edge of the shop, where input is read, one use case called and one screen shown."""

from aiogram import Router

from handlers import admin, customer, resellers


def routers() -> list[Router]:
    """Fresh routers for one dispatcher, in the order in which an update is tried."""
    return [admin.router(), resellers.router(), customer.router()]
