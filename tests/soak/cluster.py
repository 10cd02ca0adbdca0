"""A PostgreSQL server of our own, which may be shot and started again while others use theirs."""

import asyncio
import os
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.engine import URL

from tests.soak.databases import PostgresPlace

FOLDERS = ("/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt/postgresql")
HOST = "127.0.0.1"
OWNER = "postgres"


def binaries() -> Path | None:
    """Where pg_ctl and initdb are, the newest version first; None where there is no server."""
    found = [path.parent for folder in FOLDERS for path in sorted(Path(folder).glob("**/bin/pg_ctl"), reverse=True)]
    if on_path := shutil.which("pg_ctl"):
        found.append(Path(on_path).parent)
    return found[0] if found else None


class Cluster:
    """A server in `folder`; its own files, its own port, no password, the loopback alone."""

    def __init__(self, folder: Path, tools: Path) -> None:
        folder.chmod(0o711)
        self._data, self._tools = folder / "data", tools
        with socket.socket() as free:
            free.bind((HOST, 0))
            self._port: int = free.getsockname()[1]
        self.url = URL.create("postgresql", OWNER, host=HOST, port=self._port, database="postgres")

    async def begin(self) -> None:
        """Make the files and start."""
        self._data.mkdir()
        if os.geteuid() == 0:  # a server refuses to be root
            shutil.chown(self._data, OWNER, OWNER)
        await self._run("initdb", "--auth=trust", f"--username={OWNER}", "--no-sync", "--locale=C", "--encoding=UTF8")
        settings = self._data / "postgresql.conf"
        with settings.open("a", encoding="utf-8") as file:
            file.write(f"port = {self._port}\nlisten_addresses = '{HOST}'\nunix_socket_directories = ''\n")
        await self.start()

    async def start(self) -> None:
        """Start, and wait until it answers."""
        await self._run("pg_ctl", "start", "--wait", "--silent", "--log", str(self._data / "log"))

    async def stop(self, mode: str) -> None:
        """Stop: "fast" ends every connection, "immediate" is a crash that the next start must recover from."""
        await self._run("pg_ctl", "stop", "--wait", "--silent", "--mode", mode)

    async def _run(self, tool: str, *arguments: str) -> None:
        process = await asyncio.create_subprocess_exec(
            *(str(self._tools / tool), "--pgdata", str(self._data), *arguments),
            user=OWNER if os.geteuid() == 0 else None,
            cwd=self._data,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # not a pipe: the server would keep it open
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        )
        async with asyncio.timeout(60):
            if status := await process.wait():
                raise RuntimeError(f"{tool} ended with {status}, see {self._data}")


class ClusterPlace(PostgresPlace):
    """A database whose whole server goes down."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster.url)
        self._cluster = cluster

    async def strike(self, dice: random.Random) -> str:
        """The server is stopped or shot, and started again."""
        await self._cluster.stop(dice.choice(("fast", "immediate")))
        await asyncio.sleep(dice.uniform(0, 0.3))
        await self._cluster.start()
        return "server restarted"


@asynccontextmanager
async def cluster_place(tools: Path) -> AsyncIterator[ClusterPlace]:
    """A server of our own in a folder of its own, with a stocked shop on it."""
    with tempfile.TemporaryDirectory(prefix="cluster-", ignore_cleanup_errors=True) as folder:
        cluster = Cluster(Path(folder), tools)
        await cluster.begin()
        try:
            place = ClusterPlace(cluster)
            await place.prepare()
            yield place
        finally:
            await cluster.stop("immediate")
