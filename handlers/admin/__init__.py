"""The admin side, behind one gate: whoever has no role finds nothing here, and each role what it may do."""

from aiogram import Router

from handlers.admin import (
    applications,
    as_they_see,
    auditing,
    backup,
    bans,
    broadcast,
    cancels,
    coming,
    doubts,
    export,
    gate,
    held,
    log,
    maintenance,
    markup,
    mending,
    money,
    orders,
    panels,
    people,
    refunds,
    resellers,
    resends,
    restored,
    roles,
    sales,
    stats,
    stocking,
    stranded,
    tiers,
    wares,
    words,
)
from handlers.admin.confirm import Confirming

STEPS = (
    money.CREDIT,
    money.DEBIT,
    roles.GRANT,
    broadcast.SEND,
    words.PUBLISH,
    markup.MARKUP,
    markup.SERVICE_MARKUP,
    refunds.SMALL,
    refunds.LARGE,
    resends.OFFER,
    resends.SMALL,
    resends.LARGE,
    bans.BAN,
    bans.UNBAN,
    mending.SELL,
    tiers.TIER,
    resellers.SUSPEND,
    resellers.LET_IN,
    restored.COMPARED,
)
"""What is asked for before it is done."""


def router() -> Router:
    """Every admin handler."""
    router = Router(name="admin")
    for observer in (router.message, router.callback_query):
        observer.filter(gate.StaffOnly())
        observer.middleware(gate.Allowed())
    router.include_routers(
        stats.router(),
        export.router(),
        auditing.router(),
        mending.router(),
        money.router(),
        wares.router(),
        stocking.router(),
        coming.router(),
        markup.router(),
        panels.router(),
        sales.router(),
        broadcast.router(),
        words.router(),
        maintenance.router(),
        backup.router(),
        restored.router(),
        roles.router(),
        applications.router(),
        resellers.router(),
        tiers.router(),
        log.router(),
        orders.router(),
        held.router(),
        refunds.router(),
        cancels.router(),
        resends.router(),
        people.router(),
        bans.router(),
        as_they_see.router(),
        doubts.router(),
        stranded.router(),
        Confirming(STEPS).router(),
        stocking.answers(),
    )
    return router
