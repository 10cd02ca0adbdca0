"""How the shop deals with time and doubt: the figures behind fulfilment, from the settings, in one frozen object."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """`admins` are the chats that alerts go to. Every field has the default of `.env.example`."""

    admins: tuple[int, ...] = ()
    providers: tuple[str, ...] = ()
    """Those in the settings: what is open at any other is sent and followed by nobody."""
    poll_fastest: timedelta = timedelta(seconds=5)
    """A fresh or moving order is asked about as often as this,"""
    poll_slowest: timedelta = timedelta(minutes=30)
    """and one that has long stood still as seldom as this."""
    watch_every: timedelta = timedelta(hours=1)
    watch_for: timedelta = timedelta(hours=72)
    """A closed order is still asked about so long: panels correct themselves late."""
    placing_margin: timedelta = timedelta(seconds=15)
    """After a POST's deadline and this margin its order is `unknown`."""
    unsent_tries: int = 10
    """So many failures to reach the provider, with nothing sent, give the order up."""
    unsent_backoff: timedelta = timedelta(seconds=2)
    """Doubles with each failure, up to five minutes."""
    idempotent: tuple[str, ...] = ()
    """Providers that take an idempotency key: sent again with it, an order is not bought twice,"""
    ask_again: int = 3
    """so that one in doubt may be sent so many times more,"""
    ask_again_after: timedelta = timedelta(minutes=1)
    """each time after this pause."""
    unknown_for: timedelta = timedelta(hours=24)
    """After this the customer of an order nobody could verify has the money back, at the shop's risk,"""
    stuck_after: timedelta = timedelta(hours=1)
    """and that of one nobody could send; when it has waited so long, the admins hear of it."""
    refill_every: timedelta = timedelta(hours=24)
    """Panels take one refill of an order in so long; what they say themselves counts where they say it,"""
    refill_followed: timedelta = timedelta(days=14)
    """and one that has come to no end after so long is given up."""
    remind_ahead: timedelta = timedelta(days=3)
    """So long before a guarantee ends its customer is reminded; 0: nobody is."""
    balance_for: timedelta = timedelta(hours=24)
    """A provider's balance that lasts no longer than this, at the spending of the last day, is told to the admins,"""
    silent_for: timedelta = timedelta(minutes=30)
    """and so is a provider that has answered nothing for so long."""
    notices_kept: timedelta = timedelta(days=60)
    """Longer than Telegram lets a card be edited; after that what was sent is forgotten."""
    margin_rule: str = "hide"
    """What becomes of a service that would cost more than it is sold for: hide or reprice (services.margins)."""
    price_notice: timedelta = timedelta(0)
    """So long before it is in force a price that the staff raises is announced; 0: it is in force at once."""
