"""What the conversation asks of the shop's settings; the process brings the object that has them."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Protocol

from services.backups import Terms
from services.money import Money
from services.policy import Policy


class ShopSettings(Protocol):
    """The settings that handlers read. `undo_seconds` is how long a one-tap order waits for an Undo."""

    @property
    def shop_name(self) -> str:
        """What the shop calls itself."""

    @property
    def support_contact(self) -> str:
        """`@name`, a URL or plain words; may be empty."""

    @property
    def api_url(self) -> str:
        """Where the panel API is, as resellers' sites reach it; may be empty."""

    @property
    def webhook_loopback(self) -> bool:
        """Whether a reseller's site may be one on this machine, for development."""

    @property
    def undo_seconds(self) -> float:
        """How long a one-tap order may be taken back before it is sent."""

    @property
    def policy(self) -> Policy:
        """How the shop deals with time and doubt."""

    @property
    def markups(self) -> Mapping[str, Decimal]:
        """What is added to the prices of each provider there is, in percent, where nothing else was set by hand."""

    @property
    def admin_ids(self) -> Collection[int]:
        """The owners of the shop."""

    @property
    def exchange_rates(self) -> Mapping[str, Decimal]:
        """Shop currency for one unit of each provider's."""

    @property
    def backups(self) -> Terms:
        """Where backups go, and how many are kept."""

    @property
    def second_admin_above(self) -> Money:
        """What moves more money by hand than this needs a second admin."""
