"""The laws of the tree that no linter sees: sizes, names, docstrings, the README's map, what may be caught and kept."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import handlers
from bot import errors
from tests import readme

ROOT = Path(__file__).parent.parent
TOP_LEVEL = {
    *("bot", "handlers", "services", "locales", "tests", ".ci", "pyproject.toml", "requirements.lock"),
    *("requirements-dev.lock", "Makefile", "Dockerfile", "compose.yaml", ".dockerignore", ".gitignore"),
    *(".env.example", "README.md", "CONTRIBUTING.md", "LICENSE"),
}
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
VAGUE = frozenset({"utils", "util", "helpers", "helper", "misc", "common", "core", "manager", "base", "shared", "lib"})
EDGES = frozenset(
    {
        *("bot/inbox.py", "bot/runner.py", "bot/sender.py", "bot/web.py", "handlers/http/panel_api.py"),
        "services/site_posts.py",  # what somebody else's site answers must not end what is sent to all others beside it
    }
)
"""Where a defect ends: logged with its traceback, and the process goes on."""
TEXTS = frozenset({".py", ".ftl", ".js", ".css", ".html", ".md", ".toml", ".yaml", ".yml", ".example", ".svg", ""})
BANNED = re.compile(
    "|".join(("TO" + "DO", "FIX" + "ME", "/wo" + "rk/", "py" + r"pi\.org", "pythonhosted" + r"\.org", "npm" + r"js\.")),
)
SECRETS = re.compile(
    r"\b\d{8,10}:[A-Za-z0-9_-]{35}\b"  # a bot token
    r"|\b[0-9a-fA-F]{32,}\b"  # a panel's API key, a webhook secret
    r"|BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY"
    r"|\b(?:AKIA|ghp_|sk_live_)[A-Za-z0-9]{16,}"
)


def tracked() -> list[Path]:
    """What git holds or is about to hold: no caches, no environment, no data."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in sorted(set(listed.split("\0"))) if name and (path := ROOT / name).is_file()]


def said(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


FILES = tracked()
SOURCES = [path for path in FILES if path.suffix == ".py"]
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
WRITTEN = [path for path in FILES if path.suffix in TEXTS]


def nodes(*kinds: type[ast.AST]) -> Iterator[tuple[Path, ast.AST]]:
    """Every node of these kinds in every Python file."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, kinds):
                yield path, node


def test_nothing_new_stands_at_the_top_level() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in FILES} <= TOP_LEVEL


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    code = [path for path in FILES if path.suffix in {".py", ".js", ".css", ".html", ".ftl"}]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in code}
    assert not {str(path.relative_to(ROOT)): length for path, length in lengths.items() if length > LONGEST_FILE}


def test_no_function_is_longer_than_sixty_lines() -> None:
    long = []
    for path, node in nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION:
            long.append(f"{said(path, node.lineno)} {node.name}")
    assert not long


def test_every_file_is_named_for_what_it_does() -> None:
    assert not [path for path in FILES if {part.split(".")[0] for part in path.relative_to(ROOT).parts} & VAGUE]


@pytest.mark.parametrize("path", readme.product_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_product_file_says_the_one_thing_it_does(path: Path) -> None:
    """One sentence on the first docstring line; only an empty `__init__.py` may be silent."""
    first = readme.sentence(path)
    if path.name == "__init__.py" and not path.read_text(encoding="utf-8").strip():
        return
    assert first.endswith((".", ":")), "the first docstring line is one whole sentence"
    assert ". " not in first, "one sentence, not two"


def test_the_readme_says_what_the_code_says() -> None:
    """Its map is the docstrings, its table of links the simulated panels' own."""
    written = readme.README.read_text(encoding="utf-8")
    assert written == readme.refreshed(written)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_link_and_picture_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)\s]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    assert not [link for link in links if not (ROOT / link).is_file()]


def test_every_folder_of_the_map_speaks_for_itself() -> None:
    for folder in {path.parent for path in readme.product_files()}:
        if not readme.UNLISTED & set(folder.relative_to(ROOT).parts):
            assert readme.sentence(folder / "__init__.py"), folder


def test_defects_are_caught_at_the_edges_of_the_process_alone() -> None:
    blind = []
    for path, node in nodes(ast.ExceptHandler):
        assert isinstance(node, ast.ExceptHandler)
        names = {leaf.id for leaf in ast.walk(node.type) if isinstance(leaf, ast.Name)} if node.type else {"Exception"}
        if names & {"Exception", "BaseException"} and path.relative_to(ROOT).as_posix() not in EDGES:
            blind.append(said(path, node.lineno))
    assert not blind


def test_nothing_banned_is_written_anywhere() -> None:
    """No unfinished work, no machine's own paths, no registry's name."""
    assert not [f"{where} {word}" for where, word in found(BANNED)]


def test_nothing_in_the_tree_looks_like_a_secret() -> None:
    """Not even samples: a copied one ends in production, and a scanner cannot tell them apart."""
    assert not [where for where, _ in found(SECRETS)]


def found(pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for path in WRITTEN:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if match := pattern.search(line):
                yield said(path, number), match.group()


def test_no_update_waits_for_a_thread_to_be_routed() -> None:
    """aiogram runs a synchronous filter in a worker thread, for every update that passes by."""
    slow = []
    every = [errors.router(), *handlers.routers()]
    for router in every:
        every.extend(router.sub_routers)
        for name, observer in router.observers.items():
            for handler in (observer._handler, *observer.handlers):
                slow += [f"{router.name} {name}" for check in handler.filters or () if not check.awaitable]
    assert len(every) > 2
    assert not slow


def test_the_simulators_load_without_the_shop() -> None:
    """They know only the wire: importing them brings in no line of the product."""
    program = (
        "import sys, bot.sandbox.telegram, bot.sandbox.panel, bot.sandbox.site\n"
        "loaded = {name for name in sys.modules if name.partition('.')[0] in ('bot', 'handlers', 'services')}\n"
        "print(*sorted(name for name in loaded if not name.startswith(('bot.sandbox',)) and name != 'bot'))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []


def test_the_shop_loads_without_telegram_or_a_web_server() -> None:
    """Services stay usable from a command line that starts in the blink of an eye."""
    modules = [path.stem for path in (ROOT / "services").glob("*.py") if path.stem != "__init__"]
    program = (
        f"import sys, {', '.join(f'services.{name}' for name in modules)}\n"
        "print(*sorted({'aiogram', 'aiohttp', 'fluent', 'apscheduler'} & set(sys.modules)))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []


def locked(name: str) -> dict[str, str]:
    """Package -> version, as a lock file pins them."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in pins}


@pytest.mark.parametrize(("lock", "group"), [("requirements.lock", False), ("requirements-dev.lock", True)])
def test_the_locks_hold_what_pyproject_asks_for(lock: str, group: bool) -> None:
    """`make lock` was run after the last change of the dependencies; told without asking the network."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + (project["dependency-groups"]["dev"] if group else [])
    pins = locked(lock)
    asked = {canonicalize_name(Requirement(line).name): Requirement(line) for line in wanted}
    assert not [name for name, asks in asked.items() if name not in pins or pins[name] not in asks.specifier]
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", text)
    direct = {canonicalize_name(entry.split("==")[0]) for entry in entries if "partial (pyproject.toml" in entry}
    assert direct == set(asked)


def test_the_development_lock_holds_the_runtime_lock() -> None:
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()
