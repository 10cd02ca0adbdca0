"""The shop's services around a scripted panel, with a clock that a test moves by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select, update

from services import (
    audit,
    fulfilment,
    ledger,
    notices,
    orders,
    placing,
    quotes,
    refilling,
    refills,
    stock,
    stranded,
    switches,
    users,
    wallet,
)
from services.db import Database, WriteSession
from services.link_check import LinkCheck
from services.models import Notice, Service
from services.money import Money
from services.order_view import OrderView
from services.panel_answers import OfferedService
from services.policy import Policy
from services.provider import PanelClient
from tests.scripted_panel import ScriptedPanel, client_of, row

MIA = 1001
ADMIN = 9001
LINK = "https://www.instagram.com/p/abc"


def offered(external_id: str, category: str, server: str, rate: str, **more: object) -> OfferedService:
    """A service as a panel lists it, with everyday limits."""
    given: dict[str, object] = {
        "external_id": external_id,
        "name": f"{category} | Real | Server {server}",
        "type": "Default",
        "category": category,
        "rate": Decimal(rate),
        "min": 50,
        "max": 100_000,
        "refill": True,
        "cancel": True,
        "dripfeed": False,
        "description": None,
        "pace": None,
    }
    return OfferedService(**(given | more))  # type: ignore[arg-type]


@dataclass
class Shop:
    """One customer with $25.00, two providers, and every use case at hand without ceremony."""

    db: Database
    panels: dict[str, ScriptedPanel]
    clients: dict[str, PanelClient]
    policy: Policy
    time: datetime = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    owner: str = "test"
    told: set[int] = field(default_factory=set)
    pages: LinkCheck | None = None

    @property
    def north(self) -> ScriptedPanel:
        return self.panels["north"]

    def now(self) -> datetime:
        return self.time

    def wait(self, **span: float) -> None:
        self.time += timedelta(**span)

    async def open(self) -> None:
        """House accounts, the customer, and a category with a server of each provider."""
        async with self.db.write() as session:
            await ledger.open_house(session, "USD")
            for user_id, name in ((MIA, "Mia"), (1002, "Omar")):
                await users.remember(
                    session, user_id=user_id, name=name, username=None, language_code="en", now=self.time
                )
            await self.credit(session, "25.00", key="start")
        for name in CATALOGUE:
            await self.stock(name)

    async def stock(self, provider: str, *more: OfferedService) -> None:
        """Put what a provider has, and more, on sale at 25 % above its rate."""
        async with self.db.write() as session:
            await stock.sync(
                session,
                provider,
                [*CATALOGUE[provider], *more],
                markup_percent=Decimal(25),
                exchange_rate=Decimal(1),
                policy=self.policy,
                now=self.time,
            )

    async def credit(self, session: WriteSession, amount: str, key: str, user_id: int = MIA) -> None:
        await wallet.credit(
            session,
            user_id=user_id,
            amount=Money.parse(amount),
            key=key,
            source="world:sandbox",
            actor="shop",
            now=self.time,
        )

    async def sell(self, *, on: bool) -> None:
        """Stop sales, or let them go on."""
        async with self.db.write() as session:
            await switches.turn(
                session, switches.SALES, on=on, reason="a test", actor="admin:1", key=f"{on}", now=self.time
            )

    async def service(self, provider: str = "north", external_id: str = "1") -> int:
        async with self.db.read() as session:
            found = await session.value(
                select(Service.id).where(Service.provider == provider, Service.external_id == external_id)
            )
        assert found is not None
        return found

    async def change_service(self, **values: object) -> None:
        """Make the service that `quote` asks for another one."""
        service_id = await self.service()
        async with self.db.write() as session:
            await session.run(update(Service).where(Service.id == service_id).values(**values))

    async def quote(
        self, quantity: int = 1000, link: str = LINK, user_id: int = MIA, service_id: int | None = None
    ) -> quotes.QuoteView:
        wanted = service_id or await self.service()
        async with self.db.write() as session:
            return await quotes.quote(
                session, user_id=user_id, service_id=wanted, link=link, quantity=quantity, now=self.time
            )

    async def tap(self, token: str, user_id: int = MIA, undo: float = 0) -> orders.Placed:
        async with self.db.write() as session:
            return await orders.place(
                session, user_id=user_id, token=token, now=self.time, undo=timedelta(seconds=undo)
            )

    async def buy(self, quantity: int = 1000, link: str = LINK) -> int:
        """Quote, confirm; the order's id."""
        return (await self.tap((await self.quote(quantity, link)).token)).order.id

    async def submit(self) -> int:
        return await placing.submit_due(self.db, self.clients, self.policy, self.owner, self.now)

    async def poll(self, **span: float) -> int:
        """Let `span` pass (six seconds unless told) and ask the providers."""
        self.wait(**(span or {"seconds": 6}))
        return await fulfilment.poll_due(self.db, self.clients, self.policy, self.now, self.pages)

    async def completed(self, quantity: int = 1000) -> int:
        """An order that its provider says it has delivered in full."""
        order_id = await self.placed(quantity)
        self.north.rows[str(len(self.north.accepted))] = row("Completed", "0")
        await self.poll()
        return order_id

    async def report(self, order_id: int, user_id: int = MIA) -> refills.Asked:
        """Report that the count has dropped."""
        async with self.db.write() as session:
            return await refills.ask(
                session, user_id=user_id, order_id=order_id, every=self.policy.refill_every, now=self.time
            )

    async def refill(self, **span: float) -> None:
        """Let `span` pass, then send the refills that are due and ask about those under way."""
        self.wait(**span)
        await refilling.work(self.db, self.clients, self.policy, self.now)

    async def sweep(self) -> None:
        async with self.db.write() as session:
            await placing.sweep(session, self.policy, self.time)
            await stranded.tell(session, self.policy, self.time)
            await refilling.sweep(session, self.policy, self.time)

    async def placed(self, quantity: int = 1000, link: str = LINK) -> int:
        """An order that the provider has taken."""
        order_id = await self.buy(quantity, link)
        assert await self.submit() == 1
        return order_id

    async def order(self, order_id: int, user_id: int = MIA) -> OrderView:
        async with self.db.read() as session:
            return await orders.find(session, user_id, order_id)

    async def balance(self, user_id: int = MIA) -> str:
        async with self.db.read() as session:
            return str(await wallet.balance(session, user_id))

    async def heard(self, user_id: int = MIA) -> list[notices.Notice]:
        """What was put into the outbox for somebody, cards aside, oldest first."""
        async with self.db.read() as session:
            rows = await session.all(
                select(Notice.kind, Notice.payload).where(Notice.chat_id == user_id).order_by(Notice.id)
            )
        return [notices.from_document(row.kind, row.payload) for row in rows if row.kind != "card"]

    async def card(self, order_id: int) -> notices.Card:
        async with self.db.read() as session:
            row = await session.first(select(Notice.payload).where(Notice.key == f"card:{order_id}"))
        assert row is not None
        return notices.from_document("card", row.payload)  # type: ignore[return-value]

    async def audit(self) -> None:
        """Every invariant holds that the auditors can read off the database."""
        async with self.db.read() as session:
            assert await audit.check(session, self.policy, self.time) == []


CATALOGUE = {
    "north": [
        offered("1", "Instagram Likes", "A", "8.00"),
        offered("3", "Instagram Likes", "C", "2.00"),
        offered("9", "TikTok Views", "A", "0.10"),
    ],
    "south": [
        offered("1", "Instagram Likes", "B", "8.00"),
        offered("2", "Instagram Likes", "D", "9.00", min=5000),
    ],
}


@asynccontextmanager
async def open_shop(db: Database) -> AsyncIterator[Shop]:
    """A shop on `db` with two scripted panels, `north` and `south`."""
    panels = {"north": ScriptedPanel(), "south": ScriptedPanel()}
    async with client_of(panels["north"]) as north, client_of(panels["south"], "south") as south:
        shop = Shop(db, panels, {"north": north, "south": south}, Policy(admins=(ADMIN,), providers=("north", "south")))
        await shop.open()
        yield shop
