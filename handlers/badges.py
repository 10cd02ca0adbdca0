"""How a server fares, in the few words that customers read: on its card, and on its button in a list."""

from collections.abc import Sequence

from handlers.i18n import Html, Texts
from services.health import Health


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


def brief(texts: Texts, health: Health) -> Html:
    """The first badge as a button has room for it, or nothing."""
    first = next(iter(health.badges), "none")
    return texts("badge-brief", code=first, percent=health.completed_percent)
