"""Names word by word: a table of labelled pairs, and what must hold for any two names."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, JaroWinkler

from nikdedup.match import kernels as loops
from nikdedup.match.compare.names import compare_names
from nikdedup.match.features import population
from nikdedup.match.features.features import NameEvidence
from nikdedup.match.features.name_index import Form, letter_pairs, split_words, telling_words
from nikdedup.match.features.part_features import Coded
from nikdedup.match.kernels import names_py
from nikdedup.match.levels import NAME_LEVELS
from nikdedup.residents.names.column import clean_names
from nikdedup.runtime import kernels, threads

TABLE = Path(__file__).parents[2] / "cases" / "names.csv"
CASES = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
COMMON = ["SITI AMINAH"] * 40 + ["NUR HAYATI"] * 20 + ["MUHAMMAD RIZKI"] * 20 + ["BUDI SANTOSO"] * 5

_given = ["SITI", "NUR", "MUHAMMAD", "BUDI", "HERMAWAN", "HERMAWN", "RATNA", "R", "SOEKARNO", "SUKARNO"]
_more = ["AN", "UN", "LESTARI", "DEWI", "TUMBANG", "SUWARNO", "SUWARNI", "EKOPRASETYO", "EKO", "PRASETYO"]
_telling = ["RATNA", "DEWI", "TUMBANG", "HERMAWAN", "LESTARI"]
any_name = st.lists(st.sampled_from(_given + _more), max_size=8).map(" ".join)
any_names = st.lists(any_name, min_size=1, max_size=8)


def clean(texts):
    return clean_names(pl.Series(texts, dtype=pl.String))["clean"]


def words_of(texts):
    return split_words(Coded.by(pl.Series(texts, dtype=pl.String)))


def compare_all(texts, left, right):
    """Compare texts[left[k]] with texts[right[k]] in a register of exactly these names."""
    return compare_names(words_of(texts), np.array(left, np.int32), np.array(right, np.int32))


@pytest.fixture(scope="module")
def levels():
    """Level of every case from left to right, then from right to left, in one register."""
    n = len(CASES)
    texts = clean([*(c["left"] for c in CASES), *(c["right"] for c in CASES)]).to_list() + COMMON
    here, there = list(range(n)), list(range(n, 2 * n))
    both = compare_all(texts, here + there, there + here).level.tolist()
    return both[:n], both[n:]


def test_cases_cover_every_level():
    assert {int(c["level_max"]) for c in CASES} == set(NAME_LEVELS)
    assert all(int(c["level_min"]) <= int(c["level_max"]) for c in CASES)


@pytest.mark.parametrize(
    "number", range(len(CASES)), ids=[f"{c['left']}~{c['right']} ({c['why']})" for c in CASES]
)
def test_level(levels, number):
    case = CASES[number]
    assert int(case["level_min"]) <= levels[0][number] <= int(case["level_max"])
    assert levels[0][number] == levels[1][number], "not symmetric"


@settings(max_examples=30, deadline=None)
@given(any_names)
def test_symmetric_and_equal_to_itself(texts):
    n = len(texts)
    left, right = np.divmod(np.arange(n * n), n)
    result = compare_all([*texts, *COMMON], left, right)
    level, bits = result.level.reshape(n, n), result.shared_log2.reshape(n, n)
    np.testing.assert_array_equal(level, level.T)
    np.testing.assert_allclose(bits, bits.T, atol=1e-4)
    for i, text in enumerate(texts):
        assert level[i, i] == (6 if text else 0)
    missing = np.array([text == "" for text in texts])
    assert (level[missing] == 0).all()
    assert (level[~missing][:, ~missing] > 0).all()
    assert (bits[level < 2] == 0).all()
    assert (bits >= 0).all()


@settings(max_examples=10, deadline=None)
@given(any_names, st.integers(1, 5))
def test_a_pair_does_not_depend_on_the_pairs_beside_it(texts, chunk):
    n = len(texts)
    left, right = np.divmod(np.arange(n * n), n)
    whole = compare_all(texts, left, right)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threads, "CHUNK", chunk)
        parts = compare_all(texts, left, right)
    np.testing.assert_array_equal(whole.level, parts.level)
    np.testing.assert_allclose(whole.shared_log2, parts.shared_log2, atol=1e-4)


_letters = st.text("ABEINRSTUÉ'", min_size=1, max_size=12)


@settings(max_examples=200, deadline=None)
@given(st.lists(_letters, min_size=2, max_size=8, unique=True), st.integers(0, 3), st.floats(0.5, 0.95))
def test_words_that_are_alike_may_be_alike(texts, edits, similarity):
    form = Form.of(pl.Series(texts))
    n = len(texts)
    first, second = np.divmod(np.arange(n * n), n)
    may = form.may_be_alike(first, second, similarity=similarity, edits=edits)
    for one, other, said in zip(first, second, may, strict=True):
        near = OSA.distance(texts[one], texts[other]) <= edits
        assert said or not (near or JaroWinkler.similarity(texts[one], texts[other]) >= similarity)


def test_words_without_letters_in_common_are_not_compared():
    form = Form.of(pl.Series(["SUPARMAN", "WIDODO", "SUPARDI"]))
    pairs = np.array([0, 0]), np.array([1, 2])
    assert form.may_be_alike(*pairs, similarity=0.85, edits=2).tolist() == [False, True]


@pytest.mark.skipif(
    not kernels.compiled("nikdedup.match.kernels.names_cy"), reason="the loops are not compiled here"
)
@settings(max_examples=60, deadline=None)
@given(any_names, st.integers(0, 2**32 - 1))
def test_compiled_and_numpy_say_the_same(texts, seed):
    texts = [*texts, *COMMON[:5], *(case["left"] for case in CASES[seed % 7 :: 7])]
    words, others = words_of(clean(texts)), words_of(clean(texts[::-1]))
    n = len(texts)
    left, right = (side.astype(np.int32) for side in np.divmod(np.arange(n * n), n))
    codes = names_py.likely_words(words, left, right)
    np.testing.assert_array_equal(loops.likely_words(words, left, right), codes)
    rng = np.random.default_rng(seed)
    bits = rng.choice(np.array([0, 1.5, 3, 7.25], np.float32), len(codes))
    firm = rng.integers(0, 2, len(codes)).astype(np.uint8)
    for parents in ((), (others,), (others, words)):
        asked = (words, left, right, parents, bits, firm)
        for compiled, plain in zip(loops.agreement(*asked), names_py.agreement(*asked), strict=True):
            assert compiled.dtype == plain.dtype
            np.testing.assert_array_equal(compiled, plain)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from(_telling), min_size=2, max_size=5, unique=True), st.randoms())
def test_order_of_words_says_nothing(parts, random):
    shuffled = list(parts)
    random.shuffle(shuffled)
    result = compare_all([" ".join(parts), " ".join(shuffled), *COMMON], [0, 0], [0, 1])
    assert result.level.tolist() == [6, 6 if shuffled == parts else 5]
    assert result.shared_log2[0] == pytest.approx(result.shared_log2[1], abs=1e-4)


def bits(left, right, *, times=1):
    return float(compare_all([left, right, *COMMON * times], [0], [1]).shared_log2[0])


def test_rare_names_agree_for_more_bits_than_common_ones():
    rare, usual, common = (
        bits(name, name, times=40) for name in ("YOHANA TUMBANG", "BUDI SANTOSO", "SITI AMINAH")
    )
    assert rare > usual + 2 > common + 4


def test_a_few_names_are_as_rare_as_among_thousands():
    few = float(compare_all(["BUDI SANTOSO", "BUDI SANTOSO"], [0], [1]).shared_log2[0])
    assert few > 10
    assert few > float(compare_all(["SITI NUR", "SITI NUR"], [0], [1]).shared_log2[0]) + 4


@pytest.mark.parametrize(
    ("more", "less"),
    [
        pytest.param(("YOHANA TUMBANG", "YOHANA TUMBANG"), ("YOHANA TUMBANG", "YOHANA"), id="dropped word"),
        pytest.param(("YOHANA TUMBANG", "YOHANA TUMBANG"), ("YOHANA TUMBANG", "YOHANA TUMBNG"), id="slip"),
        pytest.param(("YOHANA TUMBANG", "YOHANA TUMBNG"), ("YOHANA TUMBANG", "YOHANA T"), id="initial"),
        pytest.param(("YOHANA TUMBANG", "YOHANA T"), ("YOHANA TUMBANG", "YOHANA"), id="initial or nothing"),
        pytest.param(
            ("YOHANA TUMBANG", "YOHANA TUMBUNG"), ("YOHANA TINO", "YOHANA TINA"), id="slip in a short word"
        ),
    ],
)
def test_the_less_agrees_the_fewer_bits(more, less):
    assert bits(*more) > bits(*less)


def test_words_of_a_null_or_blank_name_are_none():
    split = words_of([None, "", "SITI AMINAH"])
    assert np.diff(split.offsets)[split.name].tolist() == [0, 0, 2]
    assert split.matrix(np.array([0, 2], np.int32))[:, 0].tolist() == [-1, -1]
    evidence = NameEvidence.of(Coded.by(pl.Series([None, "", "SITI AMINAH"])))
    bits_log2 = evidence.total_log2[evidence.words.name]
    assert evidence.signature[:2].tolist() == bits_log2[:2].tolist() == [0, 0]


def test_sound_alikes_share_sound_and_rarity():
    split = words_of(["SOEKARNO", "SUKARNO", "TUMBANG"])
    v = split.vocabulary
    by_text = {text: (v.skeleton[i], v.surprise_log2[i]) for i, text in enumerate(v.text)}
    assert by_text["SOEKARNO"] == by_text["SUKARNO"]
    assert by_text["TUMBANG"][1] > by_text["SUKARNO"][1]


def test_signature_of_a_part_is_inside_the_whole():
    part, whole = NameEvidence.of(Coded.by(pl.Series(["DEWI", "KARTINI DEWI LESTARI"]))).signature
    assert part & whole == part != whole
    assert letter_pairs(pl.Series([], dtype=pl.String)).tolist() == []


def test_only_words_that_tell_something_are_keys(monkeypatch):
    monkeypatch.setattr(population, "TELLING", 2)
    split = words_of(["SITI AMINAH", "SITI RATNA", "SITI DEWI", None])
    _, row = telling_words(split)
    assert row.tolist() == [0, 1, 2]
