"""Commands on runs: what they print where, and not one identity on a screen."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nikdedup
from nikdedup.show.progress import STAGE_TEXTS

Call = Callable[..., Any]
LINES = {lang: [f"nikdedup: {text}" for text in texts.values()] for lang, texts in STAGE_TEXTS.items()}


def content(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file; run.json without `timing`, which is a clock's."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    run = json.loads(files["run.json"])
    del run["timing"]
    return files | {"run.json": json.dumps(run).encode()}


def test_a_run_from_end_to_end(
    small_extract: Path, kept_run: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    """The command leaves what Python leaves, a second run over the first changes no byte, nothing else stays."""
    out = tmp_path / "deep" / "run"
    done = nikdedup_cli("dedupe", small_extract, "--out", out, "--threads", 2)
    assert done.code == 0, done.err
    assert done.err.splitlines() == LINES["id"]
    assert done.out.endswith(f"Hasil: {out}\n")
    assert content(out) == content(kept_run)
    first = content(out)
    assert nikdedup_cli("dedupe", small_extract, "--out", out).code == 0
    assert content(out) == first
    assert os.listdir(out.parent) == ["run"]


def test_another_language(small_extract: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    done = nikdedup_cli("dedupe", small_extract, "--out", tmp_path / "run", "--lang", "en", "--no-report")
    assert done.err.splitlines() == LINES["en"]
    assert done.out.splitlines()[-1] == f"Output: {tmp_path / 'run'}"
    assert nikdedup.open(tmp_path / "run").summary() in done.out


def test_what_the_switches_leave_out(small_extract: Path, small_run: Path, nikdedup_cli: Call) -> None:
    done = nikdedup_cli("dedupe", small_extract, "--out", small_run, "--no-residents", "--no-report")
    assert done.code == 0
    assert {path.name for path in small_run.iterdir()} == {
        "people.parquet",
        "pairs.parquet",
        "decisions.parquet",
        "run.json",
    }


def test_options_go_before_the_file(small_extract: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    (tmp_path / "office.toml").write_text(
        'sample = 100\n[run]\nlang = "en"\nreport = false\n', encoding="utf-8"
    )
    done = nikdedup_cli(
        "dedupe",
        small_extract,
        "--out",
        tmp_path / "run",
        "--config",
        tmp_path / "office.toml",
        "--sample",
        200,
    )
    run = nikdedup.open(tmp_path / "run").run
    assert (run["counts"]["records"], run["options"]["lang"], run["options"]["report"]) == (200, "en", False)
    assert "Output: " in done.out


def test_link(small_extract: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    frame = pl.read_parquet(small_extract)
    halves = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    frame.head(300).write_parquet(halves[0])
    frame.tail(300).write_parquet(halves[1])
    assert nikdedup_cli("dedupe", *halves, "--link", "--out", tmp_path / "run", "--no-report").code == 0
    pairs = nikdedup.open(tmp_path / "run").pairs
    assert len(pairs) > 0
    assert pairs.filter((pl.col("row_l") >= 300) | (pl.col("row_r") < 300)).is_empty()


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_failed_health_check_is_published_with_exit_3(
    lang: str, small_extract: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    """Excel took the 16th digit of most NIKs."""
    cut = pl.when(pl.col("NIK").hash() % 10 > 0).then(pl.col("NIK").str.slice(0, 15) + "0").otherwise("NIK")
    pl.read_parquet(small_extract).with_columns(cut.alias("NIK")).write_csv(tmp_path / "excel.csv")
    done = nikdedup_cli("dedupe", tmp_path / "excel.csv", "--out", tmp_path / "run", "--lang", lang)
    assert done.code == 3
    run = nikdedup.open(tmp_path / "run").run
    [failed] = [check for check in run["health"] if not check["ok"]]
    assert failed["check"] == "nik_column_sound"
    assert done.err.splitlines() == [*LINES[lang], f"! {failed[f'text_{lang}']}"]
    assert (tmp_path / "run" / "report.html").is_file()


def identities(extract: Path) -> set[str]:
    """Return every NIK, KK number and name of two words or more of an extract."""
    frame = pl.read_parquet(extract)
    columns = ("NIK", "NO_KK", "NAMA_LGKP", "NAMA_LGKP_IBU", "NAMA_LGKP_AYAH")
    values = {value for column in columns for value in frame[column].drop_nulls()}
    return {value for value in values if len(value) >= 12 and (value.isdigit() or " " in value)}


def test_no_identity_on_any_screen_or_report(small_extract: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    out = tmp_path / "run"
    said = [nikdedup_cli("dedupe", small_extract, "--out", out)]
    decisions = nikdedup.open(out).decisions
    person = decisions["person_id"][0]
    row, other = decisions.drop_nulls("other_row").select("row", "other_row").row(0)
    said += [
        nikdedup_cli("explain", out, row, other, "--svg", tmp_path / "pair.svg"),
        nikdedup_cli("explain", out, "--person", person, "--svg", tmp_path / "person.svg"),
        nikdedup_cli("explain", out, decisions["case_id"][0], "--svg", tmp_path / "case.svg"),
        nikdedup_cli("profile", small_extract),
        nikdedup_cli("clean", small_extract, "--out", tmp_path / "clean.csv"),
        nikdedup_cli("evaluate", out, small_extract.with_name("small.truth.parquet")),
        nikdedup_cli("nik", pl.read_parquet(small_extract)["NIK"][0]),
    ]
    assert [one.code for one in said] == [0] * 8
    shown = "\n".join(one.out + one.err for one in said)
    shown += "".join((out / name).read_text(encoding="utf-8") for name in ("run.json", "report.html"))
    shown += "".join(
        (tmp_path / f"{name}.svg").read_text(encoding="utf-8") for name in ("pair", "person", "case")
    )
    secrets = identities(small_extract)
    assert len(secrets) > 1000
    assert [value for value in secrets if value in shown] == []
    open_, masked = (
        nikdedup_cli("explain", out, row, other, *more).out for more in (["--show-identities"], [])
    )
    assert any(value in open_ for value in secrets)
    assert masked in shown


def test_explain_takes_what_the_workbook_shows(small_run: Path, nikdedup_cli: Call) -> None:
    result = nikdedup.open(small_run)
    row, other, case = result.decisions.drop_nulls("other_row").select("row", "other_row", "case_id").row(0)
    by_row = nikdedup_cli("explain", small_run, row, other).out
    by_place = nikdedup_cli("explain", small_run, f"small.parquet:{row + 1}", f"baris {other + 1}").out
    assert by_row == by_place == result.explain(row, other).text() + "\n"
    assert f"data nomor {row} (baris {row + 1})" in by_row
    told = nikdedup_cli("explain", small_run, case)
    assert told.out == nikdedup_cli("explain", small_run, row).out == result.explain(case).text() + "\n"
    assert f"Kasus {case}: " in told.out
    assert f"{min(row, other)} – {max(row, other)}" in told.out
