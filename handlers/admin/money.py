"""Money by hand: /credit puts an amount into somebody's wallet, /debit takes one out; large ones need two people."""

from collections.abc import Mapping
from typing import Any

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers import keyboards, screens
from handlers.admin import confirm, gate
from handlers.admin.arguments import Words
from handlers.admin.confirm import Step
from handlers.admin.gate import Acting
from handlers.screens import Screen, lines
from handlers.staff_buttons import Card
from services import outbox, users, wallet
from services.approvals import Asked
from services.db import Database, WriteSession
from services.errors import NotEnoughMoney, TheirWalletShort
from services.money import Money
from services.notices import Credited, Debited
from services.roles import Role


def router() -> Router:
    """The commands that move money."""
    router = Router(name="admin-money")
    gate.commands(router, {"credit": credit, "debit": debit})
    return router


async def credit(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/credit <person> <amount> [reason]: once for each message, however often that message is handed in."""
    words = Words(command.args)
    who, amount, reason = words.next(), words.amount(), words.rest()
    async with db.read() as session:
        person = await users.known(session, who)
    subject, params = f"user:{person.id}", _params(person, amount, reason)
    if amount > acting.settings.second_admin_above:
        return await confirm.ask(message, CREDIT, params, acting, db, subject=subject, large=True)
    async with db.write() as session:
        screen = await _credited(session, f"credit:{acting.key}", params, acting)
        await acting.record(session, CREDIT.code, subject, **params)
    return await screens.reply(message, screen)


async def debit(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/debit <person> <amount> <reason>: asked for first; the customer is told."""
    words = Words(command.args)
    who, amount, reason = words.next(), words.amount(), words.reason()
    async with db.read() as session:
        person = await users.known(session, who)
        balance = await wallet.balance(session, person.id)
    if balance < amount:
        raise TheirWalletShort(price=amount, balance=balance, missing=amount - balance)
    large = amount > acting.settings.second_admin_above
    params = _params(person, amount, reason)
    return await confirm.ask(message, DEBIT, params, acting, db, subject=f"user:{person.id}", large=large)


def _params(person: users.Person, amount: Money, reason: str) -> dict[str, Any]:
    return {"id": str(person.id), "name": person.name, "amount": amount, "reason": reason}


async def _take_credit(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    return await _credited(write, f"credit:approval:{asked.id}", asked.params, acting)


async def _credited(write: WriteSession, key: str, params: Mapping[str, Any], acting: Acting) -> Screen:
    who, amount, now = int(params["id"]), params["amount"], acting.now
    balance = await wallet.credit(write, user_id=who, amount=amount, key=key, actor=acting.actor, now=now)
    await outbox.put(write, [outbox.Outgoing(key, who, Credited(amount, balance, params["reason"]))], now)
    return _moved("credit-done", params, balance, acting)


async def _take_debit(write: WriteSession, asked: Asked, acting: Acting) -> Screen:
    key, who, amount, now = f"debit:{asked.id}", int(asked.params["id"]), asked.params["amount"], acting.now
    try:
        balance = await wallet.debit(write, user_id=who, amount=amount, key=key, actor=acting.actor, now=now)
    except NotEnoughMoney as short:
        raise TheirWalletShort(**short.params) from short
    await outbox.put(write, [outbox.Outgoing(key, who, Debited(amount, balance, asked.params["reason"]))], now)
    return _moved("debit-done", asked.params, balance, acting)


def _moved(said: str, params: Mapping[str, Any], balance: Money, acting: Acting) -> Screen:
    texts = acting.texts
    person = keyboards.tap(texts.bare("button-person", name=params["name"]), Card(user_id=int(params["id"]), new=True))
    told = lines(texts(said, **params), texts("credit-balance", balance=balance))
    return Screen(told, keyboards.stack([person]))


CREDIT = Step("credit", Role.MANAGER, _take_credit)
DEBIT = Step("debit", Role.MANAGER, _take_debit)
