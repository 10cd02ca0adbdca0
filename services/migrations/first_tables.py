"""The tables of people, money and shelves as revision 0001 made them; those of purchases and talk stand beside it.

What the models said when the revision was written: they go on changing, a revision does not.
"""

from typing import Any

import sqlalchemy as sa

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()

SHOP = sa.MetaData(
    naming_convention={
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def must(name: str, kind: sa.types.TypeEngine[Any], *more: sa.ForeignKey) -> sa.Column[Any]:
    """A column that always holds something."""
    return sa.Column(name, kind, *more, nullable=False)


def may(name: str, kind: sa.types.TypeEngine[Any], *more: sa.ForeignKey) -> sa.Column[Any]:
    """A column that may be null."""
    return sa.Column(name, kind, *more)


def only(condition: str) -> dict[str, Any]:
    """The condition of a partial index, for both engines."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


sa.Table(
    "users",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True, autoincrement=False),
    must("name", TEXT),
    may("username", TEXT),
    may("language_code", TEXT),
    may("locale", TEXT),
    may("quiet_begins", WHOLE),
    may("quiet_ends", WHOLE),
    may("utc_offset", WHOLE),
    must("banned", FLAG),
    must("news", FLAG),
    must("finish_all", FLAG),
    must("finish_percent", WHOLE),
    must("finish_orders", WHOLE),
    may("unreachable_since", WHOLE),
    must("created_at", WHOLE),
    sqlite_strict=True,
)

sa.Table(
    "accounts",
    SHOP,
    sa.Column("id", TEXT, primary_key=True),
    must("kind", TEXT),
    must("currency", TEXT),
    must("balance", WHOLE),
    may("floor", WHOLE),
    sa.CheckConstraint("floor IS NULL OR balance >= floor", name="floor"),
    sa.CheckConstraint("kind NOT IN ('wallet', 'hold') OR (floor IS NOT NULL AND floor = 0)", name="floored"),
    sa.CheckConstraint("kind IN ('world', 'wallet', 'hold', 'revenue', 'loss', 'promo')", name="kind"),
    sqlite_strict=True,
)

sa.Table(
    "transfers",
    SHOP,
    sa.Column("id", TEXT, primary_key=True),
    must("src", TEXT, sa.ForeignKey("accounts.id")),
    must("dst", TEXT, sa.ForeignKey("accounts.id")),
    must("amount", WHOLE),
    must("code", TEXT),
    may("order_id", WHOLE),
    must("actor", TEXT),
    must("created_at", WHOLE),
    sa.CheckConstraint("amount > 0", name="amount"),
    sa.CheckConstraint("src <> dst", name="two_accounts"),
    sa.Index("ix_transfers_created_at_id", "created_at", "id"),
    sa.Index("ix_transfers_dst_created_at", "dst", "created_at"),
    sa.Index("ix_transfers_order_id", "order_id"),
    sa.Index("ix_transfers_src_created_at", "src", "created_at"),
    sqlite_strict=True,
)

sa.Table(
    "providers",
    SHOP,
    sa.Column("name", TEXT, primary_key=True),
    must("batches", FLAG),
    may("balance", TEXT),
    may("currency", TEXT),
    may("synced_at", WHOLE),
    may("last_error", TEXT),
    may("last_error_at", WHOLE),
    may("failing", TEXT),
    may("failing_since", WHOLE),
    sa.CheckConstraint("failing IN ('silent', 'key')", name="failing"),
    sqlite_strict=True,
)

sa.Table(
    "provider_balances",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("provider", TEXT),
    must("at", WHOLE),
    must("balance", WHOLE),
    sa.Index("ix_provider_balances_provider_at", "provider", "at"),
    sqlite_strict=True,
)

sa.Table(
    "markups",
    SHOP,
    sa.Column("provider", TEXT, primary_key=True),
    must("percent", TEXT),
    must("set_by", TEXT),
    must("set_at", WHOLE),
    sqlite_strict=True,
)

sa.Table(
    "categories",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("name", TEXT),
    must("known_as", TEXT),
    must("hidden", FLAG),
    must("position", WHOLE),
    sa.UniqueConstraint("known_as"),
    sa.UniqueConstraint("name"),
    sqlite_strict=True,
)

sa.Table(
    "services",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("provider", TEXT),
    must("external_id", TEXT),
    must("category_id", WHOLE, sa.ForeignKey("categories.id")),
    must("name", TEXT),
    must("server", TEXT),
    must("type", TEXT),
    must("unit", TEXT),
    may("description", TEXT),
    may("pace", TEXT),
    must("rate", WHOLE),
    must("cost", WHOLE),
    must("min", WHOLE),
    must("max", WHOLE),
    must("refill", FLAG),
    may("guarantee_days", WHOLE),
    must("cancel", FLAG),
    must("dripfeed", FLAG),
    must("offered", FLAG),
    must("on_sale", FLAG),
    must("position", WHOLE),
    must("updated_at", WHOLE),
    sa.CheckConstraint("unit IN ('thousand', 'package', 'post')", name="unit"),
    sa.UniqueConstraint("category_id", "server"),
    sa.UniqueConstraint("provider", "external_id"),
    sa.Index("ix_services_category_id_position", "category_id", "position"),
    sqlite_strict=True,
)

sa.Table(
    "service_overrides",
    SHOP,
    sa.Column("service_id", WHOLE, sa.ForeignKey("services.id"), primary_key=True, autoincrement=False),
    must("hidden", FLAG),
    may("name", TEXT),
    may("their_name", TEXT),
    may("description", TEXT),
    may("their_description", TEXT),
    may("rate", WHOLE),
    may("markup", TEXT),
    may("position", WHOLE),
    sa.CheckConstraint("rate >= 0", name="rate"),
    sa.CheckConstraint("rate IS NULL OR markup IS NULL", name="one_price"),
    sqlite_strict=True,
)

sa.Table(
    "scheduled_prices",
    SHOP,
    sa.Column("service_id", WHOLE, sa.ForeignKey("services.id"), primary_key=True, autoincrement=False),
    may("own_rate", WHOLE),
    may("markup", TEXT),
    must("rate", WHOLE),
    must("effective_at", WHOLE),
    must("set_by", TEXT),
    must("set_at", WHOLE),
    sa.CheckConstraint("own_rate IS NULL OR markup IS NULL", name="one_price"),
    sa.CheckConstraint("rate >= 0", name="rate"),
    sqlite_strict=True,
)

sa.Table(
    "scheduled_markups",
    SHOP,
    sa.Column("provider", TEXT, primary_key=True),
    may("own", TEXT),
    must("percent", TEXT),
    must("effective_at", WHOLE),
    must("set_by", TEXT),
    must("set_at", WHOLE),
    sqlite_strict=True,
)
