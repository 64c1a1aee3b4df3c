"""A part of an extract, compared under the population of the whole, is judged as it is inside the whole."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup import Config, read
from nikdedup.columnar.calendar import NO_DATE
from nikdedup.match.block import run_passes
from nikdedup.match.block.passes import PASSES
from nikdedup.match.block.run_passes import Candidates, candidates
from nikdedup.match.compare import born_together, compare
from nikdedup.match.features import population, small_extracts
from nikdedup.match.features.features import Evidence, evidence_in, evidence_of, sources_of
from nikdedup.match.features.part_features import Coded, CodedKeys, part_features_of
from nikdedup.match.features.population import Sounds, count_codes, count_days, count_texts
from nikdedup.match.matcher import Matcher
from nikdedup.match.score import vetoes
from nikdedup.residents.understanding import understand
from tests.match.registry import all_pairs


@pytest.fixture(scope="module")
def residents(small_extract: Path) -> pl.DataFrame:
    found = understand(read(small_extract), Config())[1]
    second = pl.when(pl.col("row") % 40 == 0).then(
        "nama_lgkp_ibu_clean"
    )  # a second name that others have too
    return found.with_columns(second.alias("name_alias"))


@pytest.fixture(autouse=True)
def nothing_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no extract be so small that it is taken to lie among others: a part would be as many as the whole."""
    few = replace(small_extracts.expected(), records=2)
    monkeypatch.setattr(small_extracts, "expected", lambda: few)


@pytest.fixture(params=[True, False], ids=["nik", "opaque"])
def whole(request: pytest.FixtureRequest, residents: pl.DataFrame) -> Evidence:
    return evidence_of(residents, structured=request.param)


def part_of(whole: Evidence, residents: pl.DataFrame, rows: np.ndarray) -> Evidence:
    """Return the evidence of some residents alone, which know no more of the others than the population."""
    some = residents[rows]
    return evidence_in(
        part_features_of(some, structured=whole.structured),
        row=some["row"].to_numpy(),
        source=sources_of(some),
        within=(whole.population, whole.frequencies.take(rows.astype(np.int32))),
    )


@pytest.fixture
def rows(whole: Evidence) -> np.ndarray:
    """Half of the records, and of those that are candidates more."""
    config = Config()
    found = candidates(whole, Matcher.of(whole, config).prefilter, config.match)
    some = np.concatenate([np.arange(0, len(whole), 5), found.left[::2], found.right[::2]])
    assert len(np.unique(some)) < 0.8 * len(whole)
    return np.unique(some)


def test_levels_weights_and_vetoes_are_those_of_the_whole(
    whole: Evidence, residents: pl.DataFrame, rows: np.ndarray
) -> None:
    part = part_of(whole, residents, rows)
    one, other = (Matcher.of(e, Config()) for e in (whole, part))
    left, right = all_pairs(len(rows))
    inside, alone = (
        one.score(rows[left].astype(np.int32), rows[right].astype(np.int32)),
        other.score(left, right),
    )
    for of_whole, of_part in zip(inside, alone, strict=True):
        for field in fields(of_whole):
            np.testing.assert_equal(getattr(of_part, field.name), getattr(of_whole, field.name), field.name)
    held = [
        vetoes(e, compared, a, b)
        for e, (compared, _), a, b in (
            (whole, inside, rows[left].astype(np.int32), rows[right].astype(np.int32)),
            (part, alone, left, right),
        )
    ]
    np.testing.assert_equal(held[1], held[0])
    assert one.prior_log2 == other.prior_log2


def test_the_prefilter_and_decoys_weigh_as_in_the_whole(
    whole: Evidence, residents: pl.DataFrame, rows: np.ndarray
) -> None:
    part = part_of(whole, residents, rows)
    one, other = (Matcher.of(e, Config()).prefilter for e in (whole, part))
    np.testing.assert_array_equal(other.worth, one.worth[rows])
    assert other.prior_log2 == one.prior_log2
    left, right = all_pairs(len(rows))
    sides = (rows[left].astype(np.int32), rows[right].astype(np.int32)), (left, right)
    together = [
        born_together(e, compare(e, *pairs), pairs[0]) for e, pairs in zip((whole, part), sides, strict=True)
    ]
    np.testing.assert_equal(together[1].shared_log2, together[0].shared_log2)


def test_what_is_learnt_goes_by_the_population(
    whole: Evidence, residents: pl.DataFrame, rows: np.ndarray
) -> None:
    part = part_of(whole, residents, rows)
    left, right = all_pairs(len(rows))
    places = (rows[left].astype(np.int32), rows[right].astype(np.int32)), (left, right)
    learnt = []
    for e, pairs in zip((whole, part), places, strict=True):
        matcher = Matcher.of(e, Config())
        moved, scored, estimate = matcher.estimated(*matcher.score(*pairs))
        learnt.append((moved.prior_log2, estimate, scored.weight_log2.tolist()))
    assert learnt[0] == learnt[1]


