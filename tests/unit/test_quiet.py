"""Quiet hours: by the person's own clock, over midnight or not, and never without being chosen."""

from datetime import UTC, datetime

import pytest

from services.quiet import QuietHours


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 5, 4, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "quiet"),
    [
        (QuietHours(), at(3), False),
        (QuietHours(None, None, 120), at(3), False),
        (QuietHours(22, None, 0), at(23), False),
        (QuietHours(22, 8, 0), at(21, 59), False),
        (QuietHours(22, 8, 0), at(22), True),
        (QuietHours(22, 8, 0), at(0), True),
        (QuietHours(22, 8, 0), at(7, 59), True),
        (QuietHours(22, 8, 0), at(8), False),
        (QuietHours(13, 15, 0), at(12, 59), False),
        (QuietHours(13, 15, 0), at(13), True),
        (QuietHours(13, 15, 0), at(14, 59), True),
        (QuietHours(13, 15, 0), at(15), False),
        (QuietHours(22, 8, 180), at(19), True),
        (QuietHours(22, 8, 180), at(5), False),
        (QuietHours(22, 8, -300), at(3), True),
        (QuietHours(22, 8, -300), at(13), False),
        (QuietHours(22, 8, 345), at(16, 14), False),
        (QuietHours(22, 8, 345), at(16, 15), True),
        (QuietHours(0, 6, None), at(5), True),
    ],
)
def test_it_is_quiet_from_the_first_hour_until_the_last(hours: QuietHours, now: datetime, quiet: bool) -> None:
    assert hours.at(now) is quiet


def test_midnight_begins_a_quiet_day_too() -> None:
    assert QuietHours(0, 23, 0).at(at(0))
    assert QuietHours(23, 0, 0).at(at(23))
    assert not QuietHours(23, 0, 0).at(at(0))
