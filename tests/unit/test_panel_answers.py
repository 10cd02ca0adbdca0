"""What a panel answers to `add` and `status` is read for what it plainly says and for nothing more."""

import json
from decimal import Decimal

import pytest
from hypothesis import given

from services import panel_answers
from services.panel_answers import Accepted, Refusal, RowError, Snapshot
from services.panel_values import Unreadable, load
from tests.unit.panel_documents import JSON

ROW = {"charge": "0.27819", "start_count": "3572", "status": "Partial", "remains": "157", "currency": "USD"}
NO_FIGURES: dict[str, object] = {"charge": None, "start_count": None, "remains": None}
PARTIAL = Snapshot("Partial", "partial", True, 157, 3572, "0.27819")


def read(text: str) -> object:
    return load(text.encode())


@pytest.mark.parametrize(
    ("body", "order"),
    [
        ('{"order":23501}', "23501"),
        ('{"order":"23501"}', "23501"),
        ('{"order":" 23501 "}', "23501"),
        ('{"order":23501.0}', "23501"),
        ('{"order":"23501.0"}', "23501"),
        ('{"order":2.3501e4}', "23501"),
        ('{"order":"a1b2-c3_d4:5.6"}', "a1b2-c3_d4:5.6"),
        ('{"order":23501,"charge":"0.5","status":"success"}', "23501"),
        ('{"order":23501,"error":null}', "23501"),
        ('{"order":23501,"error":""}', "23501"),
        ('{"order":23501,"error":false}', "23501"),
    ],
)
def test_a_plain_id_means_accepted(body: str, order: str) -> None:
    assert panel_answers.added(read(body)) == Accepted(order)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("neworder.error.not_enough_funds", "not_enough_funds"),
        ("Not enough funds on balance", "not_enough_funds"),
        ("Insufficient balance", "not_enough_funds"),
        ("Your balance is too low", "not_enough_funds"),
        ("Invalid API key", "bad_key"),
        ("invalid_key", "bad_key"),
        ("Incorrect service ID", "bad_service"),
        ("Service not found", "bad_service"),
        ("neworder.error.min_quantity", "min_quantity"),
        ("Quantity less than minimal 100 of this service", "min_quantity"),
        ("neworder.error.max_quantity", "max_quantity"),
        ("Quantity more than maximum", "max_quantity"),
        ("neworder.error.link", "bad_link"),
        ("Bad link for this service", "bad_link"),
        ("neworder.error.link_duplicate", "duplicate_link"),
        ("You have active order with this link. Please wait until order being completed.", "duplicate_link"),
        ("Something else", "other"),
        ("Ошибка", "other"),
    ],
)
def test_an_object_with_nothing_but_an_error_text_is_a_refusal(text: str, reason: str) -> None:
    assert panel_answers.added({"error": text}) == Refusal(reason, text)


@pytest.mark.parametrize(
    "body",
    [
        *('{"order":null}', '{"order":0}', '{"order":"0"}', '{"order":"0.0"}', '{"order":-1}', '{"order":"-1"}'),
        *('{"order":[1]}', '{"order":{"id":1}}', '{"order":true}', '{"order":false}', '{"order":""}', '{"order":1.5}'),
        *('{"order":"null"}', '{"order":"Array"}', '{"order":"Order accepted"}', '{"order":1e400}', '{"order":"1,2"}'),
        *('{"order":23501,"error":"neworder.error.link"}', '{"error":"Incorrect service ID","status":"104"}'),
        *('{"error":""}', '{"error":null}', '{"error":true}', '{"error":["x"]}', '{"error":{"message":"x"}}', "{}"),
        *("[]", "null", "23501", '"23501"', '[{"order":1}]', '{"Order":1}', '{"id":1}', '{"status":"success"}'),
        f'{{"order":"{"1" * 65}"}}',
        f'{{"order":{"1" * 65}}}',
    ],
)
def test_every_other_answer_to_add_leaves_it_open(body: str) -> None:
    assert panel_answers.added(read(body)) is None


