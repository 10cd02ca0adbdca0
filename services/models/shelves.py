"""The tables of what is on sale: providers, categories, services, and what the staff set about them by hand."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.models.schema import STRICT, Model, one_of
from services.money import Money

UNITS = ("thousand", "package", "post")
FAILINGS = ("silent", "key")


def _same_name(context: Any) -> Any:
    return context.get_current_parameters()["name"]


class Provider(Model):
    """What the shop has learnt of an upstream panel; its address and key live in the settings alone."""

    __tablename__ = "providers"
    __table_args__ = (one_of("failing", FAILINGS), STRICT)

    name: Mapped[str] = mapped_column(primary_key=True)
    batches: Mapped[bool] = mapped_column(default=True)  # answers `orders=1,2,3`
    balance: Mapped[str | None]  # as last told, in its own currency
    currency: Mapped[str | None]
    synced_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    last_error_at: Mapped[datetime | None]
    failing: Mapped[str | None]  # since `failing_since` no question of ours was answered: silent, or our key is refused
    failing_since: Mapped[datetime | None]


class ProviderBalance(Model):
    """What the shop had at a provider, each time that it was found changed; in the provider's currency."""

    __tablename__ = "provider_balances"
    __table_args__ = (Index(None, "provider", "at"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str]
    at: Mapped[datetime]
    balance: Mapped[Money]


class Markup(Model):
    """What is added to a provider's prices instead of what the settings say."""

    __tablename__ = "markups"
    __table_args__ = (STRICT,)

    provider: Mapped[str] = mapped_column(primary_key=True)
    percent: Mapped[str]  # a decimal, as it was typed
    set_by: Mapped[str]  # admin:<id>
    set_at: Mapped[datetime]


class ScheduledMarkup(Model):
    """A markup that was announced and waits for its moment: until then the one before it counts."""

    __tablename__ = "scheduled_markups"
    __table_args__ = (STRICT,)

    provider: Mapped[str] = mapped_column(primary_key=True)
    own: Mapped[str | None]  # as Markup.percent has it; null: the settings' comes back
    percent: Mapped[str]  # what that is, as it was announced
    effective_at: Mapped[datetime]
    set_by: Mapped[str]  # admin:<id>
    set_at: Mapped[datetime]


class Category(Model):
    """A shelf of services of one platform and kind. A sync adds categories and changes none."""

    __tablename__ = "categories"
    __table_args__ = (UniqueConstraint("name"), UniqueConstraint("known_as"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]  # as customers read it
    known_as: Mapped[str] = mapped_column(default=_same_name)  # as its providers call it: it tells the platform, too
    hidden: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]


class Service(Model):
    """One thing on sale: a provider's service at the shop's price, as it is in force with what was set by hand."""

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
    offered: Mapped[bool] = mapped_column(default=True)  # by its provider, and such that the shop could sell it
    on_sale: Mapped[bool]  # offered, not hidden, nor is its category, and no dearer for the shop than for customers
    position: Mapped[int]
    updated_at: Mapped[datetime]


class ServiceOverride(Model):
    """What the staff set about a service by hand: the row of `services` holds it as long as it stands here.

    Null is not set. `their_name` and `their_description` are the provider's instead of ours: back in force without it.
    """

    __tablename__ = "service_overrides"
    __table_args__ = (
        CheckConstraint("rate IS NULL OR markup IS NULL", name="one_price"),
        CheckConstraint("rate >= 0", name="rate"),
        STRICT,
    )

    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), primary_key=True, autoincrement=False)
    hidden: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str | None]
    their_name: Mapped[str | None]
    description: Mapped[str | None]  # "" is none at all
    their_description: Mapped[str | None]
    rate: Mapped[Money | None]
    markup: Mapped[str | None]  # percent, instead of the provider's; a decimal, as it was typed
    position: Mapped[int | None]


class ScheduledPrice(Model):
    """A price that was announced and waits for its moment: what was set, as ServiceOverride has it, and what it is."""

    __tablename__ = "scheduled_prices"
    __table_args__ = (
        CheckConstraint("own_rate IS NULL OR markup IS NULL", name="one_price"),
        CheckConstraint("rate >= 0", name="rate"),
        STRICT,
    )

    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), primary_key=True, autoincrement=False)
    own_rate: Mapped[Money | None]
    markup: Mapped[str | None]
    rate: Mapped[Money]  # what the service is sold at then, by its cost of today
    effective_at: Mapped[datetime]
    set_by: Mapped[str]  # admin:<id>
    set_at: Mapped[datetime]
