"""The rest of an order that stopped: buy it in one tap, choose where, keep the money, or ask why."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from handlers import amounts, callbacks, keyboards, offers, screens
from handlers.customer import buying, start
from handlers.i18n import Texts
from handlers.screens import Screen, lines
from handlers.settings import ShopSettings
from services import causes, finishing, goals, orders, pricing, quotes, reorder, waiting
from services.db import Database, WriteSession
from services.errors import NotEnoughMoney, PriceChanged, QuoteGone, RestOrdered
from services.goals import GoalView
from services.link_check import LinkCheck
from services.money import Money
from services.order_view import FINISHED, OrderView
from services.page_signs import Code
from services.reorder import Rest
from services.users import Person

_MONEY = (callbacks.BuyRest, callbacks.ChooseRest, callbacks.KeepMoney, callbacks.TellMe, callbacks.FinishIt)
"""The buttons that are over once the rest is bought."""
_NO_REST = frozenset({"open", "delivered", "ordered"})
"""Why there is no rest to speak of."""


def router() -> Router:
    """The buttons under a notice that an order stopped."""
    router = Router(name="rest")
    router.callback_query.register(buy, callbacks.BuyRest.filter())
    router.callback_query.register(choose, callbacks.ChooseRest.filter())
    router.callback_query.register(tell_me, callbacks.TellMe.filter())
    router.callback_query.register(keep, callbacks.KeepMoney.filter())
    router.callback_query.register(why, callbacks.Why.filter())
    return router


async def buy(
    query: CallbackQuery,
    callback_data: callbacks.BuyRest,
    state: FSMContext,
    db: Database,
    settings: ShopSettings,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
    pages: LinkCheck | None,
) -> None:
    """One tap buys the rest on the offered server. The new order's card comes through the outbox."""
    token = callback_data.token
    if callback_data.look and pages is not None:
        code = await _seen(db, pages, user, token, now)
        if code in ("private", "gone"):
            return await screens.toast(query, texts.bare("toast-not-public", code=code), alert=True)
    undo = timedelta(seconds=settings.undo_seconds)
    place = partial(orders.place, user_id=user.id, token=token, undo=undo, now=now(), staff=user.is_staff)
    try:
        placed = await db.retrying(place)
    except RestOrdered as refusal:
        await screens.toast(query, texts.bare(refusal.code))
        return await screens.rearm(query, screens.without(query, _over(callback_data)))
    except (PriceChanged, NotEnoughMoney) as refusal:
        return await _not_at_this_price(query, state, db, texts, user, token, now(), refusal)
    except QuoteGone:
        return await start.outdated(query, db, texts, user)
    await screens.toast(query, _bought(texts, placed, settings.undo_seconds))
    return await screens.rearm(query, screens.without(query, _over(callback_data)))


def _over(tapped: callbacks.BuyRest) -> Sequence[screens.Intention]:
    """The buttons that are over now: of a message about other orders too only what was tapped."""
    return (tapped,) if tapped.among else _MONEY


async def _not_at_this_price(
    query: CallbackQuery,
    state: FSMContext,
    db: Database,
    texts: Texts,
    user: Person,
    token: str,
    now: datetime,
    refusal: PriceChanged | NotEnoughMoney,
) -> None:
    """Show the offer as a quote, at the price of now or with what is missing; what two servers share as the choice."""
    said = texts.bare(refusal.code, **refusal.params)
    async with db.read() as session:
        quote = await quotes.requote(session, user_id=user.id, token=token)
    if quote.second is not None and quote.replaces_id is not None:
        choices = await _choices(quote.replaces_id, db, texts, user, now)
        await screens.toast(query, said, alert=True)
        return await screens.show(query, choices, new=True)
    if isinstance(refusal, PriceChanged):
        return await buying.quote_anew(query, state, db, texts, user, token, now, new=True)
    return await buying.show_quote(query, db, texts, user, token, said, new=True)


async def _seen(db: Database, pages: LinkCheck, user: Person, token: str, now: Callable[[], datetime]) -> Code:
    """What the page of an offer's link says now; unclear for an offer that is gone, which buying finds out too."""
    try:
        async with db.read() as session:
            link = (await quotes.requote(session, user_id=user.id, token=token)).link
    except QuoteGone:
        return "unclear"
    codes = await pages.codes([link], no_older=0)
    async with db.write() as session:
        await causes.remember(session, codes, now())
    return codes[link]


def _bought(texts: Texts, placed: orders.Placed, seconds: float) -> str:
    bought = placed.order
    quantity = amounts.amount(texts, bought.quantity, bought.unit)
    if not placed.created:
        return texts.bare("toast-placed-before", order=str(bought.id))
    second = placed.second
    return texts.bare(
        "toast-rest",
        quantity=quantity,
        server=bought.server,
        others=second.quantity if second else 0,
        other=second.server if second else "",
        seconds=int(seconds),
    )


