"""The keys of a reseller: listed, made and exchanged, bound to addresses, limited, revoked; each shown once."""

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramAPIError
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers import keyboards, screens, states
from handlers.i18n import Texts
from handlers.reseller_buttons import Desk, Forget, KeyCard, KeyDo, Keys, NewKey
from handlers.resellers import secrets, typed
from handlers.resellers.gate import Selling
from handlers.screens import Screen, lines
from handlers.states import Answers, Reselling
from services import api_keys
from services.api_keys import KeyView, Made
from services.db import Database, ReadSession
from services.reseller_errors import KeyGone


def router() -> Router:
    """The keys' buttons, and the two things about a key that are typed."""
    router = Router(name="keys")
    router.callback_query.register(open_keys, Keys.filter())
    router.callback_query.register(new_key, NewKey.filter())
    router.callback_query.register(open_key, KeyCard.filter())
    router.callback_query.register(do, KeyDo.filter())
    router.callback_query.register(forget, Forget.filter(F.of == "key"))
    router.message.register(networks_given, StateFilter(Reselling.networks), Answers())
    router.message.register(limit_given, StateFilter(Reselling.limit), Answers())
    return router


async def open_keys(query: CallbackQuery, callback_data: Keys, db: Database, selling: Selling) -> None:
    """Every key that is good."""
    async with db.read() as session:
        screen = await _list(session, selling)
    await screens.toast(query)
    await screens.show(query, screen, new=callback_data.new)


async def _list(read: ReadSession, selling: Selling) -> Screen:
    texts = selling.texts
    keys = await api_keys.listed(read, selling.user_id, selling.now)
    told = [texts("keys-line", hint=key.hint, used=_used(texts, key, selling)) for key in keys]
    text = lines(texts("keys-title"), "", *(told or [texts("keys-none")]))
    cards = [
        [keyboards.tap(texts.bare("button-key", hint=key.hint, ends=_ends(key)), KeyCard(key_id=key.id))]
        for key in keys
    ]
    new = keyboards.tap(texts.bare("button-key-new"), NewKey(), "primary")
    return Screen(text, keyboards.stack(*cards, [new], [keyboards.back(texts, Desk())]))


def _used(texts: Texts, key: KeyView, selling: Selling) -> str:
    return texts("key-used", span=selling.now - key.used_at) if key.used_at else texts("key-unused")


def _ends(key: KeyView) -> str:
    return "yes" if key.ends_at else "no"


async def open_key(query: CallbackQuery, callback_data: KeyCard, db: Database, selling: Selling) -> None:
    """One key."""
    async with db.read() as session:
        screen = await _card(session, callback_data.key_id, selling)
    await screens.toast(query)
    await screens.show(query, screen)


async def _found(read: ReadSession, key_id: int, selling: Selling) -> KeyView:
    keys = await api_keys.listed(read, selling.user_id, selling.now)
    found = next((key for key in keys if key.id == key_id), None)
    if found is None:
        raise KeyGone
    return found


async def _card(read: ReadSession, key_id: int, selling: Selling) -> Screen:
    """What is known of a key, and what can be done with it; one that ends can only be revoked. KeyGone."""
    texts = selling.texts
    key = await _found(read, key_id, selling)
    spent = await api_keys.spent(read, key_id, selling.now)
    text = lines(
        texts("key-title", hint=key.hint),
        "",
        texts("key-made", at=key.created_at),
        _used(texts, key, selling),
        texts("key-ends", at=key.ends_at) if key.ends_at else None,
        texts("key-networks", networks=", ".join(key.networks)) if key.networks else texts("key-anywhere"),
        texts("key-limit", limit=key.limit, spent=spent) if key.limit else texts("key-no-limit", spent=spent),
    )

    def button(label: str, do: str) -> keyboards.Row:
        return [keyboards.tap(texts.bare(label), KeyDo.model_validate({"key_id": key_id, "do": do}))]

    changes = (
        []
        if key.ends_at
        else [
            button("button-key-rotate", "rotate"),
            button("button-key-networks", "networks"),
            button("button-key-anywhere", "anywhere") if key.networks else [],
            button("button-key-limit", "limit"),
            button("button-key-unlimited", "unlimited") if key.limit else [],
        ]
    )
    return Screen(
        text, keyboards.stack(*changes, button("button-key-revoke", "revoke"), [keyboards.back(texts, Keys())])
    )


