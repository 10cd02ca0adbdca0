"""The sandbox as a page to play with: world and bot up, the address printed, until it is stopped."""

import asyncio
import signal
import sys
import tempfile
from pathlib import Path

from bot.sandbox.shop import ShopProcess
from bot.sandbox.world import World, world

PORT = 8090


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
            return await _run(running, shop, stopped)


async def _run(running: World, shop: ShopProcess, stopped: asyncio.Event) -> int:
    """Keep the bot beside the world; where it ends by itself, say why and end too."""
    print("The sandbox is starting ...", flush=True)
    try:
        await shop.start()
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"\n  Open {running.url}  (Ctrl+C stops it)\n", flush=True)
    async with asyncio.TaskGroup() as tasks:
        ended = tasks.create_task(shop.wait())
        asked = tasks.create_task(stopped.wait())
        await asyncio.wait({ended, asked}, return_when=asyncio.FIRST_COMPLETED)
        died = ended.done()
        asked.cancel()
        await shop.stop()
    if died:
        print(f"The bot ended by itself:\n{shop.last_words()}", file=sys.stderr)
        return 1
    return 0
