"""One order asked about now: its provider's answer is applied exactly as when it is due."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from services import followed, fulfilment, settlement
from services.db import Database
from services.errors import OrderNotFound
from services.link_check import LinkCheck
from services.models import Order
from services.panel_answers import Snapshot
from services.policy import Policy
from services.provider import PanelClient, ProviderError

ASKED = (settlement.OPEN, *sorted(settlement.CLOSED))
"""Statuses of orders that a provider can be asked about, where it has them under an id."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider said of an order just now.

    `code`: told, with its `word` and how much `remains` (None: it does not say); silent about this order, with its own
    words in `text`; unreachable, with what happened; missing from the settings; unsent: it never had the order.
    """

    code: str
    provider: str
    word: str = ""
    remains: int | None = None
    text: str = ""


async def refresh(
    db: Database,
    providers: Mapping[str, PanelClient],
    policy: Policy,
    clock: Callable[[], datetime],
    pages: LinkCheck | None,
    *,
    order_id: int,
) -> Told:
    """Ask about one order, whoever's it is and however long it has been closed. OrderNotFound where there is none."""
    async with db.read() as session:
        row = await session.first(select(Order.provider, *followed.KNOWN).where(Order.id == order_id))
    if row is None:
        raise OrderNotFound
    provider, order = row[0], followed.read(row[1:])
    client = providers.get(provider)
    if order.provider_order_id is None or order.view.status not in ASKED:
        return Told("unsent", provider)
    if client is None:
        return Told("missing", provider)
    try:
        answers = await fulfilment.ask(db, client, [order], policy, clock, pages)
    except ProviderError as error:
        return Told("unreachable", provider, text=str(error))
    answer = answers[order.provider_order_id]
    if isinstance(answer, Snapshot):
        return Told("told", provider, word=answer.word, remains=answer.remains)
    return Told("silent", provider, text=answer.text)
