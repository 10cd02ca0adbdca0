"""What the reseller's site knows: its customers' balances, its sales, and what it was told of them; no network.

A sale's customer gets back what the events call `retail.refunded`: all of it so far, not what this event adds. So an
event that comes twice, late or before another one never credits anything twice.
"""

import re
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_UP, Decimal, InvalidOperation
from typing import Any

ENDED = frozenset({"Completed", "Partial", "Canceled"})
CENT = Decimal("0.01")
REMEMBERED = 10_000
"""Ids of messages that are known again, and LOGGED lines of what came that are shown."""
LOGGED = 60
NOTHING = Decimal(0)
_CURRENCY = re.compile(r"[A-Z]{3}")
_FACTOR = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,6})?")


class NotTaken(Exception):
    """The site cannot do what its page asks; the text says why."""


class Unreadable(Exception):
    """A message that is signed as it should be and says nothing that a site could use."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a customer's statement: `amount` is below 0 where it was paid, `balance` what they had then."""

    what: str
    amount: Decimal
    balance: Decimal
    sale: int | None
    at: float


@dataclass(slots=True)
class Customer:
    """Somebody who buys on the site, from a balance there."""

    id: str
    name: str
    balance: Decimal = NOTHING
    statement: list[Movement] = field(default_factory=list)

    def move(self, what: str, amount: Decimal, at: float, sale: int | None = None) -> None:
        """Pay in or out."""
        self.balance += amount
        self.statement.append(Movement(what, amount, self.balance, sale, at))


@dataclass(slots=True)
class Sale:
    """What a customer bought: `price` is what they paid, `credited` what of it is back in their balance.

    state   asking: the shop is being asked · unsure: its answer never came · refused · placed
    told    the newest event of its order, `asked` the last answer to `status`, for display alone
    """

    number: int
    customer: str
    service: int
    service_name: str
    link: str
    quantity: int
    price: Decimal
    currency: str
    balance_before: Decimal
    at: float
    wallet_before: str | None = None
    state: str = "asking"
    lost: int = 0
    order: int | None = None
    refusal: str = ""
    credited: Decimal = NOTHING
    told: dict[str, Any] | None = None
    told_at: float | None = None
    asked: dict[str, Any] | None = None
    asked_at: float | None = None

    @property
    def reference(self) -> str:
        """What the shop is told this sale is called; the same each time, so it is its request id as well."""
        return f"sale-{self.number}-{self.at:.6f}"

    @property
    def ended(self) -> bool:
        """Whether nothing more is waited for; a correction may come all the same."""
        return self.state == "refused" or (self.told is not None and self.told["status"] in ENDED)


@dataclass(frozen=True, slots=True)
class Event:
    """A message that came, as the page's log shows it; `mark` is verified, repeated, late, refused or foreign."""

    at: float
    id: str
    kind: str
    mark: str
    what: str
    sale: int | None = None


