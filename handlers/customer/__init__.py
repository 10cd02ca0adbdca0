"""What customers can do, in the order in which an update is tried."""

from aiogram import Router

from handlers.customer import (
    answers,
    browse,
    buying,
    finishing,
    history,
    order,
    preferences,
    refill,
    rest,
    start,
    wallet,
    words,
)


def router() -> Router:
    """Every customer handler: commands first, then answers to questions, then whatever is left."""
    router = Router(name="customer")
    router.include_routers(
        browse.router(),
        history.router(),
        wallet.router(),
        finishing.router(),
        preferences.router(),
        words.router(),
        start.router(),
        order.router(),
        answers.router(),
        buying.router(),
        rest.router(),
        refill.router(),
        start.fallback(),
    )
    return router
