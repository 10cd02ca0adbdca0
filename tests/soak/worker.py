"""The process that is killed: the shop's real jobs, its real buying, and a sender, as fast as they will go."""

import asyncio
import contextlib
import logging
import os
import random
import resource
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import httpx
import structlog
from asyncpg import PostgresError
from sqlalchemy import func, literal, select, text, union_all
from sqlalchemy.exc import SQLAlchemyError

from services import doubts, fulfilment, notices, orders, outbox, placing
from services.db import Database, WriteSession
from services.errors import ShopError
from services.extras import Extras
from services.models import PLACING, POLLED, QUEUED, UNKNOWN, UNSENT, Notice, Order
from services.policy import Policy
from services.provider import PanelClient
from tests.soak.chance import dice
from tests.soak.clock import SharedClock
from tests.soak.outside import ONCE
from tests.soak.points import Fuse

PANELS = ("north", "south")
KEY = "soak-panel-key"
ADMIN = 9001
LEASE = timedelta(seconds=1)
SHORT = Policy(
    admins=(ADMIN,),
    poll_fastest=timedelta(seconds=5),
    poll_slowest=timedelta(seconds=30),
    watch_every=timedelta(seconds=10),
    watch_for=timedelta(seconds=35),
    placing_margin=timedelta(seconds=1),
    unsent_backoff=timedelta(seconds=1),
    unknown_for=timedelta(hours=1),
)
"""Everything a shop waits for, in seconds of the shared clock."""
MOMENT = timedelta(milliseconds=1)
CANCELLED = 0.05
"""The share of a rival's runs that are cancelled in the middle."""
EXPECTED = (SQLAlchemyError, PostgresError, OSError, httpx.HTTPError)
"""What a job may fail with where connections are cut: TimeoutError is an OSError. The next run goes on."""
TURNS = 400
"""A story that has not settled after so many turns never will."""


class Street(Protocol):
    """The way from the shop to its customers and back."""

    async def steps(self) -> list[dict[str, Any]]:
        """What customers do next."""
        ...

    async def answer(self, answer: dict[str, Any]) -> None:
        """The screen that one of them sees."""
        ...

    async def deliver(self, message: dict[str, Any]) -> int | None:
        """One message; its id in the chat, or None where it is not known to have arrived."""
        ...


