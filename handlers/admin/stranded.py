"""Orders that nobody can send: an admin gives their money back before the shop does it by itself."""

from collections.abc import Callable
from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers import callbacks, screens
from handlers.i18n import Texts
from handlers.screens import Screen
from handlers.settings import ShopSettings
from services import stranded
from services.db import Database
from services.errors import TooLate


def router() -> Router:
    """The button under the alerts of orders that lie still."""
    router = Router(name="admin-stranded")
    router.callback_query.register(give_back, callbacks.GiveBack.filter())
    return router


async def give_back(
    query: CallbackQuery,
    callback_data: callbacks.GiveBack,
    db: Database,
    settings: ShopSettings,
    texts: Texts,
    now: Callable[[], datetime],
) -> None:
    """What never left is paid back."""
    try:
        async with db.write() as session:
            count = await stranded.give_back(
                session, order_id=callback_data.order_id, policy=settings.policy, now=now()
            )
    except TooLate:
        await screens.toast(query, texts.bare("stranded-none"), alert=True)
        return await screens.rearm(query, None)
    await screens.toast(query)
    return await screens.show(query, Screen(texts("stranded-given-back", count=count)), new=True)
