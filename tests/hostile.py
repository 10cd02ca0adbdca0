"""Spellings of addresses that are nobody's business, and a socket that counts who connects all the same."""

import asyncio
from contextlib import suppress

HOSTILE = (
    *(
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7F.1",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
    ),
    *("127.0.0.01", "127.000.000.001", "127.255.255.254", "127.0.0.1.", "0", "0.0.0.0", "0x0", "00000", "localhost"),  # noqa: S104
    *("LOCALHOST", "localhost.", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]"),
    *("[2001:0:7f00:1::]", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]", "[fd00::1]", "[ff02::1]", "[ff0e::1]"),
    *("[2001:db8::1]", "[3fff::1]", "[100::1]", "10.0.0.1", "10.1", "172.16.0.1", "172.31.255.255", "192.168.0.1"),
    *("192.168.1", "169.254.169.254", "2852039166", "0xa9fea9fe", "169.254.43518", "0251.0376.0251.0376"),
    *("100.64.0.1", "192.0.0.9", "192.88.99.1", "198.18.0.1", "203.0.113.1", "224.0.0.1", "239.255.255.250"),
    *("240.0.0.1", "255.255.255.255", "127。0。0。1", "１２７.０.０.１", "①②⑦.⓪.⓪.①"),
)


class Listener:
    """A socket that counts who connects, and what they say first."""

    def __init__(self) -> None:
        self.connections = 0
        self.heard = b""

    async def greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                self.heard += await reader.read(4096)
        writer.close()
