"""The tables by which processes agree and the shop is watched over: leases, switches, audits."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.columns import Document
from services.models.schema import STRICT, Model, one_of

SWITCHES = ("sales", "ordering")


class Lease(Model):
    """Who holds a singleton (the poller of getUpdates, the sender) and until when."""

    __tablename__ = "leases"
    __table_args__ = (STRICT,)

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    until: Mapped[datetime]


class Switch(Model):
    """Each time a switch of the whole shop was turned, append-only: the last row of a name is how it stands."""

    __tablename__ = "switches"
    __table_args__ = (UniqueConstraint("key"), one_of("name", SWITCHES), Index(None, "name", "id"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]  # what turned it, so that one message or audit turns it once
    name: Mapped[str]
    is_on: Mapped[bool]
    reason: Mapped[str]
    actor: Mapped[str]  # who: admin:<id>, audit or shell
    at: Mapped[datetime]


class Audit(Model):
    """What one run of the auditors found; the run before it tells what is new."""

    __tablename__ = "audits"
    __table_args__ = (STRICT,)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    breaches: Mapped[Document]  # services.alarm: empty where every invariant held


class Trouble(Model):
    """Something the staff was warned of and that is not over yet (services.lookout)."""

    __tablename__ = "troubles"
    __table_args__ = (STRICT,)

    name: Mapped[str] = mapped_column(primary_key=True)  # what about what: balance:<provider>, wave:<service>, ...
    code: Mapped[str]  # of the alert
    since: Mapped[datetime]
    told_at: Mapped[datetime]
