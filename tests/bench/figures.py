"""A measured figure next to its floor, and the table that shows them."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """`rate` of the shop in `unit`; `ratio` is how many times as long as `floor` it took, in the same run."""

    what: str
    rate: float
    unit: str
    ratio: float
    floor: str


def table(figures: Sequence[Figure]) -> str:
    """The figures as lines of text, aligned."""
    head = ("what the shop does", "a second", "x floor", "the floor, measured in the same run")
    rows = [head, *((f.what, f"{f.rate:,.0f} {f.unit}", f"{f.ratio:.1f}", f.floor) for f in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        f"{what:<{widths[0]}}  {rate:>{widths[1]}}  {ratio:>{widths[2]}}  {floor}".rstrip()
        for what, rate, ratio, floor in rows
    ]
    return "\n".join((lines[0], "-" * max(map(len, lines)), *lines[1:]))


def copied(stocked: Path, to: Path) -> Path:
    """A database of its own for one measurement, as `stocked` was closed; an earlier one there is forgotten."""
    for leftover in (to, to.with_name(f"{to.name}-wal"), to.with_name(f"{to.name}-shm")):
        leftover.unlink(missing_ok=True)
    shutil.copyfile(stocked, to)
    return to
