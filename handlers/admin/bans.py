"""Who may come in: /ban keeps somebody out, with a reason, /unban lets them in again; their money stays theirs."""

from typing import Any

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers import keyboards, screens, staff_buttons, states
from handlers.admin import confirm, gate
from handlers.admin.arguments import LONGEST_REASON, Misread, Words
from handlers.admin.confirm import Step
from handlers.admin.gate import Acting
from handlers.i18n import Html
from handlers.screens import Screen, brief
from handlers.states import Handling
from services import people as known
from services import users
from services.approvals import Asked
from services.db import Database, ReadSession, WriteSession
from services.errors import StaffStays
from services.roles import Role
from services.users import Person


def router() -> Router:
    """The two commands, the buttons on a card, and the reason that is typed."""
    router = Router(name="admin-bans")
    gate.commands(router, {"ban": ban, "unban": unban})
    gate.button(router, staff_buttons.Ban, ask_why, Role.SUPPORT)
    gate.button(router, staff_buttons.Unban, let_in, Role.SUPPORT)
    gate.answer(router, Handling.ban, why_given, Role.SUPPORT)
    return router


async def ban(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/ban <who> <reason>."""
    words = Words(command.args)
    who = words.next()
    async with db.read() as session:
        person = await _bannable(session, who, acting)
    if person.banned:
        raise Misread("ban-already", name=person.name)
    return await confirm.ask(
        message, BAN, _params(person, words.reason()), acting, db, subject=known.subject(person.id)
    )


async def unban(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/unban <who>."""
    words = Words(command.args)
    who = words.next()
    words.end()
    async with db.read() as session:
        person = await users.known(session, who)
    if not person.banned:
        raise Misread("unban-already", name=person.name)
    return await confirm.ask(message, UNBAN, _params(person), acting, db, subject=known.subject(person.id))


async def _bannable(session: ReadSession, who: str, acting: Acting) -> Person:
    """PersonNotFound, StaffStays."""
    person = await users.known(session, who)
    if person.role is not None or person.id in acting.settings.admin_ids:
        raise StaffStays
    return person


def _params(person: Person, reason: str = "") -> dict[str, Any]:
    return {"id": str(person.id), "name": person.name, "reason": reason}


async def ask_why(
    query: CallbackQuery, callback_data: staff_buttons.Ban, state: FSMContext, db: Database, acting: Acting
) -> None:
    """Why?"""
    async with db.read() as session:
        person = await _bannable(session, str(callback_data.user_id), acting)
    await states.handle(state, Handling.ban, person.id)
    await screens.toast(query)
    await screens.show(query, Screen(acting.texts("ban-question", name=person.name)), new=True)


async def why_given(message: Message, state: FSMContext, db: Database, acting: Acting) -> None:
    """The reason; then it is asked for."""
    reason = " ".join((message.text or "").split())[:LONGEST_REASON]
    if not reason:
        return await screens.reply(message, Screen(acting.texts("misread-reason")))
    async with db.read() as session:
        person = await _bannable(session, str(await states.handled(state)), acting)
    await state.set_state(None)
    return await confirm.ask(message, BAN, _params(person, reason), acting, db, subject=known.subject(person.id))


async def let_in(query: CallbackQuery, callback_data: staff_buttons.Unban, db: Database, acting: Acting) -> None:
    """Ask whether that is meant. PersonNotFound."""
    async with db.read() as session:
        person = await users.known(session, str(callback_data.user_id))
    return await confirm.ask(query, UNBAN, _params(person), acting, db, subject=known.subject(person.id))


async def _ban(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    await known.ban(write, user_id=int(asked.params["id"]), owners=acting.settings.admin_ids)
    return _done(asked, acting.texts("ban-done", name=asked.params["name"]), acting)


async def _unban(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    await known.unban(write, user_id=int(asked.params["id"]), now=acting.now)
    return _done(asked, acting.texts("unban-done", name=asked.params["name"]), acting)


def _done(asked: Asked, told: Html, acting: Acting) -> Screen:
    """What was done, and the way to the card: as yet the log does not have it."""
    label = acting.texts.bare("button-person", name=brief(asked.params["name"], 24))
    card = staff_buttons.Card(user_id=int(asked.params["id"]), new=True)
    return Screen(told, keyboards.stack([keyboards.tap(label, card)]))


BAN = Step("ban", Role.SUPPORT, _ban)
UNBAN = Step("unban", Role.SUPPORT, _unban)
