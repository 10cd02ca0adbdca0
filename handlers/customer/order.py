"""Making an order: link and quantity, the way forth and back, and what is typed at the quote; each answer is kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers import callbacks, screens
from handlers.customer import questions, start, steps
from handlers.customer.steps import LINK, QUANTITY, QUOTE, Making, ask, at_work, fitting
from handlers.i18n import Texts
from handlers.screens import lines
from handlers.states import Draft, Ordering, drafted
from services import catalog, order_fields, orders, quantities
from services.catalog import ServiceView
from services.db import Database
from services.errors import BadAnswer, BadLink, InvalidInput
from services.users import Person


def router() -> Router:
    """The questions that every order has."""
    router = Router(name="order")
    router.callback_query.register(begin, callbacks.Begin.filter())
    router.callback_query.register(keep_link, callbacks.KeepLink.filter())
    router.callback_query.register(pick, callbacks.Pick.filter())
    router.callback_query.register(step_back, callbacks.Step.filter())
    router.callback_query.register(resume, callbacks.Resume.filter())
    router.callback_query.register(leave, callbacks.Leave.filter())
    router.callback_query.register(repeat, callbacks.Repeat.filter())
    router.message.register(link_given, StateFilter(Ordering.link))
    router.message.register(quantity_given, StateFilter(Ordering.quantity))
    router.message.register(said_at_quote, StateFilter(Ordering.quote))
    return router


async def begin(
    query: CallbackQuery,
    callback_data: callbacks.Begin,
    state: FSMContext,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """Ask for the link; one that was given for the order before is offered again where it fits."""
    async with db.read() as session:
        service = await catalog.service(session, callback_data.service_id)
    earlier = await drafted(state)
    draft = Draft(service.id, link=fitting(earlier.link if earlier else None, service))
    screen = await ask(Making(state, db, texts, user, now()), service, draft, LINK)
    await screens.toast(query)
    await screens.show(query, screen)


async def link_given(
    message: Message, state: FSMContext, db: Database, texts: Texts, user: Person, now: Callable[[], datetime]
) -> None:
    """Take the link, or say what is wrong with it and ask again."""
    making = Making(state, db, texts, user, now())
    draft, service = await at_work(making)
    if message.text is None:
        return await screens.reply(message, await ask(making, service, draft, LINK, texts("link-not-text")))
    try:
        link = steps.target(service, message.text)
    except BadLink as refusal:
        problem = questions.sentence(texts, refusal)
        return await screens.reply(message, await ask(making, service, draft, LINK, problem))
    draft = replace(draft, link=link, token=None)
    return await screens.reply(message, await ask(making, service, draft, steps.after(service, LINK)))


async def keep_link(
    query: CallbackQuery,
    callback_data: callbacks.KeepLink,
    state: FSMContext,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """Go on with the link given before."""
    making = Making(state, db, texts, user, now())
    draft = await drafted(state, callback_data.service_id)
    if draft is None or draft.link is None:
        return await start.outdated(query, db, texts, user)
    service = await steps.service_of(making, draft.service_id)
    screen = await ask(making, service, draft, steps.after(service, LINK))
    await screens.toast(query)
    return await screens.show(query, screen)


async def quantity_given(
    message: Message, state: FSMContext, db: Database, texts: Texts, user: Person, now: Callable[[], datetime]
) -> None:
    """Take the quantity and quote the price, or say what is wrong with it and ask again; a link replaces the link."""
    making = Making(state, db, texts, user, now())
    draft, service = await at_work(making)
    if message.text is not None and _is_link(message.text, service):
        return await link_given(message, state, db, texts, user, now)
    if message.text is None:
        problem = texts("quantity-not-text")
    else:
        try:
            chosen = replace(draft, quantity=quantities.parse(message.text))
            return await screens.reply(message, await ask(making, service, chosen, steps.after(service, QUANTITY)))
        except InvalidInput as refusal:
            problem = questions.sentence(texts, refusal)
    return await screens.reply(message, await ask(making, service, draft, QUANTITY, problem))


def _is_link(typed: str, service: ServiceView) -> bool:
    return "/" in typed and fitting(typed, service) is not None


async def pick(
    query: CallbackQuery,
    callback_data: callbacks.Pick,
    state: FSMContext,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """A suggested quantity: quote the price."""
    making = Making(state, db, texts, user, now())
    draft = await drafted(state, callback_data.service_id)
    if draft is None:
        return await start.outdated(query, db, texts, user)
    service = await steps.service_of(making, draft.service_id)
    if QUANTITY not in steps.open_to(service, draft):
        return await start.outdated(query, db, texts, user)
    draft = replace(draft, quantity=callback_data.quantity)
    screen = await ask(making, service, draft, steps.after(service, QUANTITY))
    await screens.toast(query)
    return await screens.show(query, screen)


async def said_at_quote(
    message: Message, state: FSMContext, db: Database, texts: Texts, user: Person, now: Callable[[], datetime]
) -> None:
    """Another number or link changes the order; anything else is said to be neither and brings the quote back."""
    making = Making(state, db, texts, user, now())
    draft, service = await at_work(making)
    typed = message.text or ""
    if _is_link(typed, service):
        return await link_given(message, state, db, texts, user, now)
    if draft.token is None:
        return await quantity_given(message, state, db, texts, user, now)
    problem = texts("quote-not-understood")
    if QUANTITY in steps.route(service):
        try:
            quantities.parse(typed)
        except InvalidInput as refusal:
            problem = questions.sentence(texts, refusal) if message.text else texts("quantity-not-text")
        else:
            return await quantity_given(message, state, db, texts, user, now)
    note = lines(problem, texts("quote-kept"))
    return await screens.reply(message, await steps.shown(making, draft.token, note))


async def step_back(
    query: CallbackQuery,
    callback_data: callbacks.Step,
    state: FSMContext,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """Back to the link, the quantity or the quote; what was entered stays."""
    making = Making(state, db, texts, user, now())
    draft = await drafted(state, callback_data.service_id)
    if draft is None:
        return await start.outdated(query, db, texts, user)
    service = await steps.service_of(making, draft.service_id)
    if callback_data.to not in steps.open_to(service, draft):
        return await start.outdated(query, db, texts, user)
    screen = await ask(making, service, draft, callback_data.to)
    await screens.toast(query)
    return await screens.show(query, screen)


async def resume(
    query: CallbackQuery,
    state: FSMContext,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
    raw_state: str | None = None,
) -> None:
    """Back to the order being made, at the question it was left at."""
    making = Making(state, db, texts, user, now())
    draft = await drafted(state)
    if draft is None:
        return await start.outdated(query, db, texts, user)
    service = await steps.service_of(making, draft.service_id)
    step = steps.left_at(service, draft, raw_state)
    if step == QUOTE and draft.token is not None:
        screen = await steps.shown(making, draft.token)
        await draft.save(state, Ordering.quote)
    else:
        screen = await ask(making, service, draft, step)
    await screens.toast(query)
    return await screens.show(query, screen)


async def leave(query: CallbackQuery, state: FSMContext, db: Database, texts: Texts, user: Person) -> None:
    """Give the order being made up."""
    await state.clear()
    await start.home(query, db, texts, user, texts("leave-done"))


async def repeat(
    query: CallbackQuery,
    callback_data: callbacks.Repeat,
    state: FSMContext,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """The same order once more, at the price of now."""
    async with db.read() as session:
        order = await orders.find(session, user.id, callback_data.order_id)
    making = Making(state, db, texts, user, now())
    service = await steps.service_of(making, order.service_id)
    answers = order_fields.answers(order.extras)
    draft = Draft(order.service_id, link=order.link, quantity=order.quantity, answers=answers)
    try:
        screen = await ask(making, service, draft, QUOTE)
    except BadAnswer as refusal:
        screen = await ask(making, service, draft, str(refusal.params["field"]), questions.sentence(texts, refusal))
    await screens.toast(query)
    await screens.show(query, screen, new=True)
