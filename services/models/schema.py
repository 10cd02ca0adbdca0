"""What all tables share: names, column types, the words a column may hold."""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, MetaData, Text
from sqlalchemy.orm import DeclarativeBase

from services.columns import Amount, Carried, Document, Flag, Instant, Json, Whole
from services.extras import Extras
from services.money import Money


class Model(DeclarativeBase):
    """The mapped tables: read and written with Core statements, never as entities in a loop."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        int: Whole,
        str: Text,
        bool: Flag,
        datetime: Instant,
        Money: Amount,
        Document: Json,
        Extras: Carried,
    }


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """A column that holds one of these words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


STRICT = {"sqlite_strict": True}
"""SQLite then keeps to the types of the columns, as PostgreSQL does."""