class Books:
    """The site's memory. `at` is the time in seconds, given from outside."""

    def __init__(self, currency: str = "USD", factor: Decimal = Decimal("1.5"), gift: Decimal = Decimal(25)) -> None:
        self.currency = currency
        self.factor = factor
        self.gift = gift
        self.customers = {each.id: each for each in (Customer("nora", "Nora"), Customer("leo", "Leo"))}
        self.sales: list[Sale] = []
        self.log: deque[Event] = deque(maxlen=LOGGED)
        self._seen: OrderedDict[str, None] = OrderedDict()
        for customer in self.customers.values():
            customer.move("Paid in", gift, 0.0)

    def sell_in(self, currency: str | None, factor: str | None) -> None:
        """Sell in this currency, at `factor` of it for each unit of the shop's; None stays as it is.

        The currency stays once there are sales in it. NotTaken.
        """
        wanted = self.currency if currency is None else currency.upper()
        if not _CURRENCY.fullmatch(wanted):
            raise NotTaken("A currency has three letters, such as USD or EUR.")
        if wanted != self.currency and self.sales:
            raise NotTaken("The currency stays what it is: there are sales in it.")
        if factor is not None:
            if not _FACTOR.fullmatch(factor) or not Decimal(factor):
                raise NotTaken("The price is a number, such as 1.5.")
            self.factor = Decimal(factor)
        self.currency = wanted

    def price(self, rate: Decimal, quantity: int) -> Decimal:
        """What a customer pays for a quantity at a wholesale rate per 1000: up to the next cent."""
        return (rate * quantity / 1000 * self.factor).quantize(CENT, ROUND_UP)

    def sell(
        self, customer: str, *, service: Mapping[str, Any], link: str, quantity: int, wallet: str | None, at: float
    ) -> Sale:
        """Take a customer's money for an order that is asked for next. NotTaken."""
        buyer = self.customers.get(customer)
        if buyer is None:
            raise NotTaken("There is no such customer.")
        price = self.price(Decimal(str(service["rate"])), quantity)
        if price > buyer.balance:
            raise NotTaken(f"{buyer.name} has {buyer.balance} {self.currency}, and this is {price}.")
        sale = Sale(
            number=len(self.sales) + 1,
            customer=customer,
            service=int(service["service"]),
            service_name=str(service["name"]),
            link=link,
            quantity=quantity,
            price=price,
            currency=self.currency,
            balance_before=buyer.balance,
            wallet_before=wallet,
            at=at,
        )
        self.sales.append(sale)
        buyer.move(f"Sale #{sale.number}", -price, at, sale.number)
        return sale

    def placed(self, sale: Sale, order: int) -> None:
        """The shop took it under this number."""
        sale.state, sale.order = "placed", order

    def refused(self, sale: Sale, why: str, at: float) -> None:
        """The shop does not take it: all of it is the customer's again.

        Not where an answer was lost before: the order may be there, and money is given back for it by an event alone.
        """
        sale.refusal = why
        if sale.lost:
            sale.state = "unsure"
            return
        sale.state = "refused"
        self._credit(sale, sale.price, at)

    def unanswered(self, sale: Sale, *, sent: bool) -> None:
        """No answer came: if it was sent, it may be there or not. It is asked for again under the same request id."""
        sale.lost += sent
        if sale.order is None:
            sale.state = "unsure"

    def hear(self, message_id: str, event: Any, at: float) -> Event:
        """Take in a verified message; what became of it. Unreadable leaves everything as it was."""
        kind, data = (event.get("type"), event.get("data")) if isinstance(event, dict) else (None, None)
        if not isinstance(kind, str) or not isinstance(data, dict):
            raise Unreadable
        if message_id in self._seen:
            return self._logged(Event(at, message_id, kind, "repeated", "was taken before", None))
        if kind.startswith("order."):
            heard = self._order(message_id, kind, data, at)
        else:
            heard = Event(at, message_id, kind, "verified", _aside(kind, data))
        self._seen[message_id] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return self._logged(heard)

    def turned_away(self, message_id: str, at: float) -> None:
        """Note that a message was refused; nothing of what it says is used."""
        self._logged(Event(at, message_id[:60], "", "refused", "its signature does not hold"))

    def _logged(self, event: Event) -> Event:
        self.log.appendleft(event)
        return event

    def _order(self, message_id: str, kind: str, data: dict[str, Any], at: float) -> Event:
        sale = self._sale(data)
        if sale is None:
            return Event(at, message_id, kind, "foreign", f"order {data.get('order')} is none of this site's")
        moment, due = _moment(data), _due(sale, data)
        order, status = data.get("order"), _text(data, "status")
        if not isinstance(order, int):
            raise Unreadable
        if sale.order is None:
            self.placed(sale, order)
        late = sale.told is not None and moment < _moment(sale.told)
        if not late:
            sale.told, sale.told_at = data, at
        credited = self._credit(sale, due, at)
        what = f"order {order} is {status}"
        if credited:
            what += f": {credited} {sale.currency} credited"
        return Event(at, message_id, kind, "late" if late else "verified", what, sale.number)

    def _sale(self, data: Mapping[str, Any]) -> Sale | None:
        """The sale that an event is about: by its own reference, which is known even while no answer has come."""
        reference = data.get("reference")
        return next((sale for sale in self.sales if sale.reference == reference), None)

    def _credit(self, sale: Sale, due: Decimal, at: float) -> Decimal:
        """Give back what is missing from `due`, the whole that the customer has coming; what was given now."""
        more = min(due, sale.price) - sale.credited
        if more <= 0:
            return NOTHING
        sale.credited += more
        self.customers[sale.customer].move(f"Back from sale #{sale.number}", more, at, sale.number)
        return more


def _due(sale: Sale, data: Mapping[str, Any]) -> Decimal:
    """What the event says that the customer has back in all. Unreadable where it speaks of another currency."""
    retail = data.get("retail")
    if retail is None:
        return NOTHING
    if not isinstance(retail, dict) or retail.get("currency") != sale.currency:
        raise Unreadable
    try:
        due = Decimal(_text(retail, "refunded"))
    except InvalidOperation:
        raise Unreadable from None
    if not due.is_finite() or due < 0:
        raise Unreadable
    return due


def _moment(data: Mapping[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(data, "at"))
    except ValueError:
        raise Unreadable from None
    if moment.tzinfo is None:
        raise Unreadable
    return moment


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise Unreadable
    return value


def _aside(kind: str, data: Mapping[str, Any]) -> str:
    """A message that is about no order, in a few words."""
    told = ", ".join(f"{name} {value}" for name, value in data.items() if isinstance(value, str | int))
    return told[:200] or kind
