"""Very many orders in one process at a hostile panel, as fast as they go: jobs cancelled, clocks set, nobody killed."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
from sqlalchemy import func, insert, select, text

from bot import jobs, upstream
from services import ledger, orders, outbox, pricing
from services.db import Database
from services.ledger import Posting
from services.models import QUEUED, Order
from services.policy import Policy
from services.provider import PanelClient
from tests.soak.chance import dice
from tests.soak.clock import BEGIN, EPOCH, MICROSECOND
from tests.soak.databases import Place, likes
from tests.soak.laws import Verdict, judge
from tests.soak.nursery import FORKS, die_with_parent
from tests.soak.outside import Outside
from tests.soak.people import CUSTOMERS, Message, People
from tests.soak.rivals import TROUBLES, WORDS
from tests.soak.shop import Shop
from tests.soak.stories import ROOT
from tests.soak.worker import EXPECTED, SHORT, Task, quietly, settings

POLICY = replace(SHORT, poll_slowest=timedelta(minutes=10))
MINUTE = timedelta(minutes=1)
CALM = replace(POLICY, poll_fastest=MINUTE, watch_every=MINUTE, watch_for=5 * MINUTE)
STRIDE = MINUTE
"""What the clock moves on by at least once nothing new is begun."""
TURN = timedelta(seconds=4)
"""What the clock moves on from turn to turn: a delivery takes twenty seconds."""
TAPS, CLONES = 12, 120
"""Orders that customers begin in one turn, and further ones like them that are written in bulk, money held and all."""
CANCELLED = 0.02
"""The share of runs that are cancelled in the middle."""
LEASE = timedelta(seconds=1)
FULL_BODY = b" " * (2 * 1024 * 1024)


class Hands:
    """A clock that is moved by hand; `steady` are the seconds that it went on."""

    def __init__(self) -> None:
        self.now = EPOCH + BEGIN * MICROSECOND
        self.steady = 0.0

    def move(self, span: timedelta) -> None:
        """Go on; back where `span` is negative."""
        self.now += span
        self.steady += max(0.0, span.total_seconds())

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        """The same as the panels count."""
        return (self.now - EPOCH) / timedelta(seconds=1)


class Inward(httpx.AsyncBaseTransport):
    """A panel without a socket between: its answers as they would have arrived, a late one as the lateness alone."""

    def __init__(self, outside: Outside, name: str) -> None:
        self._panel = outside.panels[name]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        panel = self._panel
        await asyncio.sleep(0)
        if "drop" in panel.modes:
            raise httpx.RemoteProtocolError("closed without an answer")
        if "down" in panel.modes:
            return httpx.Response(503, text="<html>", request=request)
        answer = panel.answer(dict(parse_qsl(request.content.decode(), keep_blank_values=True)))
        await asyncio.sleep(0)
        match answer.reply.via:
            case "never" | "drip":
                raise httpx.ReadTimeout("no answer")
            case "closed":
                raise httpx.RemoteProtocolError("closed without an answer")
        body = answer.body.encode() + (FULL_BODY if answer.reply.via == "huge" else b"")
        headers = {"Content-Type": answer.reply.content_type, **dict(answer.reply.headers)}
        return httpx.Response(answer.reply.status, content=body, headers=headers, request=request)


class Doorstep:
    """The street where customers stand in the shop already. Messages cross it in their simplest form, in no time."""

    def __init__(self, people: People, fate: random.Random) -> None:
        self._people, self._fate = people, fate
        self.trouble = 0.02

    async def steps(self) -> list[dict[str, Any]]:
        """See Street."""
        return self._people.steps()

    async def answer(self, answer: dict[str, Any]) -> None:
        """See Street."""
        self._people.hear(answer)

    async def empty(self, works: jobs.Shop) -> None:
        """Pass on what is in the outbox, page by page."""
        while True:
            async with works.db.write() as session:
                page = await outbox.claim(session, owner=works.owner, limit=20, lease=LEASE, now=works.now())
            if not page:
                return
            heard = {notice.id: self._deliver(notice) for notice in page}
            await asyncio.sleep(0)
            async with works.db.write() as session:
                done = [(notice.id, notice.version, notice.id) for notice in page if heard[notice.id]]
                await outbox.sent(session, done, works.now())
                lost = [number for number, arrived in heard.items() if not arrived]
                await outbox.later(session, lost, due_at=works.now() + LEASE, error="not delivered")

    def _deliver(self, notice: outbox.Claimed) -> bool:
        """Whether it is known to have arrived."""
        if self._fate.random() < self.trouble:
            return False
        offer = getattr(notice.notice, "offer", None)
        self._people.receive(Message(notice.key, notice.chat_id, notice.version, offer.token if offer else ""))
        return self._fate.random() >= self.trouble


class Sea:
    """One database for storm after storm."""

    def __init__(self, where: Place) -> None:
        self._place = where
        self._db = Database(where.url)
        self._told = Task(where.url, "http://outside.invalid", Path("no-clock"), deadline=30)

    async def close(self) -> None:
        """Let go of the database."""
        await self._db.close()

    async def storm(self, seed: int, orders: int) -> Verdict:
        """Some `orders` from the first tap to the last notice; two shops work on them where the engine lets them."""
        await self._db.close()
        await self._place.renew()
        fate, clock = dice("storm", seed), Hands()
        outside = Outside(clock.seconds, pace=1, seed=seed)
        outside.people.at_once = TAPS * 2
        street = Doorstep(outside.people, fate)
        for panel in outside.panels.values():
            panel.chance, panel.chance_words = 0.7, WORDS
        async with self._clients(outside) as clients:
            told = settings(self._told)

            def shop(owner: str, policy: Policy) -> Shop:
                steady = jobs.Clock(clock, lambda: clock.steady)
                works = jobs.Shop(self._db, told, policy, clients, owner, clock, lambda: None, steady)
                return Shop(works, street, partial(street.empty, works))

            shops = [shop(owner, POLICY) for owner in (("a",) if self._db.on_sqlite else ("a", "b"))]
            await self._rage(shops, outside, clock, fate, orders)
            street.trouble = 0.0
            await self._calm(shop("last", CALM), outside, clock)
            return await judge(self._db, outside, CALM, clock())

    async def _rage(self, shops: list[Shop], outside: Outside, clock: Hands, fate: random.Random, orders: int) -> None:
        services = await likes(self._db)
        begun = 0
        while begun < orders:
            for _ in range(TAPS):
                _wish(outside, fate, services)
            await shops[0].serve()
            begun += await self._clone(clock(), fate) + TAPS
            for panel in outside.panels.values():
                panel.modes = {fate.choice(TROUBLES)} if fate.random() < 0.1 else set()
            async with asyncio.TaskGroup() as group:
                for shop in shops:
                    for job in (shop.serve, *shop.pressing):
                        group.create_task(_perhaps_cancelled(job, fate))
            leap = fate.choice((timedelta(seconds=-1), timedelta(hours=2))) if fate.random() < 0.02 else TURN
            clock.move(leap)

    async def _clone(self, now: datetime, fate: random.Random) -> int:
        """Orders like those that wait to be sent, each paid from its wallet: what the taps of a crowd come to."""
        async with self._db.write() as session:
            first = await session.value(select(func.max(Order.id))) or 0
            patterns = await session.all(select(*Order.__table__.columns).where(text(QUEUED)).limit(TAPS))
            if not patterns:
                return 0
            rows = []
            for number in range(first + 1, first + 1 + CLONES):
                row = fate.choice(patterns)._asdict()
                quantity = fate.randrange(100, 10_000)
                rows.append(
                    row
                    | {
                        "id": number,
                        "token": f"clone-{number}",
                        "user_id": fate.choice(CUSTOMERS[:-4]),
                        "goal_id": number,
                        "replaces_id": None,
                        "part": 1,
                        "link": f"{ROOT}/clone-{number}/x",
                        "quantity": quantity,
                        "covers": quantity,
                        "charge": pricing.charge(row["rate"], quantity),
                        "submit_at": now,
                    }
                )
            await session.run(insert(Order), rows)
            if session.on_postgres:
                await session.value(select(func.setval("orders_id_seq", first + CLONES)))
            await orders.record(session, [(row["id"], "queued", {}) for row in rows], now)
            await ledger.open_accounts(session, [f"hold:{row['id']}" for row in rows], "hold")
            await ledger.post(session, [_held(row) for row in rows], now)
        return len(rows)

    async def _calm(self, shop: Shop, outside: Outside, clock: Hands) -> None:
        """Everything to its end but what a panel never ends."""
        for panel in outside.panels.values():
            panel.modes = set()
        moved = clock.now
        while True:
            taps = await shop.serve()
            due = await shop.due()
            if taps or set(due) != {"poll"}:
                moved = clock.now
            if not taps and (not due or clock.now - moved > 20 * MINUTE):
                return
            if due and not taps:
                clock.move(max(min(due.values()) - clock.now, STRIDE))
            for name in due:
                await shop.jobs[name]()

    @asynccontextmanager
    async def _clients(self, outside: Outside) -> AsyncIterator[dict[str, PanelClient]]:
        async with AsyncExitStack() as stack:
            clients = upstream.clients(settings(self._told))
            for name, client in clients.items():
                client._http._http._transport = Inward(outside, name)
                stack.push_async_callback(client.close)
            yield clients


async def _perhaps_cancelled(job: Callable[[], Awaitable[object]], fate: random.Random) -> None:
    patience = fate.expovariate(1 / 0.1) if fate.random() < CANCELLED else None
    try:
        async with asyncio.timeout(patience):
            await job()
    except* EXPECTED:
        pass


def _held(row: dict[str, Any]) -> Posting:
    order, user = row["id"], row["user_id"]
    key, source, held = f"order:{order}:hold", f"wallet:{user}", f"hold:{order}"
    return Posting(key, source, held, row["charge"], "hold", f"user:{user}", order)


def _wish(outside: Outside, fate: random.Random, services: list[int]) -> None:
    number = len(outside.people.wishes)
    outside.people.want(
        user=fate.choice(CUSTOMERS),
        service=fate.choice(services),
        link=f"{ROOT}/{number}/x",
        quantity=fate.randrange(100, 10_000),
        rest=fate.randrange(2),
        undo=3 if number % 20 == 0 else 0,
        regrets=number % 40 == 0,
    )


async def storm_apart(where: Place, seed: int, orders: int, within: float) -> Verdict | None:
    """A storm in a process of its own; None, and its death, where it takes longer than `within` seconds."""
    ours, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=_apart, args=(theirs, where, seed, orders), daemon=True)
    await asyncio.to_thread(process.start)
    theirs.close()
    heard = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(ours.fileno(), heard.set)
    try:
        async with asyncio.timeout(within):
            await heard.wait()
        verdict: Verdict = ours.recv()
    except TimeoutError:
        return None
    except EOFError:
        raise RuntimeError(f"storm {seed} ended in a defect: what it said is above") from None
    finally:
        loop.remove_reader(ours.fileno())
        ours.close()
        process.kill()
        await asyncio.to_thread(process.join)
    return verdict


def _apart(pipe: Connection, where: Place, seed: int, orders: int) -> None:
    die_with_parent()

    async def work() -> None:
        sea = Sea(where)
        pipe.send(await sea.storm(seed, orders))
        await sea.close()

    quietly(work())