@given(JSON)
def test_an_answer_to_add_is_a_refusal_only_where_it_has_one_key(document: object) -> None:
    said = panel_answers.added(document)
    if isinstance(said, Refusal):
        assert isinstance(document, dict)
        assert set(document) == {"error"}
        assert isinstance(document["error"], str)
    if isinstance(said, Accepted):
        assert said.id
        assert said.id.strip("0.-")


def test_the_canonical_row_is_read_to_the_letter() -> None:
    assert panel_answers.status(ROW) == PARTIAL


STATES = {
    "running": "Pending,Processing,In progress,Inprogress,in_progress,IN-PROGRESS,Awaiting,Paused,Refill,Creating,0,1",
    "completed": "Completed,completed,COMPLETE,Success,2, Completed ,Completed.",
    "partial": "Partial,partial,PARTIAL,Partially completed,partially_completed,3",
    "canceled": "Canceled,Cancelled,cancelled,Cancel,Refunded,Refund,Fail,Failed,Error,4,5",
}


@pytest.mark.parametrize(
    ("state", "word"), [(state, word) for state, words in STATES.items() for word in words.split(",")]
)
def test_every_status_ever_seen_is_known_in_any_spelling(state: str, word: str) -> None:
    snapshot = panel_answers.status({**ROW, "status": word})
    assert isinstance(snapshot, Snapshot)
    assert (snapshot.state, snapshot.known) == (state, True)


@pytest.mark.parametrize(
    ("digit", "word"), [(3, "Partial"), ("3", "Partial"), (Decimal("4.0"), "Canceled"), (0, "Pending")]
)
def test_a_digit_is_shown_as_its_word(digit: object, word: str) -> None:
    snapshot = panel_answers.status({**ROW, "status": digit})
    assert isinstance(snapshot, Snapshot)
    assert snapshot.word == word


@pytest.mark.parametrize(
    "word", ["Awaiting moderation", "Expiring", "6", -3, "-3", "#3", "Not completed", "Ｐartial", "完成"]
)
def test_an_unknown_word_means_still_running(word: object) -> None:
    snapshot = panel_answers.status({**ROW, "status": word})
    assert isinstance(snapshot, Snapshot)
    assert (snapshot.state, snapshot.known) == ("running", False)
    assert snapshot.word == str(word)


@pytest.mark.parametrize("remains", [None, "", "Unknown", "n/a", [], {}, True, "12.5", "9" * 40])
def test_remains_that_cannot_be_read_is_none_and_never_zero(remains: object) -> None:
    snapshot = panel_answers.status({**ROW, "remains": remains})
    assert isinstance(snapshot, Snapshot)
    assert snapshot.remains is None
    without = panel_answers.status({key: value for key, value in ROW.items() if key != "remains"})
    assert isinstance(without, Snapshot)
    assert without.remains is None


