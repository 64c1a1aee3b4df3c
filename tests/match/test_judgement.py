"""What one run has learnt, gone by in another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from nikdedup import Result, dedupe, generate
from nikdedup.match import Judgement


def judgement_of(result: Result) -> Judgement:
    record = result.record
    assert record.model
    return Judgement(
        record.model, record.prior_log2, record.estimate.match or {}, record.thresholds.confirmed_log2
    )


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough duplicates to learn from."""
    out = tmp_path_factory.mktemp("learning") / "extract.parquet"
    generate(out, rows=3000, seed=5, profile="hard")
    return out


@pytest.fixture(scope="module")
def first(extract: Path) -> Result:
    return dedupe(extract, report=False)


@pytest.fixture(scope="module")
def learnt(first: Result) -> Judgement:
    return judgement_of(first)


def test_the_same_extract_is_judged_alike(extract: Path, first: Result, learnt: Judgement) -> None:
    again = dedupe(extract, judgement=learnt)
    for name in ("people", "pairs", "decisions"):
        assert getattr(again, name).equals(getattr(first, name)), name
    assert first.record.estimate.status == "estimated"
    assert again.record.estimate.status == "kept"
    assert again.record.estimate.match == first.record.estimate.match


def test_another_extract_moves_no_weight_of_a_judgement(extract: Path, learnt: Judgement) -> None:
    part = pl.read_parquet(extract)[:1500]
    kept, free = dedupe(part, judgement=learnt), dedupe(part)
    assert kept.record.prior_log2 == learnt.prior_log2 != free.record.prior_log2
    would = kept.record.would_learn
    assert would is not None
    assert would.prior_log2 == free.record.prior_log2
    assert would.estimate == free.record.estimate
    assert free.record.would_learn is None


def test_a_threshold_is_kept(extract: Path, learnt: Judgement) -> None:
    strict = dedupe(extract, judgement=replace(learnt, confirmed_log2=60.0))
    assert strict.record.thresholds.confirmed_log2 == 60.0
    assert strict.record.counts.confirmed_pairs == 0
    assert strict.record.would_learn
    assert strict.record.would_learn.confirmed_log2 < 60.0
