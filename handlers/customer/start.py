"""The menu: greeting, help, giving up, and an answer to whatever nothing else understands."""

from dataclasses import dataclass

from aiogram import Bot, Router
from aiogram.filters import Command, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from handlers import callbacks, commands, keyboards, screens, states
from handlers.customer import words
from handlers.i18n import Html, Texts
from handlers.screens import Screen, lines
from handlers.settings import ShopSettings
from services import switches, wallet
from services.db import Database
from services.money import Money
from services.roles import Role
from services.users import Person


@dataclass(frozen=True, slots=True)
class Standing:
    """What the menu says of today: somebody's balance, and the shop's message while it is under maintenance."""

    balance: Money
    maintenance: str | None


def router() -> Router:
    """The commands and buttons of the menu."""
    router = Router(name="start")
    router.message.register(start, CommandStart())
    router.message.register(help_command, Command("help"))
    router.message.register(cancel_command, Command("cancel"))
    router.callback_query.register(go, callbacks.Go.filter())
    return router


def fallback() -> Router:
    """What comes last: text and buttons that mean nothing here."""
    router = Router(name="fallback")
    router.message.register(unknown)
    router.callback_query.register(outdated)
    return router


def menu_keyboard(texts: Texts) -> InlineKeyboardMarkup:
    """The ways into the shop."""
    return keyboards.stack(
        [keyboards.tap(texts.bare("button-new"), callbacks.Shelves(), "primary")],
        [
            keyboards.tap(texts.bare("button-orders"), callbacks.Goals()),
            keyboards.tap(texts.bare("button-wallet"), callbacks.Wallet()),
        ],
        [
            keyboards.tap(texts.bare("button-settings"), callbacks.Preferences()),
            keyboards.tap(texts.bare("button-help"), callbacks.Go(to="help")),
        ],
    )


def menu(texts: Texts, head: str, standing: Standing) -> Screen:
    """The menu under a first line of one's own."""
    closed = standing.maintenance
    text = lines(
        head,
        texts("menu-balance", balance=standing.balance),
        *(("", texts("maintenance-shown", message=closed)) if closed is not None else ()),
        "",
        texts("menu-question"),
    )
    return Screen(text, menu_keyboard(texts))


async def helping(db: Database, texts: Texts, settings: ShopSettings, user: Person) -> Screen:
    """How the shop works, and whom to ask; who runs it also reads their own commands."""
    async with db.read() as session:
        contact, more = await words.support(session, texts, settings), await words.buttons(session, texts)
    text = lines(
        texts("help", id=str(user.id)),
        texts("help-support", contact=contact) if contact else None,
        *(("", texts("help-staff"), *_own(texts, user.role)) if user.role is not None else ()),
    )
    return Screen(text, keyboards.stack(keyboards.support(texts, contact), more, [keyboards.menu(texts)]))


def _own(texts: Texts, role: Role) -> list[Html]:
    return [
        texts("help-command", name=one.command, what=one.description)
        for one in commands.of_staff(texts, role)
        if one.command in commands.STAFF and role >= commands.STAFF[one.command]
    ]


async def start(
    message: Message, bot: Bot, state: FSMContext, db: Database, settings: ShopSettings, texts: Texts, user: Person
) -> None:
    """Greet by name and begin afresh; whoever runs the shop may have got their role before they opened the chat."""
    await state.clear()
    if user.role is not None:
        await commands.show(bot, texts, user.id, user.role)
    async with db.read() as session:
        welcome = await words.welcome(session, texts)
    head = lines(texts("menu-greeting", name=user.name, shop=settings.shop_name), welcome, "" if welcome else None)
    await screens.reply(message, menu(texts, head, await _standing(db, user)))


async def help_command(message: Message, db: Database, settings: ShopSettings, texts: Texts, user: Person) -> None:
    """/help"""
    await screens.reply(message, await helping(db, texts, settings, user))


async def cancel_command(message: Message, state: FSMContext, db: Database, texts: Texts, user: Person) -> None:
    """/cancel: give up the order being made, if there is one."""
    drafted = await states.drafted(state) is not None
    asked = await state.get_state() is not None and not drafted  # a question to the staff, which has no draft
    await state.clear()
    head = texts("leave-question") if asked else texts("leave-done") if drafted else texts("leave-nothing")
    await screens.reply(message, menu(texts, head, await _standing(db, user)))


async def go(
    query: CallbackQuery,
    callback_data: callbacks.Go,
    state: FSMContext,
    db: Database,
    settings: ShopSettings,
    texts: Texts,
    user: Person,
) -> None:
    """To the menu, which ends what was being made, or to the help."""
    if callback_data.to == "menu":
        await state.clear()
        await home(query, db, texts, user, texts("menu-title", shop=settings.shop_name), new=callback_data.new)
        return
    await screens.toast(query)
    await screens.show(query, await helping(db, texts, settings, user), new=callback_data.new)


async def home(query: CallbackQuery, db: Database, texts: Texts, user: Person, head: str, *, new: bool = False) -> None:
    """The menu in answer to a tap."""
    screen = menu(texts, head, await _standing(db, user))
    await screens.toast(query)
    await screens.show(query, screen, new=new)


async def unknown(message: Message, db: Database, texts: Texts, user: Person) -> None:
    """Say so, and offer the menu."""
    await screens.reply(message, menu(texts, texts("menu-unknown"), await _standing(db, user)))


async def outdated(query: CallbackQuery, db: Database, texts: Texts, user: Person) -> None:
    """A button that leads nowhere any more: a fresh menu below it."""
    standing = await _standing(db, user)
    await screens.toast(query, texts.bare("toast-outdated"))
    await screens.show(query, menu(texts, texts("menu-outdated"), standing), new=True)


async def _standing(db: Database, user: Person) -> Standing:
    async with db.read() as session:
        return Standing(await wallet.balance(session, user.id), await switches.maintenance(session))
