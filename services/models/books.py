"""The tables of money: accounts and the transfers between them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.models.schema import STRICT, Model, one_of
from services.money import Money

ACCOUNT_KINDS = ("world", "wallet", "hold", "revenue", "loss", "promo")


class Account(Model):
    """A balance. It moves only by the trigger on `transfers`, and never below `floor` (null: no floor)."""

    __tablename__ = "accounts"
    __table_args__ = (
        one_of("kind", ACCOUNT_KINDS),
        CheckConstraint("floor IS NULL OR balance >= floor", name="floor"),
        CheckConstraint("kind NOT IN ('wallet', 'hold') OR (floor IS NOT NULL AND floor = 0)", name="floored"),
        STRICT,
    )

    id: Mapped[str] = mapped_column(
        primary_key=True
    )  # world:<gateway>, wallet:<user>, hold:<order>, revenue, loss, promo
    kind: Mapped[str]
    currency: Mapped[str]
    balance: Mapped[Money] = mapped_column(default=Money(0))
    floor: Mapped[Money | None]


class Transfer(Model):
    """One amount from one account to another; append-only. `id` is the idempotency key."""

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("src <> dst", name="two_accounts"),
        Index(None, "src", "created_at"),
        Index(None, "dst", "created_at"),
        Index(None, "order_id"),
        Index(None, "created_at", "id"),
        STRICT,
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    src: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    dst: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    amount: Mapped[Money]
    code: Mapped[str]  # what for: hold, kept, refund, credit, ...
    order_id: Mapped[int | None]
    actor: Mapped[str]  # who: user:<id>, admin:<id>, shop
    created_at: Mapped[datetime]
