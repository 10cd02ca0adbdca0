"""The providers: /providers shows how each stands, /provider one in full, /sync fetches catalogues now."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from handlers import amounts, badges, keyboards, screens
from handlers.admin import gate
from handlers.admin.arguments import Misread, Words
from handlers.admin.gate import Acting
from handlers.i18n import Html, Texts
from handlers.screens import Screen, brief, lines
from handlers.stock_callbacks import Fetch, PanelCard, Wares, fits
from services import health, markups, panels
from services.db import Database, ReadSession
from services.errors import NotInCatalogue
from services.panels import Panel
from services.roles import Role
from services.stock import Fetched

Fetchers = Mapping[str, Callable[[], Awaitable[Fetched]]]
"""What fetches a provider's catalogue, by the provider's name."""
LONGEST_ERROR = 200
SHOWN = 8
"""Providers told of in one message; each has its button."""


def router() -> Router:
    """The commands and the buttons of a provider."""
    router = Router(name="admin-panels")
    gate.commands(router, {"sync": sync, "providers": every, "provider": one})
    gate.button(router, PanelCard, open_card, Role.READER)
    gate.button(router, Fetch, fetch, Role.MANAGER)
    return router


async def sync(message: Message, command: CommandObject, db: Database, acting: Acting, fetchers: Fetchers) -> None:
    """/sync, /sync <provider>: all at the same time; one that fails holds up no other."""
    words, texts = Words(command.args), acting.texts
    names = [_named(words.next(), fetchers)] if words else sorted(fetchers)
    words.end()
    if not names:
        return await screens.reply(message, Screen(texts("sync-nobody")))
    told = await _fetched(db, acting, names, fetchers)
    return await screens.reply(message, Screen(lines(texts("sync-title"), *told)))


async def fetch(query: CallbackQuery, callback_data: Fetch, db: Database, acting: Acting, fetchers: Fetchers) -> None:
    """The same for one provider, from its card."""
    await screens.toast(query)
    name = callback_data.name
    told = await _fetched(db, acting, [name], fetchers) if name in fetchers else [acting.texts("sync-nobody")]
    async with db.read() as session:
        screen = await _card(session, acting, name, head=lines(*told))
    await screens.show(query, screen)


async def _fetched(db: Database, acting: Acting, names: Sequence[str], fetchers: Fetchers) -> list[Html]:
    """Ask, outside of any transaction, and write down what came of it."""
    found = await asyncio.gather(*(fetchers[name]() for name in names))
    reports = [each.report for each in found if each.report is not None]
    sums = {
        "asked": len(names),
        "failed": len(names) - len(reports),
        "added": sum(report.added for report in reports),
        "changed": sum(report.changed for report in reports),
        "withdrawn": sum(report.withdrawn for report in reports),
    }
    async with db.write() as session:
        subject = f"provider:{names[0]}" if len(names) == 1 else None
        await acting.record(session, "sync", subject, **sums)
    return [_told(acting.texts, name, each) for name, each in zip(names, found, strict=True)]


def _told(texts: Texts, name: str, fetched: Fetched) -> Html:
    report = fetched.report
    if report is None:
        return texts("sync-failed", provider=name, error=brief(fetched.error, LONGEST_ERROR))
    return texts(
        "sync-done",
        provider=name,
        added=report.added,
        changed=report.changed,
        withdrawn=report.withdrawn,
        skipped=report.skipped,
        guarded=report.guarded,
    )


def _named(word: str, known: Mapping[str, Any] | Sequence[str]) -> str:
    if word not in known:
        raise Misread("misread-provider", text=brief(word), among=", ".join(sorted(known)) or "–")
    return word


async def every(message: Message, db: Database, acting: Acting) -> None:
    """/providers"""
    texts = acting.texts
    async with db.read() as session:
        found = await panels.of_shop(session, acting.settings.policy.providers, acting.now)
    told = [line for panel in found[:SHOWN] for line in ("", *_glance(texts, panel, LONGEST_ERROR // 3))]
    more = len(found) - SHOWN
    buttons = [keyboards.tap(panel.name, PanelCard(name=panel.name)) for panel in found if fits(panel.name)]
    text = lines(
        texts("providers-title"),
        *(told or ["", texts("providers-none")]),
        *(["", texts("providers-more", count=more)] if more > 0 else []),
    )
    await screens.reply(message, Screen(text, keyboards.stack(*keyboards.grid(buttons, 2)) if buttons else None))


async def one(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/provider <name>"""
    words = Words(command.args)
    name = words.next()
    words.end()
    async with db.read() as session:
        screen = await _card(session, acting, name)
    await screens.reply(message, screen)


async def open_card(query: CallbackQuery, callback_data: PanelCard, db: Database, acting: Acting) -> None:
    """The same by a tap."""
    async with db.read() as session:
        screen = await _card(session, acting, callback_data.name)
    await screens.toast(query)
    await screens.show(query, screen)


async def _card(read: ReadSession, acting: Acting, name: str, *, head: str | None = None) -> Screen:
    texts, settings = acting.texts, acting.settings
    found = {panel.name: panel for panel in await panels.of_shop(read, settings.policy.providers, acting.now)}
    if name not in found:
        raise NotInCatalogue(kind="provider", id=brief(name))
    panel, fares = found[name], await health.of_provider(read, name, acting.now)
    standing = [each for each in await markups.in_force(read, settings.markups) if each.provider == name]
    text = lines(
        *((head, "") if head else ()),
        *_glance(texts, panel),
        "",
        texts("provider-stock", offered=panel.offered, hidden=panel.hidden, below=panel.below),
        *(texts("provider-markup", percent=amounts.percent(each.percent), apart=each.apart) for each in standing),
        badges.all_of(texts, name, fares),
    )
    return Screen(text, _keyboard(acting, panel))


def _keyboard(acting: Acting, panel: Panel) -> InlineKeyboardMarkup | None:
    texts, name = acting.texts, panel.name
    role = acting.admin.role
    if not fits(name):
        return None
    may = panel.known and role is not None and role >= Role.MANAGER
    return keyboards.stack(
        [keyboards.tap(texts.bare("button-fetch"), Fetch(name=name))] if may else [],
        [keyboards.tap(texts.bare("button-goods"), Wares(find=name))],
        [keyboards.tap(texts.bare("button-refresh"), PanelCard(name=name))],
    )


def _glance(texts: Texts, panel: Panel, longest: int = LONGEST_ERROR) -> Sequence[Html]:
    """A few lines, and what went wrong."""
    held = texts("provider-balance", balance=panel.balance or "", currency=panel.currency or "")
    return [
        texts("provider-title", name=panel.name, state=_state(panel)),
        held if panel.balance is not None else texts("provider-no-balance"),
        texts("provider-spend", spend=panel.spend, under_way=panel.under_way, open=panel.open),
        texts("provider-on-sale", count=panel.on_sale),
        texts("provider-synced", at=panel.synced_at) if panel.synced_at else texts("provider-never-synced"),
        *(
            [texts("provider-error", at=panel.last_error_at, error=brief(panel.last_error, longest))]
            if panel.last_error and panel.last_error_at
            else []
        ),
    ]


def _state(panel: Panel) -> str:
    if not panel.known:
        return "gone"
    return "trouble" if panel.last_error else "well"
