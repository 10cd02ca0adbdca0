"""Orders that only a person can decide: in doubt at a provider, or with a delivered count nobody can read."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message

from handlers import callbacks, keyboards, screens
from handlers.admin import gate
from handlers.admin.gate import Acting
from handlers.i18n import Texts
from handlers.screens import Screen, lines
from handlers.states import Deciding
from services import doubts, quantities
from services.db import Database
from services.doubts import Doubt
from services.errors import InvalidInput, OrderNotFound, TooLate
from services.roles import Role

LONGEST_ID = 64
"""Characters that a provider's order id may have; panels use numbers, some use words."""


def router() -> Router:
    """The buttons under the alerts that ask for a decision, and the answers typed to them."""
    router = Router(name="admin-doubts")
    gate.button(router, callbacks.ShowDoubt, show, Role.READER)
    gate.button(router, callbacks.Arrived, ask_id, Role.SUPPORT)
    gate.button(router, callbacks.Missing, ask_sure, Role.SUPPORT)
    gate.button(router, callbacks.SettleMissing, missing, Role.SUPPORT)
    gate.button(router, callbacks.CountByHand, ask_count, Role.SUPPORT)
    gate.answer(router, Deciding.provider_id, id_given, Role.SUPPORT)
    gate.answer(router, Deciding.count, count_given, Role.SUPPORT)
    return router


async def show(query: CallbackQuery, callback_data: callbacks.ShowDoubt, db: Database, texts: Texts) -> None:
    """All that is known of the order, with the hints."""
    try:
        async with db.read() as session:
            doubt = await doubts.describe(session, callback_data.order_id)
    except OrderNotFound as refusal:
        return await screens.toast(query, texts.bare(refusal.code), alert=True)
    await screens.toast(query)
    return await screens.show(query, _told(texts, doubt), new=True)


async def _overtaken(db: Database, texts: Texts, order_id: int) -> Screen:
    """What who decides too late is shown: that nothing more was done, and how the order stands by now."""
    async with db.read() as session:
        doubt = await doubts.describe(session, order_id)
    return _told(texts, doubt, texts("doubt-overtaken", order=str(order_id)))


def _told(texts: Texts, doubt: Doubt, head: str | None = None) -> Screen:
    order = doubt.order
    fell = doubt.balance_before is not None and doubt.balance_after is not None
    return Screen(
        lines(
            *((head, "") if head else ()),
            texts("doubt-title", order=str(order.id), status=order.status),
            texts("doubt-where", provider=doubt.provider, service=doubt.provider_service),
            texts("doubt-what", quantity=order.quantity, charge=order.charge, link=order.link),
            texts("doubt-sent", at=doubt.licensed_at, attempt=doubt.attempt),
            texts("doubt-evidence", evidence=screens.brief(doubt.evidence, 600)) if doubt.evidence else None,
            "",
            texts("doubt-hint-duplicate", orders=", ".join(f"#{number}" for number in doubt.refused_since))
            if doubt.refused_since
            else None,
            texts("doubt-hint-balance", before=str(doubt.balance_before), after=str(doubt.balance_after))
            if fell
            else None,
            texts("doubt-no-hint") if not fell and not doubt.refused_since else None,
        ),
        keyboards.stack(*keyboards.decide(texts, order.id, doubt.attempt)) if order.status == "unknown" else None,
    )


async def ask_id(query: CallbackQuery, callback_data: callbacks.Arrived, state: FSMContext, texts: Texts) -> None:
    """It is there: under which id?"""
    await _await(state, Deciding.provider_id, callback_data.order_id, callback_data.attempt)
    await screens.toast(query)
    await screens.show(query, Screen(texts("doubt-ask-id", order=str(callback_data.order_id))), new=True)


