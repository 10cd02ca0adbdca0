"""The end of an order: its money, its story, its card and its notice, for a whole batch in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from services import causes, finishing, notices, order_news, orders, outbox, reorder, waiting, wallet
from services.db import WriteSession
from services.models import Order
from services.money import Money
from services.order_news import Change
from services.order_view import FINISHED, VIEW, OrderView


@dataclass(frozen=True, slots=True)
class Closing:
    """An order `before` and `after` its row was updated; `reason` is the code of a rejection."""

    before: OrderView
    after: OrderView
    reason: str = ""

    @property
    def first(self) -> bool:
        """Whether money was still held for it."""
        return self.before.status not in FINISHED

    @property
    def stops(self) -> bool:
        """Whether the customer must hear that this order will not be delivered in full."""
        return self.after.status != "completed" and (self.first or self.before.status == "completed")

    @property
    def returned(self) -> Money:
        """What comes back now."""
        return self.after.refunded - self.before.refunded


async def close(session: WriteSession, closings: Sequence[Closing], now: datetime) -> None:
    """Settle orders whose rows say how they ended, or that more is to be refunded, and tell their customers.

    What a reseller's site ordered is told to the site: to order the rest, or not, is for its own customer to say.
    """
    if not closings:
        return
    # Before the money: a step of `finishing` takes the goal, its own row and then the wallet, in this order.
    unsure = [each.after for each in closings if each.reason in _NOT_WANTED and not each.after.by_api]
    await finishing.off(session, [order.goal_id for order in unsure])
    onward = await finishing.wake(session, {each.after.goal_id for each in closings if _may_go_on(each)}, now)
    balances = await wallet.settle(
        session,
        [
            wallet.Settlement(
                order_id=closing.after.id,
                user_id=closing.after.user_id,
                charge=closing.after.charge,
                refunded_before=closing.before.refunded,
                refund_target=closing.after.refunded,
                closing=closing.first,
            )
            for closing in closings
        ],
        now,
    )
    await orders.record(
        session,
        [
            (
                closing.after.id,
                closing.after.status,
                {"delivered": closing.after.delivered, "refunded": str(closing.after.refunded)},
            )
            for closing in closings
        ],
        now,
    )
    chatted = [closing for closing in closings if not closing.after.by_api]
    stopped = [closing for closing in chatted if closing.stops]
    why = await causes.of(session, [stop.after.id for stop in stopped if stop.after.status in causes.STOPPED], now)
    unwanted = [stop for stop in stopped if stop.reason != CALLED_OFF]
    offers = await _offers(session, unwanted, why, balances, now)
    short = [order_id for order_id, found in offers.items() if found.offer is not None and found.offer.missing]
    await waiting.keep(session, short, waiting.MONEY, now)
    done = await _goals(session, [closing for closing in chatted if closing.after.status == "completed"])
    told = [_notice(closing, balances[closing.after.user_id], offers, why, done, onward) for closing in chatted]
    changes = [Change(closing.after, closing.before) for closing in closings]
    await order_news.tell(session, changes, now, priority=outbox.NOTICE)
    await outbox.put(session, told, now)


CALLED_OFF = "called_off"
"""The reason code of orders that the shop took back before they were sent."""
_NOT_WANTED = frozenset({"unverified", CALLED_OFF})
"""Ends after which the shop orders nothing of the goal by itself, whatever becomes of its other orders: who never
confirmed an order may have taken it, and what was called off is not wanted."""
_NOT_ELSEWHERE = _NOT_WANTED | {"bad_link"}
"""Refusals that are no reason to order elsewhere by itself: the next server would refuse that link as well."""


def _may_go_on(closing: Closing) -> bool:
    """Whether more is missing than before, a correction included, and another server may have it."""
    missing = closing.after.lacking > (0 if closing.first else closing.before.lacking) and not closing.after.by_api
    return missing and closing.after.status != "completed" and closing.reason not in _NOT_ELSEWHERE


def _goes_on(closing: Closing, cause: causes.Cause, onward: Collection[int]) -> bool:
    """Whether the shop orders what is missing by itself: not where the link is seen to be dead."""
    dead = cause.code.removeprefix("target_") in finishing.DEAD
    return closing.after.goal_id in onward and _may_go_on(closing) and not dead


async def _offers(
    session: WriteSession,
    stopped: Sequence[Closing],
    why: Mapping[int, causes.Cause],
    balances: Mapping[int, Money],
    now: datetime,
) -> dict[int, reorder.Offered]:
    """The best offer for each rest; none where the target is gone, as it would stop there too."""
    returned = {stop.after.id: stop.returned for stop in stopped}
    gone = {order_id for order_id, cause in why.items() if cause.code == "target_gone"}
    alive = [order_id for order_id in returned if order_id not in gone]
    wanted = await reorder.wanted_of(session, alive, balances) if alive else []
    return dict.fromkeys(gone, reorder.Offered(None, "gone")) | await reorder.best_offers(
        session, [replace(rest, returned=returned[rest.order_id]) for rest in wanted], now
    )


async def _goals(session: WriteSession, completed: Sequence[Closing]) -> dict[int, list[OrderView]]:
    """All parts of the goals that these orders belong to, by goal id."""
    if not completed:
        return {}
    rows = await session.all(
        select(*VIEW).where(Order.goal_id.in_({closing.after.goal_id for closing in completed})).order_by(Order.id)
    )
    goals: dict[int, list[OrderView]] = {}
    for row in rows:
        part = OrderView(*row)
        goals.setdefault(part.goal_id, []).append(part)
    return goals


def _notice(
    closing: Closing,
    balance: Money,
    offers: Mapping[int, reorder.Offered],
    why: Mapping[int, causes.Cause],
    goals: Mapping[int, Sequence[OrderView]],
    onward: Collection[int],
) -> outbox.Outgoing:
    """What the customer of one order reads; keyed by what it says, so that it is said once."""
    order = closing.after
    offered = offers.get(order.id, reorder.Offered(None, None if order.lacking else "covered"))
    cause = why.get(order.id, causes.UNCLEAR)
    going_on = _goes_on(closing, cause, onward)
    about = (order.id, order.service_name, order.server, order.quantity)
    notice: notices.Notice
    if order.status == "completed":
        parts = goals[order.goal_id]
        notice = notices.Completed(
            *about,
            goal_id=order.goal_id,
            goal_quantity=parts[0].quantity,
            goal_delivered=sum(part.counted for part in parts),
            parts=[[part.server, part.counted] for part in parts if part.counted],
            unit=order.unit,
        )
    elif not closing.stops:
        notice = notices.Corrected(*about, order.delivered, closing.returned, balance, unit=order.unit)
    elif order.status == "partial":
        notice = notices.Partial(
            *about,
            delivered=order.delivered,
            charge=order.charge,
            refunded=closing.returned,
            balance=balance,
            cause="expired" if order.progress.casefold() == "expired" else cause.code,
            sure=cause.sure,
            offer=offered.offer,
            no_offer=offered.no_offer,
            unit=order.unit,
            finishing=going_on,
        )
    elif order.status == "canceled":
        notice = notices.Canceled(
            *about,
            order.delivered,
            order.charge,
            closing.returned,
            balance,
            offered.offer,
            no_offer=offered.no_offer,
            cause=cause.code,
            sure=cause.sure,
            unit=order.unit,
            finishing=going_on,
        )
    else:
        told = (closing.returned, balance, closing.reason, offered.offer)
        notice = notices.Rejected(*about, *told, unit=order.unit, finishing=going_on)
    key = f"order:{order.id}:{notice.kind}:{order.refunded.micros}"
    return outbox.Outgoing(key, order.user_id, notice)
