"""/reseller for everybody: what it is, one question to apply, and how an application stands; who may sell goes on."""

from collections.abc import Callable
from datetime import datetime

from aiogram import Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers import keyboards, screens, states
from handlers.i18n import Texts
from handlers.reseller_buttons import Apply, Desk
from handlers.resellers import desk
from handlers.resellers.gate import Selling
from handlers.screens import Screen
from handlers.settings import ShopSettings
from handlers.states import Answers, Reselling
from services import applications, resellers
from services.db import Database
from services.resellers import ResellerView
from services.users import Person

SHORTEST = 10
"""Characters of an answer that says anything."""
OPEN = (None, resellers.REFUSED)
"""How somebody stands who may apply."""


def router() -> Router:
    """The command, the button that leads there, and the application."""
    router = Router(name="applying")
    router.message.register(reseller_command, Command("reseller"))
    router.callback_query.register(open_desk, Desk.filter())
    router.callback_query.register(begin, Apply.filter())
    router.message.register(about_given, StateFilter(Reselling.about), Answers())
    return router


def standing(texts: Texts, state: str | None) -> Screen:
    """What it is to whoever never asked, and how it stands to who did and may not sell."""
    told = texts("reseller-intro") if state is None else texts("reseller-standing", state=state)
    ask = keyboards.tap(texts.bare("button-apply"), Apply(), "primary")
    return Screen(told, keyboards.stack([ask] if state in OPEN else [], [keyboards.menu(texts)]))


async def reseller_command(
    message: Message,
    state: FSMContext,
    db: Database,
    settings: ShopSettings,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """/reseller"""
    await states.leave(state, Reselling)
    await screens.reply(message, await _opened(db, settings, texts, user, now()))


async def open_desk(
    query: CallbackQuery,
    callback_data: Desk,
    state: FSMContext,
    db: Database,
    settings: ShopSettings,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """The same in answer to a tap."""
    await states.leave(state, Reselling)
    opened = await _opened(db, settings, texts, user, now())
    await screens.toast(query)
    await screens.show(query, opened, new=callback_data.new)


async def _opened(db: Database, settings: ShopSettings, texts: Texts, user: Person, now: datetime) -> Screen:
    async with db.read() as session:
        found = await resellers.find(session, user.id)
        if found is not None and found.may_sell:
            return await desk.glance(session, Selling(found, settings, texts, now))
    return standing(texts, _state(found))


def _state(found: ResellerView | None) -> str | None:
    return None if found is None else found.state


async def begin(query: CallbackQuery, state: FSMContext, db: Database, texts: Texts, user: Person) -> None:
    """Ask where they sell and what, if they may apply."""
    async with db.read() as session:
        found = await resellers.find(session, user.id)
    await screens.toast(query)
    if _state(found) not in OPEN:
        return await screens.show(query, standing(texts, _state(found)))
    await state.set_state(Reselling.about)
    return await screens.show(query, _question(texts))


def _question(texts: Texts) -> Screen:
    return Screen(texts("reseller-about-question"), keyboards.stack([keyboards.back(texts, Desk())]))


async def about_given(
    message: Message,
    state: FSMContext,
    db: Database,
    settings: ShopSettings,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """The application; too short or too long an answer is asked for again."""
    about = " ".join((message.text or "").split())
    if not SHORTEST <= len(about) <= applications.LONGEST:
        told = texts("reseller-about-again", least=SHORTEST, most=applications.LONGEST)
        return await screens.reply(message, Screen(told, _question(texts).keyboard))
    async with db.write() as session:
        await applications.file(session, user, about=about, policy=settings.policy, now=now())
        found = await resellers.find(session, user.id)
    await states.leave(state, Reselling)
    return await screens.reply(message, standing(texts, _state(found)))
