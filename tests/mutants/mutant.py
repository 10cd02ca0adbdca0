"""A named break of the design: what is written instead of what, and the test that must fail then."""

from dataclasses import dataclass
from pathlib import Path


class Misfit(Exception):
    """The text to be replaced does not stand exactly once where it should: the table needs mending."""


@dataclass(frozen=True, slots=True)
class Edit:
    """`new` in place of `old`, which stands once in `file`."""

    file: str
    old: str
    new: str

    def applied(self, text: str) -> str:
        """The text of the file with the break in it."""
        if (found := text.count(self.old)) != 1:
            raise Misfit(f"{self.file}: found {found} times: {self.old!r}")
        return text.replace(self.old, self.new)


class Mutant:
    """A name that says what is broken, the test that notices, and the edits. `engine` is where it shows."""

    def __init__(self, name: str, test: str, *edits: Edit, engine: str = "sqlite") -> None:
        self.name = name
        self.test = test
        self.edits = edits
        self.engine = engine

    def __repr__(self) -> str:
        return f"Mutant({self.name!r})"

    def texts(self, root: Path) -> dict[Path, str]:
        """The files of the tree under `root` that are written anew, and what is in them then; raises Misfit."""
        texts: dict[Path, str] = {}
        for edit in self.edits:
            path = root / edit.file
            text = texts.get(path) or path.read_text(encoding="utf-8")
            texts[path] = edit.applied(text)
        return texts
