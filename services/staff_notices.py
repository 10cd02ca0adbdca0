"""What the shop has to tell because somebody who runs it did something: steps to confirm, messages to many.

Typed as in services.notices, which counts them among its own.
"""

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A message that an admin wrote to many: `text` is the reader's, HTML as Telegram gave it."""

    kind: ClassVar[str] = "broadcast"
    text: str


@dataclass(frozen=True, slots=True)
class BroadcastCard:
    """The live card of a message to many: `sent` and `dropped` of `total` people."""

    kind: ClassVar[str] = "broadcast_card"
    broadcast_id: int
    state: str
    total: int
    sent: int
    dropped: int


@dataclass(frozen=True, slots=True)
class ApprovalNotice:
    """A step of an admin waits for a second one, or that one has decided: `state` is waiting, done or refused.

    `code` and `params` are the step's (services.approvals, as it writes them down), `by` whoever asked or decided.
    """

    kind: ClassVar[str] = "approval"
    approval_id: int
    code: str
    params: dict[str, Any]
    by: str
    state: str
