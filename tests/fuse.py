"""Cancels a task at a chosen one of its statements, commits and calls: the points where a process may die."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from sqlalchemy import event

from services.db import Database

EVENTS = ("begin", "before_cursor_execute", "after_cursor_execute", "commit", "rollback")


class Fuse:
    """Burns down with each tick. What a cancelled task had just begun may happen all the same."""

    def __init__(self) -> None:
        self._left = 0
        self.blown = False

    def lay(self, db: Database) -> None:
        """Tick at each event of a database's writers."""
        for name in EVENTS:
            event.listen(db.writer.sync_engine, name, self.tick)

    def light(self, length: int) -> None:
        """Blow at the `length`-th tick; 0 never."""
        self._left, self.blown = length, False

    def unlit(self) -> None:
        """Blow no more; `blown` goes on saying whether it did."""
        self._left = 0

    def tick(self, *_event: object) -> None:
        """One of the points."""
        self._left -= 1
        if self._left == 0:
            task = asyncio.current_task()
            assert task is not None
            self.blown = True
            task.cancel()


async def cut_short(work: Coroutine[Any, Any, object], fuse: Fuse, at: int) -> bool:
    """Do the work and cancel it at its `at`-th tick; False where it was over before."""
    fuse.light(at)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(work)
    except BaseExceptionGroup as failed:
        died_of_it(failed)
    fuse.unlit()
    return fuse.blown


def died_of_it(failed: BaseExceptionGroup) -> None:
    """A task that gathers others wraps the cancellation of one of them: raise whatever else went wrong."""
    _, other = failed.split(asyncio.CancelledError)
    if other is not None:
        raise other
