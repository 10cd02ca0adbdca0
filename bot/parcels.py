"""What leaves as one message: one notice, or the several that a chat is to be told of its orders at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from handlers import digest, notices, reseller_digest
from handlers.i18n import Texts
from handlers.screens import Screen, lines
from services import notices as told
from services.notices import DIGESTED, AdminAlert, Card
from services.outbox import INTERACTIVE, Claimed
from services.reseller_notices import ResellerNews
from services.staff_notices import Broadcast
from services.users import Reader

CARD, ALERT, NEWS = Card.kind, AdminAlert.kind, Broadcast.kind
LIVE = frozenset(kind.kind for kind in told.LIVE)
ORDERS = "orders", 0
"""What is told of a customer's own orders."""


@dataclass(frozen=True, slots=True)
class Held:
    """A notice in hand since `since`, to be told as its `reader` wants.

    After `until` our lease may have ended and another process may be sending it.
    """

    notice: Claimed
    since: float
    until: float
    reader: Reader

    @property
    def urgency(self) -> tuple[int, int]:
        return self.notice.priority, self.notice.id


@dataclass(frozen=True, slots=True)
class Parcel:
    """Notices for one chat that share one message and whatever becomes of it."""

    notices: tuple[Claimed, ...]
    reader: Reader

    @property
    def chat_id(self) -> int:
        return self.notices[0].chat_id

    @property
    def key(self) -> str:
        """The key of its first notice, to find it in the log by."""
        return self.notices[0].key

    @property
    def ids(self) -> list[int]:
        return [notice.id for notice in self.notices]

    @property
    def tries(self) -> int:
        """Of the notice that was tried most often."""
        return max(notice.tries for notice in self.notices)

    @property
    def message_id(self) -> int | None:
        """The message that it takes over; several notices never do."""
        return self.notices[0].message_id if len(self.notices) == 1 else None

    @property
    def at_most_once(self) -> bool:
        """Whether it had rather not arrive than arrive twice: so it is with news, not with what is told of money."""
        return self.notices[0].notice.kind == NEWS

    def done(self, message_id: int | None) -> list[tuple[int, int, int | None]]:
        """Its notices as outbox.sent takes them."""
        return [(notice.id, notice.version, message_id) for notice in self.notices]

    def silent(self, now: datetime) -> bool:
        """Whether it comes without a sound, in the reader's quiet hours. It comes at once all the same.

        A reply answers somebody who is awake, and an alert is about money at risk.
        """
        first = self.notices[0]
        return first.priority != INTERACTIVE and first.notice.kind != ALERT and self.reader.quiet.at(now)

    def screen(self, texts: Texts, now: datetime) -> Screen:
        """The message it becomes."""
        several = [notice.notice for notice in sorted(self.notices, key=lambda notice: notice.id)]
        news = [notice for notice in several if isinstance(notice, ResellerNews)]
        if len(several) == 1:
            screen = notices.render(several[0], texts, now=now)
        elif len(news) == len(several):
            screen = reseller_digest.render(news, texts)
        else:
            screen = digest.render(several, texts)
        if any(notice.again for notice in self.notices):
            return replace(screen, text=lines(texts("notice-again"), "", screen.text))
        return screen


def _about(notice: told.Notice) -> tuple[str, int] | None:
    """What several notices must have in common to be one message; None for what is told alone."""
    if isinstance(notice, ResellerNews):
        return "site", notice.user_id  # a group may hear of several, each with a balance of its own
    return ORDERS if notice.kind in DIGESTED else None


def pack(ready: Held, held: Sequence[Held], alone: Collection[int]) -> Sequence[Held]:
    """What goes out with `ready`, or before it: all that its chat is to be told of its orders, where that is much.

    A digest overtakes the cards of its chat, which would take a second each and say less; nothing else. With the ends
    of a site's orders go their moves, which would come after them otherwise. Notices that Telegram refused together are
    `alone`.
    """
    notice = ready.notice
    about = ORDERS if notice.notice.kind == CARD else _about(notice.notice)
    if about is None or notice.id in alone:
        return [ready]
    several = [
        other
        for other in held
        if other.notice.chat_id == notice.chat_id
        and _about(other.notice.notice) == about
        and other.notice.id not in alone
        and (about != ORDERS or other.notice.priority <= notice.priority)
    ][: digest.MOST if about == ORDERS else reseller_digest.MOST]
    return several if len(several) >= digest.FEW else [ready]


def may_join(held: Sequence[Held], chat_id: int, alone: Collection[int]) -> float | None:
    """Since when a chat has so many ends of orders waiting that one more would make a digest; None: it has not.

    Where a provider comes back, orders that were completed are known a moment before those that stopped, whose links
    are looked at first.
    """
    waiting = [other for other in held if other.notice.chat_id == chat_id and other.notice.id not in alone]
    about = _about(waiting[0].notice.notice) if waiting else None
    ends = [other for other in waiting if _about(other.notice.notice) == about]
    if about is None or len(ends) != digest.FEW - 1:
        return None
    return min(other.since for other in ends)
