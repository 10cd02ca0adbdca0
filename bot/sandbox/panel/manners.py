"""The parts a behaviour is made of: how an add is answered, how a delivery ends, how a status row is worded."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

HTML_PAGE = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
    "<body><h1>Checking your browser before accessing the panel</h1></body></html>"
)
ERROR_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr>nginx</body></html>"

Row = dict[str, object]
Via = Literal["whole", "late", "never", "closed", "drip", "huge"]


class Unsaid(Enum):
    """What a status answer is when it is not a row."""

    MISSING = "the row is left out of a batch; a single call answers an empty list"
    PAGE = "an HTML page; inside a batch it stands as a string in the row's place"
    SPOIL = "an HTML page instead of the whole answer, batch or not"


@dataclass(frozen=True, slots=True)
class Reply:
    """How the answer to `add` goes out: does the panel accept, what does it say, and by which way.

    `body(order id, id of the order before)` makes the text. By `whole` it is sent as it stands, `late` after the
    panel's lag, `never` after its stall, `drip` a byte now and then until the stall is over, `huge` with
    megabytes of blanks behind it; `closed` hangs up without a byte.
    """

    accepts: bool = True
    body: Callable[[int, int], str] = lambda order, before: f'{{"order":{order}}}'
    status: int = 200
    content_type: str = "application/json"
    via: Via = "whole"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """What the panel claims at one status call after the delivery has ended; the last act stays.

    `percent` overrides how much was delivered; `remains(quantity, left)` overrides what is said about the rest
    (None takes the key away); `charged_in_full` keeps the whole charge whatever was delivered.
    """

    status: str
    percent: int | None = None
    remains: Callable[[int, int], object] | None = None
    charged_in_full: bool = False


Say = Callable[[Row, int], object]
"""(canonical row, how often this order was asked about, this time included) -> what is said."""


def plain(row: Row, asked: int) -> object:
    """The row as every panel should word it."""
    return row


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way for an order to go: a word to choose it by, its answer to `add`, its course, its wording."""

    word: str
    title: str
    what: str
    reply: Reply = Reply()
    stop: int = 100
    acts: tuple[Act, ...] = (Act("Completed"),)
    say: Say = plain
    starts: Literal["soon", "at once", "never"] = "soon"
    stretch: int = 1
    heeds_cancel: bool = True
    drops: int = 0
    """So many percent of what was delivered are lost after the end,"""
    refills: Literal["done", "rejected", "too early", "lost", "stuck"] = "done"
    """and this is what becomes of a refill."""
