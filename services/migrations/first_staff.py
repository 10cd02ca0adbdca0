"""The tables of those who run the shop as revision 0001 made them: all of it is SHOP then."""

import sqlalchemy as sa

from services.migrations.first_orders import SHOP
from services.migrations.first_tables import FLAG, TEXT, WHOLE, may, must

__all__ = ["SHOP"]


sa.Table(
    "staff",
    SHOP,
    sa.Column("user_id", WHOLE, primary_key=True, autoincrement=False),
    must("role", TEXT),
    must("granted_by", TEXT),
    must("granted_at", WHOLE),
    sa.CheckConstraint("role IN ('reader', 'support', 'manager', 'owner')", name="role"),
    sqlite_strict=True,
)

sa.Table(
    "actions",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("key", TEXT),
    must("at", WHOLE),
    must("actor", TEXT),
    must("code", TEXT),
    may("subject", TEXT),
    must("detail", TEXT),
    sa.UniqueConstraint("key"),
    sa.Index("ix_actions_actor_id", "actor", "id"),
    sa.Index("ix_actions_subject_id", "subject", "id"),
    sqlite_strict=True,
)

sa.Table(
    "approvals",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("key", TEXT),
    must("code", TEXT),
    may("subject", TEXT),
    must("params", TEXT),
    must("second", FLAG),
    must("asked_by", WHOLE),
    must("asked_at", WHOLE),
    must("state", TEXT),
    may("decided_by", WHOLE),
    may("decided_at", WHOLE),
    sa.CheckConstraint("state IN ('waiting', 'done', 'refused')", name="state"),
    sa.UniqueConstraint("key"),
    sqlite_strict=True,
)

sa.Table(
    "broadcasts",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("state", TEXT),
    must("texts", TEXT),
    must("audience", TEXT),
    must("created_by", WHOLE),
    must("created_at", WHOLE),
    may("started_at", WHOLE),
    may("ended_at", WHOLE),
    must("fed_to", WHOLE),
    must("total", WHOLE),
    must("sent", WHOLE),
    must("dropped", WHOLE),
    sa.CheckConstraint("state IN ('draft', 'running', 'paused', 'stopped', 'done')", name="state"),
    sqlite_strict=True,
)

sa.Table(
    "shop_texts",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("name", TEXT),
    must("locale", TEXT),
    must("text", TEXT),
    must("actor", TEXT),
    must("at", WHOLE),
    sa.CheckConstraint("name IN ('welcome', 'rules', 'support', 'terms')", name="name"),
    sa.Index("ix_shop_texts_name_locale_id", "name", "locale", "id"),
    sqlite_strict=True,
)

sa.Table(
    "troubles",
    SHOP,
    sa.Column("name", TEXT, primary_key=True),
    must("code", TEXT),
    must("since", WHOLE),
    must("told_at", WHOLE),
    sqlite_strict=True,
)