@dataclass
class Shop:
    """One process's share of the shop: its jobs by name, each a coroutine function."""

    db: Database
    clients: Mapping[str, PanelClient]
    street: Street
    owner: str
    now: Callable[[], datetime]
    policy: Policy = SHORT
    jobs: Mapping[str, Callable[[], Awaitable[object]]] = field(init=False)

    def __post_init__(self) -> None:
        self.jobs = {
            "submit": self.submit,
            "poll": self.poll,
            "sweep": self.sweep,
            "send": self.send,
        }

    async def serve(self) -> int:
        """Do what customers tap: quote, confirm, undo; how many taps there were."""
        steps = await self.street.steps()
        for step in steps:
            await self.street.answer(await self._step(step))
        return len(steps)

    async def _step(self, step: dict[str, Any]) -> dict[str, Any]:
        answer = {"wish": step["wish"]}
        user: int = step["user"]
        try:
            async with self.db.write() as session:
                match step["do"]:
                    case "quote":
                        quoted = await orders.quote(
                            session,
                            user_id=user,
                            service_id=step["service"],
                            link=step["link"],
                            quantity=step["quantity"],
                            extras=Extras.from_document(step["extras"]),
                            now=self.now(),
                        )
                        return answer | {"token": quoted.token}
                    case "confirm":
                        undo = timedelta(seconds=step["undo"])
                        placed = await orders.place(
                            session, user_id=user, token=step["token"], undo=undo, now=self.now()
                        )
                        return answer | {"order": placed.order.id}
                    case "undo":
                        await orders.undo(session, user_id=user, order_id=step["order"], now=self.now())
                        return answer | {"undone": True}
                    case _:
                        await self._decide(session, step)
                        return answer | {"order": step["order"]}
        except ShopError as refusal:
            return answer | {"refused": type(refusal).__name__}

    async def _decide(self, session: WriteSession, step: dict[str, Any]) -> None:
        """What an admin taps."""
        about: dict[str, Any] = {"order_id": step["order"], "policy": self.policy, "now": self.now()}
        actor = f"admin:{step['user']}"
        match step["do"]:
            case "arrived":
                await doubts.arrived(session, **about, provider_order_id=step["provider_order"], actor=actor)
            case "missing":
                await doubts.missing(session, **about, again=step["again"], actor=actor)
            case _:
                await doubts.counted(session, **about, delivered=step["delivered"])

    async def submit(self) -> None:
        """Send what is queued."""
        await placing.submit_due(self.db, self.clients, self.policy, self.owner, self.now)

    async def poll(self) -> None:
        """Ask about what is open."""
        await fulfilment.poll_due(self.db, self.clients, self.policy, self.now)

    async def sweep(self) -> None:
        """Settle what somebody's death left behind."""
        async with self.db.write() as session:
            await placing.sweep(session, self.policy, self.now())

    async def send(self) -> None:
        """Empty the outbox into the chat, page by page."""
        while True:
            async with self.db.write() as session:
                page = await outbox.claim(session, owner=self.owner, limit=20, lease=LEASE, now=self.now())
            if not page:
                return
            sent: list[tuple[int, int, int | None]] = []
            for notice in page:
                message = await self.street.deliver(_worded(notice))
                if message is not None:
                    sent.append((notice.id, notice.version, message))
            left = {notice.id for notice in page} - {number for number, *_ in sent}
            async with self.db.write() as session:
                await outbox.sent(session, sent, self.now())
                for number in left:
                    await outbox.later(session, number, due_at=self.now() + LEASE, error="not delivered")

    async def due(self) -> dict[str, datetime]:
        """The earliest moment at which each job has something to do; jobs with nothing to do are left out."""
        looked = union_all(
            select(literal("submit").label("job"), func.min(Order.submit_at).label("at")).where(text(QUEUED)),
            select(literal("sweep"), func.min(Order.lease_until)).where(text(PLACING)),
            select(literal("in doubt"), func.min(Order.moved_at)).where(text(UNKNOWN)),
            select(literal("poll"), func.min(Order.next_poll_at)).where(text(POLLED)),
            select(literal("send"), func.min(func.coalesce(Notice.lease_until, Notice.due_at))).where(text(UNSENT)),
        ).subquery()
        async with self.db.read() as session:
            rows = await session.all(select(looked.c.job, looked.c.at).where(looked.c.at.is_not(None)))
        found: dict[str, datetime] = {row.job: row.at for row in rows}
        if in_doubt := found.pop("in doubt", None):
            in_doubt += self.policy.ask_again_after if self.policy.idempotent else self.policy.unknown_for
            found["sweep"] = min(found.get("sweep", in_doubt), in_doubt)
        return found


def _worded(notice: outbox.Claimed) -> dict[str, Any]:
    return {
        "key": notice.key,
        "chat": notice.chat_id,
        "kind": notice.notice.kind,
        "version": notice.version,
        "payload": notices.to_document(notice.notice),
    }


class Wire:
    """The street over HTTP, to the process that outlives this one."""

    def __init__(self, http: httpx.AsyncClient, chat: httpx.AsyncClient, fuse: Fuse) -> None:
        self._http, self._chat, self._fuse = http, chat, fuse

    async def steps(self) -> list[dict[str, Any]]:
        """See Street."""
        steps: list[dict[str, Any]] = (await self._http.get("/people")).raise_for_status().json()
        return steps

    async def answer(self, answer: dict[str, Any]) -> None:
        """See Street."""
        (await self._http.post("/people", json=answer)).raise_for_status()

    async def settled(self) -> None:
        """Say that nothing is left to do, and how many points were passed."""
        (await self._http.post("/settled", json={"points": self._fuse.reached})).raise_for_status()

    async def deliver(self, message: dict[str, Any]) -> int | None:
        """See Street."""
        answer = await self._chat.post("/chat", json=message)
        return int(answer.json()["message_id"]) if answer.is_success else None


