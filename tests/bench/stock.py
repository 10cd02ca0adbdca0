"""Fills a shop's database for a measurement: people, two services, open orders with their money held."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from services import ledger, migrations
from services.db import Database
from services.models import Account, Category, Order, Service, Transfer, User
from services.money import ZERO, Money
from tests.bench.panel import QUANTITY, REMAINS_BEFORE

NOW = datetime(2025, 1, 1, tzinfo=UTC)
PROVIDER = "loopback"
PEOPLE = 1000
CHARGE = Money(10_000_000)
_PAGE = 5000


async def open_shop(db: Database) -> None:
    """Tables, house accounts, PEOPLE customers with a wallet, one category with two services."""
    await migrations.upgrade(db)
    people = range(1, PEOPLE + 1)
    async with db.write() as session:
        await ledger.open_house(session, "USD")
        await session.run(insert(User), [{"id": n, "name": f"Customer {n}", "created_at": NOW} for n in people])
        await ledger.open_accounts(session, [f"wallet:{n}" for n in people], "wallet")
        await session.run(insert(Category), [{"id": 1, "name": "Instagram Likes", "position": 1}])
        await session.run(insert(Service), [_service(1, "A"), _service(2, "B")])


def _service(number: int, server: str) -> dict[str, Any]:
    return {
        "id": number,
        "provider": PROVIDER,
        "external_id": str(number),
        "category_id": 1,
        "name": "Instagram Likes",
        "server": server,
        "type": "Default",
        "rate": Money(1_000_000),
        "cost": Money(800_000),
        "min": 10,
        "max": 100_000,
        "refill": False,
        "cancel": False,
        "dripfeed": False,
        "on_sale": True,
        "position": number,
        "updated_at": NOW,
    }


async def open_orders(db: Database, ids: Sequence[int]) -> None:
    """Orders that are half delivered, stand at the provider under their own number and are all due."""
    for page in _pages(ids):
        async with db.write() as session:
            await session.run(insert(Order), [_order(number) for number in page])


def _order(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "token": f"t{number}",
        "user_id": owner(number),
        "goal_id": number,
        "service_id": 1,
        "provider": PROVIDER,
        "external_service": "1",
        "service_name": "Instagram Likes",
        "server": "A",
        "link": f"https://instagram.com/p/{number}",
        "quantity": QUANTITY,
        "rate": Money(1_000_000),
        "cost": Money(800_000),
        "charge": CHARGE,
        "status": "placed",
        "progress": "In progress",
        "delivered": QUANTITY - REMAINS_BEFORE,
        "start_count": 100,
        "provider_order_id": str(number),
        "provider_charge": Money(8_000_000),
        "submit_at": NOW,
        "next_poll_at": NOW,
        "moved_at": NOW - timedelta(minutes=1),
        "created_at": NOW,
        "placed_at": NOW,
    }


async def hold(db: Database, ids: Sequence[int]) -> None:
    """The charge of each of these orders, paid in from outside and held for it."""
    for page in _pages(ids):
        async with db.write() as session:
            await session.run(
                insert(Account),
                [
                    {"id": f"hold:{number}", "kind": "hold", "currency": "USD", "balance": ZERO, "floor": ZERO}
                    for number in page
                ],
            )
            await session.run(
                insert(Transfer),
                [
                    {
                        "id": f"order:{number}:hold",
                        "src": "world:manual",
                        "dst": f"hold:{number}",
                        "amount": CHARGE,
                        "code": "hold",
                        "order_id": number,
                        "actor": "shop",
                        "created_at": NOW,
                    }
                    for number in page
                ],
            )


def owner(number: int) -> int:
    """Whose order this is."""
    return number % PEOPLE + 1


def _pages(ids: Iterable[int]) -> Iterator[list[int]]:
    every = list(ids)
    return (every[start : start + _PAGE] for start in range(0, len(every), _PAGE))
