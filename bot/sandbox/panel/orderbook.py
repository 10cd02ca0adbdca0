"""A panel's orders and its money: taking orders on, steering them by hand, and what each of them costs by now."""

import random
import zlib
from dataclasses import replace
from decimal import Decimal

from bot.sandbox.panel.behaviours import COMPLETE, partial
from bot.sandbox.panel.catalogue import Service
from bot.sandbox.panel.delivery import SUBSCRIPTIONS, Order, money, posts_found, rebase, standing
from bot.sandbox.panel.intake import Ask
from bot.sandbox.panel.manners import Act, Behaviour
from bot.sandbox.panel.wordings import html, missing

FIRST_ORDER = 70001


class OrderBook:
    """The orders of one panel by id, and the money paid in; what is charged follows from where the orders stand.

    `neighbours` are the books (this one too) that deliver to the same world: an audience grows by what any of them
    delivered.
    """

    def __init__(self, funded: Decimal) -> None:
        self.orders: dict[int, Order] = {}
        self.neighbours: list[OrderBook] = [self]
        self._funded = funded
        self._charged = Decimal(0)
        self._latest: dict[tuple[str, str], Order] = {}
        self._active: dict[tuple[int, str], Order] = {}
        self._subscriptions: list[Order] = []
        self._refused: dict[tuple[str, str], tuple[int, int]] = {}

    def open(
        self, service: Service, ask: Ask, behaviour: Behaviour, fields: dict[str, str], now: float, pace: float
    ) -> Order:
        """Take an order on and charge for it; its start count goes on from what was delivered to the link before."""
        fresh = 150 + zlib.crc32(f"{service.category} {ask.link}".encode()) % 6000
        audience = max(fresh, *(book.reached(service.category, ask.link, now) for book in self.neighbours))
        order = Order(
            id=FIRST_ORDER + len(self.orders),
            service=service,
            link=ask.link,
            quantity=ask.quantity,
            charge=ask.charge,
            start_count=audience,
            created=now,
            pace=pace,
            behaviour=behaviour,
            fields=fields,
            step=ask.step,
            began=now,
            posts=ask.posts,
            expires=ask.expires,
        )
        self.orders[order.id] = order
        self._charged += order.charge
        if service.type == SUBSCRIPTIONS:
            self._subscriptions.append(order)
        else:
            self._refused.pop((service.category, order.link), None)
            self._latest[service.category, order.link] = self._active[service.id, order.link] = order
        return order

    def balance(self, now: float) -> Decimal:
        """What is left of the money paid in, after what the panel keeps, now, of each order's charge."""
        return self._funded - sum((standing(order, now).kept for order in self.orders.values()), Decimal(0))

    def set_balance(self, amount: Decimal, now: float) -> None:
        """Pay in or take out so much that the balance is `amount` now."""
        self._funded += amount - self.balance(now)

    def affords(self, charge: Decimal, now: float) -> bool:
        """Whether the balance covers this charge; the orders are only gone through where it might not."""
        return charge <= self._funded - self._charged or charge <= self.balance(now)

    def has_active(self, service: Service, link: str, now: float) -> bool:
        """Whether the latest order of this service for this link is still being delivered."""
        order = self._active.get((service.id, link))
        return order is not None and not standing(order, now).over

    def reached(self, category: str, link: str, now: float) -> int:
        """The count that the latest order for this link has brought it to, 0 where there is none."""
        order = self._latest.get((category, link))
        return order.start_count + standing(order, now).delivered if order else 0

    def is_rest(self, service: Service, ask: Ask, now: float) -> bool:
        """Whether this is the rest, or part of it, of what another service was asked for and left undelivered.

        A story's word is acted out by the service it was tried on: whoever orders the rest elsewhere gets it. Of a rest
        that is smaller than any order the smallest order is one, too.
        """
        return any(
            (book is not self or other != service.id) and left and ask.quantity <= max(left, service.min)
            for book in self.neighbours
            for other, left in [book.left(service.category, ask.link, now)]
        )

    def left(self, category: str, link: str, now: float) -> tuple[int, int]:
        """(service id, undelivered) of the latest order for this link, refused or over; else (0, 0)."""
        if refused := self._refused.get((category, link)):
            return refused
        order = self._latest.get((category, link))
        if order is None or not (stands := standing(order, now)).over:
            return 0, 0
        return order.service.id, order.quantity - stands.delivered

    def refuse(self, service: Service, ask: Ask) -> None:
        """Remember that this was asked for and not taken on."""
        self._refused[service.category, ask.link] = service.id, ask.quantity

    def find_posts(self, now: float) -> None:
        """Open an order for each post that a subscription has found since it was last looked at."""
        for parent in self._subscriptions:
            while not parent.paused and len(parent.children) < posts_found(parent, now):
                place = len(parent.children) + 1
                dice = random.Random(f"{parent.id}/{place}")  # noqa: S311 - a simulated audience, not a secret
                quantity = dice.randint(int(parent.fields["min"]), int(parent.fields["max"]))
                charge = money(parent.service.price * quantity / 1000)
                if not self.affords(charge, now):
                    parent.paused = True
                    break
                ask = Ask(f"https://instagram.com/p/{parent.link.lstrip('@')}-{place}", quantity, charge)
                child = self.open(replace(parent.service, type="Default"), ask, COMPLETE, {}, now, parent.pace)
                parent.children.append(child.id)

    def direct(self, order: Order, do: str, percent: int, now: float) -> None:
        """Finish, stop (at `percent`), cancel, silence, garbage or resume this order, from its next status call on.

        Raises ValueError for anything an order cannot do; a subscription cannot be stopped half-way.
        """
        if order.service.type == SUBSCRIPTIONS and do in ("finish", "stop", "cancel", "resume"):
            self._direct_subscription(order, do, now)
            return
        match do:
            case "finish":
                order.behaviour, order.forced = replace(COMPLETE, word="finish"), order.quantity
            case "stop" if 0 <= percent <= 100:
                order.behaviour, order.forced = partial(percent), order.quantity * percent // 100
            case "cancel":
                order.forced = standing(order, now).delivered
                order.behaviour = replace(COMPLETE, word="cancel", acts=(Act("Canceled"),))
            case "silence":
                order.behaviour = replace(order.behaviour, word="silence", say=missing)
            case "garbage":
                order.behaviour = replace(order.behaviour, word="garbage", say=html)
            case "resume":
                rebase(order, now)
                order.behaviour = COMPLETE
            case _:
                raise ValueError(f"an order cannot {do} at {percent} %")
        order.asked = order.shown = 0

    def _direct_subscription(self, order: Order, do: str, now: float) -> None:
        match do:
            case "finish":
                order.posts = len(order.children)
            case "cancel":
                order.cancel_asked = now
            case "resume":
                order.cancel_asked, order.paused, order.behaviour = None, False, COMPLETE
            case _:
                raise ValueError("a subscription cannot stop half-way")
