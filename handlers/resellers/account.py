"""The statement of a reseller's wallet for a period, as a file with their own references."""

from aiogram import Bot, Router
from aiogram.types import BufferedInputFile, CallbackQuery

from handlers import callbacks, keyboards, screens, tables
from handlers.reseller_buttons import Account, Desk
from handlers.resellers.gate import Selling
from handlers.screens import Screen, lines
from services import exports, periods
from services.db import Database
from services.periods import Period

MOST = 100_000
"""Rows in one file."""
UPLOAD = 900
"""Seconds that it may take on its way."""


def router() -> Router:
    """The one button."""
    router = Router(name="account")
    router.callback_query.register(open_account, Account.filter())
    return router


async def open_account(query: CallbackQuery, callback_data: Account, bot: Bot, db: Database, selling: Selling) -> None:
    """Which period, or its file."""
    await screens.toast(query)
    period = periods.read(callback_data.period, selling.now)
    if period is None:
        return await screens.show(query, _choice(selling))
    return await _send(period, bot, db, selling)


def _choice(selling: Selling) -> Screen:
    texts = selling.texts
    buttons = [
        keyboards.tap(
            texts.bare("button-account", period=f"last-{word}" if word[0].isdigit() else word),
            Account(period=word),
        )
        for word in periods.WORDS
    ]
    wallet = keyboards.tap(texts.bare("button-wallet"), callbacks.Wallet(new=True))
    return Screen(
        texts("account-question"),
        keyboards.stack(*keyboards.grid(buttons, 2), [wallet], [keyboards.back(texts, Desk())]),
    )


async def _send(period: Period, bot: Bot, db: Database, selling: Selling) -> None:
    texts, table, count = selling.texts, tables.Table(), -1  # the names of the columns are no row
    cut = False
    async for row in exports.statement(db, selling.user_id, period, MOST + 1):
        if count == MOST:
            cut = True
            break
        table.add(row)
        count += 1
    first, last = texts.day(period.first), texts.day(period.last)
    await bot.send_document(
        selling.user_id,
        BufferedInputFile(table.file(), f"statement-{period.first}-{period.last}.csv"),
        caption=lines(texts("account-file", count=count, first=first, last=last), texts("export-cut") if cut else None),
        request_timeout=UPLOAD,
    )
