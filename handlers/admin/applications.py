"""Applications to sell on: the two answers under each, decided once by whoever is first."""

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers import reseller_notices, screens
from handlers.admin import gate
from handlers.admin.gate import Acting
from handlers.reseller_buttons import DecideApplication
from handlers.screens import Screen, lines
from services import applications, resellers, users
from services.db import Database
from services.roles import Role


def router() -> Router:
    """The buttons under an application."""
    router = Router(name="admin-applications")
    gate.button(router, DecideApplication, decide, Role.MANAGER)
    return router


async def decide(query: CallbackQuery, callback_data: DecideApplication, db: Database, acting: Acting) -> None:
    """Approve or refuse; whoever comes second reads how it was decided, and by whom."""
    who, approve, texts = callback_data.user_id, callback_data.approve, acting.texts
    async with db.write() as session:
        state = resellers.APPROVED if approve else resellers.REFUSED
        first = await applications.decide(
            session, who, state=state, actor=acting.actor, now=acting.now, asked=callback_data.asked
        )
        if first:
            code = "application-approved" if approve else "application-refused"
            await acting.record(session, code, f"user:{who}")
        found = await resellers.find(session, who)
        by = await users.find(session, int((found.decided_by or "0").rpartition(":")[2])) if found else None
    await screens.toast(query)
    if found is None:
        return await screens.show(query, Screen(texts("application-gone")))
    head = reseller_notices.about(texts, found.name, who, found.about)
    told = texts("application-stands", state=found.state, by=by.name if by else "")
    return await screens.show(query, Screen(lines(head, "", told)))
