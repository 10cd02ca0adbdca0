"""Taking one service off sale at once, from under an alert."""

from datetime import datetime

from sqlalchemy import true, update

from services.db import WriteSession
from services.models import Service


async def suspend(write: WriteSession, service_id: int, now: datetime) -> bool:
    """Sell no more of a service; orders under way go on. False where it was not on sale."""
    sold = update(Service).where(Service.id == service_id, Service.on_sale.is_(true()))
    return bool((await write.run(sold.values(on_sale=False, updated_at=now))).rowcount)
