"""The line to Telegram: how a Bot is built, and what each of its refusals means."""

from enum import StrEnum

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiohttp import ClientConnectorError

from bot.settings import Settings

REQUEST_SECONDS = 20.0
RETRY_AFTER = 5.0
"""Seconds to wait after a 429 that does not say how long."""

TelegramFailure = (TelegramAPIError, ClientDecodeError)
"""Everything a call can raise; a page of HTML instead of an answer is not a TelegramAPIError."""


WRONG_TOKEN = "Telegram does not know this BOT_TOKEN: copy it again from @BotFather."  # noqa: S105  a sentence


class TokenRejected(Exception):
    """Telegram does not know this bot token (any more): nothing can go on."""


class Meaning(StrEnum):
    """What an answer of Telegram means for whoever called."""

    FLOOD = "flood"
    UNREACHABLE = "unreachable"
    MUTED = "muted"
    UNCHANGED = "unchanged"
    EDIT_GONE = "edit gone"
    TOO_LATE = "too late"
    BAD_MARKUP = "bad markup"
    TROUBLE = "trouble"
    CONFLICT = "conflict"
    TOKEN_REJECTED = "token rejected"  # noqa: S105  the name of a failure
    REFUSED = "refused"


_BAD_REQUESTS = {
    "message is not modified": Meaning.UNCHANGED,
    "message to edit not found": Meaning.EDIT_GONE,
    "message can't be edited": Meaning.EDIT_GONE,
    "no text in the message to edit": Meaning.EDIT_GONE,
    "message_id_invalid": Meaning.EDIT_GONE,
    "query is too old": Meaning.TOO_LATE,
    "query id is invalid": Meaning.TOO_LATE,
    "can't parse entities": Meaning.BAD_MARKUP,
    "chat not found": Meaning.UNREACHABLE,
    "peer_id_invalid": Meaning.UNREACHABLE,
    "not enough rights": Meaning.MUTED,
    "have no rights": Meaning.MUTED,
    "need administrator rights": Meaning.MUTED,
    "chat_write_forbidden": Meaning.MUTED,
    "chat_send_plain_forbidden": Meaning.MUTED,
    "chat_restricted": Meaning.MUTED,
    "topic_closed": Meaning.MUTED,
}
"""MUTED is said of groups, where the bot is in and may not write."""


_MEANINGS: list[tuple[type[BaseException] | tuple[type[BaseException], ...], Meaning]] = [
    (TelegramRetryAfter, Meaning.FLOOD),
    ((TelegramForbiddenError, TelegramMigrateToChat), Meaning.UNREACHABLE),
    ((TelegramUnauthorizedError, TelegramNotFound), Meaning.TOKEN_REJECTED),
    (TelegramConflictError, Meaning.CONFLICT),
    (TelegramEntityTooLarge, Meaning.REFUSED),  # a network error to aiogram
    ((TelegramServerError, TelegramNetworkError, ClientDecodeError), Meaning.TROUBLE),
]


def meaning(error: BaseException) -> Meaning:
    """What a failed call means; REFUSED for a request that would be refused each time."""
    for kind, means in _MEANINGS:
        if isinstance(error, kind):
            return means
    said = str(getattr(error, "message", "")).lower()
    if isinstance(error, TelegramBadRequest):
        return next((means for words, means in _BAD_REQUESTS.items() if words in said), Meaning.REFUSED)
    return Meaning.FLOOD if isinstance(error, TelegramAPIError) and "too many requests" in said else Meaning.REFUSED


def may_have_arrived(error: BaseException) -> bool:
    """Whether Telegram may have done what it was asked: there was a line, and it broke before the answer came."""
    return isinstance(error, TelegramNetworkError) and not isinstance(error.__cause__, ClientConnectorError)


def retry_after(error: BaseException) -> float:
    """Seconds that a FLOOD asks for."""
    return float(error.retry_after) if isinstance(error, TelegramRetryAfter) else RETRY_AFTER


def build(settings: Settings) -> Bot:
    """The bot of these settings: HTML and no link previews. Opens no connection yet."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(settings.telegram_api_url), timeout=REQUEST_SECONDS)
    return Bot(
        settings.bot_token.get_secret_value(),
        session=session,
        default=DefaultBotProperties(parse_mode=ParseMode.HTML, link_preview_is_disabled=True),
    )
