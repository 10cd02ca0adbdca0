"""What panels answer to `refill` and `refill_status`, and what it means."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import panel_refills
from services.panel_answers import Accepted, Refusal, RowError
from services.panel_refills import Progress
from services.panel_values import Unreadable
from tests.unit.panel_documents import JSON


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"refill": "1"}, Accepted("1")),
        ({"refill": 7}, Accepted("7")),
        ({"success": "Your order will be refilled asap", "refill": 12345}, Accepted("12345")),
        ({"error": "Order not eligible for refill."}, Refusal("not_eligible", "Order not eligible for refill.")),
        ({"refill": {"error": "Incorrect order ID"}}, Refusal("other", "Incorrect order ID")),
        ({"status": "error", "error": "No"}, Refusal("other", "No")),
        ({"refill": 1, "error": "No"}, None),
        ({"refill": True}, None),
        ({"refill": 0}, None),
        ({"success": "Your order will be refilled asap"}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_a_refill_is_taken_refused_or_left_open(document: object, said: Accepted | Refusal | None) -> None:
    assert panel_refills.asked(document) == said


@pytest.mark.parametrize(
    ("text", "code", "wait"),
    [
        ("Refill will be available in 9 hours 3 minutes", "too_early", timedelta(hours=9, minutes=3)),
        ("Refill is available after 24 hours", "too_early", timedelta(hours=24)),
        ("You can request a refill once every 24h", "too_early", timedelta(hours=24)),
        ("Please wait 1 day before the next refill", "too_early", timedelta(days=1)),
        ("Refill not yet available", "too_early", None),
        ("Too many refill requests, wait 0 minutes", "too_early", None),
        ("Please wait 9000 hours", "too_early", None),
        ("Refill already in progress", "running", None),
        ("Refill already requested", "running", None),
        ("This order has a pending refill", "running", None),
        ("Refill period expired", "over", None),
        ("The guarantee has ended", "over", None),
        ("Refill limit reached", "over", None),
        ("No drop detected", "no_drop", None),
        ("Order hasn't dropped", "no_drop", None),
        ("Nothing to refill", "no_drop", None),
        ("Order not eligible for refill.", "not_eligible", None),
        ("Refill is not available for this service", "not_eligible", None),
        ("Service does not support refill", "not_eligible", None),
        ("Refill disabled", "not_eligible", None),
        ("Invalid API key", "bad_key", None),
        ("Incorrect order ID", "other", None),
        ("", "other", None),
    ],
)
def test_a_refusal_has_a_code_and_may_say_how_long_it_is(text: str, code: str, wait: timedelta | None) -> None:
    assert panel_refills.reason(text) == code
    assert panel_refills.wait(text) == wait


@pytest.mark.parametrize(
    ("word", "state"),
    [
        *((word, "done") for word in ("Completed", "complete", "Success", "Refilled", "2")),
        *((word, "rejected") for word in ("Rejected", "Canceled", "cancelled", "Declined", "Failed", "Not dropped")),
        *(
            (word, "running")
            for word in ("Pending", "In progress", "Inprogress", "Processing", "Awaiting", "0", "нечто")
        ),
    ],
)
def test_a_refill_runs_until_it_is_done_or_rejected(word: str, state: panel_refills.State) -> None:
    assert panel_refills.single({"status": word}) == Progress(word, state)


def test_one_refill_is_told_in_several_shapes() -> None:
    done = Progress("Completed", "done")
    assert panel_refills.single({"status": 2}) == Progress("2", "done")
    assert panel_refills.single([{"refill": 1, "status": "Completed"}]) == done
    assert panel_refills.single({"status": {"error": "Refill not found"}}) == RowError("Refill not found")
    assert panel_refills.single({"error": "Refill not found"}) == RowError("Refill not found")
    assert panel_refills.single({"error": "Invalid API key"}) == Refusal("bad_key", "Invalid API key")
    unreadable: tuple[object, ...] = (None, [], {}, {"status": None}, {"status": ""}, [1, 2])
    for junk in unreadable:
        with pytest.raises(Unreadable):
            panel_refills.single(junk)


def test_many_refills_are_told_by_their_ids() -> None:
    asked = ["1", "3"]
    told = {"1": Progress("Completed", "done"), "3": RowError("Refill not found")}
    listed = [{"refill": 1, "status": "Completed"}, {"refill": "3", "status": {"error": "Refill not found"}}]
    assert panel_refills.many([*listed, {"refill": 9, "status": "Completed"}, "junk", {"refill": 1}], asked) == told
    assert panel_refills.many({"1": "Completed", "3": {"error": "Refill not found"}}, asked) == told
    assert panel_refills.many({"status": "Completed"}, asked) is None
    assert panel_refills.many({"error": "Incorrect refill ID"}, asked) is None
    assert panel_refills.many({"error": "Too many requests"}, asked) == Refusal("too_early", "Too many requests")
    often = "Too many refill requests"
    assert panel_refills.many({"error": often}, asked) == Refusal("too_early", often)
    junk: tuple[object, ...] = (None, "text", {}, {"7": "Completed"})
    for document in junk:
        with pytest.raises(Unreadable):
            panel_refills.many(document, asked)


@given(
    JSON, st.sampled_from([panel_refills.single, panel_refills.asked, partial(panel_refills.many, asked={"1", "2"})])
)
def test_no_document_makes_a_parser_raise_anything_but_unreadable(
    document: object, parser: Callable[[object], object]
) -> None:
    try:
        parser(document)
    except Unreadable:
        return


@pytest.mark.parametrize(
    "said",
    ["Rate limit exceeded", "API request limit reached", "Daily refill limit reached", "Refill 3 days after the order"],
)
def test_a_limit_on_asking_is_not_the_end_of_a_guarantee(said: str) -> None:
    assert panel_refills.reason(said) == "too_early"
