"""A period of a report as it is typed after a command, and in words."""

from datetime import datetime

from handlers.admin.arguments import Misread
from handlers.i18n import Html, Texts
from handlers.screens import brief
from services import periods
from services.periods import Period


def read(word: str, now: datetime) -> Period:
    """What was typed; Misread where it is no period."""
    period = periods.read(word, now)
    if period is None:
        raise Misread("misread-period", text=brief(word))
    return period


def name(texts: Texts, period: Period) -> Html:
    """Which days it is."""
    word = period.word if period.word in periods.WORDS else "other"
    days = {"first": texts.day(period.first), "last": texts.day(period.last)}
    return texts("stats-period", word=word, days="one" if period.days == 1 else "many", **days)
