"""/export: the shop's rows as a CSV file, read page by page and cut where it would be too long."""

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import BufferedInputFile, Message

from handlers import tables
from handlers.admin import gate, periods
from handlers.admin.arguments import Words
from handlers.admin.gate import Acting
from handlers.screens import lines
from services import exports
from services.db import Database

MOST = 100_000
"""Rows in one file,"""
LARGEST = 30 * 1024 * 1024
"""and bytes: Telegram takes 50 MB."""
UPLOAD = 900
"""Seconds that it may take on its way."""
USUAL = "30d"


def router() -> Router:
    """The one command."""
    router = Router(name="admin-export")
    gate.commands(router, {"export": export})
    return router


async def export(message: Message, command: CommandObject, bot: Bot, db: Database, acting: Acting) -> None:
    """/export <orders|ledger|customers|services> [period]."""
    words, texts = Words(command.args), acting.texts
    kind = words.choice(exports.KINDS)
    period = periods.read(words.next() if words else USUAL, acting.now)
    words.end()
    table, count, cut = tables.Table(), -1, False  # the names of the columns are no row
    async for row in exports.rows(db, kind, period, MOST + 1):
        if count == MOST or table.size > LARGEST:
            cut = True
            break
        table.add(row)
        count += 1
    async with db.write() as session:
        await acting.record(session, "export", kind=kind, period=period.word, count=count)
    name = f"{kind}-{period.first}-{period.last}.csv"
    told = texts("export-done", kind=kind, count=count, period=periods.name(texts, period))
    await bot.send_document(
        message.chat.id,
        BufferedInputFile(table.file(), name),
        caption=lines(told, texts("export-cut") if cut else None),
        request_timeout=UPLOAD,
    )
