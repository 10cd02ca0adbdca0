"""How long a service guarantees against drops: read out of its name and description, in the words that panels use.

Panels have no field for it. "R30", "30 Days Refill", "♻️ 365D", "Lifetime Guarantee" and "No Refill" stand somewhere in
the name, or in a line of the description. The name comes first, a refusal before any length; where several lengths are
said, the one next to the word for refill counts, and of two equally near the shorter: no more is promised than that.
"""

import re
from datetime import datetime, timedelta

LIFETIME = 100 * 365
"""Days that stand for a guarantee without an end."""
LONGEST = 10 * 365
"""A longer one is no guarantee, but a number that means something else."""

_PROMISE = (
    r"re-?fill?(?:able|s|ed)?|guarant\w+|warranty|garant[iíy]\w*|garansi\w*|гаранти\w*|telafi\w*|reposi\w+|"
    r"non[ -]?drop|no[ -]drop|♻"
)
"""What promises to make up for a drop, in the languages that panels are written in."""
_WORD = re.compile(rf"(?<![^\W_])(?:auto[ -]?)?(?:{_PROMISE})", re.IGNORECASE)
_DENIED = re.compile(
    r"(?<![^\W_])(?:no|not|non|without|zero|tanpa|sem|sin|без)[ -]?(?:any |auto[ -]?)?"
    r"(?:re-?fill?|guarant|warrant|garan|гаранти|telafi|reposi)(?!\w*[ ](?:after|if|when|once|for|under|below|on)\b)"
    r"|(?:re-?fill?|guarantee|warranty|garansi|garantia)\w*\s*[:=-]+\s*(?:no|none|not|n/?a|0|❌|⛔|🚫)(?![^\W_])"
    r"|(?<![^\W_])(?:0 ?-?days? re-?fill?|N/?R|R0)(?![^\W_])|(?:❌|⛔|🚫) ?re-?fill?|\btelafisiz\b",
    re.IGNORECASE,
)
_FOREVER = re.compile(
    r"(?<![^\W_])(?:life ?-?time|forever|permanent|ömür boyu|seumur hidup)(?![^\W_])|♾", re.IGNORECASE
)
_ENDLESS = re.compile(rf"unlimited (?:{_PROMISE})", re.IGNORECASE)
_CODE = re.compile(r"(?<![^\W_])A?R-?(?P<days>[0-9]{1,4})(?: ?D(?:ays?)?)?(?![^\W_])")
_UNITS = {
    1: "days?|d|hari|gün|gun|d[ií]as?|дн(?:ей|я)|день",
    7: "weeks?|minggu|hafta|semanas?",
    30: "months?|mo|bulan|ay|mes(?:es)?|месяц(?:ев|а)?",
    365: "years?|yrs?|y|tahun|yıl|años?|anos?",
}
_SPAN = re.compile(
    r"(?<![\w.,/])(?:(?P<least>[0-9]{1,4}) ?[-–] ?)?(?P<number>[0-9]{1,4})[ -]?(?:"
    + "|".join(f"(?P<x{days}>{words})" for days, words in _UNITS.items())
    + r")(?![^\W_])",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[\[\](){}|•·~»›\n\r,;／]+|\s[-–—/]\s")
_DRESS = re.compile(r"[^\w]+|(?<![^\W_])(?:up to|max|button|days?|for)(?![^\W_])", re.IGNORECASE)


def until(days: int | None, since: datetime | None) -> datetime | None:
    """The end of a guarantee, counted from that of the delivery; None where it has none, or nobody says so."""
    if since is None or days is None or days >= LIFETIME:
        return None
    return since + timedelta(days=days)


def read(name: str, description: str | None = None) -> int | None:
    """Days of guarantee: LIFETIME where it has no end, 0 where there is none, None where nothing is said of it.

    The name may do with less than the description, in which a mere number of days means anything: how long an order
    takes, how old accounts are.
    """
    said = _read(name, brief=True)
    return _read(description, brief=False) if said is None and description else said


def _read(text: str, *, brief: bool) -> int | None:
    if _DENIED.search(text):
        return 0
    parts = [part.strip() for part in _PARTS.split(text) if part.strip()]
    promising = [part for part in parts if _WORD.search(part)]
    if any(_FOREVER.search(part) for part in (parts if brief else promising)) or _ENDLESS.search(text):
        return LIFETIME
    found = [days for part in promising if (days := _nearest(part)) is not None]
    found += [days for match in _CODE.finditer(text) if (days := _sane(int(match["days"]))) is not None]
    if not found and brief:  # "Followers | 30 Days ♻️" may be "Followers | ♻️ | 30 Days" as well
        found = [days for part in parts if (days := _alone(part)) is not None]
    return min(found, default=None)


def _nearest(part: str) -> int | None:
    """The length that stands nearest to a word for refill."""
    words = [(word.start(), word.end()) for word in _WORD.finditer(part)]
    near = [
        (min(max(span.start() - end, start - span.end(), 0) for start, end in words), days)
        for span in _SPAN.finditer(part)
        if (days := _days(span)) is not None
    ]
    return min(near)[1] if near else None


def _alone(part: str) -> int | None:
    """The length that a part consists of, and of nothing else."""
    span = _SPAN.search(part)
    if span is None or _DRESS.sub("", part[: span.start()] + part[span.end() :]):
        return None
    return _days(span)


def _days(span: re.Match[str]) -> int | None:
    unit = next(days for days in _UNITS if span[f"x{days}"] is not None)
    return _sane(min(int(span["number"]), int(span["least"] or span["number"])) * unit)


def _sane(days: int) -> int | None:
    return days if 0 < days <= LONGEST else None
