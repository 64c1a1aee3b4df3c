"""What villages and officers have declared holds in a run: statuses and pairs, also of rows that no NIK can name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nikdedup
from nikdedup import Result, dedupe
from nikdedup.run.ktp_coverage import ktp_coverage
from tests.run.cutting import cut
from tests.run.test_parts import bytes_of

Call = Callable[..., Any]
SOURCE = "murung.xlsx, BERIWIT, M7"
COVERED = {"record_id": None, "reference_date": "2026-06-30"}


def listed(path: Path, *entries: dict[str, str]) -> Path:
    said = {"who": "BERIWIT", "when": "2026-06-20", "source": SOURCE}
    pl.DataFrame([said | one for one in entries]).write_csv(path)
    return path


def adults(result: Result, **wanted: object) -> pl.DataFrame:
    """Residents who count, recorded and alone: in no person of two, no pair."""
    alone = ~pl.col("row").is_in(result.decisions["row"].implode())
    born = pl.col("tgl_lhr_clean") < pl.date(1990, 1, 1)
    living = pl.col("flag_status_clean").fill_null("alive") == "alive"
    return result.residents.filter(alone & born & living & (pl.col("recorded") == "yes"))


def counts(result: Result) -> tuple[int, int]:
    found = result.record.counts.coverage
    assert found is not None
    return found.wajib_ktp, found.recorded


def test_a_status_is_seen_wherever_one_looks(
    small_extract: Path, small_result: Result, tmp_path: Path, nikdedup_cli: Call
) -> None:
    key, row = adults(small_result).select("record_key", "row").row(0)
    answers = listed(tmp_path / "answers.csv", {"kind": "dead", "record_key_l": key})
    out = dedupe(small_extract, verdicts=answers).write(tmp_path / "run")
    found = nikdedup.open(out)
    due, held = counts(small_result)
    assert counts(found) == (due - 1, held - 1)
    assert found.record.counts.declared == {"dead": 1, "moved": 0, "abroad": 0, "inactive": 0}
    drawn, usual = ktp_coverage(found), ktp_coverage(small_result)
    assert drawn is not None
    assert usual is not None
    assert drawn.after == (usual.after.due - 1, usual.after.held - 1), (
        "pictures and report count as the run does"
    )
    told = found.residents.filter(pl.col("status_declared").is_not_null())
    assert told.select("row", "status_declared").rows() == [(row, "dead")]
    assert told["flag_status_clean"].equals(small_result.residents[row]["flag_status_clean"])
    assert "Jawaban desa: 1, 1 berlaku." in found.summary("id")
    assert "Stated by villages or officers: dead 1." in found.summary("en")
    said = nikdedup_cli("explain", out, row, "--lang", "en").out
    assert (
        f"dead (BERIWIT, 20 June 2026; {SOURCE})" in said or f"dead (BERIWIT, 2026-06-20; {SOURCE})" in said
    )
    pair = nikdedup_cli("explain", out, row, (row + 1) % 500, "--lang", "en").out
    assert f"Status as stated: record number {row}: dead (BERIWIT" in pair
    assert nikdedup_cli("recheck", out).code == 0


def test_a_list_without_statuses_leaves_no_column(
    small_extract: Path, small_result: Result, tmp_path: Path
) -> None:
    one, other = adults(small_result)["record_key"][:2]
    answers = listed(tmp_path / "a.csv", {"kind": "cannot_link", "record_key_l": one, "record_key_r": other})
    assert dedupe(small_extract, verdicts=answers).residents.equals(small_result.residents)


EQUAL = pl.DataFrame(
    {
        "NIK": ["6212014107809001"] * 3 + ["621201", "621201"],
        "NAMA_LGKP": ["SITI AMINAH", "SITI AMINAH", "SITI AMINAH", "RUSLAN EFENDI", "RUSLAN EFENDI"],
        "TGL_LHR": ["1980-07-01"] * 3 + ["1971-03-04", "1971-03-04"],
        "ALAMAT": ["A", "B", "C", "D", "E"],
    }
)


def test_rows_that_no_nik_can_name_are_named_by_their_key(tmp_path: Path) -> None:
    """Rows of equal identity cells are told apart by a counter; those of damaged NIKs by their other cells."""
    before = dedupe(EQUAL, reference_date="2026-06-30")
    keys = before.residents["record_key"].to_list()
    assert len(set(keys)) == 5
    together = before.people["person_id"]
    assert together[0] == together[1] == together[2]
    answers = listed(
        tmp_path / "answers.csv",
        {"kind": "cannot_link", "record_key_l": keys[0], "record_key_r": keys[1]},
        {"kind": "dead", "record_key_l": keys[4]},
    )
    after = dedupe(EQUAL, reference_date="2026-06-30", verdicts=answers)
    people = after.people["person_id"]
    assert people[0] != people[1]
    assert after.residents["status_declared"].to_list() == [None] * 4 + ["dead"]
    assert after.record.officers is not None
    assert after.record.officers.unmatched == []


def test_copies_in_several_inputs_are_gone_together(tmp_path: Path) -> None:
    """A register and its list of the unrecorded hold the same resident: one answer is about both rows."""
    both = EQUAL[[0, 3]].with_columns(STATUS=pl.lit("SUDAH REKAM")).rename({"STATUS": "EKTP_STATUS"})
    both = both.with_columns(NIK=pl.Series(["6212014107809001", "6212010403719001"]))
    both.write_csv(tmp_path / "a.csv")
    both[:1].write_csv(tmp_path / "b.csv")
    inputs = [tmp_path / "a.csv", tmp_path / "b.csv"]
    before = dedupe(inputs, reference_date="2026-06-30")
    assert counts(before) == (2, 2)
    for key in before.residents["record_key"][[0, 2]]:
        answers = listed(tmp_path / "answers.csv", {"kind": "moved", "record_key_l": key})
        assert counts(dedupe(inputs, reference_date="2026-06-30", verdicts=answers)) == (1, 1)


@pytest.mark.parametrize("workers", [0, 2])
def test_parts_give_what_the_whole_gives(
    small_extract: Path, small_result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    keys = adults(small_result)["record_key"]
    doubles = small_result.pairs.filter(pl.col("band") == "confirmed").select("row_l", "row_r").row(0)
    left, right = (small_result.residents["record_key"][row] for row in doubles)
    answers = listed(
        tmp_path / "answers.csv",
        *({"kind": "dead", "record_key_l": key} for key in keys[::7]),
        {"kind": "abroad", "record_key_l": left},
        {"kind": "cannot_link", "record_key_l": left, "record_key_r": right},
    )
    whole = bytes_of(dedupe(small_extract, verdicts=answers, report=False).write(tmp_path / "whole"))
    cut(monkeypatch, tmp_path / "scratch", workers=workers)
    parts = bytes_of(dedupe(small_extract, verdicts=answers, report=False).write(tmp_path / "parts"))
    assert parts == whole


def test_answers_of_a_state_hold_in_a_run_of_its_own(
    small_extract: Path, kept_run: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    """An office without nights: list out, answer back, and the next run is told by --verdicts."""
    import openpyxl

    lists, state = tmp_path / "lists", tmp_path / "state"
    assert nikdedup_cli("worklist", kept_run, "--out", lists).code == 0
    rows = pl.read_parquet(lists / "worklist.parquet")
    asked = rows.filter(pl.col("asked") & (pl.col("part") == "unrecorded"))
    book = lists / asked["file"][0]
    filled = openpyxl.load_workbook(book)
    for line in filled[asked["sheet"][0]].iter_rows(min_row=5):
        if line[15].value == asked["key"][0]:
            line[12].value = "MENINGGAL"
    filled.save(book)
    assert nikdedup_cli("verdicts", "import", book, "--into", state).code == 0
    done = nikdedup_cli("dedupe", small_extract, "--out", tmp_path / "next", "--verdicts", state)
    assert done.code == 0, done.err
    told = nikdedup.open(tmp_path / "next").residents.filter(pl.col("status_declared") == "dead")
    assert told["record_key"].to_list() == [asked["record_key"][0]]
    assert nikdedup_cli("worklist", tmp_path / "next", "--out", tmp_path / "second").code == 0
    again = pl.read_parquet(tmp_path / "second" / "worklist.parquet")
    assert asked["record_key"][0] not in set(again.filter(pl.col("part") == "unrecorded")["record_key"])


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        pytest.param(["--verdicts", "nowhere"], "nowhere: no such folder; name the state", id="no state"),
        pytest.param(["--verdicts", __file__], "test_declared.py: is a file; name the state", id="a file"),
        pytest.param(["--verdicts", "/"], "no verdicts were read in yet", id="another folder"),
        pytest.param(["--verdicts", "s", "--state", "s"], "leave one out", id="a night goes by its own"),
    ],
)
def test_a_wrong_state_of_answers_is_named(
    small_extract: Path, tmp_path: Path, nikdedup_cli: Call, options: list[str], fault: str
) -> None:
    done = nikdedup_cli("dedupe", small_extract, "--out", tmp_path / "run", *options, "--lang", "en")
    assert done.code == 2
    assert fault in done.err
    assert not (tmp_path / "run").exists()
