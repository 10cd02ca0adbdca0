"""Orders that nobody can send: an admin gives their money back before the shop does it by itself."""

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers import callbacks, screens
from handlers.admin import gate
from handlers.admin.gate import Acting
from handlers.screens import Screen
from services import stranded
from services.db import Database
from services.errors import TooLate
from services.roles import Role


def router() -> Router:
    """The button under the alerts of orders that lie still."""
    router = Router(name="admin-stranded")
    gate.button(router, callbacks.GiveBack, give_back, Role.SUPPORT)
    return router


async def give_back(query: CallbackQuery, callback_data: callbacks.GiveBack, db: Database, acting: Acting) -> None:
    """What never left is paid back."""
    order_id, texts = callback_data.order_id, acting.texts
    try:
        async with db.write() as session:
            count = await stranded.give_back(session, order_id=order_id, policy=acting.settings.policy, now=acting.now)
            await acting.record(session, "stranded", f"order:{order_id}", count=count)
    except TooLate:
        await screens.toast(query, texts.bare("stranded-none"), alert=True)
        return await screens.rearm(query, None)
    await screens.toast(query)
    return await screens.show(query, Screen(texts("stranded-given-back", count=count)), new=True)
