"""The shop that tests of a use case begin with; whatever they did, its books hold the laws of the audit at the end."""

from collections.abc import AsyncIterator

import pytest

from services.db import Database
from tests.shop import Shop, open_shop


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """A small shop, audited when the test is over."""
    async with open_shop(db) as opened:
        yield opened
        await opened.audit()
