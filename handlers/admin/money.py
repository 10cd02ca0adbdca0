"""Money by hand: /credit puts an amount into somebody's wallet."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from handlers import screens
from handlers.i18n import Texts
from handlers.screens import Screen, lines
from services import outbox, users, wallet
from services.db import Database
from services.money import ZERO, Money
from services.notices import Credited
from services.users import Person

LONGEST_REASON = 200
_ARGUMENTS = re.compile(r"\s*([0-9]{1,18})\s+(\S+)(?:\s+(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Credit:
    """What an admin asked for: `amount` as typed."""

    user_id: int
    amount: str
    reason: str


def router() -> Router:
    """The commands that move money."""
    router = Router(name="admin-money")
    router.message.register(credit, Command("credit"))
    return router


def asked(arguments: str | None) -> Credit | None:
    """`<user id> <amount> [reason]`, or None where that is not what it is."""
    found = _ARGUMENTS.fullmatch(arguments or "")
    if found is None:
        return None
    return Credit(int(found[1]), found[2], (found[3] or "").strip()[:LONGEST_REASON])


async def credit(
    message: Message, command: CommandObject, db: Database, texts: Texts, user: Person, now: Callable[[], datetime]
) -> None:
    """/credit <user id> <amount> [reason]: once for each message, however often that message is handed in."""
    wanted = asked(command.args)
    if wanted is None:
        return await screens.reply(message, Screen(texts("credit-usage")))
    try:
        amount = Money.parse(wanted.amount.removeprefix("+"))
    except ValueError:
        return await screens.reply(message, Screen(texts("credit-bad-amount", text=wanted.amount)))
    if amount <= ZERO:
        return await screens.reply(message, Screen(texts("credit-not-positive")))
    return await screens.reply(message, await _credited(message, wanted, amount, db, texts, user, now()))


async def _credited(
    message: Message, wanted: Credit, amount: Money, db: Database, texts: Texts, admin: Person, now: datetime
) -> Screen:
    key = f"credit:{message.chat.id}:{message.message_id}"
    async with db.write() as session:
        person = await users.find(session, wanted.user_id)
        if person is None:
            return Screen(texts("credit-unknown-user", id=str(wanted.user_id)))
        balance = await wallet.credit(
            session, user_id=person.id, amount=amount, key=key, actor=f"admin:{admin.id}", now=now
        )
        notice = Credited(amount=amount, balance=balance, reason=wanted.reason)
        await outbox.put(session, [outbox.Outgoing(key, person.id, notice)], now)
    return Screen(
        lines(
            texts("credit-done", amount=amount, name=person.name, id=str(person.id)),
            texts("credit-balance", balance=balance),
        )
    )
