"""Middleware order, router order, and the names that handlers may ask for."""

from collections.abc import Callable, Mapping
from datetime import datetime

from aiogram import Dispatcher

import handlers
from bot import errors, middlewares, upstream
from bot.fsm import Conversations
from bot.settings import Settings
from handlers.i18n import Catalogue
from services.db import Database
from services.link_check import LinkCheck
from services.provider import PanelClient


def build(
    *,
    db: Database,
    settings: Settings,
    catalogue: Catalogue,
    providers: Mapping[str, PanelClient],
    pages: LinkCheck | None = None,
    now: Callable[[], datetime],
    clock: Callable[[], float],
) -> Dispatcher:
    """The conversation, ready to be fed. Handlers ask by name for the keywords below, `user`, `texts` and `state`."""
    conversations = Conversations(db, now)
    dispatcher = Dispatcher(
        storage=conversations,
        db=db,
        settings=settings,
        catalogue=catalogue,
        providers=providers,
        fetchers=upstream.fetchers(db, settings, providers, now),
        pages=pages,
        now=now,
    )
    middlewares.install(dispatcher, db, conversations, catalogue, now, clock, settings.admin_ids)
    dispatcher.include_routers(errors.router(), *handlers.routers())
    return dispatcher
