"""The shop's own words as customers read them: the support contact, the welcome, rules and terms under Help."""

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers import callbacks, keyboards, screens
from handlers.i18n import Html, Texts
from handlers.screens import Screen
from handlers.settings import ShopSettings
from services import shop_texts
from services.db import Database, ReadSession


def router() -> Router:
    """The buttons under Help."""
    router = Router(name="words")
    router.callback_query.register(read, callbacks.Read.filter())
    return router


async def support(session: ReadSession, texts: Texts, settings: ShopSettings) -> str:
    """Where customers get help: as written in the chat, else as in the settings."""
    return await shop_texts.find(session, "support", texts.locales) or settings.support_contact.strip()


async def welcome(session: ReadSession, texts: Texts) -> Html | None:
    """The shop's own welcome, where it has one."""
    words = await shop_texts.find(session, "welcome", texts.locales)
    return Html(words) if words else None


async def buttons(session: ReadSession, texts: Texts) -> keyboards.Row:
    """Rules and terms, where the shop has them."""
    written = {name for name, _ in await shop_texts.standing(session)}
    taps = {
        "rules": keyboards.tap(texts.bare("button-rules"), callbacks.Read(name="rules")),
        "terms": keyboards.tap(texts.bare("button-terms"), callbacks.Read(name="terms")),
    }
    return [button for name, button in taps.items() if name in written]


async def read(query: CallbackQuery, callback_data: callbacks.Read, db: Database, texts: Texts) -> None:
    """The rules or the terms; where they were taken back meanwhile, a way on."""
    async with db.read() as session:
        words = await shop_texts.find(session, callback_data.name, texts.locales)
    back = keyboards.stack([keyboards.back(texts, callbacks.Go(to="help"))])
    await screens.toast(query)
    await screens.show(query, Screen(Html(words) if words else texts("menu-outdated"), back))
