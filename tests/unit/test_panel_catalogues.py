"""What a panel answers to `services`, `balance` and `cancel` is read as tolerantly as the rest."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import panel_answers
from services.panel_answers import Accepted, PanelBalance, Refusal, RowError
from services.panel_values import Unreadable
from tests.unit.panel_documents import JSON

SERVICE = {
    "service": 1,
    "name": "Followers",
    "type": "Default",
    "category": "First",
    "rate": "0.90",
    "min": "50",
    "max": "10000",
    "dripfeed": True,
    "refill": True,
    "cancel": True,
}


def test_a_balance_is_read_exactly_with_or_without_its_currency() -> None:
    assert panel_answers.balance({"balance": "100.84292", "currency": "USD"}) == PanelBalance(
        Decimal("100.84292"), "USD"
    )
    assert panel_answers.balance({"balance": -3}) == PanelBalance(Decimal(-3), "")
    assert panel_answers.balance({"error": "Invalid API key"}) == Refusal("bad_key", "Invalid API key")


@pytest.mark.parametrize("document", [{}, [], None, {"balance": None}, {"balance": "a lot"}, {"status": "success"}])
def test_no_balance_is_unreadable(document: object) -> None:
    with pytest.raises(Unreadable):
        panel_answers.balance(document)


def test_a_cancel_is_asked_for_or_refused_by_order() -> None:
    answer = [{"order": 9, "cancel": {"error": "Incorrect order ID"}}, {"order": 2, "cancel": 1}]
    answer += [
        {"order": 3, "cancel": True},
        {"order": 4, "cancel": 0},
        {"order": 5, "error": "No"},
        {"order": 8, "cancel": 1},
    ]
    answer += [{"order": 6, "cancel": "Not possible"}]
    asked = ["9", "2", "3", "4", "5", "6", "7"]
    refused = RowError("not accepted")
    assert panel_answers.canceled(answer, asked) == {
        "9": RowError("Incorrect order ID"),
        "2": Accepted("1"),
        "3": Accepted("1"),
        "4": refused,
        "5": RowError("No"),
        "6": RowError("Not possible"),
    }
    assert panel_answers.canceled({"2": {"cancel": 1}, "3": "1"}, asked) == {"2": Accepted("1"), "3": Accepted("1")}
    assert panel_answers.canceled({"cancel": 1}, ["2"]) == {"2": Accepted("1")}
    assert panel_answers.canceled({"order": 2, "cancel": 0}, ["2"]) == {"2": refused}
    assert panel_answers.canceled({"error": "Cancel is off"}, asked) == Refusal("other", "Cancel is off")
    assert panel_answers.canceled("junk", asked) == {}


def only(document: object) -> panel_answers.OfferedService:
    services = panel_answers.services(document)
    assert isinstance(services, list)
    assert len(services) == 1
    return services[0]


def test_the_canonical_service_is_read_to_the_letter() -> None:
    assert only([SERVICE]) == panel_answers.OfferedService(
        external_id="1",
        name="Followers",
        type="Default",
        category="First",
        rate=Decimal("0.90"),
        min=50,
        max=10_000,
        refill=True,
        cancel=True,
        dripfeed=True,
        description=None,
        pace=None,
    )


def test_a_service_in_other_clothes_is_the_same_service() -> None:
    row = {
        "service": "1",
        "name": " <b>Followers</b>\u202e ",
        "category": "First\n",
        "rate": Decimal("0.9000"),
        "min": 50,
        "max": Decimal("10000.0"),
        "refill": 1,
        "cancel": "yes",
        "dripfeed": "Drip-feed possible",
        "desc": "Fast",
        "average_time": 372,
        "time": "6 hours",
    }
    service = only([row])
    expected = only([SERVICE])
    assert (service.external_id, service.name, service.type) == (expected.external_id, expected.name, expected.type)
    assert (service.category, service.rate, service.min, service.max) == ("First", expected.rate, 50, 10_000)
    assert (service.refill, service.cancel, service.dripfeed) == (True, True, True)
    assert (service.description, service.pace) == ("Fast", "6 hours")


def test_of_duplicates_the_first_counts_and_rows_without_an_id_a_name_or_a_rate_do_not() -> None:
    rows: list[object] = [SERVICE, {**SERVICE, "service": "1", "name": "Again"}, "junk", None]
    rows += [{**SERVICE, "service": 2, "rate": rate} for rate in ("free", None, "-1", "NaN")]
    rows += [{**SERVICE, "service": bad} for bad in (0, None, -5, "")] + [{**SERVICE, "service": 3, "name": "<b></b>"}]
    assert only(rows).name == "Followers"


def test_what_a_service_lacks_has_a_plain_default() -> None:
    service = only([{"service": 1, "name": "Followers", "rate": 1}])
    assert (service.type, service.category, service.min, service.max) == ("Default", "Other", 0, 0)
    assert (service.refill, service.cancel, service.dripfeed) == (False, False, False)
    assert only([{**SERVICE, "min": -5, "max": "Unknown"}]).max == 0


@pytest.mark.parametrize(
    "document", [[], {}, {"status": "success", "data": "Empty Data"}, {"data": None}, {"data": []}, {"services": []}]
)
def test_an_empty_catalogue_comes_in_many_shapes(document: object) -> None:
    assert panel_answers.services(document) == []


@pytest.mark.parametrize(
    "document", [{"data": [SERVICE]}, {"services": [SERVICE]}, {"1": SERVICE}, {"data": {"1": SERVICE}}]
)
def test_a_catalogue_is_found_inside_an_object(document: object) -> None:
    assert only(document).name == "Followers"


@pytest.mark.parametrize("document", [None, "text", 7, {"status": "success"}, {"data": 7}])
def test_a_catalogue_of_another_shape_is_unreadable(document: object) -> None:
    with pytest.raises(Unreadable):
        panel_answers.services(document)


def test_an_error_for_a_catalogue_is_a_refusal() -> None:
    assert panel_answers.services({"error": "Invalid API key"}) == Refusal("bad_key", "Invalid API key")


@given(
    JSON,
    st.sampled_from([panel_answers.services, panel_answers.balance]),
)
def test_no_document_makes_a_parser_raise_anything_but_unreadable(
    document: object, parser: Callable[[object], object]
) -> None:
    try:
        parser(document)
    except Unreadable:
        return


@given(JSON)
def test_no_document_makes_the_answer_to_cancel_speak_of_other_orders(document: object) -> None:
    asked = {"1", "2"}
    answer = panel_answers.canceled(document, asked)
    assert isinstance(answer, Refusal) or set(answer) <= asked
