"""Services and categories changed by hand: hidden, named, described, priced and moved, each taken back with a tap."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers import keyboards, screens
from handlers.admin import coming, gate, wares
from handlers.admin.arguments import Misread, Words
from handlers.admin.gate import Acting
from handlers.i18n import Html
from handlers.products import LONGEST_DESCRIPTION
from handlers.screens import Screen, lines
from handlers.states import Stocking
from handlers.stock_callbacks import AskOwn, Kind, SetOwn, ShelfCard, UndoOwn, WareCard
from services import actions, coming_prices, inventory, overrides
from services.coming_prices import Coming
from services.db import Database, ReadSession, WriteSession
from services.money import Money
from services.overrides import Change
from services.roles import Role

LONGEST_NAME = 120
AUTO = "auto"
"""What is typed for a price to have it follow the markup."""
NONE = "-"
"""What is typed for a description to have none."""

Step = Callable[[WriteSession], Awaitable[Change | Coming | None]]
"""A change of the catalogue in one transaction; Coming where it is only announced, None where there is none."""


def router() -> Router:
    """The command and the buttons."""
    router = Router(name="admin-stocking")
    gate.commands(router, {"price": price})
    gate.button(router, SetOwn, set_own, Role.MANAGER)
    gate.button(router, AskOwn, ask_own, Role.MANAGER)
    gate.button(router, UndoOwn, undo_own, Role.MANAGER)
    return router


def answers() -> Router:
    """What is typed to a question; it comes after every command, for a command is no answer."""
    router = Router(name="admin-stocking-answers")
    gate.answer(router, Stocking.value, answered, Role.MANAGER)
    return router


async def price(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/price <service> <rate>, /price <service> auto: once for each message."""
    words = Words(command.args)
    number = words.number()
    rate = None if words.peek().lower() == AUTO else words.amount()
    if rate is None:
        words.next()
    words.end()
    async with db.write() as session:
        screen = await _taken(session, acting, "service", number, "rate", _put("service", number, "rate", rate, acting))
    await screens.reply(message, screen)


async def set_own(query: CallbackQuery, callback_data: SetOwn, db: Database, acting: Acting) -> None:
    """Hide, show, up, down."""
    kind, number, what = callback_data.kind, callback_data.id, callback_data.what
    async with db.write() as session:
        screen = await _taken(session, acting, kind, number, what, _at_once(kind, number, what, acting.now))
    await screens.toast(query)
    await screens.show(query, screen)


async def undo_own(query: CallbackQuery, callback_data: UndoOwn, db: Database, acting: Acting) -> None:
    """Back to what is there without it."""
    kind, number, what = callback_data.kind, callback_data.id, callback_data.what
    async with db.write() as session:
        screen = await _taken(session, acting, kind, number, what, _put(kind, number, what, None, acting))
    await screens.toast(query)
    await screens.show(query, screen)


async def ask_own(query: CallbackQuery, callback_data: AskOwn, state: FSMContext, db: Database, acting: Acting) -> None:
    """Ask for the new name, description or price."""
    kind, number, texts = callback_data.kind, callback_data.id, acting.texts
    what = "name" if kind == "category" else callback_data.what
    async with db.read() as session:
        now = await _standing(session, kind, number, what)
    await state.update_data(own=[kind, number, what])
    await state.set_state(Stocking.value)
    leave = ShelfCard(category_id=number) if kind == "category" else WareCard(service_id=number)
    asked = texts("own-ask", what=what, id=str(number))
    screen = Screen(lines(asked, texts("own-now", value=now)), keyboards.stack([keyboards.back(texts, leave)]))
    await screens.toast(query)
    await screens.show(query, screen)


async def answered(message: Message, state: FSMContext, db: Database, acting: Acting) -> None:
    """What it is to be; what cannot be used is told, and asked for once more."""
    text = (message.text or "").strip()
    own = (await state.get_data()).get("own")
    if text.startswith("/") or own is None:
        raise SkipHandler
    kind, number, what = own
    try:
        value = _read(what, text)
    except Misread as misread:
        return await screens.reply(message, Screen(acting.texts(misread.code or "own-empty", **misread.params)))
    async with db.write() as session:
        screen = await _taken(session, acting, kind, number, what, _put(kind, number, what, value, acting))
    await state.set_state(None)
    return await screens.reply(message, screen)


def _read(what: str, text: str) -> str | Money | None:
    """What was typed for this; Misread where it cannot be that. None of a price: as the markup makes it."""
    if what == "rate":
        words = Words(text)
        return None if words.peek().lower() == AUTO else words.amount()
    longest = LONGEST_NAME if what == "name" else LONGEST_DESCRIPTION
    if what == "description" and text == NONE:
        return ""
    if what == "name":
        text = " ".join(text.split())
    if not text:
        raise Misread("own-empty")
    if len(text) > longest:
        raise Misread("own-long", longest=str(longest), length=str(len(text)))
    return text


def _at_once(kind: Kind, number: int, what: str, now: datetime) -> Step:
    up, hidden = what == "up", what == "hide"
    if kind == "service":
        if what in ("up", "down"):
            return partial(overrides.move, service_id=number, up=up, now=now)
        return partial(overrides.hide, service_id=number, hidden=hidden, now=now)
    if what in ("up", "down"):
        return partial(overrides.move_category, category_id=number, up=up)
    return partial(overrides.hide_category, category_id=number, hidden=hidden, now=now)


def _put(kind: Kind, number: int, what: str, value: Any, acting: Acting) -> Step:
    """Set this; None: take back what was set."""
    if kind == "category":
        return partial(overrides.rename_category, category_id=number, name=value, now=acting.now)
    of_it: dict[str, Step] = {
        "name": partial(overrides.rename, service_id=number, name=value, now=acting.now),
        "description": partial(overrides.describe, service_id=number, text=value, now=acting.now),
        "rate": partial(
            coming_prices.put,
            service_id=number,
            rate=value,
            markups=acting.settings.markups,
            notice=acting.settings.policy.price_notice,
            by=acting.actor,
            now=acting.now,
        ),
        "position": partial(overrides.put_back, service_id=number, now=acting.now),
    }
    return of_it[what]


async def _taken(write: WriteSession, acting: Acting, kind: Kind, number: int, what: str, step: Step) -> Screen:
    """Take a step, once for each message or tap, write it down, and show how things are then."""
    texts, head = acting.texts, None
    if not await actions.taken(write, acting.key):
        change = await step(write)
        head = texts("own-no-further") if change is None else await _noted(write, acting, kind, number, what, change)
    if kind == "category":
        return await wares.shelf(write, acting, number, head=head)
    return await wares.ware(write, acting, number, head=head)


async def _noted(
    write: WriteSession, acting: Acting, kind: Kind, number: int, what: str, change: Change | Coming
) -> Html:
    """Write a change down, and say so."""
    subject = f"{kind}:{number}"
    if isinstance(change, Coming):
        moment = coming_prices.minute(change.effective_at)
        await acting.record(write, "price-ahead", subject, old=change.old, new=change.new, at=moment)
        return coming.said(acting.texts, change)
    told = {"what": what, "old": change.old, "new": change.new}
    await acting.record(write, f"own-{kind}", subject, **told)
    return acting.texts("own-done", sold=change.sold, **told)


async def _standing(read: ReadSession, kind: Kind, number: int, what: str) -> str | Money:
    if kind == "category":
        return (await inventory.shelf(read, number)).name
    found = await inventory.ware(read, number)
    if what == "rate":
        return found.line.rate
    return found.line.name if what == "name" else found.description or "—"
