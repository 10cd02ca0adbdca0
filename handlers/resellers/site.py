"""The webhook of a reseller's site: connected, signed, tested, turned off and on, disconnected."""

from datetime import timedelta

from aiogram import Bot, F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from handlers import keyboards, screens
from handlers.i18n import Texts
from handlers.reseller_buttons import Desk, Forget, Hook, HookDo, Messages
from handlers.resellers import messages, secrets
from handlers.resellers.gate import Selling
from handlers.screens import Screen, lines
from handlers.states import Answers, Reselling
from services import service_news, webhooks
from services.db import Database, ReadSession
from services.webhooks import Site

COUNTED = timedelta(hours=24)
"""The figures are those of so long."""


def router() -> Router:
    """The webhook's buttons, and the address that is typed."""
    router = Router(name="site")
    router.callback_query.register(open_site, Hook.filter())
    router.callback_query.register(forget, Forget.filter(F.of == "site"))
    router.callback_query.register(ask, HookDo.filter(F.do.in_({"address", "rotate", "drop"})))
    router.callback_query.register(show_secret, HookDo.filter(F.do.in_({"secret", "fresh"})))
    router.callback_query.register(ping, HookDo.filter(F.do == "ping"))
    router.callback_query.register(change, HookDo.filter())
    router.message.register(address_given, StateFilter(Reselling.address), Answers())
    return router


async def open_site(query: CallbackQuery, callback_data: Hook, db: Database, selling: Selling) -> None:
    """How it stands."""
    async with db.read() as session:
        screen = await _card(session, selling)
    await screens.toast(query)
    await screens.show(query, screen, new=callback_data.new)


async def _card(read: ReadSession, selling: Selling) -> Screen:
    """The site with how its messages fare, or what connecting one is good for."""
    texts = selling.texts
    site = await webhooks.find(read, selling.user_id, selling.now)
    if site is None:
        return Screen(lines(texts("hook-title"), "", texts("hook-none")), _connecting(texts))
    figures = await webhooks.figures(read, selling.user_id, selling.now - COUNTED)
    text = lines(
        texts("hook-title"),
        "",
        texts("hook-address", url=site.url),
        texts("hook-state", state="failing" if site.state == webhooks.ON and site.failing_since else site.state),
        texts("hook-failing", at=site.failing_since) if site.failing_since else None,
        texts("hook-overlap", at=site.overlap_until) if site.overlap_until else None,
        "",
        texts("hook-figures", taken=figures.delivered, failed=figures.failed, waiting=figures.waiting),
    )
    return Screen(text, _ways(texts, site))


def _connecting(texts: Texts) -> InlineKeyboardMarkup:
    connect = keyboards.tap(texts.bare("button-hook-connect"), HookDo(do="address"), "primary")
    return keyboards.stack([connect], [keyboards.back(texts, Desk())])


def _ways(texts: Texts, site: Site) -> InlineKeyboardMarkup:
    on = site.state == webhooks.ON
    secret = keyboards.tap(texts.bare("button-hook-secret"), HookDo(do="secret"))
    rotate = keyboards.tap(texts.bare("button-hook-rotate"), HookDo(do="rotate"))
    test = keyboards.tap(texts.bare("button-hook-ping"), HookDo(do="ping"))
    sent = keyboards.tap(texts.bare("button-hook-messages"), Messages())
    address = keyboards.tap(texts.bare("button-hook-address"), HookDo(do="address"))
    turn = (
        keyboards.tap(texts.bare("button-hook-off"), HookDo(do="off"))
        if on
        else keyboards.tap(texts.bare("button-hook-on"), HookDo(do="on"), "primary")
    )
    drop = keyboards.tap(texts.bare("button-hook-drop"), HookDo(do="drop"))
    return keyboards.stack(
        [secret, rotate], [*([test] if on else []), sent], [address, turn], [drop], [keyboards.back(texts, Desk())]
    )


