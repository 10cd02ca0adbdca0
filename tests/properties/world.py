"""The real services on a real database, run step by step; a step can be made to die at any of its awaits."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import func, select

from services import stock, users
from services.db import Database
from services.models import Account, Attempt, Notice, Order, OrderEvent, Service, Transfer
from services.notices import from_document
from services.policy import Policy
from services.provider import PanelClient
from tests.conftest import NOW
from tests.fuse import Fuse, died_of_it
from tests.properties.panel import Panel
from tests.shop import offered

Result = TypeVar("Result")

PEOPLE = (1001, 1002)
ADMIN = 9001
POLICY = Policy(admins=(ADMIN,), providers=("north", "south"), unsent_tries=3, idempotent=("south",), ask_again=2)
RATES = {"north": ("8.00", "0.0000008", "0.77"), "south": ("8.00", "2.666666")}
"""What the panels ask per 1000: prices that divide badly, and one that rounds to a micro-unit."""


COLUMNS = (
    *(Order.id, Order.token, Order.user_id, Order.goal_id, Order.provider, Order.provider_order_id, Order.status),
    *(
        Order.quantity,
        Order.covers,
        Order.delivered,
        Order.charge,
        Order.refunded,
        Order.unconfirmed,
        Order.unreadable_polls,
        Order.placed_at,
    ),
)


@dataclass(frozen=True, slots=True)
class Rows:
    """What the database says after a step; stories and notices are only ever added to."""

    orders: dict[int, Any]
    balances: dict[str, int]
    floors: dict[str, int | None]
    transfers: Sequence[Any]
    licences: dict[int, int]
    events: dict[int, list[str]]
    notices: list[tuple[int, Any]]


@dataclass
class World:
    """A shop with two people, two panels and a clock that is moved by hand, in an event loop of its own."""

    url: str
    time: datetime = NOW
    fuse: Fuse = field(default_factory=Fuse)
    panels: dict[str, Panel] = field(default_factory=dict)
    clients: dict[str, PanelClient] = field(default_factory=dict)
    provider_of: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._runner = asyncio.Runner()
        self._last_event = self._last_notice = 0
        self._events: dict[int, list[str]] = {}
        self._notices: list[tuple[int, Any]] = []
        for name, confirmations in CONFIRMATIONS.items():
            self.panels[name] = Panel(name, self.fuse.tick, confirmations, idempotent=name in POLICY.idempotent)
        self._start()
        self.run(self._furnish())

    def run(self, work: Coroutine[Any, Any, Result], dies: int = 0) -> Result | None:
        """Do one step; None where it died on the way (`fuse.blown`)."""
        for panel in self.panels.values():
            panel.forget()
        self.fuse.light(dies)
        try:
            return self._runner.run(work)
        except asyncio.CancelledError:
            assert self.fuse.blown
            return None
        except BaseExceptionGroup as failed:
            died_of_it(failed)
            return None
        finally:
            self.fuse.unlit()

    def now(self) -> datetime:
        """The moment of this step."""
        return self.time

    def restart(self) -> None:
        """Another process on the same database: nothing is left but rows."""
        self._runner.run(self._stop())
        self._start()

    def close(self) -> None:
        """End the loop and everything in it."""
        self._runner.run(self._stop())
        self._runner.close()

    def _start(self) -> None:
        self.db = Database(self.url)
        self.fuse.lay(self.db)
        self.clients = {name: panel.client() for name, panel in self.panels.items()}

    async def _stop(self) -> None:
        for client in self.clients.values():
            await client.close()
        await self.db.close()

    async def _furnish(self) -> None:
        async with self.db.write() as session:
            for user_id in PEOPLE:
                await users.remember(
                    session, user_id=user_id, name="P", username=None, language_code="en", now=self.time
                )
        for name, rates in RATES.items():
            await self.price(name, rates)

    async def price(self, provider: str, rates: Sequence[str]) -> None:
        """The panel's catalogue as of now: a service for each rate."""
        listed = [
            offered(str(number), "Instagram Likes", f"{provider[0].upper()}{number}", rate, min=1, max=5000)
            for number, rate in enumerate(rates, start=1)
        ]
        async with self.db.write() as session:
            await stock.sync(
                session,
                provider,
                listed,
                markup_percent=Decimal(25),
                exchange_rate=Decimal(1),
                policy=POLICY,
                now=self.time,
            )

    def rates(self) -> dict[int, int]:
        """What each service costs per 1000 now, by id."""
        return self._runner.run(self._rates())

    async def _rates(self) -> dict[int, int]:
        async with self.db.read() as session:
            rows = await session.all(select(Service.id, Service.provider, Service.rate))
        self.provider_of = {row.id: row.provider for row in rows}
        return {row.id: row.rate.micros for row in rows}

    def look(self) -> Rows:
        """Everything the laws are about."""
        return self._runner.run(self._look())

    async def _look(self) -> Rows:
        async with self.db.read() as session:
            accounts = await session.all(select(Account.id, Account.balance, Account.floor))
            licences = await session.all(select(Attempt.order_id, func.count()).group_by(Attempt.order_id))
            orders = await session.all(select(*COLUMNS))
            transfers = await session.all(select(*TRANSFERRED))
            events = select(OrderEvent.id, OrderEvent.order_id, OrderEvent.status).order_by(OrderEvent.id)
            for event in await session.all(events.where(OrderEvent.id > self._last_event)):
                self._last_event = event.id
                self._events.setdefault(event.order_id, []).append(event.status)
            notices = select(Notice.id, Notice.chat_id, Notice.kind, Notice.payload).order_by(Notice.id)
            for notice in await session.all(notices.where(Notice.id > self._last_notice, Notice.kind != "card")):
                self._last_notice = notice.id
                self._notices.append((notice.chat_id, from_document(notice.kind, notice.payload)))
        return Rows(
            orders={row.id: row for row in orders},
            balances={row.id: row.balance.micros for row in accounts},
            floors={row.id: None if row.floor is None else row.floor.micros for row in accounts},
            transfers=transfers,
            licences={row[0]: row[1] for row in licences},
            events=self._events,
            notices=self._notices,
        )


TRANSFERRED = (Transfer.id, Transfer.src, Transfer.dst, Transfer.amount, Transfer.code, Transfer.order_id)
CONFIRMATIONS = {"north": 1, "south": 2}
"""How often each panel must say that an order has ended."""
LOST_AFTER = timedelta(seconds=30) + POLICY.placing_margin
