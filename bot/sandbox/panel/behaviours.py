"""The table of behaviours: the last part of an order's link is a word of it and chooses how the order goes."""

import re
from dataclasses import replace
from urllib.parse import urlsplit

from bot.sandbox.panel.answers import ANSWERS
from bot.sandbox.panel.manners import Act, Behaviour
from bot.sandbox.panel.refills import DROPS
from bot.sandbox.panel.wordings import WORDINGS, always

STORY_ROOT = "https://instagram.com/p/"

_B = Behaviour
_PARTIAL = Act("Partial")
_NULL = Act("Partial", remains=lambda quantity, left: None)

COMPLETE = _B("complete", "Delivered in full", "Everything is delivered and the order ends as Completed.")

_COURSES = (
    COMPLETE,
    _B("partial-60", "Stops at 60 %", "Ends as Partial with 40 % remaining.", stop=60, acts=(_PARTIAL,)),
    _B(
        "partial-0",
        "Partial with nothing delivered",
        "Ends as Partial with remains = quantity.",
        stop=0,
        acts=(_PARTIAL,),
    ),
    _B("partial-100", "Partial with everything delivered", "Ends as Partial with remains 0.", acts=(_PARTIAL,)),
    _B(
        "partial-N",
        "Stops at N %",
        "Any N from 0 to 100, as in partial-25: ends as Partial there.",
        stop=25,
        acts=(_PARTIAL,),
    ),
    _B(
        "cancel",
        "Canceled in the middle",
        "40 % is delivered, then Canceled with 60 % remaining.",
        stop=40,
        acts=(Act("Canceled"),),
    ),
    _B(
        "cancel-at-once",
        "Canceled at once",
        "Canceled before anything starts; remains = quantity, charge 0.",
        stop=0,
        acts=(Act("Canceled"),),
        starts="at once",
    ),
    _B(
        "cancel-null",
        "Canceled, remains null",
        "Canceled at 40 %, remains is null, and the panel gives the whole charge back.",
        stop=40,
        acts=(Act("Canceled", percent=0, remains=lambda quantity, left: None),),
    ),
    _B(
        "canceled-but-charged",
        "Canceled, yet charged",
        "Canceled with remains 0, and the panel keeps the whole charge.",
        stop=0,
        acts=(Act("Canceled", remains=lambda quantity, left: "0", charged_in_full=True),),
    ),
    _B(
        "cancel-ignored",
        "Cancel is not heeded",
        "The answer to cancel is 1, and the delivery goes on to the end.",
        heeds_cancel=False,
    ),
    _B(
        "over-remains",
        "Remains over the quantity",
        "Partial with remains 15 % above what was ordered: nothing was delivered.",
        stop=0,
        acts=(Act("Partial", remains=lambda quantity, left: str(quantity + max(1, quantity * 15 // 100))),),
    ),
    _B(
        "negative-remains",
        "Negative remains",
        "Partial with remains -25: more than ordered was delivered.",
        acts=(Act("Partial", remains=lambda quantity, left: "-25"),),
    ),
    _B(
        "null-remains",
        "Remains null at first",
        "Partial at 60 %, remains null for three polls, then the true number.",
        stop=60,
        acts=(_NULL, _NULL, _NULL, _PARTIAL),
    ),
    _B(
        "unknown-remains",
        "Remains Unknown",
        'Partial at 60 %, and remains stays the word "Unknown".',
        stop=60,
        acts=(Act("Partial", remains=lambda quantity, left: "Unknown"),),
    ),
    _B(
        "empty-remains",
        "Remains empty",
        "Partial at 60 %, and remains stays an empty string.",
        stop=60,
        acts=(Act("Partial", remains=lambda quantity, left: ""),),
    ),
    _B(
        "missing-remains",
        "Remains missing",
        "Partial at 60 %, and the row has no remains at all.",
        stop=60,
        acts=(_PARTIAL,),
        say=always(lambda row: {k: v for k, v in row.items() if k != "remains"}),
    ),
    _B(
        "flapping",
        "Partial, moving, Partial",
        "Says Partial at 60 %, then In progress once, then Partial for good.",
        stop=60,
        acts=(_PARTIAL, Act("In progress"), _PARTIAL),
    ),
    _B(
        "backwards",
        "Statuses run backwards",
        "At 50 % falls back to Processing, Pending, In progress, then Completed.",
        stop=50,
        acts=(Act("Processing", 30), Act("Pending", 0), Act("In progress", 50), Act("Completed", 100)),
    ),
    _B(
        "partial-then-cancel",
        "Partial, then Canceled",
        "Partial at 60 %, and at the next poll Canceled with remains = quantity.",
        stop=60,
        acts=(_PARTIAL, Act("Canceled", 0)),
    ),
    _B(
        "completed-then-partial",
        "Completed, then Partial",
        "Completed, and at the next poll Partial with 40 % remaining.",
        acts=(Act("Completed"), Act("Partial", 60)),
    ),
    _B(
        "partial-grows",
        "Partial, then more remains",
        "Partial with 30 % remaining, and at the next poll with 40 %.",
        stop=70,
        acts=(_PARTIAL, Act("Partial", 60)),
    ),
    _B(
        "partial-shrinks",
        "Partial, then less remains",
        "Partial with 40 % remaining, and at the next poll with 30 %.",
        stop=60,
        acts=(_PARTIAL, Act("Partial", 70)),
    ),
    _B(
        "over-delivered",
        "Over-delivered",
        "Completed with remains -2.",
        acts=(Act("Completed", remains=lambda quantity, left: "-2"),),
    ),
    _B(
        "private",
        "The link is private",
        "Partial at 60 %; its page is private at two looks of three.",
        stop=60,
        acts=(_PARTIAL,),
    ),
    _B("deleted", "The link is gone", "Partial at 30 %; the link's page is gone.", stop=30, acts=(_PARTIAL,)),
    _B(
        "renamed",
        "The link has another name",
        "Partial at 50 %; its page leads on to another name.",
        stop=50,
        acts=(_PARTIAL,),
    ),
    _B(
        "overloaded",
        "The server is overloaded",
        "Partial at 60 %; its page is there: the third such link shows why.",
        stop=60,
        acts=(_PARTIAL,),
    ),
    _B(
        "throttled",
        "Held back",
        "Partial at 40 %, in ten times the usual time; its page is there.",
        stop=40,
        acts=(_PARTIAL,),
        stretch=10,
    ),
    _B("unclear", "Nobody knows", "Partial at 60 %; the link's page shows a login wall.", stop=60, acts=(_PARTIAL,)),
    _B("never-starts", "Never starts", "Stays Pending for ever.", starts="never"),
    _B("stuck", "Stops moving", "Stays In progress at 60 % for ever.", stop=60, acts=(Act("In progress"),)),
    _B("slow-delivery", "Ten times as long", "Delivered in full, in ten times the usual time.", stretch=10),
)

BEHAVIOURS: tuple[Behaviour, ...] = _COURSES + DROPS + WORDINGS + ANSWERS
_BY_WORD = {behaviour.word: behaviour for behaviour in BEHAVIOURS}
_PARTIAL_N = re.compile(r"partial-(\d{1,2}|100)")


def partial(percent: int) -> Behaviour:
    """The behaviour that stops at `percent` (0 to 100) and ends as Partial."""
    return replace(
        _BY_WORD["partial-N"],
        word=f"partial-{percent}",
        title=f"Stops at {percent} %",
        what=f"Ends as Partial with {100 - percent} % remaining.",
        stop=percent,
    )


def by_word(word: str) -> Behaviour | None:
    """The behaviour of this word, partial-25 and its like included; None where the table has none."""
    if found := _BY_WORD.get(word):
        return found
    match = _PARTIAL_N.fullmatch(word)
    return partial(int(match[1])) if match else None


def by_link(link: str) -> Behaviour | None:
    """The behaviour that the last part of this link's path asks for, or None for an ordinary link."""
    return by_word(_parts(link)[-1].lower())


def insists(link: str) -> bool:
    """Whether the link wants its word heeded by every service: .../always/partial-60."""
    return "always" in _parts(link)[-2:-1]


def _parts(link: str) -> list[str]:
    try:
        return urlsplit(link).path.rstrip("/").split("/")
    except ValueError:
        return [""]


def story_link(word: str) -> str:
    """A link that asks for this word, fit to be pasted into the shop."""
    return STORY_ROOT + ("partial-25" if word == "partial-N" else word)
