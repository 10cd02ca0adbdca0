"""The first revision: every table of the shop and the guards on them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from services.migrations import triggers

revision = "0001"
down_revision = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()

# What the models said when this revision was written; they go on changing, a revision does not.
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


def may(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    """A column that may be null."""
    return sa.Column(name, kind)


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
    must("banned", FLAG),
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
    "categories",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("name", TEXT),
    must("position", WHOLE),
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
    must("cancel", FLAG),
    must("dripfeed", FLAG),
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
    "quotes",
    SHOP,
    sa.Column("token", TEXT, primary_key=True),
    must("user_id", WHOLE, sa.ForeignKey("users.id")),
    must("service_id", WHOLE, sa.ForeignKey("services.id")),
    must("link", TEXT),
    must("quantity", WHOLE),
    must("rate", WHOLE),
    must("charge", WHOLE),
    must("type", TEXT),
    must("extras", TEXT),
    may("replaces_id", WHOLE),
    must("created_at", WHOLE),
    sa.Index("ix_quotes_created_at", "created_at"),
    sqlite_strict=True,
)

sa.Table(
    "orders",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("token", TEXT),
    must("user_id", WHOLE, sa.ForeignKey("users.id")),
    must("goal_id", WHOLE),
    may("replaces_id", WHOLE),
    must("service_id", WHOLE, sa.ForeignKey("services.id")),
    must("provider", TEXT),
    must("external_service", TEXT),
    must("service_name", TEXT),
    must("server", TEXT),
    must("link", TEXT),
    must("type", TEXT),
    must("unit", TEXT),
    must("quantity", WHOLE),
    must("each", WHOLE),
    must("extras", TEXT),
    must("rate", WHOLE),
    must("cost", WHOLE),
    must("charge", WHOLE),
    must("refunded", WHOLE),
    must("status", TEXT),
    must("progress", TEXT),
    must("delivered", WHOLE),
    may("start_count", WHOLE),
    may("provider_order_id", TEXT),
    may("provider_charge", WHOLE),
    must("unreadable_polls", WHOLE),
    may("unconfirmed", TEXT),
    must("submit_at", WHOLE),
    may("next_poll_at", WHOLE),
    may("watch_until", WHOLE),
    must("silent_looks", WHOLE),
    must("moved_at", WHOLE),
    may("lease_owner", TEXT),
    may("lease_until", WHOLE),
    must("created_at", WHOLE),
    may("placed_at", WHOLE),
    may("started_at", WHOLE),
    may("closed_at", WHOLE),
    sa.CheckConstraint("quantity > 0", name="quantity"),
    sa.CheckConstraint("each > 0", name="each"),
    sa.CheckConstraint("unit IN ('thousand', 'package', 'post')", name="unit"),
    sa.CheckConstraint("charge >= 0 AND refunded >= 0 AND refunded <= charge", name="refunded"),
    sa.CheckConstraint(
        "status IN ('queued', 'placing', 'placed', 'rejected', 'unknown', 'completed', 'partial', 'canceled')",
        name="status",
    ),
    sa.UniqueConstraint("provider", "provider_order_id"),
    sa.UniqueConstraint("token"),
    sa.Index("ix_orders_due", "provider", "next_poll_at", **only("next_poll_at IS NOT NULL")),
    sa.Index("ix_orders_goal_id", "goal_id"),
    sa.Index("ix_orders_link", "link"),
    sa.Index("ix_orders_placing", "status", "lease_until", **only("status = 'placing'")),
    sa.Index("ix_orders_queued", "status", "provider", "submit_at", **only("status = 'queued'")),
    sa.Index("ix_orders_service_id_closed_at", "service_id", "closed_at"),
    sa.Index("ix_orders_unknown", "status", "moved_at", **only("status = 'unknown'")),
    sa.Index("ix_orders_user_id_goal_id", "user_id", "goal_id"),
    sa.Index(
        "uq_orders_rest",
        "replaces_id",
        unique=True,
        **only("replaces_id IS NOT NULL AND (closed_at IS NULL OR delivered > 0)"),
    ),
    sqlite_strict=True,
)

sa.Table(
    "attempts",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("order_id", WHOLE, sa.ForeignKey("orders.id")),
    must("number", WHOLE),
    must("licensed_at", WHOLE),
    must("deadline", WHOLE),
    may("answered_at", WHOLE),
    must("outcome", TEXT),
    may("evidence", TEXT),
    sa.CheckConstraint("outcome IN ('licensed', 'accepted', 'rejected', 'unsent', 'ambiguous')", name="outcome"),
    sa.UniqueConstraint("order_id", "number"),
    sqlite_strict=True,
)

sa.Table(
    "order_events",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("order_id", WHOLE, sa.ForeignKey("orders.id")),
    must("at", WHOLE),
    must("status", TEXT),
    must("detail", TEXT),
    sa.Index("ix_order_events_order_id", "order_id"),
    sqlite_strict=True,
)

sa.Table(
    "outbox",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("key", TEXT),
    must("chat_id", WHOLE),
    must("priority", WHOLE),
    must("kind", TEXT),
    must("payload", TEXT),
    must("version", WHOLE),
    must("state", TEXT),
    must("due_at", WHOLE),
    must("tries", WHOLE),
    may("lease_owner", TEXT),
    may("lease_until", WHOLE),
    may("message_id", WHOLE),
    may("last_error", TEXT),
    must("created_at", WHOLE),
    may("sent_at", WHOLE),
    sa.CheckConstraint("state IN ('queued', 'sent', 'dropped')", name="state"),
    sa.UniqueConstraint("key"),
    sa.Index("ix_outbox_chat_id", "chat_id"),
    sa.Index("ix_outbox_due", "priority", "due_at", **only("state = 'queued'")),
    sqlite_strict=True,
)

sa.Table(
    "inbox",
    SHOP,
    sa.Column("bot_id", WHOLE, primary_key=True, autoincrement=False),
    sa.Column("update_id", WHOLE, primary_key=True, autoincrement=False),
    may("person_id", WHOLE),
    must("payload", TEXT),
    must("state", TEXT),
    must("tries", WHOLE),
    may("error", TEXT),
    must("received_at", WHOLE),
    may("done_at", WHOLE),
    sa.CheckConstraint("state IN ('waiting', 'done', 'set_aside')", name="state"),
    sa.Index("ix_inbox_received_at", "received_at"),
    sa.Index("ix_inbox_waiting", "bot_id", "update_id", **only("state = 'waiting'")),
    sqlite_strict=True,
)

sa.Table(
    "conversations",
    SHOP,
    sa.Column("key", TEXT, primary_key=True),
    may("state", TEXT),
    must("data", TEXT),
    must("updated_at", WHOLE),
    sqlite_strict=True,
)

sa.Table(
    "leases",
    SHOP,
    sa.Column("name", TEXT, primary_key=True),
    must("owner", TEXT),
    must("until", WHOLE),
    sqlite_strict=True,
)

sa.Table(
    "link_checks",
    SHOP,
    sa.Column("link", TEXT, primary_key=True),
    must("code", TEXT),
    must("checked_at", WHOLE),
    sa.CheckConstraint("code IN ('there', 'gone', 'private', 'renamed', 'unclear')", name="code"),
    sa.Index("ix_link_checks_checked_at", "checked_at"),
    sqlite_strict=True,
)

sa.Table(
    "switches",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("key", TEXT),
    must("name", TEXT),
    must("is_on", FLAG),
    must("reason", TEXT),
    must("actor", TEXT),
    must("at", WHOLE),
    sa.CheckConstraint("name IN ('sales')", name="name"),
    sa.UniqueConstraint("key"),
    sa.Index("ix_switches_name_id", "name", "id"),
    sqlite_strict=True,
)

sa.Table(
    "audits",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("at", WHOLE),
    must("breaches", TEXT),
    sqlite_strict=True,
)


def upgrade() -> None:
    """Create the tables, then guard them."""
    connection = op.get_bind()
    SHOP.create_all(connection, checkfirst=False)
    for statement in triggers.raised(connection.dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Drop it all: an empty database remains."""
    connection = op.get_bind()
    SHOP.drop_all(connection, checkfirst=False)
    for statement in triggers.razed(connection.dialect.name):
        op.execute(statement)
