"""The tables of those who run the shop: their roles, what they did, what waits for a second of them."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.columns import Document
from services.models.schema import STRICT, Model, one_of
from services.roles import WORDS

SHOP_TEXTS = ("welcome", "rules", "support", "terms")
APPROVAL_STATES = ("waiting", "done", "refused")


class StaffMember(Model):
    """A person with a role. Those whom the settings name as admins are owners without a row."""

    __tablename__ = "staff"
    __table_args__ = (one_of("role", WORDS), STRICT)

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    role: Mapped[str]
    granted_by: Mapped[str]  # admin:<id>, or shell
    granted_at: Mapped[datetime]


class Action(Model):
    """What somebody of the staff did, append-only."""

    __tablename__ = "actions"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(None, "subject", "id"),
        Index(None, "actor", "id"),
        STRICT,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]  # the message or approval behind it: it is done once
    at: Mapped[datetime]
    actor: Mapped[str]  # admin:<id>, or shell
    code: Mapped[str]
    subject: Mapped[str | None]  # user:<id>, order:<id>, service:<id>, provider:<name>
    detail: Mapped[Document]


class Approval(Model):
    """A step that somebody must confirm, or somebody else where `second` is set, before it is taken."""

    __tablename__ = "approvals"
    __table_args__ = (UniqueConstraint("key"), one_of("state", APPROVAL_STATES), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    code: Mapped[str]
    subject: Mapped[str | None]
    params: Mapped[Document]
    second: Mapped[bool]
    asked_by: Mapped[int]
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]


class ShopText(Model):
    """Each time that words of the shop were written, append-only: the last row of a name and language is what stands.

    Empty, the shop says what it says by itself.
    """

    __tablename__ = "shop_texts"
    __table_args__ = (one_of("name", SHOP_TEXTS), Index(None, "name", "locale", "id"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    locale: Mapped[str]
    text: Mapped[str]  # HTML, but of `support`, which is a contact
    actor: Mapped[str]
    at: Mapped[datetime]
