"""The worked example of README on retail refunds, made by the code that sends it: an order that stopped at 60 %."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from services import reseller_events, webhooks
from services.money import ZERO, Money
from services.order_view import OrderView
from services.reseller_events import Change, Retail
from tests.factories import of_a_site

AT = datetime(2026, 5, 4, 12, 30, 15, 482913, tzinfo=UTC)
CHARGE, BACK, RETAIL = Money.parse("10.00"), Money.parse("4.00"), Money.parse("15.00")


def order(status: str, delivered: int, refunded: Money) -> OrderView:
    """10,000 likes for $10.00, as they stand."""
    return replace(of_a_site(AT), status=status, delivered=delivered, refunded=refunded, start_count=3572)


CHANGE = Change(order("partial", 6_000, BACK), order("placed", 6_000, ZERO))


def data() -> dict[str, object]:
    """What the site is told as the order stops."""
    retail = Retail(RETAIL, "EUR")
    return reseller_events.data(CHANGE, currency="USD", reference="sale-17", retail=retail, at=AT)


def the_event() -> str:
    """The event as it is sent, with line breaks for the reader."""
    body = json.loads(webhooks._row(webhooks.Event(1, CHANGE.kind, data(), 4711, "example"), AT)["body"])
    return f"```json\n{json.dumps(body, indent=2)}\n```"


def the_sums() -> str:
    """Both sides as a table: what the shop settled with the site, and what the site settles with its customer."""
    told = data()
    retail = told["retail"]
    assert isinstance(retail, dict)
    sides = (("wholesale: you and the shop", told), ("retail: your customer and you", retail))
    rows = (
        f"| {side} | {_sum(of, 'charge')} | {_sum(of, 'kept')} | **{_sum(of, 'refunded')}** |" for side, of in sides
    )
    return "\n".join(("| | paid | kept for 6,000 of 10,000 | comes back |", "|---|---|---|---|", *rows))


def _sum(side: dict[str, object], name: str) -> str:
    return f"{Money.parse(str(side[name])).decimal:.2f} {side['currency']}"
