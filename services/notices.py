"""What the shop has to tell somebody, typed: codes and figures, no sentences.

A notice is written to the outbox in the transaction that caused it and put into words at the edge, in the reader's
language (`handlers.notices`). Amounts are Money, quantities whole numbers in the order's `unit` (services.pricing),
moments ISO 8601 in UTC.
"""

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, get_args

from services.backup_notices import BackupNotice
from services.money import ZERO, Money
from services.reseller_notices import ResellerNotice
from services.site_notices import SiteNotice
from services.staff_notices import ApprovalNotice, Audited, Broadcast, BroadcastCard, OrderedFor, Refunded


@dataclass(frozen=True, slots=True)
class Half:
    """What goes to the second of two servers that share a rest."""

    server: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Offer:
    """The rest of an order on other services: what the one-tap button buys.

    `quantity` goes to `server`. Where two share the rest, `second` says what goes to the other one; where it is more
    than the `remaining` that is missing, it is the smallest order of that server.
    """

    token: str
    service_id: int
    service_name: str
    server: str
    quantity: int
    price: Money
    difference: Money
    """`price`, of both where two share it, minus what was just credited for it: 0 where one pays for the other."""
    runs: int = 0
    """In so many drip-feed runs; 1: at once, although the stopped order was spread out; 0: neither."""
    unit: str = "thousand"
    reasons: list[list[Any]] = field(default_factory=list)
    """Why this service, as services.ranking gives them: one [code, figures...] a reason."""
    remaining: int = 0
    missing: Money = ZERO
    """What the wallet lacks for it."""
    second: Half | None = None

    @property
    def way(self) -> str:
        """one: on one server as it is; split: on two; cover: the smallest order that covers it."""
        if self.second is not None:
            return "split"
        return "cover" if self.quantity > self.remaining > 0 else "one"


@dataclass(frozen=True, slots=True)
class Card:
    """The live card of one order: replaced in place each time something moves."""

    kind: ClassVar[str] = "card"
    order_id: int
    service_name: str
    server: str
    link: str
    quantity: int
    charge: Money
    refunded: Money
    status: str
    progress: str
    delivered: int
    start_count: int | None
    created_at: str
    closed_at: str | None = None
    undo_until: str | None = None
    extras: dict[str, Any] = field(default_factory=dict)
    """As services.extras writes them down."""
    unit: str = "thousand"
    rest_of: int | None = None
    """The stopped order whose rest this one was, where it was undone: the rest is to be had again."""
    guaranteed: bool = False
    """Whether drops are made up for, for so many days after the end; None: nobody says how long."""
    guarantee_days: int | None = None
    refill_state: str | None = None
    """How its latest refill stands (services.refills), and when the next may be asked for; None: never."""
    refill_again_at: str | None = None


@dataclass(frozen=True, slots=True)
class Partial:
    """The provider stopped half-way; `refunded` is what this notice credits, `balance` the wallet after it.

    `cause` is a code of services.causes, or expired for a subscription, `sure` whether it was seen; `offer` is None
    where `no_offer` says why: no_alternative, too_small, too_large, expired, not_enough_money, gone.
    """

    kind: ClassVar[str] = "partial"
    order_id: int
    service_name: str
    server: str
    quantity: int
    delivered: int
    charge: Money
    refunded: Money
    balance: Money
    cause: str
    offer: Offer | None
    no_offer: str | None = None
    sure: bool = False
    unit: str = "thousand"
    finishing: bool = False
    """The shop goes on by itself."""


@dataclass(frozen=True, slots=True)
class Completed:
    """Delivered in full. `goal_delivered` of `goal_quantity` counts the orders this one finished as well."""

    kind: ClassVar[str] = "completed"
    order_id: int
    service_name: str
    server: str
    quantity: int
    goal_id: int
    goal_quantity: int
    goal_delivered: int
    parts: list[list[Any]]
    """One [server, delivered] a part, in the order they were placed."""
    unit: str = "thousand"