async def choose(
    query: CallbackQuery,
    callback_data: callbacks.ChooseRest,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """Every server that could deliver the rest, each for one tap."""
    choices = await _choices(callback_data.order_id, db, texts, user, now())
    await screens.toast(query)
    await screens.show(query, choices, new=True)


async def _choices(order_id: int, db: Database, texts: Texts, user: Person, now: datetime) -> Screen:
    async with db.write() as session:
        rest = await reorder.rest(session, user_id=user.id, order_id=order_id, now=now, staff=user.is_staff)
        if _too_dear(rest):
            await waiting.keep(session, [order_id], waiting.MONEY, now)
    return choice(texts, rest)


def _too_dear(rest: Rest) -> bool:
    """Whether the wallet pays none of the offers: then the money is waited for, as is said."""
    return bool(rest.offers) and all(offer.missing for offer in rest.offers)


def choice(texts: Texts, rest: Rest) -> Screen:
    """The rest, what came back for it, and where it can be ordered; a sentence where there is none to be ordered."""
    if rest.no_offer in _NO_REST:
        return Screen(texts("rest-none", reason=rest.no_offer), keyboards.stack([keyboards.menu(texts, new=True)]))
    least = min((offer.missing for offer in rest.offers), default=None)
    text = lines(
        texts("rest-title", quantity=amounts.amount(texts, rest.remaining, rest.order.unit)),
        texts("rest-returned", order=str(rest.order.id), refunded=rest.refunded),
        "",
        texts("rest-choose") if rest.offers else texts("rest-none", reason=rest.no_offer or "no_alternative"),
        *(line for offer in rest.offers for line in offers.unusual(texts, offer)),
        texts("rest-missing", missing=least) if least else None,
    )
    buttons = [[offers.on_server(texts, offer)] for offer in rest.offers]
    asking = offers.tell_me(texts, rest.order.id, rest.no_offer)
    return Screen(text, keyboards.stack(*buttons, asking, [keyboards.menu(texts, new=True)]))


async def tell_me(
    query: CallbackQuery,
    callback_data: callbacks.TellMe,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """Wait for a server that takes the rest; the button has done its part."""
    async with db.write() as session:
        await waiting.ask(session, user_id=user.id, order_id=callback_data.order_id, now=now())
    await screens.toast(query, texts.bare("toast-tell-me"), alert=True)
    await screens.rearm(query, screens.without(query, (callback_data,)))


async def keep(
    query: CallbackQuery,
    callback_data: callbacks.KeepMoney,
    db: Database,
    texts: Texts,
    user: Person,
    now: Callable[[], datetime],
) -> None:
    """Leave the money in the wallet: it is there already. Nobody goes on with this goal by itself then."""

    async def left(session: WriteSession) -> tuple[OrderView, GoalView]:
        stopped = await orders.find(session, user.id, callback_data.order_id)
        goal = await goals.find(session, user.id, stopped.goal_id)
        await finishing.turn(session, user_id=user.id, goal_id=goal.id, on=False, now=now())
        await waiting.forget(session, stopped.id)
        return stopped, goal

    stopped, goal = await db.retrying(left)
    spent = any(part.replaces_id == stopped.id and _stands(part) for part in goal.parts)
    said = texts.bare("error-rest-ordered") if spent else texts.bare("toast-kept", amount=stopped.refunded)
    await screens.toast(query, said)
    await screens.rearm(query, None)


def _stands(part: OrderView) -> bool:
    return part.status not in FINISHED or part.delivered > 0


async def why(query: CallbackQuery, callback_data: callbacks.Why, db: Database, texts: Texts, user: Person) -> None:
    """The likely cause in plain words, and the arithmetic."""
    async with db.read() as session:
        stopped = await orders.find(session, user.id, callback_data.order_id)
    await screens.toast(query)
    await screens.show(query, explanation(texts, stopped, callback_data.cause), new=True)


def explanation(texts: Texts, stopped: OrderView, cause: str) -> Screen:
    """What was ordered, delivered and given back, step by step to the last digit."""
    kept = pricing.kept(stopped.charge, stopped.delivered, stopped.quantity)
    more = stopped.refunded - (stopped.charge - kept)  # by hand, beyond what was not delivered
    sums: dict[str, int | Money] = {
        "quantity": stopped.quantity,
        "delivered": stopped.delivered,
        "remaining": stopped.quantity - stopped.delivered,
        "charge": stopped.charge,
        "kept": kept,
        "refunded": stopped.charge - kept,
    }
    text = lines(
        texts("why-title", order=str(stopped.id)),
        texts("why-cause", cause=cause, server=stopped.server),
        "",
        texts("why-ordered", quantity=amounts.amount(texts, stopped.quantity, stopped.unit), charge=stopped.charge),
        texts("why-delivered", **sums),
        texts("why-returned", **sums),
        texts("why-more", more=more) if more else None,
        texts("notice-package") if stopped.unit == "package" else None,
        "",
        texts("why-promise"),
    )
    return Screen(text)
