"""Whose money is where: what is kept and what goes back always add up to the charge."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from services import ledger, wallet
from services.db import Database
from services.errors import KeyReused, MoneyError, NotEnoughMoney
from services.models import Transfer
from services.money import ZERO, Money
from tests import factories
from tests.statements import watched

TEN = Money.parse("10.00")
MIA, OMAR = 1, 2


@pytest.fixture
async def shop(db: Database, now: datetime) -> AsyncIterator[Database]:
    """Mia with $25.00 and Omar with $5.00; the books must balance after each test."""
    async with db.write() as session:
        await factories.person(session, now, user_id=MIA, money="25.00")
        await factories.person(session, now, user_id=OMAR, name="Omar", money="5.00")
    yield db
    async with db.read() as session:
        assert await ledger.drift(session) == []
        assert await ledger.totals(session) == {"USD": ZERO}


async def standing(db: Database, *accounts: str) -> list[str]:
    """What each account holds, as it would be written."""
    async with db.read() as session:
        return [str(await ledger.balance(session, account)) for account in accounts]


async def held(db: Database, now: datetime, order_id: int, amount: Money = TEN, user_id: int = MIA) -> None:
    async with db.write() as session:
        await wallet.hold(session, user_id=user_id, order_id=order_id, amount=amount, now=now)


async def settled(
    db: Database,
    now: datetime,
    target: str,
    *,
    before: str = "0",
    closing: bool = True,
    order_id: int = 7,
    charge: Money = TEN,
) -> dict[int, Money]:
    settlement = wallet.Settlement(order_id, MIA, charge, Money.parse(before), Money.parse(target), closing)
    async with db.write() as session:
        return await wallet.settle(session, [settlement], now)


async def test_a_credit_counts_once_for_each_key(shop: Database, now: datetime) -> None:
    async def credit(key: str, amount: str = "5") -> Money:
        async with shop.write() as session:
            return await wallet.credit(
                session, user_id=MIA, amount=Money.parse(amount), key=key, actor="admin:9", now=now
            )

    assert str(await credit("gift:1")) == "30.00"
    assert str(await credit("gift:1")) == "30.00"
    assert str(await credit("gift:2")) == "35.00"
    with pytest.raises(KeyReused):
        await credit("gift:2", "6")
    assert await standing(shop, "wallet:1", "world:manual", "world:sandbox") == ["35.00", "-10.00", "-30.00"]


async def test_nobody_without_a_wallet_is_credited(shop: Database, now: datetime) -> None:
    with pytest.raises(MoneyError, match="wallet:99 is not open"):
        async with shop.write() as session:
            await wallet.credit(session, user_id=99, amount=TEN, key="gift", actor="admin:9", now=now)


async def test_a_debit_counts_once_for_each_key_and_takes_no_more_than_there_is(shop: Database, now: datetime) -> None:
    async def debit(key: str, amount: str) -> Money:
        async with shop.write() as session:
            return await wallet.debit(
                session, user_id=MIA, amount=Money.parse(amount), key=key, actor="admin:9", now=now
            )

    assert str(await debit("debit:1", "5")) == "20.00"
    assert str(await debit("debit:1", "5")) == "20.00"
    with pytest.raises(KeyReused):
        await debit("debit:1", "6")
    with pytest.raises(NotEnoughMoney) as short:
        await debit("debit:2", "20.01")
    assert short.value.params == {
        "price": Money.parse("20.01"),
        "balance": Money.parse("20"),
        "missing": Money.parse("0.01"),
    }
    assert await standing(shop, "wallet:1", wallet.MANUAL) == ["20.00", "5.00"]
    assert str(await debit("debit:3", "20")) == "0.00"


async def test_500_credits_at_once_all_count(shop: Database, now: datetime) -> None:
    async def credit(number: int) -> None:
        async with shop.write() as session:
            await wallet.credit(session, user_id=OMAR, amount=Money(1), key=f"drop:{number}", actor="admin:9", now=now)

    await asyncio.gather(*(credit(number) for number in range(500)))
    assert await standing(shop, "wallet:2") == ["5.0005"]


async def test_200_orders_at_once_on_a_balance_for_25_hold_exactly_25(shop: Database, now: datetime) -> None:
    async def order(number: int) -> bool:
        try:
            await held(shop, now, number, Money.parse("1.00"))
        except NotEnoughMoney:
            return False
        return True

    bought = await asyncio.gather(*(order(number) for number in range(200)))
    assert sum(bought) == 25
    assert await standing(shop, "wallet:1", *(f"hold:{n}" for n, won in enumerate(bought) if won)) == (
        ["0.00"] + ["1.00"] * 25
    )


async def test_an_order_is_held_once(shop: Database, now: datetime) -> None:
    """Entered again after the money was spent, the hold stands all the same."""
    await held(shop, now, 7, Money.parse("20"))
    await held(shop, now, 7, Money.parse("20"))
    assert await standing(shop, "wallet:1", "hold:7") == ["5.00", "20.00"]
    with pytest.raises(KeyReused):
        await held(shop, now, 7, Money.parse("21"))


async def test_too_little_money_says_how_much_is_missing_and_moves_nothing(shop: Database, now: datetime) -> None:
    with pytest.raises(NotEnoughMoney) as caught:
        await held(shop, now, 7, Money.parse("25.000001"))
    assert caught.value.params == {
        "price": Money(25_000_001),
        "balance": Money(25_000_000),
        "missing": Money(1),
    }
    assert await standing(shop, "wallet:1", "hold:7") == ["25.00", "0.00"]


async def test_what_costs_nothing_needs_no_money(shop: Database, now: datetime) -> None:
    await held(shop, now, 7, ZERO)
    assert await settled(shop, now, "0", charge=ZERO) == {MIA: Money.parse("25")}


async def test_the_worked_example_4_of_10_dollars_come_back(shop: Database, now: datetime) -> None:
    await held(shop, now, 7)
    assert await standing(shop, "wallet:1", "hold:7", "revenue") == ["15.00", "10.00", "0.00"]
    assert await settled(shop, now, "4.00") == {MIA: Money.parse("19.00")}
    assert await standing(shop, "wallet:1", "hold:7", "revenue") == ["19.00", "0.00", "6.00"]


@pytest.mark.parametrize("target", ["0", "0.000001", "3.333333", "9.999999", "10"])
async def test_kept_and_refund_are_the_charge(shop: Database, now: datetime, target: str) -> None:
    await held(shop, now, 7)
    await settled(shop, now, target)
    refund = Money.parse(target)
    assert await standing(shop, "wallet:1", "hold:7", "revenue") == [
        str(Money.parse("15") + refund),
        "0.00",
        str(TEN - refund),
    ]


async def test_a_settlement_repeated_pays_once(shop: Database, now: datetime) -> None:
    await held(shop, now, 7)
    for day in range(3):
        assert await settled(shop, now + timedelta(days=day), "4") == {MIA: Money.parse("19")}
    with pytest.raises(KeyReused):
        await settled(shop, now, "5")
    assert await standing(shop, "wallet:1", "hold:7", "revenue") == ["19.00", "0.00", "6.00"]


async def test_a_late_correction_pays_the_increase_and_nothing_twice(shop: Database, now: datetime) -> None:
    """Partial 3, then 4, then 5 pays 5, though both steps are 1; canceled after that pays the charge, never more."""
    await held(shop, now, 7)
    await settled(shop, now, "3")
    for _ in range(2):
        assert await settled(shop, now, "4", before="3", closing=False) == {MIA: Money.parse("19")}
    assert await settled(shop, now, "4", before="4", closing=False) == {MIA: Money.parse("19")}
    assert await settled(shop, now, "5", before="4", closing=False) == {MIA: Money.parse("20")}
    assert await settled(shop, now, "10", before="5", closing=False) == {MIA: Money.parse("25")}
    assert await standing(shop, "hold:7", "revenue") == ["0.00", "0.00"]


@pytest.mark.parametrize(
    ("target", "before", "closing"),
    [
        ("10.000001", "0", True),
        ("10.000001", "3", False),
        ("2.999999", "3", False),
        ("4", "3", True),
        ("-1", "0", True),
    ],
    ids=["above the charge", "late above the charge", "taken back", "closed before", "negative"],
)
async def test_no_refund_exceeds_the_charge_or_shrinks(
    shop: Database, now: datetime, target: str, before: str, closing: bool
) -> None:
    await held(shop, now, 7)
    with pytest.raises(MoneyError):
        await settled(shop, now, target, before=before, closing=closing)
    assert await standing(shop, "wallet:1", "hold:7", "revenue") == ["15.00", "10.00", "0.00"]


async def test_an_order_never_held_cannot_be_settled(shop: Database, now: datetime) -> None:
    with pytest.raises(MoneyError):
        await settled(shop, now, "4", order_id=8)
    await held(shop, now, 7, Money.parse("5"))
    with pytest.raises(MoneyError):
        await settled(shop, now, "4")
    assert await standing(shop, "wallet:1", "hold:7", "revenue") == ["20.00", "5.00", "0.00"]


async def test_a_page_of_orders_settles_in_four_statements(shop: Database, now: datetime) -> None:
    """However many orders: set-based, with every person's balance after it."""
    async with shop.write() as session:
        for order_id in range(100):
            await wallet.hold(
                session, user_id=MIA if order_id % 2 else OMAR, order_id=order_id, amount=Money(10_000), now=now
            )
    page = [
        wallet.Settlement(n, MIA if n % 2 else OMAR, Money(10_000), ZERO, Money(4_000), closing=True)
        for n in range(100)
    ]
    with watched(shop) as statements:
        async with shop.write() as session:
            after = await wallet.settle(session, page, now)
    assert after == {MIA: Money.parse("24.7"), OMAR: Money.parse("4.7")}
    assert len([words for words in statements if not words.startswith("BEGIN")]) == 4
    assert await standing(shop, "revenue", "hold:0", "hold:99") == ["0.60", "0.00", "0.00"]


