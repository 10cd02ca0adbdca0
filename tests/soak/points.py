"""The points at which a process may die: counted where the engine and the network pass, never placed by hand.

There is one after whatever leaves a trace outside the process: a statement that writes, a commit, a step on the wire.
Between two of them it is the same death wherever it falls, for SIGKILL takes all that a read or a thought has changed.
(In the middle of a commit random kills fall, see `tests.soak.rivals`.)
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import httpx
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

WIRE = {
    "http11.send_request_headers.complete": "half sent",
    "http11.send_request_body.complete": "sent",
    "http11.receive_response_headers.complete": "answer begun",
    "http11.receive_response_body.complete": "answer arrived",
}
"""What httpcore tells of a request on its way, and the points these are."""
STEPS = {
    "on_request_start": "about to send",
    "on_request_headers_sent": "half sent",
    "on_request_chunk_sent": "sent",
    "on_request_end": "answer begun",
    "on_response_chunk_received": "answer arrived",
}
"""The same as aiohttp tells it."""

TRACELESS = ("SELECT ", "BEGIN", "PRAGMA ")
"""How statements begin that change nothing but what the database keeps for one connection; others leave a trace."""


class Fuse:
    """Counts points, and at the `at`-th ends this process with SIGKILL: no handler runs, no buffer is flushed."""

    def __init__(self) -> None:
        self.reached = 0
        self._at: int | None = None
        self._epitaph: Path | None = None
        self._aside = False

    def set(self, at: int | None, epitaph: Path) -> None:
        """Count from 0 again; die at the `at`-th point, which is named in `epitaph`, or not at all."""
        self.reached, self._at, self._epitaph = 0, at, epitaph

    def reach(self, point: str) -> None:
        """One point is passed, or the end is here."""
        if self._aside:
            return
        self.reached += 1
        if self.reached == self._at:
            if self._epitaph is not None:
                self._epitaph.write_text(point, encoding="utf-8")
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What happens inside is the harness's own business and no point."""
        self._aside = True
        try:
            yield
        finally:
            self._aside = False

    def watch(self, engine: AsyncEngine) -> None:
        """Count every statement that writes and every commit of this engine, each when it is done."""
        sync = engine.sync_engine

        def executed(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if not statement.startswith(TRACELESS):
                self.reach(f"after {_short(statement)}")

        event.listen(sync, "after_cursor_execute", executed)
        commit = sync.dialect.do_commit

        def committing(connection: Any) -> None:
            commit(connection)
            self.reach("after COMMIT")

        # The engine's own commit event comes before the commit alone.
        sync.dialect.do_commit = committing  # type: ignore[method-assign, assignment]

    def follow(self, http: httpx.AsyncClient, name: str) -> None:
        """Count the steps of every request this client makes."""
        http._transport = _Followed(http._transport, self, name)

    def listen(self, http: aiohttp.ClientSession, name: str) -> None:
        """The same for a client of the other kind."""
        steps = aiohttp.TraceConfig()
        for signal_name, point in STEPS.items():

            async def reached(*_: object, at: str = f"{name}: {point}") -> None:
                self.reach(at)

            getattr(steps, signal_name).append(reached)
        steps.freeze()
        http.trace_configs.append(steps)


class _Followed(httpx.AsyncBaseTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport, fuse: Fuse, name: str) -> None:
        self._inner, self._fuse, self._name = inner, fuse, name

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        follow = request.extensions.get("trace")

        async def trace(step: str, info: dict[str, Any]) -> None:
            if follow is not None:
                await follow(step, info)
            if step in WIRE:
                self._fuse.reach(f"{self._name}: {WIRE[step]}")

        request.extensions["trace"] = trace
        self._fuse.reach(f"{self._name}: about to send")
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _short(statement: str) -> str:
    return " ".join(statement.split()[:3])
