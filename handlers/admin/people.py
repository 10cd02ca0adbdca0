"""People for the staff: /user finds somebody and shows who they are, what they spent, and what was noted of them."""

from collections.abc import Sequence

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from handlers import callbacks, keyboards, screens, staff_buttons, states
from handlers.admin import gate
from handlers.admin.arguments import Misread, Words
from handlers.admin.gate import Acting
from handlers.i18n import Html, Texts
from handlers.screens import Screen, brief, lines
from handlers.states import Handling
from services import actions, people, users
from services.actions import Done
from services.db import Database, ReadSession
from services.errors import PersonNotFound
from services.people import Profile
from services.roles import Role

SHOWN, NOTED, PAGE = 8, 3, 10
"""People of a search, notes on a card, notes on a page of their own."""
LONGEST_NOTE = 500


def router() -> Router:
    """The command, the card's buttons, and the note that is typed."""
    router = Router(name="admin-people")
    gate.commands(router, {"user": find})
    gate.button(router, staff_buttons.Card, show, Role.READER)
    gate.button(router, staff_buttons.Notes, notes, Role.READER)
    gate.button(router, staff_buttons.AddNote, ask_note, Role.SUPPORT)
    gate.answer(router, Handling.note, note, Role.SUPPORT)
    return router


async def find(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/user <id, @name or a part of a name>: one is shown, several are listed."""
    words, texts = Words(command.args), acting.texts
    if not words:
        raise Misread
    who = words.rest(longest=80)
    async with db.read() as session:
        found = await people.search(session, who, limit=SHOWN + 1)
        if len(found) == 1:
            return await screens.reply(message, await card(session, found[0].id, acting))
    if not found:
        raise PersonNotFound(who=brief(who))
    rows = [
        [keyboards.tap(_named(texts, person), staff_buttons.Card(user_id=person.id, new=True))]
        for person in found[:SHOWN]
    ]
    title = texts("people-found", count=len(rows), more="yes" if len(found) > SHOWN else "no", text=brief(who))
    return await screens.reply(message, Screen(title, keyboards.stack(*rows)))


def _named(texts: Texts, person: people.Found) -> str:
    banned = "yes" if person.banned else "no"
    username = f"@{person.username}" if person.username else "none"
    return texts.bare("button-found", name=brief(person.name, 30), id=str(person.id), username=username, banned=banned)


async def show(query: CallbackQuery, callback_data: staff_buttons.Card, db: Database, acting: Acting) -> None:
    """The card. PersonNotFound."""
    async with db.read() as session:
        screen = await card(session, callback_data.user_id, acting)
    await screens.toast(query)
    await screens.show(query, screen, new=callback_data.new)


async def card(session: ReadSession, user_id: int, acting: Acting, head: str | None = None) -> Screen:
    """All that is known of somebody, below what has just been done. PersonNotFound."""
    texts = acting.texts
    profile = await people.profile(session, user_id, acting.settings.admin_ids, notes=NOTED)
    noted = [*profile.notes, *([profile.ban] if profile.ban else [])]
    named = await users.names(session, {done.admin for done in noted if done.admin is not None})
    person = profile.person
    text = lines(
        *((head, "") if head else ()),
        texts(
            "card-who",
            name=person.name,
            id=str(person.id),
            username=f"@{person.username}" if person.username else "none",
            role=person.role.word if person.role else "none",
        ),
        _banned(texts, profile, named) if person.banned else None,
        texts("card-gone", at=profile.gone) if profile.gone else None,
        "",
        texts("card-balance", balance=profile.balance, held=profile.held, holds="yes" if profile.held else "no"),
        texts("card-orders", count=profile.orders, open=profile.open),
        texts("card-spent", spent=profile.spent, refunded=profile.refunded),
        "",
        texts("card-seen", at=profile.seen),
        texts("card-met", at=profile.met),
        texts("card-language", language=person.locale or person.language_code or "none"),
        *(
            ("", texts("notes-title"), *(_note(texts, each, named) for each in reversed(profile.notes)))
            if noted
            else ()
        ),
    )
    return Screen(text, _buttons(profile, acting))


def _banned(texts: Texts, profile: Profile, named: dict[int, str]) -> Html:
    ban = profile.ban
    if ban is None:  # banned before the log was kept
        return texts("card-banned", reason="none", by="none", at="none")
    by = named.get(ban.admin or 0, "none")
    return texts("card-banned", reason=str(ban.detail.get("reason", "none")), by=by, at=texts.moment(ban.at))


def _note(texts: Texts, done: Done, named: dict[int, str]) -> Html:
    name = named.get(done.admin or 0, str(done.admin))
    return texts("note-line", at=done.at, name=name, text=str(done.detail["text"]))


def _buttons(profile: Profile, acting: Acting) -> InlineKeyboardMarkup:
    texts, person = acting.texts, profile.person
    who = person.id
    helps = acting.admin.role is not None and acting.admin.role >= Role.SUPPORT
    out = (
        keyboards.tap(texts.bare("button-unban"), staff_buttons.Unban(user_id=who))
        if person.banned
        else keyboards.tap(texts.bare("button-ban"), staff_buttons.Ban(user_id=who), "danger")
    )
    return keyboards.stack(
        [
            keyboards.tap(texts.bare("button-their-orders"), staff_buttons.Listing(whose=f"u{who}")),
            keyboards.tap(texts.bare("button-statement"), staff_buttons.Statement(user_id=who)),
        ],
        [
            keyboards.tap(texts.bare("button-see-goals"), staff_buttons.SeeGoals(user_id=who)),
            keyboards.tap(texts.bare("button-see-wallet"), staff_buttons.SeeWallet(user_id=who)),
        ],
        [
            keyboards.tap(texts.bare("button-notes"), staff_buttons.Notes(user_id=who)),
            *([keyboards.tap(texts.bare("button-add-note"), staff_buttons.AddNote(user_id=who))] if helps else []),
        ],
        [
            *([out] if helps and person.role is None else []),
            keyboards.tap(texts.bare("button-log"), callbacks.Log(of=f"user {who}")),
        ],
    )


async def notes(query: CallbackQuery, callback_data: staff_buttons.Notes, db: Database, acting: Acting) -> None:
    """A page of notes, the newest first."""
    texts, who, before = acting.texts, callback_data.user_id, callback_data.before
    async with db.read() as session:
        found = await actions.history(
            session, limit=PAGE + 1, before=before or None, subject=people.subject(who), code=people.NOTE
        )
        named = await users.names(session, {done.admin for done in found if done.admin is not None} | {who})
    told = _fitting([_note(texts, done, named) for done in found[:PAGE]])
    turning = [keyboards.tap(texts.bare("button-newest"), staff_buttons.Notes(user_id=who))] if before else []
    if len(found) > len(told):
        older = staff_buttons.Notes(user_id=who, before=found[len(told) - 1].id)
        turning.append(keyboards.tap(texts.bare("button-older"), older))
    title = texts("notes-of", name=named.get(who, str(who)))
    back = keyboards.back(texts, staff_buttons.Card(user_id=who))
    await screens.toast(query)
    await screens.show(
        query, Screen(lines(title, "", *(told or [texts("notes-none")])), keyboards.stack(turning, [back]))
    )


def _fitting(told: Sequence[Html], most: int = 3500) -> Sequence[Html]:
    """As many of the first lines as a message holds, one at least."""
    kept: list[Html] = []
    for line in told:
        if kept and sum(map(len, kept)) + len(line) > most:
            break
        kept.append(line)
    return kept


async def ask_note(
    query: CallbackQuery, callback_data: staff_buttons.AddNote, state: FSMContext, db: Database, acting: Acting
) -> None:
    """What is to be noted? PersonNotFound."""
    async with db.read() as session:
        person = await users.known(session, str(callback_data.user_id))
    await states.handle(state, Handling.note, person.id)
    await screens.toast(query)
    await screens.show(query, Screen(acting.texts("note-question", name=person.name)), new=True)


async def note(message: Message, state: FSMContext, db: Database, acting: Acting) -> None:
    """Keep it, once for each message."""
    texts, who = acting.texts, await states.handled(state)
    text = " ".join((message.text or "").split())
    if not text or len(text) > LONGEST_NOTE:
        return await screens.reply(message, Screen(texts("note-bad", most=LONGEST_NOTE)))
    async with db.write() as session:
        await acting.record(session, people.NOTE, people.subject(who), text=text)
        screen = await card(session, who, acting, texts("note-done"))
    await state.set_state(None)
    return await screens.reply(message, screen)
