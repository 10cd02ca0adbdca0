"""The way through an order being made: its questions in turn, each kept and open to go back to, then the quote."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext

from handlers import callbacks
from handlers.customer import questions
from handlers.i18n import Texts
from handlers.screens import Screen
from handlers.states import Draft, Ordering, drafted
from services import catalog, order_fields, order_types, quantities, quotes
from services.catalog import ServiceView
from services.db import Database
from services.errors import BadAnswer, BadLink, QuoteGone, ServiceGone
from services.order_fields import Situation
from services.order_types import OrderType
from services.users import Person

LINK, QUANTITY, QUOTE = "link", "quantity", "quote"
"""The steps of every order; those between are the further questions of its type."""


@dataclass(frozen=True, slots=True)
class Making:
    """What it takes to go on with somebody's order."""

    state: FSMContext
    db: Database
    texts: Texts
    user: Person
    now: datetime


def route(service: ServiceView) -> Sequence[str]:
    """Every step of an order of this service, in turn."""
    return (LINK, *further(service), *([QUANTITY] if kind_of(service).asks_quantity else []), QUOTE)


def after(service: ServiceView, step: str) -> str:
    """What comes after an answer; the questions of a drip-feed lead back to the quote that they began at."""
    if step in order_types.DRIP:
        return "interval" if step == "runs" else QUOTE
    steps = route(service)
    return steps[steps.index(step) + 1]


def before(service: ServiceView, step: str) -> CallbackData:
    """Where Back leads."""
    if step in order_types.DRIP:
        return to(service, QUOTE if step == "runs" else "runs")
    steps = route(service)
    place = steps.index(step)
    return to(service, steps[place - 1]) if place else callbacks.Product(service_id=service.id)


def to(service: ServiceView, step: str) -> CallbackData:
    """The intention to go to a step."""
    match step:
        case "link" | "quantity" | "quote":
            return callbacks.Step(to=step, service_id=service.id)
        case _:
            return callbacks.Ask(service_id=service.id, field=step)


def further(service: ServiceView) -> Sequence[str]:
    """The questions beside link and quantity."""
    return kind_of(service).asks


def kind_of(service: ServiceView) -> OrderType:
    """What orders of it are made of; ServiceGone where this version cannot take them."""
    kind = order_types.of(service.type)
    if kind is None:
        raise ServiceGone
    return kind


def open_to(service: ServiceView, draft: Draft) -> Sequence[str]:
    """The steps that a button may lead to: those answered, and the one after them."""
    answered = {LINK: draft.link is not None, QUANTITY: draft.quantity is not None}
    steps = route(service)
    missing = [step for step in steps if not answered.get(step, step in draft.answers)]
    return steps[: steps.index(missing[0]) + 1]


def left_at(service: ServiceView, draft: Draft, raw_state: str | None) -> str:
    """The step an order waits at; where somebody looked around meanwhile, the furthest that it had come to."""
    waiting = {Ordering.link.state: LINK, Ordering.quantity.state: QUANTITY, Ordering.quote.state: QUOTE}
    step = waiting.get(raw_state) if raw_state else QUOTE if draft.token else None
    return step or draft.asking or open_to(service, draft)[-1]


async def at_work(making: Making) -> tuple[Draft, ServiceView]:
    """The order being made, and its service; QuoteGone where nothing is known of it any more."""
    draft = await drafted(making.state)
    if draft is None:
        await making.state.clear()
        raise QuoteGone
    return draft, await service_of(making, draft.service_id)


async def service_of(making: Making, service_id: int) -> ServiceView:
    """The service of the order being made; once it is gone, so is the order."""
    async with making.db.read() as session:
        try:
            return await catalog.service(session, service_id)
        except ServiceGone:
            await making.state.clear()
            raise


async def ask(making: Making, service: ServiceView, draft: Draft, step: str, problem: str | None = None) -> Screen:
    """Wait for the answer to a step, and the screen that asks for it; the quote raises what `quotes.quote` does."""
    texts, back = making.texts, before(service, step)
    match step:
        case "link":
            await draft.save(making.state, Ordering.link)
            return questions.link_question(texts, service, draft.link, problem)
        case "quantity":
            await draft.save(making.state, Ordering.quantity)
            return questions.quantity_question(texts, service, draft, _suggested(service), back, problem)
        case "quote":
            return await quoted(making, service, draft)
        case name:
            await draft.save(making.state, Ordering.answer, asking=name)
            suggested = order_fields.suggestions(name, situation(making, service, draft))
            return questions.further_question(texts, service, draft, name, suggested, back, problem)


def _suggested(service: ServiceView) -> Sequence[int]:
    """Quantities worth a button."""
    if service.unit == "post":
        return order_types.POSTS
    return quantities.suggestions(service.min, service.max)


def situation(making: Making, service: ServiceView, draft: Draft) -> Situation:
    """What the answers to further questions are judged by."""
    platform = service.platform
    today = making.now.date()
    return Situation(kind_of(service), service.min, service.max, platform, draft.quantity or 0, today)


def target(service: ServiceView, text: str) -> str:
    """The link meant; BadLink where an order of this service cannot be for it."""
    return order_fields.target(kind_of(service), text, service.platform)


async def quoted(making: Making, service: ServiceView, draft: Draft) -> Screen:
    """Price an order that is complete, and wait for the verdict.

    Where another quantity cannot be spread out any more, it is quoted to come at once, and that is said.
    """
    note = None
    try:
        quote = await _quote(making, draft)
    except BadAnswer as refusal:
        if refusal.params["field"] not in order_types.DRIP:
            raise
        draft = replace(draft, answers=without_drip(draft))
        quote = await _quote(making, draft)
        note = making.texts("quote-spread-lost", quantity=quote.quantity)
    draft = replace(draft, link=quote.link, quantity=quote.quantity, token=quote.token, quoted=quote.token)
    await draft.save(making.state, Ordering.quote)
    return quote_screen(making.texts, quote, note)


def without_drip(draft: Draft) -> dict[str, str]:
    """The answers, all at once after all."""
    return {name: answer for name, answer in draft.answers.items() if name not in order_types.DRIP}


async def _quote(making: Making, draft: Draft) -> quotes.QuoteView:
    async with making.db.write() as session:
        return await quotes.quote(
            session,
            user_id=making.user.id,
            service_id=draft.service_id,
            link=draft.link or "",
            quantity=draft.quantity or 0,
            extras=order_fields.composed(draft.answers),
            instead_of=draft.quoted,
            now=making.now,
            staff=making.user.is_staff,
        )


def quote_screen(texts: Texts, quote: quotes.QuoteView, note: str | None = None) -> Screen:
    """A quote with the way back to the question before it."""
    return questions.quote_screen(texts, quote, before(quote.service, QUOTE), note)


async def shown(making: Making, token: str, note: str | None = None) -> Screen:
    """The same quote again, against the wallet of now."""
    async with making.db.read() as session:
        quote = await quotes.requote(session, user_id=making.user.id, token=token)
    return quote_screen(making.texts, quote, note)


def fitting(link: str | None, service: ServiceView) -> str | None:
    """The link, where this service can work on it."""
    if link is None:
        return None
    try:
        return target(service, link)
    except BadLink:
        return None
