"""`python -m tests.soak`: kill the shop wherever it can be killed, and count what that cost. It ends by itself.

It goes on where the last run ended (`.soak/progress.json`), as long as the code is the same; PostgreSQL is looked for
at TEST_POSTGRES_URL. Nothing but the loopback is used.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import asyncpg
from sqlalchemy.engine import URL, make_url

from tests.soak.chores import Chore, all_chores
from tests.soak.progress import FOLDER, KILLS_GOAL, ORDERS_GOAL, Engine, Progress, resumed
from tests.soak.stories import STORIES

POSTGRES = make_url(os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"))
SHOWN = 20
DEATHS = {
    "killed": "random kills",
    "stopped": "stopped past a lease",
    "server restarted": "PostgreSQL restarts",
    "cut off": "connections cut",
    "disk full": "full disks",
    "clock jumps": "clock jumps",
    "audits in between": "audits in between",
}
"""What befalls the workers of a fray, as it is counted and as it is printed."""
MEMORY = Path("/dev/shm")  # noqa: S108 - where files are memory: SIGKILL takes nothing from it that was written


async def answers(server: URL) -> bool:
    """Whether there is a PostgreSQL; said where there is none."""
    try:
        connection = await asyncpg.connect(server.render_as_string(hide_password=False), timeout=5)
    except (OSError, asyncpg.PostgresError) as error:
        _say(f"PostgreSQL is left out: {error}. Set TEST_POSTGRES_URL.")
        return False
    await connection.close()
    return True


async def soak(engines: list[str], seconds: float, folder: Path) -> Progress:
    """Every chore by turns, until all goals are reached or the time is up."""
    progress, began = resumed(engines), time.monotonic()
    already = progress.seconds

    def left() -> float:
        return seconds - (time.monotonic() - began)

    async def track(chores: Sequence[Chore]) -> None:
        spent = dict.fromkeys(range(len(chores)), 0.0)
        try:
            while left() > 0 and (waiting := [n for n, chore in enumerate(chores) if chore.left(progress)]):
                number = min(waiting, key=lambda n: spent[n] / chores[n].weight)
                start = time.monotonic()
                await bout(chores[number])
                spent[number] += time.monotonic() - start
                progress.seconds = already + time.monotonic() - began
                progress.save()
        finally:
            for chore in chores:
                await chore.close()

    async def bout(chore: Chore) -> None:
        known = len(progress.broken)
        try:
            _say(f"{time.monotonic() - began:6.0f} s  {chore.engine:8}  {await chore.bout(progress)}")
        except* (RuntimeError, TimeoutError, OSError) as failures:
            progress.broken += [f"{chore.engine}: {failure!r}" for failure in failures.exceptions]
            await chore.close()
        for broken in progress.broken[known:]:
            _say(f"         BROKEN  {broken}")

    async with asyncio.TaskGroup() as group:
        for chores in all_chores(engines, folder, POSTGRES, left):
            group.create_task(track(chores))
    return progress


def table(progress: Progress) -> str:
    """What was done and what came of it, an engine a column; then what is still to be done."""
    counts: list[tuple[str, Callable[[Engine], str]]] = [
        ("kill points tried", _points),
        *((name, partial(_deaths, kind)) for kind, name in DEATHS.items()),
        ("simulated orders", lambda engine: f"{engine.orders:,}"),
        ("given back though accepted", lambda engine: f"{engine.borne:,}"),
    ]
    rows = [("", *progress.engines)]
    rows += [(name, *(count(engine) for engine in progress.engines.values())) for name, count in counts]
    width = max(len(row[0]) for row in rows)
    lines = [f"{row[0]:<{width}}" + "".join(f"{cell:>18}" for cell in row[1:]) for row in rows]
    unreached = [f"  {goal}" for goal in missing(progress)]
    lines += [
        "",
        f"double orders                {progress.double_orders}",
        f"micro-units lost or doubled  {progress.micros_astray}",
        f"invariants broken            {len(progress.broken)}",
        "",
        *(["NOT YET REACHED, the next run goes on from here:", *unreached] if unreached else ["every goal is reached"]),
        f"code {progress.code}, {progress.seconds / 60:.0f} minutes in all",
    ]
    return "\n".join(lines)


def missing(progress: Progress) -> list[str]:
    """The goals that are not reached yet."""
    lacking = [
        f"every kill point on {name}: {_points(engine)} tried"
        for name, engine in progress.engines.items()
        if not all(engine.story(story).over for story in STORIES)
    ]
    if progress.killed < KILLS_GOAL:
        lacking.append(f"{KILLS_GOAL:,} random kills: {progress.killed:,}")
    return lacking + [
        f"{ORDERS_GOAL:,} simulated orders on {name}: {engine.orders:,}"
        for name, engine in progress.engines.items()
        if engine.orders < ORDERS_GOAL
    ]


def _points(engine: Engine) -> str:
    stories = [engine.story(name) for name in STORIES]
    known = sum(story.points for story in stories) if all(story.points for story in stories) else None
    return f"{sum(story.tried for story in stories):,} of " + ("?" if known is None else f"{known:,}")


def _deaths(kind: str, engine: Engine) -> str:
    return f"{engine.deaths.get(kind, 0):,}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """0 where nothing was lost, doubled or broken; goals that are not reached yet do not count."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=900.0, help="when to end (900)")
    parser.add_argument("--engine", choices=("sqlite", "postgres"), help="only this one")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs counted")
    options = parser.parse_args()
    if options.fresh:
        shutil.rmtree(FOLDER, ignore_errors=True)
    engines = [options.engine] if options.engine else ["sqlite", "postgres"]
    if "postgres" in engines and not asyncio.run(answers(POSTGRES)):
        engines.remove("postgres")
    with tempfile.TemporaryDirectory(prefix="soak-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        try:
            progress = asyncio.run(soak(engines, options.seconds, Path(folder)))
        except KeyboardInterrupt:
            progress = resumed(engines)
    _say(f"\n{table(progress)}")
    for broken in progress.broken[:SHOWN]:
        _say(f"BROKEN  {broken}")
    return int(not progress.clean)


if __name__ == "__main__":
    sys.exit(main())
