"""Maintenance on and off: /maintenance shows how it stands, and closes the shop to customers with a message."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from handlers import callbacks, keyboards, screens
from handlers.admin import gate
from handlers.admin.arguments import Misread, Words
from handlers.admin.gate import Acting
from handlers.i18n import Texts
from handlers.screens import Screen, lines
from services import maintenance, switches, users
from services.db import Database, ReadSession
from services.roles import Role
from services.switches import ORDERING

LONGEST = 140
"""Characters of the message: the answer to a tap shows 200, and says that nothing is lost besides."""


def router() -> Router:
    """The command, and the button that ends it."""
    router = Router(name="admin-maintenance")
    gate.commands(router, {"maintenance": command})
    gate.button(router, callbacks.OpenShop, open_shop, Role.MANAGER)
    return router


async def command(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/maintenance shows; /maintenance on <message> and /maintenance off turn, once for each message."""
    words = Words(command.args)
    if not words:
        async with db.read() as session:
            return await screens.reply(message, await _standing(session, acting.texts))
    on, said = words.choice(("on", "off")) == "on", ""
    if on:
        if not words:
            raise Misread("maintenance-no-message")
        said = words.rest(LONGEST + 1)
        if len(said) > LONGEST:
            raise Misread("maintenance-long", most=str(LONGEST))
    words.end()
    return await screens.reply(message, await _turned(db, acting, on=on, message=said))


async def open_shop(query: CallbackQuery, db: Database, acting: Acting) -> None:
    """End it with one tap."""
    screen = await _turned(db, acting, on=False)
    await screens.toast(query)
    await screens.show(query, screen)


async def _turned(db: Database, acting: Acting, *, on: bool, message: str = "") -> Screen:
    async with db.write() as session:
        standing = await switches.maintenance(session)
        if standing != (message if on else None):  # a new message while it is on is a turn too
            turn = await maintenance.turn(
                session,
                on=on,
                message=message,
                admin=acting.admin.id,
                name=acting.admin.name,
                owners=acting.settings.admin_ids,
                key=acting.key,
                now=acting.now,
            )
            if turn is not None:
                await acting.record(session, f"maintenance-{'on' if on else 'off'}", message=message)
        return await _standing(session, acting.texts)


async def _standing(read: ReadSession, texts: Texts) -> Screen:
    """Whether it is on, what customers read, and who turned it last."""
    turns = await switches.history(read, ORDERING, limit=1)
    closed = bool(turns) and not turns[0].is_on
    named = await users.names(read, [turn.admin for turn in turns if turn.admin is not None])
    by = [
        texts("maintenance-turn", at=turn.at, name=named.get(turn.admin or 0, ""), id=str(turn.admin)) for turn in turns
    ]
    text = lines(
        texts("maintenance-is-on") if closed else texts("maintenance-is-off"),
        *(("", texts("maintenance-shown", message=turns[0].reason)) if closed else ()),
        *(("", *by) if by else ()),
        "",
        texts("usage-maintenance"),
    )
    end = keyboards.tap(texts.bare("button-open-shop"), callbacks.OpenShop(), "success")
    return Screen(text, keyboards.stack([end]) if closed else None)
