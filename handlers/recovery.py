"""What owners are told of backups: how one ended, what it holds, and where it went."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers.i18n import Html, Texts
from handlers.screens import Screen, lines
from services.backup_notices import BackupNotice
from services.backups import Made

MEGABYTE = 1000 * 1000


def backup(notice: BackupNotice, texts: Texts) -> Screen:
    """How a backup ended; one that is sealed goes along as a document."""
    if notice.state == "failed":
        return Screen(
            lines(
                texts("backup-failed"),
                "",
                failure(texts, notice.reason, notice.said),
                texts("backup-failed-advice"),
            )
        )
    at = datetime.fromisoformat(notice.at)
    if notice.state == "broken":
        broken = (texts("backup-breach", invariant=each) for each in notice.broken)
        return Screen(lines(texts("backup-broken", at=at), *broken, "", texts("backup-file", file=notice.file)))
    return Screen(
        lines(
            texts("backup-kept", at=at, size=size(notice.size)),
            texts("backup-holds", **notice.holds),
            texts("backup-passed", checks=notice.holds.get("checks", 0)),
            "",
            texts("backup-file", file=notice.file),
            _leaves(texts, notice),
        ),
        document=notice.file if notice.document else None,
    )


def _leaves(texts: Texts, notice: BackupNotice) -> Html:
    """Whether it leaves the machine, and why not."""
    if notice.document:
        return texts("backup-document")
    return texts("backup-large") if notice.sealed else texts("backup-unsealed")


def failure(texts: Texts, reason: str, said: str) -> Html:
    """Why there is no backup, in plain words."""
    return texts("backup-reason", reason=reason, said=said)


def listed(texts: Texts, made: Made) -> Html:
    """A backup in one line."""
    detail: Mapping[str, Any] = made.detail
    if made.state == "failed":
        return texts("backup-line-failed", at=made.at, why=failure(texts, detail["reason"], detail["said"]))
    if made.state in ("asked", "making"):
        return texts("backup-line-making", at=made.at)
    sealed = "yes" if detail.get("sealed") else "no"
    return texts("backup-line", at=made.at, state=made.state, size=size(made.size or 0), sealed=sealed)


def size(count: int) -> str:
    """Bytes as people read them."""
    return f"{count / MEGABYTE:.1f} MB" if count >= MEGABYTE else f"{max(1, count // 1000)} KB"
