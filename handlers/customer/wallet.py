"""The wallet: its balance, the statement page by page, and how to top it up."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers import callbacks, keyboards, screens, statements, states
from handlers.customer import words
from handlers.i18n import Texts
from handlers.screens import Screen, lines
from handlers.settings import ShopSettings
from services import wallet
from services.db import Database
from services.users import Person

SHOWN = 8
"""Entries on a page of the statement."""


def router() -> Router:
    """The wallet's command and buttons."""
    router = Router(name="wallet")
    router.message.register(wallet_command, Command("wallet"))
    router.callback_query.register(open_wallet, callbacks.Wallet.filter())
    return router


async def wallet_command(
    message: Message, state: FSMContext, db: Database, settings: ShopSettings, texts: Texts, user: Person
) -> None:
    """/wallet"""
    await screens.reply(message, await _opened(0, state, db, settings, texts, user))


async def open_wallet(
    query: CallbackQuery,
    callback_data: callbacks.Wallet,
    state: FSMContext,
    db: Database,
    settings: ShopSettings,
    texts: Texts,
    user: Person,
) -> None:
    """A page of the wallet."""
    opened = await _opened(callback_data.page, state, db, settings, texts, user)
    await screens.toast(query)
    await screens.show(query, opened, new=callback_data.new)


async def _opened(
    page: int, state: FSMContext, db: Database, settings: ShopSettings, texts: Texts, user: Person
) -> Screen:
    """Balance, top-up, a page of the statement, and the way back to an order being made."""
    making = await states.drafted(state) is not None
    async with db.read() as session:
        balance = await wallet.balance(session, user.id)
        found = await wallet.statement(session, user.id, limit=(page + 1) * SHOWN + 1)
        contact = await words.support(session, texts, settings)
    entries, more = found[page * SHOWN : (page + 1) * SHOWN], len(found) > (page + 1) * SHOWN
    user_id = str(user.id)
    text = lines(
        texts("wallet-title"),
        texts("wallet-balance", balance=balance),
        "",
        texts("wallet-top-up-contact", contact=contact, id=user_id) if contact else texts("wallet-top-up", id=user_id),
        "",
        texts("wallet-statement") if entries else texts("wallet-empty"),
        *(statements.line(texts, entry) for entry in entries),
    )
    turning = []
    if page > 0:
        turning.append(keyboards.tap(texts.bare("button-latest"), callbacks.Wallet()))
    if more:
        turning.append(keyboards.tap(texts.bare("button-earlier"), callbacks.Wallet(page=page + 1)))
    keyboard = keyboards.stack(
        turning,
        [keyboards.copy(texts.bare("button-copy-id"), user_id), *keyboards.support(texts, contact)],
        [keyboards.tap(texts.bare("button-resume"), callbacks.Resume())] if making else [],
        [keyboards.menu(texts)],
    )
    return Screen(text, keyboard)
