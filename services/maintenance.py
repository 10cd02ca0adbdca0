"""Maintenance: customers order nothing for a while and read why, the staff are told; everything else goes on."""

from collections.abc import Collection
from datetime import datetime

from services import notices, outbox, staff, switches
from services.db import WriteSession
from services.roles import Role
from services.switches import ORDERING, Turn


async def turn(
    write: WriteSession,
    *,
    on: bool,
    message: str,
    admin: int,
    name: str,
    owners: Collection[int],
    key: str,
    now: datetime,
) -> Turn | None:
    """An admin (`name` as others know them) begins the maintenance or ends it, once for each `key`; the staff are told.

    `message` is what customers read instead of a price. None where `key` did so before.
    """
    actor = f"admin:{admin}"
    turned = await switches.turn(write, ORDERING, on=not on, reason=message, actor=actor, key=key, now=now)
    if turned is not None:
        told = notices.AdminAlert(f"maintenance-{'on' if on else 'off'}", None, {"by": f"{name}, {admin}"})
        if on:
            told.facts["message"] = message
        others = await staff.others(write, than=admin, least=Role.READER, owners=owners)
        await outbox.put(write, outbox.to_each(f"alert:maintenance:{turned.id}", others, told), now)
    return turned
