"""Fails a run of all tests in which a branch of the money code was not taken (a pytest plugin of `make test`).

    python -m pytest -p tests.branches

Every worker measures itself and hands over what it saw; nothing is written to disk. Where tests were left out for want
of PostgreSQL, what only it can reach is told, not held against anybody.
"""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage

MONEY = (
    *("money", "pricing", "settlement", "ledger", "wallet", "orders", "reorder", "closing", "placing", "fulfilment"),
    *("outbox", "provider", "panel_answers", "panel_http", "panel_values", "doubts", "extras", "order_types"),
    *("reconciliation", "switches"),
)
"""The modules of `services` in which every line and branch is taken by some test."""
WANTING = "no PostgreSQL at"
"""How the tests that need it say that it is missing."""


class Branches:
    """What was measured in this process and, where this is the one that is told of all, in its workers."""

    def __init__(self) -> None:
        # greenlet: SQLAlchemy's asynchronous side runs its synchronous one in them.
        files = [f"*/services/{name}.py" for name in MONEY]
        self._coverage = Coverage(
            data_file=None, config_file=False, branch=True, concurrency=["thread", "greenlet"], include=files
        )
        self._coverage.config.exclude_also = ["\\.\\.\\.$"]
        self._coverage.start()
        self._wanting = False
        self._said = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note whether PostgreSQL was there."""
        self._wanting |= report.skipped and WANTING in str(report.longrepr)

    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take over what a worker saw; one that crashed has said nothing."""
        if seen := getattr(node, "workeroutput", {}).get("branches"):
            self._coverage.get_data().update(_unpacked(seen))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """In a worker, hand over; in the process that leads, judge."""
        self._coverage.stop()
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["branches"] = self._coverage.get_data().dumps()
            return
        seen = {Path(file).stem for file in self._coverage.get_data().measured_files()}
        self._said = "".join(f"services/{name}.py was not even loaded.\n" for name in MONEY if name not in seen)
        out = StringIO()
        if seen and self._coverage.report(file=out, show_missing=True, skip_covered=True) < 100:
            self._said += out.getvalue()
        if self._said and exitstatus == pytest.ExitCode.OK and not self._wanting:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say which branches nobody took."""
        if not self._said:
            terminalreporter.write_line(f"Every branch of {len(MONEY)} modules that handle money was taken.")
            return
        terminalreporter.section("branches of the money code that no test takes")
        terminalreporter.write_line(self._said)
        if self._wanting:
            terminalreporter.write_line("Some of them only PostgreSQL takes, and it was not there.")


def _unpacked(seen: bytes) -> Any:
    data = Coverage(data_file=None).get_data()
    data.loads(seen)
    return data


def pytest_configure(config: pytest.Config) -> None:
    """The tests have not imported the shop yet."""
    config.pluginmanager.register(BRANCHES, "branches")


BRANCHES = Branches()
"""From the import of this file on: what a module does when it is loaded counts too."""
