"""One process's share of the shop: the table of jobs as it stands, its real buying, and what each job waits for."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from sqlalchemy import func, literal, select, text, union_all

from bot import jobs
from services import doubts, finishing, orders, quotes
from services.db import Database, WriteSession
from services.errors import ShopError
from services.extras import Extras
from services.finishing import Allowed
from services.models import DUE, PLACING, POLLED, QUEUED, UNKNOWN, UNSENT, Finishing, Notice, Order

PRESSING = ("submit", "poll", "sweep", "finish", "outbox")
"""Jobs that orders and customers wait for; of the others it only matters that they come round."""

_LOOKED = union_all(
    select(literal("submit").label("job"), func.min(Order.submit_at).label("at")).where(text(QUEUED)),
    select(literal("sweep"), func.min(Order.lease_until)).where(text(PLACING)),
    select(literal("in doubt"), func.min(Order.moved_at)).where(text(UNKNOWN)),
    select(literal("poll"), func.min(Order.next_poll_at)).where(text(POLLED)),
    select(literal("finish"), func.min(Finishing.due_at)).where(text(DUE)),
    select(literal("outbox"), func.min(func.coalesce(Notice.lease_until, Notice.due_at))).where(text(UNSENT)),
).subquery()
AWAITED = select(_LOOKED.c.job, _LOOKED.c.at).where(_LOOKED.c.at.is_not(None))
"""The earliest moment at which each pressing job has something to do."""


class Street(Protocol):
    """The way from the shop to its customers and back."""

    async def steps(self) -> list[dict[str, Any]]:
        """What customers do next."""
        ...

    async def answer(self, answer: dict[str, Any]) -> None:
        """The screen that one of them sees."""
        ...


@dataclass
class Shop:
    """What the shop does, a coroutine function for each line of the table by its name.

    `empty` sends whatever is in the outbox: the line "outbox" only wakes a sender that runs beside the jobs.
    """

    works: jobs.Shop
    street: Street
    empty: Callable[[], Awaitable[object]]
    jobs: Mapping[str, Callable[[], Awaitable[object]]] = field(init=False)

    def __post_init__(self) -> None:
        table = {job.name: partial(job.function, self.works) for job in jobs.JOBS}
        self.jobs = {**table, "outbox": self.empty}

    @property
    def pressing(self) -> list[Callable[[], Awaitable[object]]]:
        """The jobs that orders and customers wait for."""
        return [self.jobs[name] for name in PRESSING]

    @property
    def upkeep(self) -> list[Callable[[], Awaitable[object]]]:
        """All others, in the order of the table."""
        return [job for name, job in self.jobs.items() if name not in PRESSING]

    @property
    def _db(self) -> Database:
        return self.works.db

    async def serve(self) -> int:
        """Do what people tap: quote, confirm, undo, decide; how many taps there were."""
        steps = await self.street.steps()
        for step in steps:
            await self.street.answer(await self._step(step))
        return len(steps)

    async def _step(self, step: dict[str, Any]) -> dict[str, Any]:
        answer = {"wish": step["wish"]}
        user: int = step["user"]
        now = self.works.now
        try:
            async with self._db.write() as session:
                match step["do"]:
                    case "quote":
                        if step["finish"]:
                            await finishing.allow(session, user, Allowed(everything=True, percent=50, orders=3))
                        quoted = await quotes.quote(
                            session,
                            user_id=user,
                            service_id=step["service"],
                            link=step["link"],
                            quantity=step["quantity"],
                            extras=Extras.from_document(step["extras"]),
                            now=now(),
                        )
                        return answer | {"token": quoted.token}
                    case "confirm":
                        undo = timedelta(seconds=step["undo"])
                        placed = await orders.place(session, user_id=user, token=step["token"], undo=undo, now=now())
                        return answer | {"order": placed.order.id}
                    case "undo":
                        await orders.undo(session, user_id=user, order_id=step["order"], now=now())
                        return answer | {"undone": True}
                    case _:
                        await self._decide(session, step)
                        return answer | {"order": step["order"]}
        except ShopError as refusal:
            return answer | {"refused": type(refusal).__name__}

    async def _decide(self, session: WriteSession, step: dict[str, Any]) -> None:
        """What an admin taps."""
        order, actor = step["order"], f"admin:{step['user']}"
        policy, now = self.works.policy, self.works.now()
        match step["do"]:
            case "arrived":
                await doubts.arrived(
                    session,
                    order_id=order,
                    attempt=step["attempt"],
                    provider_order_id=step["provider_order"],
                    actor=actor,
                    policy=policy,
                    now=now,
                )
            case "missing":
                await doubts.missing(
                    session, order_id=order, attempt=step["attempt"], again=step["again"], actor=actor, now=now
                )
            case _:
                await doubts.counted(session, order_id=order, delivered=step["delivered"], policy=policy, now=now)

    async def due(self) -> dict[str, datetime]:
        """The earliest moment at which each pressing job has something to do; idle ones are left out."""
        async with self._db.read() as session:
            rows = await session.all(AWAITED)
        found: dict[str, datetime] = {row.job: row.at for row in rows}
        if in_doubt := found.pop("in doubt", None):
            policy = self.works.policy
            in_doubt += policy.ask_again_after if policy.idempotent else policy.unknown_for
            found["sweep"] = min(found.get("sweep", in_doubt), in_doubt)
        return found
