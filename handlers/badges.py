"""How a server fares, in the few words that customers read: on its card, and on its button in a list."""

from collections.abc import Sequence

from handlers.i18n import Html, Texts
from services.health import Health, InFull


def told(texts: Texts, health: Health) -> Sequence[Html]:
    """A line for each badge; none where too little is known."""
    return [
        texts(
            "badge",
            code=code,
            percent=health.completed_percent,
            stopped=health.lately_stopped,
            orders=health.lately,
            span=health.finish or "",
        )
        for code in health.badges
    ]


def in_full(texts: Texts, found: InFull) -> Sequence[Html]:
    """All that is known, for admins."""
    one, whole = found.service, found.whole

    def line(key: str, health: Health, **more: str) -> Html:
        return texts(
            key,
            ended=health.ended,
            completed=health.completed,
            partial=health.partial,
            canceled=health.canceled,
            silent=health.silent,
            **more,
        )

    return [
        line("health-service", one),
        texts("health-start", span=one.start) if one.start is not None else texts("health-no-times"),
        *([texts("health-finish", span=one.finish)] if one.finish is not None else []),
        *([texts("health-pace", pace=one.pace)] if one.pace is not None else []),
        line("health-provider", whole, provider=found.provider),
    ]


def brief(texts: Texts, health: Health) -> Html:
    """The first badge as a button has room for it, or nothing."""
    first = next(iter(health.badges), "none")
    return texts("badge-brief", code=first, percent=health.completed_percent)
