"""Wallets that run low: their owners are told once, anew after they were filled, and nobody else is."""

from collections.abc import AsyncIterator

import pytest

from services import low_balances, people, resellers, wallet
from services.db import Database
from services.money import Money
from services.reseller_notices import LowBalance
from tests import reselling
from tests.scripted_panel import row
from tests.shop import LINK, MIA, Shop, open_shop


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """Mia, who has $25.00, sells on and wants to hear when less than $16.00 are left."""
    async with open_shop(db) as opened:
        await reselling.approve(db, MIA, opened.time)
        await reselling.listen(db, MIA, opened.time)
        await limited(opened, "16")
        yield opened
        await opened.audit()


async def limited(shop: Shop, limit: str | None) -> None:
    async with shop.db.write() as session:
        await resellers.set_low_balance(session, MIA, None if limit is None else Money.parse(limit))


async def looked(shop: Shop) -> None:
    async with shop.db.write() as session:
        await low_balances.look(session, shop.time)


async def filled(shop: Shop, amount: str, key: str) -> None:
    async with shop.db.write() as session:
        await shop.credit(session, amount, key)


async def taken(shop: Shop, amount: str) -> None:
    async with shop.db.write() as session:
        money = Money.parse(amount)
        await wallet.debit(session, user_id=MIA, amount=money, key="back", actor="admin:1", now=shop.time)


async def told(shop: Shop) -> list[str]:
    """The balance in each warning; the site is warned with the same."""
    warned = [notice for notice in await shop.heard() if isinstance(notice, LowBalance)]
    sites = await reselling.told(shop.db, MIA, low_balances.LOW)
    assert [Money.parse(data["balance"]) for data in sites] == [notice.balance for notice in warned]
    return [str(notice.balance) for notice in warned]


async def test_the_order_that_takes_a_wallet_below_the_limit_tells_so_once(shop: Shop) -> None:
    await shop.buy(900)
    assert await told(shop) == []  # $16.00 are left: that is not below
    await shop.buy(100, f"{LINK}2")
    assert await told(shop) == ["15.00"]
    [data] = await reselling.told(shop.db, MIA, low_balances.LOW)
    assert data == {
        "balance": "15",
        "limit": "16",
        "currency": "USD",
        "at": shop.time.isoformat(timespec="microseconds"),
    }
    await shop.buy(100, f"{LINK}3")
    await looked(shop)
    assert await told(shop) == ["15.00"]


async def test_it_is_told_anew_once_the_wallet_was_a_tenth_above_the_limit(shop: Shop) -> None:
    await shop.buy(1000)
    await filled(shop, "5.00", "more")
    shop.wait(seconds=1)
    await shop.buy(500, f"{LINK}2")  # before any job looked
    assert await told(shop) == ["15.00", "15.00"]
    await filled(shop, "2.60", "exactly a tenth above")
    await looked(shop)
    shop.wait(seconds=1)
    await taken(shop, "3.60")
    assert len(await told(shop)) == 2
    await looked(shop)
    await looked(shop)
    assert await told(shop) == ["15.00", "15.00", "14.00"]


async def test_a_wallet_that_goes_up_and_down_around_its_limit_warns_once_a_day(shop: Shop) -> None:
    await shop.buy(1000)
    await shop.submit()
    for number in range(3):  # orders that come back, as often as they like
        shop.wait(hours=6)
        await filled(shop, "2.59", f"up {number}")
        await looked(shop)
        await shop.buy(259, f"{LINK}{number}")
        await shop.submit()
        await looked(shop)
    assert await told(shop) == ["15.00"]
    shop.wait(hours=6)
    await looked(shop)
    assert await told(shop) == ["15.00"]  # it has stayed below: that is known
    await filled(shop, "1.00", "to the limit, a day later")
    await shop.buy(100, f"{LINK}later")
    await shop.submit()
    assert await told(shop) == ["15.00", "15.00"]
    shop.wait(hours=24)
    await filled(shop, "1.00", "to the limit, another day later")
    await looked(shop)
    await taken(shop, "2.00")
    await looked(shop)
    assert await told(shop) == ["15.00", "15.00", "14.00"]
    # The books hold once the orders have ended.
    shop.north.rows |= {str(number): row("Completed", "0") for number in range(1, len(shop.north.accepted) + 1)}
    await shop.poll()


@pytest.mark.parametrize("limit", ["999999999999", "0.000001"])
async def test_any_limit_can_be_chosen(shop: Shop, limit: str) -> None:
    """The largest would not fit the database's integers, were it taken times eleven tenths."""
    await limited(shop, limit)
    await looked(shop)
    await shop.buy(100)
    await looked(shop)
    assert await told(shop) == (["25.00"] if len(limit) > 10 else [])


async def test_a_limit_above_the_balance_is_told_by_the_job_and_another_one_anew(shop: Shop) -> None:
    await limited(shop, "30")
    await looked(shop)
    await looked(shop)
    assert await told(shop) == ["25.00"]
    shop.wait(seconds=1)
    await limited(shop, "40")
    await looked(shop)
    assert await told(shop) == ["25.00", "25.00"]


async def test_who_chose_no_limit_or_may_not_sell_is_not_told(shop: Shop) -> None:
    await limited(shop, None)
    await shop.buy(1000)
    await limited(shop, "16")
    async with shop.db.write() as session:
        await resellers.decide(session, MIA, state=resellers.SUSPENDED, actor="admin:1", now=shop.time)
    await looked(shop)
    await shop.buy(100, f"{LINK}2")
    assert await told(shop) == []


async def test_who_is_banned_is_not_told(shop: Shop) -> None:
    await limited(shop, "30")
    async with shop.db.write() as session:
        assert await people.ban(session, user_id=MIA, owners=())
    await looked(shop)
    assert await told(shop) == []


async def test_a_reseller_without_a_site_is_told_in_the_chat(db: Database) -> None:
    async with open_shop(db) as shop:
        await reselling.approve(db, MIA, shop.time)
        await limited(shop, "16")
        await shop.buy(1000)
        assert [notice for notice in await shop.heard() if isinstance(notice, LowBalance)] == [
            LowBalance(Money.parse("15"), Money.parse("16"))
        ]
        assert await reselling.told(db, MIA, low_balances.LOW) == []
