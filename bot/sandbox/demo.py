"""The sandbox as a page to play with: world and bot up, the address printed, until it is stopped."""

import asyncio
import contextlib
import signal
import sys
import tempfile
import time
from pathlib import Path

from bot.sandbox.shop import ShopProcess
from bot.sandbox.world import World, world

PORT = 8090
RESTARTS, PAUSE, SHORT = 3, 1.0, 3.0
"""So many bots in a row may live for fewer than SHORT seconds; PAUSE seconds lie between one and the next."""


def serve(port: int = PORT) -> int:
    """Run the sandbox in the foreground until Ctrl+C; the exit code."""
    try:
        return asyncio.run(_serve(port))
    except OSError as error:
        print(f"Port {port} cannot be used ({error.strerror}). Try another: make demo PORT={port + 1}", file=sys.stderr)
        return 1


async def _serve(port: int) -> int:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stopped.set)
    with tempfile.TemporaryDirectory(prefix="sandbox-") as folder:
        async with world(port=port) as running:
            shop = ShopProcess(running, Path(folder))
            await shop.seed()
            await shop.open_site()
            return await _run(running, shop, stopped)


async def _run(running: World, shop: ShopProcess, stopped: asyncio.Event) -> int:
    """Keep a bot beside the world until it is told to stop; one that ends by itself is followed by the next."""
    print("The sandbox is starting ...", flush=True)
    try:
        await shop.start()
        print(f"\n  Open {running.url}  (Ctrl+C stops it)\n", flush=True)
        short_lives, since = 0, time.monotonic()
        while await _ended(shop, stopped):
            short_lives = short_lives + 1 if time.monotonic() - since < SHORT else 1
            if short_lives > RESTARTS:
                print(f"The bot ends by itself again and again:\n{shop.last_words()}", file=sys.stderr)
                return 1
            print("The bot ended by itself: another one starts, and every conversation goes on.", flush=True)
            await asyncio.sleep(PAUSE)
            with contextlib.suppress(RuntimeError):  # one that dies on its way up had a short life, too
                await shop.start()
            since = time.monotonic()
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        await shop.stop()
    return 0


async def _ended(shop: ShopProcess, stopped: asyncio.Event) -> bool:
    """Wait for an end of the bot that nobody asked for; False where the sandbox is told to stop."""
    async with asyncio.TaskGroup() as tasks:
        ended = tasks.create_task(shop.wait())
        told = tasks.create_task(stopped.wait())
        await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        await shop.stop()
    return not stopped.is_set()
