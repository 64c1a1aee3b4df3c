"""`nikdedup coverage`: what it prints and writes, and 20 things that it refuses in one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

import nikdedup

Call = Callable[..., Any]


def areas(*codes: str, name: str = "kode") -> str:
    """A map of squares in a row."""
    features = [
        {
            "type": "Feature",
            "properties": {"nama": f"wilayah {i}", name: code},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[i, 0], [i + 1, 0], [i + 1, 1], [i, 1], [i, 0]]],
            },
        }
        for i, code in enumerate(codes)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_it_prints_what_the_run_says(kept_run: Path, nikdedup_cli: Call) -> None:
    done = nikdedup_cli("coverage", kept_run, "--lang", "en", "--by", "kecamatan,desa,sex,age")
    assert done.code == 0, done.err
    told = nikdedup.open(kept_run).record.counts.coverage
    assert told is not None
    assert told.after is not None
    [after] = [line.split() for line in done.out.splitlines() if line.startswith("  After")][:1]
    assert after[1:3] == [str(told.after.wajib_ktp), str(told.after.recorded)]
    assert "KTP-el recording, by age" in done.out


def test_indonesian_is_usual(kept_run: Path, nikdedup_cli: Call) -> None:
    done = nikdedup_cli("coverage", kept_run)
    assert "Perekaman KTP-el, per kecamatan" in done.out
    assert "Desa paling tertinggal" in done.out


def test_a_target_of_the_office(kept_run: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    (tmp_path / "targets.toml").write_text("ktp = 0.5\n", encoding="utf-8")
    done = nikdedup_cli("coverage", kept_run, "--targets", tmp_path / "targets.toml", "--lang", "en")
    assert "50.00%" in done.out
    [needed] = [line.split() for line in done.out.splitlines() if line.startswith("  Still needed")]
    assert needed[-1] == "0"


def test_workbook_chart_and_map(kept_run: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    """Totals of the workbook are formulas; the same run gives the same bytes; nobody is named."""
    (tmp_path / "peta.geojson").write_text(areas("62.12.01", "62.12.02", "62.12.99"), encoding="utf-8")
    for out in (tmp_path / "a", tmp_path / "b"):
        done = nikdedup_cli("coverage", kept_run, "--out", out, "--geojson", tmp_path / "peta.geojson")
        assert done.code == 0, done.err
        assert done.out.endswith(f"Hasil: {out}\n")
    names = {path.name for path in (tmp_path / "a").iterdir()}
    assert names == {"coverage.xlsx", "coverage-desa.svg", "coverage-map.svg"}
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in names)
    book = openpyxl.load_workbook(tmp_path / "a" / "coverage.xlsx")
    assert book.sheetnames == [
        "RINGKASAN",
        *(f"KTP-el {by}" for by in ("Kecamatan", "Desa", "Jenis kelamin", "Umur")),
    ]
    last = [cell.value for cell in book["KTP-el Desa"][book["KTP-el Desa"].max_row]]
    assert last[0] == "Jumlah"
    assert str(last[1]).startswith("=SUM(B6:B")
    drawn = (tmp_path / "a" / "coverage-map.svg").read_text(encoding="utf-8")
    assert "Cakupan per kecamatan, target 99,20%" in drawn
    assert drawn.count('aria-roledescription="geoshape"') == 3
    assert "#d9dce1" in drawn, "the area without residents is grey"


def test_the_workbook_says_the_shares_of_the_screen(
    kept_run: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    """Both round coverage down: nobody reads 99.2 percent where it is 99.196."""
    done = nikdedup_cli("coverage", kept_run, "--lang", "en", "--by", "kecamatan", "--out", tmp_path / "a")
    printed = [line.split() for line in done.out.splitlines()]
    shares = {line[0]: line[-1] for line in printed if line and line[0] in ("Before", "After")}
    book = openpyxl.load_workbook(tmp_path / "a" / "coverage.xlsx", data_only=True)
    first, by = book.worksheets[:2]
    held = {str(row[0]): row[3] for row in first.iter_rows(values_only=True)}
    assert {name: f"{held[name]:.2%}" for name in shares} == shares
    written = [row[5] for row in by.iter_rows(min_row=6, values_only=True)]
    listed = [line[-3] for line in printed if line[-3:-2] and line[-3].endswith("%")]
    assert [f"{share:.2%}" for share in written] == listed[: len(written)]
    assert all(round(share, 4) == share for share in written)


BAD = [
    pytest.param({"ktp": 99.2}, ["--targets", "targets.toml"], "a share above 0 and up to 1", id="a target of 99.2"),
    pytest.param({"ktp": 0}, ["--targets", "targets.toml"], "a share above 0 and up to 1", id="a target of 0"),
    pytest.param({"ktep": 0.9}, ["--targets", "targets.toml"], "ktep", id="an unknown target"),
    pytest.param(None, ["--targets", "none.toml"], "no such file", id="no targets file"),
    pytest.param("\x00\xff", ["--targets", "targets.toml"], "TOML", id="targets that are no TOML"),
    pytest.param(None, ["--by", "rt"], "allowed: kecamatan, desa, sex, age", id="an unknown group"),
    pytest.param(None, ["--by", ""], "allowed: kecamatan, desa, sex, age", id="no group"),
    pytest.param(None, ["--geojson", "map.json"], "name it with --out", id="a map without a folder"),
    pytest.param(None, ["--out", "o", "--geojson", "none.json"], "no such file", id="no map"),
    pytest.param("[1", ["--out", "o", "--geojson", "map.json"], "not GeoJSON", id="a map that is no JSON"),
    pytest.param("{}", ["--out", "o", "--geojson", "map.json"], "not GeoJSON", id="JSON that is no map"),
    pytest.param(areas(), ["--out", "o", "--geojson", "map.json"], "holds no areas", id="an empty map"),
    pytest.param(areas("Murung", "Laung"), ["--out", "o", "--geojson", "map.json"], "no property", id="a map of names"),
    pytest.param(
        areas("621201", "621201"), ["--out", "o", "--geojson", "map.json"], "a code of its own", id="one code twice"
    ),
    pytest.param(
        areas("621201", "6212012001"), ["--out", "o", "--geojson", "map.json"], "no property", id="codes of two levels"
    ),
    pytest.param(
        areas("317101"), ["--out", "o", "--geojson", "map.json"], "none of them bears the code", id="another regency"
    ),
    pytest.param(
        areas("621201").replace("Polygon", "Point"), ["--out", "o", "--geojson", "map.json"], "no area", id="a point"
    ),
    pytest.param(
        areas("621201").replace("[0, 0]", "[NaN, 0]"), ["--out", "o", "--geojson", "map.json"], "no area", id="NaN"
    ),
    pytest.param(None, ["--out", "file"], "is a file", id="a file in the place of the folder"),
    pytest.param(None, ["--lang", "de"], "--lang", id="an unknown language"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "options", "said"), BAD)
def test_what_is_refused(
    content: object,
    options: list[str],
    said: str,
    kept_run: Path,
    tmp_path: Path,
    nikdedup_cli: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("mine", encoding="utf-8")
    if isinstance(content, dict):
        lines = [f"{key} = {value}" for key, value in content.items()]
        Path("targets.toml").write_text("\n".join(lines), encoding="utf-8")
    elif isinstance(content, str):
        Path("map.json").write_text(content, encoding="utf-8")
        Path("targets.toml").write_text(content, encoding="utf-8")
    done = nikdedup_cli("coverage", kept_run, *options)
    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1
    assert not done.out
    assert not Path("o").exists() or not list(Path("o").iterdir())
    assert Path("file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda run: (run / "run.json").unlink(), "not a finished nikdedup run", id="no run"),
        pytest.param(lambda run: (run / "people.parquet").unlink(), "does not match", id="a table is gone"),
        pytest.param(lambda run: (run / "pairs.parquet").write_bytes(b"x"), "does not match", id="a spoilt table"),
        pytest.param(shutil.rmtree, "not a finished nikdedup run", id="no folder"),
    ],
)  # fmt: skip
def test_runs_that_are_none(
    spoil: Callable[[Path], object], said: str, small_run: Path, nikdedup_cli: Call
) -> None:
    spoil(small_run)
    done = nikdedup_cli("coverage", small_run)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert said in done.err


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        pytest.param(
            pl.col("ektp_status").replace_strict({}, default=None), {}, "recording status", id="no status"
        ),
        pytest.param(
            pl.col("nik"), {"residents": False, "report": False}, "without residents", id="no residents"
        ),
    ],
)
def test_runs_that_cannot_say(
    change: pl.Expr,
    options: dict[str, Any],
    said: str,
    small_extract: Path,
    tmp_path: Path,
    nikdedup_cli: Call,
) -> None:
    frame = pl.read_parquet(small_extract).rename(str.lower).with_columns(change).head(200)
    nikdedup.dedupe(frame, **options).write(tmp_path / "run")
    done = nikdedup_cli("coverage", tmp_path / "run")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert said in done.err
