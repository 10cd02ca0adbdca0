"""Keeps README true to the code: its map of files and its tables of stories, links and commands are made from it."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.sandbox.panel import BEHAVIOURS, STORY_ROOT
from bot.sandbox.stories import STORIES
from handlers.commands import STAFF
from handlers.http import panel_page
from handlers.i18n import Catalogue
from tests import white_label

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PACKAGES = ("bot", "handlers", "services")
UNLISTED = frozenset({"versions", "shots"})
"""Folders whose files speak for themselves by name: migrations, pictures."""
SPOKEN_FOR = {
    "bot/sandbox/page": "The chat page of the sandbox: plain HTML, CSS and JavaScript modules, no build step.",
    "bot/sandbox/site/page": "The page of the reseller's site, of the same making.",
    "services/migrations/versions": "One file per change of the tables, oldest first.",
}
"""Folders listed in one line because no docstring can stand in their files."""


def product_files() -> list[Path]:
    """Every Python file of the product, in the order of the map: a package before its files, files before folders."""
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return sorted(files, key=lambda path: (_folder(path), path.name != "__init__.py", path.name))


def sentence(path: Path) -> str:
    """The first line of the file's docstring, or nothing."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    return (docstring or "").split("\n", 1)[0]


def the_map() -> str:
    """The map as README shows it: one table a folder, one row a file."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    folder = ""
    for path in product_files():
        here = _folder(path)
        if UNLISTED & set(Path(here).parts):
            continue
        if here != folder:
            folder = here
            yield from _heading(folder)
        if path.name != "__init__.py":
            yield f"| `{path.name}` | {_cell(sentence(path))} |"
    for spoken_for, said in SPOKEN_FOR.items():
        if (ROOT / spoken_for).is_dir():
            yield from ("", f"**`{spoken_for}/`** {said}")
    yield ""


def _heading(folder: str) -> Iterator[str]:
    package = ROOT / folder / "__init__.py"
    said = sentence(package) if package.exists() else ""
    yield from ("", f"**`{folder}/`** {said}".rstrip(), "")
    if any(path.name != "__init__.py" for path in (ROOT / folder).glob("*.py")):
        yield from ("| file | the one thing it does |", "|---|---|")


def _folder(path: Path) -> str:
    return path.parent.relative_to(ROOT).as_posix()


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def the_links() -> str:
    """Every behaviour of the simulated panels, by the last word of the link that asks for it."""
    rows = (f"| `{behaviour.word}` | {_cell(behaviour.what)} |" for behaviour in BEHAVIOURS)
    return "\n".join((f"| `{STORY_ROOT}` + | what the panel does |", "|---|---|", *rows))


def the_stories() -> str:
    """Every story that `--play` tells, in its own words."""
    rows = (f"| `{name}` | {_cell((story.__doc__ or '').strip())} |" for name, story in STORIES.items())
    return "\n".join(("| story | what happens |", "|---|---|", *rows))


def the_commands() -> str:
    """Every command of those who run the shop, the least role that has it, and what its menu says of it."""
    texts = Catalogue(ROOT / "locales", "en", "USD").texts()
    rows = (f"| `/{name}` | {least.word} | {_cell(texts.bare(f'staff-{name}'))} |" for name, least in STAFF.items())
    return "\n".join(("| command | from which role on | what it is for |", "|---|---|---|", *rows))


def refreshed(readme: str) -> str:
    """README with each made part anew between its two markers; ValueError where a marker is missing."""
    parts = {"map": the_map(), "stories": the_stories(), "links": the_links(), "commands": the_commands()}
    parts |= {"receiver": f"```python\n{panel_page.example('webhook_python').rstrip()}\n```"}
    parts |= {"sums": white_label.the_sums(), "event": white_label.the_event()}
    for name, part in parts.items():
        begin, end = f"<!-- {name}: written by `make format` -->", f"<!-- end of {name} -->"
        before, found, rest = readme.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"README.md has lost a marker of its {name}: {begin} ... {end}")
        readme = f"{before}{begin}\n{part}\n{end}{after}"
    return readme


def main() -> int:
    """0 when README is true (or was made so with `--write`), 1 when it is not."""
    readme = README.read_text(encoding="utf-8")
    wanted = refreshed(readme)
    if wanted == readme:
        return 0
    if "--write" in sys.argv[1:]:
        README.write_text(wanted, encoding="utf-8")
        return 0
    sys.stderr.write("README is not true to the code any more: `make format` writes its map and its tables anew.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