@dataclass(frozen=True, slots=True)
class Canceled:
    """The provider gave the order up; what was not delivered is back in the wallet. `cause` as in Partial."""

    kind: ClassVar[str] = "canceled"
    order_id: int
    service_name: str
    server: str
    quantity: int
    delivered: int
    charge: Money
    refunded: Money
    balance: Money
    offer: Offer | None
    cause: str = "unclear"
    sure: bool = False
    unit: str = "thousand"
    finishing: bool = False
    no_offer: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider refused the order before it began; all the money is back. `reason` is a code, see `provider`."""

    kind: ClassVar[str] = "rejected"
    order_id: int
    service_name: str
    server: str
    quantity: int
    refunded: Money
    balance: Money
    reason: str
    offer: Offer | None
    unit: str = "thousand"
    finishing: bool = False


@dataclass(frozen=True, slots=True)
class Verifying:
    """It is not known whether the provider took the order: never sent again, the money is held."""

    kind: ClassVar[str] = "verifying"
    order_id: int
    service_name: str
    server: str
    quantity: int
    charge: Money
    unit: str = "thousand"


@dataclass(frozen=True, slots=True)
class Clarifying:
    """The order stopped and its provider does not say where: the money is held until the count is known."""

    kind: ClassVar[str] = "clarifying"
    order_id: int
    service_name: str
    server: str
    quantity: int
    charge: Money
    unit: str = "thousand"


@dataclass(frozen=True, slots=True)
class Corrected:
    """A closed order was corrected by its provider: `refunded` more came back."""

    kind: ClassVar[str] = "corrected"
    order_id: int
    service_name: str
    server: str
    quantity: int
    delivered: int
    refunded: Money
    balance: Money
    unit: str = "thousand"


@dataclass(frozen=True, slots=True)
class RestReady:
    """A rest that waited for money or for a server can be had now: `remaining` is all that is missing."""

    kind: ClassVar[str] = "rest_ready"
    order_id: int
    remaining: int
    unit: str
    balance: Money
    offer: Offer | None


@dataclass(frozen=True, slots=True)
class FinishStep:
    """The shop ordered what a goal was missing by itself: `orders` as [server, quantity] each, `price` in all.

    `used` of `most` such orders, and `extra` of the `limit` that the goal may cost more than its first order.
    """

    kind: ClassVar[str] = "finish_step"
    goal_id: int
    orders: list[list[Any]]
    unit: str
    price: Money
    balance: Money
    used: int
    most: int
    extra: Money
    limit: Money


@dataclass(frozen=True, slots=True)
class FinishStopped:
    """The shop does not go on with a goal by itself: `lacking` is what is missing, after order `order_id`.

    `reason`: gone, private, renamed, orders, limit, money, or as in Partial.no_offer.
    """

    kind: ClassVar[str] = "finish_stopped"
    goal_id: int
    order_id: int
    lacking: int
    unit: str
    reason: str
    most: int
    limit: Money


@dataclass(frozen=True, slots=True)
class Refill:
    """A refill moved: `state` is sent, done, rejected or unknown, `reason` why it came to nothing (services.refills).

    `again_at` is when the next may be asked for, None where never; `until` the end of the guarantee, where known.
    """

    kind: ClassVar[str] = "refill"
    order_id: int
    service_name: str
    server: str
    state: str
    reason: str
    again_at: str | None
    until: str | None


@dataclass(frozen=True, slots=True)
class GuaranteeEnds:
    """The guarantee of an order ends soon: whoever has lost some of the `delivered` should report it before `until`."""

    kind: ClassVar[str] = "guarantee_ends"
    order_id: int
    service_name: str
    server: str
    delivered: int
    link: str
    until: str
    unit: str = "thousand"


@dataclass(frozen=True, slots=True)
class Credited:
    """Money was put into the wallet by hand."""

    kind: ClassVar[str] = "credited"
    amount: Money
    balance: Money
    reason: str


@dataclass(frozen=True, slots=True)
class Debited:
    """Money was taken out of the wallet by hand."""

    kind: ClassVar[str] = "debited"
    amount: Money
    balance: Money
    reason: str


@dataclass(frozen=True, slots=True)
class AdminAlert:
    """Something an admin must know. `code` is a message id; `facts` its variables (provider names are fine here).

    `attempt` is the number of the POST it is about, 0 where it is about none; `services` are those it is about, and
    `site` is the address of the provider's own pages.
    """

    kind: ClassVar[str] = "admin_alert"
    code: str
    order_id: int | None
    facts: dict[str, str]
    attempt: int = 0
    services: list[int] = field(default_factory=list)
    site: str = ""


Digested = Completed | Partial | Canceled | Rejected | Corrected | Verifying | Clarifying
"""What happened to an order. Several at once may be told in one message; a card lives on, and whatever carries a
note to somebody, a decision to take or what somebody asked to be told is told alone."""

DIGESTED = frozenset(kind.kind for kind in get_args(Digested))

Notice = (
    Card
    | Digested
    | Refunded
    | RestReady
    | OrderedFor
    | FinishStep
    | FinishStopped
    | Refill
    | GuaranteeEnds
    | Credited
    | Debited
    | AdminAlert
    | ApprovalNotice
    | Broadcast
    | BroadcastCard
    | Audited
    | BackupNotice
    | ResellerNotice
    | SiteNotice
)

LIVE = (Card, BroadcastCard)
"""These are replaced in place each time something moves."""

_KINDS: dict[str, type[Any]] = {notice.kind: notice for notice in get_args(Notice)}

KINDS = frozenset(_KINDS)
"""What this version can put into words; the outbox may hold more, written by a newer one."""


def to_document(notice: Notice) -> dict[str, Any]:
    """The notice as JSON can hold it; money as its micro-units under {"micros": n}."""
    return {field.name: _plain(getattr(notice, field.name)) for field in fields(notice)}


def from_document(kind: str, document: dict[str, Any]) -> Notice:
    """The notice that `to_document` wrote down; KeyError for a kind this version does not know."""
    notice = _KINDS[kind]
    known = {field.name for field in fields(notice)}
    values = {name: _rich(value) for name, value in document.items() if name in known}
    if isinstance(values.get("offer"), dict):
        given = {name: _rich(value) for name, value in document["offer"].items()}
        half = given.pop("second", None)
        values["offer"] = Offer(**given, second=Half(**half) if half else None)
    built: Notice = notice(**values)
    return built


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return {"micros": value.micros}
    if isinstance(value, Offer | Half):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


def _rich(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"micros"}:
        return Money(value["micros"])
    return value
