"""Browsing: categories by platform, the services in one, and the card of a service."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from aiogram import F, Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers import amounts, badges, callbacks, keyboards, products, screens, states
from handlers.i18n import Texts
from handlers.screens import Screen, lines
from services import catalog, health, switches
from services.catalog import CategoryView, ServiceView
from services.db import Database
from services.errors import ServiceGone
from services.health import Health, InFull
from services.switches import SALES
from services.users import Person

CATEGORIES = 10
SERVICES = 8
"""Buttons on a page."""
DEEP_LINK = "s_"
"""`/start s_12` opens the card of service 12."""


def router() -> Router:
    """Commands, deep links and buttons of the catalogue."""
    router = Router(name="browse")
    router.message.register(new_command, Command("new"))
    router.message.register(deep_link, CommandStart(deep_link=True, magic=F.args.regexp(f"{DEEP_LINK}[0-9]{{1,18}}$")))
    router.callback_query.register(open_categories, callbacks.Shelves.filter())
    router.callback_query.register(open_category, callbacks.Shelf.filter())
    router.callback_query.register(open_service, callbacks.Product.filter())
    return router


def categories_screen(texts: Texts, categories: Sequence[CategoryView], page: int, head: str | None = None) -> Screen:
    """A page of categories, each with its lowest price."""
    if not categories:
        return Screen(texts("categories-empty"), keyboards.stack([keyboards.menu(texts)]))
    last = (len(categories) - 1) // CATEGORIES
    page = min(page, last)
    buttons = [
        [
            keyboards.tap(
                texts.bare(
                    "button-category",
                    category=category.name,
                    price=amounts.rate(texts, category.cheapest, category.unit),
                ),
                callbacks.Shelf(category_id=category.id),
            )
        ]
        for category in categories[page * CATEGORIES : (page + 1) * CATEGORIES]
    ]
    turning = keyboards.pages(texts, page, last, lambda to: callbacks.Shelves(page=to))
    text = lines(head, texts("categories-title"), texts("categories-hint", units=_units(categories)))
    return Screen(text, keyboards.stack(*buttons, turning, [keyboards.menu(texts)]))


def on_page(services: Sequence[ServiceView], page: int) -> tuple[int, Sequence[ServiceView]]:
    """The page that there is nearest to the one asked for, and its services."""
    page = min(page, max(0, len(services) - 1) // SERVICES)
    return page, services[page * SERVICES : (page + 1) * SERVICES]


def services_screen(
    texts: Texts,
    services: Sequence[ServiceView],
    healths: Mapping[int, Health],
    page: int,
    categories_page: int,
) -> Screen:
    """A page of one category's services (not empty), one button each; `healths` of those on the page."""
    last = (len(services) - 1) // SERVICES
    page, shown = on_page(services, page)
    category_id = services[0].category_id
    buttons = [
        [keyboards.tap(products.label(texts, service, healths[service.id]), callbacks.Product(service_id=service.id))]
        for service in shown
    ]
    turning = keyboards.pages(texts, page, last, lambda to: callbacks.Shelf(category_id=category_id, page=to))
    text = lines(texts("services-title", category=services[0].category), texts("services-hint", units=_units(services)))
    back = keyboards.back(texts, callbacks.Shelves(page=categories_page))
    return Screen(text, keyboards.stack(*buttons, turning, [back]))


def _units(priced: Sequence[CategoryView] | Sequence[ServiceView]) -> str:
    """What the prices of a screen are for: per 1,000, per package, or some of each."""
    packages = sum(each.unit == "package" for each in priced)
    return "thousand" if not packages else "package" if packages == len(priced) else "both"


