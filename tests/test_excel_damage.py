"""An extract that went through Excel is judged nearly as well as it was before.

`python -m benchmarks.excel` measures the same on more and larger extracts.
"""

import sys
from pathlib import Path

import polars as pl
import pytest

import nikdedup
from nikdedup.lab.evaluation import evaluate
from nikdedup.lab.generator import generate

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.excel import LEAST_PRECISION, MOST_LOST, through_excel, write_as_excel  # noqa: E402

ROWS = 6_000


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Return an extract's truth, and its results before and after Excel."""
    folder = tmp_path_factory.mktemp("excel")
    path = folder / "extract.parquet"
    generate(path, rows=ROWS, seed=903, profile="hard")
    damaged = write_as_excel(pl.read_parquet(path), folder / "extract.csv")
    return folder / "extract.truth.parquet", nikdedup.dedupe(path), nikdedup.dedupe(damaged)


def test_accuracy_after_excel(runs, tmp_path):
    truth, *results = runs
    scores = []
    for i, result in enumerate(results):
        result.write(tmp_path / str(i))
        scores.append(evaluate(tmp_path / str(i), truth))
    before, after = scores
    assert after.precision.value >= LEAST_PRECISION
    assert before.f1 - after.f1 <= MOST_LOST
    assert after.shared_nik_false_joins == 0


def test_residents_are_understood_alike_but_for_the_digits_lost(runs):
    before, after = (result.residents for result in runs[1:])
    for column in ("nama_lgkp_clean", "tgl_lhr_clean", "no_rt_clean", "wilayah_clean", "recorded"):
        assert before[column].ne_missing(after[column]).mean() <= 0.002, column
    whole = before["nik_verdict"].is_in(["valid", "warning"])
    assert set(after["nik_verdict"].filter(whole)) == {"suspect_truncated"}
    assert after["no_kk_clean"].null_count() == ROWS


def test_what_excel_does_to_cells():
    frame = pl.DataFrame(
        {
            "NIK": ["6212014107809013", "0621201000100002", "0", "-"],
            "TGL_LHR": ["01-07-1980", "12-03-1985", "00-00-1970", None],
            "TGL_ENTRI": ["05-08-2019", "", None, "31-12-2004"],
            "NO_RT": ["001", "012", "-", None],
        }
    )
    assert through_excel(frame).to_dict(as_series=False) == {
        "NIK": ["6212014107809010", "621201000100002", "0", "-"],
        "TGL_LHR": ["1 Juli 1980", "12 Maret 1985", "00-00-1970", None],
        "TGL_ENTRI": ["5-Agu-19", "", None, "31-Des-04"],
        "NO_RT": ["1", "12", "-", None],
    }
