"""The least HTTP can cost: a keep-alive server and client on raw asyncio protocols, the floor under every figure."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[[str, bytes], bytes]
"""(path with its query, body) -> JSON."""


class _Answering(asyncio.Protocol):
    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            length = end + 4 + _content_length(head)
            if len(self.buffer) < length:
                return
            body, self.buffer = self.buffer[end + 4 : length], self.buffer[length:]
            answer = self.answer(head.split(b" ", 2)[1].decode(), body)
            self.transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer)
                + answer
            )


async def listen(answer: Answer) -> tuple[asyncio.Server, int]:
    """A server on an ephemeral loopback port, and the port."""
    server = await asyncio.get_running_loop().create_server(lambda: _Answering(answer), "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def stand(answer: Answer) -> None:
    """Listen, say where on standard output, and go on until killed."""
    server, port = await listen(answer)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


@contextmanager
def running(module: str) -> Iterator[int]:
    """The port of a far end that stands in a process of its own as long as the block lasts."""
    with subprocess.Popen([sys.executable, "-m", module], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


class Client(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self.buffer = b""
        self.answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, port: int) -> "Client":
        _, client = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    async def post(self, path: str, body: bytes, *headers: str) -> bytes:
        """The body of the answer."""
        self.answered = asyncio.get_running_loop().create_future()
        head = (f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}", *headers, "", "")
        self.transport.write("\r\n".join(head).encode() + body)
        return await self.answered

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0 or len(self.buffer) < (length := end + 4 + _content_length(self.buffer[:end])):
            return
        answer, self.buffer = self.buffer[end + 4 : length], self.buffer[length:]
        self.answered.set_result(answer)

    def close(self) -> None:
        self.transport.close()


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0
