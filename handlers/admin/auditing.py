"""/audit: what the last audit of the books found, and another one at once, whose verdict comes in place."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from handlers import alerts, callbacks, screens
from handlers.admin import gate
from handlers.admin.gate import Acting
from handlers.screens import Screen
from services import alarm, auditing
from services.db import Database
from services.roles import Role


def router() -> Router:
    """The command and its button."""
    router = Router(name="admin-audit")
    gate.commands(router, {"audit": show})
    gate.button(router, callbacks.AuditNow, audit_now, Role.READER)
    return router


async def show(message: Message, db: Database, acting: Acting) -> None:
    """The last verdict."""
    async with db.read() as session:
        verdict = await alarm.last(session)
    if verdict is None:
        return await screens.reply(message, alerts.verdict(acting.texts, None, ()))
    broken = [str(breach.invariant) for breach in verdict.breaches]
    return await screens.reply(message, alerts.verdict(acting.texts, verdict.at, broken))


async def audit_now(query: CallbackQuery, db: Database, acting: Acting) -> None:
    """Ask for an audit: a job does it beside everything else, and answers in this message.

    The message says so first, or its answer might come before.
    """
    await screens.toast(query)
    under_way = Screen(acting.texts("audit-under-way"))
    in_place = query.message.message_id if isinstance(query.message, Message) else None
    await screens.show(query, under_way)
    async with db.write() as session:
        await acting.record(session, "audit", auditing.SUBJECT, chat=query.from_user.id, message=in_place)
        session.announce(auditing.TOPIC)
