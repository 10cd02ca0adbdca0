"""The books: nothing comes from nowhere, nothing moves twice, nothing is rewritten."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from services import ledger
from services.db import Database
from services.errors import KeyReused, MoneyError
from services.ledger import Posting
from services.models import Account, Transfer
from services.money import LARGEST, ZERO, Money

TRANSFER = "INSERT INTO transfers (id, src, dst, amount, code, actor, created_at) VALUES "
PAY = Posting("pay:1", "world:manual", "wallet:1", Money(5_000_000), "credit", "admin:9")


@pytest.fixture
async def books(db: Database) -> AsyncIterator[Database]:
    """A database with two wallets; whatever a test does, its books must balance at the end."""
    async with db.write() as session:
        await ledger.open_accounts(session, ["wallet:1", "wallet:2"], "wallet")
    yield db
    async with db.read() as session:
        assert await ledger.drift(session) == []
        assert set((await ledger.totals(session)).values()) == {ZERO}


async def posted(db: Database, now: datetime, *postings: Posting) -> frozenset[str]:
    async with db.write() as session:
        return await ledger.post(session, postings, now)


async def holds(db: Database, account: str) -> Money:
    async with db.read() as session:
        return await ledger.balance(session, account)


async def transfers(db: Database) -> int:
    async with db.read() as session:
        return await session.value(select(func.count()).select_from(Transfer)) or 0


async def test_a_transfer_moves_both_balances(books: Database, now: datetime) -> None:
    assert await posted(books, now, PAY) == {"pay:1"}
    assert await holds(books, "wallet:1") == Money(5_000_000)
    assert await holds(books, "world:manual") == Money(-5_000_000)
    async with books.read() as session:
        row = await session.first(select(Transfer.created_at, Transfer.actor, Transfer.code))
    assert row == (now, "admin:9", "credit")


async def test_the_balances_of_any_history_add_up_to_nothing(books: Database, now: datetime) -> None:
    """Pages of transfers between any accounts; those that would overdraw a wallet are left out whole."""
    chance = random.Random(7)  # noqa: S311 - any history will do, the same one each time
    names = ["wallet:1", "wallet:2", "revenue", "world:manual", "promo"]
    refused = 0
    for page in range(20):
        postings = []
        for number in range(3):
            src, dst = chance.sample(names, 2)
            postings.append(Posting(f"{page}:{number}", src, dst, Money(chance.randint(1, 10**9)), "any", "shop"))
        try:
            await posted(books, now, *postings)
        except ledger.Overdrawn:
            refused += 1
    assert 0 < refused < 20
    assert await transfers(books) == 3 * (20 - refused)
    async with books.read() as session:
        assert await ledger.totals(session) == {"USD": ZERO}
        assert await ledger.drift(session) == []


async def test_the_same_key_moves_money_once(books: Database, now: datetime) -> None:
    assert await posted(books, now, PAY, PAY) == {"pay:1"}
    assert await posted(books, now, PAY) == frozenset()
    assert await posted(books, now, PAY, replace(PAY, key="pay:2")) == {"pay:2"}
    assert await holds(books, "wallet:1") == Money(10_000_000)


async def test_the_same_key_with_other_content_is_refused(books: Database, now: datetime) -> None:
    await posted(books, now, PAY)
    for change in (
        {"src": "world:sandbox"},
        {"dst": "wallet:2"},
        {"amount": Money(5_000_001)},
        {"code": "refund"},
        {"actor": "admin:8"},
        {"order_id": 1},
    ):
        other = replace(PAY, **change)
        with pytest.raises(KeyReused):
            await posted(books, now, replace(PAY, key="pay:2"), other)
        with pytest.raises(KeyReused):
            await posted(books, now, replace(PAY, key="pay:3"), replace(other, key="pay:3"))
    assert await transfers(books) == 1


async def test_64_submits_of_one_key_at_once_apply_once(books: Database, now: datetime) -> None:
    applied = await asyncio.gather(*(posted(books, now, PAY) for _ in range(64)))
    assert sorted(map(len, applied)) == [0] * 63 + [1]
    assert await holds(books, "wallet:1") == PAY.amount


async def test_one_key_posted_at_once_between_other_accounts_is_refused(books: Database, now: datetime) -> None:
    """Their locks do not meet: the key itself must."""
    async with asyncio.TaskGroup() as group, books.write() as session:
        await ledger.post(session, [PAY], now)
        rival = group.create_task(refused(books, now, replace(PAY, src="world:sandbox", dst="wallet:2")))
        while session.on_postgres and not await somebody_waits(books):  # noqa: ASYNC110 - a server sets no event
            await asyncio.sleep(0.005)
    assert rival.result() is KeyReused
    assert await transfers(books) == 1


async def refused(db: Database, now: datetime, posting: Posting) -> type[Exception]:
    with pytest.raises(MoneyError) as caught:
        await posted(db, now, posting)
    return caught.type


async def somebody_waits(db: Database) -> bool:
    """Asked outside of the transaction: inside it, pg_stat_activity stays as it was when it was first read."""
    waiting = select(text("count(*)")).select_from(text("pg_locks JOIN pg_stat_activity USING (pid)"))
    async with db.read() as session:
        return bool(await session.value(waiting.where(text("NOT granted AND datname = current_database()"))))


async def test_crossing_transfers_do_not_wait_for_each_other_for_ever(books: Database, now: datetime) -> None:
    """Accounts are locked in id order, whichever pays."""
    await posted(books, now, PAY, replace(PAY, key="pay:2", dst="wallet:2"))
    there = [Posting(f"there:{n}", "wallet:1", "wallet:2", Money(1), "any", "shop") for n in range(20)]
    back = [Posting(f"back:{n}", "wallet:2", "wallet:1", Money(1), "any", "shop") for n in range(20)]
    await asyncio.gather(*(posted(books, now, posting) for pair in zip(there, back, strict=True) for posting in pair))
    assert await holds(books, "wallet:1") == await holds(books, "wallet:2") == PAY.amount


async def test_nobody_goes_under_the_floor_and_the_transaction_goes_on(books: Database, now: datetime) -> None:
    await posted(books, now, PAY)
    spend = Posting("spend", "wallet:1", "revenue", Money(5_000_001), "any", "shop")
    async with books.write() as session:
        with pytest.raises(ledger.Overdrawn) as caught:
            await ledger.post(session, [replace(PAY, key="pay:2", dst="wallet:2"), spend], now)
        assert (caught.value.account, caught.value.balance) == ("wallet:1", Money(5_000_000))
        await ledger.post(session, [replace(spend, amount=Money(5_000_000))], now)
    assert await holds(books, "wallet:1") == ZERO
    assert await holds(books, "wallet:2") == ZERO


async def test_a_page_counts_what_it_moves_before(books: Database, now: datetime) -> None:
    """Money that comes in with a page can be spent in it, but not twice."""
    spend = Posting("spend:1", "wallet:1", "revenue", PAY.amount, "any", "shop")
    with pytest.raises(ledger.Overdrawn):
        await posted(books, now, PAY, spend, replace(spend, key="spend:2"))
    assert await transfers(books) == 0
    assert await posted(books, now, PAY, spend) == {"pay:1", "spend:1"}


async def test_what_is_no_transfer_is_refused(books: Database, now: datetime) -> None:
    async with books.write() as session:
        await session.run(insert(Account).values(id="revenue:eur", kind="revenue", currency="EUR", floor=None))
    for change in (
        {"dst": "wallet:99"},
        {"src": "world:nowhere"},
        {"amount": ZERO},
        {"amount": Money(-1)},
        {"dst": "revenue:eur"},
        {"dst": "world:manual"},
    ):
        with pytest.raises(MoneyError):
            await posted(books, now, replace(PAY, key="fine"), replace(PAY, **change))
    assert await transfers(books) == 0


async def test_a_balance_too_large_to_be_money_is_refused(books: Database, now: datetime) -> None:
    await posted(books, now, replace(PAY, amount=Money(LARGEST)))
    with pytest.raises(MoneyError, match="too large"):
        await posted(books, now, replace(PAY, key="pay:2", src="world:sandbox", amount=Money(1)))
    assert await holds(books, "wallet:1") == Money(LARGEST)


REFUSED = (
    "UPDATE transfers SET amount = amount + 1",
    "UPDATE transfers SET created_at = 0",
    "UPDATE transfers SET id = 'other'",
    "DELETE FROM transfers",
    "UPDATE accounts SET balance = balance + 1",
    "UPDATE accounts SET balance = 0",
    "UPDATE accounts SET currency = 'EUR'",
    "UPDATE accounts SET kind = 'loss'",
    "UPDATE accounts SET id = id || '0'",
    "UPDATE accounts SET floor = balance + 1",
    "UPDATE accounts SET floor = -1 WHERE id = 'wallet:1'",
    "DELETE FROM accounts WHERE id = 'promo'",
    "INSERT INTO accounts (id, kind, currency, balance) VALUES ('rich', 'world', 'USD', 1)",
    "INSERT INTO accounts (id, kind, currency, balance) VALUES ('promo', 'promo', 'USD', 0)"
    " ON CONFLICT (id) DO UPDATE SET currency = 'EUR'",
    TRANSFER + "('x', 'world:manual', 'euro', 1, 'any', 'shop', 0)",
    TRANSFER + "('x', 'world:manual', 'nobody', 1, 'any', 'shop', 0)",
    TRANSFER + "('x', 'nobody', 'somebody', 1, 'any', 'shop', 0)",
    TRANSFER + "('x', 'wallet:1', 'revenue', 5000001, 'any', 'shop', 0)",
    TRANSFER + "('x', 'revenue', 'revenue', 1, 'any', 'shop', 0)",
    TRANSFER + "('x', 'revenue', 'promo', 0, 'any', 'shop', 0)",
    TRANSFER + "('x', 'revenue', 'promo', -1, 'any', 'shop', 0)",
    TRANSFER + f"('x', 'revenue', 'promo', {LARGEST + 1}, 'any', 'shop', 0)",
    TRANSFER + f"('x', 'revenue', 'wallet:1', {LARGEST}, 'any', 'shop', 0)",
    TRANSFER + f"('x', 'revenue', 'wallet:1', {2**63 - 1}, 'any', 'shop', 0)",
    TRANSFER + "('pay:1', 'world:manual', 'wallet:1', 5000000, 'credit', 'admin:9', 0)",
    TRANSFER + "('pay:1', 'revenue', 'promo', 1, 'any', 'shop', 0) ON CONFLICT (id) DO UPDATE SET amount = 1",
)


async def test_the_database_itself_refuses(books: Database, now: datetime) -> None:
    await posted(books, now, PAY)
    async with books.write() as session:
        await session.run(insert(Account).values(id="euro", kind="world", currency="EUR", floor=None))
    for statement in REFUSED:
        assert await refusal(books, statement), statement
    assert await holds(books, "wallet:1") == PAY.amount
    assert await transfers(books) == 1


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_no_table_of_the_books_can_be_truncated(books: Database, now: datetime) -> None:
    await posted(books, now, PAY)
    for table in ("transfers", "accounts", "orders", "order_events", "attempts"):
        assert f"{table} are never emptied" in await refusal(books, f"TRUNCATE {table} CASCADE")
    assert await transfers(books) == 1


async def refusal(db: Database, statement: str) -> str:
    """What the database says to a statement; nothing where it accepts it."""
    try:
        await executed(db, statement)
    except DBAPIError as error:
        return str(error)
    return ""


async def executed(db: Database, statement: str) -> None:
    async with db.writer.begin() as connection:
        await connection.execute(text(statement))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_another_program_is_refused_as_well(books: Database, now: datetime) -> None:
    """SQLite leaves its safeguards to each connection: this one has no foreign keys and no recursive triggers."""
    await posted(books, now, PAY)
    stranger = sqlite3.connect(str(books.url.database))
    for statement in (
        "INSERT OR REPLACE INTO transfers VALUES ('pay:1', 'world:manual', 'wallet:2', 1, 'x', NULL, 'shop', 0)",
        "INSERT OR IGNORE INTO transfers VALUES ('pay:1', 'world:manual', 'wallet:2', 1, 'x', NULL, 'shop', 0)",
        "INSERT OR REPLACE INTO accounts VALUES ('wallet:1', 'world', 'USD', 0, NULL)",
        "INSERT INTO transfers VALUES ('x', 'world:manual', 'nobody', 1, 'x', NULL, 'shop', 0)",
        "INSERT INTO transfers VALUES ('x', 'world:manual', 'wallet:2', 1.5, 'x', NULL, 'shop', 0)",
        "INSERT INTO transfers VALUES ('x', 'world:manual', 'wallet:2', '12abc', 'x', NULL, 'shop', 0)",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            stranger.execute(statement)
    stranger.close()
    assert await transfers(books) == 1


async def test_the_auditors_find_a_balance_that_was_tampered_with(spare_db: Database, now: datetime) -> None:
    async with spare_db.write() as session:
        await ledger.open_accounts(session, ["wallet:1"], "wallet")
        await ledger.post(session, [PAY], now)
    off = "DROP TRIGGER accounts_gate" if spare_db.on_sqlite else "ALTER TABLE accounts DISABLE TRIGGER accounts_gate"
    await executed(spare_db, off)
    await executed(spare_db, "UPDATE accounts SET balance = 6000000 WHERE id = 'wallet:1'")
    async with spare_db.read() as session:
        assert await ledger.drift(session) == [ledger.Drift("wallet:1", Money(6_000_000), Money(5_000_000))]
        assert await ledger.totals(session) == {"USD": Money(1_000_000)}


async def test_the_house_opens_once_and_keeps_its_currency(books: Database, now: datetime) -> None:
    await posted(books, now, PAY)
    async with books.write() as session:
        await ledger.open_house(session, "USD")
        await ledger.open_accounts(session, ["wallet:1", "wallet:3"], "wallet")
        with pytest.raises(MoneyError, match="keeps its books in USD, the settings say EUR"):
            await ledger.open_house(session, "EUR")
    async with books.read() as session:
        kinds = {
            row.id: (row.kind, row.floor) for row in await session.all(select(Account.id, Account.kind, Account.floor))
        }
        assert set(await session.values(select(Account.currency).distinct())) == {"USD"}
    assert kinds == {
        "revenue": ("revenue", None),
        "loss": ("loss", None),
        "promo": ("promo", None),
        "world:manual": ("world", None),
        "world:sandbox": ("world", None),
        "wallet:1": ("wallet", ZERO),
        "wallet:2": ("wallet", ZERO),
        "wallet:3": ("wallet", ZERO),
    }
    assert await holds(books, "wallet:1") == PAY.amount
