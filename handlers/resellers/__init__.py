"""The reseller's side, in the order in which an update is tried: applying for everybody, the rest for who may sell."""

from aiogram import Router

from handlers.resellers import account, applying, desk, hearing, keys, messages, prices, site, usage
from handlers.resellers.gate import Approved


def router() -> Router:
    """Every handler of it."""
    selling = Router(name="selling")
    for observer in (selling.message, selling.callback_query):
        observer.middleware(Approved())
    selling.include_routers(
        desk.router(),
        keys.router(),
        site.router(),
        messages.router(),
        prices.router(),
        account.router(),
        hearing.router(),
        usage.router(),
    )
    router = Router(name="resellers")
    router.include_routers(applying.router(), selling)
    return router
