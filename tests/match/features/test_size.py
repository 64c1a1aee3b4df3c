"""What must not fade as extracts grow, nor change with the order of their files."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import nikdedup
from nikdedup.lab import generate
from nikdedup.match.features import population
from nikdedup.match.features.name_index import split_words, telling_words
from nikdedup.match.features.part_features import Coded
from nikdedup.match.features.population import most_telling

NAMES = [
    name
    for word, many in (("SITI", 60), ("AMINAH", 20), ("KUDRAT", 3), ("NARANG", 1))
    for name in [f"{word} BAJIK"] * many
]


@pytest.mark.parametrize("times", [1, 3, 10])
def test_as_many_words_tell_in_an_extract_ten_times_as_large(monkeypatch, times):
    monkeypatch.setattr(population, "TELLING", 1)
    monkeypatch.setattr(population, "TELLING_SHARE", 0.25)
    keys = len(telling_words(split_words(Coded.by(pl.Series(NAMES * times))))[1])
    assert keys == 24 * times


def test_a_word_may_stand_in_a_share_of_many_records():
    assert most_telling(300_000) == most_telling(1_000_000) == 3_000
    assert most_telling(10_000_000) == 30_000


def test_the_files_of_an_extract_may_come_in_any_order(tmp_path):
    """Rarity is counted in all records: two regions, each with names of its own, weigh the same either way."""
    parts = []
    for profile, seed in (("murung-raya", 6), ("stranger", 7)):
        generate(tmp_path / f"{profile}.parquet", rows=2_000, seed=seed, profile=profile)
        parts.append(pl.read_parquet(tmp_path / f"{profile}.parquet"))
    table = pl.concat(parts, how="diagonal_relaxed").with_row_index("ID").cast({"ID": pl.String})
    weights = []
    for order in (table, pl.concat([table[2_000:], table[:2_000]])):
        found = nikdedup.dedupe(order, record_id="ID").pairs
        sides = [sorted(pair) for pair in found.select("record_id_l", "record_id_r").iter_rows()]
        weights.append(dict(zip(map(tuple, sides), found["weight_log2"].to_list(), strict=True)))
    assert weights[0].keys() == weights[1].keys()
    for pair, weight in weights[0].items():
        assert weights[1][pair] == pytest.approx(weight, abs=1e-4)


def test_a_pair_is_judged_much_the_same_alone_and_among_thousands(tmp_path):
    generate(tmp_path / "extract.parquet", rows=3_000, seed=81_203, profile="stranger")
    table = pl.read_parquet(tmp_path / "extract.parquet")
    among = nikdedup.dedupe(table).pairs.filter(pl.col("band").is_not_null()).head(24)
    apart = []
    for row_l, row_r, weight in among.select("row_l", "row_r", "weight_log2").iter_rows():
        alone = nikdedup.dedupe(table[[row_l, row_r]], home_region="6212", reference_date="2026-06-30").pairs
        apart.append(abs(alone["weight_log2"].item() - weight))
    assert np.quantile(apart, 0.95) <= 2
    assert max(apart) <= 4
