"""What an audit asks with and answers in: a look at the database, and rows as plain facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, Select, TypeDecorator, type_coerce
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import InstrumentedAttribute

from services.columns import Whole
from services.db import ReadSession
from services.money import LARGEST, Money
from services.policy import Policy

SHOWN = 20
"""Broken rows that are named; whether there are more is told."""

AnySelect = Select[*tuple[Any, ...]]
Row = Mapping[str, str]
"""A broken row as facts by name, the ids of the row first."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """Something that is true of the shop at every moment."""

    number: int
    name: str

    def __str__(self) -> str:
        return f"{self.number}: {self.name}"


@dataclass(frozen=True, slots=True)
class Breach:
    """An invariant that does not hold, and the first rows that break it; `more` where there are others."""

    invariant: Invariant
    rows: Sequence[Row]
    more: bool = False


class Look:
    """One audit's view: the database, the shop's figures, and the moment that deadlines are held against.

    Each statement sees one state of the database, so a shop at work breaks nothing between two of them.
    """

    def __init__(self, read: ReadSession, policy: Policy, now: datetime) -> None:
        self.read, self.policy, self.now = read, policy, now

    async def rows(self, *statements: AnySelect) -> list[Row]:
        """The first broken rows that each statement finds; the labels of its columns name the facts."""
        return [row for statement in statements for row in await self._found(statement)]

    async def _found(self, statement: AnySelect) -> list[Row]:
        try:
            found = await self.read.all(statement.limit(SHOWN + 1))
        except OperationalError as error:
            if "integer overflow" not in str(error.orig):
                raise
            return [{"amounts": "too large to be added up"}]  # what SQLite says of sums beyond 64 bits
        names = [str(labelled.name) for labelled in statement.selected_columns]
        return [dict(zip(names, map(_plain, row), strict=True)) for row in found]


class _Figure(TypeDecorator[str]):
    """Micro-units in words; of any size, for what is broken may be no money at all."""

    impl = Whole
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        micros = int(value)
        return str(Money(micros)) if abs(micros) <= LARGEST else f"{micros} micro-units"


def figure(amount: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """An amount as it is shown."""
    return type_coerce(amount, _Figure())


def micros(amount: InstrumentedAttribute[Money] | InstrumentedAttribute[Money | None]) -> ColumnElement[int]:
    """An amount as the whole number that is stored, to reckon with in SQL."""
    return type_coerce(amount, BigInteger())


def worded(row: Row) -> str:
    """A broken row on one line: order 12 · status placed · charge 10.00."""
    return " · ".join(f"{name} {value}" for name, value in row.items())


def _plain(value: object) -> str:
    match value:
        case None:
            return "none"
        case datetime():
            return value.isoformat(timespec="seconds")
        case _:
            return str(value)