async def ask(query: CallbackQuery, callback_data: HookDo, state: FSMContext, db: Database, selling: Selling) -> None:
    """For the address, or whether another secret or the end of it is meant. NoSite where there is none to change."""
    texts, do = selling.texts, callback_data.do
    rows: list[keyboards.Row] = []
    if do == "address":
        await state.set_state(Reselling.address)
    else:
        async with db.read() as session:
            await webhooks.secret(session, selling.user_id)
        sure = HookDo(do="fresh" if do == "rotate" else "sure")
        rows = [[keyboards.tap(texts.bare(f"button-hook-{sure.do}"), sure, "danger")]]
    await screens.toast(query)
    keyboard = keyboards.stack(*rows, [keyboards.back(texts, Hook())])
    await screens.show(query, Screen(texts(f"hook-ask-{do}"), keyboard))


async def address_given(message: Message, state: FSMContext, db: Database, selling: Selling) -> None:
    """The address; what is to be done on the site now. BadSite, and the question stands.

    Where another one was told the prices so far, this one is told them all.
    """
    async with db.write() as session:
        before = await webhooks.find(session, selling.user_id, selling.now)
        address = await webhooks.connect(
            session,
            selling.user_id,
            message.text or "",
            now=selling.now,
            loopback=selling.settings.webhook_loopback,
        )
        if before is not None and (before.state != webhooks.ON or before.url != address):
            await service_news.catch_up(session, selling.user_id, selling.now)
        card = await _card(session, selling)
    await state.set_state(None)
    fresh = selling.texts("hook-moved" if before else "hook-connected")
    await screens.reply(message, Screen(lines(card.text, "", fresh), card.keyboard))


async def show_secret(query: CallbackQuery, callback_data: HookDo, bot: Bot, db: Database, selling: Selling) -> None:
    """What messages are signed with, as it is or a new one. NoSite."""
    texts, fresh = selling.texts, callback_data.do == "fresh"
    async with db.write() as session:
        if fresh:
            secret = await webhooks.rotate(session, selling.user_id, selling.now)
        else:
            secret = await webhooks.secret(session, selling.user_id)
    text = lines(texts("hook-secret"), "", texts("secret-shown", secret=secret))
    shown = await secrets.show(bot, selling, text, secret)
    await screens.toast(query)
    rotated = texts("hook-rotated", hours=24) if fresh else None
    screen = secrets.saved(selling, Forget(message_id=shown, of="site"), Hook(new=True), first=rotated)
    await screens.show(query, screen, new=True)


async def forget(query: CallbackQuery, callback_data: Forget, bot: Bot, db: Database, selling: Selling) -> None:
    """Take the message with the secret out of the chat."""
    await secrets.take_away(query, callback_data, bot, selling)
    async with db.read() as session:
        screen = await _card(session, selling)
    await screens.show(query, screen)


async def ping(query: CallbackQuery, db: Database, selling: Selling) -> None:
    """Send a test message, and show how it fares. NoSite, SiteOff."""
    async with db.write() as session:
        sent = await webhooks.ping(session, selling.user_id, selling.now)
        screen = await messages.card(session, sent, selling)
    await screens.toast(query)
    await screens.show(query, screen)


async def change(query: CallbackQuery, callback_data: HookDo, db: Database, selling: Selling) -> None:
    """Turn the messages on, with the prices as they are by now, or off, or forget the site. NoSite."""
    do = callback_data.do
    async with db.write() as session:
        if do == "sure":
            await webhooks.disconnect(session, selling.user_id)
        else:
            moved = await webhooks.turn(session, selling.user_id, on=do == "on", now=selling.now)
            if moved and do == "on":
                await service_news.catch_up(session, selling.user_id, selling.now)
        screen = await _card(session, selling)
    await screens.toast(query, selling.texts.bare(f"toast-hook-{do}"))
    await screens.show(query, screen)
