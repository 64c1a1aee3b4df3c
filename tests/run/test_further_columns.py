"""Further columns of evidence through a whole run: tables, run.json, explanations, parts and runs opened again."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import nikdedup
from nikdedup.lab import generate
from nikdedup.publish import RUN
from nikdedup.run.recheck import recheck
from tests.run.cutting import cut

CONFIG = {
    "evidence": {"paspor": {"kind": "id"}, "agama": {"kind": "category"}},
    "reference_date": "2026-06-30",
}
NEW = ["level_agama", "level_nik_ibu", "level_paspor", "level_telepon"]


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Residents of whom two in three have a telephone, a passport and the NIK of a mother of two."""
    path = tmp_path_factory.mktemp("further") / "a.parquet"
    generate(path, rows=1_200, seed=11)
    row = pl.int_range(pl.len())
    frame = pl.read_parquet(path).with_columns(
        HP=pl.when(row % 3 > 0).then(pl.format("0812{}", row * 7919 % 9_000_000 + 1_000_000)),
        PASPOR=pl.when(row % 3 > 0).then(pl.format("P{}X", row * 104_729 % 9_000_000 + 1_000_000)),
        AGAMA=pl.when(row % 5 > 0).then(pl.lit("ISLAM")).otherwise(pl.lit("KRISTEN")),
        **{"NIK IBU": pl.format("62120152{}", row // 2 + 11_119_001)},
    )
    pl.concat(
        [frame, frame[[1, 2]].with_columns(NAMA_LGKP=pl.lit("ZWENDOLF QUAXTIR"), NIK=pl.lit(None))]
    ).write_parquet(path)
    return path


def test_levels_weights_and_explanations_have_them(extract: Path, tmp_path: Path):
    result = nikdedup.dedupe(extract, config=CONFIG)
    assert [name for name in result.pairs.columns if name in NEW] == NEW
    assert result.run["levels"]["paspor"]["2"] == "similar"
    assert len(result.run["weights"]["paspor"]) == 4
    pair = result.pairs.filter(row_l=1, row_r=1200).row(0, named=True)
    assert "further_id" in pair["passes"]
    told = result.explain(1, 1200)
    shown = {step.field: step for step in told.steps}
    assert shown["paspor"].weight_log2 > 5
    assert shown["telepon"].compared[0].a == "•••"
    assert sum(step.weight_log2 for step in told.steps) + told.prior_log2 == pytest.approx(
        told.weight_log2, abs=0.01
    )
    result.write(tmp_path / "run")
    again = nikdedup.open(tmp_path / "run")
    assert again.pairs.equals(result.pairs)
    assert again.explain(1, 1200) == told
    assert "0812" not in (tmp_path / "run" / RUN).read_text(encoding="utf-8")
    assert recheck(again).ok


def test_parts_give_the_same_tables(extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    whole = nikdedup.dedupe(extract, config=CONFIG)
    cut(monkeypatch, tmp_path / "scratch", rows=300)
    parts = nikdedup.dedupe(extract, config=CONFIG)
    assert parts.pairs.equals(whole.pairs)
    assert parts.decisions.equals(whole.decisions)
    assert parts.residents.equals(whole.residents)
    assert parts.run["quality"] == whole.run["quality"]


def test_an_extract_without_them_has_the_columns_of_ever(extract: Path):
    frame = pl.read_parquet(extract).drop("HP", "PASPOR", "AGAMA", "NIK IBU")
    result = nikdedup.dedupe(frame, reference_date="2026-06-30")
    assert result.pairs.columns == list(nikdedup.schema.PAIRS)


def test_a_foreign_list_is_the_same_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The damage of a list of opaque ids is surveyed as a whole: one order of dates, M and F as sexes."""
    row = pl.int_range(1_000, eager=True)
    born = pl.date_range(
        pl.date(1950, 1, 1), pl.date(1950, 1, 1) + pl.duration(days=9_990), "10d", eager=True
    )
    frame = pl.DataFrame(
        {
            "id": pl.Series([f"R-{k * 7919 % 100_003:06d}" for k in row]),
            "given": pl.Series([f"Given{chr(97 + k % 26)}{chr(97 + k % 17)}" for k in row]),
            "family": pl.Series([f"Family{chr(97 + k % 23)}{chr(97 + k % 19)}" for k in row]),
            "born": born[:1_000].dt.to_string("%m/%d/%Y"),
            "sex": pl.Series(["M", "F"] * 500),
            "zip": pl.Series([f"{10_000 + k % 90}" for k in row]),
        }
    )
    pl.concat([frame, frame[:20].with_columns(id=pl.lit(None, pl.String))]).write_parquet(
        tmp_path / "a.parquet"
    )
    config = {
        "nik_scheme": "opaque",
        "columns": {"nik": "id", "nama_lgkp": ["given", "family"], "tgl_lhr": "born", "jenis_klmin": "sex"},
        "evidence": {"zip": {"kind": "postcode"}},
    }
    whole = nikdedup.dedupe(tmp_path / "a.parquet", config=config)
    assert whole.residents["tgl_lhr_clean"][:1_000].to_list() == born[:1_000].to_list()
    assert set(whole.residents["jenis_klmin_clean"]) == {"L", "P"}
    assert whole.pairs.filter(band="confirmed").height >= 15
    cut(monkeypatch, tmp_path / "scratch", rows=300)
    parts = nikdedup.dedupe(tmp_path / "a.parquet", config=config)
    for table in ("residents", "pairs", "people", "decisions"):
        assert getattr(parts, table).equals(getattr(whole, table))
