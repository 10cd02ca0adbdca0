"""The admin side, behind one gate: whoever has no role finds nothing here, and each role what it may do."""

from aiogram import Router

from handlers.admin import broadcast, doubts, gate, log, money, roles, sales, stranded, words
from handlers.admin.confirm import Confirming

STEPS = (money.CREDIT, money.DEBIT, roles.GRANT, broadcast.SEND, words.PUBLISH)
"""What is asked for before it is done."""


def router() -> Router:
    """Every admin handler."""
    router = Router(name="admin")
    for observer in (router.message, router.callback_query):
        observer.filter(gate.StaffOnly())
        observer.middleware(gate.Allowed())
    router.include_routers(
        money.router(),
        sales.router(),
        broadcast.router(),
        words.router(),
        roles.router(),
        log.router(),
        doubts.router(),
        stranded.router(),
        Confirming(STEPS).router(),
    )
    return router
