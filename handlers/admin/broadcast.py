"""/broadcast: a message to many, written, previewed, aimed, tried out, sent, paused and stopped."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardButton, Message

from handlers import callbacks, keyboards, notices, screens
from handlers.admin import confirm, gate
from handlers.admin.arguments import Words
from handlers.admin.confirm import Step
from handlers.admin.gate import Acting
from handlers.i18n import Catalogue, Html, Texts
from handlers.screens import Screen, lines
from handlers.states import Composing
from services import audiences, broadcasts
from services.approvals import Asked
from services.audiences import ACTIVITIES, SPENDS, Audience
from services.broadcasts import Standing
from services.db import Database, ReadSession, WriteSession
from services.money import Money
from services.roles import Role
from services.staff_notices import Broadcast, BroadcastCard

SHOWN = 5
LONGEST = 3500
"""Characters of a message to many: a little below Telegram's own limit, for markup that it counts otherwise."""


def router() -> Router:
    """The command, its buttons, and the text that is typed."""
    router = Router(name="admin-broadcast")
    gate.commands(router, {"broadcast": show_all})
    gate.button(router, callbacks.Compose, compose, Role.MANAGER)
    gate.button(router, callbacks.Show, show, Role.MANAGER)
    gate.button(router, callbacks.Aim, aim, Role.MANAGER)
    gate.button(router, callbacks.TryOut, try_out, Role.MANAGER)
    gate.button(router, callbacks.Send, send, Role.MANAGER)
    gate.button(router, callbacks.Move, move, Role.MANAGER)
    gate.answer(router, Composing.text, text_given, Role.MANAGER)
    return router


