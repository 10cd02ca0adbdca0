"""What a person reads when something cannot be done: the refusal in their language, or the number of an incident."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from aiogram import Bot, Router
from aiogram.filters import ExceptionTypeFilter
from aiogram.types import CallbackQuery, ErrorEvent, InlineKeyboardMarkup, Update

from bot.inbox import may_pass
from bot.middlewares import alert
from bot.telegram import Meaning, TelegramFailure, meaning
from handlers import callbacks, keyboards
from handlers.i18n import Catalogue, Texts
from services import users
from services.db import Database
from services.errors import Banned, NotEnoughMoney, OrderNotFound, RestOrdered, ShopError, TooLate

log = structlog.get_logger()

ALERT = 200
"""Characters Telegram shows in the answer to a tap."""


def router() -> Router:
    """The handlers of what other handlers raise; a defect is told to the person and raised on."""
    router = Router(name="errors")
    router.errors.register(refused, ExceptionTypeFilter(ShopError))
    router.errors.register(failed)
    return router


async def refused(event: ErrorEvent, bot: Bot, catalogue: Catalogue, texts: Texts | None = None) -> None:
    """A refusal of the shop: on a tap an alert, else a reply with a button to where it goes on."""
    error = event.exception
    assert isinstance(error, ShopError)  # noqa: S101  the filter let nothing else in
    texts = texts or catalogue.texts()
    await tell(event.update, bot, texts, error.code, next_step(error, texts), **error.params)


async def failed(
    event: ErrorEvent,
    bot: Bot,
    db: Database,
    catalogue: Catalogue,
    now: Callable[[], datetime],
    texts: Texts | None = None,
) -> None:
    """Anything else: the person gets a number to give to support, the operator the traceback under it."""
    error = event.exception
    if may_pass(error) or meaning(error) is Meaning.TOKEN_REJECTED:
        raise error  # the inbox tries again, and nothing can be told meanwhile
    if meaning(error) is Meaning.UNREACHABLE:
        sender = _sender(event.update)
        if sender is not None:
            async with db.write() as session:
                await users.mark_unreachable(session, sender, now())
        return
    incident = secrets.token_hex(3).upper()
    error.add_note(f"incident {incident}")
    texts = texts or catalogue.texts()
    with suppress(*TelegramFailure):
        await tell(
            event.update, bot, texts, "error-incident", keyboards.stack([keyboards.menu(texts)]), number=incident
        )
    raise error


def next_step(error: ShopError, texts: Texts) -> InlineKeyboardMarkup | None:
    """The button that helps after a refusal."""
    match error:
        case Banned():
            return None
        case NotEnoughMoney():
            step = keyboards.tap(texts.bare("button-wallet"), callbacks.Wallet(new=True))
        case OrderNotFound() | TooLate() | RestOrdered():
            step = keyboards.tap(texts.bare("button-orders"), callbacks.Goals(new=True))
        case _:
            step = keyboards.menu(texts, new=True)
    return keyboards.stack([step])


async def tell(
    update: Update, bot: Bot, texts: Texts, key: str, keyboard: InlineKeyboardMarkup | None, **variables: Any
) -> None:
    """Tell whoever sent the update: once, and visibly even where the tap was answered already."""
    query: CallbackQuery | None = update.callback_query
    short = texts.bare(key, **variables)
    if query is not None and len(short) <= ALERT and await alert(query, short):
        return
    chat_id = _sender(update)
    if update.pre_checkout_query is not None:
        await bot.answer_pre_checkout_query(update.pre_checkout_query.id, ok=False, error_message=short)
    elif chat_id is not None:
        await bot.send_message(chat_id, texts(key, **variables), reply_markup=keyboard)


def _sender(update: Update) -> int | None:
    event = update.message or update.callback_query or update.pre_checkout_query
    return event.from_user.id if event is not None and event.from_user is not None else None