async def new_key(query: CallbackQuery, bot: Bot, db: Database, selling: Selling) -> None:
    """One more key. TooManyKeys."""
    async with db.write() as session:
        made = await api_keys.make(session, selling.user_id, selling.now)
    await _show_once(query, bot, db, selling, made)


async def _show_once(
    query: CallbackQuery, bot: Bot, db: Database, selling: Selling, made: Made, instead_of: int | None = None
) -> None:
    """Show a key, which nobody can a second time; one that could not be shown opens nothing."""
    texts = selling.texts
    text = lines(texts("key-shown"), "", texts("secret-shown", secret=made.secret), "", texts("key-once"))
    try:
        shown = await secrets.show(bot, selling, text, made.secret)
    except TelegramAPIError:
        async with db.write() as session:
            await api_keys.take_back(session, selling.user_id, made.key.id, instead_of, selling.now)
        raise
    await screens.toast(query)
    overlap = texts("key-overlap", hours=24) if instead_of else None
    screen = secrets.saved(selling, Forget(message_id=shown), Keys(new=True), first=overlap)
    await screens.show(query, screen, new=True)


async def forget(query: CallbackQuery, callback_data: Forget, bot: Bot, db: Database, selling: Selling) -> None:
    """Take the message with the key out of the chat."""
    await secrets.take_away(query, callback_data, bot, selling)
    async with db.read() as session:
        screen = await _list(session, selling)
    await screens.show(query, screen)


async def do(
    query: CallbackQuery, callback_data: KeyDo, bot: Bot, state: FSMContext, db: Database, selling: Selling
) -> None:
    """Change a key, or ask what for. KeyGone."""
    key_id, texts = callback_data.key_id, selling.texts
    match callback_data.do:
        case "rotate":
            async with db.write() as session:
                made = await api_keys.rotate(session, selling.user_id, key_id, selling.now)
            return await _show_once(query, bot, db, selling, made, instead_of=key_id)
        case "networks" | "limit" | "revoke" as asked:
            return await _ask(query, asked, state, db, selling, key_id)
    async with db.write() as session:
        match callback_data.do:
            case "sure":
                await api_keys.revoke(session, selling.user_id, key_id, selling.now)
                screen = await _list(session, selling)
            case "anywhere":
                await api_keys.unbind(session, selling.user_id, key_id, selling.now)
                screen = await _card(session, key_id, selling)
            case _:
                await api_keys.limit(session, selling.user_id, key_id, None, selling.now)
                screen = await _card(session, key_id, selling)
    done = "toast-key-revoked" if callback_data.do == "sure" else "toast-key-changed"
    await screens.toast(query, texts.bare(done))
    return await screens.show(query, screen)


async def _ask(query: CallbackQuery, what: str, state: FSMContext, db: Database, selling: Selling, key_id: int) -> None:
    """From which addresses, up to how much, or whether it is meant."""
    texts = selling.texts
    async with db.read() as session:
        key = await _found(session, key_id, selling)
    rows: list[keyboards.Row] = []
    if what == "revoke":
        rows = [[keyboards.tap(texts.bare("button-key-sure"), KeyDo(key_id=key_id, do="sure"), "danger")]]
    else:
        await states.handle(state, Reselling.networks if what == "networks" else Reselling.limit, key_id)
    keyboard = keyboards.stack(*rows, [keyboards.back(texts, KeyCard(key_id=key_id))])
    await screens.toast(query)
    await screens.show(query, Screen(texts(f"key-ask-{what}", hint=key.hint), keyboard))


async def networks_given(message: Message, state: FSMContext, db: Database, selling: Selling) -> None:
    """The addresses. BadNetwork, and the question stands; KeyGone."""
    key_id = await states.handled(state)
    async with db.write() as session:
        await api_keys.bind(session, selling.user_id, key_id, message.text or "", selling.now)
        screen = await _card(session, key_id, selling)
    await states.leave(state, Reselling)
    await screens.reply(message, screen)


async def limit_given(message: Message, state: FSMContext, db: Database, selling: Selling) -> None:
    """The amount. KeyGone."""
    key_id, amount = await states.handled(state), typed.amount(message.text)
    if amount is None:
        return await screens.reply(message, typed.no_amount(selling.texts, message.text))
    async with db.write() as session:
        await api_keys.limit(session, selling.user_id, key_id, amount, selling.now)
        screen = await _card(session, key_id, selling)
    await states.leave(state, Reselling)
    return await screens.reply(message, screen)
