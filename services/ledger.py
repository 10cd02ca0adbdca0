"""The books: accounts, and append-only transfers between them, each posted once by its key.

Only `services.wallet` writes here, and the auditors read. A transfer debits one account and credits another by one
positive amount, so the balances of a currency add up to 0; the balances themselves are moved by the database
(`services.migrations.triggers`), which also refuses whatever would break that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, Text, bindparam, exists, func, insert, literal, select, union_all
from sqlalchemy.exc import IntegrityError

from services.columns import Amount
from services.db import ReadSession, WriteSession
from services.errors import KeyReused, MoneyError
from services.models import Account, Transfer
from services.money import LARGEST, ZERO, Money

FLOORED = frozenset({"wallet", "hold"})
"""The kinds of account that may never be under 0."""
HOUSE = {
    "revenue": "revenue",
    "loss": "loss",
    "promo": "promo",
    "world:manual": "world",
    "world:sandbox": "world",
}
"""The shop's own accounts and their kinds: what it earned, lost and gave away, and the outside it deals with."""

UNIQUE_VIOLATION = "23505"
"""PostgreSQL's word for a key that somebody else has just used."""


class Overdrawn(MoneyError):
    """`account` holds `balance`, and the postings would have left it under its floor."""

    def __init__(self, account: str, balance: Money) -> None:
        super().__init__(f"{account} holds {balance}, which is not enough")
        self.account = account
        self.balance = balance


@dataclass(frozen=True, slots=True)
class Posting:
    """A transfer to be: `amount` (above 0) from `src` to `dst`, once for each `key`.

    `code` says what for (hold, kept, refund, credit), `actor` who: user:<id>, admin:<id> or shop.
    """

    key: str
    src: str
    dst: str
    amount: Money
    code: str
    actor: str
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Standing:
    balance: Money
    floor: Money | None
    currency: str


@dataclass(frozen=True, slots=True)
class Drift:
    """An account whose balance is not what its transfers add up to."""

    account: str
    balance: Money
    transferred: Money


async def open_house(write: WriteSession, currency: str) -> None:
    """Open the shop's own accounts in `currency` (an ISO 4217 code), where they are not open yet.

    Raises what `require_currency` does.
    """
    await require_currency(write, currency)
    await _open(write, [(name, kind, None) for name, kind in HOUSE.items()], literal(currency))


async def require_currency(read: ReadSession, currency: str) -> None:
    """MoneyError if the books are kept in another currency already: amounts are never converted."""
    other = await read.value(select(Account.currency).where(Account.currency != currency).limit(1))
    if other is not None:
        raise MoneyError(
            f"This database keeps its books in {other}, the settings say {currency}: set CURRENCY={other}, "
            "or use another database for the new currency."
        )


async def open_accounts(write: WriteSession, ids: Iterable[str], kind: str) -> None:
    """Open accounts of one `kind` in the currency of the house; those that are open already stay as they are."""
    floor = ZERO if kind in FLOORED else None
    currency = select(Account.currency).where(Account.id == "revenue").scalar_subquery()
    await _open(write, [(account, kind, floor) for account in ids], currency)


async def post(write: WriteSession, postings: Sequence[Posting], now: datetime) -> frozenset[str]:
    """Post a page of transfers, all or none, and give the keys that were applied now.

    A key that was posted before with the same content is passed over; with other content it is KeyReused. Overdrawn
    where an account would go under its floor, MoneyError for accounts that are not open, of different currencies, or
    too full. All of these are found before anything is written, so the transaction may go on.
    """
    wanted: dict[str, Posting] = {}
    for posting in postings:
        if wanted.setdefault(posting.key, posting) != posting:
            raise KeyReused(f"{posting.key} stands for two different transfers")
    if not wanted:
        return frozenset()
    accounts = await _lock(write, {name for posting in postings for name in (posting.src, posting.dst)})
    posted = await _posted(write, wanted)
    for key, before in posted.items():
        if before != wanted[key]:
            raise KeyReused(f"{key} was posted before, with other content")
    fresh = [posting for key, posting in wanted.items() if key not in posted]
    _weigh(accounts, fresh)
    if fresh:
        await _insert(write, fresh, now)
    return frozenset(posting.key for posting in fresh)


async def balance(read: ReadSession, account: str) -> Money:
    """What an account holds; nothing where it is not open."""
    return await read.value(select(Account.balance).where(Account.id == account)) or ZERO


