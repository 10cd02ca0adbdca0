"""A goal in words: as a line of the history, and as the card of what was wanted and what came of it."""

from datetime import datetime

from handlers import amounts, cards, guarantees
from handlers.i18n import Texts
from handlers.screens import brief, lines, shown, tidy
from services.goals import GoalView
from services.order_view import OrderView


def state(goal: GoalView) -> str:
    """How far a goal came: open, full, partly or none."""
    if goal.open:
        return "open"
    if goal.delivered >= goal.quantity:
        return "full"
    return "partly" if goal.delivered else "none"


def label(texts: Texts, goal: GoalView) -> str:
    """A goal on a button."""
    return texts.bare(
        "button-goal",
        state=state(goal),
        order=str(goal.id),
        service=brief(tidy(goal.first.service_name), 28),
        delivered=goal.delivered,
        quantity=amounts.amount(texts, goal.quantity, goal.first.unit),
    )


def told(texts: Texts, goal: GoalView, now: datetime) -> str:
    """What was wanted, what came of it and from where, and what it cost."""
    first, finished = goal.first, None if goal.open else max(part.closed_at or part.created_at for part in goal.parts)
    parts = [(part.server, part.counted) for part in goal.parts]
    together = len(goal.parts) > 1
    status = texts("goal-status", state=state(goal)) if together else cards.status(texts, first.status, first.progress)
    return lines(
        texts("order-title", order=str(goal.id), status=status),
        texts("goal-service", service=tidy(first.service_name))
        if together
        else cards.service(texts, first.service_name, first.server),
        texts("ordering-link", link=texts("link", url=first.link, shown=shown(first.link))),
        *amounts.details(texts, first.quantity, first.extras),
        "",
        cards.bar(texts, goal.delivered, goal.quantity),
        cards.delivered(texts, goal.delivered, goal.quantity, parts, first.unit),
        "",
        texts("goal-paid", paid=goal.paid),
        texts("goal-ordered", at=first.created_at),
        texts("goal-finished", at=finished) if finished else None,
        *(() if together else guarantees.told(texts, guarantees.of_order(first), now)),
        *(("", texts("goal-parts"), *(part_told(texts, part, now) for part in goal.parts)) if together else ()),
    )


def part_told(texts: Texts, part: OrderView, now: datetime) -> str:
    """One part in a line, and below it what is guaranteed of it."""
    line = texts(
        "goal-part-line",
        order=str(part.id),
        server=part.server,
        delivered=part.delivered,
        quantity=amounts.amount(texts, part.quantity, part.unit),
        paid=part.charge - part.refunded,
        status=cards.status(texts, part.status, part.progress),
    )
    return lines(line, *(f"   {said}" for said in guarantees.told(texts, guarantees.of_order(part), now)))