async def show_all(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/broadcast: the last ones, and a button for a new one."""
    Words(command.args).end()
    texts = acting.texts
    async with db.read() as session:
        latest = await broadcasts.latest(session, limit=SHOWN)
    rows = [[keyboards.tap(texts.bare("button-broadcast-new"), callbacks.Compose(), "primary")]]
    rows += [[keyboards.tap(_label(texts, one), callbacks.Show(broadcast_id=one.id))] for one in latest]
    await screens.reply(message, Screen(texts("broadcast-title", count=len(latest)), keyboards.stack(*rows)))


async def compose(
    query: CallbackQuery,
    callback_data: callbacks.Compose,
    state: FSMContext,
    acting: Acting,
    catalogue: Catalogue,
) -> None:
    """Ask for the text, in a language."""
    locale = callback_data.locale or catalogue.default_locale
    await state.update_data(broadcast=callback_data.broadcast_id, broadcast_locale=locale)
    await state.set_state(Composing.text)
    await screens.toast(query)
    await screens.show(query, Screen(acting.texts("broadcast-ask-text", language=locale)), new=True)


async def text_given(message: Message, state: FSMContext, db: Database, acting: Acting, catalogue: Catalogue) -> None:
    """The text as it was typed, bold and links included; then the draft."""
    data, texts = await state.get_data(), acting.texts
    broadcast_id, locale = data.get("broadcast", 0), data.get("broadcast_locale", catalogue.default_locale)
    if not message.text:
        return await screens.reply(message, Screen(texts("broadcast-no-text")))
    if (count := screens.length(message.text)) > LONGEST:
        return await screens.reply(message, Screen(texts("broadcast-long", count=count, most=LONGEST)))
    async with db.write() as session:
        if broadcast_id:
            await broadcasts.write_text(session, broadcast_id, locale=locale, text=message.html_text)
        else:
            broadcast_id = await broadcasts.draft(
                session, text=message.html_text, locale=locale, by=acting.admin.id, now=acting.now
            )
        screen = await _screen(session, broadcast_id, acting, catalogue)
    await state.update_data(broadcast=0)
    await state.set_state(None)
    return await screens.reply(message, screen)


async def show(
    query: CallbackQuery, callback_data: callbacks.Show, db: Database, acting: Acting, catalogue: Catalogue
) -> None:
    """How it stands."""
    async with db.read() as session:
        screen = await _screen(session, callback_data.broadcast_id, acting, catalogue)
    await screens.toast(query)
    await screens.show(query, screen)


async def aim(
    query: CallbackQuery, callback_data: callbacks.Aim, db: Database, acting: Acting, catalogue: Catalogue
) -> None:
    """Choose whom it goes to, one thing at a time."""
    broadcast_id, what, value = callback_data.broadcast_id, callback_data.what, callback_data.value
    if what and value:
        async with db.write() as session:
            standing = await broadcasts.find(session, broadcast_id)
            await broadcasts.choose(session, broadcast_id, _aimed(standing.audience, what, value))
            screen = await _screen(session, broadcast_id, acting, catalogue)
    else:
        async with db.read() as session:
            screen = await _choices(session, broadcast_id, what, acting.texts)
    await screens.toast(query)
    await screens.show(query, screen)


async def try_out(
    query: CallbackQuery, callback_data: callbacks.TryOut, db: Database, acting: Acting, catalogue: Catalogue
) -> None:
    """Send it to oneself, once in each language it has, as everybody else will see it."""
    async with db.read() as session:
        standing = await broadcasts.find(session, callback_data.broadcast_id)
    await screens.toast(query)
    for locale, text in standing.texts.items():
        await screens.show(query, notices.render(Broadcast(text), catalogue.texts(locale)), new=True)


async def send(query: CallbackQuery, callback_data: callbacks.Send, db: Database, acting: Acting) -> None:
    """Ask once more before it goes out."""
    async with db.read() as session:
        standing = await broadcasts.find(session, callback_data.broadcast_id)
        size = await audiences.size(session, standing.audience, acting.now)
    params = {"broadcast": standing.id, "count": size, "text": screens.brief(_first(standing), 60)}
    await confirm.ask(query, SEND, params, acting, db)


async def move(query: CallbackQuery, callback_data: callbacks.Move, db: Database, acting: Acting) -> None:
    """Pause, go on, stop, or throw a draft away."""
    step, texts = callback_data.step, acting.texts
    if step == "run":  # a draft is sent by a step that is asked for; this goes on with what was paused
        async with db.read() as session:
            standing = await broadcasts.find(session, callback_data.broadcast_id)
        if standing.state == "draft":
            return await send(query, callbacks.Send(broadcast_id=standing.id), db, acting)
    async with db.write() as session:
        standing = await broadcasts.move(session, callback_data.broadcast_id, step, acting.now)
        await acting.record(session, f"broadcast-{step}", None, broadcast=standing.id)
    await screens.toast(query, texts.bare("broadcast-moved", step=step))
    if step == "discard":
        return await screens.show(query, Screen(texts("broadcast-discarded")))
    return await screens.rearm(query, notices.render(_card(standing), texts).keyboard)


async def _take_send(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    standing = await broadcasts.move(write, asked.params["broadcast"], "run", acting.now)
    return Screen(acting.texts("broadcast-begun", count=standing.total))


SEND = Step("broadcast", Role.MANAGER, _take_send)


# The screens


async def _screen(read: ReadSession, broadcast_id: int, acting: Acting, catalogue: Catalogue) -> Screen:
    """A draft with all that can be done to it, or how one that was begun goes."""
    texts, standing = acting.texts, await broadcasts.find(read, broadcast_id)
    if standing.state != "draft":
        return notices.render(_card(standing), texts)
    size = await audiences.size(read, standing.audience, acting.now)
    told = lines(
        texts("broadcast-draft", broadcast=str(standing.id)),
        *(line for locale, text in standing.texts.items() for line in ("", f"<b>{locale}</b>", Html(text))),
        "",
        _aim(texts, standing.audience),
        texts("broadcast-size", count=size),
    )
    missing = [locale for locale in catalogue.locales if locale not in standing.texts]
    return Screen(told, keyboards.stack(*_hands(texts, standing, [*standing.texts, *missing])))


def _hands(texts: Texts, standing: Standing, locales: Sequence[str]) -> list[list[InlineKeyboardButton]]:
    one = standing.id
    return [
        [
            keyboards.tap(
                texts.bare("button-broadcast-text", language=locale), callbacks.Compose(broadcast_id=one, locale=locale)
            )
            for locale in locales
        ],
        [keyboards.tap(texts.bare("button-broadcast-aim"), callbacks.Aim(broadcast_id=one))],
        [keyboards.tap(texts.bare("button-broadcast-try"), callbacks.TryOut(broadcast_id=one))],
        [
            keyboards.tap(texts.bare("button-broadcast-send"), callbacks.Send(broadcast_id=one), "success"),
            keyboards.tap(
                texts.bare("button-broadcast-discard"), callbacks.Move(broadcast_id=one, step="discard"), "danger"
            ),
        ],
    ]


async def _choices(read: ReadSession, broadcast_id: int, what: str, texts: Texts) -> Screen:
    """What an audience can be chosen by, or the choices of one of these."""
    standing = await broadcasts.find(read, broadcast_id)

    def choice(label: str, kind: Any, value: str = "") -> InlineKeyboardButton:
        return keyboards.tap(label, callbacks.Aim(broadcast_id=broadcast_id, what=kind, value=value))

    match what:
        case "activity":
            rows = [[choice(texts.bare("aim-activity", activity=one), what, one)] for one in ACTIVITIES]
        case "language":
            found = await audiences.languages(read)
            rows = [[choice(texts.bare("aim-any-language"), what, "any")]]
            rows += [[choice(texts.bare("aim-language", language=one), what, one)] for one in found]
        case "spent":
            rows = [[choice(_spent(texts, one), what, str(one))] for one in SPENDS]
        case _:
            rows = [[choice(texts.bare("button-aim", what=one), one)] for one in ("activity", "language", "spent")]
    rows.append([keyboards.back(texts, callbacks.Show(broadcast_id=broadcast_id))])
    return Screen(lines(texts("broadcast-aim"), "", _aim(texts, standing.audience)), keyboards.stack(*rows))


def _aimed(audience: Audience, what: str, value: str) -> Audience:
    chosen: Mapping[str, Any] = {"activity": audience.activity, "language": audience.language, "spent": audience.spent}
    match what:
        case "activity" if value in ACTIVITIES:
            chosen = {**chosen, what: value}
        case "language":
            chosen = {**chosen, what: None if value == "any" else value}
        case "spent":
            chosen = {**chosen, what: next((one for one in SPENDS if str(one) == value), audience.spent)}
    return Audience(**chosen)


def _aim(texts: Texts, audience: Audience) -> str:
    language = texts("aim-language", language=audience.language) if audience.language else texts("aim-any-language")
    return lines(
        texts("aim-line", what=texts("aim-activity", activity=audience.activity)),
        texts("aim-line", what=language),
        texts("aim-line", what=_spent(texts, audience.spent)),
    )


def _spent(texts: Texts, amount: Money) -> str:
    return texts.bare("aim-spent", amount=amount) if amount else texts.bare("aim-any-spent")


def _label(texts: Texts, standing: Standing) -> str:
    return texts.bare("broadcast-label", state=standing.state, text=screens.brief(_first(standing), 30))


def _first(standing: Standing) -> str:
    """The beginning of its first text, without markup."""
    return Texts.plain(next(iter(standing.texts.values())))


def _card(standing: Standing) -> BroadcastCard:
    return BroadcastCard(standing.id, standing.state, standing.total, standing.sent, standing.dropped)
