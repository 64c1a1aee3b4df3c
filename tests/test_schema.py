"""Sets of codes that several rooms ask for: each is written once, in schema."""

import ast
from pathlib import Path

import pytest

from nikdedup import schema

SOURCE = Path(schema.__file__).parent


def literals(path: Path) -> set[frozenset[str]]:
    """Return every tuple, list or set of plain texts that a module writes out."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            texts = [
                one.value for one in node.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
            found |= {frozenset(texts)} if texts and len(texts) == len(node.elts) else set()
    return found


@pytest.mark.parametrize(
    "name", ["USABLE_NIK", "READABLE_NIK", "GONE", "KIN", "NIK_VERDICTS", "RELATIONS", "ACTIONS"]
)
def test_a_set_of_codes_is_written_once(name: str) -> None:
    codes = frozenset(getattr(schema, name))
    lab = SOURCE / "lab"  # has words of its own, so that the matcher is not examined by its rules
    others = [path for path in SOURCE.rglob("*.py") if path.name != "schema.py" and lab not in path.parents]
    assert [path.name for path in others if codes in literals(path)] == []
