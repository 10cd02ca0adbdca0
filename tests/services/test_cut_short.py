"""Work that is cut short at each of its statements and commits: afterwards every invariant holds, and it can go on."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from sqlalchemy import func, select

from services import coming_prices, orders, scheduled_prices
from services.db import Database
from services.models import Action, Delivery
from services.money import Money
from services.notices import Partial
from services.overrides import Change
from tests import reselling
from tests.fuse import Fuse, cut_short
from tests.scripted_panel import row
from tests.shop import LINK, MIA, Shop, open_shop

Work = Callable[[], Coroutine[Any, Any, object]]


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    async with open_shop(db) as opened:
        async with db.write() as session:
            await opened.credit(session, "175.00", key="more")
        yield opened
        await opened.audit()


async def everywhere(
    shop: Shop, prepared: Callable[[int], Awaitable[Work]], after: Callable[[], Awaitable[None]]
) -> int:
    """Prepare the work anew for each point and cut it short there, until it ends of itself; the number of points cut.

    On PostgreSQL every fifth point: each costs a connection, and what is shared by both engines is told by SQLite.
    """
    fuse = Fuse()
    fuse.lay(shop.db)
    for cuts, point in enumerate(count(1, 1 if shop.db.on_sqlite else 5)):
        work = await prepared(point)
        if not await cut_short(work(), fuse, at=point):
            return cuts
        await after()
    raise AssertionError("there are more points than numbers")


async def test_a_tap_cut_short_buys_whole_or_not_at_all(shop: Shop) -> None:
    token, spent = "", 0

    async def prepared(point: int) -> Work:
        nonlocal token
        token = (await shop.quote(100, f"{LINK}{point}")).token
        return lambda: shop.tap(token)

    async def after() -> None:
        nonlocal spent
        spent += 1
        await shop.tap(token)
        assert await shop.balance() == f"{200 - spent}.00"

    assert await everywhere(shop, prepared, after) > 2


async def test_a_submit_cut_short_sends_once_or_leaves_a_doubt(shop: Shop) -> None:
    number = 0

    async def prepared(point: int) -> Work:
        nonlocal number
        number = await shop.buy(100, f"{LINK}{point}")
        return shop.submit

    async def after() -> None:
        for _ in range(3):
            shop.wait(minutes=1)
            await shop.submit()
            await shop.sweep()
        order = await shop.order(number)
        sent = [form for form in shop.north.accepted if form["link"] == order.link]
        assert (order.status, len(sent)) in (("placed", 1), ("unknown", 0), ("unknown", 1))

    assert await everywhere(shop, prepared, after) > 2


async def test_a_poll_cut_short_settles_whole_or_not_at_all(shop: Shop) -> None:
    number = 0

    async def prepared(point: int) -> Work:
        nonlocal number
        number = await shop.placed(100, f"{LINK}{point}")
        shop.north.rows[str(len(shop.north.accepted))] = row("Partial", "40")
        shop.wait(hours=1)
        return shop.poll

    async def after() -> None:
        await shop.poll(hours=1)
        order = await shop.order(number)
        assert (order.status, str(order.refunded)) == ("partial", "0.40")

    cuts = await everywhere(shop, prepared, after)
    assert cuts > 2
    assert sum(isinstance(notice, Partial) for notice in await shop.heard()) == cuts + 1


async def test_a_sweep_cut_short_gives_back_whole_or_not_at_all(shop: Shop) -> None:
    async def prepared(point: int) -> Work:
        shop.north.adds = [{"order": None}]
        await shop.placed(100, f"{LINK}{point}")
        shop.wait(hours=25)
        return shop.sweep

    async def after() -> None:
        await shop.sweep()
        assert await shop.balance() == "200.00"

    assert await everywhere(shop, prepared, after) > 2


async def test_an_undo_cut_short_gives_back_whole_or_not_at_all(shop: Shop) -> None:
    number = 0

    async def undo() -> None:
        async with shop.db.write() as session:
            await orders.undo(session, user_id=MIA, order_id=number, now=shop.time)

    async def prepared(point: int) -> Work:
        nonlocal number
        number = (await shop.tap((await shop.quote(100, f"{LINK}{point}")).token, undo=10)).order.id
        return undo

    async def after() -> None:
        await undo()
        assert await shop.balance() == "200.00"

    assert await everywhere(shop, prepared, after) > 2


async def price(shop: Shop, rate: int, *, notice: int = 0) -> Change | coming_prices.Coming:
    async with shop.db.write() as session:
        return await coming_prices.put(
            session,
            await shop.service(),
            rate=Money.parse(str(rate)),
            markups={"north": Decimal(25)},
            notice=timedelta(hours=notice),
            by="admin:9001",
            now=shop.time,
        )


async def counted(shop: Shop) -> tuple[int | None, int | None]:
    """How many steps the log has, and how many messages wait for sites."""
    async with shop.db.read() as session:
        steps = await session.value(select(func.count()).select_from(Action))
        return steps, await session.value(select(func.count()).select_from(Delivery))


async def test_an_announcement_cut_short_is_made_and_told_or_neither(shop: Shop) -> None:
    await reselling.approve(shop.db, MIA, shop.time)
    await reselling.listen(shop.db, MIA, shop.time)
    number, before = await shop.service(), 0

    async def prepared(point: int) -> Work:
        nonlocal before
        await price(shop, 10)
        before = (await counted(shop))[1] or 0
        return lambda: price(shop, 12, notice=1)

    async def after() -> None:
        async with shop.db.read() as session:
            waits = await scheduled_prices.find(session, number) is not None
        assert (await counted(shop))[1] == before + waits

    assert await everywhere(shop, prepared, after) > 2


async def test_a_price_that_is_due_and_cut_short_comes_once(shop: Shop) -> None:
    await reselling.approve(shop.db, MIA, shop.time)
    await reselling.listen(shop.db, MIA, shop.time)
    number, steps, messages = await shop.service(), 0, 0

    async def come() -> None:
        async with shop.db.write() as session:
            await coming_prices.come_due(session, number, markups={}, admins=(), now=shop.time)

    async def prepared(point: int) -> Work:
        nonlocal steps, messages
        await price(shop, 10)
        await price(shop, 12, notice=1)
        shop.wait(hours=1)
        steps, messages = (one or 0 for one in await counted(shop))
        return come

    async def after() -> None:
        await come()
        assert await counted(shop) == (steps + 1, messages + 1)
        async with shop.db.read() as session:
            assert await scheduled_prices.find(session, number) is None

    assert await everywhere(shop, prepared, after) > 2
