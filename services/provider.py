"""The client of one upstream panel: asks, orders, and says with certainty what is certain."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Generic, TypeVar

from services import panel_answers, panel_refills
from services.panel_answers import Accepted, OfferedService, PanelBalance, Refusal, RowError, Snapshot
from services.panel_http import NoReply, PanelHttp, Reply
from services.panel_refills import Progress
from services.panel_values import Unreadable, load

BATCH = 100
"""Ids that panels take in one request."""
CATALOGUE_CAP = 16 * 1024 * 1024
ANSWER_CAP = 1024 * 1024
"""Bytes an answer other than the catalogue may have; a hundred status rows have twenty thousand."""
READ_AT_ONCE = 128 * 1024
"""An answer longer than this many bytes is read in a thread."""
PROBES = 3
"""Orders asked about one by one before a panel is believed to have overlooked `orders`."""
UNMENTIONED = RowError("no row")
"""An answer came, and the order is not in it."""

Row = TypeVar("Row")
Found = TypeVar("Found")


class ProviderError(Exception):
    """A panel did not do what was asked. The text is for operators, at most 2 KB, and never holds the key."""

    def __init__(self, evidence: str) -> None:
        super().__init__(evidence)
        self.evidence = evidence


class NothingSent(ProviderError):
    """Not a byte of the order left for the panel: it may be sent again."""


class Ambiguous(ProviderError):
    """Nobody knows whether the panel took the order: it must never be sent again."""


class Unavailable(ProviderError):
    """A question got no usable answer; asking again later does no harm."""


class Unreachable(Unavailable):
    """There was no answer at all."""


class Refused(ProviderError):
    """The panel said no, with a code of `panel_answers.REASONS` (or "other") and its own `text`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.reason}: {refusal.text}")
        self.reason = refusal.reason
        self.text = refusal.text


class BadKey(Refused):
    """The panel does not know our key: nothing will work until an admin mends it."""


@dataclass(frozen=True, slots=True)
class AddRequest:
    """What `add` needs. `extras` are the further parameters of the service's type, by their names on the wire.

    A type that has no link, or none that is counted, gets none: None is not sent.
    """

    service: str
    link: str | None
    quantity: int | None
    extras: Mapping[str, str] = field(default_factory=dict)


