"""What stands in the database while a panel is being called: the licence, and nobody's open transaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial

import pytest
from sqlalchemy import insert, select, update

from services import canceling, refreshing
from services.db import Database
from services.models import Attempt, Lease, Order, Refill, Service
from services.panel_answers import Accepted, RowError, Snapshot
from services.panel_refills import Progress
from services.provider import AddRequest, PanelClient
from tests.scripted_panel import KEY, row
from tests.shop import Shop, open_shop


class Watched(PanelClient):
    """A client that looks round before each call."""

    look: Callable[[], Awaitable[None]]

    async def add(self, request: AddRequest, idempotency_key: str) -> str:
        await self.look()
        return await super().add(request, idempotency_key)

    async def statuses(self, ids: Sequence[str]) -> dict[str, Snapshot | RowError]:
        await self.look()
        return await super().statuses(ids)

    async def cancel(self, ids: Sequence[str]) -> dict[str, Accepted | RowError]:
        await self.look()
        return await super().cancel(ids)

    async def refill(self, order: str) -> str:
        await self.look()
        return await super().refill(order)

    async def refill_statuses(self, ids: Sequence[str]) -> dict[str, Progress | RowError]:
        await self.look()
        return await super().refill_statuses(ids)


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    async with open_shop(db) as opened:
        client = Watched("north", opened.north.url, KEY, deadline=30)
        opened.clients["north"] = client
        yield opened
        await client.close()


def watched(shop: Shop) -> Watched:
    client = shop.clients["north"]
    assert isinstance(client, Watched)
    return client


async def test_the_licence_is_committed_before_the_order_leaves(shop: Shop, database_url: str) -> None:
    """Seen through other eyes: whoever comes after a crash finds it."""
    stood: list[list[tuple[str, str]]] = []
    other = Database(database_url)

    async def look() -> None:
        async with other.read() as session:
            found = select(Order.status, Attempt.outcome).join(Attempt, Attempt.order_id == Order.id)
            stood.append([(row.status, row.outcome) for row in await session.all(found)])

    watched(shop).look = look
    await shop.placed()
    assert stood == [[("placing", "licensed")]]
    await other.close()


async def test_no_transaction_is_open_while_a_panel_is_called(shop: Shop, database_url: str) -> None:
    """Anybody can write meanwhile: on SQLite one open transaction would stop the whole shop."""
    calls = 0
    other = Database(database_url)

    async def look() -> None:
        nonlocal calls
        calls += 1
        async with asyncio.timeout(5), other.write() as session:
            await session.run(insert(Lease).values(name=f"call {calls}", owner="test", until=shop.time))
            await session.values(select(Order.id).with_for_update())

    watched(shop).look = look
    await shop.placed()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    assert calls == 2
    assert await shop.balance() == "19.00"
    await other.close()


async def test_no_transaction_is_open_while_a_refill_is_asked_for(shop: Shop, database_url: str) -> None:
    """And its licence stands in the database by then, for whoever comes after a crash."""
    stood: list[tuple[str, int]] = []
    other = Database(database_url)

    async def look() -> None:
        async with asyncio.timeout(5), other.write() as session:
            await session.run(insert(Lease).values(name=f"call {len(stood)}", owner="test", until=shop.time))
            rows = await session.all(select(Refill.state, Refill.tries).with_for_update())
            stood.extend((row.state, row.tries) for row in rows)

    async with shop.db.write() as session:
        await session.run(update(Service).values(refill=True))
    watched(shop).look = partial(asyncio.sleep, 0)
    await shop.report(await shop.completed())
    watched(shop).look = look
    await shop.refill()
    await shop.refill(seconds=6)
    assert stood == [("sending", 1), ("sent", 1)]
    await other.close()


async def test_no_transaction_is_open_while_the_staff_asks_a_panel(shop: Shop, database_url: str) -> None:
    """To cancel an order, or how it stands."""
    calls = 0
    other = Database(database_url)

    async def look() -> None:
        nonlocal calls
        calls += 1
        async with asyncio.timeout(5), other.write() as session:
            await session.run(insert(Lease).values(name=f"call {calls}", owner="test", until=shop.time))
            await session.values(select(Order.id).with_for_update())

    watched(shop).look = partial(asyncio.sleep, 0)
    order_id = await shop.placed()
    watched(shop).look = look
    shop.north.cancels = [{"order": 1, "cancel": 1}]
    assert (await canceling.ask(shop.db, shop.clients, order_id=order_id)).code == "accepted"
    shop.north.rows["1"] = row("Canceled", "400")
    await refreshing.refresh(shop.db, shop.clients, shop.policy, shop.now, None, order_id=order_id)
    assert calls == 2
    assert await shop.balance() == "19.00"
    await other.close()
