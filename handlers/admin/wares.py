"""The catalogue as those who run the shop see it: /services finds services and categories, /service shows one."""

from collections.abc import Sequence

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from handlers import amounts, badges, keyboards, products, screens, states
from handlers.admin import gate
from handlers.admin.arguments import Misread, Words
from handlers.admin.gate import Acting
from handlers.i18n import Html, Texts
from handlers.keyboards import Row
from handlers.screens import Screen, brief, lines, tidy
from handlers.states import Stocking
from handlers.stock_callbacks import (
    LONGEST_FIND,
    AsCustomer,
    AskOwn,
    CallOff,
    Kind,
    PriceNow,
    SetOwn,
    ShelfCard,
    UndoOwn,
    WareCard,
    Wares,
)
from services import catalog, health, inventory
from services.db import Database, ReadSession
from services.inventory import Found, ShelfLine, Ware, WareLine
from services.own_terms import Own
from services.roles import Role
from services.scheduled_prices import Scheduled

PAGE = 8
"""Buttons on a page."""
BEST = 3
"""Categories above the services that were found."""


def router() -> Router:
    """Both commands, and the buttons that only look."""
    router = Router(name="admin-wares")
    gate.commands(router, {"services": find, "service": show})
    gate.button(router, Wares, turn, Role.READER)
    gate.button(router, ShelfCard, open_shelf, Role.READER)
    gate.button(router, WareCard, open_ware, Role.READER)
    gate.button(router, AsCustomer, preview, Role.READER)
    return router


async def find(message: Message, command: CommandObject, state: FSMContext, db: Database, acting: Acting) -> None:
    """/services shows the categories, /services <words> what they fit."""
    await states.leave(state, Stocking)
    words = " ".join((command.args or "").replace(":", " ").split())
    if len(words.encode()) > LONGEST_FIND:
        raise Misread("services-long")
    async with db.read() as session:
        screen = await _list(session, acting.texts, words, 0)
    await screens.reply(message, screen)


async def turn(query: CallbackQuery, callback_data: Wares, state: FSMContext, db: Database, acting: Acting) -> None:
    """Another page of the same."""
    await states.leave(state, Stocking)
    async with db.read() as session:
        screen = await _list(session, acting.texts, callback_data.find, callback_data.page)
    await screens.toast(query)
    await screens.show(query, screen)


async def show(message: Message, command: CommandObject, state: FSMContext, db: Database, acting: Acting) -> None:
    """/service <id>"""
    await states.leave(state, Stocking)
    words = Words(command.args)
    number = words.number()
    words.end()
    async with db.read() as session:
        screen = await ware(session, acting, number)
    await screens.reply(message, screen)


async def open_shelf(
    query: CallbackQuery, callback_data: ShelfCard, state: FSMContext, db: Database, acting: Acting
) -> None:
    """A category with its services."""
    await states.leave(state, Stocking)
    async with db.read() as session:
        screen = await shelf(session, acting, callback_data.category_id, page=callback_data.page)
    await screens.toast(query)
    await screens.show(query, screen)


async def open_ware(
    query: CallbackQuery, callback_data: WareCard, state: FSMContext, db: Database, acting: Acting
) -> None:
    """A service; this is also how a question about it is left."""
    await states.leave(state, Stocking)
    async with db.read() as session:
        screen = await ware(session, acting, callback_data.service_id)
    await screens.toast(query)
    await screens.show(query, screen, new=callback_data.new)


async def preview(query: CallbackQuery, callback_data: AsCustomer, db: Database, acting: Acting) -> None:
    """The button and the card that customers have of it, or would have: word for word, without a way to order."""
    texts, number = acting.texts, callback_data.service_id
    async with db.read() as session:
        view = await catalog.service(session, number, unsold=True)
        fares = (await health.of(session, [number], acting.now))[number]
    head = texts("preview-title", seen="yes" if view.on_sale else "no")
    button = texts("preview-button", label=products.label(texts, view, fares))
    screen = Screen(
        lines(head, "", button, "", products.card(texts, view, fares, selling=True)),
        keyboards.stack([keyboards.back(texts, WareCard(service_id=number))]),
    )
    await screens.toast(query)
    await screens.show(query, screen)