async def test_pages_settled_at_once_do_not_wait_for_each_other_for_ever(shop: Database, now: datetime) -> None:
    async with shop.write() as session:
        for order_id in range(40):
            await wallet.hold(session, user_id=MIA, order_id=order_id, amount=Money(10_000), now=now)

    async def settle(orders: list[int]) -> None:
        page = [wallet.Settlement(n, MIA, Money(10_000), ZERO, Money(4_000), closing=True) for n in orders]
        async with shop.write() as session:
            await wallet.settle(session, page, now)

    numbers = list(range(40))
    await asyncio.gather(*(settle(page) for page in (numbers, numbers[::-1], numbers[10:], numbers[30::-1])))
    assert await standing(shop, "wallet:1", "revenue") == ["24.76", "0.24"]


async def test_a_rolled_back_transaction_moves_nothing(shop: Database, now: datetime) -> None:
    async def fails() -> None:
        async with shop.write() as session:
            await wallet.hold(session, user_id=MIA, order_id=7, amount=TEN, now=now)
            assert await wallet.balance(session, MIA) == Money.parse("15")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    assert await standing(shop, "wallet:1", "hold:7") == ["25.00", "0.00"]
    async with shop.read() as session:
        assert await session.value(select(func.count()).select_from(Transfer).where(Transfer.order_id == 7)) == 0


