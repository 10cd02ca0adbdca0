"""Paying for what was quoted, once, and taking it back while there is time."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers import callbacks, screens
from handlers.customer import start, steps
from handlers.i18n import Texts
from handlers.states import Draft, Ordering, drafted
from services import order_fields, orders, quotes
from services.db import Database
from services.errors import NotEnoughMoney, PriceChanged, QuoteGone
from services.users import Person


def router() -> Router:
    """The buttons that spend money and give it back."""
    router = Router(name="buying")
    router.callback_query.register(confirm, callbacks.Confirm.filter())
    router.callback_query.register(undo, callbacks.Undo.filter())
    return router


async def confirm(
    query: CallbackQuery,
    callback_data: callbacks.Confirm,
    state: FSMContext,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """Buy what was quoted. The order card takes the tapped message over; the outbox draws it."""
    message_id = query.message.message_id if isinstance(query.message, Message) else None
    place = partial(
        orders.place,
        user_id=user.id,
        token=callback_data.token,
        message_id=message_id,
        now=now(),
        staff=user.is_staff,
    )
    try:
        placed = await db.retrying(place)
    except PriceChanged:
        return await quote_anew(query, state, db, texts, user, callback_data.token, now())
    except NotEnoughMoney as short:
        return await show_quote(query, db, texts, user, callback_data.token, texts.bare(short.code, **short.params))
    except QuoteGone:
        draft = await drafted(state)
        if draft is None or draft.token in (None, callback_data.token):
            return await start.outdated(query, db, texts, user)
        return await show_quote(query, db, texts, user, draft.token, texts.bare("toast-quote-replaced"))
    key = "toast-placed" if placed.created else "toast-placed-before"
    await screens.toast(query, texts.bare(key, order=str(placed.order.id)))
    draft = await drafted(state)
    if draft is not None and draft.token == callback_data.token:
        await state.clear()
    return None


async def quote_anew(
    query: CallbackQuery,
    state: FSMContext,
    db: Database,
    texts: Texts,
    user: Person,
    token: str,
    now: datetime,
    *,
    new: bool = False,
) -> None:
    """The price moved: the same order at the price of now, to be confirmed again."""
    async with db.write() as session:
        old = await quotes.requote(session, user_id=user.id, token=token)
        fresh = await quotes.quote(
            session,
            user_id=user.id,
            service_id=old.service.id,
            link=old.link,
            quantity=old.quantity,
            replaces_id=old.replaces_id,
            part=old.part,
            covers=old.covers,
            extras=old.extras,
            now=now,
            staff=user.is_staff,
        )
    answers = order_fields.answers(fresh.extras)
    draft = Draft(fresh.service.id, fresh.link, fresh.quantity, fresh.token, answers, quoted=fresh.token)
    await draft.save(state, Ordering.quote)
    note = texts("quote-price-changed", old=old.price, new=fresh.price)
    await screens.toast(query, texts.bare("error-price-changed", price=fresh.price), alert=True)
    await screens.show(query, steps.quote_screen(texts, fresh, note), new=new)


async def show_quote(
    query: CallbackQuery, db: Database, texts: Texts, user: Person, token: str, said: str, *, new: bool = False
) -> None:
    """The quote against the wallet of now, under an alert that says why it was not bought."""
    async with db.read() as session:
        quote = await quotes.requote(session, user_id=user.id, token=token)
    await screens.toast(query, said, alert=True)
    await screens.show(query, steps.quote_screen(texts, quote), new=new)


async def undo(
    query: CallbackQuery,
    callback_data: callbacks.Undo,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """Take an order back that has not left yet; its card says so by itself."""
    take_back = partial(orders.undo, user_id=user.id, order_id=callback_data.order_id, now=now())
    order = await db.retrying(take_back)
    await screens.toast(query, texts.bare("toast-undone", amount=order.charge))
