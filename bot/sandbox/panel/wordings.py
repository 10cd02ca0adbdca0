"""The behaviours that lie in the wording of a status row: shapes, spellings, errors and silence."""

import math
from collections.abc import Callable

from bot.sandbox.panel.manners import Act, Behaviour, Row, Say, Unsaid

_B = Behaviour
_PARTIAL = Act("Partial")


def missing(row: Row, asked: int) -> object:
    """Nothing about this order."""
    return Unsaid.MISSING


def html(row: Row, asked: int) -> object:
    """An HTML page in the place of this order's row."""
    return Unsaid.PAGE


def first_asks(times: int, instead: Callable[[Row], object]) -> Say:
    """`instead` for the first `times` asks, the plain row afterwards."""
    return lambda row, asked: instead(row) if asked <= times else row


def always(instead: Callable[[Row], object]) -> Say:
    """`instead` at every ask."""
    return lambda row, asked: instead(row)


def renamed(names: dict[str, str]) -> Say:
    """The plain row with its status word replaced where `names` has another one for it."""
    return lambda row, asked: {**row, "status": names.get(str(row["status"]), row["status"])}


def null_start(row: Row, asked: int) -> object:
    """`start_count` is null until the delivery moves."""
    return {**row, "start_count": None} if row["status"] in ("Pending", "Processing") else row


def zero_remains(row: Row, asked: int) -> object:
    """`remains` is 0 while the order is still in progress."""
    return {**row, "remains": "0"} if row["status"] == "In progress" else row


def numbers(row: Row, asked: int) -> object:
    """Numbers as JSON numbers, the charge a binary float with its tail: 8.000000000000002."""
    charge = math.nextafter(float(str(row["charge"])), math.inf)
    return {**row, "charge": charge, "start_count": int(str(row["start_count"])), "remains": int(str(row["remains"]))}


WORDINGS = (
    _B(
        "zero-remains", "Remains 0 while moving", "remains is 0 while In progress; Completed follows.", say=zero_remains
    ),
    _B("null-start", "Start count null", "start_count is null until the delivery moves.", say=null_start),
    _B(
        "number-types",
        "Numbers as numbers",
        "charge is a 17-digit float, start_count and remains are ints.",
        say=numbers,
    ),
    _B(
        "lower-case",
        "Lower case",
        "Statuses in lower case; ends at 60 % as partial.",
        stop=60,
        acts=(_PARTIAL,),
        say=always(lambda row: {**row, "status": str(row["status"]).lower()}),
    ),
    _B(
        "digit-status",
        "Digits for statuses",
        "Statuses as digits; ends at 60 % as 3.",
        stop=60,
        acts=(_PARTIAL,),
        say=renamed(
            {"Pending": "0", "Processing": "1", "In progress": "1", "Completed": "2", "Partial": "3", "Canceled": "4"}
        ),
    ),
    _B(
        "other-words",
        "Other words",
        "Inprogress and Partially completed for the usual words; ends at 60 %.",
        stop=60,
        acts=(_PARTIAL,),
        say=renamed({"In progress": "Inprogress", "Partial": "Partially completed"}),
    ),
    _B(
        "strange-status",
        "Unknown word",
        "Says Awaiting moderation until it is Completed.",
        say=renamed(dict.fromkeys(("Pending", "Processing", "In progress"), "Awaiting moderation")),
    ),
    _B(
        "silence",
        "Silence",
        "The row is missing from every batch and a single status answers an empty list.",
        say=missing,
    ),
    _B("garbage", "Garbage", "An HTML page for a status; inside a batch it stands in the row's place.", say=html),
    _B(
        "spoils-batch",
        "Spoils the batch",
        "Three times the whole status answer is an HTML page, then all is well.",
        say=first_asks(3, lambda row: Unsaid.SPOIL),
    ),
    _B(
        "row-error",
        "Row error",
        'Three times the row is {"error": ...}, then the truth.',
        say=first_asks(3, lambda row: {"error": "Incorrect order ID"}),
    ),
    _B(
        "row-error-string",
        "Row error as a string",
        "Three times the row is a bare string, then the truth.",
        say=first_asks(3, lambda row: "Incorrect order ID"),
    ),
    _B(
        "row-error-status",
        "Row error with a status",
        'Three times the row is an error with its own "status": "104".',
        say=first_asks(3, lambda row: {"error": "Temporary fault, try again", "status": "104"}),
    ),
    _B(
        "lost",
        "Lost order",
        "Accepted, and every status says Incorrect order ID.",
        say=always(lambda row: {"error": "Incorrect order ID"}),
    ),
)