def test_numbers_that_mean_nothing_leave_the_rest_of_the_row_standing() -> None:
    row = {"status": "Partial", "remains": -25, "start_count": None, "charge": "free"}
    assert panel_answers.status(row) == Snapshot("Partial", "partial", True, -25, None, None)
    row = {"status": "Partial", "remains": 12_000, "start_count": -1, "charge": Decimal("1E-7")}
    assert panel_answers.status(row) == Snapshot("Partial", "partial", True, 12_000, None, "0.0000001")


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"error": "Incorrect order ID"}, "Incorrect order ID"),
        ({"error": "Try again", "status": "104"}, "Try again"),
        ({"error": "Try again", **ROW, "status": "Canceled"}, "Try again"),
        ({"error": {"message": "Nope", "code": 4}}, "Nope"),
        ({"error": {"text": "Nope", "code": 4}}, "Nope; 4"),
        ({"error": ["a", "b"]}, "a; b"),
        ({"error": True, "message": "Nope"}, "Nope"),
        ({"error": True}, "error"),
        ({"error": 7}, "7"),
        ("Incorrect order ID", "Incorrect order ID"),
        ("<html><body>Just a moment</body></html>", "Just a moment"),
        ({"status": "success"}, "success"),
        ({"status": "error", "message": "Too many requests"}, "Too many requests"),
        ({"status": "fail"}, "fail"),
        ({"status": "fail", "message": "Order not found", **NO_FIGURES}, "Order not found"),
        ({"status": "Error", "message": "Incorrect order ID", **NO_FIGURES, "remains": "n/a"}, "Incorrect order ID"),
        ({"status": "success", "message": ["ok"], "charge": ""}, "success"),
        ({"status": ""}, "no status"),
        ({"status": None, "remains": "0"}, "no status"),
        ({"remains": "0"}, "no status"),
        ({"status": ["Partial"]}, "no status"),
        ({}, "no status"),
        (None, "not a status"),
        ([], "not a status"),
        (7, "7"),
        (False, "not a status"),
    ],
)
def test_what_is_no_status_says_nothing_about_the_order(row: object, text: str) -> None:
    assert panel_answers.status(row) == RowError(text)


@pytest.mark.parametrize(
    "row",
    [
        {"status": "Fail", **NO_FIGURES},
        {"status": "Fail", **NO_FIGURES, "message": ""},
        {"status": "Fail", **NO_FIGURES, "message": "Link is private", "charge": "0.00"},
        {"status": "Canceled", **NO_FIGURES, "message": "Link is private"},
    ],
)
def test_a_failed_order_is_told_from_an_answer_that_failed(row: dict[str, object]) -> None:
    """By a figure, or by the figures' names and no message; a word that wraps nothing needs neither."""
    snapshot = panel_answers.status(row)
    assert isinstance(snapshot, Snapshot)
    assert snapshot.state == "canceled"


@pytest.mark.parametrize("nothing", [None, "", False, [], {}])
def test_an_empty_error_is_no_error(nothing: object) -> None:
    assert panel_answers.status({**ROW, "error": nothing}) == PARTIAL


@given(JSON)
def test_only_a_row_with_a_status_and_without_an_error_is_a_snapshot(document: object) -> None:
    answer = panel_answers.status(document)
    if isinstance(answer, Snapshot):
        assert isinstance(document, dict)
        assert document["status"] not in (None, "")
        assert not document.get("error")
        assert answer.state == "running" or answer.known


def test_a_batch_answers_by_id_and_only_what_was_asked() -> None:
    document = {"1": ROW, " 10 ": "Incorrect order ID", "100": {"error": "x"}, "7": ROW, "5": None}
    assert panel_answers.statuses(document, {"1", "10", "100", "5", "2"}) == {
        "1": PARTIAL,
        "10": RowError("Incorrect order ID"),
        "100": RowError("x"),
        "5": RowError("not a status"),
    }


def test_a_batch_may_be_a_list_of_rows_that_name_their_order() -> None:
    rows = [{"order": 1, **ROW}, {"order": "2", "error": "x"}, {**ROW}, "junk", {"order": 3, **ROW}]
    assert panel_answers.statuses(rows, {"1", "2"}) == {"1": PARTIAL, "2": RowError("x")}


@pytest.mark.parametrize("document", [{}, []])
def test_an_empty_batch_says_nothing(document: object) -> None:
    assert panel_answers.statuses(document, {"1", "2"}) == {}


@pytest.mark.parametrize("document", [ROW, {"error": "Incorrect order ID"}, {"error": "Missing parameter: order"}])
def test_a_bare_row_or_an_error_about_an_order_shows_that_orders_was_overlooked(document: object) -> None:
    assert panel_answers.statuses(document, {"1", "2"}) is None


