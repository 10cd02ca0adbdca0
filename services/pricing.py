"""What an order costs, what the shop keeps of it and what goes back: the one place where money is rounded.

One arithmetic serves every type of service; its unit says what is counted, one of which is priced as `each` items.

    unit       the quantity counts                                    the rate is the price of    each
    thousand   items: of a drip-feed runs x quantity per run,         1000 items                  1
               of comments and lists of names their lines
    package    packages; one counts once it is delivered whole        one package                 1000
    post       posts of a subscription; done once it has its order    1000 items                  its max per post

    charge = ceil(rate x quantity x each / 1000)      once; frozen on the order
    kept   = floor(charge x delivered / quantity)     delivered in the unit: items, whole packages, posts done
    refund = charge - kept
"""

from decimal import ROUND_CEILING, Decimal, InvalidOperation, localcontext

from services.money import LARGEST, MICROS, Money


def cost_rate(provider_rate: Decimal, exchange_rate: Decimal) -> Money:
    """A provider's rate per 1000 in shop currency, rounded up; ValueError for a rate that is no price."""
    if not provider_rate.is_finite() or provider_rate < 0 or provider_rate.adjusted() > 9:
        raise ValueError(f"not a rate: {provider_rate}")
    return Money(_up(provider_rate * exchange_rate * MICROS))


def selling_rate(cost: Money, markup_percent: Decimal) -> Money:
    """The shop's rate per 1000: `cost` plus the markup, rounded up."""
    return Money(_up(cost.micros * (1 + markup_percent / 100)))


def discounted(rate: Money, cost: Money, percent: Decimal) -> Money:
    """A rate less a discount, rounded up, and never below what the provider asks, nor above the rate itself."""
    return min(rate, max(cost, Money(_up(rate.micros * (1 - percent / 100)))))


def charge(rate: Money, quantity: int, each: int = 1) -> Money:
    """The price of `quantity`, one of which is `each` items, at `rate` = ceil(rate x quantity x each / 1000)."""
    if rate.micros < 0 or quantity <= 0 or each <= 0:
        raise ValueError(f"cannot price {quantity} x {each} at {rate}")
    return Money(-(-rate.micros * quantity * each // 1000))


def kept(charged: Money, delivered: int, quantity: int) -> Money:
    """The shop's share after `delivered` of `quantity` = floor(charge x delivered / quantity).

    The refund is the rest, so kept + refund = charge to the micro-unit. 0 <= delivered <= quantity.
    """
    if quantity <= 0 or not 0 <= delivered <= quantity:
        raise ValueError(f"not a share of an order: {delivered} of {quantity}")
    return Money(charged.micros * delivered // quantity)


def foreign(text: str | None) -> Money | None:
    """An amount that a provider names in its own currency, to the nearest micro-unit: to compare, never to pay."""
    try:
        amount = None if text is None else Decimal(text)
    except InvalidOperation:
        return None
    if amount is None or not amount.is_finite() or abs(amount) > LARGEST // MICROS:
        return None
    return Money(int((amount * MICROS).to_integral_value()))


def exchanged(amount: Money, exchange_rate: Decimal) -> Money:
    """An amount of a provider's currency in shop currency, to the nearest micro-unit: to compare, never to pay."""
    return Money(int((amount.micros * exchange_rate).to_integral_value()))


def _up(micros: Decimal | int) -> int:
    with localcontext() as context:
        context.prec = 60
        return int(Decimal(micros).to_integral_value(ROUND_CEILING))
