"""What the shop tells because somebody who runs it did something: steps to confirm, messages to many, orders in hand.

Typed as in services.notices, which counts them among its own.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from services.money import Money


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A message that an admin wrote to many: `text` is the reader's, HTML as Telegram gave it."""

    kind: ClassVar[str] = "broadcast"
    text: str


@dataclass(frozen=True, slots=True)
class BroadcastCard:
    """The live card of a message to many: `sent` and `dropped` of `total` people."""

    kind: ClassVar[str] = "broadcast_card"
    broadcast_id: int
    state: str
    total: int
    sent: int
    dropped: int


@dataclass(frozen=True, slots=True)
class ApprovalNotice:
    """A step of an admin waits for a second one, or that one has decided: `state` is waiting, done or refused.

    `code` and `params` are the step's (services.approvals, as it writes them down), `by` whoever asked or decided.
    """

    kind: ClassVar[str] = "approval"
    approval_id: int
    code: str
    params: dict[str, Any]
    by: str
    state: str


@dataclass(frozen=True, slots=True)
class Audited:
    """The audit that somebody of the staff asked for is done: `at` is its moment, `breaches` what it found broken."""

    kind: ClassVar[str] = "audited"
    at: str
    breaches: list[str]


@dataclass(frozen=True, slots=True)
class Refunded:
    """The shop gave money of an order that is over back by hand: `refunded` now, and `note` says why."""

    kind: ClassVar[str] = "refunded"
    order_id: int
    service_name: str
    server: str
    quantity: int
    delivered: int
    refunded: Money
    balance: Money
    note: str
    unit: str = "thousand"


@dataclass(frozen=True, slots=True)
class OrderedFor:
    """The staff ordered the rest of `order_id` for its customer, from their wallet: `orders` as [server, quantity]."""

    kind: ClassVar[str] = "ordered_for"
    order_id: int
    orders: list[list[Any]]
    unit: str
    price: Money
    balance: Money
