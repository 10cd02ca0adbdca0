"""A server on loopback that answers a POST with exactly the bytes, or the silence, that a test asks for."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

Form = dict[str, str]
Manner = Callable[[asyncio.StreamWriter], Awaitable[None]]
"""How one answer goes out."""


class RawPanel:
    """`answer(form)` gives the document, text or Manner that a request is answered with; `heard` is what was asked."""

    def __init__(self) -> None:
        self.answer: Callable[[Form], object] = lambda form: {}
        self.heard: list[Form] = []
        self.heads: list[str] = []
        self.connections = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.tasks: set[asyncio.Task[None]] = set()
        self.writers: set[asyncio.StreamWriter] = set()
        self.arrived = asyncio.Event()
        self.released = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive until either side has enough."""
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        self.writers.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                fields = dict(line.split(": ", 1) for line in head.decode().lower().split("\r\n")[1:-2])
                body = await reader.readexactly(int(fields.get("content-length", "0")))
                self.heads.append(head.decode())
                self.heard.append(dict(parse_qsl(body.decode(), keep_blank_values=True)))
                await self._respond(self.heard[-1], writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _respond(self, form: Form, writer: asyncio.StreamWriter) -> None:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self.arrived.set()
        try:
            said = self.answer(form)
            manner: Manner = said if callable(said) else says(said)
            await manner(writer)
        finally:
            self.in_flight -= 1

    async def hang(self, writer: asyncio.StreamWriter) -> None:
        """Not a byte until the test is over."""
        await self.released.wait()

    async def drip(self, writer: asyncio.StreamWriter) -> None:
        """A byte every few milliseconds, so that no read ever times out."""
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not self.released.is_set():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.005)

    async def flood(self, writer: asyncio.StreamWriter) -> None:
        """A good answer, and blanks without end behind it."""
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n{"order":1}')
        while not writer.is_closing():
            writer.write(b" " * 65536)
            await writer.drain()


def says(said: object, status: int = 200, content_type: str = "text/html", extra: str = "") -> Manner:
    """A whole answer: bytes and text as they are, anything else as JSON."""
    body = said if isinstance(said, bytes) else (said if isinstance(said, str) else json.dumps(said)).encode()

    async def manner(writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    return manner


async def hangs_up(writer: asyncio.StreamWriter) -> None:
    """The connection is gone without a byte."""
    writer.transport.abort()


async def breaks_off(writer: asyncio.StreamWriter) -> None:
    """The connection is gone in the middle of the answer."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"order":')
    await writer.drain()
    writer.close()


async def babbles(writer: asyncio.StreamWriter) -> None:
    """Something that is no HTTP."""
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    await writer.drain()
    writer.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@asynccontextmanager
async def serving(panel: RawPanel) -> AsyncIterator[str]:
    """The panel on a port of its own; yields its address."""
    server = await asyncio.start_server(panel.serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v2"
    finally:
        panel.released.set()
        server.close()
        for writer in panel.writers:
            writer.transport.abort()
        await asyncio.gather(*panel.tasks)