async def drift(read: ReadSession) -> list[Drift]:
    """The accounts whose balance is not the sum of their transfers: none, or the books are broken."""
    legs = union_all(
        select(Transfer.dst.label("account"), Transfer.amount.label("amount")),
        select(Transfer.src, -Transfer.amount),
    ).subquery()
    sums = select(legs.c.account, func.sum(legs.c.amount).label("total")).group_by(legs.c.account).subquery()
    total = func.coalesce(sums.c.total, literal(ZERO, Amount()))
    rows = await read.all(
        select(Account.id, Account.balance, total)
        .outerjoin(sums, sums.c.account == Account.id)
        .where(Account.balance != total)
        .order_by(Account.id)
    )
    return [Drift(*row) for row in rows]


async def totals(read: ReadSession) -> dict[str, Money]:
    """The sum of all balances of each currency: 0, or the books are broken."""
    rows = await read.all(select(Account.currency, func.sum(Account.balance)).group_by(Account.currency))
    return {row[0]: row[1] for row in rows}


async def _open(
    write: WriteSession, accounts: Sequence[tuple[str, str, Money | None]], currency: ColumnElement[str]
) -> None:
    """The insert passes over what is open: SQLite's guard against REPLACE refuses to be asked."""
    account: BindParameter[str] = bindparam("account", type_=Text())
    row = select(
        account,
        bindparam("kind", type_=Text()),
        currency,
        literal(ZERO, Amount()),
        bindparam("floor", type_=Amount()),
    ).where(~exists().where(Account.id == account))
    columns = ["id", "kind", "currency", "balance", "floor"]
    if accounts:
        await write.run(
            write.insert(Account).from_select(columns, row, include_defaults=False).on_conflict_do_nothing(),
            [{"account": name, "kind": kind, "floor": floor} for name, kind, floor in sorted(accounts)],
        )


async def _lock(write: WriteSession, names: Iterable[str]) -> dict[str, _Standing]:
    """Lock the accounts in id order, so that two pages cannot wait for each other, and read where they stand.

    FOR NO KEY UPDATE leaves the foreign keys of other people's transfers free to look. SQLite has one writer anyway.
    """
    rows = await write.all(
        select(Account.id, Account.balance, Account.floor, Account.currency)
        .where(Account.id.in_(sorted(names)))
        .order_by(Account.id)
        .with_for_update(key_share=True)
    )
    return {name: _Standing(balance, floor, currency) for name, balance, floor, currency in rows}


async def _posted(write: WriteSession, keys: Iterable[str]) -> dict[str, Posting]:
    """What was posted before under these keys; looked up behind the locks, where nobody can add to it."""
    rows = await write.all(
        select(
            Transfer.id,
            Transfer.src,
            Transfer.dst,
            Transfer.amount,
            Transfer.code,
            Transfer.actor,
            Transfer.order_id,
        ).where(Transfer.id.in_(list(keys)))
    )
    return {row.id: Posting(*row) for row in rows}


def _weigh(accounts: dict[str, _Standing], fresh: Sequence[Posting]) -> None:
    """Refuse what the database would refuse, in a type of its own and while the transaction can still go on."""
    balances = {name: standing.balance.micros for name, standing in accounts.items()}
    for posting in fresh:
        if posting.amount <= ZERO:
            raise MoneyError(f"{posting.key} moves {posting.amount}: only amounts above 0 are moved")
        src, dst = accounts.get(posting.src), accounts.get(posting.dst)
        if src is None or dst is None:
            raise MoneyError(f"{posting.key}: {posting.src if src is None else posting.dst} is not open")
        if src.currency != dst.currency:
            raise MoneyError(f"{posting.key} would join {src.currency} and {dst.currency}")
        balances[posting.src] -= posting.amount.micros
        balances[posting.dst] += posting.amount.micros
        if src.floor is not None and balances[posting.src] < src.floor.micros:
            raise Overdrawn(posting.src, src.balance)
        if max(abs(balances[posting.src]), abs(balances[posting.dst])) > LARGEST:
            raise MoneyError(f"{posting.key} would make a balance too large to be money")


async def _insert(write: WriteSession, fresh: Sequence[Posting], now: datetime) -> None:
    rows = [
        {
            "id": posting.key,
            "src": posting.src,
            "dst": posting.dst,
            "amount": posting.amount,
            "code": posting.code,
            "order_id": posting.order_id,
            "actor": posting.actor,
            "created_at": now,
        }
        for posting in fresh
    ]
    try:
        await write.run(insert(Transfer), rows)
    except IntegrityError as error:
        # Transfers between the same accounts were kept apart by the locks: one that slipped in has other accounts.
        if getattr(error.orig, "sqlstate", None) == UNIQUE_VIOLATION:
            raise KeyReused("one key was posted twice at once, with different accounts") from error
        raise MoneyError("the database refused a transfer") from error
