"""What only its owner may read: shown in a message of its own, and taken out of the chat by a tap elsewhere.

A tap hands over the message that it was made in, and what is handed over is stored until it is worked: so there is no
such button under the secret itself.
"""

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery

from handlers import keyboards, screens
from handlers.i18n import Html
from handlers.reseller_buttons import Forget
from handlers.resellers.gate import Selling
from handlers.screens import Screen, lines


async def show(bot: Bot, selling: Selling, text: str, secret: str) -> int:
    """Send it, with a button that copies it; the id of the message. Raises what Telegram refuses with."""
    copying = keyboards.stack([keyboards.copy(selling.texts.bare("button-copy-secret"), secret)])
    return (await bot.send_message(selling.user_id, text, reply_markup=copying)).message_id


def saved(selling: Selling, forget: Forget, back: CallbackData, *, first: Html | None = None) -> Screen:
    """The question that takes it away, after `first` where there is more to say."""
    texts = selling.texts
    away = keyboards.tap(texts.bare("button-forget"), forget, "primary")
    return Screen(lines(first, texts("secret-saved")), keyboards.stack([away], [keyboards.back(texts, back)]))


async def take_away(query: CallbackQuery, callback_data: Forget, bot: Bot, selling: Selling) -> None:
    """Take the message out of the chat; Telegram lets a bot do so for two days."""
    try:
        await bot.delete_message(selling.user_id, callback_data.message_id)
    except TelegramBadRequest:
        await screens.toast(query, selling.texts.bare("toast-forget-by-hand"), alert=True)
    else:
        await screens.toast(query, selling.texts.bare("toast-forgotten"))
