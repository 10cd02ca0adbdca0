"""The admin side, behind one gate: whoever is not an admin finds nothing here."""

from aiogram import Router
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message

from handlers.admin import doubts, money, sales, stranded
from handlers.settings import ShopSettings


class AdminsOnly(Filter):
    """Lets through whom `ADMIN_IDS` names; for everybody else the commands do not exist."""

    async def __call__(self, event: Message | CallbackQuery, settings: ShopSettings) -> bool:
        return event.from_user is not None and event.from_user.id in settings.admin_ids


def router() -> Router:
    """Every admin handler."""
    router = Router(name="admin")
    router.message.filter(AdminsOnly())
    router.callback_query.filter(AdminsOnly())
    router.include_router(money.router())
    router.include_router(sales.router())
    router.include_router(doubts.router())
    router.include_router(stranded.router())
    return router
