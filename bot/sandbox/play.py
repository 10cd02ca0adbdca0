"""Plays stories without a browser and prints them as transcripts: `python -m bot sandbox --play NAME`."""

import asyncio
import sys
import time
from collections.abc import Sequence

from bot.sandbox.person import NotSeen
from bot.sandbox.stage import Broken, stage
from bot.sandbox.stories import STORIES


def play(name: str) -> int:
    """Play one story, `all`, or `list` them; the exit code: 0 only where every step held."""
    if name == "list":
        for title, story in STORIES.items():
            print(f"{title:<22}{(story.__doc__ or '').strip()}")
        return 0
    if name != "all" and name not in STORIES:
        print(f"There is no story {name!r}. `--play list` names them.", file=sys.stderr)
        return 2
    names = list(STORIES) if name == "all" else [name]
    failed = [title for title in names if not asyncio.run(_play(title))]
    if len(names) > 1:
        print(_summary(names, failed))
    return 1 if failed else 0


async def _play(title: str) -> bool:
    """Play one story to its end or to the first thing that does not hold."""
    began = time.monotonic()
    print(f"━━ {title}: {(STORIES[title].__doc__ or '').strip()}\n")
    async with stage(print) as here:
        try:
            await STORIES[title](here)
        except (Broken, NotSeen, RuntimeError) as broken:
            here.transcript.catch_up()
            print(f"\n✗ {title}: {broken}\n\nThe bot's log ends:\n{here.shop.last_words()}")
            return False
        print(f"\n✓ {title}: every step held, in {time.monotonic() - began:.1f} s\n")
        return True


def _summary(names: Sequence[str], failed: Sequence[str]) -> str:
    return f"{len(names) - len(failed)} of {len(names)} stories held" + (
        f"; not: {', '.join(failed)}" if failed else ""
    )
