"""`nikdedup worklist`: workbooks that print, filter and count, and 15 things that it refuses in one line."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

import nikdedup

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def village_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 3,000 residents of 125 desa, one of whom lives nobody knows where."""
    folder = tmp_path_factory.mktemp("village")
    nikdedup.generate(folder / "a.parquet", rows=3_000, seed=18)
    people = pl.read_parquet(folder / "a.parquet")
    lost = people["ektp_status" if "ektp_status" in people.columns else "EKTP_STATUS"] == "BELUM REKAM"
    at = int(lost.arg_true()[0])
    places = [name for name in people.columns if name.lower() in ("no_kec", "no_kel", "kec_name", "kel_name")]
    here = pl.int_range(pl.len()) == at
    people = people.with_columns(pl.when(~here).then(pl.col(name)).alias(name) for name in places)
    return nikdedup.dedupe(people, reference_date="2026-06-30", report=False).write(folder / "run")


@pytest.fixture(scope="module")
def lists(village_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from nikdedup.run.open import open as open_run
    from nikdedup.run.worklist import worklist

    out = tmp_path_factory.mktemp("lists") / "daftar"
    worklist(open_run(village_run), village_run).write(out)
    return out


def test_a_workbook_and_a_csv_per_kecamatan(lists: Path) -> None:
    names = {path.name for path in lists.iterdir()}
    assert {"621201-murung.xlsx", "621201-murung.csv", "desa-tidak-diketahui.xlsx", "worklist.json"} <= names
    assert len([name for name in names if name.endswith(".xlsx")]) == 11


def test_files_are_readable_by_their_owner_only(lists: Path) -> None:
    if os.name == "posix":
        assert {path.stat().st_mode & 0o777 for path in lists.iterdir()} == {0o600}


def test_no_nik_is_shown_unless_asked_for(
    lists: Path, village_run: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    rows = pl.read_parquet(lists / "worklist.parquet")
    niks = set(rows["nik"].drop_nulls())
    texts = [path.read_text(encoding="utf-8-sig") for path in lists.glob("*.csv")]
    assert not any(nik in text for nik in niks for text in texts)
    done = nikdedup_cli("worklist", village_run, "--out", tmp_path / "open", "--show-identities")
    assert done.code == 0, done.err
    assert not any(nik in done.out + done.err for nik in niks)
    shown = "".join(path.read_text(encoding="utf-8-sig") for path in (tmp_path / "open").glob("*.csv"))
    assert all(nik in shown for nik in niks)


def sheet(lists: Path) -> Any:
    return openpyxl.load_workbook(lists / "621201-murung.xlsx").worksheets[0]


def test_a_sheet_prints_filters_and_is_locked_without_a_password(lists: Path) -> None:
    found = sheet(lists)
    assert (found.page_setup.orientation, found.page_setup.paperSize) == ("landscape", 9)
    assert found.print_title_rows == "$4:$4"
    assert "&P" in found.oddFooter.right.text
    assert found.protection.sheet and not found.protection.password  # noqa: PT018 (one thing: locked, openly)
    assert not found.protection.autoFilter, "filtering is allowed (the attribute says what is forbidden)"
    heads = {cell.value: cell.column for cell in found[4]}
    first = {name: found.cell(5, column) for name, column in heads.items()}
    assert first["NIK"].protection.locked
    assert first["NAMA"].protection.locked
    assert not first["HASIL VERIFIKASI"].protection.locked
    assert not first["TANGGAL"].protection.locked
    assert found.column_dimensions["P"].hidden
    [rule] = [one for one in found.data_validations.dataValidation if one.type == "list"]
    assert rule.formula1 == "'PILIHAN'!$A$1:$A$12"


def test_f4_paper(village_run: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    assert nikdedup_cli("worklist", village_run, "--out", tmp_path / "f4", "--paper", "f4").code == 0
    assert sheet(tmp_path / "f4").page_setup.paperSize == 14


def test_a_file_per_desa_in_english(village_run: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    out = tmp_path / "per-desa"
    done = nikdedup_cli("worklist", village_run, "--out", out, "--per", "desa", "--lang", "en")
    assert done.out.splitlines()[-1] == f"Output: {out}"
    books = sorted(out.glob("*.xlsx"))
    rows = pl.read_parquet(out / "worklist.parquet")
    assert len(books) == rows["desa_code"].n_unique()
    assert "desa-unknown.xlsx" in {path.name for path in books}
    unknown = openpyxl.load_workbook(next(path for path in books if path.name == "desa-unknown.xlsx"))
    known = rows.filter(pl.col("desa_code").is_null())["kecamatan"].unique(maintain_order=True)
    assert unknown.sheetnames[:-2] == [f"DESA UNKNOWN {name or ''}".strip()[:31] for name in known]
    found = openpyxl.load_workbook(books[0])
    assert found.sheetnames[1:] == ["RECORD OF CHECK", "CHOICES"]
    assert [cell.value for cell in found.worksheets[0][4]][:3] == ["NO", "PART", "FAMILY CARD"]


def test_the_berita_acara_counts_by_formula(lists: Path) -> None:
    book = openpyxl.load_workbook(lists / "621201-murung.xlsx")
    form = book["BERITA ACARA"]
    asked = dict.fromkeys(book.sheetnames, 0)
    rows = pl.read_parquet(lists / "worklist.parquet").filter(pl.col("file") == "621201-murung.xlsx")
    asked |= dict(rows.group_by("sheet").agg(pl.col("asked").sum()).iter_rows())
    for at, name in enumerate(book.sheetnames[:-2], 4):
        assert form.cell(at, 3).value == asked[name]
        assert str(form.cell(at, 6).value).startswith(f"=COUNTIF('{name}'!$M$5:$M$")
    last = 4 + len(book.sheetnames[:-2])
    assert str(form.cell(last, 3).value).startswith("=SUM(C4:C")


def test_the_csv_holds_the_same_rows_and_keys(lists: Path) -> None:
    with (lists / "621201-murung.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    told = pl.read_parquet(lists / "worklist.parquet").filter(pl.col("file") == "621201-murung.xlsx")
    assert [one["KUNCI BARIS"] for one in rows] == told["key"].to_list()
    assert [one["NO"] for one in rows] == [str(n) for n in told["number"]]


def test_the_same_run_gives_the_same_bytes(
    lists: Path, village_run: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    assert nikdedup_cli("worklist", village_run, "--out", tmp_path / "again").code == 0
    for path in lists.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


BAD = [
    pytest.param(["--turns-17-before", "01-01-2027"], "a date YYYY-MM-DD", id="a date the other way round"),
    pytest.param(["--turns-17-before", "2027-02-30"], "a date YYYY-MM-DD", id="no such day"),
    pytest.param(["--turns-17-before", "1027-01-01"], "a date from 1900", id="of another age"),
    pytest.param(["--turns-17-before", ""], "a date YYYY-MM-DD", id="an empty date"),
    pytest.param(["--due", "besok"], "--due besok", id="a word for a date"),
    pytest.param(["--per", "rt"], "--per", id="lists per RT"),
    pytest.param(["--paper", "a3"], "--paper", id="other paper"),
    pytest.param(["--lang", "de"], "--lang", id="another language"),
    pytest.param(["--mask"], "--mask", id="an unknown option"),
    pytest.param(["--out", "file"], "is a file", id="a file in the place of the folder"),
    pytest.param(["--out", "full"], "is not empty", id="a folder with something in it"),
    pytest.param(["--out", "file/below"], "file", id="a folder below a file"),
    pytest.param(["--out", "x" * 300], "--out", id="a name too long"),
]


@pytest.mark.parametrize(("options", "said"), BAD)
def test_what_is_refused(
    options: list[str],
    said: str,
    village_run: Path,
    tmp_path: Path,
    nikdedup_cli: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("mine", encoding="utf-8")
    Path("full").mkdir()
    Path("full/621201-murung.xlsx").write_text("filled in", encoding="utf-8")
    done = nikdedup_cli("worklist", village_run, *([] if "--out" in options else ["--out", "new"]), *options)
    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["621201-murung.xlsx", "file", "full"]
    assert Path("full/621201-murung.xlsx").read_text(encoding="utf-8") == "filled in"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda run: (run / "run.json").unlink(), "not a finished nikdedup run", id="no run"),
        pytest.param(
            lambda run: (run / "pairs.parquet").write_bytes(b""), "does not match", id="a spoilt table"
        ),
        pytest.param(shutil.rmtree, "not a finished nikdedup run", id="no folder"),
    ],
)
def test_runs_that_are_none(
    spoil: Callable[[Path], object], said: str, small_run: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    spoil(small_run)
    done = nikdedup_cli("worklist", small_run, "--out", tmp_path / "new")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert said in done.err
    assert not (tmp_path / "new").exists()


def test_a_run_without_residents(small_extract: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    nikdedup.dedupe(small_extract, residents=False, report=False).write(tmp_path / "run")
    done = nikdedup_cli("worklist", tmp_path / "run", "--out", tmp_path / "new")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "without residents" in done.err
