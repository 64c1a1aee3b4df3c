"""Help and faults in Indonesian: every message of the library has a counterpart, and values pass through untouched."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.cli import app
from nikdedup.show.messages import help_in_indonesian, in_indonesian, untranslated

SOURCE = Path(__file__).parents[2] / "src" / "nikdedup"
FAULTS = {"InputError", "ConfigError", "RunError", "BusyError", "BadParameter", "ValueError"}
"""What is raised with a message for people; pydantic makes a fault of a setting out of a ValueError."""
VALUE = "«»"
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py"))}
SAYING = {
    node.name: node
    for tree in TREES.values()
    for node in ast.walk(tree)
    if isinstance(node, ast.FunctionDef)
    and node.name.startswith("_")
    and ast.unparse(node.returns or node) == "str"
}
"""Private functions that return a text: where a fault is raised with one, its text is a message too."""


def templates(node: ast.expr) -> list[str]:
    """Return the texts that an expression may come to, VALUE for what only a run can tell."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        parts: list[list[str]] = [
            [part.value] if isinstance(part, ast.Constant) else _inside(part) for part in node.values
        ]
        texts = [""]
        for part in parts:
            texts = [text + one for text in texts for one in part]
        return texts
    if isinstance(node, ast.IfExp):
        return [*templates(node.body), *templates(node.orelse)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [a + b for a in templates(node.left) for b in templates(node.right)]
    if isinstance(node, ast.Call) and (saying := SAYING.get(called(node))):
        returned = [one.value for one in ast.walk(saying) if isinstance(one, ast.Return) and one.value]
        return [text for value in returned for text in templates(value)]
    return [VALUE]


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _inside(part: ast.expr) -> list[str]:
    assert isinstance(part, ast.FormattedValue)
    return templates(part.value) if isinstance(part.value, ast.IfExp | ast.Call) else [VALUE]


def messages() -> Iterator[tuple[str, str]]:
    """Yield (place, message) of every fault that is raised with words of its own."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and called(node) in FAULTS:
                for text in templates(node.args[0]):
                    yield f"{path.relative_to(SOURCE)}:{node.lineno}", text


def test_every_fault_has_its_indonesian() -> None:
    missing = {
        f"{place}: {clause}"
        for place, text in messages()
        for clause in untranslated(text)
        if untranslated(text.replace(VALUE, "7"))  # a value of some entries is a number
    }
    assert not missing, "\n".join(sorted(missing))


ENGLISH = re.compile(
    r"(?<![\w.`'/_-])(the|is|are|of|not|and|with|cannot|which|that|was|were|has|have|it|its|than|there|only|must|may|or|"
    r"more|less|but|where|needs|found|allowed|them|their|this|all|one|an|as|by|for)(?![\w.`'/_-])"
)
KEPT = re.compile(r"'[^']*'|`[^`]*`|\"[^\"]*\"|recorded, .*|must_link.*|(none|any), .*|review, all|by = «»")
"""What stays as it is: texts in quotes, names that settings have."""


def test_no_english_word_is_left_in_an_indonesian_line() -> None:
    """Also where an entry with few words of its own has taken a whole clause for a value."""
    left = {
        f"{place}: {said}"
        for place, text in messages()
        for said in [in_indonesian(text)]
        if ENGLISH.search(KEPT.sub("", said))
        and ENGLISH.search(KEPT.sub("", in_indonesian(text.replace(VALUE, "7"))))
    }
    assert not left, "\n".join(sorted(left))


@pytest.mark.parametrize("name", ["surat to camat.csv", "baik or more.csv", "a to b", "2 dan or less"])
def test_words_of_a_value_stay(name: str) -> None:
    assert in_indonesian(f"{name}: no such file or folder") == f"{name}: berkas atau folder tidak ada"


def test_both_languages_have_the_same_places() -> None:
    table = tomllib.loads((files("nikdedup") / "data" / "messages.toml").read_text(encoding="utf-8"))
    for group in table.values():
        for english, indonesian in group.items():
            assert len(re.findall(r"\{#?\}", english)) == len(re.findall(r"\{\d?\}", indonesian)), english


def test_help_is_indonesian_throughout() -> None:
    command = typer.main.get_command(app)
    english = [command, *command.commands.values()]  # type: ignore[attr-defined]
    texts = [part.help for one in english for part in (one, *one.params) if getattr(part, "help", None)]
    left = [
        clause
        for text in texts
        for one in text.split("\n\n")
        for clause in untranslated(" ".join(one.split()))
    ]
    assert not left
    help_in_indonesian(command)
    shown = command.get_help(typer.Context(command))
    assert "Pemakaian:" in shown
    assert "Perintah:" in shown
    assert "Usage" not in shown


@pytest.mark.parametrize(
    ("english", "indonesian"),
    [
        ("a.csv: no such file or folder", "a.csv: berkas atau folder tidak ada"),
        (
            "--sample 0; allowed: a whole number, 1 or more",
            "--sample 0; yang boleh: bilangan bulat, 1 atau lebih",
        ),
        (
            "--out r: could not be written (No space left on device); nothing was published",
            "--out r: tidak dapat ditulis (No space left on device); tidak ada hasil yang ditulis",
        ),
        (
            "config k.toml: unknown key 'zz'; allowed: a, b; match.review_log2 = 'a'; allowed: a number",
            "config k.toml: kunci 'zz' tidak dikenal; yang boleh: a, b; match.review_log2 = 'a'; yang boleh: bilangan",
        ),
        (
            "K-1: no record of this run; allowed: a case id, a record number, a record id, FILE:SHEET:ROW, SHEET:ROW "
            "or FILE:ROW; its rows are 0 to 9",
            "K-1: tidak ada data seperti itu di hasil ini; yang boleh: id kasus, nomor data, id data, "
            "BERKAS:LEMBAR:BARIS, LEMBAR:BARIS, atau BERKAS:BARIS; barisnya 0 sampai 9",
        ),
        ("words nobody has put into Indonesian", "words nobody has put into Indonesian"),
    ],
)
def test_a_message(english: str, indonesian: str) -> None:
    assert in_indonesian(english) == indonesian


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1, max_size=30))
def test_a_value_passes_through(name: str) -> None:
    said = in_indonesian(f"{name}: no filled sheet in the workbook")
    assert said.endswith(": tidak ada lembar yang terisi di buku kerja")