class PanelClient:
    """One panel. Kept open for the life of the process; safe for any number of tasks at once.

    `deadline` is the longest any call may wait for one answer, in seconds; `body_cap` the most bytes of an answer;
    `confirmations`, 1 or 2, is carried for settlement; `idempotency_parameter` names the panel's own parameter against
    double orders, where it has one. `batches` says whether the panel answers `orders=1,2,3`: it turns False by itself
    when a panel is found to overlook it, and whoever keeps a memory hands the found value in again. `mute_since` is
    kept by whoever follows orders: since when no question about them was answered, whatever else the panel answers.
    """

    def __init__(
        self,
        name: str,
        url: str,
        key: str,
        *,
        deadline: float = 30.0,
        body_cap: int = CATALOGUE_CAP,
        concurrency: int = 8,
        idempotency_parameter: str | None = None,
        confirmations: int = 1,
        batches: bool = True,
    ) -> None:
        self.name = name
        self.deadline = deadline
        self.confirmations = confirmations
        self.batches = batches
        self.mute_since: datetime | None = None
        self._body_cap = body_cap
        self._concurrency = concurrency
        self._idempotency_parameter = idempotency_parameter
        self._http = PanelHttp(url, key, deadline=deadline, concurrency=concurrency)

    def __repr__(self) -> str:
        return f"PanelClient({self.name!r})"

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def add(self, request: AddRequest, idempotency_key: str) -> str:
        """Place an order by exactly one POST; the panel's id of it.

        Raises NothingSent where no connection came about, Refused (BadKey) where the panel plainly said no, and
        Ambiguous for everything else. Returns or raises within `deadline`. A cancelled call is ambiguous as well.
        """
        fields = {**request.extras, "action": "add", "service": request.service}
        if request.link is not None:
            fields["link"] = request.link
        if request.quantity is not None:
            fields["quantity"] = str(request.quantity)
        if self._idempotency_parameter is not None:
            fields[self._idempotency_parameter] = idempotency_key
        return await self._licensed(fields, panel_answers.added)

    async def services(self) -> list[OfferedService]:
        """The catalogue. Panels allow about ten reads of it an hour. Raises Unavailable or Refused."""
        return await self._ask(panel_answers.services, self._body_cap, action="services")

    async def balance(self) -> PanelBalance:
        """The shop's money at the panel. Raises Unavailable or Refused."""
        return await self._ask(panel_answers.balance, action="balance")

    async def statuses(self, ids: Sequence[str]) -> dict[str, Snapshot | RowError]:
        """What the panel says of these orders, by id; a RowError for an id that its answer says nothing about.

        A hundred to a request, up to `concurrency` requests at once; a request that fails leaves its ids out. Raises
        Unavailable only where all failed, BadKey at once.

        A panel that overlooks `orders` answers with a bare status row, or with an error about *an* order, where a map
        by id was due (`panel_answers.statuses`). Then up to PROBES orders of that page are asked about singly; once
        one of them is told, `batches` turns False and everything is asked one by one. A page of one is always asked
        singly, so that an error about its order is taken for what it is.
        """
        singly: list[list[str]] = []

        async def ask(page: Sequence[str]) -> dict[str, Snapshot | RowError]:
            if len(page) == 1:
                return await self._status(page[0])
            rows = await self._batch(page) if self.batches else {}
            if rows is None:
                rows = await self._probed(page)
            if not self.batches:
                singly.extend([order] for order in page if order not in rows)
                return rows
            return {order: rows.get(order, UNMENTIONED) for order in page}

        asked: _Round[Snapshot | RowError] = _Round(self._concurrency)
        await asked.over(_pages(ids, BATCH if self.batches else 1), ask)
        await asked.over(singly, ask)
        return asked.answers()

    async def cancel(self, ids: Sequence[str]) -> dict[str, Accepted | RowError]:
        """Ask the panel to cancel these orders, by id. Accepted means asked, not refunded: `statuses` tells the end.

        A hundred to a request. Raises Unavailable or Refused only where all requests failed; BadKey at once.
        """

        async def ask(page: Sequence[str]) -> dict[str, Accepted | RowError]:
            return await self._ask(partial(panel_answers.canceled, asked=page), action="cancel", orders=",".join(page))

        asked: _Round[Accepted | RowError] = _Round(self._concurrency)
        await asked.over(_pages(ids, BATCH), ask)
        return asked.answers()

    async def refill(self, order: str) -> str:
        """Ask the panel to refill an order by exactly one POST; the panel's id of the refill. Raises as `add` does.

        The reason of a Refused is one of `panel_refills.REASONS`, or "other".
        """
        return await self._licensed({"action": "refill", "order": order}, panel_refills.asked)

    async def refill_statuses(self, ids: Sequence[str]) -> dict[str, Progress | RowError]:
        """How these refills stand, by id; a RowError for an id that the answer says nothing about.

        A hundred to a request; one by one where a panel answers many with anything but rows by id. Raises Unavailable
        only where all requests failed; BadKey at once.
        """
        singly: list[list[str]] = []

        async def ask(page: Sequence[str]) -> dict[str, Progress | RowError]:
            if len(page) == 1:
                return {page[0]: await self._ask(panel_refills.single, action="refill_status", refill=page[0])}
            parse = partial(panel_refills.many, asked=set(page))
            rows = await self._ask(parse, action="refill_status", refills=",".join(page))
            if rows is None:
                singly.extend([refill] for refill in page)
                return {}
            return {refill: rows.get(refill, UNMENTIONED) for refill in page}

        told: _Round[Progress | RowError] = _Round(self._concurrency)
        await told.over(_pages(ids, BATCH), ask)
        await told.over(singly, ask)
        return told.answers()

    async def _batch(self, page: Sequence[str]) -> dict[str, Snapshot | RowError] | None:
        """The answers of one page; None where the panel seems to have overlooked `orders`."""
        parse = partial(panel_answers.statuses, asked=set(page))
        try:
            return await self._ask(parse, action="status", orders=",".join(page))
        except BadKey:
            raise
        except Refused as refused:  # "too many requests" and its like: a question that got no answer
            raise Unavailable(refused.evidence) from None

    async def _probed(self, page: Sequence[str]) -> dict[str, Snapshot | RowError]:
        """The first orders of a page one by one, until one is told."""
        rows: dict[str, Snapshot | RowError] = {}
        for order in page[:PROBES]:
            rows |= await self._status(order)
            if isinstance(rows.get(order), Snapshot):
                self.batches = False
                break
        return rows

    async def _status(self, order: str) -> dict[str, Snapshot | RowError]:
        """The answer about one order, under its id."""
        row = await self._ask(partial(panel_answers.single_status, order=order), action="status", order=order)
        return {order: UNMENTIONED if row is None else row}

    async def _licensed(self, fields: Mapping[str, str], read: Callable[[object], Accepted | Refusal | None]) -> str:
        """The id that the answer to one POST gives; see `add` for what it raises."""
        reply = await self._http.post(fields, cap=min(ANSWER_CAP, self._body_cap))
        if isinstance(reply, NoReply):
            raise Ambiguous(reply.evidence) if reply.sent else NothingSent(reply.evidence)
        said = _answered(reply, read)
        if said is None:
            raise Ambiguous(reply.evidence)
        if isinstance(said, Refusal):
            raise _refused(said)
        return said.id

    async def _ask(self, parse: Callable[[object], Found | Refusal], cap: int = ANSWER_CAP, **fields: str) -> Found:
        """The answer to a question; long ones are read in a thread, so that nobody else waits for it."""
        reply = await self._http.post(fields, cap=min(cap, self._body_cap))
        if isinstance(reply, NoReply):
            raise Unreachable(reply.evidence)
        answer: Found | Refusal
        if len(reply.body) > READ_AT_ONCE:
            answer = await asyncio.to_thread(_understood, reply, parse)
        else:
            answer = _understood(reply, parse)
        if isinstance(answer, Refusal):
            raise _refused(answer)
        return answer


