"""How the panel API words orders: six statuses, and an end is said once it is final."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services import panel_words, pricing
from services.money import Money
from tests.factories import of_a_site

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
ORDER = replace(of_a_site(NOW), id=23501, goal_id=23501)


def row(**changed: Any) -> dict[str, object]:
    return dict(panel_words.row(replace(ORDER, **changed), "USD"))


def ended(status: str, delivered: int, refunded: str | None = None) -> dict[str, object]:
    kept = pricing.kept(ORDER.charge, delivered, ORDER.quantity)
    back = ORDER.charge - kept if refunded is None else Money.parse(refunded)
    return row(status=status, delivered=delivered, refunded=back, closed_at=NOW)


def test_a_row_has_the_five_fields_and_all_are_strings() -> None:
    assert row(start_count=3572, delivered=2500) == {
        "charge": "10",
        "start_count": "3572",
        "status": "In progress",
        "remains": "7500",
        "currency": "USD",
    }


def test_the_start_count_is_never_null() -> None:
    assert row()["start_count"] == "0"


def test_a_partial_says_what_was_kept_and_what_remains() -> None:
    told = ended("partial", 6000)
    assert (told["status"], told["charge"], told["remains"]) == ("Partial", "6", "4000")


def test_what_a_provider_cancels_half_way_is_partial_because_something_is_kept() -> None:
    told = ended("canceled", 6000)
    assert (told["status"], told["charge"], told["remains"]) == ("Partial", "6", "4000")


@pytest.mark.parametrize("status", ["canceled", "rejected", "partial"])
def test_of_which_nothing_is_kept_is_canceled_and_all_of_it_remains(status: str) -> None:
    told = ended(status, 0)
    assert (told["status"], told["charge"], told["remains"]) == ("Canceled", "0", "10000")
    given_back = ended(status, 6000, "10")
    assert (given_back["status"], given_back["charge"], given_back["remains"]) == ("Canceled", "0", "10000")


def test_nothing_remains_of_what_was_completed() -> None:
    told = ended("completed", 10_000)
    assert (told["status"], told["charge"], told["remains"]) == ("Completed", "10", "0")


@pytest.mark.parametrize("progress", ["Partial", "partially completed", "Canceled", "Refunded", "Completed", "Fail"])
def test_an_end_that_is_not_final_yet_is_still_in_progress(progress: str) -> None:
    assert row(progress=progress)["status"] == "In progress"


@pytest.mark.parametrize("status", ["queued", "placing", "unknown"])
def test_what_has_not_left_or_is_in_doubt_is_pending(status: str) -> None:
    assert row(status=status, progress="Anything")["status"] == "Pending"


@pytest.mark.parametrize(
    ("progress", "said"), [(" PENDING ", "Pending"), ("processing", "Processing"), ("inprogress", "In progress")]
)
def test_the_provider_s_word_is_put_into_the_field_s_spelling(progress: str, said: str) -> None:
    assert row(progress=progress)["status"] == said


def test_no_more_remains_than_was_ordered_nor_less_than_nothing() -> None:
    assert row(delivered=12_000)["remains"] == "0"


@pytest.mark.parametrize(
    ("status", "progress", "said"),
    [
        ("queued", "Pending", "Active"),
        ("placed", "Active", "Active"),
        ("placed", "paused", "Paused"),
        ("completed", "Completed", "Completed"),
        ("partial", "Expired", "Expired"),
        ("canceled", "Canceled", "Canceled"),
        ("rejected", "Pending", "Canceled"),
    ],
)
def test_a_subscription_has_words_of_its_own_and_lists_its_orders(status: str, progress: str, said: str) -> None:
    told = row(unit="post", quantity=5, delivered=2, status=status, progress=progress)
    assert told == {"status": said, "orders": [1_000_235_010_001, 1_000_235_010_002]}