def test_passes_and_prefilter_bring_the_same_pairs_together(
    whole: Evidence, residents: pl.DataFrame, rows: np.ndarray
) -> None:
    rows = np.union1d(
        rows, np.flatnonzero(whole.birth == NO_DATE)
    )  # beside which dated records are looked at
    part, config = part_of(whole, residents, rows), Config()
    found, alone = (candidates(e, Matcher.of(e, config).prefilter, config.match) for e in (whole, part))
    inside = found.keep(np.isin(found.left, rows) & np.isin(found.right, rows))
    assert len(alone.left) > 20
    assert _pairs(alone, rows) == _pairs(inside, np.arange(len(whole)))


def _pairs(found: Candidates, rows: np.ndarray) -> dict[tuple[int, int], int]:
    sides = rows[found.left].tolist(), rows[found.right].tolist()
    return dict(zip(zip(*sides, strict=True), found.found.tolist(), strict=True))


def test_budgets_are_those_of_the_population(
    whole: Evidence, residents: pl.DataFrame, rows: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_passes, "LEAST_BUDGET", 0)
    asked: list[int] = []
    within = run_passes._largest_within
    monkeypatch.setattr(
        run_passes,
        "_largest_within",
        lambda sizes, budget, most: asked.append(budget) or within(sizes, budget, most),
    )
    part, config = part_of(whole, residents, rows), Config()
    candidates(part, Matcher.of(part, config).prefilter, config.match)
    assert sorted(asked) == sorted(one.budget * len(whole) for one in PASSES if one.with_key is None)


def test_keys_are_the_same_in_every_part(whole: Evidence, residents: pl.DataFrame) -> None:
    rows = np.arange(3, len(whole), 2)
    part = part_of(whole, residents, rows)
    for one in PASSES:
        if one.name in ("word_place", "two_words"):  # which look for records without a date in the same block
            continue
        known, alone = (_keys(one.key(e), len(e)) for e in (whole, part))
        assert [alone[at] for at in range(len(rows))] == [known[row] for row in rows.tolist()], one.name


def _keys(keyed: object, records: int) -> dict[int, set[int]]:
    """Return the keys of each record."""
    key, behind = keyed if isinstance(keyed, tuple) else (keyed, np.arange(records))
    found: dict[int, set[int]] = {row: set() for row in range(records)}
    for row, value in zip(behind.tolist(), key.tolist(), strict=True):
        if value >= 0:
            found[row].add(value)
    return found


def test_common_words_are_common_in_a_part_too(
    residents: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(population, "TELLING", 10)
    whole = evidence_of(residents, structured=True)
    rows = np.arange(0, len(whole), 8)
    part, counted = part_of(whole, residents, rows), evidence_of(residents[rows], structured=True)
    assert len(part.telling[0]) < len(counted.telling[0])


def test_a_value_is_counted_once_for_each_record_that_has_it() -> None:
    rows = slice(None)
    assert count_texts(Coded.by(pl.Series(["A", None, "B", "A", None])))[rows].tolist() == [2, 1, 1, 2, 1]
    assert count_codes(CodedKeys.by(np.array([7, -1, 9, 7, -1])))[rows].tolist() == [2, 1, 1, 2, 1]
    assert count_days(np.array([5, -1, 0, 5, -1], np.int32))[rows].tolist() == [2, 2, 1, 2, 2]
    assert count_texts(Coded.by(pl.Series([], dtype=pl.String)))[rows].tolist() == []
    assert count_codes(CodedKeys.by(np.empty(0, np.int64)))[rows].tolist() == []
    assert count_days(np.empty(0, np.int32))[rows].tolist() == []


@given(st.lists(st.dictionaries(st.integers(0, 20), st.integers(1, 5)), min_size=2, max_size=2))
def test_a_sound_of_two_columns_is_as_common_as_where_it_is_more_common(found: list[dict[int, int]]) -> None:
    columns = [
        Sounds(
            np.array(sorted(tf), np.uint64),
            np.array([tf[code] for code in sorted(tf)], np.float32),
            np.array([tf[code] == 1 for code in sorted(tf)], np.bool_),
        )
        for tf in found
    ]
    both = Sounds.of_both(*columns)
    one, other = found
    expected = {code: min(tf.get(code, 9) for tf in found) for code in sorted(one | other)}
    assert dict(zip(both.code.tolist(), both.tf_log2.tolist(), strict=True)) == expected
    assert both.code.tolist() == sorted(expected)
    assert both.common.tolist() == [tf == 1 for tf in expected.values()]
