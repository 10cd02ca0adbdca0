"""Finish for me: on and off, for one goal or for all, how much it may cost and how many orders it may take."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers import callbacks, keyboards, screens
from handlers.i18n import Texts
from handlers.screens import Screen, lines
from services import finishing, orders, switches
from services.db import Database, WriteSession
from services.finishing import ORDERS, PERCENTS, Allowed
from services.users import Person


def router() -> Router:
    """The command and the buttons."""
    router = Router(name="finishing")
    router.message.register(finish_command, Command("finish"))
    router.callback_query.register(open_finish, callbacks.Finish.filter())
    router.callback_query.register(change, callbacks.FinishSet.filter())
    router.callback_query.register(finish_it, callbacks.FinishIt.filter())
    return router


def finish_screen(texts: Texts, allowed: Allowed, goal_id: int, *, on: bool) -> Screen:
    """How things stand and what can be changed; `on` is whether the goal in view is finished, if there is one."""

    def choice(what: str, value: int, label: str, *, chosen: bool) -> keyboards.Row:
        data = callbacks.FinishSet(what=what, value=value, goal_id=goal_id)
        return [keyboards.tap(label, data, "primary" if chosen else None)]

    text = lines(
        texts("finish-title"),
        texts("finish-how"),
        "",
        texts("finish-goal", goal=str(goal_id), state=_word(on)) if goal_id else None,
        texts("finish-all", state=_word(allowed.everything)),
        texts("finish-percent", percent=allowed.percent),
        texts("finish-orders", orders=allowed.orders),
    )
    turn_goal = texts.bare("button-finish-goal", goal=str(goal_id), state=_word(on))
    percents = [
        choice("percent", each, texts.bare("button-finish-percent", percent=each), chosen=each == allowed.percent)[0]
        for each in PERCENTS
    ]
    counts = [
        choice("orders", each, texts.bare("button-finish-orders", orders=each), chosen=each == allowed.orders)[0]
        for each in ORDERS
    ]
    back = callbacks.GoalCard(goal_id=goal_id) if goal_id else None
    return Screen(
        text,
        keyboards.stack(
            choice("goal", int(not on), turn_goal, chosen=not on) if goal_id else [],
            choice(
                "all",
                int(not allowed.everything),
                texts.bare("button-finish-all", state=_word(allowed.everything)),
                chosen=False,
            ),
            percents,
            counts,
            [keyboards.back(texts, back), keyboards.menu(texts)] if back else [keyboards.menu(texts)],
        ),
    )


def _word(on: bool) -> str:
    return "on" if on else "off"


async def finish_command(message: Message, db: Database, texts: Texts, user: Person) -> None:
    """/finish"""
    await screens.reply(message, await _shown(db, texts, user, 0))


async def open_finish(
    query: CallbackQuery, callback_data: callbacks.Finish, db: Database, texts: Texts, user: Person
) -> None:
    """The terms, with a goal in view or without."""
    screen = await _shown(db, texts, user, callback_data.goal_id)
    await screens.toast(query)
    await screens.show(query, screen, new=callback_data.new)


async def change(
    query: CallbackQuery,
    callback_data: callbacks.FinishSet,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """Keep what was chosen; a value that no button offers is none."""
    what, value, goal_id = callback_data.what, callback_data.value, callback_data.goal_id

    async def kept(session: WriteSession) -> None:
        terms = await finishing.allowed(session, user.id)
        match what:
            case "goal":
                await finishing.turn(session, user_id=user.id, goal_id=goal_id, on=bool(value), now=now())
            case "all":
                await finishing.allow(session, user.id, replace(terms, everything=bool(value)))
            case "percent" if value in PERCENTS:
                await finishing.allow(session, user.id, replace(terms, percent=value))
            case "orders" if value in ORDERS:
                await finishing.allow(session, user.id, replace(terms, orders=value))
            case _:
                pass

    await db.retrying(kept)
    screen = await _shown(db, texts, user, goal_id)
    await screens.toast(query, texts.bare("toast-finish-kept"))
    await screens.show(query, screen)


async def finish_it(
    query: CallbackQuery,
    callback_data: callbacks.FinishIt,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """Turn it on for this goal; what is missing is ordered at once, and told."""

    async def turned(session: WriteSession) -> None:
        await switches.require_sales(session, staff=user.is_staff)  # or it is promised while nothing is sold
        stopped = await orders.find(session, user.id, callback_data.order_id)
        await finishing.turn(session, user_id=user.id, goal_id=stopped.goal_id, on=True, now=now())

    await db.retrying(turned)
    await screens.toast(query, texts.bare("toast-finish-on"))
    await screens.rearm(query, screens.without(query, (callbacks.FinishIt,)))


async def _shown(db: Database, texts: Texts, user: Person, goal_id: int) -> Screen:
    async with db.read() as session:
        on = bool(goal_id) and await finishing.is_on(session, user_id=user.id, goal_id=goal_id)
        return finish_screen(texts, await finishing.allowed(session, user.id), goal_id, on=on)