async def test_the_statement_lists_movements_newest_first_with_their_sign(shop: Database, now: datetime) -> None:
    await held(shop, now + timedelta(hours=1), 7)
    await settled(shop, now + timedelta(hours=2), "4")
    async with shop.read() as session:
        entries = await wallet.statement(session, MIA)
    assert entries == [
        wallet.Entry("order:7:refund:4000000", now + timedelta(hours=2), "refund", Money.parse("4"), 7, "shop"),
        wallet.Entry("order:7:hold", now + timedelta(hours=1), "hold", Money.parse("-10"), 7, f"user:{MIA}"),
        wallet.Entry("start:1", now, "credit", Money.parse("25"), None, "shop"),
    ]


async def test_the_pages_of_a_statement_show_every_movement_once(shop: Database, now: datetime) -> None:
    """Even where many of them share one moment."""
    for order_id in range(7):
        await held(shop, now, order_id, Money(1_000))
        await settled(shop, now, "0.0004", order_id=order_id, charge=Money(1_000))
    async with shop.read() as session:
        whole = await wallet.statement(session, MIA, limit=100)
        paged: list[wallet.Entry] = []
        while page := await wallet.statement(session, MIA, limit=4, before=paged[-1].id if paged else None):
            paged += page
    assert len(whole) == 15
    assert paged == whole
    assert sum(entry.amount.micros for entry in whole) == 25_000_000 - 7 * 600
