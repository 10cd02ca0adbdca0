"""The tables of what is on sale: providers, categories, services."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.models.schema import STRICT, Model, one_of
from services.money import Money

UNITS = ("thousand", "package", "post")


class Provider(Model):
    """What the shop has learnt of an upstream panel; its address and key live in the settings alone."""

    __tablename__ = "providers"
    __table_args__ = (STRICT,)

    name: Mapped[str] = mapped_column(primary_key=True)
    batches: Mapped[bool] = mapped_column(default=True)  # answers `orders=1,2,3`
    balance: Mapped[str | None]  # as last told, in its own currency
    currency: Mapped[str | None]
    synced_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    last_error_at: Mapped[datetime | None]


class ProviderBalance(Model):
    """What the shop had at a provider, each time that it was found changed; in the provider's currency."""

    __tablename__ = "provider_balances"
    __table_args__ = (Index(None, "provider", "at"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str]
    at: Mapped[datetime]
    balance: Mapped[Money]


class Category(Model):
    """A shelf of services of one platform and kind."""

    __tablename__ = "categories"
    __table_args__ = (UniqueConstraint("name"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    position: Mapped[int]


class Service(Model):
    """One thing on sale: a provider's service at the shop's price."""

    __tablename__ = "services"
    __table_args__ = (
        UniqueConstraint("provider", "external_id"),
        UniqueConstraint("category_id", "server"),
        one_of("unit", UNITS),
        Index(None, "category_id", "position"),
        STRICT,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str]
    external_id: Mapped[str]  # the provider's own number, a string because some panels use words
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    name: Mapped[str]  # the provider's name without its server word
    server: Mapped[str]  # "A", "B", ...: what customers know the source by
    type: Mapped[str]  # Default, Package, ...
    unit: Mapped[str] = mapped_column(default="thousand")  # what is counted and priced, see services.pricing
    description: Mapped[str | None]
    pace: Mapped[str | None]  # the provider's words for the average time
    rate: Mapped[Money]  # the shop's price per 1000, or per package
    cost: Mapped[Money]  # the provider's rate for the same, in shop currency
    min: Mapped[int]
    max: Mapped[int]
    refill: Mapped[bool]
    guarantee_days: Mapped[int | None]  # see services.guarantees; null: nobody says how long
    cancel: Mapped[bool]
    dripfeed: Mapped[bool]
    on_sale: Mapped[bool]
    position: Mapped[int]
    updated_at: Mapped[datetime]
