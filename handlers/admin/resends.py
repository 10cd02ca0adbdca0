"""The rest of a stopped order on another service: offered to its customer, or ordered for them at their wish."""

from datetime import timedelta
from typing import Any

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers import amounts, keyboards, screens, staff_buttons
from handlers.admin import confirm, gate
from handlers.admin.arguments import Misread
from handlers.admin.confirm import Step
from handlers.admin.gate import Acting
from handlers.i18n import Html, Texts
from handlers.keyboards import Row
from handlers.screens import Screen, lines
from services import resending, users
from services.approvals import Asked
from services.db import Database, WriteSession
from services.errors import NotEnoughMoney, OrderNotFound, QuoteGone, TheirWalletShort
from services.resending import Choice, Choices
from services.roles import Role

SHOWN = 6
"""Ways to have a rest that are shown."""


def router() -> Router:
    """The buttons."""
    router = Router(name="admin-resends")
    gate.button(router, staff_buttons.Resend, choose, Role.SUPPORT)
    gate.button(router, staff_buttons.ResendOn, resend, Role.SUPPORT)
    return router


async def choose(query: CallbackQuery, callback_data: staff_buttons.Resend, db: Database, acting: Acting) -> None:
    """Where could it be had, and for how much?"""
    try:
        async with db.read() as session:
            found = await resending.choices(session, callback_data.order_id, acting.now)
    except OrderNotFound:
        raise Misread("orders-no-such", order=str(callback_data.order_id)) from None
    await screens.toast(query)
    return await screens.show(query, _choices(acting.texts, found), new=True)


def _choices(texts: Texts, found: Choices) -> Screen:
    order = found.order
    remaining = amounts.amount(texts, found.remaining, order.unit)
    told = [texts("resend-way", what=_named(texts, each), price=each.price) for each in found.choices[:SHOWN]]
    text = lines(
        texts("resend-title", order=str(order.id), remaining=remaining),
        texts("resend-balance", balance=found.balance, refunded=order.refunded),
        "",
        *([texts("resend-none", reason=found.none)] if found.none else told),
        *(("", texts("resend-hint")) if told else ()),
    )
    rows = [row for each in found.choices[:SHOWN] for row in _buttons(texts, order.id, each)]
    back = keyboards.tap(texts.bare("button-order", order=str(order.id)), staff_buttons.Story(order_id=order.id))
    return Screen(text, keyboards.stack(*rows, [back]))


def _named(texts: Texts, choice: Choice) -> Html:
    told = [
        texts("resend-portion", server=each.server, provider=each.provider, quantity=each.quantity)
        for each in choice.portions
    ]
    return Html(" + ".join(told))


def _buttons(texts: Texts, order_id: int, choice: Choice) -> list[Row]:
    servers = " + ".join(each.server for each in choice.portions)
    offer = staff_buttons.ResendOn(order_id=order_id, service_id=choice.service_id, how="offer")
    now = staff_buttons.ResendOn(order_id=order_id, service_id=choice.service_id, how="order")
    label = texts.bare("button-offer-it", server=servers, price=choice.price)
    ordering = [] if choice.missing else [keyboards.tap(texts.bare("button-order-it", server=servers), now)]
    return [[keyboards.tap(label, offer, "success"), *ordering]]


async def resend(query: CallbackQuery, callback_data: staff_buttons.ResendOn, db: Database, acting: Acting) -> None:
    """Say what will happen and wait for a yes. QuoteGone where it cannot be had there any more."""
    order_id, service_id = callback_data.order_id, callback_data.service_id
    async with db.read() as session:
        found = await resending.choices(session, order_id, acting.now)
        person = await users.find(session, found.order.user_id)
    choice = next((each for each in found.choices if each.service_id == service_id), None)
    if choice is None or person is None:
        raise QuoteGone
    params: dict[str, Any] = {
        "order": str(order_id),
        "service": str(service_id),
        "name": person.name,
        "what": " + ".join(f"{each.server} ({each.provider}): {each.quantity}" for each in choice.portions),
        "price": choice.price,
    }
    if callback_data.how == "offer":
        return await confirm.ask(query, OFFER, params, acting, db, subject=f"order:{order_id}")
    large = choice.price > acting.settings.second_admin_above
    step = LARGE if large else SMALL
    acting.require(step.least)
    return await confirm.ask(query, step, params, acting, db, subject=f"order:{order_id}", large=large)


async def _offer(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    order_id, service_id = int(asked.params["order"]), int(asked.params["service"])
    await resending.offer(write, order_id=order_id, service_id=service_id, key=f"approval:{asked.id}", now=acting.now)
    return _done(order_id, acting.texts("offered-done", **asked.params), acting.texts)


async def _order(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    order_id = int(asked.params["order"])
    try:
        made = await resending.order_for(
            write,
            order_id=order_id,
            service_id=int(asked.params["service"]),
            price=asked.params["price"],
            undo=timedelta(seconds=acting.settings.undo_seconds),
            key=f"approval:{asked.id}",
            now=acting.now,
        )
    except NotEnoughMoney as short:
        raise TheirWalletShort(**short.params) from short
    return _done(made[0].id, acting.texts("resent-done", **asked.params, new=str(made[0].id)), acting.texts)


def _done(order_id: int, told: Html, texts: Texts) -> Screen:
    story = keyboards.tap(texts.bare("button-order", order=str(order_id)), staff_buttons.Story(order_id=order_id))
    return Screen(told, keyboards.stack([story]))


OFFER = Step("offer", Role.SUPPORT, _offer)
SMALL = Step("resend", Role.SUPPORT, _order)
LARGE = Step("resend-large", Role.MANAGER, _order)
