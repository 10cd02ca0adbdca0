"""The panel API is described as it is: in OpenAPI, on a page for people, by programs that really run."""

import os
import re
import shutil
import subprocess
import sys
from asyncio import to_thread
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers.http import panel_page, panel_schema
from services.db import Database
from services.order_types import TYPES
from services.panel_intake import ABOUT
from tests.e2e.panel_site import Site, open_site
from tests.shop import LINK

RUNNERS = {
    "curl": ["bash", "-eu"],
    "php": ["php"],
    "python": [sys.executable],
    "javascript": ["node"],
}
WIDEST = 89
"""Characters that the page's column has room for."""
ENDINGS = {"curl": "sh", "php": "php", "python": "py", "javascript": "mjs"}


@pytest.fixture
def engine() -> str:
    """What is described does not depend on the database."""
    return "sqlite"


@pytest.fixture
async def site(db: Database) -> AsyncIterator[Site]:
    async with open_site(db) as opened:
        yield opened


def needed(command: str) -> None:
    """Skip where this machine has no such command; fail where the environment requires it, as REQUIRE_PHP=1 does."""
    if shutil.which(command) is None:
        told = f"no {command} on this machine"
        if os.environ.get(f"REQUIRE_{command.upper()}") == "1":
            pytest.fail(told, pytrace=False)
        pytest.skip(told)


@pytest.mark.parametrize("name", panel_page.EXAMPLES)
async def test_each_example_runs_as_it_stands_on_the_page(site: Site, name: str, tmp_path: Path) -> None:
    needed(RUNNERS[name][0])
    program = tmp_path / f"example.{ENDINGS[name]}"
    program.write_text(panel_page.example(name))
    environment = {
        "PATH": os.environ["PATH"],
        "SMM_API": site.url,
        "SMM_KEY": site.key,
        "SMM_SERVICE": str(site.ids["Default"]),
        "SMM_LINK": LINK,
    }
    for _ in range(2):  # the second time it has ordered already
        ran = await to_thread(
            subprocess.run,
            [*RUNNERS[name], str(program)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
    assert "Pending" in ran.stdout
    assert await site.shop.balance() == "24.00"


async def test_the_page_shows_every_action_type_and_example_and_loads_nothing(site: Site) -> None:
    answer = await site.http.get(site.url.removesuffix("/v2"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    page = answer.text
    assert "Mia&#x27;s &lt;Shop&gt;" in page
    assert not re.search(r"(?:src|href)=\"(?!api/openapi\.json|data:,)", page)
    assert "prefers-color-scheme: dark" in page
    assert all(f"<td>{kind.name}</td>" in page for kind in TYPES.values())
    assert all(f"<td>{action}</td>" in page for action in panel_schema.ANSWERS)
    assert page.count("<h3>") == len(panel_page.EXAMPLES) + len(panel_page.RECEIVERS)


@pytest.mark.parametrize("name", [*panel_page.EXAMPLES, *panel_page.RECEIVERS])
def test_no_line_of_an_example_is_cut_off_on_a_wide_screen(name: str) -> None:
    assert max(map(len, panel_page.example(name).splitlines())) <= WIDEST


async def test_the_description_knows_each_parameter_of_an_order() -> None:
    assert set(panel_schema.AddCall.model_fields) == {"key", "action", "request_id", *ABOUT}


async def test_the_openapi_description_is_served(site: Site) -> None:
    answer = await site.http.get(site.url.removesuffix("/v2") + "/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    told = answer.json()
    assert told["openapi"] == "3.1.0"
    assert set(told["paths"]) == {"/api/v2"}


HOOKS = """
import os
import schemathesis

@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict):
        body["key"] = os.environ["SMM_KEY"]
        if "service" in body:
            body["service"] = os.environ["SMM_SERVICE"]
    return body
"""
"""What is made up is sent with a good key, and about a service that there is."""


async def test_schemathesis_finds_nothing(site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever it makes up is answered as described, and no call runs into a defect."""
    pytest.importorskip("schemathesis", reason="make setup installs it")
    (tmp_path / "hooks.py").write_text(HOOKS)
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", site.url.removesuffix("/v2") + "/openapi.json"),
        *("--url", site.url.removesuffix("/api/v2"), "--max-examples", "150", "--seed", "7", "--phases", "fuzzing"),
        *("--checks", "not_a_server_error,status_code_conformance,content_type_conformance"),
        *("--checks", "response_schema_conformance,response_headers_conformance", "--no-color"),
    ]
    known = {"SMM_KEY": site.key, "SMM_SERVICE": str(site.ids["Default"]), "SCHEMATHESIS_HOOKS": "hooks"}
    environment = os.environ | known | {"PYTHONPATH": str(tmp_path)}
    ran = await to_thread(
        subprocess.run,
        command,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    assert "a call of the panel API failed" not in caplog.text
    assert await site.tally.write(site.shop.db, site.shop.time) > 1
