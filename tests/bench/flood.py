"""The one who floods the panel API, in a process of its own: `python -m tests.bench.flood PORT KEY`.

LANES connections ask with a good key, as many with none or a wrong one, each again as soon as it has its answer.
Goes on until its standard input ends, and says then what came of it, as JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from itertools import count
from urllib.parse import urlencode

from tests.bench.wire import Client

LANES = 32
GOOD, WRONG = "good", "wrong"


async def flood(port: int, key: str) -> dict[str, float]:
    """Ask until standard input ends; what was asked with the key and without, what of it was answered, how long."""
    loop = asyncio.get_running_loop()
    tally = dict.fromkeys((f"{kind}_{what}" for kind in (GOOD, WRONG) for what in ("asked", "answered")), 0)
    over = asyncio.Event()
    loop.add_reader(sys.stdin, over.set)
    lanes = [(GOOD, iter(lambda: key, None)), (WRONG, (f"psk_{number}" if number % 2 else "" for number in count()))]
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for kind, keys in lanes:
            for _ in range(LANES):
                group.create_task(_lane(port, kind, keys, tally, over))
    return {**tally, "seconds": time.perf_counter() - started}


async def _lane(port: int, kind: str, keys: Iterator[str], tally: dict[str, int], over: asyncio.Event) -> None:
    line = await Client.open(port)
    while not over.is_set():
        body = urlencode({"key": next(keys), "action": "balance"}).encode()
        told = json.loads(await line.post("/api/v2", body, "Content-Type: application/x-www-form-urlencoded"))
        tally[f"{kind}_asked"] += 1
        tally[f"{kind}_answered"] += "error" not in told
    line.close()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(flood(int(sys.argv[1]), sys.argv[2]))))
