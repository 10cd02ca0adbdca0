"""Every refusal the shop can give, as a tree of typed errors.

    ShopError                 the reader can act on it; `code` names the sentence, `params` fill it in
    ├── InvalidInput
    │   ├── BadLink           not a link the service can work on
    │   ├── BadQuantity       not a whole number that was understood
    │   ├── BadAnswer         not an answer to one of the further questions of an order
    │   ├── QuantityTooSmall
    │   └── QuantityTooLarge
    ├── NotEnoughMoney        the wallet holds less than the price
    ├── TheirWalletShort      somebody else's wallet holds less than the staff would take from it
    ├── ServiceGone           the service is no longer sold
    ├── NotInCatalogue        an admin named a service or a category that there is not
    ├── NameTaken             another category has this name
    ├── BelowCost             an admin's price is less than what the provider asks
    ├── PriceTooHigh          an admin's price is more than money can be counted
    ├── PriceChanged          the price moved since the quote was shown
    ├── QuoteGone             the quote or offer no longer stands
    ├── RestOrdered           the rest of this order was ordered already
    ├── OrderNotFound         no such order of this person
    ├── TooLate               the order can no longer be taken back, or is decided already
    ├── IdTaken               another of our orders has this id at its provider
    ├── NoRefill              drops of this order are not made up for, or not any more
    ├── RefillTooEarly        its provider takes the next request later
    ├── SalesStopped          nothing new is sold for the time being
    ├── UnderMaintenance      customers order nothing for the time being, and the shop says why
    ├── NotAllowed            a step for people with another role
    ├── PersonNotFound        the bot has met nobody of this name or id
    ├── SeveralSuch           the bot has met several people under one @name
    ├── BroadcastMoved        a message to many stands otherwise by now
    ├── RefundRefused         so much of an order cannot be given back by hand
    ├── NoSuchTier            no tier of resellers has this name
    ├── TierInUse             a tier that resellers are in stays
    ├── TooManyTiers          there are as many tiers as there may be
    ├── StaffStays            who runs the shop cannot be banned
    ├── ApprovalGone          a step that was confirmed, refused or forgotten before
    ├── TermsMoved            what a step was asked with is not so any more
    ├── AnotherMustConfirm    a step that the one who asked for it may not confirm
    └── Banned
    MoneyError                a defect or an attack: never shown to a customer, always logged
    ├── KeyReused             one idempotency key, two contents
    └── StaleOrder            a transition that is not on the list was asked for

Those that only resellers meet stand in `services.reseller_errors`. Provider failures have a tree of their own in
`services.provider`: no customer ever reads one.
"""

from datetime import timedelta
from typing import ClassVar

from services.money import Money

Param = str | int | Money | timedelta


class ShopError(Exception):
    """A refusal for a person: `code` is the id of the sentence, `params` its variables."""

    code: ClassVar[str] = "error-unknown"

    def __init__(self, **params: Param) -> None:
        super().__init__(self.code, params)
        self.params = params


class InvalidInput(ShopError):
    """What was typed cannot be used; nothing entered before is lost."""


class BadLink(InvalidInput):
    """`reason` is one of empty, long, scheme, host, private, platform, profile.

    `platform` and `example` help to mend it.
    """

    code = "error-link"


class BadQuantity(InvalidInput):
    """`text` is what was typed."""

    code = "error-quantity"


class BadAnswer(InvalidInput):
    """`field` is the question (see services.order_fields), `reason` what is wrong with the answer to it.

    empty    nothing is there
    number   no whole number from `minimum` to `maximum`
    choice   not one of those that can be chosen
    range    neither one whole number from `minimum` to `maximum` nor two, the smaller one first
    date     no day that can be read
    past     a day that is over, or too far away
    few      `count` lines, fewer than `minimum`
    many     `count` lines, more than `maximum`
    form     no such name, tag or link: `hint`, which is number `given` of a list
    long     line `given` has more than `maximum` characters
    size     more than `maximum` KB
    file     a document that is no text file
    coding   a text file whose letters cannot be read
    fetch    a document that could not be got from Telegram
    uneven   `count` cannot be split into `given` equal runs; `hint` lists some that work, or is "none"
    """

    code = "error-answer"

    def __init__(
        self,
        *,
        field: str,
        reason: str,
        minimum: int = 0,
        maximum: int = 0,
        count: int = 0,
        given: int = 0,
        hint: str = "",
    ) -> None:
        super().__init__(
            field=field, reason=reason, minimum=minimum, maximum=maximum, count=count, given=given, hint=hint
        )


