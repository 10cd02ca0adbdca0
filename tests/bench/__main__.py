"""`python -m tests.bench`: every figure next to its floor, measured in the same run on this machine.

`--quick` takes a tenth of the work: for a look, not for a number. PostgreSQL is looked for at TEST_POSTGRES_URL.
"""

import argparse
import asyncio
import os
import platform
import sys
import tempfile
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from tests.bench import flooding, poll, refunds, replies, reselling
from tests.bench.figures import Figure, table

POSTGRES = make_url(os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"))
OPEN_ORDERS = 100_000
REFUNDS = 10_000
UPDATES = 2_000
CALLS = 400


async def measure(folder: Path, share: int) -> list[Figure]:
    """Every figure, with 1/`share` of the work."""
    figures = await poll.measure(folder, OPEN_ORDERS // share)
    figures.append(await refunds.on_sqlite(folder, REFUNDS // share))
    figures += await _on_postgres(REFUNDS // share)
    figures += await replies.measure(folder, UPDATES // share)
    figures += await reselling.measure(folder, CALLS // share)
    figures += await flooding.measure(folder, UPDATES // share // 4)
    return figures


async def _on_postgres(orders: int) -> list[Figure]:
    """In a database of its own, which is dropped afterwards; nothing where no server answers."""
    server = POSTGRES.render_as_string(hide_password=False)
    name = f"shop_bench_{os.getpid()}"
    try:
        connection = await asyncpg.connect(server, timeout=5)
    except (OSError, asyncpg.PostgresError) as error:
        sys.stderr.write(f"PostgreSQL left out: {error}. Set TEST_POSTGRES_URL.\n")
        return []
    await connection.execute(f'CREATE DATABASE "{name}"')
    try:
        return [await refunds.on_postgres(POSTGRES.set(database=name).render_as_string(hide_password=False), orders)]
    finally:
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Figures next to their floors.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    share = 10 if parser.parse_args().quick else 1
    sys.stdout.write(f"Python {platform.python_version()}, {os.cpu_count()} cores; about a minute ...\n")
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(table(asyncio.run(measure(Path(folder), share))) + "\n")


if __name__ == "__main__":
    main()