@dataclass(frozen=True)
class Task:
    """What a worker is told: where things are, when to die (the n-th point), how long things take.

    `confirmations` are what every panel must give.
    A player's clock jumps by `stride` at least; after `patience` it gives up orders that their panel never ends.
    A rival cancels its own jobs now and then, as `seed` has it; its own clock is `skew` ahead, no file of its may grow
    beyond `longest_file` bytes; it ends by itself after `lasts` seconds.
    """

    database: str
    outside: str
    clock: Path
    kill_at: int | None = None
    deadline: float = 0.25
    policy: Policy = SHORT
    confirmations: int = 1
    patience: timedelta | None = None
    stride: timedelta = timedelta(0)
    seed: int = 0
    skew: timedelta = timedelta(0)
    longest_file: int | None = None
    lasts: float = 60.0

    @property
    def epitaph(self) -> Path:
        """Where the point at which it died is named."""
        return self.clock.with_suffix(".died")


class Life:
    """What a process has at hand from one task to the next: an engine that knows its statements, and the fuse on it."""

    def __init__(self, database: str) -> None:
        self.db = Database(database, pool_size=4)
        self.fuse = Fuse()
        self.fuse.watch(self.db.writer)

    @asynccontextmanager
    async def shop(self, task: Task, now: Callable[[], datetime]) -> AsyncIterator[tuple[Shop, Wire]]:
        """The shop of one task, its wires on the fuse too."""
        self.fuse.set(task.kill_at, task.epitaph)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.db.close)
            clients = {}
            for name in PANELS:
                url = f"{task.outside}/panels/{name}/api/v2"
                clients[name] = client = PanelClient(
                    name,
                    url,
                    KEY,
                    deadline=task.deadline,
                    confirmations=task.confirmations,
                    idempotency_parameter=ONCE if name in task.policy.idempotent else None,
                )
                stack.push_async_callback(client.close)
                self.fuse.follow(client._http._http, name)
            http, chat = (httpx.AsyncClient(base_url=task.outside, trust_env=False) for _ in range(2))
            stack.push_async_callback(http.aclose)
            stack.push_async_callback(chat.aclose)
            self.fuse.follow(chat, "chat")
            wire = Wire(http, chat, self.fuse)
            yield Shop(self.db, clients, wire, f"{os.getpid()}", now, task.policy), wire


async def play(life: Life, task: Task) -> None:
    """Turn after turn whatever is due, until nothing will ever be; the clock jumps to what comes next."""
    clock = SharedClock(task.clock)
    async with life.shop(task, clock) as (shop, wire):
        moved = clock()
        for _ in range(TURNS):
            taps = await shop.serve()
            with life.fuse.aside():
                due = await shop.due()
            if taps or set(due) != {"poll"}:
                moved = clock()
            if not taps and (not due or (task.patience and clock() - moved > task.patience)):
                await wire.settled()
                return
            if due and not taps:
                clock.reach(max(min(due.values()), clock() + task.stride) + MOMENT)
            for job, at in due.items():
                if at <= clock():
                    await shop.jobs[job]()
        raise RuntimeError(f"not settled after {TURNS} turns")


async def compete(life: Life, task: Task) -> None:
    """All jobs at once and again and again beside other workers, some of them cancelled wherever they stand."""
    clock = SharedClock(task.clock, flows=True, skew=task.skew)
    fate = dice(task.seed, "rival")
    if task.longest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (task.longest_file, resource.RLIM_INFINITY))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(task.lasts), life.shop(task, clock) as (shop, _), asyncio.TaskGroup() as group:
            for job in (shop.serve, *shop.jobs.values()):
                group.create_task(_again_and_again(job, fate))


async def _again_and_again(job: Callable[[], Awaitable[object]], fate: random.Random) -> None:
    while True:
        patience = fate.expovariate(1 / 0.02) if fate.random() < CANCELLED else None
        try:
            async with asyncio.timeout(patience):
                await job()
        except* EXPECTED:
            pass
        await asyncio.sleep(fate.expovariate(1 / 0.03))


def quietly(work: Coroutine[Any, Any, None]) -> None:
    """Do it in a loop of its own, without the shop's log and without the driver's word for every connection cut."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    asyncio.run(work)


# Made once, before any fork: a client makes its own otherwise, with all the world's certificates in it.
ssl.create_default_context = cache(ssl.create_default_context)  # type: ignore[assignment]
