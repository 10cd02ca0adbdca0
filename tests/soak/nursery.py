"""Workers that are born warm: forked from a process that has done everything once, to be killed without regret."""

import asyncio
import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection, wait
from typing import Any

from tests.soak.worker import Life, Task, quietly

Work = Callable[[Life, Task], Coroutine[Any, Any, None]]
FORKS = multiprocessing.get_context("forkserver")
"""Processes of this context begin with the worker's imports done."""
FORKS.set_forkserver_preload(["tests.soak.worker"])
WARM, GONE = 0, -1
"""A nursery's answers that are no child's number."""
_DIE_WITH_PARENT = 1
"""prctl's PR_SET_PDEATHSIG."""


class Child:
    """One worker, from its birth to its end."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = asyncio.get_running_loop().create_future()

    def send(self, what: signal.Signals) -> None:
        """Signal it, where it lives."""
        if not self._over.done():
            with contextlib.suppress(ProcessLookupError):  # buried, and the word of it is still in the pipe
                os.kill(self._pid, what)

    async def ended(self, within: float = 60.0) -> int:
        """How it ended: 0, its exit code, or minus the signal. TimeoutError, and its death, where it does not."""
        try:
            async with asyncio.timeout(within):
                return int(await asyncio.shield(self._over))
        except TimeoutError:
            self.send(signal.SIGKILL)
            raise

    def end(self, status: int) -> None:
        """The nursery has buried it."""
        self._over.set_result(status)


class Nursery:
    """Bears workers for one database, and says how each ended."""

    def __init__(self, database: str) -> None:
        self._pipe, theirs = FORKS.Pipe()
        self._process = FORKS.Process(target=_nurse, args=(theirs, database), daemon=True)
        self._theirs = theirs
        self._children: dict[int, Child] = {}
        self._answers: asyncio.Queue[int] = asyncio.Queue()

    async def start(self) -> None:
        """Begin; what the nursery has imported and compiled is there for every worker."""
        await asyncio.to_thread(self._process.start)
        self._theirs.close()
        asyncio.get_running_loop().add_reader(self._pipe.fileno(), self._hear)

    async def warm(self, work: Work, task: Task) -> None:
        """Let the nursery itself do this once, and remember how."""
        self._pipe.send((work, task, False))
        await self._answered()

    async def bear(self, work: Work, task: Task) -> Child:
        """A new worker that does this."""
        self._pipe.send((work, task, True))
        return self._children[await self._answered()]

    async def _answered(self) -> int:
        answer = await self._answers.get()
        if answer == GONE:
            raise RuntimeError("the nursery ended in a defect: what it said is above")
        return answer

    def _hear(self) -> None:
        """A word of the nursery: a birth, a death, or its own end."""
        try:
            pid, status = self._pipe.recv()
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())
            self._answers.put_nowait(GONE)
            return
        if status is not None:
            self._children.pop(pid).end(status)
            return
        if pid is not None:
            self._children[pid] = Child(pid)
        self._answers.put_nowait(pid or WARM)

    async def close(self) -> None:
        """End every worker and the nursery."""
        for child in self._children.values():
            child.send(signal.SIGKILL)
        asyncio.get_running_loop().remove_reader(self._pipe.fileno())
        self._pipe.close()
        await asyncio.to_thread(self._process.join, 5)
        self._process.kill()


@asynccontextmanager
async def nursery(database: str) -> AsyncIterator[Nursery]:
    """A nursery for as long as the block lasts."""
    made = Nursery(database)
    await made.start()
    try:
        yield made
    finally:
        await made.close()


def _nurse(pipe: Connection, database: str) -> None:
    die_with_parent()
    life, deaths = Life(database), _deaths()
    while True:
        ready = wait([pipe, deaths])
        if deaths in ready:
            os.read(deaths, 4096)
            for pid, status in _buried():
                pipe.send((pid, status))
        if pipe not in ready:
            continue
        try:
            work, task, forked = pipe.recv()
        except EOFError:
            return
        if not forked:
            quietly(work(life, task))
            gc.collect()
            gc.freeze()  # what is there by now is never looked through again, and its pages stay shared with children
            pipe.send((None, None))
            continue
        child = os.fork()
        if child == 0:
            signal.set_wakeup_fd(-1)
            gc.disable()  # a child is dead before that would pay
            die_with_parent()
            quietly(work(life, task))
            return  # a defect is told on stderr and makes the exit code 1, as for any process of multiprocessing
        pipe.send((child, None))


def _deaths() -> int:
    """What becomes readable when a child dies."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writing)
    return reading


def _buried() -> list[tuple[int, int]]:
    """The children that have died, and how."""
    dead: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return dead
        if pid == 0:
            return dead
        dead.append((pid, os.waitstatus_to_exitcode(status)))


def die_with_parent() -> None:
    """Where the system can: nobody is left behind when the harness itself is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
