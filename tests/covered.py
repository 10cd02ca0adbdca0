"""`python -m tests.covered`: 0 where the tests just run took every line and branch of the shop (`services`).

Judged only where PostgreSQL was there: without it, what is written for PostgreSQL alone was not run.
"""

import asyncio
import sys

from coverage import Coverage

from tests.soak.__main__ import POSTGRES, answers


def main() -> int:
    """Join what the test workers measured, and name what none of them reached."""
    measured = Coverage()
    measured.combine()
    if not asyncio.run(answers(POSTGRES)):
        return 0
    return int(measured.report() < 100)


if __name__ == "__main__":
    sys.exit(main())
