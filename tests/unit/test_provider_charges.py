"""What a provider says it charges: kept to compare, alerted where nothing was delivered, never the base of a refund."""

from dataclasses import replace

import pytest

from services.money import Money
from services.settlement import changes, decide
from tests.unit.status_rows import TEN, money, said, terms


@pytest.mark.parametrize(
    ("charge", "alerts"), [("0.50", ("canceled-but-charged",)), ("0", ()), ("0.00", ()), (None, ())]
)
def test_a_cancellation_the_panel_still_charges_for_alerts_an_admin(
    charge: str | None, alerts: tuple[str, ...]
) -> None:
    assert decide(terms(), said("canceled", 0, charge=charge)).alerts == alerts


CANCELED = {"status": "canceled", "refunded": TEN, "progress": "Canceled"}


@pytest.mark.parametrize(
    ("known", "charge", "alerts"),
    [
        (None, "8.00", ("canceled-but-charged",)),
        (money("0.00"), "8.00", ("canceled-but-charged",)),
        (money("8.00"), "8.00", ()),
        (money("8.00"), "0", ()),
        (money("8.00"), None, ()),
        (None, None, ()),
    ],
)
@pytest.mark.parametrize("state", ["canceled", "partial", "completed", "running"])
def test_a_charge_named_after_the_cancellation_alerts_an_admin_once(
    known: Money | None, charge: str | None, alerts: tuple[str, ...], state: str
) -> None:
    """Whatever the panel calls the order by then: the customer has everything back."""
    closed = terms(**CANCELED, provider_charge=known)
    outcome = decide(closed, said(state, 0, charge=charge))
    assert outcome.alerts == alerts
    assert (outcome.status, outcome.refunded, outcome.delivered) == ("canceled", TEN, 0)
    assert not changes(replace(closed, provider_charge=outcome.provider_charge), outcome)


def test_a_charge_for_what_was_delivered_before_a_cancellation_alerts_nobody() -> None:
    assert decide(terms(), said("canceled", 400, charge="4.80")).alerts == ()


@pytest.mark.parametrize("status", ["completed", "partial", "canceled"])
def test_another_charge_for_a_closed_order_is_news_and_the_same_is_none(status: str) -> None:
    closed = terms(status=status, refunded=TEN, provider_charge=money("8.00"))
    assert decide(closed, said("partial", 400, charge="4.80")).provider_charge == money("4.80")
    assert changes(closed, decide(closed, said("partial", 400, charge="4.80")))
    for same in ("8.00", "8", None, "Unknown"):
        assert not changes(closed, decide(closed, said("partial", 400, charge=same)))


def test_another_charge_for_an_open_order_is_noted_with_other_news_alone() -> None:
    order = terms(delivered=600, progress="Running", provider_charge=money("8.00"))
    assert not changes(order, decide(order, said("running", 400, charge="4.80")))
    moved = decide(order, said("running", 399, charge="4.80"))
    assert (moved.delivered, moved.provider_charge) == (601, money("4.80"))
    assert decide(order, said("running", 399)).provider_charge == money("8.00")


def test_a_cancellation_without_a_charge_voids_what_was_named_before() -> None:
    """Else the charge would be no news once it is named after all."""
    order = terms(provider_charge=money("8.00"))
    assert decide(order, said("canceled", 0)).provider_charge is None
    assert decide(order, said("partial", 400)).provider_charge == money("8.00")


def test_an_unreadable_charge_is_no_charge() -> None:
    assert decide(terms(), said("canceled", 0, charge="Unknown")).alerts == ()
