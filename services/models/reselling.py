"""The tables of those who sell on: resellers, their tiers, keys and addresses, and what they are told."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.columns import Document, Whole
from services.models.schema import STRICT, Model, one_of
from services.money import Money

RESELLER_STATES = ("applied", "approved", "refused", "suspended")
NEWS_LEVELS = ("every", "ends", "digest")
WEBHOOK_STATES = ("on", "off", "gone")
DELIVERY_STATES = ("waiting", "done", "failed")

# Conditions of the partial indexes. Queries repeat them as literals, or neither engine uses the index.
UNDELIVERED = "state = 'waiting'"
FRESH = "kind = 'order.updated' AND state = 'waiting' AND tries = 0"
REQUESTED = "request_id IS NOT NULL"


class Tier(Model):
    """A group of resellers with one discount."""

    __tablename__ = "tiers"
    __table_args__ = (STRICT,)

    name: Mapped[str] = mapped_column(primary_key=True)
    discount: Mapped[str]  # percent off the shop's rates, a decimal as it was typed
    set_by: Mapped[str]  # admin:<id>
    set_at: Mapped[datetime]


class TierDiscount(Model):
    """What a tier has off one service, instead of its discount on all of them."""

    __tablename__ = "tier_discounts"
    __table_args__ = (STRICT,)

    tier: Mapped[str] = mapped_column(ForeignKey("tiers.name"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), primary_key=True, autoincrement=False)
    discount: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class Reseller(Model):
    """A person who sells the shop's services on, or asked to."""

    __tablename__ = "resellers"
    __table_args__ = (one_of("state", RESELLER_STATES), one_of("news", NEWS_LEVELS), STRICT)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    state: Mapped[str]
    about: Mapped[str]  # where and what they sell, in their own words
    tier: Mapped[str | None] = mapped_column(ForeignKey("tiers.name"))
    markup: Mapped[str]  # percent above our rates that they sell at where an order names no retail price
    news: Mapped[str] = mapped_column(default="ends")  # what their chats hear: every change, ends alone, or a digest
    summed: Mapped[str | None]  # 2026-05-04: the last day that their chats were told in sum, as far as they hear that
    low_balance: Mapped[Money | None]  # they are told when their wallet falls below it
    low_since: Mapped[datetime | None]  # it has, and they were told
    applied_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]  # admin:<id>


class ResellerChat(Model):
    """A chat or group that hears how a reseller's orders fare."""

    __tablename__ = "reseller_chats"
    __table_args__ = (STRICT,)

    user_id: Mapped[int] = mapped_column(Whole, ForeignKey("resellers.user_id"), primary_key=True, autoincrement=False)
    chat_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str]
    added_at: Mapped[datetime]


class ApiKey(Model):
    """A key of the panel API: shown once, kept as its hash."""

    __tablename__ = "api_keys"
    __table_args__ = (UniqueConstraint("digest"), Index(None, "user_id"), Index(None, "root_id"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(Whole, ForeignKey("resellers.user_id"))
    root_id: Mapped[int | None]  # the first of the keys that took each other's places; null: this one
    hint: Mapped[str]  # how it begins, to be told apart by
    digest: Mapped[str]  # SHA-256 in hexadecimal: the key has 256 random bits, nothing is guessed from it
    networks: Mapped[Document]  # who may use it, as CIDR strings; none listed: anybody who has it
    limit: Mapped[Money | None]  # what its orders of any 24 hours may cost in all
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]  # revoked, or good until then because another one took its place
    used_at: Mapped[datetime | None]


class ApiUse(Model):
    """How often a reseller asked what on a day of UTC, and how often that was refused."""

    __tablename__ = "api_uses"
    __table_args__ = (STRICT,)

    user_id: Mapped[int] = mapped_column(Whole, ForeignKey("resellers.user_id"), primary_key=True, autoincrement=False)
    day: Mapped[str] = mapped_column(primary_key=True)  # 2026-05-04
    action: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int]
    refused: Mapped[int]


class Resale(Model):
    """What a reseller's site said of an order that it made through the panel API."""

    __tablename__ = "resales"
    __table_args__ = (
        Index(
            "uq_resales_request",
            "user_id",
            "request_id",
            unique=True,
            sqlite_where=text(REQUESTED),
            postgresql_where=text(REQUESTED),
        ),
        Index(None, "key_id", "created_at"),
        CheckConstraint("retail_refunded >= 0 AND (retail_refunded = 0 OR retail_refunded <= retail)", name="retail"),
        STRICT,
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(Whole, ForeignKey("resellers.user_id"))
    key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id"))
    request_id: Mapped[str | None]  # asked for once
    digest: Mapped[str]  # of what was asked for, so that the same id with other content is refused
    reference: Mapped[str | None]  # the site's own number of it
    retail: Mapped[Money | None]  # what the site's customer paid, in its own currency
    currency: Mapped[str | None]  # of `retail`
    retail_refunded: Mapped[Money] = mapped_column(default=Money(0))  # what of it the site must have given back by now
    created_at: Mapped[datetime]


class Webhook(Model):
    """Where a reseller's site is told of changes, and what the messages are signed with."""

    __tablename__ = "webhooks"
    __table_args__ = (one_of("state", WEBHOOK_STATES), STRICT)

    user_id: Mapped[int] = mapped_column(Whole, ForeignKey("resellers.user_id"), primary_key=True, autoincrement=False)
    url: Mapped[str]
    state: Mapped[str]  # gone: it answered 410
    secret: Mapped[str]  # whsec_...
    old_secret: Mapped[str | None]  # signs as well until `old_until`
    old_until: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    quiet_until: Mapped[datetime | None]  # the site asked to be left alone
    created_at: Mapped[datetime]


class Delivery(Model):
    """A message to a reseller's site, written in the transaction that caused it, sent until it is taken."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("key"),
        one_of("state", DELIVERY_STATES),
        Index(
            "ix_deliveries_due",
            "user_id",
            "due_at",
            "id",
            sqlite_where=text(UNDELIVERED),
            postgresql_where=text(UNDELIVERED),
        ),
        Index(
            "uq_deliveries_fresh",
            "user_id",
            "order_id",
            unique=True,
            sqlite_where=text(FRESH),
            postgresql_where=text(FRESH),
        ),
        Index(None, "user_id", "id"),
        Index(None, "created_at"),
        STRICT,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]  # webhook-id: the same at each try
    user_id: Mapped[int] = mapped_column(Whole, ForeignKey("webhooks.user_id"))
    order_id: Mapped[int | None]
    kind: Mapped[str]  # order.partial, ...
    body: Mapped[str]  # the very characters that are signed
    state: Mapped[str] = mapped_column(default="waiting")
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    answer: Mapped[str | None]  # what came of the last try: an HTTP status, or why there was none
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
