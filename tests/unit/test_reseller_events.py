"""Laws of an order's events: what they name, and that what goes back of a retail price adds up, whatever comes."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services import pricing, reseller_events
from services.money import ZERO, Money
from services.order_view import OrderView
from services.reseller_events import Change, Retail
from tests.factories import of_a_site

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
PLACED = of_a_site(NOW)


def told(after: OrderView, before: OrderView | None, retail: Retail | None) -> dict[str, object]:
    return reseller_events.data(Change(after, before), currency="USD", reference=None, retail=retail, at=NOW)


@pytest.mark.parametrize(
    ("status", "delivered", "refunded", "kind"),
    [
        ("placed", 10, "0", "order.updated"),
        ("completed", 10_000, "0", "order.completed"),
        ("partial", 6000, "4", "order.partial"),
        ("canceled", 6000, "4", "order.partial"),  # the provider's word for it is not what counts
        ("canceled", 0, "10", "order.canceled"),
        ("rejected", 0, "10", "order.canceled"),
        ("unknown", 0, "0", "order.updated"),
    ],
)
def test_an_event_has_the_name_of_what_happened(status: str, delivered: int, refunded: str, kind: str) -> None:
    after = replace(PLACED, status=status, delivered=delivered, refunded=Money.parse(refunded))
    assert Change(after, PLACED).kind == kind
    assert Change(after).kind == "order.updated", "where it is not known how it was, nothing has ended"
    assert Change(after, after).kind == "order.updated"


def test_what_comes_back_after_the_end_is_a_refund() -> None:
    before = replace(PLACED, status="partial", delivered=6000, refunded=Money.parse("4"))
    after = replace(before, delivered=5000, refunded=Money.parse("5"))
    assert Change(after, before).kind == "order.refunded"
    assert Change(after, before).returned == Money.parse("1")


def test_a_free_order_gives_back_the_share_that_was_not_delivered() -> None:
    """A charge of nothing has no share to go by."""
    free = replace(PLACED, charge=ZERO, status="partial", delivered=6000)
    assert Retail(Money.parse("15"), "EUR").after(free).refunded == ZERO


ENDS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 3_000_000)), min_size=1, max_size=6)


@given(
    price=st.integers(0, 10**13),
    charge=st.integers(1, 10**12),
    quantity=st.integers(1, 10_000),
    ends=ENDS,
)
@example(price=10_000_000, charge=7, quantity=100, ends=[(50, 0), (52, 0)])  # so cheap that both leave the same kept
@example(price=10_000_000, charge=7, quantity=10, ends=[(6, 1), (5, 0)])  # by hand first, and by what came then
def test_the_retail_refunds_of_all_events_add_up_to_the_whole(
    price: int, charge: int, quantity: int, ends: list[tuple[int, int]]
) -> None:
    """However often the provider corrects itself, up or down, and the staff give something on top."""
    order = replace(PLACED, quantity=quantity, charge=Money(charge))
    retail = Retail(Money(price), "EUR")
    paid, before = Decimal(0), order
    for delivered, by_hand in ends:
        came = min(delivered, quantity)
        target = Money(charge) - pricing.kept(Money(charge), came, quantity)
        refunded = min(Money(charge), max(before.refunded, target) + Money(by_hand if by_hand % 2 else 0))
        status = "completed" if came == quantity else "partial" if came else "canceled"
        after = replace(order, status=status, delivered=came, refunded=refunded)
        data = told(after, before, retail)
        share = data["retail"]
        assert isinstance(share, dict)
        assert Decimal(share["refund"]) >= 0
        paid += Decimal(share["refund"])
        assert paid == Decimal(share["refunded"])
        assert Decimal(share["kept"]) + Decimal(share["refunded"]) == Decimal(share["charge"])
        if refunded == Money(charge):
            assert Decimal(share["kept"]) == 0, "who keeps nothing leaves nothing to keep"
        retail, before = retail.after(after), after
    assert paid == retail.refunded.decimal
    assert ZERO <= retail.refunded <= Money(price)


@given(price=st.integers(0, 10**13), charge=st.integers(1, 10**12), quantity=st.integers(1, 10_000), data=st.data())
def test_a_single_stop_gives_back_by_the_same_arithmetic(
    price: int, charge: int, quantity: int, data: st.DataObject
) -> None:
    """retail - floor(retail x delivered / quantity): what was delivered is what is kept of both prices."""
    came = data.draw(st.integers(0, quantity))
    refunded = Money(charge) - pricing.kept(Money(charge), came, quantity)
    after = replace(
        PLACED, quantity=quantity, charge=Money(charge), status="partial", delivered=came, refunded=refunded
    )
    due = Retail(Money(price), "EUR").after(after).refunded
    if not after.kept:
        assert due == Money(price)
        return
    assert due == (Money(price) - pricing.kept(Money(price), came, quantity) if refunded else ZERO)
