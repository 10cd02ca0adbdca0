"""Every notice of the shop put into words and buttons, in its reader's language."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from handlers import alerts, amounts, callbacks, cards, keyboards, offers, recovery, reseller_notices, site_news
from handlers.i18n import Html, Texts
from handlers.keyboards import Row
from handlers.screens import Screen, lines, shown
from services.backup_notices import BackupNotice
from services.finishing import DEAD
from services.notices import (
    AdminAlert,
    Canceled,
    Card,
    Clarifying,
    Completed,
    Corrected,
    Credited,
    Debited,
    FinishStep,
    FinishStopped,
    GuaranteeEnds,
    Notice,
    Partial,
    Refill,
    Rejected,
    RestReady,
    Verifying,
)
from services.site_notices import SiteNotice
from services.staff_notices import ApprovalNotice, Audited, Broadcast, BroadcastCard, OrderedFor, Refunded


def render(notice: Notice, texts: Texts, *, now: datetime | None = None) -> Screen:
    """The message a notice becomes. `now` is when, for the elapsed time on a live card; the clock's time if not given.

    Each tells its facts in one order: what happened to which order, how many came, what is back or held and the
    balance, then why, then what to do.

    Buttons of a notice answer in a message of their own: what was told stays in the chat.
    """
    if isinstance(notice, Card):
        return cards.card(texts, notice, now or datetime.now(UTC))
    return _WORDS[type(notice)](notice, texts)


def _partial(notice: Partial, texts: Texts) -> Screen:
    text = lines(
        texts("partial-title", order=str(notice.order_id)),
        cards.service(texts, notice.service_name, notice.server),
        "",
        *_delivered(notice, texts),
        texts("notice-refunded", refunded=notice.refunded),
        texts("notice-balance", balance=notice.balance),
        "",
        _cause(notice, texts),
        *(
            offers.told(texts, notice.offer)
            if notice.offer
            else [texts("rest-none", reason=notice.no_offer or "no_alternative")]
        ),
        texts("finish-goes-on") if notice.finishing else None,
    )
    return Screen(text, keyboards.stack(*_ways_on(notice, texts)))


def _cause(notice: Partial | Canceled, texts: Texts) -> str:
    """Why it stopped, in one sentence that says how sure that is."""
    sure = "sure" if notice.sure else "likely"
    return texts("partial-cause", cause=notice.cause, server=notice.server, sure=sure)


def _delivered(notice: Partial | Canceled | Corrected | Refunded, texts: Texts) -> Sequence[str]:
    """How much came, in the unit that it was paid by."""
    quantity = amounts.amount(texts, notice.quantity, notice.unit)
    said = texts("notice-delivered", delivered=notice.delivered, quantity=quantity)
    return [said, texts("notice-package")] if notice.unit == "package" else [said]


def _ways_on(notice: Partial | Canceled, texts: Texts) -> Sequence[Row]:
    """The rest in one tap, another service, the wallet filled up, the money kept, and why."""
    order_id, offer = notice.order_id, notice.offer
    other = keyboards.tap(texts.bare("button-choose-rest"), callbacks.ChooseRest(order_id=order_id))
    finish = keyboards.tap(texts.bare("button-finish-it"), callbacks.FinishIt(order_id=order_id))
    keep = keyboards.tap(texts.bare("button-keep-money"), callbacks.KeepMoney(order_id=order_id))
    why = keyboards.tap(texts.bare("button-why"), callbacks.Why(order_id=order_id, cause=notice.cause))
    return [
        [offers.remaining(texts, offer, look=notice.cause == "target_private")] if offer else [],
        [other] if offer else [],
        [finish] if offer and not offer.missing and not notice.finishing else [],
        offers.top_up(texts, offer),
        offers.tell_me(texts, order_id, notice.no_offer),
        [keep],
        [why],
    ]


def _completed(notice: Completed, texts: Texts) -> Screen:
    alone = notice.goal_id == notice.order_id
    title = (
        texts("completed-title", order=str(notice.order_id))
        if alone
        else texts("completed-goal-title", order=str(notice.order_id), goal=str(notice.goal_id))
    )
    text = lines(
        title,
        cards.service(texts, notice.service_name, notice.server),
        "",
        cards.delivered(texts, notice.goal_delivered, notice.goal_quantity, notice.parts, notice.unit),
    )
    return Screen(
        text,
        keyboards.stack(
            [
                keyboards.tap(texts.bare("button-repeat"), callbacks.Repeat(order_id=notice.goal_id)),
                keyboards.menu(texts, new=True),
            ]
        ),
    )


def _canceled(notice: Canceled, texts: Texts) -> Screen:
    text = lines(
        texts("canceled-title", order=str(notice.order_id)),
        cards.service(texts, notice.service_name, notice.server),
        "",
        *_delivered(notice, texts),
        texts("notice-refunded", refunded=notice.refunded),
        texts("notice-balance", balance=notice.balance),
        "",
        _cause(notice, texts),
        *(offers.told(texts, notice.offer) if notice.offer else ()),
        texts("rest-none", reason=notice.no_offer) if notice.no_offer else None,
        texts("finish-goes-on") if notice.finishing else None,
    )
    return Screen(text, keyboards.stack(*_ways_on(notice, texts)))


def _rejected(notice: Rejected, texts: Texts) -> Screen:
    text = lines(
        texts("rejected-title", order=str(notice.order_id), reason=notice.reason),
        cards.service(texts, notice.service_name, notice.server),
        "",
        _none_delivered(notice, texts),
        texts("rejected-refunded", refunded=notice.refunded),
        texts("notice-balance", balance=notice.balance),
        "",
        texts("rejected-reason", reason=notice.reason, server=notice.server),
        *(offers.told(texts, notice.offer) if notice.offer else ()),
        texts("finish-goes-on") if notice.finishing else None,
    )
    offer = notice.offer
    other = keyboards.tap(texts.bare("button-choose-rest"), callbacks.ChooseRest(order_id=notice.order_id))
    rows = [[offers.remaining(texts, offer)], [other], offers.top_up(texts, offer)] if offer else []
    return Screen(text, keyboards.stack(*rows, [keyboards.menu(texts, new=True)]))


def _none_delivered(notice: Rejected, texts: Texts) -> str:
    quantity = amounts.amount(texts, notice.quantity, notice.unit)
    return texts("notice-delivered", delivered=0, quantity=quantity)


def _held(notice: Verifying | Clarifying, texts: Texts) -> Screen:
    """Nobody knows yet how many came: the money waits."""
    quantity = amounts.amount(texts, notice.quantity, notice.unit)
    verifying = isinstance(notice, Verifying)
    order = str(notice.order_id)
    return Screen(
        lines(
            texts("verifying-title", order=order) if verifying else texts("clarifying-title", order=order),
            cards.service(texts, notice.service_name, notice.server),
            "",
            texts("notice-not-known", quantity=quantity),
            texts("notice-held", charge=notice.charge),
            "",
            texts("verifying-text", server=notice.server)
            if verifying
            else texts("clarifying-text", server=notice.server),
        )
    )


def _corrected(notice: Corrected, texts: Texts) -> Screen:
    return Screen(
        lines(
            texts("corrected-title", order=str(notice.order_id)),
            cards.service(texts, notice.service_name, notice.server),
            "",
            *_delivered(notice, texts),
            texts("notice-refunded", refunded=notice.refunded),
            texts("notice-balance", balance=notice.balance),
            "",
            texts("corrected-text"),
        )
    )


def _refunded(notice: Refunded, texts: Texts) -> Screen:
    return Screen(
        lines(
            texts("refunded-title", order=str(notice.order_id)),
            cards.service(texts, notice.service_name, notice.server),
            "",
            *_delivered(notice, texts),
            texts("notice-refunded", refunded=notice.refunded),
            texts("notice-balance", balance=notice.balance),
            "",
            texts("credited-reason", reason=notice.note),
        ),
        keyboards.stack([keyboards.menu(texts, new=True)]),
    )


def _ordered_for(notice: OrderedFor, texts: Texts) -> Screen:
    return Screen(
        lines(
            texts("ordered-for-title", order=str(notice.order_id)),
            texts("ordered-for-what", orders=_made(notice, texts), price=notice.price),
            texts("notice-balance", balance=notice.balance),
            "",
            texts("ordered-for-text"),
        ),
        keyboards.stack([keyboards.tap(texts.bare("button-orders"), callbacks.Goals(new=True))]),
    )


def _made(notice: OrderedFor | FinishStep, texts: Texts) -> Html:
    """The orders that were made for somebody: 400 on Server B."""
    made = [
        texts("goal-part", delivered=amounts.amount(texts, int(quantity), notice.unit), server=str(server))
        for server, quantity in notice.orders
    ]
    return Html(texts.bare("goal-separator").join(made))


def _rest_ready(notice: RestReady, texts: Texts) -> Screen:
    offer = notice.offer
    other = keyboards.tap(texts.bare("button-choose-rest"), callbacks.ChooseRest(order_id=notice.order_id))
    return Screen(
        lines(
            texts("rest-ready-title", order=str(notice.order_id)),
            texts("rest-ready-text", remaining=amounts.amount(texts, notice.remaining, notice.unit)),
            texts("notice-balance", balance=notice.balance),
            "",
            *(offers.told(texts, offer) if offer else ()),
        ),
        keyboards.stack([offers.remaining(texts, offer)] if offer else [], [other], offers.top_up(texts, offer)),
    )


def _finish_step(notice: FinishStep, texts: Texts) -> Screen:
    return Screen(
        lines(
            texts("finish-step-title", goal=str(notice.goal_id)),
            texts("finish-step-ordered", orders=_made(notice, texts), price=notice.price),
            texts("notice-balance", balance=notice.balance),
            "",
            texts("finish-step-used", used=notice.used, most=notice.most, extra=notice.extra, limit=notice.limit),
        ),
        keyboards.stack(
            [keyboards.tap(texts.bare("button-finish"), callbacks.Finish(goal_id=notice.goal_id, new=True))]
        ),
    )


def _finish_stopped(notice: FinishStopped, texts: Texts) -> Screen:
    other = keyboards.tap(texts.bare("button-choose-rest"), callbacks.ChooseRest(order_id=notice.order_id))
    terms = keyboards.tap(texts.bare("button-finish"), callbacks.Finish(goal_id=notice.goal_id, new=True))
    return Screen(
        lines(
            texts("finish-stopped-title", goal=str(notice.goal_id)),
            texts("rest-ready-text", remaining=amounts.amount(texts, notice.lacking, notice.unit)),
            "",
            texts("finish-stopped-reason", reason=notice.reason, most=notice.most, limit=notice.limit),
        ),
        keyboards.stack([] if notice.reason in DEAD else [other], [terms]),
    )


def _refill(notice: Refill, texts: Texts) -> Screen:
    """How a refill goes on, and when the next may be asked for where that is of use now."""
    failed = notice.state in ("rejected", "unknown")
    again_at = datetime.fromisoformat(notice.again_at) if failed and notice.again_at else None
    until = datetime.fromisoformat(notice.until) if notice.until else None
    return Screen(
        lines(
            texts("refill-title", order=str(notice.order_id), state=notice.state),
            cards.service(texts, notice.service_name, notice.server),
            "",
            texts("refill-text", state=notice.state, reason=notice.reason or "other", server=notice.server),
            texts("refill-again", at=again_at) if again_at else None,
            texts("refill-until", day=texts.day(until)) if until and notice.reason != "over" else None,
        )
    )


def _guarantee_ends(notice: GuaranteeEnds, texts: Texts) -> Screen:
    """Check the count now: later nothing is made up for."""
    until = datetime.fromisoformat(notice.until)
    report = keyboards.tap(texts.bare("button-refill"), callbacks.AskRefill(order_id=notice.order_id))
    return Screen(
        lines(
            texts("guarantee-ends-title", order=str(notice.order_id), day=texts.day(until)),
            cards.service(texts, notice.service_name, notice.server),
            texts("ordering-link", link=texts("link", url=notice.link, shown=shown(notice.link))),
            "",
            texts("guarantee-ends-text", delivered=amounts.amount(texts, notice.delivered, notice.unit)),
        ),
        keyboards.stack([report], [keyboards.menu(texts, new=True)]),
    )


def _by_hand(notice: Credited | Debited, texts: Texts) -> Screen:
    return Screen(
        lines(
            texts("debited-title" if isinstance(notice, Debited) else "credited-title", amount=notice.amount),
            texts("notice-balance", balance=notice.balance),
            texts("credited-reason", reason=notice.reason) if notice.reason else None,
        ),
        keyboards.stack([keyboards.menu(texts, new=True)]),
    )


def _broadcast(notice: Broadcast, texts: Texts) -> Screen:
    stop = keyboards.tap(texts.bare("button-no-news"), callbacks.News(wanted=False, here=True))
    return Screen(Html(notice.text), keyboards.stack([keyboards.menu(texts, new=True)], [stop]))


def _broadcast_card(card: BroadcastCard, texts: Texts) -> Screen:
    steps = {"running": ("pause", "stop"), "paused": ("run", "stop")}.get(card.state, ())
    done = card.sent + card.dropped
    return Screen(
        lines(
            texts("broadcast-card-title", broadcast=str(card.broadcast_id), state=card.state),
            cards.bar(texts, done, max(done, card.total, 1)),
            texts("broadcast-card-counts", sent=card.sent, total=max(done, card.total), dropped=card.dropped),
        ),
        keyboards.stack(
            [
                keyboards.tap(
                    texts.bare(f"button-broadcast-{step}"), callbacks.Move(broadcast_id=card.broadcast_id, step=step)
                )
                for step in steps
            ]
        )
        if steps
        else None,
    )


_WORDS: dict[type[Any], Callable[[Any, Texts], Screen]] = {
    Partial: _partial,
    Completed: _completed,
    Canceled: _canceled,
    Rejected: _rejected,
    Refunded: _refunded,
    RestReady: _rest_ready,
    OrderedFor: _ordered_for,
    FinishStep: _finish_step,
    FinishStopped: _finish_stopped,
    Verifying: _held,
    Clarifying: _held,
    Corrected: _corrected,
    Refill: _refill,
    GuaranteeEnds: _guarantee_ends,
    Credited: _by_hand,
    Debited: _by_hand,
    AdminAlert: alerts.alert,
    ApprovalNotice: alerts.approval,
    Broadcast: _broadcast,
    BroadcastCard: _broadcast_card,
    Audited: alerts.audited,
    BackupNotice: recovery.backup,
    **reseller_notices.WORDS,
    SiteNotice: site_news.told,
}
