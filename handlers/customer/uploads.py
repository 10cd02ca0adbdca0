"""What somebody answered: typed, or for lists sent as a text file, fetched from Telegram and read."""

import codecs
from io import BytesIO

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import Document, Message
from aiohttp import ClientError

from services import order_fields
from services.errors import BadAnswer

SUFFIX = ".txt"


async def answer(message: Message, bot: Bot, name: str) -> str | None:
    """The text of an answer to question `name`; None for what is neither text nor a file where one will do.

    BadAnswer for a file that is too large, not a text file, or cannot be fetched or read.
    """
    if message.document is None or name not in order_fields.LISTS:
        return message.text
    document = message.document
    if not _is_text(document):
        raise BadAnswer(field=name, reason="file")
    if (document.file_size or 0) > order_fields.MOST_BYTES:
        raise BadAnswer(field=name, reason="size", maximum=order_fields.MOST_BYTES // 1024)
    content = BytesIO()
    try:
        await bot.download(document, content)
    except (TelegramBadRequest, ClientError, TimeoutError):
        raise BadAnswer(field=name, reason="fetch") from None
    return _decoded(content.getvalue(), name)


def _is_text(document: Document) -> bool:
    return (document.file_name or "").lower().endswith(SUFFIX) or document.mime_type == "text/plain"


def _decoded(content: bytes, name: str) -> str:
    """UTF-8 with or without its mark, or UTF-16 by its mark, as editors write them."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        raise BadAnswer(field=name, reason="coding") from None