async def _list(read: ReadSession, texts: Texts, words: str, page: int) -> Screen:
    """All categories; or the services that the words fit, after the first categories that they do."""
    if not words:
        found = await inventory.shelves(read, "", limit=PAGE, offset=page * PAGE)
        buttons = [[_shelf_button(texts, line)] for line in found.lines]
        head = [texts("services-all", count=found.total), "", texts("services-marks")]
    else:
        shelves = await inventory.shelves(read, words, limit=BEST, offset=0)
        found = await inventory.search(read, words, limit=PAGE, offset=page * PAGE)
        buttons = [[_shelf_button(texts, line)] for line in (shelves.lines if page == 0 else ())]
        buttons += [[_ware_button(texts, line)] for line in found.lines]
        head = [texts("services-found", words=words, services=found.total, categories=shelves.total)]
    turning = keyboards.pages(texts, page, _last(found), lambda to: Wares(page=to, find=words))
    return Screen(lines(*head), keyboards.stack(*buttons, turning) if buttons or turning else None)


def _last(found: Found) -> int:
    return max(0, found.total - 1) // PAGE


def _shelf_button(texts: Texts, line: ShelfLine) -> InlineKeyboardButton:
    state = "hidden" if line.hidden else "on"
    label = texts.bare("button-shelf", state=state, name=brief(line.name), on_sale=line.on_sale, offered=line.offered)
    return keyboards.tap(label, ShelfCard(category_id=line.id))


def _ware_button(texts: Texts, line: WareLine) -> InlineKeyboardButton:
    label = texts.bare(
        "button-ware",
        state=line.state,
        id=str(line.id),
        server=line.server,
        price=amounts.rate(texts, line.rate, line.unit),
        name=brief(tidy(line.name)),
    )
    return keyboards.tap(label, WareCard(service_id=line.id))


async def shelf(read: ReadSession, acting: Acting, number: int, *, page: int = 0, head: str | None = None) -> Screen:
    """A category: what its providers call it, what it sells, and what can be done about it."""
    texts = acting.texts
    line = await inventory.shelf(read, number)
    found = await inventory.of_shelf(read, number, limit=PAGE, offset=page * PAGE)
    renamed = line.name != line.known_as
    text = lines(
        *((head, "") if head else ()),
        texts("shelf-title", id=str(number), name=line.name),
        texts("shelf-state", state="hidden" if line.hidden else "on"),
        texts("shelf-known-as", name=line.known_as) if renamed else None,
        texts("shelf-counts", on_sale=line.on_sale, offered=line.offered),
        "",
        texts("services-marks"),
    )
    buttons = [[_ware_button(texts, each)] for each in found.lines]
    turning = keyboards.pages(texts, page, _last(found), lambda to: ShelfCard(category_id=number, page=to))
    undo = [_undo(texts, "category", number, "name")] if renamed else []
    hands = _hands(texts, "category", number, hidden=line.hidden) if _may_change(acting) else []
    hands += [[_ask(texts, "category", number, "name")], undo] if hands else []
    back = [keyboards.back(texts, Wares())]
    return Screen(text, keyboards.stack(*buttons, turning, *hands, back))


async def ware(read: ReadSession, acting: Acting, number: int, *, head: str | None = None) -> Screen:
    """A service: what we take and what it costs, why it is not on sale, what was set by hand, and how it fares."""
    found = await inventory.ware(read, number)
    fares = await health.in_full(read, number, acting.now)
    text = lines(
        *((head, "") if head else ()),
        *_told(acting.texts, found),
        *_by_hand(acting.texts, found.own),
        "",
        *badges.in_full(acting.texts, fares),
    )
    return Screen(text, _keyboard(acting, found))


