"""Those who sell on, for the staff: /resellers lists and finds them, and lets them in, keeps them out, gives a tier."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from handlers import amounts, keyboards, screens, staff_buttons, states
from handlers.admin import confirm, gate
from handlers.admin.arguments import LONGEST_REASON, Misread, Words
from handlers.admin.confirm import Step
from handlers.admin.gate import Acting
from handlers.i18n import Html, Texts
from handlers.reseller_buttons import DecideApplication
from handlers.reseller_staff_buttons import (
    ChooseTier,
    LetIn,
    PutIntoTier,
    ResellerCard,
    Resellers,
    Suspend,
)
from handlers.screens import Screen, brief, lines
from handlers.states import Handling
from services import applications, people, reseller_figures, resellers, tiering, tiers, users
from services.approvals import Asked
from services.columns import micros
from services.db import Database, ReadSession, WriteSession
from services.errors import TermsMoved
from services.resellers import ResellerView
from services.roles import Role

STATES = (resellers.APPLIED, resellers.APPROVED, resellers.SUSPENDED, resellers.REFUSED)
SHOWN = 20
"""Resellers on one keyboard."""
MONTH = timedelta(days=30)


def router() -> Router:
    """The command, the buttons of lists and cards, and the reason that is typed."""
    router = Router(name="admin-resellers")
    gate.commands(router, {"resellers": find})
    gate.button(router, Resellers, show_list, Role.READER)
    gate.button(router, ResellerCard, show, Role.READER)
    gate.button(router, Suspend, ask_why, Role.MANAGER)
    gate.button(router, LetIn, let_in, Role.MANAGER)
    gate.button(router, ChooseTier, choose, Role.MANAGER)
    gate.button(router, PutIntoTier, put, Role.MANAGER)
    gate.answer(router, Handling.suspend, why_given, Role.MANAGER)
    return router


async def find(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/resellers, /resellers <id, @name, or a part of a name or of a site>: one is shown, several are listed."""
    words, texts = Words(command.args), acting.texts
    who = words.rest(longest=80)
    async with db.read() as session:
        if not who:
            return await screens.reply(message, await _overview(session, texts))
        found = await resellers.search(session, who, limit=SHOWN + 1)
        if len(found) == 1:
            return await screens.reply(message, await card(session, found[0].user_id, acting))
    if not found:
        raise Misread("reseller-nobody", text=brief(who))
    title = texts("resellers-found", text=brief(who), count=len(found[:SHOWN]), more=_more(found))
    return await screens.reply(message, Screen(title, keyboards.stack(*_buttons(texts, found[:SHOWN], new=True))))


async def show_list(query: CallbackQuery, callback_data: Resellers, db: Database, acting: Acting) -> None:
    """Those in one state, or how many there are in each."""
    texts, state = acting.texts, callback_data.state
    async with db.read() as session:
        if not state:
            screen = await _overview(session, texts)
        else:
            found = await resellers.listed(session, state, limit=SHOWN + 1)
            title = texts("resellers-in", state=state, count=len(found[:SHOWN]), more=_more(found))
            rows = [*_buttons(texts, found[:SHOWN]), [keyboards.back(texts, Resellers())]]
            screen = Screen(title, keyboards.stack(*rows))
    await screens.toast(query)
    await screens.show(query, screen)


def _more(found: Sequence[ResellerView]) -> str:
    return "yes" if len(found) > SHOWN else "no"


async def _overview(read: ReadSession, texts: Texts) -> Screen:
    counts = await resellers.counted(read)
    rows = [
        [keyboards.tap(texts.bare("button-resellers-in", state=state, count=counts[state]), Resellers(state=state))]
        for state in STATES
        if state in counts
    ]
    waiting = counts.get(resellers.APPLIED, 0)
    told = texts("resellers-title", count=sum(counts.values()), waiting=waiting)
    return Screen(lines(told, "", texts("usage-resellers")), keyboards.stack(*rows) if rows else None)


