"""What is told of resellers, typed: who asks to be one, what was decided, how their sites' orders fare.

Typed as in services.notices, which counts them among its own.
"""

from dataclasses import dataclass
from typing import ClassVar

from services.money import Money


@dataclass(frozen=True, slots=True)
class Application:
    """Somebody asks to sell on; `asked` is when, in micro-seconds of UTC: an answer is to this one and no later one."""

    kind: ClassVar[str] = "application"
    user_id: int
    name: str
    username: str | None
    about: str
    asked: int


@dataclass(frozen=True, slots=True)
class ResellerDecided:
    """The staff let the reader sell on, refused that, or suspended them; `state` as in services.resellers.

    `again`: they were suspended before.
    """

    kind: ClassVar[str] = "reseller_decided"
    state: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class ResellerNews:
    """An order that the reader's site made: how it stands, in the words of the panel API (services.panel_words).

    `user_id` is whose site it is, for groups may hear of several. `refund` is what came back with this, `refunded` all
    of it so far; `balance` is the wallet after it. Several of one reseller's at once may be told in one message.
    """

    kind: ClassVar[str] = "reseller_news"
    user_id: int
    order_id: int
    reference: str | None
    service_name: str
    server: str
    link: str
    status: str
    quantity: int
    delivered: int
    remains: int
    charge: Money
    refund: Money
    refunded: Money
    kept: Money
    balance: Money
    unit: str = "thousand"
    corrected: bool = False
    """More came back after its end."""


@dataclass(frozen=True, slots=True)
class ResellerDay:
    """A day of a reseller's site, summed up: `day` as 2026-05-04 in UTC, counts by how the orders ended that day."""

    kind: ClassVar[str] = "reseller_day"
    day: str
    orders: int
    spent: Money
    completed: int
    partial: int
    canceled: int
    refunded: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class LowBalance:
    """The reader's wallet holds less than the limit that they chose: their site's orders will be refused soon."""

    kind: ClassVar[str] = "low_balance"
    balance: Money
    limit: Money


@dataclass(frozen=True, slots=True)
class GroupLost:
    """A group hears no more of the reader's orders: the bot may not write there. `left` is how many go on hearing."""

    kind: ClassVar[str] = "group_lost"
    title: str
    left: int


ResellerNotice = Application | ResellerDecided | ResellerNews | ResellerDay | LowBalance | GroupLost