def _told(texts: Texts, found: Ware) -> Sequence[Html]:
    line = found.line
    days = found.guarantee_days or 0
    return [
        texts("ware-title", id=str(line.id), category=line.category, server=line.server),
        texts("ware-name", name=tidy(line.name)),
        texts("ware-state", state=line.state),
        Html(""),
        texts("ware-price", price=line.rate, unit=line.unit),
        *_coming(texts, found.coming),
        texts("ware-cost", cost=line.cost, margin=line.margin, percent=amounts.percent(line.margin_percent)),
        texts("ware-provider", provider=line.provider, id=found.external_id, type=found.type),
        texts("ware-limits", min=found.min, max=found.max),
        texts(
            "ware-flags", refill=_word(found.refill), days=days, cancel=_word(found.cancel), drip=_word(found.dripfeed)
        ),
    ]


def _coming(texts: Texts, coming: Scheduled | None) -> Sequence[Html]:
    return [] if coming is None else [texts("ware-coming", at=coming.effective_at, price=coming.rate)]


def _word(has: bool) -> str:
    return "yes" if has else "no"


def _by_hand(texts: Texts, own: Own) -> Sequence[Html]:
    """What was set by hand and stands: what would be there instead, where that is known."""
    found = [
        texts("own-name", theirs=tidy(own.their_name or "")) if own.name is not None else None,
        texts("own-description", theirs=brief(own.their_description or "—", 120))
        if own.description is not None
        else None,
        texts("own-rate", rate=own.rate) if own.rate is not None else None,
        texts("own-markup", percent=amounts.percent(own.markup)) if own.markup is not None else None,
        texts("own-position") if own.position is not None else None,
        texts("own-hidden") if own.hidden else None,
    ]
    standing = [line for line in found if line is not None]
    return [Html(""), texts("own-title"), *standing] if standing else []


def _keyboard(acting: Acting, found: Ware) -> InlineKeyboardMarkup:
    texts, number, own = acting.texts, found.line.id, found.own
    looks = [
        [keyboards.tap(texts.bare("button-preview"), AsCustomer(service_id=number))],
        [
            keyboards.back(texts, ShelfCard(category_id=found.line.category_id)),
            keyboards.tap(texts.bare("button-refresh"), WareCard(service_id=number)),
        ],
    ]
    if not _may_change(acting):
        return keyboards.stack(*looks)
    priced = own.rate is not None or own.markup is not None
    standing = {
        "name": own.name is not None,
        "description": own.description is not None,
        "rate": priced,
        "position": own.position is not None,
    }
    undo = [_undo(texts, "service", number, what) for what, stands in standing.items() if stands]
    return keyboards.stack(
        *_on_coming(acting, found.coming),
        *_hands(texts, "service", number, hidden=own.hidden),
        [_ask(texts, "service", number, what) for what in ("name", "description", "rate")],
        *keyboards.grid(undo, 2),
        *looks,
    )


def _on_coming(acting: Acting, coming: Scheduled | None) -> list[Row]:
    """What can be done about the price that was announced; what only an owner may, others are not shown."""
    if coming is None:
        return []
    texts, it = acting.texts, {"service_id": coming.service_id, "mark": coming.mark}
    row = [keyboards.tap(texts.bare("button-price-off"), CallOff(**it))]
    if acting.admin.role is Role.OWNER:
        row.append(keyboards.tap(texts.bare("button-price-now"), PriceNow(**it)))
    return [row]


def _may_change(acting: Acting) -> bool:
    """The same as the gate asks of the taps: a button that would be refused is not shown."""
    return acting.admin.role is not None and acting.admin.role >= Role.MANAGER


def _hands(texts: Texts, kind: Kind, number: int, *, hidden: bool) -> list[Row]:
    turn = "show" if hidden else "hide"
    return [
        [keyboards.tap(texts.bare("button-own", what=turn), SetOwn(kind=kind, id=number, what=turn))],
        [
            keyboards.tap(texts.bare("button-own", what=way), SetOwn(kind=kind, id=number, what=way))
            for way in ("up", "down")
        ],
    ]


def _ask(texts: Texts, kind: Kind, number: int, what: str) -> InlineKeyboardButton:
    return keyboards.tap(texts.bare("button-ask-own", what=what), AskOwn(kind=kind, id=number, what=what))


def _undo(texts: Texts, kind: Kind, number: int, what: str) -> InlineKeyboardButton:
    return keyboards.tap(texts.bare("button-undo-own", what=what), UndoOwn(kind=kind, id=number, what=what))
