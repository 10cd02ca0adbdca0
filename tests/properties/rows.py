"""Status rows as panels write them, each drawn together with what it means."""

from typing import Any

from hypothesis import strategies as st

from tests.properties.panel import MISSING, Row, Said

WORDS: dict[str, list[Any]] = {
    "running": ["Pending", "In progress", "processing", "In_Progress", "AWAITING", "0", 1, "zombie", "Delivering <b>"],
    "partial": ["Partial", "partial", " PARTIAL ", "Partially completed", "partially_completed", "3", 3],
    "completed": ["Completed", "complete", "Success", "2", 2],
    "canceled": ["Canceled", "Cancelled", "cancel", "Refunded", "Fail", "Error", "4", 5],
}
UNREADABLE: list[Any] = [
    None,
    "",
    "Unknown",
    "n/a",
    "0x10",
    "1e30",
    "12abc",
    "0.5",
    [400],
    {"left": 400},
    True,
    MISSING,
]
SILENT: list[Any] = [
    *({"error": "Incorrect order ID"}, "Incorrect order ID", None, 17, [], {}, MISSING),
    {"error": "Incorrect order ID", "status": "Canceled", "remains": "0"},
    {"status": "Success"},
    {"status": None, "remains": "0"},
    {"status": "", "remains": "0"},
    {"message": "try later"},
]
"""Rows that say nothing about their order."""


def _written(remains: int | None) -> st.SearchStrategy[Any]:
    if remains is None:
        return st.sampled_from(UNREADABLE)
    return st.sampled_from([remains, str(remains), f"{remains}.0", float(remains), f" {remains} "])


@st.composite
def rows(draw: st.DrawFn, quantity: int) -> Row:
    """A row about an order of `quantity`: mostly clear ones, hostile ones not seldom."""
    if draw(st.integers(0, 5)) == 5:
        return Row(draw(st.sampled_from(SILENT)), None)
    state = draw(st.sampled_from([*WORDS, "partial"]))
    near = st.sampled_from([0, 1, quantity - 1, quantity, quantity + 1, -1, -quantity, 3 * quantity])
    remains = draw(st.none() | near | st.integers(0, quantity))
    row = {
        "status": draw(st.sampled_from(WORDS[state])),
        "remains": draw(_written(remains)),
        "charge": draw(st.sampled_from(["0", "0.50", 0.5, None, "-1", "free"])),
        "start_count": draw(st.sampled_from(["7", 0, None, "", "-3", "n/a"])),
    }
    return Row({name: value for name, value in row.items() if value is not MISSING}, Said(state, remains))
