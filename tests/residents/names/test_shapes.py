import tomllib
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.residents.names.parse import flag_names, parse_name
from nikdedup.residents.names.shapes import read_by_shape
from tests.residents.names.test_names import NAMES

PLAIN = [
    "LITUN",
    "AMINAH",
    "W4HYU",
    "5ITI",
    "N0R",
    "M4D3",
    "ACHMAD",
    "QXA",
    "QXB9",
    "NUR-AINI",
    "YANI,AMAT",
    "ÁYU",
]
LISTED = [
    "A.",
    "A",
    "R.W.",
    "RAHMAN",
    "AGUNG",
    "ANAK",
    "IDA",
    "BIN",
    "BR",
    "@",
    "/",
    "(ALM)",
    "2",
    "ALS",
    "H.",
]
SIGNS = ["O’NA", "'YANI'", "RA'4F", "AYU...", "...'", "\xa0A", "\n", ", S.PD", "S. KOM."]
WORDS = st.sampled_from([*PLAIN, *LISTED, *SIGNS])


def differs(text: str) -> bool:
    """Tell whether a name reads otherwise by its shape than by itself."""
    forms, bits = read_by_shape(text)
    parts = parse_name(text)
    by_itself = parts.clean, parts.skeleton, parts.patronymic, parts.mother, parts.alias
    return (forms, flag_names(bits)) != (by_itself, parts.flags)


@settings(max_examples=400, deadline=None)
@given(st.lists(NAMES | WORDS, min_size=1, max_size=6).map(" ".join).map(str.strip).filter(bool))
def test_a_name_reads_by_its_shape_as_by_itself(text: str) -> None:
    assert not differs(text)


def words_of(table: object) -> set[str]:
    """Return every word a table of rules holds, keys and values."""
    if isinstance(table, dict):
        return {word for pair in table.items() for part in pair for word in words_of(part)}
    if isinstance(table, list):
        return {word for part in table for word in words_of(part)}
    return {table} if isinstance(table, str) and table.isupper() else set()


@pytest.mark.parametrize("table", ["names.toml", "titles.toml"])
def test_every_word_of_a_rule_is_minded_beside_plain_words(table: str) -> None:
    words = words_of(tomllib.loads(files("nikdedup.data").joinpath(table).read_text(encoding="utf-8")))
    around = (
        "{}",
        "{} LITUN",
        "LITUN {}",
        "LITUN {} AYU",
        "LITUN, {}",
        "LITUN, S.{}",
        "A. {}",
        "I {}",
        "ANAK {} AYU",
    )
    around += (
        "{}. LITUN",
        "LITUN S. {}",
        "LITUN {}.",
        "{} 1",
        "LITUN ({})",
        "BAYI {} AYU",
        "NI {} LITUN",
        "LITUN ANAK {} AYU",
        "{} KT LITUN",
    )
    texts = [text.format(word) for word in sorted(words | {"AGUNG"}) for text in around]
    assert len(words) > 200
    assert [text for text in texts if differs(text)] == []


@pytest.mark.parametrize("end", ["AB", "ABC"])
@pytest.mark.parametrize("letters", [24, 25, 26, 30])
def test_that_an_old_form_cut_a_name_goes_by_the_name_not_its_shape(letters: int, end: str) -> None:
    text = f"A. {'LITUN' * 6}"[: letters - 1 - len(end)] + " " + end
    assert ("name_truncated" in flag_names(read_by_shape(text)[1])) == (letters in (25, 30) and end == "AB")
    assert not differs(text)
