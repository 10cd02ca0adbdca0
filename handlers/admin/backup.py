"""Backups: /backup lists the last ones, says where a new one goes, and makes it with one tap."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from handlers import callbacks, keyboards, recovery, screens
from handlers.admin import gate
from handlers.admin.arguments import Words
from handlers.admin.gate import Acting
from handlers.i18n import Html
from handlers.screens import Screen, lines
from services import backups
from services.db import Database
from services.roles import Role

SHOWN = 7


def router() -> Router:
    """The command and its button."""
    router = Router(name="admin-backup")
    gate.commands(router, {"backup": show})
    gate.button(router, callbacks.BackUp, make, Role.OWNER)
    return router


async def show(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/backup"""
    Words(command.args).end()
    async with db.read() as session:
        made = await backups.latest(session, SHOWN)
    texts = acting.texts
    rows = [recovery.listed(texts, each) for each in made] or [texts("backup-none")]
    button = keyboards.tap(texts.bare("button-backup"), callbacks.BackUp(), "primary")
    text = lines(texts("backup-title"), "", *rows, "", *_goes(acting))
    return await screens.reply(message, Screen(text, keyboards.stack([button])))


async def make(query: CallbackQuery, db: Database, acting: Acting) -> None:
    """Ask for one: whoever owns the shop is told how it ends."""
    async with db.write() as session:
        asked = await backups.ask(session, key=acting.key, asked_by=acting.actor, now=acting.now)
        if asked:
            await acting.record(session, "backup")
    said = "backup-asked" if asked else "backup-under-way"
    await screens.toast(query)
    await screens.show(query, Screen(lines(acting.texts(said), "", *_goes(acting))), new=True)


def _goes(acting: Acting) -> list[Html]:
    """Where a new one goes."""
    texts, terms = acting.texts, acting.settings.backups
    here = texts("backup-goes", folder=str(terms.folder.absolute()), keep=terms.keep)
    return [here, texts("backup-goes-sealed") if terms.sealed else texts("backup-goes-nowhere")]
