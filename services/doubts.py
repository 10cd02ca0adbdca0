"""What an admin decides where nobody else can know: orders in doubt, and orders whose delivered count nobody tells.

Who decides a doubt names the attempt that they looked at, and decides about no other: what was true of one POST says
nothing of the next. So a tap that is handed in twice, or comes from an old screen, decides nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, text

from services import fulfilment, panel_answers, placing
from services.db import Database, ReadSession, WriteSession
from services.errors import BadQuantity, IdTaken, OrderNotFound, TooLate
from services.models import UNKNOWN, Attempt, Order, ProviderBalance
from services.money import Money
from services.order_view import VIEW, OrderView
from services.panel_answers import Snapshot
from services.policy import Policy
from services.provider import PanelClient, ProviderError

DUPLICATE = "duplicate_link"
"""The reason code of refusals that say: an order for this link is with us already."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """An order as an admin must see it to decide; balances in the provider's currency.

    `refused_since` are later orders of ours for the same link that the provider refused because one was active:
    evidence that this one arrived. So is a balance that fell by what it costs.
    """

    order: OrderView
    provider: str
    provider_service: str
    attempt: int
    evidence: str
    licensed_at: datetime
    refused_since: Sequence[int]
    balance_before: Money | None
    balance_after: Money | None


@dataclass(frozen=True, slots=True)
class ByHand:
    """An admin in the place of a provider's client: believed at once."""

    name: str
    confirmations: int = 1


async def describe(session: ReadSession, order_id: int) -> Doubt:
    """Everything known of an order and its last attempt; OrderNotFound where it was never sent."""
    row = await session.first(
        select(*VIEW, Order.provider, Order.external_service, Attempt.number, Attempt.evidence, Attempt.licensed_at)
        .join(Attempt, Attempt.order_id == Order.id)
        .where(Order.id == order_id)
        .order_by(Attempt.number.desc())
    )
    if row is None:
        raise OrderNotFound
    order = OrderView(*row[: len(VIEW)])
    provider, service, number, evidence, licensed_at = row[len(VIEW) :]
    return Doubt(
        order=order,
        provider=provider,
        provider_service=service,
        attempt=number,
        evidence=evidence or "",
        licensed_at=licensed_at,
        refused_since=await _refused_since(session, provider, order, licensed_at),
        balance_before=await _balance(session, provider, before=licensed_at),
        balance_after=await _balance(session, provider, after=licensed_at),
    )


async def _refused_since(session: ReadSession, provider: str, order: OrderView, since: datetime) -> list[int]:
    rows = await session.all(
        select(Order.id, Attempt.evidence)
        .join(Attempt, Attempt.order_id == Order.id)
        .where(
            Order.link == order.link,
            Order.provider == provider,
            Order.id != order.id,
            Attempt.outcome == "rejected",
            Attempt.licensed_at >= since,
        )
    )
    return [row.id for row in rows if panel_answers.reason(row.evidence or "") == DUPLICATE]


async def _balance(
    session: ReadSession, provider: str, *, before: datetime | None = None, after: datetime | None = None
) -> Money | None:
    """The last balance known before a moment, or the first one after it."""
    found = select(ProviderBalance.balance).where(ProviderBalance.provider == provider)
    if before is not None:
        return await session.value(found.where(ProviderBalance.at <= before).order_by(ProviderBalance.at.desc()))
    return await session.value(found.where(ProviderBalance.at > after).order_by(ProviderBalance.at))


async def seen(
    db: Database, providers: Mapping[str, PanelClient], *, order_id: int, provider_order_id: str
) -> bool | None:
    """Whether the provider knows an order under this id; None where it does not say just now."""
    async with db.read() as session:
        client = providers.get(await _provider(session, order_id))
    if client is None:
        return None
    try:
        answers = await client.statuses([provider_order_id])
    except ProviderError:
        return None
    answer = answers.get(provider_order_id)
    return None if answer is None else isinstance(answer, Snapshot)


async def arrived(
    session: WriteSession,
    *,
    order_id: int,
    attempt: int,
    provider_order_id: str,
    actor: str,
    policy: Policy,
    now: datetime,
) -> None:
    """The admin found the order at the provider, under this id: it is followed like any other.

    TooLate where the order is no longer in doubt about `attempt`, IdTaken where another of ours has the id.
    """
    order = await _doubted(session, order_id, attempt)
    if await placing.held_by(session, await _provider(session, order_id), provider_order_id) is not None:
        raise IdTaken(id=provider_order_id)
    await placing.accept(session, order, provider_order_id, policy, now, by=actor)


async def missing(
    session: WriteSession, *, order_id: int, attempt: int, again: bool, actor: str, now: datetime
) -> None:
    """The admin made sure that the provider has no such order: send it `again`, or give the money back.

    TooLate where the order is no longer in doubt about `attempt`.
    """
    order = await _doubted(session, order_id, attempt)
    if again:
        await placing.requeue(session, [order], now=now, submit_at=now, by=actor, cleared=attempt)
    else:
        await placing.reject(session, [order], "not_taken", now)


async def _doubted(session: WriteSession, order_id: int, attempt: int) -> OrderView:
    found = await placing.locked(session, text(UNKNOWN), Order.id == order_id)
    if not found or (await placing.attempts(session, [order_id]))[order_id] != attempt:
        raise TooLate
    return found[0]


async def _provider(session: ReadSession, order_id: int) -> str:
    return await session.value(select(Order.provider).where(Order.id == order_id)) or ""


async def counted(session: WriteSession, *, order_id: int, delivered: int, policy: Policy, now: datetime) -> None:
    """The admin read off at the provider how many were delivered, 0 where it has no such order: settle it so.

    For a Partial whose `remains` cannot be read, for an order of which the provider has long said nothing, and for one
    whose provider is not in the settings any more: it is followed by nobody. BadQuantity for more than was ordered,
    TooLate where the order is closed or not that unclear.
    """
    unclear = or_(
        Order.unreadable_polls > 0,
        Order.silent_looks >= fulfilment.SILENCES,
        Order.provider.not_in(policy.providers),
    )
    found = await placing.locked(session, text("status = 'placed'"), Order.id == order_id, unclear)
    if not found:
        raise TooLate
    if not 0 <= delivered <= found[0].quantity:
        raise BadQuantity(text=str(delivered))
    read = Snapshot("Partial", "partial", True, found[0].quantity - delivered, None, None, posts=delivered)
    source = ByHand(await _provider(session, order_id))
    await fulfilment.apply(session, client=source, news={order_id: read}, policy=policy, now=now)
