"""Reporting a drop: one tap asks the server of an order to bring back what it lost."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers import callbacks, screens
from handlers.i18n import Texts
from handlers.settings import ShopSettings
from services import refills
from services.db import Database
from services.users import Person


def router() -> Router:
    """The button under an order that is under guarantee."""
    router = Router(name="refill")
    router.callback_query.register(ask, callbacks.AskRefill.filter())
    return router


async def ask(
    query: CallbackQuery,
    callback_data: callbacks.AskRefill,
    db: Database,
    settings: ShopSettings,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """Ask once; the card and the notices tell the rest. What stands in the way is said by the error handler."""
    asking = partial(
        refills.ask, user_id=user.id, order_id=callback_data.order_id, every=settings.policy.refill_every, now=now()
    )
    asked = await db.retrying(asking)
    if asked.created:
        said = texts.bare("toast-refill", server=asked.order.server)
    else:
        said = texts.bare("toast-refill-running")
    await screens.toast(query, said, alert=True)
