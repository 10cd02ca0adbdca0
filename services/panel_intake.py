"""What a reseller's site sends with `add`, read by the type of the service; pure, no storage.

On the wire the quantity of a drip-feed is that of one run, here it is all of them. A subscription goes by the name of
a profile, here by the link to it; its `posts` are the quantity. What nobody asked for is overlooked.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from services import order_fields, pricing
from services.errors import QuantityTooLarge, QuantityTooSmall
from services.extras import Extras
from services.money import ZERO, Money
from services.order_fields import NEVER, Situation
from services.quantities import BEYOND
from services.reseller_errors import BadParameter

Fields = Mapping[str, str]
"""The parameters of a call as text, by name."""

LONGEST_ID, LONGEST_REFERENCE = 100, 100
"""Characters of `request_id` and of `reference`."""
ABOUT = (
    *("service", "link", "quantity", "runs", "interval", "comments", "usernames", "username", "hashtags", "hashtag"),
    *("media", "answer_number", "groups", "keywords", "min", "max", "posts", "old_posts", "delay", "expiry"),
    *("reference", "retail", "retail_currency"),
)
"""What an order is asked for with: two calls that say the same here ask for the same."""
_WHOLE = re.compile(r"[0-9]{1,18}")
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Goods:
    """What is ordered: `quantity` is the whole of it, 0 where it is counted by lines or is a package."""

    link: str
    quantity: int
    extras: Extras


@dataclass(frozen=True, slots=True)
class Sale:
    """What the site says of its own sale. `retail` is what its customer paid, in `currency`; None: it does not say."""

    request_id: str | None
    reference: str | None
    retail: Money | None
    currency: str | None

    def priced(self, charge: Money, markup: Decimal, currency: str) -> "Sale":
        """The same with a retail price: computed, in the shop's currency, where the site did not name one."""
        if self.retail is not None:
            return replace(self, currency=self.currency or currency)
        return replace(self, retail=pricing.selling_rate(charge, markup), currency=currency)


def number(text: str) -> int | None:
    """An id as it comes over the wire; None for what is none."""
    return int(text) if _WHOLE.fullmatch(text.strip()) else None


def digest(fields: Fields) -> str:
    """What a call asks for, in short."""
    said = {name: fields[name].strip() for name in ABOUT if fields.get(name, "").strip()}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def sale(fields: Fields) -> Sale:
    """What the site says of its own sale; BadParameter."""
    retail, currency = _given(fields, "retail"), _given(fields, "retail_currency")
    if currency and not _CURRENCY.fullmatch(currency):
        raise BadParameter(name="retail_currency", reason="currency")
    if currency and not retail:
        raise BadParameter(name="retail", reason="missing")
    return Sale(
        request_id=_short(fields, "request_id", LONGEST_ID),
        reference=_short(fields, "reference", LONGEST_REFERENCE),
        retail=_amount(retail) if retail else None,
        currency=currency.upper() or None,
    )


def _amount(text: str) -> Money:
    try:
        amount = Money.parse(text)
    except ValueError:
        raise BadParameter(name="retail", reason="amount") from None
    if amount < ZERO:
        raise BadParameter(name="retail", reason="amount")
    return amount


def _short(fields: Fields, name: str, most: int) -> str | None:
    text = _given(fields, name)
    if len(text) > most or _CONTROL.search(text):
        raise BadParameter(name=name, reason="long", maximum=most)
    return text or None


def goods(fields: Fields, about: Situation, *, dripfeed: bool) -> Goods:
    """What is ordered of a service. Raises BadParameter, BadAnswer, BadLink, QuantityTooSmall or QuantityTooLarge."""
    kind = about.kind
    if kind.unit == "post":
        return _subscription(fields, about)
    quantity = _required(fields, "quantity") if kind.asks_quantity else 0
    asked = {name: fields.get(name, "") for name in kind.asks}
    if kind.spreads and (_whole(fields, "runs") or 0) > 1:
        if not dripfeed:
            raise BadParameter(name="runs", reason="unsupported")
        quantity *= _required(fields, "runs")
        asked |= {name: fields.get(name, "") for name in ("runs", "interval")}
    if kind.asks_quantity:
        _fits(quantity, about)
    about = replace(about, quantity=quantity)
    answers = {name: order_fields.read(name, text, about) for name, text in asked.items()}
    return Goods(_given(fields, "link"), quantity, order_fields.composed(answers))


def _fits(quantity: int, about: Situation) -> None:
    smallest, largest = about.kind.quantities(about.minimum, about.maximum)
    if quantity < smallest:
        raise QuantityTooSmall(minimum=smallest)
    if quantity > largest:
        raise QuantityTooLarge(maximum=largest)


def _subscription(fields: Fields, about: Situation) -> Goods:
    if _whole(fields, "old_posts"):
        raise BadParameter(name="old_posts", reason="unsupported")
    least, most, posts = (_required(fields, name) for name in ("min", "max", "posts"))
    _fits(posts, about)
    asked = {
        "each": f"{least}-{most}",
        "delay": str(_whole(fields, "delay") or 0),
        "expiry": _given(fields, "expiry") or NEVER,
    }
    answers = {name: order_fields.read(name, text, about) for name, text in asked.items()}
    return Goods(_given(fields, "username") or _given(fields, "link"), posts, order_fields.composed(answers))


def _given(fields: Fields, name: str) -> str:
    return fields.get(name, "").strip()


def _required(fields: Fields, name: str) -> int:
    found = _whole(fields, name)
    if found is None:
        raise BadParameter(name=name, reason="missing")
    return found


def _whole(fields: Fields, name: str) -> int | None:
    """A whole number; None where there is nothing."""
    text = _given(fields, name)
    if not text:
        return None
    found = number(text)
    if found is None:
        raise BadParameter(name=name, reason="whole")
    return min(found, BEYOND)
