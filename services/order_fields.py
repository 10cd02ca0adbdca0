"""What is asked beside link and quantity: one reader for each answer, and what is worth suggesting."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from services import links, order_types, quantities
from services.errors import BadAnswer, BadLink, BadQuantity, QuantityTooLarge, QuantityTooSmall
from services.extras import Drip, Extras, Subscription
from services.order_types import OrderType

MOST_RUNS = 500
LONGEST_INTERVAL = 1440
"""Minutes between two runs: a day."""
LONGEST = {"comments": 1000, "keywords": 100, "groups": 500}
"""Characters of one line."""
MOST_ANSWERS = 100
"""Answers that a poll may have."""
NEVER = "none"
"""The answer that a subscription has no last day."""
LONGEST_SUBSCRIPTION = timedelta(days=366)
MOST_BYTES = 64 * 1024
"""Bytes of one answer."""
LISTS = frozenset({"comments", "keywords", "usernames", "hashtags", "groups"})
"""Answers of one line each, which may come as a text file."""
_SHOWN = 6
_RUNS = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 24, 25, 30, 40, 50, 100)
_INTERVALS = (10, 30, 60, 180, 720, 1440)
_SHOWN_OF_A_WORD = 40
_DELAYS = frozenset(str(minutes) for minutes in (0, 5, 10, 15, 20, 30, 40, 50, *range(60, 601, 30)))
_DASH = re.compile(r"\s*(?:-|–|—|\bto\b)\s*")
_DAY = re.compile(r"([0-9]{1,2})[./]([0-9]{1,2})[./]([0-9]{4})")
_USERNAME = re.compile(r"@?([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?)")
_PROFILE = re.compile(r"(?:https?://)?[^/?#@]+\.[^/?#@]+/([^/?#]+)/?(?:[?#].*)?")
_HASHTAG = re.compile(r"#?(\w{1,100})")


@dataclass(frozen=True, slots=True)
class Situation:
    """What an answer is judged by: type and limits of the service, its platform, the quantity where it is known, and
    the day it is in UTC."""

    kind: OrderType
    minimum: int
    maximum: int
    platform: str = ""
    quantity: int = 0
    today: date = date.min


def read(name: str, text: str, about: Situation) -> str:
    """The answer to question `name` in its one spelling; BadAnswer (or BadLink) says what is wrong with it.

    Reading what was read before gives the same again.
    """
    if not text.strip():
        raise BadAnswer(field=name, reason="empty")
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise BadAnswer(field=name, reason="size", maximum=MOST_BYTES // 1024)
    return _READERS[name](text.strip(), about)


def suggestions(name: str, about: Situation) -> list[str]:
    """Answers worth a button, as `read` would give them; none where people must type."""
    suggest = _SUGGESTIONS.get(name)
    return suggest(about) if suggest else []


def composed(answers: Mapping[str, str]) -> Extras:
    """The answers (as `read` gave them) as an order carries them; half a drip-feed is none."""
    runs, interval, each = answers.get("runs"), answers.get("interval"), answers.get("each")
    structured = (*order_types.DRIP, *order_types.TERMS)
    return Extras(
        texts={name: answer for name, answer in answers.items() if name not in structured},
        drip=Drip(int(runs), int(interval)) if runs and interval else None,
        subscription=_subscription(each, answers) if each else None,
    )


def _subscription(each: str, answers: Mapping[str, str]) -> Subscription:
    least, _, most = each.partition("-")
    ends = answers.get("expiry", NEVER)
    return Subscription(
        min=int(least),
        max=int(most or least),
        delay=int(answers.get("delay", "0")),
        expiry=None if ends == NEVER else date.fromisoformat(ends),
    )


def answers(extras: Extras) -> dict[str, str]:
    """What `composed` made, taken apart again: for an order that is changed or made once more."""
    found = dict(extras.texts)
    if drip := extras.drip:
        found |= {"runs": str(drip.runs), "interval": str(drip.interval)}
    if terms := extras.subscription:
        found["each"] = str(terms.max) if terms.min == terms.max else f"{terms.min}-{terms.max}"
        found["delay"] = str(terms.delay)
        found["expiry"] = terms.expiry.isoformat() if terms.expiry else NEVER
    return found


def target(kind: OrderType, text: str, platform: str) -> str:
    """The link meant by what was pasted; BadLink where orders of this type cannot be for it."""
    return links.profile(text, platform) if kind.unit == "post" else links.normalise(text, platform)


def fitted(quantity: int, extras: Extras, about: Situation, *, dripfeed: bool) -> tuple[int, Extras]:
    """The quantity and the extras as a service takes them, nothing missing and nothing too much.

    Lines are counted and a package is one, whatever the quantity says. A drip-feed that the service does not have is
    left out. Raises QuantityTooSmall, QuantityTooLarge or BadAnswer.
    """
    kind, given = about.kind, answers(extras)
    if kind.counted_by is not None:
        quantity = len(read(kind.counted_by, given.get(kind.counted_by, ""), about).splitlines())
    elif kind.unit == "package":
        quantity = 1
    smallest, largest = kind.quantities(about.minimum, about.maximum)
    if quantity < smallest:
        raise QuantityTooSmall(minimum=smallest)
    if quantity > largest:
        raise QuantityTooLarge(maximum=largest)
    asked = kind.asks + (order_types.DRIP if extras.drip and kind.spreads and dripfeed else ())
    about = replace(about, quantity=quantity)
    return quantity, composed({name: read(name, given.get(name, ""), about) for name in asked})


def _whole(name: str, text: str, least: int, most: int) -> int:
    try:
        number = quantities.parse(text)
    except BadQuantity:
        number = -1
    if not least <= number <= most:
        raise BadAnswer(field=name, reason="number", minimum=least, maximum=most)
    return number


def _runs(text: str, about: Situation) -> str:
    runs = _whole("runs", text, 2, max(2, min(MOST_RUNS, about.quantity)))
    if about.quantity % runs:
        hint = ", ".join(suggestions("runs", about)) or "none"
        raise BadAnswer(field="runs", reason="uneven", count=about.quantity, given=runs, hint=hint)
    return str(runs)


def _even_runs(about: Situation) -> list[str]:
    """Numbers of runs that leave nothing over; runs that are orders of their own by the service's minimum first."""
    even = [runs for runs in _RUNS if about.quantity % runs == 0]
    even = even or [runs for runs in range(2, MOST_RUNS + 1) if about.quantity % runs == 0]
    large = [runs for runs in even if about.quantity // runs >= about.minimum]
    return [str(runs) for runs in (large or even)[:_SHOWN]]


def _interval(text: str, about: Situation) -> str:
    return str(_whole("interval", text, 1, LONGEST_INTERVAL))


def _each(text: str, about: Situation) -> str:
    """How many on each post: one number, or from one to another."""
    try:
        ends = [quantities.parse(part) for part in _DASH.split(text)]
    except BadQuantity:
        ends = []
    if len(ends) not in (1, 2) or not about.minimum <= ends[0] <= ends[-1] <= about.maximum:
        raise BadAnswer(field="each", reason="range", minimum=about.minimum, maximum=about.maximum)
    return str(ends[0]) if ends[0] == ends[-1] else f"{ends[0]}-{ends[-1]}"


def _delay(text: str, about: Situation) -> str:
    if text not in _DELAYS:
        raise BadAnswer(field="delay", reason="choice")
    return text


def _expiry(text: str, about: Situation) -> str:
    """The last day as people write it, the day before the month; or never."""
    if text.casefold() == NEVER:
        return NEVER
    found = _DAY.fullmatch(text)
    try:
        day = date.fromisoformat(text) if found is None else date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        raise BadAnswer(field="expiry", reason="date") from None
    if not about.today < day <= about.today + LONGEST_SUBSCRIPTION:
        raise BadAnswer(field="expiry", reason="past")
    return day.isoformat()


def _last_days(about: Situation) -> list[str]:
    return [NEVER, *((about.today + timedelta(days=days)).isoformat() for days in (7, 30, 90))]


def _lines(name: str, text: str, about: Situation) -> str:
    """One each, without the empty ones; none is too long."""
    lines = [line for raw in text.splitlines() if (line := _clean(raw))]
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST[name]:
            raise BadAnswer(field=name, reason="long", given=number, maximum=LONGEST[name])
    return _listed(name, lines, about)


def _names(name: str, text: str, about: Situation, one: Callable[[str, str], str]) -> str:
    """Names or tags, each once, however they are parted."""
    found: dict[str, str] = {}
    for number, word in enumerate(re.split(r"[\s,;]+", text.strip(" \t\r\n,;")), start=1):
        if word:
            try:
                read_one = one(name, word)
            except BadAnswer:
                raise BadAnswer(field=name, reason="form", given=number, hint=word[:_SHOWN_OF_A_WORD]) from None
            found.setdefault(read_one.casefold(), read_one)
    return _listed(name, list(found.values()), about)


def _groups(text: str, about: Situation) -> str:
    """Links to groups, one a line."""
    lines = _lines("groups", text, about).splitlines()
    links_read = []
    for number, line in enumerate(lines, start=1):
        try:
            links_read.append(links.normalise(line, about.platform))
        except BadLink:
            raise BadAnswer(field="groups", reason="form", given=number, hint=line[:_SHOWN_OF_A_WORD]) from None
    return "\n".join(links_read)


def _listed(name: str, lines: Sequence[str], about: Situation) -> str:
    """The lines, as many as the service's limits ask for where they are the quantity."""
    if not lines:
        raise BadAnswer(field=name, reason="empty")
    if about.kind.counted_by == name:
        if len(lines) < about.minimum:
            raise BadAnswer(field=name, reason="few", count=len(lines), minimum=about.minimum)
        if len(lines) > about.maximum:
            raise BadAnswer(field=name, reason="many", count=len(lines), maximum=about.maximum)
    return "\n".join(lines)


def _clean(line: str) -> str:
    """A line without control characters, which no panel and no database wants."""
    line = line.replace("\t", " ")
    return "".join(mark for mark in line if unicodedata.category(mark) not in ("Cc", "Cs")).strip()


def _username(name: str, text: str) -> str:
    """A name without its @; a link to the profile is as good, one to a post is not."""
    profile = _PROFILE.fullmatch(text)
    found = _USERNAME.fullmatch(profile[1] if profile else text)
    if found is None:
        raise BadAnswer(field=name, reason="form", given=1, hint=text[:_SHOWN_OF_A_WORD])
    return found[1]


def _hashtag(name: str, text: str) -> str:
    """A tag without its #."""
    found = _HASHTAG.fullmatch(text)
    if found is None:
        raise BadAnswer(field=name, reason="form", given=1, hint=text[:_SHOWN_OF_A_WORD])
    return found[1]


_READERS: Mapping[str, Callable[[str, Situation], str]] = {
    "each": _each,
    "delay": _delay,
    "expiry": _expiry,
    "comments": partial(_lines, "comments"),
    "keywords": partial(_lines, "keywords"),
    "usernames": partial(_names, "usernames", one=_username),
    "hashtags": partial(_names, "hashtags", one=_hashtag),
    "groups": _groups,
    "username": lambda text, _: _username("username", text),
    "hashtag": lambda text, _: _hashtag("hashtag", text),
    "media": lambda text, about: links.normalise(text, about.platform),
    "answer_number": lambda text, _: str(_whole("answer_number", text, 1, MOST_ANSWERS)),
    "runs": _runs,
    "interval": _interval,
}
_SUGGESTIONS: Mapping[str, Callable[[Situation], list[str]]] = {
    "answer_number": lambda _: ["1", "2", "3", "4", "5", "6"],
    "each": lambda about: [str(number) for number in quantities.suggestions(about.minimum, about.maximum)],
    "delay": lambda _: ["0", "5", "10", "30", "60", "120"],
    "expiry": _last_days,
    "runs": _even_runs,
    "interval": lambda _: [str(minutes) for minutes in _INTERVALS],
}
