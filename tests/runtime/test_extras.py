"""Libraries of extras: one wording for all of them, in both languages, with a part that the install has."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

from nikdedup import ConfigError
from nikdedup.runtime.extras import PARTS, lacks, missing, needed
from nikdedup.show.messages import in_indonesian, untranslated

ROOT = Path(__file__).parents[2]
SOURCES = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "src").rglob("*.py"))}
WHAT = sorted({what for text in SOURCES.values() for what in re.findall(r"needed\(f?\"([^\"]+)\"\)", text)})


def test_parts_are_those_of_the_install() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert set(PARTS.values()) <= set(extras)
    brought = {
        part: {re.split(r"[\[>=<]", one)[0].replace("-", "_").removesuffix("_python") for one in needs}
        for part, needs in extras.items()
    }
    assert {library for library, part in PARTS.items() if library not in brought[part]} == set()


def test_one_function_says_how_to_get_a_library() -> None:
    saying = [path.name for path, text in SOURCES.items() if re.search("run: pip install", text)]
    assert saying == ["extras.py"]


@pytest.mark.parametrize("library", [*PARTS, "gcsfs"])
def test_a_library_that_is_missing(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ConfigError) as fault, needed("a state"):
        __import__(library)
    assert str(fault.value) == f"a state {lacks(library)}"
    assert not untranslated(str(fault.value))


def test_what_is_there_is_not_missing() -> None:
    assert missing("polars", "numpy") is None
    assert missing("polars", "no_such_library") == lacks("no_such_library")


@pytest.mark.parametrize("what", [what for what in WHAT if re.search(r"^[a-z]+ |^a ", what)])
def test_what_needs_it_has_its_indonesian(what: str) -> None:
    assert in_indonesian(what) != what
