"""Every refusal that resellers alone can meet: of their keys, their site, and what their site asks for.

    NotAReseller      only for those who may sell on
    KeyGone           no such key of the panel API, or it was revoked
    TooManyKeys       somebody has as many keys as they may
    TooManyGroups     somebody's orders are told in as many groups as may be
    KeyLimitReached   the orders of a key would cost more than its owner lets them
    RequestTaken      a request id stands for another order
    TypeNotTaken      a type of service that the shop cannot take orders of
    BadNetwork        not the addresses or networks that a key can be bound to
    BadSite           not an address that a reseller's site can be told of changes at
    NoSite            no site of this reseller is connected
    SiteOff           the site is told of nothing for the time being
    DeliveryGone      no such message to the site, or it is on its way already
    BadParameter      a parameter of the panel API that is missing, or cannot be used

They belong to the tree in `services.errors`.
"""

from services.errors import InvalidInput, ShopError


class NotAReseller(ShopError):
    """`state` is how they stand: stranger, applied, refused or suspended."""

    code = "error-not-reseller"


class KeyGone(ShopError):
    """The key was revoked, has ended, or is another person's."""

    code = "error-key-gone"


class TooManyKeys(ShopError):
    """`maximum` is how many keys are good at the same time."""

    code = "error-keys"


class TooManyGroups(ShopError):
    """`maximum` is in how many groups one reseller's orders may be told."""

    code = "error-groups"


class KeyLimitReached(ShopError):
    """`limit` is what the key's orders of 24 hours may cost in all."""

    code = "error-key-limit"


class RequestTaken(ShopError):
    """The same request id came with other content."""

    code = "error-request-taken"


class TypeNotTaken(ShopError):
    """`type` is the service's, as its provider names it."""

    code = "error-type"


class BadNetwork(InvalidInput):
    """`reason` is what is wrong with the addresses that a key is to be bound to.

    none    nothing is there
    unread  `text` is neither an IP address nor a network of them
    many    more than `maximum`
    """

    code = "error-network"

    def __init__(self, *, reason: str, text: str = "", maximum: int = 0) -> None:
        super().__init__(reason=reason, text=text, maximum=maximum)


class BadSite(InvalidInput):
    """`reason` is why a site cannot be told of changes at this address, `longest` how long one may be.

    empty    nothing is there
    long     more than `longest` characters
    letters  others than an address is written with
    scheme   not https
    user     a user or password in it
    port     another port than that of https
    host     not a full name: an IP address, or one label
    inside   a name that is not the public internet's
    """

    code = "error-site"


class NoSite(ShopError):
    """A site has to be connected first."""

    code = "error-no-site"


class SiteOff(ShopError):
    """Its messages are turned off, or it asked for none any more."""

    code = "error-site-off"


class DeliveryGone(ShopError):
    """The message was forgotten, is another person's, or waits to be sent as it is."""

    code = "error-delivery-gone"


class BadParameter(InvalidInput):
    """`name` is the parameter of the panel API, `reason` what is wrong with it.

    missing      it has to be there
    whole        no whole number
    amount       no amount of money
    currency     not the three letters of a currency
    long         more than `maximum` characters, or some that nobody can see
    unsupported  the service, or the shop, has nothing of the kind
    """

    code = "error-parameter"

    def __init__(self, *, name: str, reason: str, maximum: int = 0) -> None:
        super().__init__(name=name, reason=reason, maximum=maximum)
