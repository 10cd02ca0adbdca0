"""What the buttons of resellers mean, and those under an application: typed as those of handlers.callbacks."""

from typing import Annotated, Literal

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.callbacks import Id

Word = Annotated[str, Field(max_length=12)]
Room = Annotated[int, Field(gt=-(2**63), lt=2**63)]
"""A chat of Telegram's; those of groups are below 0."""


class Desk(CallbackData, prefix="rs"):
    """How a reseller stands, at a glance; `new` leaves the tapped message as it is."""

    new: bool = False


class Apply(CallbackData, prefix="ry"):
    """Ask to sell on: where and what is asked."""


class DecideApplication(CallbackData, prefix="rx"):
    """Let the applicant sell on or not; `asked` names the application (services.reseller_notices)."""

    user_id: Id
    asked: Id
    approve: bool


class Keys(CallbackData, prefix="rk"):
    """The keys of the panel API; `new` as for the desk."""

    new: bool = False


class NewKey(CallbackData, prefix="rn"):
    """One more key, shown once."""


class KeyCard(CallbackData, prefix="rc"):
    """One key, and what can be done with it."""

    key_id: Id


class KeyDo(CallbackData, prefix="rd2"):
    """Exchange a key, revoke it (`revoke` asks, `sure` does), or change where it may be used from and what it spends.

    `networks` and `limit` ask, `anywhere` and `unlimited` take the bounds away.
    """

    key_id: Id
    do: Literal["rotate", "revoke", "sure", "networks", "anywhere", "limit", "unlimited"]


class Forget(CallbackData, prefix="rg"):
    """Take the message with a key or with the secret of a site out of the chat.

    It stands in a message of its own: a tap hands over the message that it was made in, and that is kept for a while.
    """

    message_id: Id
    of: Literal["key", "site"] = "key"


class Hook(CallbackData, prefix="rw"):
    """The webhook: whether the reseller's site is connected, and how that fares; `new` as for the desk."""

    new: bool = False


class HookDo(CallbackData, prefix="rw2"):
    """Connect a site at an address that is asked for, show its secret, give it another, test it, turn it on or off.

    `rotate` and `drop` ask, `fresh` and `sure` do.
    """

    do: Literal["address", "secret", "rotate", "fresh", "ping", "on", "off", "drop", "sure"]


class Messages(CallbackData, prefix="rm"):
    """The messages to the site before one of them, the newest where it is 0."""

    before: Id = 0


class MessageCard(CallbackData, prefix="rm2"):
    """One message to the site; `again` sends it once more."""

    message_id: Id
    again: bool = False


class Prices(CallbackData, prefix="rp2"):
    """The price list: about it, or as a file; or ask for the reseller's own markup."""

    do: Literal["show", "csv", "json", "markup"] = "show"


class Account(CallbackData, prefix="ra"):
    """The statement of a period as a file; without `period` the periods there are."""

    period: Word = ""


class Hearing(CallbackData, prefix="rh"):
    """What the reseller's chats hear: as it stands, or at this level from now on; `new` as for the desk."""

    level: Literal["", "every", "ends", "digest"] = ""
    new: bool = False


class LowBalance(CallbackData, prefix="rl"):
    """Warn below a balance that is asked for, or, where `off`, not any more."""

    off: bool = False


class DropRoom(CallbackData, prefix="ro"):
    """Let a chat hear no more."""

    chat_id: Room


class Usage(CallbackData, prefix="ru"):
    """What the reseller's site asked, and what came of its orders."""

    week: bool = False


class ResellerHelp(CallbackData, prefix="rq"):
    """How a site is connected."""
