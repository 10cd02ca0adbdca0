"""The table of mutants fits the code: each edit applies, each test exists."""

import ast
from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant
from tests.mutants.table import MUTANTS

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_every_mutant_fits_the_code_and_names_a_test(mutant: Mutant) -> None:
    """Who changes a line that a mutant breaks changes the mutant too (tests/mutants)."""
    for path, text in mutant.texts(ROOT).items():
        ast.parse(text, filename=str(path))
    file, _, name = mutant.test.partition("::")
    tests = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
    assert name in [node.name for node in tests if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_two_mutants_share_a_name() -> None:
    names = [mutant.name for mutant in MUTANTS]
    assert len(set(names)) == len(names) >= 30
