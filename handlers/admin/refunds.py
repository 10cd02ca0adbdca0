"""Money of an order by hand: /refund gives it back, within what the order cost, once somebody has said yes."""

from typing import Any

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers import callbacks, keyboards, screens, staff_buttons, states
from handlers.admin import confirm, gate
from handlers.admin.arguments import Misread, Words
from handlers.admin.confirm import Step
from handlers.admin.gate import Acting
from handlers.keyboards import Row
from handlers.screens import Screen, lines
from handlers.states import Handling
from services import canceling, placing, refunding, users
from services.approvals import Asked
from services.canceling import Standing
from services.db import Database, ReadSession, WriteSession
from services.errors import OrderNotFound, RefundRefused
from services.money import Money
from services.refunding import Refundable
from services.roles import Role

ALL = "all"


def router() -> Router:
    """The command, the button under an order, and the answer to its question."""
    router = Router(name="admin-refunds")
    gate.commands(router, {"refund": refund})
    gate.button(router, staff_buttons.GiveMoney, ask, Role.SUPPORT)
    gate.answer(router, Handling.refund, answered, Role.SUPPORT)
    return router


async def refund(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/refund <order> [amount|all] <reason>."""
    words = Words(command.args)
    await _propose(message, words.number(), words, db, acting)


async def ask(
    query: CallbackQuery, callback_data: staff_buttons.GiveMoney, state: FSMContext, db: Database, acting: Acting
) -> None:
    """How much, and why?"""
    order_id, texts = callback_data.order_id, acting.texts
    async with db.read() as session:
        found = await _found(session, order_id)
        way_out = await _way_out(session, found, acting)
    await screens.toast(query)
    if way_out is not None:
        return await screens.show(query, way_out, new=True)
    await states.handle(state, Handling.refund, order_id)
    return await screens.show(query, Screen(texts("refund-question", order=str(order_id), left=found.left)), new=True)


async def answered(message: Message, state: FSMContext, db: Database, acting: Acting) -> None:
    """The amount and the reason, or the reason alone for all of it."""
    order_id = await states.handled(state)
    try:
        await _propose(message, order_id, Words(message.text), db, acting)
    except Misread as misread:
        told = acting.texts(misread.code, **misread.params) if misread.code else acting.texts("refund-how")
        return await screens.reply(message, Screen(told))
    return await state.set_state(None)


async def _propose(message: Message, order_id: int, words: Words, db: Database, acting: Acting) -> None:
    """Say what will be given back and wait for a yes; of an order under way, say what to do instead."""
    async with db.read() as session:
        found = await _found(session, order_id)
        way_out = await _way_out(session, found, acting)
        person = await users.find(session, found.order.user_id)
        before = await refunding.by_hand(session, order_id)
    if way_out is not None:
        return await screens.reply(message, way_out)
    amount, reason = _amount(words, found.left), words.reason()
    refunding.require(found, amount)
    params: dict[str, Any] = {
        "order": str(order_id),
        "name": person.name if person else "",
        "amount": amount,
        "charge": found.order.charge,
        "before": found.order.refunded,
        "reason": reason,
    }
    large = before + amount > acting.settings.second_admin_above  # in parts it is as much
    step = LARGE if large else SMALL
    acting.require(step.least)
    return await confirm.ask(message, step, params, acting, db, subject=f"order:{order_id}", large=large)


async def _found(session: ReadSession, order_id: int) -> Refundable:
    try:
        return await refunding.look(session, order_id)
    except OrderNotFound:
        raise Misread("orders-no-such", order=str(order_id)) from None


def _amount(words: Words, left: Money) -> Money:
    """What is typed before the reason: an amount, "all", or nothing, which is all as well."""
    word = words.peek().lower()
    if word == ALL:
        words.next()
        return left
    return words.amount() if word[:1].isdigit() or word.startswith(("+", "-")) else left


async def _way_out(session: ReadSession, found: Refundable, acting: Acting) -> Screen | None:
    """What to do about an order that is under way, or of which all is back; None where money can be given back."""
    texts, order = acting.texts, found.order
    if not found.open:
        if found.left:
            return None
        raise RefundRefused(reason="nothing", left=found.left)
    standing = await canceling.standing(session, order.id, acting.settings.policy)
    told = texts("refund-open", way=standing.way, provider=standing.provider, order=str(order.id), charge=order.charge)
    attempt = (await placing.attempts(session, [order.id]))[order.id]
    story = keyboards.tap(texts.bare("button-order", order=str(order.id)), staff_buttons.Story(order_id=order.id))
    return Screen(lines(told), keyboards.stack(*_buttons(standing, attempt, acting), [story]))


def _buttons(standing: Standing, attempt: int, acting: Acting) -> list[Row]:
    """The ways out of an order that is under way."""
    texts, order_id = acting.texts, standing.order_id
    match standing.way:
        case "give_back" | "ask":
            off = staff_buttons.CallOff(order_id=order_id)
            return [[keyboards.tap(texts.bare("button-call-off"), off, "danger")]]
        case "missing":
            return [[keyboards.tap(texts.bare("button-count"), callbacks.CountByHand(order_id=order_id))]]
        case "doubt" if attempt:
            return keyboards.decide(texts, order_id, attempt)
        case _:
            return []


async def _take(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    params = asked.params
    after, balance = await refunding.refund(
        write,
        order_id=int(params["order"]),
        amount=params["amount"],
        before=params["before"],
        note=params["reason"],
        actor=acting.actor,
        now=acting.now,
    )
    texts = acting.texts
    story = keyboards.tap(texts.bare("button-order", order=str(after.id)), staff_buttons.Story(order_id=after.id))
    told = lines(texts("refund-done", **params), texts("credit-balance", balance=balance))
    return Screen(told, keyboards.stack([story]))


SMALL = Step("refund", Role.SUPPORT, _take)
LARGE = Step("refund-large", Role.MANAGER, _take)
