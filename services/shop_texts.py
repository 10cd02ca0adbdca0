"""The words of the shop that are written in the chat: welcome, rules, support, terms; every version is kept."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select

from services.db import ReadSession, WriteSession
from services.models import SHOP_TEXTS, ShopText

NAMES = SHOP_TEXTS
LONGEST = {"welcome": 1000, "rules": 3500, "support": 200, "terms": 3500}
"""Characters of each, so that a screen holds it with what stands around it."""


async def standing(read: ReadSession) -> dict[tuple[str, str], str]:
    """What stands for each (name, language) that was ever written; nothing where it was taken back."""
    last = select(func.max(ShopText.id)).group_by(ShopText.name, ShopText.locale)
    rows = await read.all(select(ShopText.name, ShopText.locale, ShopText.text).where(ShopText.id.in_(last)))
    return {(row.name, row.locale): row.text for row in rows if row.text}


async def find(read: ReadSession, name: str, locales: Sequence[str]) -> str:
    """What stands under this name in the first of the languages that has it; nothing where none has."""
    found = await standing(read)
    return next((found[name, locale] for locale in locales if (name, locale) in found), "")


async def write(session: WriteSession, *, name: str, locale: str, text: str, actor: str, now: datetime) -> None:
    """Let these words stand; empty, the shop says what it says by itself."""
    row = {"name": name, "locale": locale, "text": text, "actor": actor, "at": now}
    await session.run(insert(ShopText).values(row))


async def undo(session: WriteSession, *, name: str, locale: str, actor: str, now: datetime) -> str:
    """Let stand what stood before, and give it: nothing where that was what the shop says by itself.

    Undone twice, the words are back.
    """
    mine = (ShopText.name == name, ShopText.locale == locale)
    texts = await session.values(select(ShopText.text).where(*mine).order_by(ShopText.id.desc()).limit(2))
    before = texts[1] if len(texts) > 1 else ""
    await write(session, name=name, locale=locale, text=before, actor=actor, now=now)
    return before