@pytest.mark.parametrize("text", ["Invalid API key", "Too many requests"])
def test_an_error_about_anything_else_refuses_the_whole_batch(text: str) -> None:
    assert panel_answers.statuses({"error": text}, {"1", "2"}) == Refusal(panel_answers.reason(text), text)


@pytest.mark.parametrize(
    "document", [None, "text", 7, {"status": "success"}, {"9": ROW}, [ROW], {"status": "error", "message": "x"}]
)
def test_a_batch_of_another_shape_is_unreadable(document: object) -> None:
    with pytest.raises(Unreadable):
        panel_answers.statuses(document, {"1", "2"})


def test_a_single_answer_may_be_the_row_or_a_map_of_one() -> None:
    assert panel_answers.single_status(ROW, "1") == PARTIAL
    assert panel_answers.single_status({"1": ROW}, "1") == PARTIAL
    assert panel_answers.single_status({"1": "Incorrect order ID"}, "1") == RowError("Incorrect order ID")
    assert panel_answers.single_status({"error": "Incorrect order ID"}, "1") == RowError("Incorrect order ID")
    assert panel_answers.single_status({"error": "Invalid API key"}, "1") == Refusal("bad_key", "Invalid API key")
    assert panel_answers.single_status([], "1") is None
    assert panel_answers.single_status({}, "1") is None


@given(JSON)
def test_no_document_makes_the_status_parsers_raise_anything_but_unreadable(document: object) -> None:
    asked = {"1", "2"}
    panel_answers.single_status(document, "1")
    try:
        rows = panel_answers.statuses(document, asked)
    except Unreadable:
        return
    assert rows is None or isinstance(rows, Refusal) or set(rows) <= asked


def test_documents_are_read_as_they_come_over_the_wire() -> None:
    """The shapes above are Python's; this one took the way through JSON."""
    body = json.dumps({"1": {**ROW, "charge": 8.000000000000002}}).encode()
    rows = panel_answers.statuses(load(body), {"1"})
    assert rows == {"1": Snapshot("Partial", "partial", True, 157, 3572, "8.000000000000002")}


@pytest.mark.parametrize(
    ("orders", "posts"),
    [
        ([], 0),
        ([70002, "70003"], 2),
        ([70002, "70002", 70003], 2),
        ({"0": 70002, "1": 70003}, 2),
        ([{"order": 70002}, {"order": "70003", "status": "Completed"}, {"order": 70003}], 2),
        ({"0": {"order": 70002}, "1": 70003}, 2),
        ("70002,70003, ,", 2),
        ("", 0),
        # what cannot be read may be a post: then the whole list says nothing
        ([70002, None], None),
        ([70002, {"a": 1}], None),
        ([{"order": None}], None),
        ([{"order": {"order": 70002}}], None),
        ([70002, "Array"], None),
        ([70002, -1], None),
        ([[70002]], None),
        ("70002,0", None),
        ("none", None),
        ("Empty", None),
        ({"70002": "Completed", "70003": "Completed"}, None),
        (None, None),
        (17, None),
    ],
)
def test_a_subscription_lists_its_orders_in_whatever_shape(orders: object, posts: int | None) -> None:
    snapshot = panel_answers.status({"status": "Active", "orders": orders})
    assert isinstance(snapshot, Snapshot)
    assert (snapshot.posts, snapshot.state, snapshot.remains) == (posts, "running", None)


def test_expired_is_a_word_of_subscriptions_alone() -> None:
    """To settlement it says nothing of any other order; here it is then a word that admins hear of."""
    ended = panel_answers.status({"status": "Expired", "orders": [1]})
    stray = panel_answers.status({"status": "Expired", "remains": "4"})
    assert isinstance(ended, Snapshot)
    assert isinstance(stray, Snapshot)
    assert (ended.state, ended.known) == ("expired", True)
    assert (stray.state, stray.known, stray.posts) == ("expired", False, None)
