"""The messages to a reseller's site: listed with what came of them, each as it was sent, sent again by a tap."""

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers import keyboards, screens, site_news
from handlers.reseller_buttons import Hook, MessageCard, Messages
from handlers.resellers.gate import Selling
from handlers.screens import Screen, brief, lines
from services import webhooks
from services.db import Database, ReadSession
from services.webhooks import Message

PAGE = 8
LONGEST = 1500
"""Characters of a message that are shown: with every one of them escaped it still fits."""


def router() -> Router:
    """The list, page by page, and one message."""
    router = Router(name="messages")
    router.callback_query.register(open_messages, Messages.filter())
    router.callback_query.register(open_message, MessageCard.filter())
    return router


async def open_messages(query: CallbackQuery, callback_data: Messages, db: Database, selling: Selling) -> None:
    """The newest, or those before one of them."""
    texts, before = selling.texts, callback_data.before
    async with db.read() as session:
        found = await webhooks.messages(session, selling.user_id, limit=PAGE + 1, before=before or None)
    shown = found[:PAGE]
    rows = [[keyboards.tap(_label(each, selling), MessageCard(message_id=each.id))] for each in shown]
    newest = [keyboards.tap(texts.bare("button-newest"), Messages())] if before else []
    older = [keyboards.tap(texts.bare("button-older"), Messages(before=shown[-1].id))] if len(found) > PAGE else []
    text = lines(texts("messages-title"), "", texts("messages-kept") if shown else texts("messages-none"))
    await screens.toast(query)
    await screens.show(query, Screen(text, keyboards.stack(*rows, [*newest, *older], [keyboards.back(texts, Hook())])))


def _label(message: Message, selling: Selling) -> str:
    span = selling.now - message.created_at
    about, order = ("shop", "") if message.order_id is None else ("order", str(message.order_id))
    return selling.texts.bare(
        "button-message", state=message.state, kind=message.kind, about=about, order=order, span=span
    )


async def open_message(query: CallbackQuery, callback_data: MessageCard, db: Database, selling: Selling) -> None:
    """One message, sent once more where that is asked. DeliveryGone."""
    message_id, again = callback_data.message_id, callback_data.again
    if again:
        async with db.write() as session:
            await webhooks.replay(session, selling.user_id, message_id, selling.now)
    async with db.read() as session:
        screen = await card(session, message_id, selling)
    await screens.toast(query, selling.texts.bare("toast-message-again") if again else None)
    await screens.show(query, screen)


async def card(read: ReadSession, message_id: int, selling: Selling) -> Screen:
    """How a message fares, what it says, and what can be done about it. DeliveryGone."""
    texts = selling.texts
    message, body = await webhooks.message(read, selling.user_id, message_id)
    waits = message.state == webhooks.WAITING
    text = lines(
        texts("message-title", kind=message.kind),
        "",
        texts("message-key", key=message.key),
        texts("message-order", order=str(message.order_id)) if message.order_id is not None else None,
        texts("message-written", at=message.created_at),
        texts("message-state", state=message.state, at=message.due_at if waits else message.done_at or message.due_at),
        texts("message-tries", tries=message.tries) if message.tries else None,
        texts("site-last", answer=site_news.answer(texts, message.answer)) if message.answer else None,
        "",
        texts("message-body", body=brief(body, LONGEST)),
    )
    look = keyboards.tap(texts.bare("button-refresh"), MessageCard(message_id=message_id))
    again = keyboards.tap(texts.bare("button-message-again"), MessageCard(message_id=message_id, again=True))
    back = keyboards.back(texts, Messages())
    return Screen(text, keyboards.stack([look] if waits else [], [again] if message.tries or not waits else [], [back]))
