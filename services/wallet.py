"""Whose money is where: the one door to the ledger, in the shop's own words.

credit   world -> wallet            money came in
debit    wallet -> world            an admin took some out by hand
hold     wallet -> hold:<order>     an order is being paid for
settle   hold -> revenue, wallet    an order closed: the shop keeps its share, the rest goes back
         revenue -> wallet          a closed order was corrected by its provider, or by an admin
losses   loss -> world              a provider may have been paid for an order that nobody could verify
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select, tuple_, union_all

from services import ledger
from services.columns import Instant
from services.db import ReadSession, WriteSession
from services.errors import MoneyError, NotEnoughMoney
from services.ledger import Posting
from services.models import Account, Transfer
from services.money import ZERO, Money

MANUAL = "world:manual"
"""Where money comes from that an admin enters by hand."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of somebody's statement: `amount` is above 0 where money came into the wallet; `actor` moved it."""

    id: str
    at: datetime
    code: str
    amount: Money
    order_id: int | None
    actor: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A transfer of an order, from account `src` to account `dst`, by `actor` (user:<id>, admin:<id>, shop)."""

    id: str
    at: datetime
    code: str
    src: str
    dst: str
    amount: Money
    actor: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the provider's answer makes of an order's money.

    `refund_target` is all that is due back by now, of which `refunded_before` was paid already; `closing` says whether
    the order still has its hold, `actor` who moves the money.
    """

    order_id: int
    user_id: int
    charge: Money
    refunded_before: Money
    refund_target: Money
    closing: bool
    actor: str = "shop"


@dataclass(frozen=True, slots=True)
class Loss:
    """An order that the shop may have to pay for without being paid: `amount` is its cost in shop currency."""

    order_id: int
    provider: str
    amount: Money


async def open_for(write: WriteSession, user_id: int) -> None:
    """Give a person their wallet, where they have none yet."""
    await ledger.open_accounts(write, [_wallet(user_id)], "wallet")


async def balance(read: ReadSession, user_id: int) -> Money:
    """What a person can spend; nothing where there is no wallet."""
    return await ledger.balance(read, _wallet(user_id))


async def statement(read: ReadSession, user_id: int, *, limit: int = 20, before: str | None = None) -> list[Entry]:
    """The last `limit` movements of a wallet, the newest first; older than the entry `before` where one is given."""
    mine = _wallet(user_id)
    columns = (
        *(Transfer.id, Transfer.created_at, Transfer.code, Transfer.src),
        *(Transfer.amount, Transfer.order_id, Transfer.actor),
    )
    newest = (Transfer.created_at.desc(), Transfer.id.desc())
    sides = [select(*columns).where(Transfer.src == mine), select(*columns).where(Transfer.dst == mine)]
    if before is not None:
        at = await read.value(select(Transfer.created_at).where(Transfer.id == before))
        older = tuple_(Transfer.created_at, Transfer.id) < tuple_(literal(at, Instant()), literal(before))
        sides = [side.where(older) for side in sides]
    # Each side is cut short along its own index before the two are laid together.
    lines = union_all(*(select(side.order_by(*newest).limit(limit).subquery()) for side in sides)).subquery()
    rows = await read.all(select(lines).order_by(lines.c.created_at.desc(), lines.c.id.desc()).limit(limit))
    return [
        Entry(row.id, row.created_at, row.code, -row.amount if row.src == mine else row.amount, row.order_id, row.actor)
        for row in rows
    ]


async def trail(read: ReadSession, order_id: int) -> list[Moved]:
    """Every transfer of an order, the oldest first."""
    columns = (Transfer.id, Transfer.created_at, Transfer.code, Transfer.src, Transfer.dst, Transfer.amount)
    of_order = select(*columns, Transfer.actor).where(Transfer.order_id == order_id)
    return [Moved(*row) for row in await read.all(of_order.order_by(Transfer.created_at, Transfer.id))]


async def credit(
    write: WriteSession,
    *,
    user_id: int,
    amount: Money,
    key: str,
    source: str = MANUAL,
    actor: str,
    now: datetime,
) -> Money:
    """Put `amount` into a wallet, once for each `key`, and give the balance after it.

    `source` is the world account the money came through. KeyReused where the key stood for another payment,
    MoneyError where the person has no wallet.
    """
    await ledger.post(write, [Posting(key, source, _wallet(user_id), amount, "credit", actor)], now)
    write.announce("rests")
    return await balance(write, user_id)


