"""Orders called off: /cancel with a number gives back what never left, or asks the provider to cancel it."""

from collections.abc import Mapping
from typing import Any

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from handlers import callbacks, keyboards, screens, staff_buttons
from handlers.admin import gate, orders
from handlers.admin.arguments import Misread, Words
from handlers.admin.gate import Acting
from handlers.keyboards import Row
from handlers.screens import Screen, brief
from services import actions, canceling, placing, staff
from services.canceling import Standing
from services.db import Database, ReadSession
from services.errors import OrderNotFound, TooLate
from services.roles import Role


def router() -> Router:
    """The command with a number, and the button."""
    router = Router(name="admin-cancels")
    gate.commands(router, {"cancel": cancel}, told=True)
    gate.button(router, staff_buttons.CallOff, call_off, Role.SUPPORT)
    return router


async def cancel(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/cancel <order>: what that means is said first."""
    words = Words(command.args)
    order_id = words.number()
    words.end()
    async with db.read() as session:
        screen = await _asked(session, order_id, acting)
    await screens.reply(message, screen)


async def call_off(
    query: CallbackQuery,
    callback_data: staff_buttons.CallOff,
    db: Database,
    providers: Mapping[str, Any],
    acting: Acting,
) -> None:
    """Say what it means, or do it where that was said."""
    order_id = callback_data.order_id
    async with db.read() as session:
        question = await _asked(session, order_id, acting)
        standing = await canceling.standing(session, order_id, acting.settings.policy)
    if not callback_data.sure or standing.way not in ("give_back", "ask"):
        await screens.toast(query)
        return await screens.show(query, question, new=not callback_data.sure)
    try:
        if standing.way == "give_back":
            screen = await _given_back(order_id, db, acting)
        else:
            screen = await _asked_for(order_id, db, providers, acting)
    except TooLate:  # it moved since
        async with db.read() as session:
            screen = await _asked(session, order_id, acting)
    await screens.toast(query)
    return await screens.show(query, screen)


async def _asked(session: ReadSession, order_id: int, acting: Acting) -> Screen:
    texts = acting.texts
    try:
        standing = await canceling.standing(session, order_id, acting.settings.policy)
    except OrderNotFound:
        raise Misread("orders-no-such", order=str(order_id)) from None
    attempt = (await placing.attempts(session, [order_id]))[order_id]
    told = texts(
        "call-off",
        way=standing.way,
        order=str(order_id),
        provider=standing.provider,
        promised="yes" if standing.promised else "no",
    )
    story = keyboards.tap(texts.bare("button-order", order=str(order_id)), staff_buttons.Story(order_id=order_id))
    return Screen(told, keyboards.stack(*_ways(standing, attempt, acting), [story]))


def _ways(standing: Standing, attempt: int, acting: Acting) -> list[Row]:
    texts, order_id = acting.texts, standing.order_id
    sure = staff_buttons.CallOff(order_id=order_id, sure=True)
    match standing.way:
        case "give_back":
            return [[keyboards.tap(texts.bare("button-give-back"), sure, "danger")]]
        case "ask":
            label = texts.bare("button-ask-to-cancel", provider=standing.provider)
            return [[keyboards.tap(label, sure, "danger")]]
        case "missing":
            return [[keyboards.tap(texts.bare("button-count"), callbacks.CountByHand(order_id=order_id))]]
        case "doubt" if attempt:
            return keyboards.decide(texts, order_id, attempt)
        case _:
            return []


async def _given_back(order_id: int, db: Database, acting: Acting) -> Screen:
    async with db.write() as session:
        await canceling.give_back(session, order_id=order_id, now=acting.now)
        await acting.record(session, "called-off", f"order:{order_id}")
        return await orders.told(session, order_id, acting, acting.texts("called-off", order=str(order_id)))


async def _asked_for(order_id: int, db: Database, providers: Mapping[str, Any], acting: Acting) -> Screen:
    """Written down before the provider is asked, and its answer after: whoever dies in between leaves a trace."""
    subject = f"order:{order_id}"
    async with db.write() as session:
        await canceling.unwanted(session, order_ids=[order_id])
        await acting.record(session, "cancel-asked", subject)
    answer = await canceling.ask(db, providers, order_id=order_id)
    detail = {"code": answer.code, "provider": answer.provider, "text": brief(answer.text, 200) or "-"}
    async with db.write() as session:
        key = f"{acting.key}:answer"
        await actions.record(
            session,
            key=key,
            actor=acting.actor,
            code="cancel-answered",
            subject=subject,
            detail=detail,
            now=acting.now,
        )
        policy = await staff.informed(session, acting.settings.policy)
        if answer.code != "refused":
            await canceling.hurry(session, order_id=order_id, policy=policy, now=acting.now)
        return await orders.told(session, order_id, acting, acting.texts("cancel-answer", **detail))
