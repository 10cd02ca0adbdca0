"""Orders for the staff: /order finds one by whatever is known of it, /orders lists them; a tap asks its provider."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardButton, Message

from handlers import amounts, callbacks, keyboards, screens, staff_buttons
from handlers.admin import gate, stories
from handlers.admin.arguments import Misread, Words
from handlers.admin.gate import Acting
from handlers.i18n import Texts
from handlers.screens import Screen, brief, lines, tidy
from services import order_search, order_story, refreshing, staff, users
from services.db import Database, ReadSession
from services.errors import OrderNotFound
from services.link_check import LinkCheck
from services.order_search import Listed, Only
from services.roles import Role

SHOWN = 8
"""Orders on a page."""
FILTERS = ("", "open", "partial", "canceled", "completed")
"""The lists that are one tap away."""


def router() -> Router:
    """The two commands and the buttons under an order."""
    router = Router(name="admin-orders")
    gate.commands(router, {"order": find, "orders": listing})
    gate.button(router, staff_buttons.Story, show, Role.READER)
    gate.button(router, staff_buttons.Listing, turn, Role.READER)
    gate.button(router, staff_buttons.Refresh, refresh, Role.SUPPORT)
    return router


async def find(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/order <number, link, customer or the provider's own id>: one is shown, several are listed."""
    words, texts = Words(command.args), acting.texts
    if not words:
        raise Misread
    what = words.rest(longest=500)
    async with db.read() as session:
        found = await order_search.search(session, what, limit=SHOWN + 1)
        if len(found) == 1:
            return await screens.reply(message, await told(session, found[0].id, acting))
    if not found:
        return await screens.reply(
            message, Screen(lines(texts("orders-none-found", text=brief(what)), texts("usage-order")))
        )
    more = len(found) > SHOWN
    rows = [[_line(texts, order)] for order in found[:SHOWN]]
    theirs = {order.user_id for order in found}
    if more and len(theirs) == 1:
        whose = staff_buttons.Listing(before=found[SHOWN - 1].id, whose=f"u{found[0].user_id}")
        rows.append([keyboards.tap(texts.bare("button-older"), whose)])
    title = texts(
        "orders-found", count=len(rows) if not more else SHOWN, more="yes" if more else "no", text=brief(what)
    )
    return await screens.reply(message, Screen(title, keyboards.stack(*rows)))


async def told(
    session: ReadSession, order_id: int, acting: Acting, head: str | None = None, part: staff_buttons.Part = "all"
) -> Screen:
    """The story of an order, `head` being what has just become of it. OrderNotFound where there is none."""
    story = await order_story.tell(session, order_id)
    named = await users.names(session, stories.names_wanted(story))
    return stories.screen(story, acting, named, part, head)


async def show(query: CallbackQuery, callback_data: staff_buttons.Story, db: Database, acting: Acting) -> None:
    """The story, or a part of it."""
    try:
        async with db.read() as session:
            screen = await told(session, callback_data.order_id, acting, part=callback_data.part)
    except OrderNotFound:
        raise Misread("orders-no-such", order=str(callback_data.order_id)) from None
    await screens.toast(query)
    return await screens.show(query, screen, new=callback_data.new)


async def refresh(
    query: CallbackQuery,
    callback_data: staff_buttons.Refresh,
    db: Database,
    providers: Mapping[str, Any],
    pages: LinkCheck | None,
    now: Callable[[], datetime],
    acting: Acting,
) -> None:
    """Ask the provider now; what it says is worked as it always is, and the story shown as it stands then."""
    order_id = callback_data.order_id
    async with db.read() as session:
        policy = await staff.informed(session, acting.settings.policy)
    try:
        answer = await refreshing.refresh(db, providers, policy, now, pages, order_id=order_id)
    except OrderNotFound:
        raise Misread("orders-no-such", order=str(order_id)) from None
    async with db.write() as session:
        await acting.record(session, "refreshed", f"order:{order_id}", said=answer.code, word=answer.word or "-")
        screen = await told(session, order_id, acting, stories.asked(acting.texts, answer))
    await screens.toast(query)
    return await screens.show(query, screen)


