"""/log: what the people who run the shop did, page by page, of everybody, of one of them, or about one thing."""

from collections.abc import Mapping

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from handlers import callbacks, keyboards, screens
from handlers.admin import gate
from handlers.admin.arguments import Misread, Words
from handlers.admin.gate import Acting
from handlers.i18n import Html, Texts
from handlers.screens import Screen, brief, lines
from services import actions, margins, users
from services.actions import Done
from services.db import Database, ReadSession
from services.roles import Role

PAGE = 10
LONGEST, LONGEST_NAME = 150, 32
"""Characters of one word of a step, and of the name of who took it, that are shown: ten steps fit one message."""
_NOBODY = {margins.GUARD: "log-guard"}
KINDS = ("by", "user", "order", "service", "category", "provider", "tier")
NAMED = frozenset({"provider", "tier"})
"""What has a name and no number."""


def router() -> Router:
    """The command and its older pages."""
    router = Router(name="admin-log")
    gate.commands(router, {"log": show})
    gate.button(router, callbacks.Log, older, Role.READER)
    return router


async def show(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/log, /log by <admin>, /log user|order|service|provider <which>."""
    words, of = Words(command.args), ""
    if words:
        kind = words.choice(KINDS)
        which = words.next() if kind in NAMED else str(words.number())
        words.end()
        of = f"{kind} {which}"
        if len(of) > callbacks.LONGEST_OF:
            raise Misread
    async with db.read() as session:
        screen = await _page(session, acting.texts, of)
    await screens.reply(message, screen)


async def older(query: CallbackQuery, callback_data: callbacks.Log, db: Database, acting: Acting) -> None:
    """The page before."""
    async with db.read() as session:
        screen = await _page(session, acting.texts, callback_data.of, callback_data.before)
    await screens.toast(query)
    await screens.show(query, screen)


async def _page(read: ReadSession, texts: Texts, of: str, before: int = 0) -> Screen:
    kind, _, which = of.partition(" ")
    actor = actions.by(int(which)) if kind == "by" else None
    subject = f"{kind}:{which}" if kind and kind != "by" else None
    found = await actions.history(read, limit=PAGE + 1, before=before or None, subject=subject, actor=actor)
    named = await users.names(read, {done.admin for done in found if done.admin is not None})
    rows = [line(texts, done, named) for done in found[:PAGE]]
    more = len(found) > PAGE
    keyboard = None
    if before or more:
        newest = [keyboards.tap(texts.bare("button-newest"), callbacks.Log(of=of))] if before else []
        next_page = callbacks.Log(before=found[PAGE - 1].id if more else 0, of=of)
        keyboard = keyboards.stack([*newest, *([keyboards.tap(texts.bare("button-older"), next_page)] if more else [])])
    return Screen(
        lines(texts("log-title-of", of=of) if of else texts("log-title"), "", *(rows or [texts("log-empty")])), keyboard
    )


def _short(words: str) -> str:
    """On one line."""
    return brief(" ".join(words.split()), LONGEST)


def line(texts: Texts, done: Done, named: Mapping[int, str]) -> Html:
    """One step: when, who, what; `named` are people by id."""
    detail = {name: _short(value) if isinstance(value, str) else value for name, value in done.detail.items()}
    what = texts(f"log-{done.code}", subject=(done.subject or "").replace(":", " "), **detail)
    name = (
        named.get(done.admin, str(done.admin))
        if done.admin is not None
        else texts.bare(_NOBODY.get(done.actor, "log-shell"))
    )
    return texts("log-line", at=done.at, name=brief(name, LONGEST_NAME), what=what)
