"""What is right, in a hundred lines: who has paid what for which order, and what each thing said does to it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.properties.panel import Said

CLOSED = ("rejected", "completed", "partial", "canceled")


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it should be. `refunded` and `charge` in micro-units; `due` is when a queued one may leave."""

    user: int
    token: str
    provider: str
    quantity: int
    charge: int
    goal: int
    replaces: int | None
    part: int  # which of the rests of that order
    due: datetime
    since: datetime  # in its status
    asked: datetime  # when its provider was last asked about it
    status: str = "queued"
    refunded: int = 0
    delivered: int = 0  # known for certain once it is closed
    licences: tuple[str, ...] = ()  # what came of each: lost, accepted, refused, unsent or ambiguous
    cleared: int = 0  # an admin has looked at the provider: of so many licences nothing is there
    upstream: str | None = None
    unclear: bool = False  # it has stopped, nobody can read how much of it is missing
    heard: str | None = None  # the end that waits to be heard a second time

    @property
    def seen(self) -> tuple[str, int, int, str | None, str | None, bool]:
        """What the database can be compared with."""
        delivered = self.delivered if self.status in CLOSED else 0
        unclear = self.unclear and self.status == "placed"
        return (self.status, self.refunded, delivered, self.upstream, self.heard, unclear)

    def at(self, status: str, now: datetime, **more: object) -> "Order":
        """The order in another status."""
        return replace(self, status=status, since=now, **more)  # type: ignore[arg-type]

    def licensed(self, now: datetime) -> "Order":
        """The order as it is claimed: until something is heard, its licence counts as lost."""
        return self.at("placing", now, licences=(*self.licences, "lost"))

    @property
    def undoable(self) -> bool:
        """Whether it is sure that it never left."""
        return self.status == "queued" and set(self.licences) <= {"unsent"}

    def refused(self, now: datetime) -> "Order":
        """All the money back, nothing bought."""
        return self.at("rejected", now, refunded=self.charge)


@dataclass(frozen=True, slots=True)
class Rules:
    """The shop's figures that the model must know."""

    unsent_tries: int
    lost_after: timedelta  # a licence without an answer
    given_up_after: timedelta
    confirmations: dict[str, int]
    idempotent: tuple[str, ...]
    ask_again: int
    ask_again_after: timedelta