class QuantityTooSmall(InvalidInput):
    """`minimum` is the smallest order of the service."""

    code = "error-quantity-small"


class QuantityTooLarge(InvalidInput):
    """`maximum` is the largest order of the service."""

    code = "error-quantity-large"


class NotEnoughMoney(ShopError):
    """`price`, `balance` and the `missing` difference are Money."""

    code = "error-money"


class TheirWalletShort(ShopError):
    """`price`, `balance` and the `missing` difference are Money, told to somebody of the staff."""

    code = "error-their-money"


class ServiceGone(ShopError):
    """The service was withdrawn, hidden or is not known."""

    code = "error-service-gone"


class NotInCatalogue(ShopError):
    """`kind` is service or category, `id` what was named."""

    code = "error-not-in-catalogue"


class NameTaken(ShopError):
    """`name` is what customers, or the providers, call another category."""

    code = "error-name-taken"


class BelowCost(ShopError):
    """`price` is what it would be sold for, `cost` what the provider asks for the same."""

    code = "error-below-cost"


class PriceTooHigh(ShopError):
    """The dearest order at this price would be more than an amount can hold."""

    code = "error-price-high"


class PriceChanged(ShopError):
    """`price` is the one that holds now; the customer must see it before paying."""

    code = "error-price-changed"


class QuoteGone(ShopError):
    """The quote behind a button does not exist, expired or belongs to somebody else."""

    code = "error-quote-gone"


class RestOrdered(ShopError):
    """The rest of an order is bought once, whichever of its buttons is tapped."""

    code = "error-rest-ordered"


class OrderNotFound(ShopError):
    """There is no such order, or it is another person's: the answer is the same."""

    code = "error-order-not-found"


class TooLate(ShopError):
    """The order has already left for the server."""

    code = "error-too-late"


class IdTaken(ShopError):
    """`id` is what an admin took for the provider's id of an order: it is that of another one."""

    code = "error-id-taken"


class NoRefill(ShopError):
    """`reason` is none: nothing was promised or nothing delivered; over: the guarantee has ended."""

    code = "error-no-refill"


class RefillTooEarly(ShopError):
    """`wait` is how long it is until the next refill of the order may be asked for."""

    code = "error-refill-early"


class SalesStopped(ShopError):
    """Ordering is paused for the whole shop; what was ordered before goes on."""

    code = "error-sales-stopped"


class UnderMaintenance(ShopError):
    """`message` is the shop's own, for its customers; what was ordered before goes on."""

    code = "error-maintenance"


class NotAllowed(ShopError):
    """`role` is the least that may do it, as services.roles has it; owners of the settings stay what they are."""

    code = "error-not-allowed"


class PersonNotFound(ShopError):
    """`who` is what was typed for them."""

    code = "error-person"


class SeveralSuch(ShopError):
    """`who` is the @name that was typed, `ids` are those whom the bot has met under it: one of them has it by now."""

    code = "error-several-such"


class BroadcastMoved(ShopError):
    """There is no such message to many, or it was begun, stopped or ended meanwhile."""

    code = "error-broadcast-moved"


class RefundRefused(ShopError):
    """`reason` is why, `left` the part of the charge that has not come back yet.

    open     the order is under way: its money is held, and follows what its provider says
    nothing  all of it came back
    much     it is less than what was asked for
    moved    some of it came back since the refund was asked for
    """

    code = "error-refund"


class NoSuchTier(ShopError):
    """`name` is no tier's."""

    code = "error-no-tier"


class TierInUse(ShopError):
    """`count` resellers are in the tier `name`."""

    code = "error-tier-in-use"


class TooManyTiers(ShopError):
    """`maximum` is how many tiers there may be."""

    code = "error-tiers"


class StaffStays(ShopError):
    """Somebody with a role cannot be banned: the role is taken first."""

    code = "error-staff-stays"


class ApprovalGone(ShopError):
    """It was decided, or has waited too long: nothing is done."""

    code = "error-approval-gone"


class TermsMoved(ShopError):
    """Something changed between the question and the yes: it has to be asked anew."""

    code = "error-terms-moved"


class AnotherMustConfirm(ShopError):
    """So large a step needs a second person."""

    code = "error-approval-second"


class Banned(ShopError):
    """This person may not use the shop."""

    code = "error-banned"


class MoneyError(RuntimeError):
    """Something that must never happen to money or orders was refused."""


class KeyReused(MoneyError):
    """The same idempotency key arrived with other content."""


class StaleOrder(MoneyError):
    """Somebody else moved the order first, or the transition is not listed."""