def _buttons(texts: Texts, found: Sequence[ResellerView], *, new: bool = False) -> list[list[InlineKeyboardButton]]:
    return [
        [
            keyboards.tap(
                texts.bare("button-reseller-found", state=each.state, name=brief(each.name, 30), id=str(each.user_id)),
                ResellerCard(user_id=each.user_id, new=new),
            )
        ]
        for each in found
    ]


async def show(query: CallbackQuery, callback_data: ResellerCard, db: Database, acting: Acting) -> None:
    """The card."""
    async with db.read() as session:
        screen = await card(session, callback_data.user_id, acting)
    await screens.toast(query)
    await screens.show(query, screen, new=callback_data.new)


async def card(read: ReadSession, user_id: int, acting: Acting, head: Html | None = None) -> Screen:
    """All that is known of a reseller, below what has just been done."""
    texts, now = acting.texts, acting.now
    one = await _reseller(read, user_id)
    seen = await reseller_figures.glance(read, user_id, now)
    month = await reseller_figures.figures(read, user_id, now - MONTH, now)
    decider = users.find(read, int((one.decided_by or "0").rpartition(":")[2])) if one.decided_by else None
    by = await decider if decider is not None else None
    text = lines(
        *((head, "") if head else ()),
        texts(
            "reseller-who",
            name=one.name,
            id=str(user_id),
            username=f"@{one.username}" if one.username else "none",
        ),
        texts("reseller-state", state=one.state, at=one.decided_at or one.applied_at, by=by.name if by else "none"),
        texts("application-about", about=one.about),
        "",
        texts("desk-balance", balance=seen.balance),
        texts("reseller-tier", tier=one.tier, off=amounts.percent(seen.off)) if one.tier else texts("desk-no-tier"),
        texts("reseller-keys", count=seen.keys),
        texts("desk-used", span=now - seen.used_at) if seen.used_at else None,
        texts("desk-hook", state="failing" if seen.hook == "on" and seen.failing_since else seen.hook or "none"),
        "",
        texts("reseller-month", orders=month.orders, spent=month.spent),
        texts("reseller-ended", ended=month.ended, partial=month.partial, percent=month.partial_percent),
        texts("desk-refunded", refunded=month.refunded) if month.refunded else None,
    )
    return Screen(text, _ways(one, acting))


async def _reseller(read: ReadSession, user_id: int) -> ResellerView:
    """Them, or in the staff's words that they are none: what NotAReseller says is meant for resellers."""
    found = await resellers.find(read, user_id)
    if found is None:
        raise Misread("reseller-nobody", text=str(user_id))
    return found


async def _selling(read: ReadSession, user_id: int) -> ResellerView:
    """The same of somebody who may sell on."""
    found = await _reseller(read, user_id)
    if not found.may_sell:
        raise Misread("reseller-not-selling", name=brief(found.name))
    return found


def _ways(one: ResellerView, acting: Acting) -> InlineKeyboardMarkup:
    texts, who = acting.texts, one.user_id
    person = staff_buttons.Card(user_id=who, new=True)
    orders = staff_buttons.Listing(whose=f"u{who}")
    looking = [
        keyboards.tap(texts.bare("button-person", name=brief(one.name, 24)), person),
        keyboards.tap(texts.bare("button-their-orders"), orders),
    ]
    back = [keyboards.back(texts, Resellers(state=one.state))]
    if acting.admin.role is None or acting.admin.role < Role.MANAGER:
        return keyboards.stack(looking, back)
    return keyboards.stack(*_deciding(one, texts), looking, back)


def _deciding(one: ResellerView, texts: Texts) -> list[list[InlineKeyboardButton]]:
    """What can be decided about somebody who stands so."""
    who = one.user_id
    if one.state == resellers.APPLIED:
        asked = micros(one.applied_at)
        yes, no = (DecideApplication(user_id=who, asked=asked, approve=approve) for approve in (True, False))
        return [
            [
                keyboards.tap(texts.bare("button-application-approve"), yes, "success"),
                keyboards.tap(texts.bare("button-application-refuse"), no, "danger"),
            ]
        ]
    if one.may_sell:
        return [
            [
                keyboards.tap(texts.bare("button-choose-tier"), ChooseTier(user_id=who)),
                keyboards.tap(texts.bare("button-suspend-reseller"), Suspend(user_id=who), "danger"),
            ]
        ]
    return [[keyboards.tap(texts.bare("button-let-in"), LetIn(user_id=who), "success")]]


