"""How an order progresses: where it stands is a pure function of the order and the time."""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from bot.sandbox.panel.catalogue import Service
from bot.sandbox.panel.manners import Act, Behaviour

STARTS_AFTER = 1.5
MOVES_AFTER = 3.0
WHOLE = 20.0
"""Seconds at pace 1 until an order is Processing, In progress, and delivered in full."""

CANCEL_TAKES = 2.0
"""Seconds at pace 1 between the answer to `cancel` and its effect."""

POST_EVERY = 6.0
"""Seconds at pace 1 between the posts that a subscription finds."""

SUBSCRIPTIONS = "Subscriptions"


@dataclass(slots=True)
class Order:
    """One accepted order: what was asked, what it cost, and what has been done to it since.

    `asked` counts status calls, `shown` those after the end; `forced` is the delivered count at which it was ended
    by hand; `began` is the time the delivery counts from, which only resuming moves. `step` is the quantity of
    one drip-feed run; `posts`, `expires`, `paused` and `children` (their ids) belong to subscriptions.
    """

    id: int
    service: Service
    link: str
    quantity: int
    charge: Decimal
    start_count: int
    created: float
    pace: float
    behaviour: Behaviour
    fields: dict[str, str]
    step: int = 1
    began: float = 0.0
    asked: int = 0
    shown: int = 0
    forced: int | None = None
    cancel_asked: float | None = None
    posts: int = 0
    expires: float | None = None
    paused: bool = False
    children: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an order stands: the panel's status word, what is delivered, what the panel keeps of the charge."""

    status: str
    delivered: int
    kept: Decimal
    act: Act | None = None
    moving: bool = True

    @property
    def over(self) -> bool:
        """Whether the delivery has ended, whatever the panel says about it."""
        return self.act is not None


def money(amount: Decimal) -> Decimal:
    """The amount in the five decimals panels keep."""
    return amount.quantize(Decimal("0.00001"), ROUND_HALF_UP)


def text(amount: Decimal) -> str:
    """The amount as panels write it: at least two decimals, no zeros behind them."""
    whole, _, cents = f"{money(amount):f}".partition(".")
    return f"{whole}.{cents.rstrip('0').ljust(2, '0')}"


def standing(order: Order, now: float) -> Standing:
    """Where this order stands at `now` (seconds of the panel's clock)."""
    if order.service.type == SUBSCRIPTIONS:
        return Standing(_subscription(order, now), 0, Decimal(0))
    over, delivered = _delivered(order, now)
    if not over:
        return _running(order, now, delivered)
    acts = _ending(order, delivered)
    act = acts[min(max(order.shown, 1), len(acts)) - 1]
    if act.percent is not None:
        delivered = order.quantity * act.percent // 100
    kept = order.charge
    if act.status in ("Partial", "Canceled") and not act.charged_in_full:
        kept = money(order.charge * delivered / order.quantity)
    return Standing(act.status, delivered, kept, act)


def rebase(order: Order, now: float) -> None:
    """Let the order go on from the delivered count it has, in its usual course, as if it had never been stopped."""
    _, delivered = _delivered(order, now)
    elapsed = MOVES_AFTER + (WHOLE - MOVES_AFTER) * delivered / order.quantity
    if not delivered:
        elapsed = min(_elapsed(order, now), MOVES_AFTER)
    order.began = now - elapsed / order.pace
    order.forced = order.cancel_asked = None


def posts_found(order: Order, now: float) -> int:
    """How many posts this subscription has found by `now`."""
    ends = [one for one in (order.cancel_asked, order.expires, now) if one is not None]
    return min(order.posts, int(_elapsed(order, min(ends)) / POST_EVERY))


def _subscription(order: Order, now: float) -> str:
    """A subscription's own status words."""
    if order.cancel_asked is not None and now >= order.cancel_asked + CANCEL_TAKES / order.pace:
        return "Canceled"
    if len(order.children) >= order.posts:
        return "Completed"
    if order.expires is not None and now >= order.expires:
        return "Expired"
    return "Paused" if order.paused else "Active"


def _elapsed(order: Order, now: float) -> float:
    return (now - order.began) * order.pace / order.behaviour.stretch


def _running(order: Order, now: float, delivered: int) -> Standing:
    elapsed = _elapsed(order, now)
    if elapsed < STARTS_AFTER or order.behaviour.starts == "never":
        return Standing("Pending", 0, order.charge, moving=False)
    if elapsed < MOVES_AFTER:
        return Standing("Processing", 0, order.charge, moving=False)
    return Standing("In progress", delivered, order.charge)


def _delivered(order: Order, now: float) -> tuple[bool, int]:
    """Whether the delivery has ended by `now`, and how many are delivered."""
    if order.forced is not None:
        return True, order.forced
    if order.cancel_asked is not None and order.behaviour.heeds_cancel:
        effect = order.cancel_asked + CANCEL_TAKES / order.pace
        if now >= effect:
            return True, _course(order, effect)[1]
    return _course(order, now)


def _course(order: Order, now: float) -> tuple[bool, int]:
    """The same by the order's own course alone, as if nobody interfered."""
    behaviour = order.behaviour
    limit = order.quantity * behaviour.stop // 100
    if behaviour.starts == "at once":
        return True, limit
    if behaviour.starts == "never":
        return False, 0
    share = (_elapsed(order, now) - MOVES_AFTER) / (WHOLE - MOVES_AFTER)
    if share < 0:
        return False, 0
    if share * 100 >= behaviour.stop:
        return True, limit
    moved = min(int(order.quantity * share), limit)
    return False, moved - moved % order.step


def _ending(order: Order, delivered: int) -> tuple[Act, ...]:
    """What the panel claims after the end: the behaviour's acts, or what a cancel makes of an order cut short."""
    cut_short = order.forced is None and order.cancel_asked is not None and order.behaviour.heeds_cancel
    if cut_short and delivered < order.quantity * order.behaviour.stop // 100:
        return (Act("Partial" if delivered else "Canceled"),)
    return order.behaviour.acts
