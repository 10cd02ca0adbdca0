"""One screen of the conversation: a text with its keyboard, and the ways to put it before somebody."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiogram.exceptions import TelegramBadRequest
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

LONGEST = 4096
"""Characters that Telegram takes in one message."""
LONGEST_TOAST = 200
"""Characters that Telegram shows in the answer to a tap."""
_UNCHANGED = ("message is not modified",)
_FIXED = ("message to edit not found", "message can't be edited", "no text in the message to edit")
_STALE = ("query is too old", "query id is invalid")


Intention = CallbackData | type[CallbackData]
"""One button, or every button of a kind."""


@dataclass(frozen=True, slots=True)
class Screen:
    """`text` is HTML for Telegram, at most 4096 characters; 1024 where a `document` goes along, by its path here."""

    text: str
    keyboard: InlineKeyboardMarkup | None = None
    document: str | None = None


def lines(*parts: str | None) -> str:
    """The parts below one another; None is left out, "" is an empty line."""
    return "\n".join(part for part in parts if part is not None)


def length(text: str) -> int:
    """As Telegram counts it: what is beyond U+FFFF, emoji among it, counts twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def brief(text: str, longest: int = 40) -> str:
    """The text, cut to `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def tidy(name: str) -> str:
    """A panel's name for a service on one line, its bars turned into points: Instagram Likes · Real."""
    return " · ".join(part for part in (piece.strip(" -–—·:") for piece in name.split("|")) if part)


def shown(link: str, longest: int = 48) -> str:
    """A link short enough for one line of a phone: no scheme, no `www.`, cut in the middle."""
    plain = link.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
    if len(plain) <= longest:
        return plain
    head = longest * 2 // 3
    return f"{plain[:head]}…{plain[len(plain) - (longest - head - 1) :]}"


async def reply(message: Message, screen: Screen) -> None:
    """Answer what somebody typed with a new message."""
    await message.answer(screen.text, reply_markup=screen.keyboard)


async def show(query: CallbackQuery, screen: Screen, *, new: bool = False) -> None:
    """Draw the screen into the tapped message, or below it where `new` is set or it cannot be edited any more."""
    message = query.message
    if isinstance(message, Message) and not new:
        try:
            await message.edit_text(screen.text, reply_markup=screen.keyboard)
            return
        except TelegramBadRequest as refusal:
            if _says(refusal, _UNCHANGED):
                return
            if not _says(refusal, _FIXED):
                raise
    if query.bot is not None:
        await query.bot.send_message(query.from_user.id, screen.text, reply_markup=screen.keyboard)


async def rearm(query: CallbackQuery, keyboard: InlineKeyboardMarkup | None) -> None:
    """Give the tapped message another keyboard and leave its text alone."""
    if not isinstance(query.message, Message):
        return
    try:
        await query.message.edit_reply_markup(reply_markup=keyboard)
    except TelegramBadRequest as refusal:
        if not _says(refusal, _UNCHANGED + _FIXED):
            raise


def without(query: CallbackQuery, intentions: Sequence[Intention]) -> InlineKeyboardMarkup | None:
    """The tapped message's keyboard without these buttons, each one of them or all of a kind; None: nothing is left."""
    if not isinstance(query.message, Message) or query.message.reply_markup is None:
        return None
    kinds = tuple(f"{kind.__prefix__}{kind.__separator__}" for kind in intentions if isinstance(kind, type))
    these = {data.pack() for data in intentions if not isinstance(data, type)}
    rows = [
        [button for button in row if not (data := button.callback_data or "").startswith(kinds) and data not in these]
        for row in query.message.reply_markup.inline_keyboard
    ]
    return InlineKeyboardMarkup(inline_keyboard=[row for row in rows if row]) if any(rows) else None


async def toast(query: CallbackQuery, text: str | None = None, *, alert: bool = False) -> None:
    """Answer a tap; `text` is plain, an `alert` has to be closed.

    A tap is answered once. Handed in again after a restart it may have been answered before: that is let go.
    """
    try:
        await query.answer(text and brief(text, LONGEST_TOAST), show_alert=alert)
    except TelegramBadRequest as refusal:
        if not _says(refusal, _STALE):
            raise


def _says(refusal: TelegramBadRequest, any_of: tuple[str, ...]) -> bool:
    said = refusal.message.lower()
    return any(words in said for words in any_of)
