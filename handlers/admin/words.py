"""/settings for those who run the shop: how it is set up, and its own words, written here with preview and undo."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardButton, Message

from handlers import callbacks, keyboards, screens
from handlers.admin import confirm, gate
from handlers.admin.arguments import Words
from handlers.admin.confirm import Step
from handlers.admin.gate import Acting
from handlers.i18n import Catalogue, Html, Texts
from handlers.screens import Screen, lines
from handlers.states import Composing
from services import shop_texts
from services.approvals import Asked
from services.db import Database, ReadSession, WriteSession
from services.roles import Role

PLAIN = "support"
"""A contact: @name, an address or plain words, without markup."""


def router() -> Router:
    """The command, its buttons, and the words that are typed."""
    router = Router(name="admin-words")
    gate.commands(router, {"settings": show_settings})
    gate.button(router, callbacks.ShopWords, change, Role.MANAGER)
    gate.answer(router, Composing.words, words_given, Role.MANAGER)
    return router


async def show_settings(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/settings: how the shop is set up, its own words, and the way to one's own settings."""
    Words(command.args).end()
    texts, settings = acting.texts, acting.settings
    async with db.read() as session:
        written = await shop_texts.standing(session)
    told = lines(
        texts("shop-settings-title", shop=settings.shop_name),
        texts("shop-settings-currency", currency=texts.currency, amount=settings.second_admin_above),
        texts("shop-settings-undo", seconds=int(settings.undo_seconds)),
        texts("shop-settings-providers", count=len(settings.policy.providers)),
        texts("shop-settings-where"),
        "",
        texts("shop-words-title"),
        *(
            texts("shop-words-line", name=name, count=sum(one == name for one, _ in written))
            for name in shop_texts.NAMES
        ),
    )
    mine = [keyboards.tap(texts.bare("button-my-settings"), callbacks.Preferences())]
    manages = acting.admin.role is not None and acting.admin.role >= Role.MANAGER
    names = [
        keyboards.tap(texts.bare("button-shop-words", name=name), callbacks.ShopWords(name=name))
        for name in shop_texts.NAMES
        if manages
    ]
    await screens.reply(message, Screen(told, keyboards.stack(*keyboards.grid(names, 2), mine)))


async def change(
    query: CallbackQuery,
    callback_data: callbacks.ShopWords,
    state: FSMContext,
    db: Database,
    acting: Acting,
    catalogue: Catalogue,
) -> None:
    """Show them, ask for new ones, or take the last ones back."""
    name, do, texts = callback_data.name, callback_data.do, acting.texts
    if name not in shop_texts.NAMES:
        return await screens.toast(query, texts.bare("toast-outdated"))
    locale = callback_data.locale if callback_data.locale in catalogue.locales else catalogue.default_locale
    if do == "write":
        await state.update_data(words=name, words_locale=locale)
        await state.set_state(Composing.words)
        await screens.toast(query)
        question = texts("shop-words-ask", name=name, language=locale, most=shop_texts.LONGEST[name])
        return await screens.show(query, Screen(question), new=True)
    async with db.write() as session:
        if do != "show" and await acting.record(session, f"words-{do}", None, name=name, language=locale):
            if do == "undo":
                await shop_texts.undo(session, name=name, locale=locale, actor=acting.actor, now=acting.now)
            if do == "clear":
                await shop_texts.write(session, name=name, locale=locale, text="", actor=acting.actor, now=acting.now)
        screen = await _standing(session, name, texts, catalogue)
    await screens.toast(query)
    return await screens.show(query, screen)


async def words_given(message: Message, state: FSMContext, db: Database, acting: Acting) -> None:
    """What was typed, as customers will read it, before it stands."""
    data, texts = await state.get_data(), acting.texts
    name, locale = data.get("words", ""), data.get("words_locale", "")
    typed, most = message.text or "", shop_texts.LONGEST.get(name, 0)
    if not typed:
        return await screens.reply(message, Screen(texts("broadcast-no-text")))
    if (count := screens.length(typed)) > most:
        return await screens.reply(message, Screen(texts("broadcast-long", count=count, most=most)))
    await state.set_state(None)
    words = " ".join(typed.split()) if name == PLAIN else message.html_text
    await screens.reply(message, Screen(texts("shop-words-plain", text=words) if name == PLAIN else Html(words)))
    return await confirm.ask(message, PUBLISH, {"name": name, "language": locale, "words": words}, acting, db)


async def _publish(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    name, locale, words = asked.params["name"], asked.params["language"], asked.params["words"]
    await shop_texts.write(write, name=name, locale=locale, text=words, actor=acting.actor, now=acting.now)
    texts = acting.texts
    undo = callbacks.ShopWords(name=name, do="undo", locale=locale)
    return Screen(
        texts("shop-words-done", language=locale),
        keyboards.stack([keyboards.tap(texts.bare("button-words-undo"), undo)]),
    )


PUBLISH = Step("words", Role.MANAGER, _publish)


async def _standing(read: ReadSession, name: str, texts: Texts, catalogue: Catalogue) -> Screen:
    """The words under this name in each language, and what can be done about them."""
    written = await shop_texts.standing(read)
    told: list[str] = []
    rows: list[list[InlineKeyboardButton]] = []
    for locale in catalogue.locales:
        words = written.get((name, locale), "")
        shown = texts("shop-words-none") if not words else texts("shop-words-plain", text=words)
        told += ["", f"<b>{locale}</b>", Html(words) if words and name != PLAIN else shown]

        def tap(do: str, locale: str = locale) -> InlineKeyboardButton:
            label = texts.bare(f"button-words-{do}", language=locale)
            return keyboards.tap(label, callbacks.ShopWords(name=name, do=do, locale=locale))

        rows.append([tap("write"), *([tap("clear")] if words else []), tap("undo")])
    return Screen(lines(texts("shop-words-head", name=name), *told), keyboards.stack(*rows))
