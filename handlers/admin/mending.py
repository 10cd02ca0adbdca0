"""The buttons under alerts that mend what they tell of: a service is sold no more, sales go on."""

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers import callbacks, screens
from handlers.admin import confirm, gate
from handlers.admin.confirm import Step
from handlers.admin.gate import Acting
from handlers.screens import Screen, lines
from services import alarm, overrides, staff, switches
from services.approvals import Asked
from services.db import Database, WriteSession
from services.roles import Role
from services.switches import SALES


def router() -> Router:
    """The buttons."""
    router = Router(name="admin-mending")
    gate.button(router, callbacks.Suspend, suspend, Role.MANAGER)
    gate.button(router, callbacks.SellAgain, sell_again, Role.MANAGER)
    return router


async def suspend(query: CallbackQuery, callback_data: callbacks.Suspend, db: Database, acting: Acting) -> None:
    """Take a service off sale until somebody shows it again; a tap that comes too late says so."""
    service_id, texts = callback_data.service_id, acting.texts
    async with db.write() as session:
        change = await overrides.hide(session, service_id, hidden=True, now=acting.now)
        if change.sold:
            told = {"what": "hide", "old": change.old, "new": change.new}
            await acting.record(session, "own-service", f"service:{service_id}", **told)
    if change.sold:
        await screens.toast(query)
    else:
        await screens.toast(query, texts.bare("suspend-already"), alert=True)
    await screens.rearm(query, screens.without(query, [callbacks.Suspend]))
    if change.sold:
        await screens.show(query, Screen(texts("suspend-done", id=str(service_id))), new=True)


async def sell_again(query: CallbackQuery, db: Database, acting: Acting) -> None:
    """Ask whether sales are to go on; why they stopped is said with it."""
    async with db.read() as session:
        last = await switches.history(session, SALES, limit=1)
    if not last or last[0].is_on:
        return await screens.toast(query, acting.texts.bare("sales-on-already"), alert=True)
    return await confirm.ask(query, SELL, {"reason": last[0].reason}, acting, db)


async def _sell(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    texts = acting.texts
    last = await switches.history(write, SALES, limit=1)
    if not last or last[0].is_on:
        return Screen(texts("sales-on-already"))
    policy = await staff.informed(write, acting.settings.policy)
    await alarm.turn_sales(
        write,
        on=True,
        reason=texts.bare("sell-again-reason", reason=asked.params["reason"]),
        admin=acting.admin.id,
        name=acting.admin.name,
        admins=policy.admins,
        key=f"approval:{asked.id}",
        now=acting.now,
    )
    verdict = await alarm.last(write)
    broken = verdict is not None and bool(verdict.breaches)
    return Screen(lines(texts("sales-turned-on"), texts("sales-still-broken") if broken else None))


SELL = Step("sell-again", Role.MANAGER, _sell)
