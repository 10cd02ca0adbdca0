"""What owners are told of a backup, typed: how it ended, what it holds, where it is."""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class BackupNotice:
    """How a backup ended: kept, broken (whole, but its books do not hold) or failed. `at` is when it was taken.

    `file` is where it is on the shop's machine; it goes along as a `document` where it is sealed and small enough.
    `reason` and `said` are as on services.snapshots.BackupFailed.
    """

    kind: ClassVar[str] = "backup"
    backup_id: int
    state: str
    at: str
    file: str = ""
    size: int = 0
    sealed: bool = False
    document: bool = False
    holds: dict[str, int] = field(default_factory=dict)
    """How many people, orders, transfers, and checks that it passed."""
    broken: list[str] = field(default_factory=list)
    """The invariants that do not hold in it."""
    reason: str = ""
    said: str = ""
