"""What is told of texts by their bytes, as they lie in memory."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.columnar.text import beginning_outside, letters, may_hold

LETTERS = st.sampled_from("AZ~! \n\x7fÉ")
TEXTS = st.lists(st.none() | st.text(LETTERS, max_size=16), max_size=30)


def laid_out(texts):
    """Return the same texts as one piece, as two, and as a part of a longer column."""
    column = pl.Series(texts, dtype=pl.String)
    half = len(texts) // 2
    longer = pl.concat([pl.Series(["A" * 20, "\n" * 20]), column], rechunk=True)
    return column, pl.concat([column[:half], column[half:]], rechunk=False), longer[2:]


@given(TEXTS)
def test_texts_that_begin_otherwise_are_found(texts):
    wanted = [i for i, text in enumerate(texts) if text is not None and not "!" <= text[:1] <= "~"]
    for column in laid_out(texts):
        assert beginning_outside(column, "!", "~").tolist() == wanted


def test_texts_that_begin_otherwise_are_found_far_down():
    texts = ["SITI"] * 200_000
    texts[70_000] = texts[199_999] = " "
    assert beginning_outside(pl.Series(texts), "!", "~").tolist() == [70_000, 199_999]


@given(TEXTS)
def test_letters_are_those_of_the_texts_and_no_others(texts):
    wanted = "".join(text or "" for text in texts).encode()
    for column in laid_out(texts):
        assert bytes(letters(column)) == wanted


@given(TEXTS, st.sampled_from([b"\n", b"Z~", b" AZ "]))
def test_what_is_held_is_never_denied(texts, part):
    held = any(text is not None and part in text.encode() for text in texts)
    for column in laid_out(texts):
        assert may_hold(column, part) or not held


@pytest.mark.parametrize("part", [b"\n", b" IBNU "])
def test_what_names_do_not_hold_is_denied(part):
    texts = ["SITI AMINAH", None, "BUDI", "NURHAYATI BINTI ABDUL KARIM", "A" * 10, "B" * 32] * 20_000
    assert not may_hold(pl.Series(texts), part)
    for one in ("A" + part.decode() + "B", "SITI NURHAYATI" + part.decode() + "AMINAH"):
        assert may_hold(pl.Series([*texts, one]), part)