def service_screen(
    texts: Texts,
    service: ServiceView,
    fares: Health,
    page: int,
    *,
    selling: bool,
    maintenance: str | None = None,
    full: InFull | None = None,
) -> Screen:
    """The card of a service; `page` is its category's to go back to. Where nothing is sold it says so.

    `maintenance` is the shop's message where the reader may not order for it; `full` is what admins see of its health.
    """
    order = keyboards.tap(texts.bare("button-begin"), callbacks.Begin(service_id=service.id), "primary")
    refresh = keyboards.tap(texts.bare("button-refresh"), callbacks.Product(service_id=service.id))
    open_ = selling and maintenance is None
    return Screen(
        lines(
            products.card(texts, service, fares, selling=selling or maintenance is not None),
            *(("", texts("maintenance-shown", message=maintenance)) if maintenance is not None else ()),
            *(("", *badges.in_full(texts, full)) if full is not None else ()),
        ),
        keyboards.stack(
            [order if open_ else refresh],
            [keyboards.back(texts, callbacks.Shelf(category_id=service.category_id, page=page)), keyboards.menu(texts)],
        ),
    )


async def new_command(message: Message, state: FSMContext, db: Database, texts: Texts) -> None:
    """/new: the categories, and nothing left of an order being made."""
    await state.clear()
    async with db.read() as session:
        categories = await catalog.categories(session)
    await screens.reply(message, categories_screen(texts, categories, 0))


async def deep_link(
    message: Message,
    command: CommandObject,
    state: FSMContext,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """`/start s_<service id>`: straight to its card, or to the categories where it is gone."""
    await state.clear()
    try:
        service_id = int((command.args or "").removeprefix(DEEP_LINK))
        screen = await _service(db, texts, service_id, now(), full=user.role is not None)
    except ServiceGone as gone:
        async with db.read() as session:
            categories = await catalog.categories(session)
        screen = categories_screen(texts, categories, 0, texts(gone.code))
    await screens.reply(message, screen)


async def open_categories(
    query: CallbackQuery, callback_data: callbacks.Shelves, state: FSMContext, db: Database, texts: Texts
) -> None:
    """A page of categories."""
    await states.pause(state)
    async with db.read() as session:
        categories = await catalog.categories(session)
    await screens.toast(query)
    await screens.show(query, categories_screen(texts, categories, callback_data.page), new=callback_data.new)


async def open_category(
    query: CallbackQuery,
    callback_data: callbacks.Shelf,
    state: FSMContext,
    db: Database,
    texts: Texts,
    now: Callable[[], datetime],
) -> None:
    """A page of one category's services; an emptied category shows the others."""
    await states.pause(state)
    async with db.read() as session:
        services = await catalog.services(session, callback_data.category_id)
        categories = await catalog.categories(session)
        _, shown = on_page(services, callback_data.page)
        healths = await health.of(session, [service.id for service in shown], now())
    ids = [category.id for category in categories]
    if services and callback_data.category_id in ids:
        place = ids.index(callback_data.category_id)
        screen = services_screen(texts, services, healths, callback_data.page, place // CATEGORIES)
    else:
        screen = categories_screen(texts, categories, 0, texts("categories-gone"))
    await screens.toast(query)
    await screens.show(query, screen)


async def open_service(
    query: CallbackQuery,
    callback_data: callbacks.Product,
    state: FSMContext,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """The card of a service; ServiceGone is said by the error handler."""
    await states.pause(state)
    screen = await _service(db, texts, callback_data.service_id, now(), full=user.role is not None)
    await screens.toast(query)
    await screens.show(query, screen)


async def _service(db: Database, texts: Texts, service_id: int, now: datetime, *, full: bool) -> Screen:
    async with db.read() as session:
        service = await catalog.service(session, service_id)
        shelf = await catalog.services(session, service.category_id)
        fares = (await health.of(session, [service_id], now))[service_id]
        selling = await switches.is_on(session, SALES)
        closed = None if full else await switches.maintenance(session)
        known = await health.in_full(session, service_id, now) if full else None
    place = next((place for place, other in enumerate(shelf) if other.id == service.id), 0)
    return service_screen(texts, service, fares, place // SERVICES, selling=selling, maintenance=closed, full=known)
