"""The shop's side of its providers: a client for each, and what is learnt of them kept fresh."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import insert, select

from bot.settings import ProviderSettings, Settings
from services import pricing, staff, stock
from services.db import Database, ReadSession, WriteSession
from services.models import Provider, ProviderBalance
from services.policy import Policy
from services.provider import BadKey, PanelClient, ProviderError
from services.stock import CatalogueShrunk, Fetched, SyncReport

Answer = TypeVar("Answer")

log = structlog.get_logger()

_ANSWERED = {"failing": None, "failing_since": None}
"""What is known of a provider that has just answered."""


def clients(settings: Settings) -> dict[str, PanelClient]:
    """A client for each provider of the settings, by name. Opens no connection yet."""
    return {name: client(name, terms) for name, terms in settings.providers.items()}


def client(name: str, terms: ProviderSettings) -> PanelClient:
    """The client of one provider."""
    return PanelClient(
        name,
        terms.url,
        terms.key.get_secret_value(),
        deadline=terms.deadline,
        idempotency_parameter=terms.idempotency_parameter,
        confirmations=terms.confirmations,
    )


async def recall(session: ReadSession, providers: Mapping[str, PanelClient]) -> None:
    """Tell the clients which panels were found to answer one order at a time."""
    for row in await session.all(select(Provider.name, Provider.batches)):
        if row.name in providers:
            providers[row.name].batches = row.batches


async def sync(
    db: Database, client: PanelClient, terms: ProviderSettings, policy: Policy, now: Callable[[], datetime]
) -> SyncReport:
    """Fetch one provider's catalogue and put it on sale; what changed.

    Raises ProviderError, or CatalogueShrunk for one that is suspiciously short; either is remembered.
    """
    offered = await _asked(db, client, now, client.services)
    try:
        async with db.write() as session:
            report = await stock.sync(
                session,
                client.name,
                offered,
                markup_percent=terms.markup_percent,
                exchange_rate=terms.exchange_rate,
                policy=await staff.informed(session, policy),
                now=now(),
            )
            await _learn(session, client.name, synced_at=now(), last_error=None, last_error_at=None, **_ANSWERED)
    except CatalogueShrunk as error:
        async with db.write() as session:
            await _learn(session, client.name, last_error=str(error), last_error_at=now(), **_ANSWERED)
        raise
    log.info("catalogue", provider=client.name, **asdict(report))
    return report


def fetchers(
    db: Database, settings: Settings, providers: Mapping[str, PanelClient], now: Callable[[], datetime]
) -> dict[str, Callable[[], Awaitable[Fetched]]]:
    """What an admin's /sync does, for each provider of the settings."""

    async def fetch(client: PanelClient, terms: ProviderSettings) -> Fetched:
        try:
            return Fetched(await sync(db, client, terms, settings.policy, now))
        except (ProviderError, CatalogueShrunk) as error:
            return Fetched(None, str(error))

    return {name: partial(fetch, providers[name], terms) for name, terms in settings.providers.items()}


async def weigh(db: Database, client: PanelClient, now: Callable[[], datetime]) -> None:
    """Ask what the shop still has at a provider. Raises ProviderError, which is remembered."""
    held = await _asked(db, client, now, client.balance)
    async with db.write() as session:
        known = await session.value(select(Provider.balance).where(Provider.name == client.name))
        if known != str(held.amount):
            amount = pricing.foreign(str(held.amount))
            row = [{"provider": client.name, "at": now(), "balance": amount}] if amount is not None else []
            await session.run(insert(ProviderBalance), row)
        told = {"balance": str(held.amount), "currency": held.currency, "batches": client.batches}
        await _learn(session, client.name, **told, **_ANSWERED)


async def _asked(
    db: Database, client: PanelClient, now: Callable[[], datetime], question: Callable[[], Awaitable[Answer]]
) -> Answer:
    try:
        return await question()
    except ProviderError as error:
        failing = "key" if isinstance(error, BadKey) else "silent"
        async with db.write() as session:
            before = await session.first(
                select(Provider.failing, Provider.failing_since).where(Provider.name == client.name)
            )
            since = now() if before is None or before.failing != failing else before.failing_since
            told = {"last_error": error.evidence, "last_error_at": now()}
            await _learn(session, client.name, **told, failing=failing, failing_since=since)
        raise


async def _learn(session: WriteSession, name: str, **known: Any) -> None:
    insert = session.insert(Provider).values(name=name, **known)
    await session.run(insert.on_conflict_do_update(index_elements=["name"], set_=known))