@dataclass
class Model:
    """Orders by id, money by person, and the keys of every payment that came in."""

    rules: Rules
    orders: dict[int, Order] = field(default_factory=dict)
    paid_in: dict[str, tuple[int, int]] = field(default_factory=dict)

    def wallet(self, user: int) -> int:
        """Paid in, less charges, plus refunds."""
        mine = [order for order in self.orders.values() if order.user == user]
        paid_in = sum(amount for payer, amount in self.paid_in.values() if payer == user)
        return paid_in - sum(order.charge - order.refunded for order in mine)

    def bought(self, token: str) -> int | None:
        """The order that a button has bought."""
        return next((number for number, order in self.orders.items() if order.token == token), None)

    def stands_for(self, number: int) -> int:
        """Whose rest the rest of an order is: its own, or that of the order it stood in for in vain."""
        order = self.orders[number]
        return order.replaces if order.replaces is not None and not order.delivered else number

    def room(self, goal: int) -> int:
        """How much a goal still wants beyond what its orders brought or are to bring."""
        parts = [order for order in self.orders.values() if order.goal == goal]
        promised = sum(part.delivered if part.status in CLOSED else part.quantity for part in parts)
        return self.orders[goal].quantity - promised

    def standing(self, number: int) -> dict[int, int]:
        """The rests of an order that are on their way, or brought some: what each part is for."""
        rests = [order for order in self.orders.values() if order.replaces == number]
        return {rest.part: rest.quantity for rest in rests if rest.status not in CLOSED or rest.delivered}

    def part_of(self, number: int) -> int:
        """Which of the rests the rest of an order would be: its own place, or the next one of an order's own rests."""
        order = self.orders[number]
        if self.stands_for(number) != number:
            return order.part
        return max(self.standing(number), default=0) + 1

    def too_much(self, replaces: int, part: int, quantity: int) -> bool:
        """Whether so many more would take a goal beyond what was wanted, or that part was bought already."""
        return part in self.standing(replaces) or quantity > self.room(self.orders[replaces].goal)

    def left(self, number: int) -> int:
        """How much can be ordered in place of what a closed order left undelivered."""
        order, of = self.orders[number], self.stands_for(number)
        standing = self.standing(of)
        taken = sum(standing.values()) if of == number else standing.get(order.part, 0)
        return min(order.quantity - order.delivered - taken, self.room(order.goal))

    def no_rest(self, number: int) -> str | None:
        """Why nothing can be ordered in place of what an order left undelivered; None where it can."""
        order = self.orders[number]
        if order.status not in CLOSED:
            return "open"
        if order.delivered == order.quantity:
            return "delivered"
        return None if self.left(number) > 0 else "ordered"

    def answered(self, order: Order, number: int, end: str, upstream: str, now: datetime) -> Order:
        """What the answer to the POST of licence `number` makes of its order; `end` as in `Manner`."""
        known = (*order.licences[: number - 1], end, *order.licences[number:])
        order = replace(order, licences=known)
        if order.status not in ("queued", "placing", "unknown"):
            return order
        if end == "accepted":
            return order.at("placed", now, upstream=upstream, asked=now)
        if order.status == "queued" or number < len(known):
            return order
        if {"lost", "ambiguous"} & set(known[order.cleared : number - 1]):
            end = "ambiguous"
        if end == "refused" or (end == "unsent" and number >= self.rules.unsent_tries):
            return order.refused(now)
        if end == "unsent":
            pause = min(timedelta(seconds=2**number), timedelta(minutes=5))
            return order.at("queued", now, due=now + pause)
        return order if order.status == "unknown" else order.at("unknown", now)

    def swept(self, order: Order, now: datetime) -> Order:
        """What time alone makes of an order."""
        if order.status == "placing" and now > order.since + self.rules.lost_after:
            return order.at("unknown", now)
        if order.status == "queued" and now >= order.due + self.rules.given_up_after:
            return order.refused(now)
        if order.status != "unknown":
            return order
        if now >= order.since + self.rules.given_up_after:
            return order.refused(now)
        asked_enough = len(order.licences) > self.rules.ask_again or order.provider not in self.rules.idempotent
        if asked_enough or now < order.since + self.rules.ask_again_after:
            return order
        return order.at("queued", now, due=now)

    def told(self, order: Order, said: Said, now: datetime, *, by_hand: bool = False) -> Order:
        """What a status row makes of an order its provider has; an admin who reads it `by_hand` is believed at once."""
        quiet = replace(order, heard=None, unclear=said.state == "partial" and said.remains is None)
        end = reading(order.quantity, said)
        if end is None:
            return quiet
        status, delivered = end
        refund = order.charge - order.charge * delivered // order.quantity
        if order.status != "placed":
            if refund <= order.refunded:
                return quiet
            if order.status == "canceled":
                status = "canceled"
        heard = f"{status}:{delivered}"
        if self.rules.confirmations[order.provider] > 1 and order.heard != heard and not by_hand:
            return replace(quiet, heard=heard)
        return quiet.at(status, now, delivered=delivered, refunded=refund)


def reading(quantity: int, said: Said) -> tuple[str, int] | None:
    """(status, delivered) where a row ends an order: the table of the design, once more and in its own words."""
    left = said.remains
    match said.state:
        case "completed":
            return "completed", quantity
        case "canceled":
            return "canceled", quantity - left if left is not None and 0 < left < quantity else 0
        case "partial" if left is not None and left > quantity:
            return "canceled", 0
        case "partial" if left is not None and left > 0:
            return "partial", quantity - left
        case "partial" if left is not None:
            return "completed", quantity
    return None