async def ask_why(
    query: CallbackQuery, callback_data: Suspend, state: FSMContext, db: Database, acting: Acting
) -> None:
    """Why?"""
    async with db.read() as session:
        one = await _selling(session, callback_data.user_id)
    await states.handle(state, Handling.suspend, one.user_id)
    await screens.toast(query)
    await screens.show(query, Screen(acting.texts("suspend-question", name=one.name)), new=True)


async def why_given(message: Message, state: FSMContext, db: Database, acting: Acting) -> None:
    """The reason; then it is asked for."""
    reason = " ".join((message.text or "").split())[:LONGEST_REASON]
    if not reason:
        return await screens.reply(message, Screen(acting.texts("misread-reason")))
    await state.set_state(None)
    async with db.read() as session:
        one = await _selling(session, await states.handled(state))
    return await confirm.ask(message, SUSPEND, _params(one, reason), acting, db, subject=people.subject(one.user_id))


async def let_in(query: CallbackQuery, callback_data: LetIn, db: Database, acting: Acting) -> None:
    """Ask whether that is meant."""
    async with db.read() as session:
        one = await _reseller(session, callback_data.user_id)
    return await confirm.ask(query, LET_IN, _params(one), acting, db, subject=people.subject(one.user_id))


def _params(one: ResellerView, reason: str = "") -> dict[str, Any]:
    return {"id": str(one.user_id), "name": one.name, "reason": reason}


async def _suspend(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    return await _decided(write, asked, acting, resellers.SUSPENDED)


async def _let_in(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    return await _decided(write, asked, acting, resellers.APPROVED)


async def _decided(write: WriteSession, asked: Asked, acting: Acting, state: str) -> Screen:
    """They hear of it. TermsMoved where they do not stand as one must for it by now."""
    user_id = int(asked.params["id"])
    if not await applications.decide(write, user_id, state=state, actor=acting.actor, now=acting.now):
        raise TermsMoved
    return await card(write, user_id, acting, acting.texts("reseller-decided", state=state))


SUSPEND = Step("suspend-reseller", Role.MANAGER, _suspend)
LET_IN = Step("let-in-reseller", Role.MANAGER, _let_in)


async def choose(query: CallbackQuery, callback_data: ChooseTier, db: Database, acting: Acting) -> None:
    """The tiers there are, and none."""
    texts, who = acting.texts, callback_data.user_id
    async with db.read() as session:
        one = await _selling(session, who)
        listed = await tiers.listed(session)
    rows = [
        [
            keyboards.tap(
                texts.bare("button-tier", tier=each.name, percent=amounts.percent(each.discount)),
                PutIntoTier(user_id=who, tier=each.name),
            )
        ]
        for each in listed
    ]
    none = [[keyboards.tap(texts.bare("button-tier-none"), PutIntoTier(user_id=who))]] if one.tier else []
    told = texts("choose-tier", name=one.name) if listed else texts("tiers-none")
    await screens.toast(query)
    await screens.show(
        query, Screen(told, keyboards.stack(*rows, *none, [keyboards.back(texts, ResellerCard(user_id=who))]))
    )


async def put(query: CallbackQuery, callback_data: PutIntoTier, db: Database, acting: Acting) -> None:
    """Put them there; their site hears of its new prices. NoSuchTier."""
    who, name, texts = callback_data.user_id, callback_data.tier or None, acting.texts
    async with db.write() as session:
        one = await _selling(session, who)
        told = {"name": one.name, "id": str(who), "old": one.tier or "none", "new": name or "none"}
        if await acting.record(session, "reseller-tier", people.subject(who), **told):
            await tiering.enrol(session, who, name, now=acting.now)
        screen = await card(session, who, acting, texts("reseller-tier-done", new=name or "none"))
    await screens.toast(query)
    await screens.show(query, screen)
