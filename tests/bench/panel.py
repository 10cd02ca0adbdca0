"""The far end of the poll cycle, in a process of its own: a panel that knows every order and answers at once.

`/moved` reports one order in a hundred further on, `/stopped` as Partial; both leave the others as they were.
"""

import asyncio
from urllib.parse import parse_qs

from tests.bench.wire import stand

QUANTITY = 10_000
REMAINS_BEFORE = 5_000
REMAINS_AFTER = 4_000
ONE_IN = 100

_ROW = b'"%%s":{"charge":"8.00","start_count":"100","status":"%s","remains":"%d","currency":"USD"}'
_STILL = _ROW % (b"In progress", REMAINS_BEFORE)
_NEWS = {"/moved": _ROW % (b"In progress", REMAINS_AFTER), "/stopped": _ROW % (b"Partial", REMAINS_AFTER)}


def answer(path: str, body: bytes) -> bytes:
    """The map of status rows for `orders`."""
    ids = parse_qs(body)[b"orders"][0].split(b",")
    news = _NEWS[path]
    return b"{" + b",".join((_STILL if int(order) % ONE_IN else news) % order for order in ids) + b"}"


if __name__ == "__main__":
    asyncio.run(stand(answer))
