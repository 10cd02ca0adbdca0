"""What a reseller's site asked of the API, and what came of its orders: today, or in the last seven days."""

from datetime import timedelta

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers import keyboards, screens
from handlers.reseller_buttons import Desk, Usage
from handlers.resellers.gate import Selling
from handlers.screens import Screen, lines
from services import reseller_figures
from services.db import Database

WEEK = timedelta(days=6)


def router() -> Router:
    """The one button."""
    router = Router(name="usage")
    router.callback_query.register(open_usage, Usage.filter())
    return router


async def open_usage(query: CallbackQuery, callback_data: Usage, db: Database, selling: Selling) -> None:
    """The figures."""
    texts, week = selling.texts, callback_data.week
    midnight = selling.now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight - WEEK if week else midnight
    async with db.read() as session:
        figures = await reseller_figures.figures(session, selling.user_id, since)
        asked = await reseller_figures.asked(session, selling.user_id, since)
    text = lines(
        texts("asked-title", span="week" if week else "day"),
        "",
        texts("asked-orders", orders=figures.orders, spent=figures.spent),
        texts("desk-ends", completed=figures.completed, partial=figures.partial, canceled=figures.canceled),
        texts("asked-partial", percent=figures.partial_percent) if figures.ended else None,
        texts("desk-refunded", refunded=figures.refunded),
        "",
        *(
            [texts("asked-asked", action=each.action, calls=each.calls, refused=each.refused) for each in asked]
            or [texts("asked-none")]
        ),
    )
    other = keyboards.tap(texts.bare("button-usage-day" if week else "button-usage-week"), Usage(week=not week))
    await screens.toast(query)
    await screens.show(query, Screen(text, keyboards.stack([other], [keyboards.back(texts, Desk())])))
