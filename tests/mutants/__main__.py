"""Breaks the design in a copy of the tree, once for each mutant, and prints which test noticed.

Ends with 1 where a mutant survived, where its edit fits the code no more, or where its test fails without it.
Words on the command line choose the mutants whose names hold one of them.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

from tests.mutants.mutant import Misfit, Mutant
from tests.mutants.table import MUTANTS

ROOT = Path(__file__).parent.parent.parent
COPIED = ("bot", "handlers", "services", "tests", "locales", "pyproject.toml")
LONGEST = 180.0
"""Seconds until a test that hangs counts as one that failed."""
MOMENTS = count(int(time.time()))
OTHER = {"sqlite": "postgres", "postgres": "sqlite"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant; `fine` where its test noticed it."""

    mutant: Mutant
    word: str
    fine: bool
    seconds: float


def main() -> int:
    """Run the table, or what was chosen of it."""
    words = sys.argv[1:]
    chosen = [mutant for mutant in MUTANTS if not words or any(word in mutant.name for word in words)]
    hands = os.cpu_count() or 1
    began = time.monotonic()
    with TemporaryDirectory() as folder:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(hands):
            trees.put(copied(Path(folder) / str(number)))
        whole = trees.get()
        if failed := healthy(whole, chosen):
            print(f"A test fails before anything is broken:\n{failed}")
            return 1
        trees.put(whole)
        verdicts = []
        with ThreadPoolExecutor(hands) as pool:
            for verdict in pool.map(lambda mutant: tried(mutant, trees), chosen):
                print(line(verdict), flush=True)
                verdicts.append(verdict)
    killed, seconds = sum(verdict.fine for verdict in verdicts), time.monotonic() - began
    print(f"\n{killed} of {len(verdicts)} mutants noticed, in {seconds:.0f} s.")
    return 0 if killed == len(verdicts) else 1


def line(verdict: Verdict) -> str:
    """A verdict as a row of the table."""
    test = verdict.mutant.test.rpartition("/")[2]
    return f"{verdict.word:<10} {verdict.seconds:5.1f} s  {verdict.mutant.name:<62} {test}"


def copied(tree: Path) -> Path:
    """A copy of all that tests need."""
    tree.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tree / name)
    return tree


def healthy(tree: Path, mutants: list[Mutant]) -> str:
    """What the tests say of the unbroken tree where one of them fails; nothing where all is well."""
    for engine in sorted({mutant.engine for mutant in mutants}):
        tests = sorted({mutant.test for mutant in mutants if mutant.engine == engine})
        ran = tested(tree, tests, engine)
        if ran.returncode != 0:
            return ran.stdout[-4000:]
    return ""


def tried(mutant: Mutant, trees: "SimpleQueue[Path]") -> Verdict:
    """Break a tree nobody else is using, run the mutant's test, mend the tree."""
    tree, began = trees.get(), time.monotonic()
    try:
        with broken(tree, mutant):
            word, fine = judged(tested(tree, [mutant.test], mutant.engine))
    except Misfit as misfit:
        print(misfit)
        word, fine = "MISFIT", False
    except subprocess.TimeoutExpired:
        word, fine = "hung", True
    finally:
        trees.put(tree)
    return Verdict(mutant, word, fine, time.monotonic() - began)


def judged(ran: "subprocess.CompletedProcess[str]") -> tuple[str, bool]:
    """A test that failed has noticed; one that could not even begin has not, nor has one that was left out."""
    if re.search(r"\b\d+ failed\b", ran.stdout):
        return "killed", True
    if ran.returncode == 0 and re.search(r"\b\d+ passed\b", ran.stdout):
        return "SURVIVED", False
    return "BROKEN", False


@contextmanager
def broken(tree: Path, mutant: Mutant) -> Iterator[None]:
    """The tree with the mutant in it; whole again afterwards."""
    texts = mutant.texts(tree)
    whole = {path: path.read_text(encoding="utf-8") for path in texts}
    try:
        write(texts)
        yield
    finally:
        write(whole)


def write(texts: dict[Path, str]) -> None:
    """Write files, each time as of another second: Python tells stale bytecode by time and length alone."""
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
        moment = next(MOMENTS)
        os.utime(path, (moment, moment))


def tested(tree: Path, tests: list[str], engine: str) -> "subprocess.CompletedProcess[str]":
    """Run tests in a tree on one engine."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", f"not {OTHER[engine]}"]
    return subprocess.run(
        [*command, *tests],
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=LONGEST * max(1, len(tests) // 4),
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
