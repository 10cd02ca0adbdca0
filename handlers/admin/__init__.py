"""The admin side, behind one gate: whoever has no role finds nothing here, and each role what it may do."""

from aiogram import Router

from handlers.admin import (
    broadcast,
    doubts,
    gate,
    log,
    markup,
    money,
    panels,
    roles,
    sales,
    stocking,
    stranded,
    wares,
    words,
)
from handlers.admin.confirm import Confirming

STEPS = (money.CREDIT, money.DEBIT, roles.GRANT, broadcast.SEND, words.PUBLISH, markup.MARKUP, markup.SERVICE_MARKUP)
"""What is asked for before it is done."""


def router() -> Router:
    """Every admin handler."""
    router = Router(name="admin")
    for observer in (router.message, router.callback_query):
        observer.filter(gate.StaffOnly())
        observer.middleware(gate.Allowed())
    router.include_routers(
        money.router(),
        wares.router(),
        stocking.router(),
        markup.router(),
        panels.router(),
        sales.router(),
        broadcast.router(),
        words.router(),
        roles.router(),
        log.router(),
        doubts.router(),
        stranded.router(),
        Confirming(STEPS).router(),
        stocking.answers(),
    )
    return router
