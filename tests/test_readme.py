"""The examples of both READMEs run, and print what the README says they print."""

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


@pytest.mark.parametrize("name", ["README.md", "README.id.md"])
def test_examples_print_what_is_written(name: str, tmp_path: Path) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    new = readme.refreshed(text, tmp_path)
    assert new == text, f"{name} is behind the code: make docs"


def test_every_setting_and_its_default_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    told = {match["key"] for match in readme.SETTING.finditer(text)}
    assert set(readme.settings()) - told == set()
    assert readme.with_defaults(text) == text, "README.md is behind the code: make docs"


def test_a_wrong_default_is_replaced() -> None:
    text = '| `wajib_ktp_age` | `21` | age |\n| `run.lang` | `"en"` | language |\n| `other` | `1` | |\n'
    assert readme.with_defaults(text) == (
        '| `wajib_ktp_age` | `17` | age |\n| `run.lang` | `"id"` | language |\n| `other` | `1` | |\n'
    )


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