async def listing(message: Message, command: CommandObject, db: Database, acting: Acting) -> None:
    """/orders [status] [@name | user <who> | service <id> | provider <name>]: the newest first, page by page."""
    words, status, whose = Words(command.args), "", ""
    async with db.read() as session:
        while words:
            word = words.next()
            if not status and word.lower() in order_search.STATUSES:
                status = word.lower()
            elif not whose:
                whose = await _whose(session, word, words)
            else:
                raise Misread("misread-more", text=brief(word))
        screen = await _page(session, acting.texts, status, whose)
    return await screens.reply(message, screen)


async def _whose(session: ReadSession, word: str, words: Words) -> str:
    """Whose orders, as Listing has it."""
    if word.startswith("@"):
        return f"u{(await users.known(session, word)).id}"
    match word.lower():
        case "user":
            return f"u{(await users.known(session, words.next())).id}"
        case "service":
            return f"s{words.number()}"
        case "provider":
            whose = f"p{words.next()}"
            if len(whose.encode()) > staff_buttons.LONGEST_WHOSE or ":" in whose:
                raise Misread
            return whose
    among = ", ".join((*order_search.STATUSES, "@name", "user", "service", "provider"))
    raise Misread("misread-choice", text=brief(word), among=among)


async def turn(query: CallbackQuery, callback_data: staff_buttons.Listing, db: Database, acting: Acting) -> None:
    """Another page, or another list."""
    async with db.read() as session:
        screen = await _page(session, acting.texts, callback_data.status, callback_data.whose, callback_data.before)
    await screens.toast(query)
    await screens.show(query, screen)


async def _page(session: ReadSession, texts: Texts, status: str, whose: str, before: int = 0) -> Screen:
    kind, which = whose[:1], whose[1:]
    number = int(which) if kind in ("u", "s") else None
    only = Only(
        status or None,
        user_id=number if kind == "u" else None,
        service_id=number if kind == "s" else None,
        provider=which if kind == "p" else None,
    )
    found = await order_search.page(session, only, limit=SHOWN + 1, before=before or None)
    name = (await users.names(session, [number])).get(number, which) if kind == "u" and number is not None else which
    title = texts("orders-title", status=status or "all", kind=kind or "all", which=name)
    rows = [[_line(texts, order)] for order in found[:SHOWN]]
    again = staff_buttons.Listing(status=status, whose=whose)
    turning = [keyboards.tap(texts.bare("button-newest"), again)] if before else []
    if len(found) > SHOWN:
        older = staff_buttons.Listing(before=found[SHOWN - 1].id, status=status, whose=whose)
        turning.append(keyboards.tap(texts.bare("button-older"), older))
    return Screen(
        lines(title, *(() if rows else ("", texts("orders-none")))),
        keyboards.stack(*rows, turning, *keyboards.grid(_filters(texts, status, whose), 3), [_own(texts)]),
    )


def _filters(texts: Texts, status: str, whose: str) -> Sequence[InlineKeyboardButton]:
    return [
        keyboards.tap(texts.bare("button-only", status=each or "all"), staff_buttons.Listing(status=each, whose=whose))
        for each in FILTERS
        if each != status
    ]


def _own(texts: Texts) -> InlineKeyboardButton:
    """To the orders that somebody of the staff made as a customer."""
    return keyboards.tap(texts.bare("button-own-orders"), callbacks.Goals(new=True))


def _line(texts: Texts, order: Listed) -> InlineKeyboardButton:
    label = texts.bare(
        "button-listed",
        status=order.status,
        order=str(order.id),
        name=brief(order.customer, 14),
        service=brief(tidy(order.service_name), 20),
        delivered=order.delivered,
        quantity=amounts.amount(texts, order.quantity, order.unit),
    )
    return keyboards.tap(label, staff_buttons.Story(order_id=order.id, new=True))