class _Round(Generic[Row]):
    """One question about many ids, asked page by page, `lanes` pages at a time."""

    def __init__(self, lanes: int) -> None:
        self._lanes = lanes
        self._rows: dict[str, Row] = {}
        self._failures: list[ProviderError] = []
        self._unreached = 0
        self._answered = False

    async def over(
        self, pages: Iterable[Sequence[str]], ask: Callable[[Sequence[str]], Awaitable[dict[str, Row]]]
    ) -> None:
        """Ask about each page.

        A bad key ends the round. So do as many pages without any answer as there are lanes: a panel that is down is
        not waited for a thousand times.
        """
        waiting = deque(pages)

        async def lane() -> None:
            while waiting:
                try:
                    self._rows |= await ask(waiting.popleft())
                    self._answered, self._unreached = True, 0
                except ProviderError as error:
                    self._failures.append(error)
                    self._unreached += isinstance(error, Unreachable)
                    if isinstance(error, BadKey) or self._unreached >= self._lanes:
                        waiting.clear()

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._lanes, len(waiting))):
                group.create_task(lane())

    def answers(self) -> dict[str, Row]:
        """All that was answered; raises BadKey, or the first failure where nothing was answered."""
        for failure in self._failures:
            if isinstance(failure, BadKey) or not self._answered:
                raise failure
        return self._rows


def _pages(ids: Sequence[str], size: int) -> list[list[str]]:
    each = list(dict.fromkeys(ids))
    return [each[start : start + size] for start in range(0, len(each), size)]


def _understood(reply: Reply, parse: Callable[[object], Found | Refusal]) -> Found | Refusal:
    """The answer in `reply`. Beside 2xx, a 4xx is read where it carries an error: some panels refuse so."""
    try:
        document = load(reply.body)
        if reply.fine or (reply.blames_us and panel_answers.complaint(document) is not None):
            return parse(document)
    except Unreadable:
        pass
    raise Unavailable(reply.evidence)


def _answered(reply: Reply, read: Callable[[object], Accepted | Refusal | None]) -> Accepted | Refusal | None:
    """What the answer to a licensed POST says; None where it leaves open whether the panel did what it asks for."""
    try:
        said = read(load(reply.body))
    except Unreadable:
        return None
    return said if reply.fine or (reply.blames_us and isinstance(said, Refusal)) else None


def _refused(refusal: Refusal) -> Refused:
    return BadKey(refusal) if refusal.reason == "bad_key" else Refused(refusal)
