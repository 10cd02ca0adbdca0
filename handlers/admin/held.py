"""Orders that wait for a person: /unknown lists those in doubt, /review those whose delivered count nobody tells."""

from collections.abc import Sequence

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from handlers import amounts, callbacks, keyboards, screens, staff_buttons
from handlers.admin import gate
from handlers.admin.gate import Acting
from handlers.i18n import Html
from handlers.keyboards import Row
from handlers.screens import Screen, lines, shown
from services import order_search
from services.db import Database, ReadSession
from services.order_search import Doubted, Held, Listed
from services.roles import Role

SHOWN = 5
"""Orders on a page."""


def router() -> Router:
    """The two commands and their pages."""
    router = Router(name="admin-held")
    gate.commands(router, {"unknown": unknown, "review": review})
    gate.button(router, staff_buttons.Doubts, more_doubts, Role.READER)
    gate.button(router, staff_buttons.Reviews, more_reviews, Role.READER)
    return router


async def unknown(message: Message, db: Database, acting: Acting) -> None:
    """/unknown: those that have waited longest first."""
    async with db.read() as session:
        screen = await _doubts(session, acting, 0)
    await screens.reply(message, screen)


async def more_doubts(query: CallbackQuery, callback_data: staff_buttons.Doubts, db: Database, acting: Acting) -> None:
    """Another page."""
    async with db.read() as session:
        screen = await _doubts(session, acting, callback_data.page)
    await screens.toast(query)
    await screens.show(query, screen)


async def review(message: Message, db: Database, acting: Acting) -> None:
    """/review: those that have waited longest first."""
    async with db.read() as session:
        screen = await _reviews(session, acting, 0)
    await screens.reply(message, screen)


async def more_reviews(
    query: CallbackQuery, callback_data: staff_buttons.Reviews, db: Database, acting: Acting
) -> None:
    """Another page."""
    async with db.read() as session:
        screen = await _reviews(session, acting, callback_data.page)
    await screens.toast(query)
    await screens.show(query, screen)


async def _doubts(session: ReadSession, acting: Acting, page: int) -> Screen:
    texts = acting.texts
    found = await order_search.doubted(session, limit=SHOWN + 1, offset=page * SHOWN)
    told = [_told(acting, each.order) for each in found[:SHOWN]]
    rows = [_decide(acting, each) for each in found[:SHOWN]]
    last = page + (len(found) > SHOWN)
    turning = keyboards.pages(texts, page, last, lambda to: staff_buttons.Doubts(page=to))
    text = lines(texts("unknown-title"), "", *(told or [texts("unknown-none")]))
    return Screen(text, keyboards.stack(*rows, turning))


def _decide(acting: Acting, each: Doubted) -> Row:
    texts, about = acting.texts, {"order_id": each.order.id, "attempt": each.attempt}
    story = keyboards.tap(texts.bare("button-order", order=str(each.order.id)), _story(each.order))
    if not _helps(acting):
        return [story]
    return [
        story,
        keyboards.tap(texts.bare("button-there"), callbacks.Arrived(**about), "success"),
        keyboards.tap(texts.bare("button-not-there"), callbacks.Missing(**about), "danger"),
    ]


async def _reviews(session: ReadSession, acting: Acting, page: int) -> Screen:
    texts, policy = acting.texts, acting.settings.policy
    found = await order_search.held(session, policy, limit=SHOWN + 1, offset=page * SHOWN)
    told = [lines(_told(acting, each.order), texts("review-why", why=each.why)) for each in found[:SHOWN]]
    rows = [_count(acting, each) for each in found[:SHOWN]]
    last = page + (len(found) > SHOWN)
    turning = keyboards.pages(texts, page, last, lambda to: staff_buttons.Reviews(page=to))
    text = lines(texts("review-title"), "", *(told or [texts("review-none")]))
    return Screen(text, keyboards.stack(*rows, turning))


def _count(acting: Acting, each: Held) -> Row:
    texts, order_id = acting.texts, each.order.id
    story = keyboards.tap(texts.bare("button-order", order=str(order_id)), _story(each.order))
    count = keyboards.tap(texts.bare("button-enter-count"), callbacks.CountByHand(order_id=order_id))
    ask = keyboards.tap(texts.bare("button-ask-again"), staff_buttons.Refresh(order_id=order_id))
    deeds: Sequence[Row] = [[ask] if each.why != "missing" else [], [count]] if _helps(acting) else []
    return [story, *(button for row in deeds for button in row)]


def _told(acting: Acting, order: Listed) -> Html:
    texts = acting.texts
    return texts(
        "held-line",
        order=str(order.id),
        provider=order.provider,
        id=order.provider_order_id or "none",
        quantity=amounts.amount(texts, order.quantity, order.unit),
        charge=order.charge,
        span=acting.now - order.since,
        link=texts("link", url=order.link, shown=shown(order.link, 32)),
    )


def _story(order: Listed) -> staff_buttons.Story:
    return staff_buttons.Story(order_id=order.id, new=True)


def _helps(acting: Acting) -> bool:
    return acting.admin.role is not None and acting.admin.role >= Role.SUPPORT
