"""The price list of a reseller as a file, for a spreadsheet or a program, and the markup that they sell at."""

import asyncio
import json
from collections.abc import Sequence
from decimal import Decimal

from aiogram import Bot, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from handlers import amounts, keyboards, screens, tables
from handlers.reseller_buttons import Desk, Prices
from handlers.resellers import typed
from handlers.resellers.gate import Selling
from handlers.screens import Screen, lines
from handlers.states import Answers, Reselling
from services import panel_words, price_lists, resellers, tiers
from services.db import Database, ReadSession
from services.price_lists import Priced

COLUMNS = ("service", "category", "name", "server", "type", "rate", "retail", "unit", "min", "max")
UPLOAD = 900
"""Seconds that a file may take on its way."""


def router() -> Router:
    """The button, and the markup that is typed."""
    router = Router(name="prices")
    router.callback_query.register(open_prices, Prices.filter())
    router.message.register(markup_given, StateFilter(Reselling.markup), Answers())
    return router


async def open_prices(
    query: CallbackQuery, callback_data: Prices, bot: Bot, state: FSMContext, db: Database, selling: Selling
) -> None:
    """About the prices, as a file, or the question for the markup."""
    texts = selling.texts
    await screens.toast(query)
    match callback_data.do:
        case "csv" | "json" as form:
            return await _send(form, bot, db, selling)
        case "markup":
            await state.set_state(Reselling.markup)
            back = keyboards.stack([keyboards.back(texts, Prices())])
            return await screens.show(query, Screen(texts("prices-markup-question"), back))
    async with db.read() as session:
        screen = await _about(session, selling, selling.reseller.markup)
    return await screens.show(query, screen)


async def _about(read: ReadSession, selling: Selling, markup: Decimal) -> Screen:
    texts = selling.texts
    off = await tiers.discounts(read, selling.user_id)
    text = lines(
        texts("prices-title"),
        "",
        texts("prices-off", off=amounts.percent(off.on_all)) if off.on_all else texts("prices-none-off"),
        texts("prices-apart", count=len(off.on_service)) if off.on_service else None,
        texts("prices-markup", markup=amounts.percent(markup)),
        "",
        texts("prices-text"),
    )
    files = [
        keyboards.tap(texts.bare("button-prices-csv"), Prices(do="csv")),
        keyboards.tap(texts.bare("button-prices-json"), Prices(do="json")),
    ]
    change = keyboards.tap(texts.bare("button-prices-markup"), Prices(do="markup"))
    return Screen(text, keyboards.stack(files, [change], [keyboards.back(texts, Desk())]))


async def _send(form: str, bot: Bot, db: Database, selling: Selling) -> None:
    """The list as a file; put together beside the loop, for it may be long."""
    texts, markup = selling.texts, selling.reseller.markup
    async with db.read() as session:
        listed = await price_lists.of(session, selling.user_id, markup)
    content = await asyncio.to_thread(_csv if form == "csv" else _json, listed, texts.currency, markup)
    await bot.send_document(
        selling.user_id,
        BufferedInputFile(content, f"prices-{selling.now:%Y-%m-%d}.{form}"),
        caption=texts("prices-file", count=len(listed), currency=texts.currency),
        request_timeout=UPLOAD,
    )


def _csv(listed: Sequence[Priced], currency: str, markup: Decimal) -> bytes:
    return tables.of([COLUMNS, *([getattr(each, name) for name in COLUMNS] for each in listed)])


def _json(listed: Sequence[Priced], currency: str, markup: Decimal) -> bytes:
    """A service as the panel API lists it, and what the reseller sells it for."""
    services = [
        {
            "service": each.service,
            "name": panel_words.service(each.name, each.server),
            "type": each.type,
            "category": each.category,
            "rate": panel_words.amount(each.rate),
            "retail": panel_words.amount(each.retail),
            "unit": each.unit,
            "min": str(each.min),
            "max": str(each.max),
            "dripfeed": each.dripfeed,
            "refill": each.refill,
            "cancel": each.cancel,
        }
        for each in listed
    ]
    document = {"currency": currency, "markup_percent": amounts.percent(markup), "services": services}
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


async def markup_given(message: Message, state: FSMContext, db: Database, selling: Selling) -> None:
    """What they sell above our rates at."""
    percent = typed.percent(message.text)
    if percent is None:
        return await screens.reply(message, typed.no_percent(selling.texts, message.text))
    async with db.write() as session:
        await resellers.set_markup(session, selling.user_id, percent)
        screen = await _about(session, selling, percent)
    await state.set_state(None)
    return await screens.reply(message, screen)
