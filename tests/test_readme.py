"""The examples of the README and of docs/ run, and print what is written there."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


readme = load(ROOT / "scripts" / "readme.py")


@pytest.mark.parametrize("path", readme.pages(), ids=lambda path: path.name)
def test_examples_print_what_is_written(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    new = readme.refreshed(text, tmp_path)
    assert new == text, f"{path.name} is behind the code: make docs"


def test_pages_with_examples_are_found() -> None:
    assert {"README.md", "panduan.md", "start.md"} <= {path.name for path in readme.pages()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "```python\nprint(1 + 1)\n```\n\n```text\n3\n```\nrest\n",
            "```python\nprint(1 + 1)\n```\n\n```text\n2\n```\nrest\n",
            id="a wrong figure is replaced",
        ),
        pytest.param(
            "```python\na = 2\n```\n\n```python\nprint(a)\n```\n",
            "```python\na = 2\n```\n\n```python\nprint(a)\n```\n\n```text\n2\n```\n",
            id="names live on, a missing output is added",
        ),
        pytest.param(
            "```console\n$ nikdedup dedupe a.csv\nold\n```\n",
            "```console\n$ nikdedup dedupe a.csv\nnikdedup: dedupe needs --out or --state\n```\n",
            id="the message of a refused command",
        ),
        pytest.param("```toml\na = 1\n```\n\n```sh\nmake\n```\n", None, id="other languages do not run"),
    ],
)
def test_refreshed(text: str, expected: str | None, tmp_path: Path) -> None:
    assert readme.refreshed(text, tmp_path) == (text if expected is None else expected)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("```python\n1 / 0\n```\n", ZeroDivisionError, id="python that fails"),
        pytest.param("```console\n$ rm -r run\n```\n", RuntimeError, id="another program"),
    ],
)
def test_failing_examples_fail(text: str, error: type[Exception], tmp_path: Path) -> None:
    with pytest.raises(error):
        readme.refreshed(text, tmp_path)
