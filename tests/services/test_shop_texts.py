"""The shop's own words: the last ones stand, in the reader's language first, and every version is kept."""

from datetime import datetime

from services import shop_texts
from services.db import Database


async def write(db: Database, now: datetime, name: str, locale: str, text: str) -> None:
    async with db.write() as session:
        await shop_texts.write(session, name=name, locale=locale, text=text, actor="admin:1", now=now)


async def find(db: Database, name: str, *locales: str) -> str:
    async with db.read() as session:
        return await shop_texts.find(session, name, locales)


async def test_the_last_words_stand_in_the_readers_language_first(db: Database, now: datetime) -> None:
    assert await find(db, "rules", "en") == ""
    await write(db, now, "rules", "en", "Be kind")
    await write(db, now, "rules", "en", "Be very kind")
    await write(db, now, "rules", "de", "Seid nett")
    await write(db, now, "terms", "en", "Terms")
    assert await find(db, "rules", "en") == "Be very kind"
    assert await find(db, "rules", "de", "en") == "Seid nett"
    assert await find(db, "rules", "fr", "en") == "Be very kind"
    assert await find(db, "welcome", "en") == ""
    async with db.read() as session:
        assert await shop_texts.standing(session) == {
            ("rules", "en"): "Be very kind",
            ("rules", "de"): "Seid nett",
            ("terms", "en"): "Terms",
        }


async def test_words_are_undone_and_left_to_the_shop(db: Database, now: datetime) -> None:
    async def undo() -> str:
        async with db.write() as session:
            return await shop_texts.undo(session, name="rules", locale="en", actor="admin:1", now=now)

    await write(db, now, "rules", "en", "Be kind")
    assert await undo() == ""
    assert await find(db, "rules", "en") == ""
    assert await undo() == "Be kind"
    await write(db, now, "rules", "en", "Be very kind")
    assert await undo() == "Be kind"
    await write(db, now, "rules", "en", "")
    assert await find(db, "rules", "en") == ""