async def id_given(
    message: Message, state: FSMContext, db: Database, providers: Mapping[str, Any], acting: Acting
) -> None:
    """The provider's id of an order in doubt, taken where the provider knows it: nothing else can take it back."""
    texts = acting.texts
    order_id, attempt = await _awaited(state)
    provider_order_id = (message.text or "").strip().lstrip("#")
    if order_id is None or not provider_order_id.isascii() or not 0 < len(provider_order_id) <= LONGEST_ID:
        return await screens.reply(message, Screen(texts("doubt-bad-id")))
    seen = await doubts.seen(db, providers, order_id=order_id, provider_order_id=provider_order_id)
    if not seen:
        why = "doubt-id-unchecked" if seen is None else "doubt-id-unknown"
        return await screens.reply(message, Screen(texts(why, id=provider_order_id)))
    try:
        async with db.write() as session:
            await doubts.arrived(
                session,
                order_id=order_id,
                attempt=attempt,
                provider_order_id=provider_order_id,
                actor=acting.actor,
                policy=acting.settings.policy,
                now=acting.now,
            )
            await acting.record(session, "doubt-arrived", f"order:{order_id}", id=provider_order_id)
        answer = Screen(texts("doubt-arrived", order=str(order_id), id=provider_order_id))
    except TooLate:
        answer = await _overtaken(db, texts, order_id)
    await state.set_state(None)
    return await screens.reply(message, answer)


async def ask_sure(query: CallbackQuery, callback_data: callbacks.Missing, texts: Texts) -> None:
    """It is not there: the money back, or once more?"""
    order_id = callback_data.order_id
    settle = partial(callbacks.SettleMissing, order_id=order_id, attempt=callback_data.attempt)
    keyboard = keyboards.stack(
        [keyboards.tap(texts.bare("button-give-back"), settle(again=False), "success")],
        [keyboards.tap(texts.bare("button-send-again"), settle(again=True), "danger")],
    )
    await screens.toast(query)
    await screens.show(query, Screen(texts("doubt-sure", order=str(order_id)), keyboard), new=True)


async def missing(query: CallbackQuery, callback_data: callbacks.SettleMissing, db: Database, acting: Acting) -> None:
    """The admin made sure: it is not there."""
    texts, order_id, again = acting.texts, callback_data.order_id, callback_data.again
    said = "doubt-sent-again" if again else "doubt-given-back"
    try:
        async with db.write() as session:
            await doubts.missing(
                session,
                order_id=order_id,
                attempt=callback_data.attempt,
                again=again,
                actor=acting.actor,
                now=acting.now,
            )
            await acting.record(session, said, f"order:{order_id}")
    except TooLate:
        fresh = await _overtaken(db, texts, order_id)
        await screens.toast(query, texts.bare("doubt-overtaken", order=str(order_id)), alert=True)
        return await screens.show(query, fresh)
    await screens.toast(query)
    return await screens.show(query, Screen(texts(said, order=str(order_id))))


async def ask_count(
    query: CallbackQuery, callback_data: callbacks.CountByHand, state: FSMContext, texts: Texts
) -> None:
    """The panel does not say how much is left: how many were delivered?"""
    await _await(state, Deciding.count, callback_data.order_id)
    await screens.toast(query)
    await screens.show(query, Screen(texts("count-ask", order=str(callback_data.order_id))), new=True)


async def count_given(message: Message, state: FSMContext, db: Database, acting: Acting) -> None:
    """The delivered count that an admin read off at the provider; 0 is a count too."""
    texts, policy, now = acting.texts, acting.settings.policy, acting.now
    order_id, _ = await _awaited(state)
    text = (message.text or "").strip()
    if order_id is None:
        return await screens.reply(message, Screen(texts("count-refused")))
    try:
        delivered = 0 if text == "0" else quantities.parse(text)
        async with db.write() as session:
            await doubts.counted(session, order_id=order_id, delivered=delivered, policy=policy, now=now)
            await acting.record(session, "counted", f"order:{order_id}", delivered=delivered)
        answer = Screen(texts("count-done", order=str(order_id), delivered=delivered))
    except InvalidInput:
        return await screens.reply(message, Screen(texts("count-bad", text=screens.brief(text))))
    except TooLate:
        answer = Screen(texts("count-refused"))
    await state.set_state(None)
    return await screens.reply(message, answer)


async def _await(state: FSMContext, step: State, order_id: int, attempt: int = 0) -> None:
    """Wait for the answer to `step`; an order that the admin is making as a customer stays as it is."""
    await state.update_data(deciding=order_id, deciding_attempt=attempt)
    await state.set_state(step)


async def _awaited(state: FSMContext) -> tuple[int | None, int]:
    """The order that the admin was asked about, and the attempt that they knew of."""
    data = await state.get_data()
    return data.get("deciding"), data.get("deciding_attempt", 0)