async def require(read: ReadSession, user_id: int, price: Money) -> None:
    """NotEnoughMoney(price, balance, missing) where a wallet holds less: asked where several holds make one price."""
    held = await balance(read, user_id)
    if held < price:
        raise NotEnoughMoney(price=price, balance=held, missing=price - held)


async def debit(write: WriteSession, *, user_id: int, amount: Money, key: str, actor: str, now: datetime) -> Money:
    """Take `amount` out of a wallet by hand, once for each `key`, and give the balance after it.

    NotEnoughMoney(price, balance, missing) moves nothing: no wallet goes below 0.
    """
    try:
        await ledger.post(write, [Posting(key, _wallet(user_id), MANUAL, amount, "debit", actor)], now)
    except ledger.Overdrawn as short:
        raise NotEnoughMoney(price=amount, balance=short.balance, missing=amount - short.balance) from short
    return await balance(write, user_id)


async def hold(write: WriteSession, *, user_id: int, order_id: int, amount: Money, now: datetime) -> None:
    """Set the price of an order aside, once for each order; NotEnoughMoney(price, balance, missing) moves nothing."""
    await ledger.open_accounts(write, [_hold(order_id)], "hold")
    if not amount:
        return
    key = f"order:{order_id}:hold"
    posting = Posting(key, _wallet(user_id), _hold(order_id), amount, "hold", f"user:{user_id}", order_id)
    try:
        await ledger.post(write, [posting], now)
    except ledger.Overdrawn as short:
        raise NotEnoughMoney(price=amount, balance=short.balance, missing=amount - short.balance) from short


async def settle(write: WriteSession, settlements: Sequence[Settlement], now: datetime) -> dict[int, Money]:
    """Move the money of a page of orders to where it now belongs; every person's balance after it.

    Safe to repeat: the same target is paid once. MoneyError for a target above the charge or below what was paid
    back before, KeyReused where an order was closed with another target.
    """
    await ledger.post(write, [posting for settlement in settlements for posting in _postings(settlement)], now)
    return await balances(write, {settlement.user_id for settlement in settlements})


def _postings(order: Settlement) -> list[Posting]:
    target, before = order.refund_target, order.refunded_before
    if not ZERO <= before <= target <= order.charge or (order.closing and before):
        raise MoneyError(f"order {order.order_id}: {target} of {order.charge} cannot be due after {before}")
    if order.closing:
        source, due = _hold(order.order_id), target
        kept = _posting(order, "kept", f"order:{order.order_id}:kept", source, "revenue", order.charge - target)
    else:
        source, due, kept = "revenue", target - before, []
    return kept + _posting(
        order, "refund", f"order:{order.order_id}:refund:{target.micros}", source, _wallet(order.user_id), due
    )


def _posting(order: Settlement, code: str, key: str, src: str, dst: str, amount: Money) -> list[Posting]:
    """A posting of something, or none of nothing: no transfer moves 0."""
    return [Posting(key, src, dst, amount, code, order.actor, order.order_id)] if amount else []


async def book_losses(write: WriteSession, losses: Sequence[Loss], now: datetime) -> None:
    """Write off what providers may have been paid for nothing, once for each order."""
    await ledger.open_accounts(write, {f"world:{loss.provider}" for loss in losses}, "world")
    await ledger.post(
        write,
        [
            Posting(
                f"order:{loss.order_id}:loss",
                "loss",
                f"world:{loss.provider}",
                loss.amount,
                "loss",
                "shop",
                loss.order_id,
            )
            for loss in losses
            if loss.amount
        ],
        now,
    )


async def balances(read: ReadSession, users: Iterable[int]) -> dict[int, Money]:
    """What each of these people can spend."""
    wallets = {_wallet(user): user for user in users}
    rows = await read.all(select(Account.id, Account.balance).where(Account.id.in_(list(wallets))))
    return {wallets[name]: amount for name, amount in rows}


def _wallet(user_id: int) -> str:
    return f"wallet:{user_id}"


def _hold(order_id: int) -> str:
    return f"hold:{order_id}"
