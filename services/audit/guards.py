"""The guards that the database itself keeps: every trigger as it was put there, every named check and key."""

import re
from collections.abc import Iterable

from sqlalchemy import Text, cast, column, func, select, table, union_all

from services.audit.findings import Look, Row
from services.migrations import triggers
from services.models import Model


async def stand(look: Look) -> list[Row]:
    """Reads the engine's own catalogue, which does not grow with the shop."""
    triggered, named = await (_on_postgres(look) if look.read.on_postgres else _on_sqlite(look))
    return [
        *({"guard": name, "state": "missing, disabled or changed"} for name in sorted(triggered)),
        *({"constraint": name, "state": "missing"} for name in sorted(_wanted() - named)),
    ]


def _wanted() -> set[str]:
    """The names of every key, check and unique index that the models ask for."""
    tables = Model.metadata.tables.values()
    constraints = {str(constraint.name) for each in tables for constraint in each.constraints}
    return constraints | {str(index.name) for each in tables for index in each.indexes if index.unique}


async def _on_sqlite(look: Look) -> tuple[Iterable[str], set[str]]:
    """SQLite keeps every statement as it was given, constraints within that of their table."""
    master = table("sqlite_master", *(column(name, Text) for name in ("type", "name", "sql")))
    rows = await look.read.all(select(master.c.type, master.c.name, master.c.sql).where(master.c.sql.is_not(None)))
    found = {row.name: " ".join(row.sql.split()) for row in rows if row.type == "trigger"}
    gone = [name for name, given in triggers.guards("sqlite").items() if found.get(name) != " ".join(given.split())]
    return gone, set(re.findall(r"\w+", " ".join(row.sql for row in rows if row.type != "trigger")))


async def _on_postgres(look: Look) -> tuple[Iterable[str], set[str]]:
    """A trigger counts that is enabled and runs its function in that function's own words."""
    trigger = table("pg_trigger", *map(column, ("tgname", "tgrelid", "tgfoid", "tgenabled")))
    function = table("pg_proc", *map(column, ("oid", "proname", "prosrc")))
    running = await look.read.all(
        select(cast(trigger.c.tgname, Text), cast(function.c.proname, Text), function.c.prosrc)
        .join(function, function.c.oid == trigger.c.tgfoid)
        .where(func.pg_table_is_visible(trigger.c.tgrelid), cast(trigger.c.tgenabled, Text).in_(("O", "A")))
    )
    words = triggers.functions()
    found = {name: called for name, called, source in running if words.get(called) == source}
    gone = [name for name, given in triggers.guards("postgresql").items() if f"{found.get(name)}(" not in given]
    constraint = table("pg_constraint", *map(column, ("conname", "convalidated")))
    index = table("pg_index", *map(column, ("indexrelid", "indisvalid", "indisunique")))
    relation = table("pg_class", *map(column, ("oid", "relname")))
    either = union_all(
        select(cast(constraint.c.conname, Text).label("name")).where(constraint.c.convalidated),
        select(cast(relation.c.relname, Text))
        .join(index, index.c.indexrelid == relation.c.oid)
        .where(index.c.indisvalid, index.c.indisunique),
    ).subquery()
    return gone, set(await look.read.values(select(either.c.name)))
