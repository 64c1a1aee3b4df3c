"""The corruptor makes the mistakes it says, one at a time, and leaves everything else alone."""

from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.lab.corruptor import EDITS, edited

NAMES = st.lists(st.text("ABCDEGHIKLMNOPRSTUWY", min_size=2, max_size=9), min_size=1, max_size=4).map(
    " ".join
)
DATES = st.dates().map(lambda day: f"{day:%d-%m-%Y}")


def once(kind: str, text: str, seed: int) -> str:
    return EDITS[kind](text, Random(seed).random)


@pytest.mark.parametrize(
    ("kind", "text", "made"),
    [
        ("wrong_key", "Q", {"W", "WQ", "A", "AQ"}),
        ("lost_letter", "SRI", {"RI", "SI", "SR"}),
        ("lost_letter", "NI", {"NI"}),
        ("doubled_letter", "NI", {"NNI", "NII"}),
        ("swapped_letters", "ANI", {"NAI", "AIN"}),
        ("lost_word", "SRI", {"SRI"}),
        ("lost_word", "SRI DEWI", {"SRI", "DEWI"}),
        ("swapped_words", "A B C", {"B A C", "A C B"}),
        ("swapped_digits", "21-05-19", {"12-05-19", "20-15-19", "21-50-19", "21-01-59", "21-05-91"}),
        ("swapped_digits", "11", {"11"}),
        ("swapped_parts", "21-05-1990", {"05-21-1990"}),
        ("swapped_parts", "MELATI", {"MELATI"}),
        ("wrong_digit", "-", {"-"}),
    ],
)  # fmt: skip
def test_one_mistake(kind: str, text: str, made: set[str]) -> None:
    assert {once(kind, text, seed) for seed in range(200)} == made


@given(NAMES, st.integers(0, 1 << 32))
def test_letters_are_exchanged_for_those_that_look_or_sound_alike(name: str, seed: int) -> None:
    for kind in ("look_alike", "sound_alike"):
        made = once(kind, name, seed)
        assert abs(len(made) - len(name)) <= 1
        assert made.count(" ") == name.count(" ")


@given(DATES, st.integers(0, 1 << 32))
def test_a_digit_slip_keeps_the_shape_of_a_date(date: str, seed: int) -> None:
    wrong, swapped = once("wrong_digit", date, seed), once("swapped_digits", date, seed)
    assert [sign == "-" for sign in wrong] == [sign == "-" for sign in date]
    assert sum(a != b for a, b in zip(wrong, date, strict=True)) == 1
    assert sorted(swapped) == sorted(date)


@given(st.lists(st.none() | NAMES, max_size=12), st.integers(0, 1 << 32))
def test_cells_are_edited_as_often_as_asked(cells: list[str | None], seed: int) -> None:
    names = pl.Series("name", cells, dtype=pl.String)
    edits = np.arange(len(cells)) % 3
    weights = {"wrong_key": 1.0, "lost_word": 1.0, "lost_letter": 0.0}
    made, again = (
        edited(names, edits, weights, np.random.Generator(np.random.PCG64(seed))) for _ in range(2)
    )
    assert made.equals(again)
    for before, after, times in zip(cells, made, edits, strict=True):
        assert (after is None) == (before is None)
        assert after != ""
        if not times:
            assert after == before


def test_most_cells_that_should_change_do() -> None:
    names = pl.Series(["SITI AMINAH", "-", "BUDI"] * 300)
    edits = np.ones(len(names), dtype=np.int64)
    made = edited(names, edits, dict.fromkeys(EDITS, 1.0), np.random.Generator(np.random.PCG64(1)))
    changed = made != names
    assert not changed.gather_every(3, 1).any(), "a dash says that nothing is there"
    assert changed.gather_every(3).mean() > 0.95
