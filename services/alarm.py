"""What follows from a breach: sales stop and every admin is told, once for each broken row; and how sales resume."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select

from services import notices, outbox, switches
from services.audit import Breach, Invariant, worded
from services.db import ReadSession, WriteSession
from services.models import Audit
from services.switches import SALES, Turn

AUDITOR = "audit"
"""The actor of a stop that no person ordered."""
TOLD = 10
"""Broken rows in one alert; `python -m bot audit` shows more."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the last audit found; no breaches where every invariant held."""

    at: datetime
    breaches: Sequence[Breach]


async def last(read: ReadSession) -> Verdict | None:
    """The last audit's verdict, or None before the first one."""
    row = await read.first(select(Audit.at, Audit.breaches).order_by(Audit.id.desc()).limit(1))
    return None if row is None else Verdict(row.at, [_breach(document) for document in _documents(row.breaches)])


async def record(
    write: WriteSession, breaches: Sequence[Breach], admins: Collection[int], now: datetime
) -> list[Breach]:
    """Keep what an audit found. Broken rows that the audit before did not know stop sales and are told to `admins`.

    Gives the breaches with these rows alone. So a breach that an admin has looked at, and sold on with, stays quiet as
    long as it stays the same; one that was mended and comes back does not.
    """
    await switches.in_turn(write)
    before = await last(write)
    fresh = _unknown(breaches, before.breaches if before is not None else ())
    made = await write.returned(
        insert(Audit).values(at=now, breaches=[_document(breach) for breach in breaches]).returning(Audit.id)
    )
    if not fresh:
        return fresh
    key = f"audit:{made[0].id}"
    reason = "; ".join(str(breach.invariant) for breach in fresh)
    await switches.turn(write, SALES, on=False, reason=reason, actor=AUDITOR, key=key, now=now)
    await outbox.put(
        write,
        [
            outbox.Outgoing(
                f"alert:{key}:{breach.invariant.number}:{admin}",
                admin,
                notices.AdminAlert("audit-breach", None, _facts(breach)),
            )
            for breach in fresh
            for admin in sorted(admins)
        ],
        now,
    )
    return fresh


async def turn_sales(
    write: WriteSession,
    *,
    on: bool,
    reason: str,
    admin: int,
    name: str,
    admins: Collection[int],
    key: str,
    now: datetime,
) -> Turn | None:
    """An admin (`name` as others know them) stops sales or lets them go on, once for each `key`; the others are told.

    None where `key` has turned them before.
    """
    turn = await switches.turn(write, SALES, on=on, reason=reason, actor=f"admin:{admin}", key=key, now=now)
    if turn is not None:
        code = "sales-opened" if on else "sales-stopped"
        told = notices.AdminAlert(code, None, {"by": f"{name}, {admin}", "reason": reason})
        others = sorted(set(admins) - {admin})
        await outbox.put(write, outbox.to_each(f"alert:sales:{turn.id}", others, told), now)
    return turn


async def purge(write: WriteSession, before: datetime) -> None:
    """Forget old audits, but never the last one."""
    newest = select(func.max(Audit.id)).scalar_subquery()
    await write.run(delete(Audit).where(Audit.at < before, Audit.id < newest))


def _unknown(breaches: Sequence[Breach], before: Sequence[Breach]) -> list[Breach]:
    """The breaches with the rows that were not there before, fact for fact."""
    known = {breach.invariant.number: list(breach.rows) for breach in before}
    fresh = [
        replace(breach, rows=[row for row in breach.rows if row not in known.get(breach.invariant.number, ())])
        for breach in breaches
    ]
    return [breach for breach in fresh if breach.rows]


def _facts(breach: Breach) -> dict[str, str]:
    rows = [worded(row) for row in breach.rows[:TOLD]]
    return {"invariant": str(breach.invariant), **{f"{number}": row for number, row in enumerate(rows, start=1)}}


def _document(breach: Breach) -> dict[str, Any]:
    return {
        "invariant": breach.invariant.number,
        "name": breach.invariant.name,
        "rows": [dict(row) for row in breach.rows],
        "more": breach.more,
    }


def _documents(stored: Any) -> list[dict[str, Any]]:
    return list(stored)


def _breach(document: dict[str, Any]) -> Breach:
    return Breach(Invariant(document["invariant"], document["name"]), document["rows"], document["more"])
