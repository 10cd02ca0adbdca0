"""The lock that keeps a second process away from an SQLite file; it dies with the process, however that ends."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self


class Taken(Exception):
    """Somebody else holds the lock."""


class FileLock:
    """An exclusive lock on `path`, held from construction until the block ends. Raises Taken, OSError."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise Taken(str(path)) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)
