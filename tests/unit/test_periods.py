"""Periods as people ask for them: whole days in UTC, none yet to come."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from services import periods

NOW = datetime(2026, 5, 4, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("today", "2026-05-04", "2026-05-04"),
        ("Yesterday", "2026-05-03", "2026-05-03"),
        ("7d", "2026-04-28", "2026-05-04"),
        ("30d", "2026-04-05", "2026-05-04"),
        ("1d", "2026-05-04", "2026-05-04"),
        ("366d", "2025-05-04", "2026-05-04"),
        ("month", "2026-05-01", "2026-05-04"),
        ("2026-05-01..2026-05-03", "2026-05-01", "2026-05-03"),
        ("2026-05-02", "2026-05-02", "2026-05-02"),
        ("2026-05-02..2026-05-31", "2026-05-02", "2026-05-04"),
    ],
)
def test_a_word_stands_for_whole_days(word: str, first: str, last: str) -> None:
    period = periods.read(word, NOW)
    assert period == periods.Period(word.lower(), date.fromisoformat(first), date.fromisoformat(last))
    assert period.since == datetime.fromisoformat(f"{first}T00:00:00+00:00")
    assert period.until - period.since == timedelta(days=period.days)
    assert len(period.word) <= 22
    assert periods.read(period.word, NOW) == period


@pytest.mark.parametrize(
    "word",
    [
        *("", "week", "0d", "367d", "9999d", "-1d", "d", "²d", "2026-05-05", "2026-05-03..2026-05-02", "2026-02-30"),
        *("2025-05-03..2026-05-04", "2026-05-01..", "..2026-05-01", "2026-05-05..2026-05-06", "1..2"),
    ],
)
def test_what_is_no_period_is_refused(word: str) -> None:
    assert periods.read(word, NOW) is None


def test_the_day_is_that_of_utc_wherever_the_clock_stands() -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    assert tokyo.date() == date(2026, 5, 5)
    assert periods.read("today", tokyo) == periods.read("today", NOW)


@pytest.mark.parametrize(("word", "step"), [("today", 1), ("2d", 1), ("3d", 24), ("92d", 24), ("93d", 7 * 24)])
def test_longer_periods_are_told_in_larger_steps(word: str, step: int) -> None:
    period = periods.read(word, NOW)
    assert period is not None
    assert period.step == timedelta(hours=step)
