"""Several notices at once as one message: the counts, the money, a line for each order, and the buttons of all."""

from collections import Counter
from collections.abc import Sequence

from handlers import amounts, callbacks, keyboards, offers
from handlers.i18n import Html, Texts
from handlers.keyboards import Row
from handlers.screens import Screen, brief, lines, tidy
from services.money import ZERO, Money
from services.notices import (
    Canceled,
    Clarifying,
    Completed,
    Corrected,
    Digested,
    Notice,
    Offer,
    Partial,
    Rejected,
    Verifying,
)

FEW = 3
"""Fewer notices than this are told one by one."""
MOST = 25
"""At their largest so many orders fit into one message; what is left over goes into the next."""
LONGEST_NAME = 28
WHYS_IN_ROW = 4
_KINDS = (Completed, Partial, Canceled, Rejected, Corrected, Verifying, Clarifying)


def render(told: Sequence[Notice], texts: Texts) -> Screen:
    """One message for FEW to MOST notices, given oldest first. ValueError for a kind that is told alone."""
    notices = [notice for notice in told if isinstance(notice, _KINDS)]
    if len(notices) != len(told):
        raise ValueError("a notice that must be told alone came into a digest")
    returned = sum((_returned(notice) for notice in notices), ZERO)
    balances = [notice.balance for notice in notices if not isinstance(notice, Completed | Verifying | Clarifying)]
    notices.sort(key=lambda notice: notice.order_id)
    packages = any(isinstance(notice, Partial | Canceled) and notice.unit == "package" for notice in notices)
    text = lines(
        texts("digest-title", count=len(notices)),
        _counts(notices, texts),
        texts("digest-refunded", refunded=returned) if returned else None,
        texts("notice-balance", balance=balances[-1]) if balances else None,
        "",
        *(_line(notice, texts) for notice in notices),
        *(["", texts("notice-package")] if packages else []),
    )
    return Screen(text, keyboards.stack(*_buttons(notices, texts)))


def _returned(notice: Digested) -> Money:
    return ZERO if isinstance(notice, Completed | Verifying | Clarifying) else notice.refunded


def _counts(notices: Sequence[Digested], texts: Texts) -> Html:
    """How many of each kind."""
    counted = Counter(notice.kind for notice in notices)
    told = [texts("digest-count", what=kind.kind, count=counted[kind.kind]) for kind in _KINDS if counted[kind.kind]]
    return Html(texts.bare("digest-separator").join(told))


def _line(notice: Digested, texts: Texts) -> Html:
    """What happened to one order: how many came of how many, and what came back."""
    delivered, quantity, unit, goal = 0, notice.quantity, "thousand", ""
    money, reason = _returned(notice), ""
    match notice:
        case Completed():
            delivered, quantity, unit = notice.goal_delivered, notice.goal_quantity, notice.unit
            goal = "" if notice.goal_id == notice.order_id else str(notice.goal_id)
        case Partial() | Canceled() | Corrected():
            delivered, unit = notice.delivered, notice.unit
        case Rejected():
            reason, unit = notice.reason, notice.unit
        case Verifying() | Clarifying():
            money, unit = notice.charge, notice.unit
    return texts(
        "digest-line",
        what=notice.kind,
        order=str(notice.order_id),
        service=brief(tidy(notice.service_name), LONGEST_NAME),
        server=notice.server,
        delivered=delivered,
        quantity=amounts.amount(texts, quantity, unit),
        with_it="yes" if goal else "no",
        goal=goal,
        credited="yes" if money else "no",
        money=money,
        reason=reason,
        goes_on="yes" if isinstance(notice, Partial | Canceled) and notice.finishing else "no",
    )


def _buttons(notices: Sequence[Digested], texts: Texts) -> Sequence[Row]:
    """Each rest that is offered in one tap or waited for, then why each order stopped, then all orders."""
    rests = [
        [offers.among(texts, notice.order_id, offer, look=_private(notice))]
        for notice in notices
        if (offer := _offer(notice)) is not None
    ]
    whys = [
        keyboards.tap(
            texts.bare("button-digest-why", order=str(notice.order_id)),
            callbacks.Why(order_id=notice.order_id, cause=notice.cause),
        )
        for notice in notices
        if isinstance(notice, Partial | Canceled)
    ]
    orders = keyboards.tap(texts.bare("button-orders"), callbacks.Goals(new=True))
    short = next((offer for notice in notices if (offer := _offer(notice)) is not None and offer.missing), None)
    waits = [row for notice in notices if (row := _wait(notice, texts))]
    return [*rests, offers.top_up(texts, short), *waits, *keyboards.grid(whys, WHYS_IN_ROW), [orders]]


def _wait(notice: Digested, texts: Texts) -> Row:
    """To be told of this order's rest later, where that helps."""
    no_offer = notice.no_offer if isinstance(notice, Partial) else None
    return [
        button.model_copy(update={"text": texts.bare("button-of", order=str(notice.order_id), label=button.text)})
        for button in offers.tell_me(texts, notice.order_id, no_offer)
    ]


def _offer(notice: Digested) -> Offer | None:
    return notice.offer if isinstance(notice, Partial | Canceled | Rejected) else None


def _private(notice: Digested) -> bool:
    return isinstance(notice, Partial | Canceled) and notice.cause == "target_private"
