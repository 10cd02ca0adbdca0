"""The reseller's desk: balance, terms, keys, webhook, chats and today's figures on one screen, and how to connect."""

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup

from handlers import amounts, callbacks, keyboards, screens
from handlers.reseller_buttons import Account, Desk, Hearing, Hook, Keys, Prices, ResellerHelp, Usage
from handlers.resellers.gate import Selling
from handlers.screens import Screen, lines
from services import reseller_figures
from services.db import ReadSession


def router() -> Router:
    """What leads nowhere further."""
    router = Router(name="desk")
    router.callback_query.register(open_help, ResellerHelp.filter())
    return router


async def glance(read: ReadSession, selling: Selling) -> Screen:
    """The one screen."""
    texts = selling.texts
    seen = await reseller_figures.glance(read, selling.user_id, selling.now)
    today, address = seen.today, selling.settings.api_url
    calls = sum(each.calls for each in seen.asked)
    refused = sum(each.refused for each in seen.asked)
    text = lines(
        texts("desk-title"),
        "",
        texts("desk-balance", balance=seen.balance),
        texts("desk-tier", tier=seen.tier or "", off=amounts.percent(seen.off)) if seen.tier else texts("desk-no-tier"),
        texts("desk-keys", count=seen.keys),
        texts("desk-used", span=selling.now - seen.used_at) if seen.used_at else None,
        texts("desk-hook", state="failing" if seen.hook == "on" and seen.failing_since else seen.hook or "none"),
        texts("desk-chats", count=seen.chats, level=selling.reseller.news),
        "",
        texts("desk-today", orders=today.orders, spent=today.spent),
        texts("desk-ends", completed=today.completed, partial=today.partial, canceled=today.canceled),
        texts("desk-refunded", refunded=today.refunded) if today.refunded else None,
        texts("desk-calls", calls=calls, refused=refused),
        *(("", texts("desk-address", url=address)) if address else ()),
    )
    return Screen(text, _ways(selling, new_here=not seen.keys))


def _ways(selling: Selling, *, new_here: bool) -> InlineKeyboardMarkup:
    texts = selling.texts
    return keyboards.stack(
        [
            keyboards.tap(texts.bare("button-desk-keys"), Keys(), "primary" if new_here else None),
            keyboards.tap(texts.bare("button-desk-hook"), Hook()),
        ],
        [
            keyboards.tap(texts.bare("button-desk-prices"), Prices()),
            keyboards.tap(texts.bare("button-desk-statement"), Account()),
        ],
        [
            keyboards.tap(texts.bare("button-desk-hearing"), Hearing()),
            keyboards.tap(texts.bare("button-desk-usage"), Usage()),
        ],
        [
            keyboards.tap(texts.bare("button-help"), ResellerHelp()),
            keyboards.tap(texts.bare("button-wallet"), callbacks.Wallet(new=True)),
        ],
        [keyboards.menu(texts)],
    )


async def open_help(query: CallbackQuery, selling: Selling) -> None:
    """How a site is connected, in six steps."""
    texts, address = selling.texts, selling.settings.api_url
    text = lines(
        texts("desk-help"),
        *(("", texts("desk-address", url=address), texts("desk-page", url=_page(address))) if address else ()),
    )
    page = [keyboards.visit(texts.bare("button-api-page"), _page(address))] if address.startswith("https://") else []
    await screens.toast(query)
    await screens.show(query, Screen(text, keyboards.stack(page, [keyboards.back(texts, Desk())])))


def _page(address: str) -> str:
    """Where the API is described for people."""
    return address.removesuffix("/v2")
