"""Texts in both languages: the same places, and in English no `1 records`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from string import Formatter
from typing import Any

import pytest

from nikdedup.nightly.texts import say as night_say
from nikdedup.show.texts import say
from nikdedup.wording import Texts, filled

FILES = ("show.toml", "village.toml", "nightly.toml", "health.toml")
NOUNS = (
    "records|people|rows|pairs|entries|answers|cells|columns|fields|decisions|proposals|regencies|texts|residents|"
    "examples|checks|passes|recordings|members|teams|days|visits|places|villages|workbooks|times|bits"
)
ONE_OF_MANY = re.compile(rf"\b1 (?:(?!is|of|stands)\w+ )?({NOUNS})\b")


def pairs() -> Iterator[Any]:
    for name in FILES:
        table = tomllib.loads((files("nikdedup") / "data" / name).read_text(encoding="utf-8"))
        for group, said in table.items():
            for key, both in said.items():
                if "en" in both:
                    yield pytest.param(both, id=f"{name}:{group}.{key}")


def places(text: str) -> list[str]:
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name})


@pytest.mark.parametrize("both", [*pairs()])
def test_a_noun_stands_in_the_number_of_its_value(both: dict[str, str]) -> None:
    one = {name: "1" for text in both.values() for name in places(text)}
    assert places(both["id"]) == places(both["en"])
    assert "|" not in both["id"]
    said = re.sub(r"\b1 of 1 \w+", "", filled(both["en"], "en", one))
    assert not ONE_OF_MANY.search(said), said


def test_one_and_many() -> None:
    assert night_say("audit.whole", "en", n=1) == "The audit is whole: 1 entry."
    assert night_say("audit.whole", "en", n=0) == "The audit is whole: 0 entries."
    assert night_say("audit.whole", "id", n=1) == "Jejak audit utuh: 1 catatan."
    assert say("verdicts.open", "en", n=1) == "1 cell stays open:"
    assert say("recheck.differ", "en", n="1,200", found=2).startswith("1,200 decisions computed again")


def test_a_value_may_be_called_by_language() -> None:
    called = {"id": "usia", "en": "age"}
    assert [filled("{what}", lang, {"what": called}) for lang in ("id", "en")] == ["usia", "age"]


@pytest.mark.parametrize("names", [(name,) for name in FILES] + [("show.toml", "village.toml")], ids=" ".join)
def test_groups_read_one_by_one_say_what_the_files_say(names: tuple[str, ...]) -> None:
    tables = [
        tomllib.loads((files("nikdedup") / "data" / name).read_text(encoding="utf-8")) for name in names
    ]
    groups = {group for table in tables for group in table}
    whole = {group: {n: s for table in tables for n, s in table.get(group, {}).items()} for group in groups}
    assert Texts(*names).table == whole


def test_a_text_that_is_lacking_is_no_text() -> None:
    with pytest.raises(KeyError):
        Texts("nightly.toml").say("audit.nothing", "en")
