"""The tables of those who sell on as revision 0001 made them: all of it is SHOP then."""

import sqlalchemy as sa

from services.migrations.first_recovery import SHOP
from services.migrations.first_tables import TEXT, WHOLE, may, must, only

__all__ = ["SHOP"]

UNDELIVERED = "state = 'waiting'"
FRESH = "kind = 'order.updated' AND state = 'waiting' AND tries = 0"

sa.Table(
    "tiers",
    SHOP,
    sa.Column("name", TEXT, primary_key=True),
    must("discount", TEXT),
    must("set_by", TEXT),
    must("set_at", WHOLE),
    sqlite_strict=True,
)

sa.Table(
    "tier_discounts",
    SHOP,
    sa.Column("tier", TEXT, sa.ForeignKey("tiers.name"), primary_key=True),
    sa.Column("service_id", WHOLE, sa.ForeignKey("services.id"), primary_key=True, autoincrement=False),
    must("discount", TEXT),
    must("set_by", TEXT),
    must("set_at", WHOLE),
    sqlite_strict=True,
)

sa.Table(
    "resellers",
    SHOP,
    sa.Column("user_id", WHOLE, sa.ForeignKey("users.id"), primary_key=True, autoincrement=False),
    must("state", TEXT),
    must("about", TEXT),
    may("tier", TEXT, sa.ForeignKey("tiers.name")),
    must("markup", TEXT),
    must("news", TEXT),
    may("summed", TEXT),
    may("low_balance", WHOLE),
    may("low_since", WHOLE),
    must("applied_at", WHOLE),
    may("decided_at", WHOLE),
    may("decided_by", TEXT),
    sa.CheckConstraint("news IN ('every', 'ends', 'digest')", name="news"),
    sa.CheckConstraint("state IN ('applied', 'approved', 'refused', 'suspended')", name="state"),
    sqlite_strict=True,
)

sa.Table(
    "reseller_chats",
    SHOP,
    sa.Column("user_id", WHOLE, sa.ForeignKey("resellers.user_id"), primary_key=True, autoincrement=False),
    sa.Column("chat_id", WHOLE, primary_key=True, autoincrement=False),
    must("title", TEXT),
    must("added_at", WHOLE),
    sqlite_strict=True,
)

sa.Table(
    "api_keys",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("user_id", WHOLE, sa.ForeignKey("resellers.user_id")),
    may("root_id", WHOLE),
    must("hint", TEXT),
    must("digest", TEXT),
    must("networks", TEXT),
    may("limit", WHOLE),
    must("created_at", WHOLE),
    may("ends_at", WHOLE),
    may("used_at", WHOLE),
    sa.UniqueConstraint("digest"),
    sa.Index("ix_api_keys_root_id", "root_id"),
    sa.Index("ix_api_keys_user_id", "user_id"),
    sqlite_strict=True,
)

sa.Table(
    "api_uses",
    SHOP,
    sa.Column("user_id", WHOLE, sa.ForeignKey("resellers.user_id"), primary_key=True, autoincrement=False),
    sa.Column("day", TEXT, primary_key=True),
    sa.Column("action", TEXT, primary_key=True),
    must("calls", WHOLE),
    must("refused", WHOLE),
    sqlite_strict=True,
)

sa.Table(
    "resales",
    SHOP,
    sa.Column("order_id", WHOLE, sa.ForeignKey("orders.id"), primary_key=True, autoincrement=False),
    must("user_id", WHOLE, sa.ForeignKey("resellers.user_id")),
    must("key_id", WHOLE, sa.ForeignKey("api_keys.id")),
    may("request_id", TEXT),
    must("digest", TEXT),
    may("reference", TEXT),
    may("retail", WHOLE),
    may("currency", TEXT),
    must("retail_refunded", WHOLE),
    must("created_at", WHOLE),
    sa.CheckConstraint("retail_refunded >= 0 AND (retail_refunded = 0 OR retail_refunded <= retail)", name="retail"),
    sa.Index("ix_resales_key_id_created_at", "key_id", "created_at"),
    sa.Index("uq_resales_request", "user_id", "request_id", unique=True, **only("request_id IS NOT NULL")),
    sqlite_strict=True,
)

sa.Table(
    "webhooks",
    SHOP,
    sa.Column("user_id", WHOLE, sa.ForeignKey("resellers.user_id"), primary_key=True, autoincrement=False),
    must("url", TEXT),
    must("state", TEXT),
    must("secret", TEXT),
    may("old_secret", TEXT),
    may("old_until", WHOLE),
    may("failing_since", WHOLE),
    may("quiet_until", WHOLE),
    must("created_at", WHOLE),
    sa.CheckConstraint("state IN ('on', 'off', 'gone')", name="state"),
    sqlite_strict=True,
)

sa.Table(
    "deliveries",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("key", TEXT),
    must("user_id", WHOLE, sa.ForeignKey("webhooks.user_id")),
    may("order_id", WHOLE),
    must("kind", TEXT),
    must("body", TEXT),
    must("state", TEXT),
    must("due_at", WHOLE),
    must("tries", WHOLE),
    may("lease_until", WHOLE),
    may("answer", TEXT),
    must("created_at", WHOLE),
    may("done_at", WHOLE),
    sa.CheckConstraint("state IN ('waiting', 'done', 'failed')", name="state"),
    sa.UniqueConstraint("key"),
    sa.Index("ix_deliveries_created_at", "created_at"),
    sa.Index("ix_deliveries_due", "user_id", "due_at", "id", **only(UNDELIVERED)),
    sa.Index("ix_deliveries_user_id_id", "user_id", "id"),
    sa.Index("uq_deliveries_fresh", "user_id", "order_id", unique=True, **only(FRESH)),
    sqlite_strict=True,
)
