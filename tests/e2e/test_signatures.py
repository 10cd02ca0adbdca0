"""The messages to resellers' sites, verified by the specification's own library for Node, in a process of its own.

Needs node and npm, which fetches the package once into a folder of this machine's. Where they are not to be had it is
skipped, or fails with REQUIRE_NODE=1.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services import signing

PACKAGE = "standardwebhooks@1.1.1"
KEPT = Path(tempfile.gettempdir()) / f"partial-tests-{os.getuid()}-{PACKAGE}"
VERIFY = """
const { Webhook } = require("standardwebhooks");
const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
const verdicts = cases.map(({ secret, headers, body }) => {
  try { return JSON.stringify(new Webhook(secret).verify(body, headers)); } catch (error) { return error.message; }
});
console.log(JSON.stringify(verdicts));
"""
BODY = '{"type":"order.partial","data":{"refund":"4","link":"https://example.com/?a=1&b=ü✓\\u2028"}}'


@pytest.fixture(scope="module")
def library() -> Path:
    """The folder that node finds the package in."""
    told = ""
    if not shutil.which("node") or not shutil.which("npm"):
        told = "no node and npm on this machine: install Debian's nodejs and npm to run it"
    elif not (KEPT / "node_modules" / "standardwebhooks" / "package.json").is_file():
        with tempfile.TemporaryDirectory(dir=KEPT.parent) as folder:
            plain = ["--no-save", "--ignore-scripts", "--loglevel=error", "--fetch-retries=0"]
            command = ["npm", "install", "--prefix", folder, *plain, PACKAGE]
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
            if done.returncode:
                told = f"npm cannot have {PACKAGE}: {done.stderr.strip()[:200]}"
            elif not KEPT.exists():
                shutil.copytree(folder, KEPT)
    if told and os.environ.get("REQUIRE_NODE") == "1":
        pytest.fail(told, pytrace=False)
    if told:
        pytest.skip(told)
    return KEPT


def verdicts(library: Path, *cases: Mapping[str, object]) -> list[str]:
    """What the library says to each case: the document, or why not."""
    done = subprocess.run(
        ["node", "-e", VERIFY], cwd=library, input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    said: list[str] = json.loads(done.stdout)
    return said


def test_nodes_library_takes_what_we_sign_and_nothing_else(library: Path) -> None:
    """With the old secret and the new one during an exchange; not with another secret, id, moment or character."""
    old, new, now = signing.new_secret(), signing.new_secret(), datetime.now(UTC)
    headers = signing.headers("msg_1", BODY, (new, old), now)
    stale = signing.headers("msg_1", BODY, (new,), datetime.fromtimestamp(now.timestamp() - 600, UTC))
    good = {"secret": new, "headers": headers, "body": BODY}
    said = verdicts(
        library,
        good,
        good | {"secret": old},
        good | {"secret": signing.new_secret()},
        good | {"body": BODY + " "},
        good | {"headers": headers | {"webhook-id": "msg_2"}},
        good | {"headers": headers | {"webhook-timestamp": str(int(now.timestamp()) + 1)}},
        good | {"headers": stale},
    )
    assert [json.loads(each) for each in said[:2]] == [json.loads(BODY)] * 2
    assert set(said[2:6]) == {"No matching signature found"}
    assert said[6] == "Message timestamp too old"
