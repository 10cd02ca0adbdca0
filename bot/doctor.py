"""Tries the settings against the outside world; what is wrong comes out as one plain sentence each."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from bot import storage, upstream
from bot.settings import ProviderSettings, Settings
from bot.storage import StartRefused
from services import stranded
from services.db import Database, StorageFailure
from services.models import Provider
from services.provider import BadKey, ProviderError, Refused

PATIENCE = 10.0
"""Seconds a panel has to answer here, however long its own deadline is."""
NO_PROVIDER = (
    "There is no provider to buy from: set PROVIDERS__<NAME>__URL and PROVIDERS__<NAME>__KEY, see .env.example."
)

NO_ADMIN = "Nobody runs this shop: set ADMIN_IDS to your own numeric Telegram id, or nobody gets its alerts."


@dataclass(frozen=True, slots=True)
class Finding:
    """What was tried, and what is wrong with it; None where it is well. `passing`: it may mend by itself."""

    subject: str
    trouble: str | None = None
    passing: bool = False


async def examine_telegram(settings: Settings) -> Finding:
    """Whether Telegram knows the token."""
    from bot import telegram  # aiogram takes two seconds to import, which `doctor` alone can afford

    bot = telegram.build(settings)
    try:
        me = await bot.get_me(request_timeout=int(PATIENCE))
    except telegram.TelegramFailure as error:
        if telegram.meaning(error) is telegram.Meaning.TOKEN_REJECTED:
            return Finding("Telegram", telegram.WRONG_TOKEN)
        told = f"Telegram cannot be reached at {settings.telegram_api_url}: {_line(str(error))}."
        return Finding("Telegram", told, passing=True)
    finally:
        await bot.session.close()
    return Finding(f"Telegram, as @{me.username}")


async def examine_providers(settings: Settings) -> list[Finding]:
    """Whether each panel answers, and knows our key."""
    if not settings.providers:
        return [Finding("Providers", NO_PROVIDER)]
    known = await _met_before(settings)
    return list(
        await asyncio.gather(
            *(_examine_provider(name, terms, met=name in known) for name, terms in settings.providers.items())
        )
    )


async def _examine_provider(name: str, terms: ProviderSettings, *, met: bool) -> Finding:
    subject = f"Provider {name}"
    client = upstream.client(name, terms.model_copy(update={"deadline": min(PATIENCE, terms.deadline)}))
    try:
        balance = await client.balance()
    except ProviderError as error:
        return Finding(subject, worded(name, terms, error), passing=met and not isinstance(error, BadKey))
    finally:
        await client.close()
    return Finding(f"{subject}, balance {balance.amount} {balance.currency}")


def worded(name: str, terms: ProviderSettings, error: ProviderError) -> str:
    """What came of asking a provider, and which setting to look at."""
    variable = f"PROVIDERS__{name.upper()}"
    if isinstance(error, BadKey):
        return f"Provider {name} does not accept {variable}__KEY: {_line(error.text)}."
    said = error.text if isinstance(error, Refused) else error.evidence
    told = f"Provider {name} does not answer as a panel at {terms.url}: {_line(said)}."
    return f"{told} Is {variable}__URL right?"


async def examine_database(settings: Settings) -> Finding:
    """Whether the database opens, or can be made, and keeps its books in the shop's currency."""
    db = Database(settings.database_url.get_secret_value())
    place = "Database" if db.on_sqlite else f"Database at {db.url.host}"
    try:
        async with asyncio.timeout(PATIENCE):
            made = await storage.tried(db, settings.currency)
    except StartRefused as refusal:
        return Finding(place, str(refusal))
    except TimeoutError:
        return Finding(place, f"The database does not answer at {db.url.host}:{db.url.port}.")
    finally:
        await db.close()
    return Finding(place if made else f"{place}, not made yet")


def examine_admins(settings: Settings) -> Finding:
    """Whether somebody runs the shop."""
    return Finding("Admins", None if settings.admin_ids else NO_ADMIN)


async def examine_orders(settings: Settings) -> list[Finding]:
    """Whether every provider that has orders of ours, or is to get some, is in the settings."""
    db = Database(settings.database_url.get_secret_value())
    try:
        if db.on_sqlite and not sqlite_exists(db):
            return []
        async with db.read() as session:
            found = await stranded.find(session, settings.policy, datetime.now(UTC))
    except StorageFailure:
        return []  # no table yet; or no database, which has a finding of its own
    finally:
        await db.close()
    return [Finding(f"Provider {each.provider}", _missing(each)) for each in found if each.missing]


def _missing(found: stranded.Stranded) -> str:
    variable = f"PROVIDERS__{found.provider.upper()}"
    return (
        f"Provider {found.provider} is not in the settings, but has open orders ({found.waiting} to be sent, "
        f"{found.placed} being delivered): set {variable}__URL and {variable}__KEY again."
    )


def sqlite_exists(db: Database) -> bool:
    """Whether the file is there; looking into one that is not would make it."""
    from pathlib import Path

    return Path(db.url.database or "").exists()


def troubles(findings: Iterable[Finding]) -> list[str]:
    """The sentences alone."""
    return [finding.trouble for finding in findings if finding.trouble is not None]


async def _met_before(settings: Settings) -> set[str]:
    """Providers whose catalogue this shop has had: their silence is an outage, not a mistake in the settings."""
    db = Database(settings.database_url.get_secret_value())
    try:
        if db.on_sqlite and not sqlite_exists(db):
            return set()
        async with db.read() as session:
            return set(await session.values(select(Provider.name).where(Provider.synced_at.is_not(None))))
    except StorageFailure:
        return set()  # no table yet
    finally:
        await db.close()


def _line(text: str, longest: int = 200) -> str:
    """The text on one line, without its last stop, cut to what fits a sentence."""
    line = " ".join(text.split())
    return (line if len(line) <= longest else line[: longest - 1] + "…").rstrip(".")
