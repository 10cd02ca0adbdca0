"""How the panel API words orders and services for the sites of resellers: six statuses, strings for numbers, exact.

`Partial` and `Canceled` are said only once they are final, for sites refund once and stop asking:

    nothing is kept of the charge           Canceled, all of it remains, charge 0
    some of it was delivered, and is kept   Partial, whichever way the provider put it; charge is what was kept
    all of it was delivered                 Completed, nothing remains

A subscription has words of its own, and no charge and no remains: it lists its orders, one for each post it found.
Those are not orders that can be asked about; their ids lie beyond those of all others.
"""

from collections.abc import Mapping

from services.money import Money
from services.order_view import FINISHED, OrderView

CURRENT = {"pending": "Pending", "awaiting": "Pending", "creating": "Pending", "processing": "Processing"}
"""The provider's words for an order that it has and has not begun; any other, it is in progress."""

GOING = ("Pending", "Processing", "In progress")
"""What is said of an order that has not come to an end."""

CHILDREN = 10**12
"""Ids of what a subscription ordered begin here: ids of orders never get so far."""


def status(order: OrderView) -> str:
    """Pending, Processing, In progress, Completed, Partial or Canceled."""
    if order.status == "completed":
        return "Completed"
    if order.status in FINISHED:
        return "Partial" if order.kept and order.delivered else "Canceled"
    if order.status != "placed":
        return "Pending"  # it has not left, or nobody knows yet whether it has
    return CURRENT.get(order.progress.strip().casefold(), "In progress")


def remains(order: OrderView) -> int:
    """What is still to be delivered, or never will be."""
    match status(order):
        case "Completed":
            return 0
        case "Canceled":
            return order.quantity
    return max(0, order.quantity - order.delivered)


def amount(money: Money) -> str:
    """Money as the wire has it: no more decimals than it takes, 0 for nothing."""
    text = f"{money.decimal:.6f}".rstrip("0")
    return text.rstrip(".") or "0"


def service(name: str, server: str) -> str:
    """What a service is called wherever sites read of it: servers often differ in nothing else."""
    return f"{name} | Server {server}"


def subscription(order: OrderView) -> str:
    """Active, Paused, Completed, Expired or Canceled."""
    if order.status in FINISHED:
        return {"completed": "Completed", "partial": "Expired"}.get(order.status, "Canceled")
    return "Paused" if order.progress.strip().casefold() == "paused" else "Active"


def row(order: OrderView, currency: str) -> Mapping[str, object]:
    """The answer to `status`: exactly the five fields of the standard, strings all; a subscription's has two."""
    if order.unit == "post":
        first = CHILDREN + order.id * 10_000
        return {"status": subscription(order), "orders": [first + post for post in range(1, order.delivered + 1)]}
    return {
        "charge": amount(order.kept),
        "start_count": str(order.start_count or 0),
        "status": status(order),
        "remains": str(remains(order)),
        "currency": currency,
    }
