"""The history: goals, each an order with the orders that finish it, and the card of one."""

from collections.abc import Callable, Sequence
from datetime import datetime

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers import amounts, callbacks, goals, guarantees, keyboards, screens
from handlers.i18n import Texts
from handlers.keyboards import Row
from handlers.screens import Screen, lines
from services.db import Database
from services.goals import GoalPage, GoalView, find, page_of
from services.users import Person

SHOWN = 8
"""Goals on a page."""


def router() -> Router:
    """The history's command and buttons."""
    router = Router(name="history")
    router.message.register(orders_command, Command("orders"))
    router.callback_query.register(open_goals, callbacks.Goals.filter())
    router.callback_query.register(open_goal, callbacks.GoalCard.filter())
    return router


def goals_screen(texts: Texts, found: GoalPage, page: int) -> Screen:
    """A page of goals, one button each."""
    if not found.goals:
        start = keyboards.tap(texts.bare("button-new"), callbacks.Shelves(), "primary")
        return Screen(
            lines(texts("history-title"), "", texts("history-empty")), keyboards.stack([start], [keyboards.menu(texts)])
        )
    buttons = [
        [keyboards.tap(goals.label(texts, goal), callbacks.GoalCard(goal_id=goal.id, page=page))]
        for goal in found.goals
    ]
    turning = keyboards.pages(texts, page, found.pages - 1, lambda to: callbacks.Goals(page=to))
    return Screen(texts("history-title"), keyboards.stack(*buttons, turning, [keyboards.menu(texts)]))


def goal_screen(texts: Texts, goal: GoalView, page: int, now: datetime) -> Screen:
    """What was wanted, what came of it and from where, what it cost, and what can be done next."""
    together = len(goal.parts) > 1
    here = callbacks.GoalCard(goal_id=goal.id, page=page)
    refresh = keyboards.tap(texts.bare("button-refresh"), here)
    repeat = keyboards.tap(texts.bare("button-repeat"), callbacks.Repeat(order_id=goal.first.id))
    return Screen(
        goals.told(texts, goal, now),
        keyboards.stack(
            *_rests(texts, goal),
            *(guarantees.report(texts, guarantees.of_order(part), now, name_server=together) for part in goal.parts),
            [refresh] if goal.open else [repeat],
            [keyboards.tap(texts.bare("button-finish"), callbacks.Finish(goal_id=goal.id))]
            if goals.state(goal) != "full"
            else [],
            [keyboards.back(texts, callbacks.Goals(page=page)), keyboards.menu(texts)],
        ),
    )


def _rests(texts: Texts, goal: GoalView) -> Sequence[Row]:
    """Order what is still missing and not on its way."""
    return [
        [
            keyboards.tap(
                texts.bare("button-order-rest", quantity=amounts.amount(texts, left, part.unit)),
                callbacks.ChooseRest(order_id=part.id),
                "success",
            )
        ]
        for part, left in (goal.rests if goal.delivered else ())
    ]


async def orders_command(message: Message, db: Database, texts: Texts, user: Person) -> None:
    """/orders"""
    await screens.reply(message, await _goals(db, texts, user, 0))


async def open_goals(
    query: CallbackQuery, callback_data: callbacks.Goals, db: Database, texts: Texts, user: Person
) -> None:
    """A page of the history."""
    screen = await _goals(db, texts, user, callback_data.page)
    await screens.toast(query)
    await screens.show(query, screen, new=callback_data.new)


async def _goals(db: Database, texts: Texts, user: Person, page: int) -> Screen:
    async with db.read() as session:
        found = await page_of(session, user.id, page=page, size=SHOWN)
    return goals_screen(texts, found, page)


async def open_goal(
    query: CallbackQuery,
    callback_data: callbacks.GoalCard,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """One goal, or the same again as it stands now; OrderNotFound is said by the error handler."""
    async with db.read() as session:
        goal = await find(session, user.id, callback_data.goal_id)
    await screens.toast(query)
    await screens.show(query, goal_screen(texts, goal, callback_data.page, now()))
