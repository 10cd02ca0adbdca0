"""The tables of what the shop can be brought back from: its backups, and each time that one was brought back."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.columns import Document
from services.models.schema import STRICT, Model, one_of

BACKUP_STATES = ("asked", "making", "kept", "broken", "failed", "gone")


class Backup(Model):
    """A backup that was asked for, and what became of it.

    In the copy itself its row says `making`, which tells the copy when it was taken.
    """

    __tablename__ = "backups"
    __table_args__ = (UniqueConstraint("key"), one_of("state", BACKUP_STATES), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]  # the tap behind it, or the backup that it follows by the clock
    asked_by: Mapped[str]  # admin:<id>, shell, or shop for the clock
    at: Mapped[datetime]  # asked for, then begun
    state: Mapped[str]  # broken: whole, but its books do not hold; gone: the file was removed for newer ones
    file: Mapped[str | None]
    size: Mapped[int | None]
    detail: Mapped[Document]  # services.backups: what it holds, or why it failed


class Restore(Model):
    """A backup that was brought back. Until `ended_at` the shop has not been compared with its providers."""

    __tablename__ = "restores"
    __table_args__ = (STRICT,)

    id: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str]
    taken_at: Mapped[datetime]  # what happened after this moment is not known here
    restored_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]  # from here on the database is one that may be opened
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]  # admin:<id> or shell
