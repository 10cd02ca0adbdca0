"""The tables of backups and of what was brought back as revision 0001 made them: all of it is SHOP then."""

import sqlalchemy as sa

from services.migrations.first_staff import SHOP
from services.migrations.first_tables import TEXT, WHOLE, may, must

__all__ = ["SHOP"]

sa.Table(
    "backups",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("key", TEXT),
    must("asked_by", TEXT),
    must("at", WHOLE),
    must("state", TEXT),
    may("file", TEXT),
    may("size", WHOLE),
    must("detail", TEXT),
    sa.CheckConstraint("state IN ('asked', 'making', 'kept', 'broken', 'failed', 'gone')", name="state"),
    sa.UniqueConstraint("key"),
    sqlite_strict=True,
)

sa.Table(
    "restores",
    SHOP,
    sa.Column("id", WHOLE, primary_key=True),
    must("file", TEXT),
    must("taken_at", WHOLE),
    must("restored_at", WHOLE),
    may("settled_at", WHOLE),
    may("ended_at", WHOLE),
    may("ended_by", TEXT),
    sqlite_strict=True,
)
