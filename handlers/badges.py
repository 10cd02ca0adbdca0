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
    one = found.service
    return [
        texts("health-service", **_counts(one)),
        texts("health-start", span=one.start) if one.start is not None else texts("health-no-times"),
        *([texts("health-finish", span=one.finish)] if one.finish is not None else []),
        *([texts("health-pace", pace=one.pace)] if one.pace is not None else []),
        all_of(texts, found.provider, found.whole),
    ]


def all_of(texts: Texts, provider: str, health: Health) -> Html:
    """How all fares that a provider delivers, for admins."""
    return texts("health-provider", provider=provider, **_counts(health))


def _counts(health: Health) -> dict[str, int]:
    return {
        "ended": health.ended,
        "completed": health.completed,
        "partial": health.partial,
        "canceled": health.canceled,
        "silent": health.silent,
    }


def brief(texts: Texts, health: Health) -> Html:
    """The first badge as a button has room for it, or nothing."""
    first = next(iter(health.badges), "none")
    return texts("badge-brief", code=first, percent=health.completed_percent)
