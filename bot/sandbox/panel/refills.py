"""What becomes of what was delivered: it drops, and a refill brings it back, or does not."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.sandbox.panel.delivery import Order, standing
from bot.sandbox.panel.intake import RefusedError
from bot.sandbox.panel.manners import Behaviour

STARTS, TAKES = 2.0, 8.0
"""Seconds at pace 1 until a refill is In progress, and until it is Completed."""
WRONG_ORDER = "Incorrect order ID"
NOT_ELIGIBLE = "Order not eligible for refill."
TOO_EARLY = "Refill will be available in 9 hours 3 minutes"

_B = Behaviour

DROPS = (
    _B("drops", "A fifth drops off", "Completed, then a fifth drops off; a refill brings it back.", drops=20),
    _B(
        "refill-rejected",
        "The refill is rejected",
        "Completed, then a fifth drops off; a refill is taken, and rejected.",
        drops=20,
        refills="rejected",
    ),
    _B(
        "refill-too-early",
        "The refill is refused for now",
        "Completed, then a fifth drops off; a refill is refused: it will be available in 9 hours.",
        drops=20,
        refills="too early",
    ),
    _B(
        "refill-lost",
        "The refill's answer is lost",
        "Completed, then a fifth drops off; a refill is taken, and the answer to that never comes.",
        drops=20,
        refills="lost",
    ),
    _B(
        "refill-stuck",
        "The refill never ends",
        "Completed, then a fifth drops off; a refill stays Pending for ever.",
        drops=20,
        refills="stuck",
    ),
)


@dataclass(frozen=True, slots=True)
class Refill:
    """One refill that the panel took."""

    order: Order
    asked: float
    pace: float

    def word(self, now: float) -> str:
        """How it stands."""
        elapsed = (now - self.asked) * self.pace
        if elapsed < STARTS or self.order.behaviour.refills == "stuck":
            return "Pending"
        if elapsed < TAKES:
            return "In progress"
        return "Rejected" if self.order.behaviour.refills == "rejected" else "Completed"


class RefillBook:
    """The refills of one panel; their ids count from 1."""

    def __init__(self) -> None:
        self._refills: list[Refill] = []

    def ask(self, orders: Mapping[int, Order], order_id: int, now: float, pace: float) -> int:
        """Take a refill on; its id. One of an order at a time, of what was delivered in full or in part."""
        order = orders.get(order_id)
        if order is None:
            raise RefusedError(WRONG_ORDER)
        running = any(one.order is order and one.word(now) in ("Pending", "In progress") for one in self._refills)
        if running or not order.service.refill or standing(order, now).status not in ("Completed", "Partial"):
            raise RefusedError(NOT_ELIGIBLE)
        if order.behaviour.refills == "too early":
            raise RefusedError(TOO_EARLY)
        self._refills.append(Refill(order, now, pace))
        return len(self._refills)

    def status(self, refill_id: int, now: float) -> str:
        """The word for how this refill stands."""
        if not 1 <= refill_id <= len(self._refills):
            raise RefusedError("Refill not found")
        return self._refills[refill_id - 1].word(now)

    def dropped(self, order: Order, now: float) -> int:
        """How many of those delivered are gone: they drop at the end, until a refill has brought them back."""
        stands = standing(order, now)
        if not stands.over or any(one.order is order and one.word(now) == "Completed" for one in self._refills):
            return 0
        return stands.delivered * order.behaviour.drops // 100
