"""A price that was announced: what is said of it, and the taps on its service's card that call it off or hasten it."""

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers import screens
from handlers.admin import gate, wares
from handlers.admin.gate import Acting
from handlers.i18n import Html, Texts
from handlers.stock_callbacks import CallOff, PriceNow
from services import actions, coming_prices
from services.coming_prices import Coming
from services.db import Database
from services.overrides import Change
from services.roles import Role


def router() -> Router:
    """Both buttons. To raise a price without notice is for owners: resellers were promised one."""
    router = Router(name="admin-coming")
    gate.button(router, CallOff, call_off, Role.MANAGER)
    gate.button(router, PriceNow, hasten, Role.OWNER)
    return router


async def call_off(query: CallbackQuery, callback_data: CallOff, db: Database, acting: Acting) -> None:
    """Leave the price as it is, once for each tap."""
    number, head = callback_data.service_id, None
    async with db.write() as session:
        if not await actions.taken(session, acting.key):
            left = await coming_prices.call_off(session, number, mark=callback_data.mark, now=acting.now)
            told = {"old": left.old, "new": left.new, "at": coming_prices.minute(left.effective_at)}
            await acting.record(session, "price-off", f"service:{number}", **told)
            head = acting.texts("coming-off", old=left.old, new=left.new)
        screen = await wares.ware(session, acting, number, head=head)
    await screens.toast(query)
    await screens.show(query, screen)


async def hasten(query: CallbackQuery, callback_data: PriceNow, db: Database, acting: Acting) -> None:
    """Put it in force without waiting, once for each tap."""
    number, head = callback_data.service_id, None
    async with db.write() as session:
        if not await actions.taken(session, acting.key):
            change = await coming_prices.hasten(
                session, number, mark=callback_data.mark, markups=acting.settings.markups, now=acting.now
            )
            await acting.record(session, "price-now", f"service:{number}", old=change.old, new=change.new)
            head = said(acting.texts, change)
        screen = await wares.ware(session, acting, number, head=head)
    await screens.toast(query)
    await screens.show(query, screen)


def said(texts: Texts, change: Change | Coming) -> Html:
    """What came of setting a price."""
    if isinstance(change, Coming):
        return texts("coming-set", old=change.old, new=change.new, at=change.effective_at)
    return texts("own-done", what="rate", old=change.old, new=change.new, sold=change.sold)
