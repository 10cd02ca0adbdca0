"""A person's own screens for the staff to read: their history and wallet as they see them, and their statement."""

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardButton

from handlers import goals, keyboards, screens, staff_buttons, statements
from handlers.admin import gate
from handlers.admin.arguments import Misread
from handlers.admin.gate import Acting
from handlers.i18n import Catalogue, Html, Texts
from handlers.screens import Screen, lines
from services import users, wallet
from services.db import Database, ReadSession
from services.errors import OrderNotFound
from services.goals import find, page_of
from services.money import ZERO
from services.roles import Role
from services.users import Person
from services.wallet import Entry

SHOWN = 8
"""Goals or movements on a page, as customers have them."""


def router() -> Router:
    """The buttons on a person's card; whoever taps them changes nothing of theirs."""
    router = Router(name="admin-as-they-see")
    gate.button(router, staff_buttons.SeeGoals, see_goals, Role.READER)
    gate.button(router, staff_buttons.SeeGoal, see_goal, Role.READER)
    gate.button(router, staff_buttons.SeeWallet, see_wallet, Role.READER)
    gate.button(router, staff_buttons.Statement, statement, Role.READER)
    return router


async def see_goals(
    query: CallbackQuery, callback_data: staff_buttons.SeeGoals, db: Database, catalogue: Catalogue, acting: Acting
) -> None:
    """Their history, in their language."""
    page, who = callback_data.page, callback_data.user_id
    async with db.read() as session:
        person = await users.known(session, str(who))
        found = await page_of(session, who, page=page, size=SHOWN)
    theirs, texts = _theirs(catalogue, person), acting.texts
    rows = [
        [keyboards.tap(goals.label(theirs, goal), staff_buttons.SeeGoal(user_id=who, goal_id=goal.id, page=page))]
        for goal in found.goals
    ]
    turning = keyboards.pages(texts, page, found.pages - 1, lambda to: staff_buttons.SeeGoals(user_id=who, page=to))
    text = lines(_seen(texts, person), "", theirs("history-title"), *(() if rows else ("", theirs("history-empty"))))
    await screens.toast(query)
    await screens.show(query, Screen(text, keyboards.stack(*rows, turning, [_back(texts, who)])))


async def see_goal(
    query: CallbackQuery, callback_data: staff_buttons.SeeGoal, db: Database, catalogue: Catalogue, acting: Acting
) -> None:
    """One goal of theirs."""
    texts, who = acting.texts, callback_data.user_id
    try:
        async with db.read() as session:
            person = await users.known(session, str(who))
            goal = await find(session, who, callback_data.goal_id)
    except OrderNotFound:
        raise Misread("orders-no-such", order=str(callback_data.goal_id)) from None
    story = keyboards.tap(texts.bare("button-order", order=str(goal.id)), staff_buttons.Story(order_id=goal.id))
    back = keyboards.back(texts, staff_buttons.SeeGoals(user_id=who, page=callback_data.page))
    text = lines(_seen(texts, person), "", goals.told(_theirs(catalogue, person), goal, acting.now))
    await screens.toast(query)
    return await screens.show(query, Screen(text, keyboards.stack([story], [back])))


async def see_wallet(
    query: CallbackQuery, callback_data: staff_buttons.SeeWallet, db: Database, catalogue: Catalogue, acting: Acting
) -> None:
    """Their wallet and statement, in their language."""
    page, who = callback_data.page, callback_data.user_id
    async with db.read() as session:
        person = await users.known(session, str(who))
        balance = await wallet.balance(session, who)
        entries, more = await _entries(session, who, page)
    theirs, texts = _theirs(catalogue, person), acting.texts
    text = lines(
        _seen(texts, person),
        "",
        theirs("wallet-title"),
        theirs("wallet-balance", balance=balance),
        "",
        theirs("wallet-statement") if entries else theirs("wallet-empty"),
        *(statements.line(theirs, entry) for entry in entries),
    )
    turning = keyboards.pages(texts, page, page + more, lambda to: staff_buttons.SeeWallet(user_id=who, page=to))
    await screens.toast(query)
    await screens.show(query, Screen(text, keyboards.stack(turning, [_back(texts, who)])))


async def statement(query: CallbackQuery, callback_data: staff_buttons.Statement, db: Database, acting: Acting) -> None:
    """Every movement of their wallet, with who of the staff made it."""
    page, who, texts = callback_data.page, callback_data.user_id, acting.texts
    async with db.read() as session:
        person = await users.known(session, str(who))
        balance = await wallet.balance(session, who)
        entries, more = await _entries(session, who, page)
        named = await users.names(session, {admin for entry in entries if (admin := _admin(entry))})
    text = lines(
        texts("statement-title", name=person.name, id=str(who)),
        texts("wallet-balance", balance=balance),
        "",
        *(_line(texts, entry, named) for entry in entries),
        texts("wallet-empty") if not entries else None,
    )
    turning = keyboards.pages(texts, page, page + more, lambda to: staff_buttons.Statement(user_id=who, page=to))
    await screens.toast(query)
    await screens.show(query, Screen(text, keyboards.stack(turning, [_back(texts, who)])))


async def _entries(session: ReadSession, user_id: int, page: int) -> tuple[list[Entry], bool]:
    """A page of movements, and whether there are older ones."""
    found = await wallet.statement(session, user_id, limit=(page + 1) * SHOWN + 1)
    return found[page * SHOWN : (page + 1) * SHOWN], len(found) > (page + 1) * SHOWN


def _line(texts: Texts, entry: Entry, named: dict[int, str]) -> Html:
    incoming = entry.amount > ZERO
    return texts(
        "statement-line",
        at=entry.at,
        code=entry.code,
        order=str(entry.order_id or "none"),
        way="in" if incoming else "out",
        amount=entry.amount if incoming else -entry.amount,
        by=named.get(_admin(entry), "none"),
    )


def _admin(entry: Entry) -> int:
    """Who of the staff made a movement; 0 where nobody of them did."""
    kind, _, number = entry.actor.partition(":")
    return int(number) if kind == "admin" else 0


def _theirs(catalogue: Catalogue, person: Person) -> Texts:
    return catalogue.texts(person.locale, person.language_code)


def _seen(texts: Texts, person: Person) -> Html:
    return texts("as-they-see", name=person.name)


def _back(texts: Texts, user_id: int) -> InlineKeyboardButton:
    return keyboards.back(texts, staff_buttons.Card(user_id=user_id))
