"""Column types that mean the same on SQLite's STRICT tables and on PostgreSQL."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, NewType

from sqlalchemy import BigInteger, Boolean, Dialect, Integer, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

from services.extras import PLAIN, Extras
from services.money import Money

Document = NewType("Document", object)
"""Anything JSON can hold."""

Whole = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer; SQLite's STRICT tables know it as INTEGER."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, kept as whole microseconds since 1970: the same bytes and order on both engines."""

    impl = Whole
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        return micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return _EPOCH + timedelta(microseconds=int(value))


def micros(moment: datetime) -> int:
    """An aware moment as an Instant column holds it."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


class Amount(TypeDecorator[Money]):
    """Money as its micro-units."""

    impl = Whole
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:
        return None if value is None else value.micros

    def process_result_value(self, value: Any, dialect: Dialect) -> Money | None:
        return None if value is None else Money(int(value))


class Flag(TypeDecorator[bool]):
    """A truth value: BOOLEAN on PostgreSQL, 0 or 1 in a STRICT table."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> bool | int | None:
        if value is None:
            return None
        return int(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        return None if value is None else bool(value)


class Json(TypeDecorator[Any]):
    """A small JSON document kept as text; the shop never queries inside it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Carried(TypeDecorator[Extras]):
    """An order's extras as a JSON document."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Extras | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return json.dumps(value.to_document(), ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> Extras | None:
        if value is None:
            return None
        return PLAIN if value == "{}" else Extras.from_document(json.loads(value))
