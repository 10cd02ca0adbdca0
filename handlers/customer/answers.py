"""The further questions of an order: typed, tapped or kept; drip-feed on and off."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from aiogram import Bot, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers import callbacks, screens
from handlers.customer import questions, start, steps, uploads
from handlers.customer.steps import QUOTE, Making, ask, at_work
from handlers.i18n import Texts
from handlers.states import Draft, Ordering, drafted
from services import order_fields, order_types
from services.catalog import ServiceView
from services.db import Database
from services.errors import InvalidInput
from services.users import Person


def router() -> Router:
    """The further questions, whatever they are about."""
    router = Router(name="answers")
    router.callback_query.register(open_question, callbacks.Ask.filter())
    router.callback_query.register(answer_tapped, callbacks.Answer.filter())
    router.callback_query.register(keep_answer, callbacks.KeepAnswer.filter())
    router.callback_query.register(at_once, callbacks.AtOnce.filter())
    router.message.register(answer_given, StateFilter(Ordering.answer))
    return router


async def open_question(
    query: CallbackQuery,
    callback_data: callbacks.Ask,
    state: FSMContext,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """Ask it, for the first time or again; a quantity that leaves something over in any number of runs is said so."""
    making = Making(state, db, texts, user, now())
    found = await _open(making, callback_data.service_id, callback_data.field)
    if found is None:
        return await start.outdated(query, db, texts, user)
    draft, service = found
    if callback_data.field == "runs" and not order_fields.suggestions("runs", steps.situation(making, service, draft)):
        return await screens.toast(query, texts.bare("toast-no-runs", quantity=draft.quantity or 0), alert=True)
    screen = await ask(making, service, draft, callback_data.field)
    await screens.toast(query)
    return await screens.show(query, screen)


async def _open(making: Making, service_id: int, name: str) -> tuple[Draft, ServiceView] | None:
    """The order being made, if the question can be asked about it; None for a button from another order."""
    draft = await drafted(making.state, service_id)
    if draft is None:
        return None
    service = await steps.service_of(making, service_id)
    spreads = service.spreads and QUOTE in steps.open_to(service, draft) and name in order_types.DRIP
    return (draft, service) if spreads or name in steps.open_to(service, draft) else None


async def answer_tapped(
    query: CallbackQuery,
    callback_data: callbacks.Answer,
    state: FSMContext,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """A suggestion: read like anything typed, for a button may be old or forged."""
    making, name = Making(state, db, texts, user, now()), callback_data.field
    found = await _open(making, callback_data.service_id, name)
    if found is None:
        return await start.outdated(query, db, texts, user)
    draft, service = found
    try:
        answer = order_fields.read(name, callback_data.value, steps.situation(making, service, draft))
    except InvalidInput as refusal:
        screen = await ask(making, service, draft, name, questions.sentence(texts, refusal))
    else:
        screen = await ask(making, service, draft.answering(name, answer), steps.after(service, name))
    await screens.toast(query)
    return await screens.show(query, screen)


async def keep_answer(
    query: CallbackQuery,
    callback_data: callbacks.KeepAnswer,
    state: FSMContext,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """Go on with the answer given before."""
    making, name = Making(state, db, texts, user, now()), callback_data.field
    found = await _open(making, callback_data.service_id, name)
    if found is None or name not in found[0].answers:
        return await start.outdated(query, db, texts, user)
    screen = await ask(making, found[1], found[0], steps.after(found[1], name))
    await screens.toast(query)
    return await screens.show(query, screen)


async def answer_given(
    message: Message, bot: Bot, state: FSMContext, db: Database, texts: Texts, user: Person, now: Callable[[], datetime]
) -> None:
    """Take the answer and go on, or say what is wrong with it and ask again."""
    making = Making(state, db, texts, user, now())
    draft, service = await at_work(making)
    name = draft.asking or ""
    try:
        given = await uploads.answer(message, bot, name)
        if given is not None:
            answered = draft.answering(name, order_fields.read(name, given, steps.situation(making, service, draft)))
            return await screens.reply(message, await ask(making, service, answered, steps.after(service, name)))
        problem = texts("answer-not-text")
    except InvalidInput as refusal:
        problem = questions.sentence(texts, refusal)
    return await screens.reply(message, await ask(making, service, draft, name, problem))


async def at_once(
    query: CallbackQuery,
    callback_data: callbacks.AtOnce,
    state: FSMContext,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """No drip-feed after all."""
    making = Making(state, db, texts, user, now())
    draft = await drafted(state, callback_data.service_id)
    if draft is None or draft.quantity is None:
        return await start.outdated(query, db, texts, user)
    service = await steps.service_of(making, draft.service_id)
    screen = await ask(making, service, replace(draft, answers=steps.without_drip(draft)), QUOTE)
    await screens.toast(query)
    return await screens.show(query, screen)
