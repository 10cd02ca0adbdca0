"""What the database keeps of our values is what comes back; NULL is NULL in every type."""

import pytest
from sqlalchemy import TypeDecorator
from sqlalchemy.engine import make_url

from services import columns

TYPES: list[type[TypeDecorator[object]]] = [
    found
    for found in vars(columns).values()
    if isinstance(found, type) and issubclass(found, TypeDecorator) and found is not TypeDecorator
]


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("url", ["sqlite://", "postgresql+asyncpg://"])
def test_null_stays_null(kind: type[TypeDecorator[object]], url: str) -> None:
    dialect = make_url(url).get_dialect()()
    assert kind().process_bind_param(None, dialect) is None
    assert kind().process_result_value(None, dialect) is None
