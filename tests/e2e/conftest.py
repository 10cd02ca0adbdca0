"""What every end-to-end test has: a log in plain text."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import logs


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """The tracebacks of an unconfigured structlog are decorated, which takes half a second for each."""
    handler = logs.configure("console", "info", ())
    yield
    logging.getLogger().removeHandler(handler)
    structlog.reset_defaults()
