"""The books: balances against transfers, and the money of each order from its hold to its end."""

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, cast, func, literal, or_, select, union_all

from services.audit.findings import Look, Row, figure, micros
from services.ledger import FLOORED
from services.models import Account, Order, Transfer
from services.money import LARGEST
from services.order_view import FINISHED

INTO_WALLET = Transfer.dst.like("wallet:%")
OUT_OF_WALLET = Transfer.src.like("wallet:%")


async def add_up(look: Look) -> list[Row]:
    """One scan of accounts."""
    total = func.sum(micros(Account.balance))
    return await look.rows(
        select(Account.currency.label("currency"), figure(total).label("sum"))
        .group_by(Account.currency)
        .having(total != 0)
        .order_by(Account.currency)
    )


async def match(look: Look) -> list[Row]:
    """One scan of accounts and one of transfers for either leg, sorted by account: cheaper than a look by index each.

    `difference` is what an account holds beyond its transfers: a shop at work moves both alike, so it stays the same.
    """
    legs = union_all(
        select(Account.id.label("account"), micros(Account.balance).label("amount")),
        select(Transfer.dst, -micros(Transfer.amount)),
        select(Transfer.src, micros(Transfer.amount)),
    ).subquery()
    difference = func.sum(legs.c.amount)
    return await look.rows(
        select(legs.c.account, figure(difference).label("difference"))
        .group_by(legs.c.account)
        .having(difference != 0)
        .order_by(legs.c.account)
    )


async def stay_above_floors(look: Look) -> list[Row]:
    """One scan of accounts. A wallet or a hold whose floor is not 0 is as good as under it."""
    return await look.rows(
        select(
            Account.id.label("account"),
            figure(Account.balance).label("balance"),
            figure(Account.floor).label("floor"),
        )
        .where(
            or_(
                micros(Account.balance) < micros(Account.floor),
                and_(Account.kind.in_(sorted(FLOORED)), micros(Account.floor).is_distinct_from(0)),
                ~micros(Account.balance).between(-LARGEST, LARGEST),
            )
        )
        .order_by(Account.id)
    )


async def have_their_own_keys(look: Look) -> list[Row]:
    """One scan of the transfers' key alone."""
    times = func.count()
    return await look.rows(
        select(Transfer.id.label("transfer"), times.label("times"))
        .group_by(Transfer.id)
        .having(times > 1)
        .order_by(Transfer.id)
    )


async def hold_the_charge(look: Look) -> list[Row]:
    """Orders along their primary key, transfers by `order_id`, the hold by its id: all in step, nothing is sorted.

    What was taken from the wallet for an order is its charge; while it is open all of that lies in its hold, once it
    is closed none. So what did not go back to the wallet (`kept`) and what did (`returned`) make up the charge.
    """
    mine = literal("hold:") + cast(Order.id, Text)
    status, charge = func.max(Order.status), func.max(micros(Order.charge))  # one row an order: its own
    due = case((status.not_in(sorted(FINISHED)), charge), else_=0)
    paid, returned = _summed(OUT_OF_WALLET), _summed(INTO_WALLET)
    moved_in = _summed(Transfer.dst == mine) - _summed(Transfer.src == mine)
    held = func.max(micros(Account.balance))
    return await look.rows(
        select(
            Order.id.label("order"),
            status.label("status"),
            figure(charge).label("charge"),
            figure(held).label("hold"),
            figure(paid - returned - moved_in).label("kept"),
            figure(returned).label("returned"),
        )
        .select_from(Order)
        .outerjoin(Transfer, Transfer.order_id == Order.id)
        .outerjoin(Account, Account.id == mine)
        .group_by(Order.id)
        .having(or_(held.is_(None), held != due, moved_in != due, paid != charge))
        .order_by(Order.id)
    )


async def refund_no_more_than_the_charge(look: Look) -> list[Row]:
    """One scan of transfers and two of orders; only what was ever refunded is sorted."""
    said = union_all(
        select(Transfer.order_id.label("order"), micros(Transfer.amount).label("amount")).where(
            Transfer.order_id.is_not(None), INTO_WALLET
        ),
        select(Order.id, -micros(Order.refunded)).where(micros(Order.refunded) != 0),
    ).subquery()
    difference = func.sum(said.c.amount)
    charge, refunded = micros(Order.charge), micros(Order.refunded)
    return await look.rows(
        select(said.c.order, figure(difference).label("returned beyond what the order says"))
        .group_by(said.c.order)
        .having(difference != 0)
        .order_by(said.c.order),
        select(Order.id.label("order"), figure(charge).label("charge"), figure(refunded).label("refunded"))
        .where(or_(refunded < 0, refunded > charge))
        .order_by(Order.id),
    )


def _summed(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, micros(Transfer.amount)), else_=0))
