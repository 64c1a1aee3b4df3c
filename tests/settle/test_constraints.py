"""Lists of officers: checked as a whole, tied to rows, contradictions found through chains."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.errors import InputError
from nikdedup.settle.constraints import LINKS, closed_links, contradictions, resolve_constraints
from nikdedup.settle.declared import CONSTRAINTS, load_constraints
from tests.settle.household import decided, outcome, tell

A, B, C = "6212010107809001", "6212035703809002", "6212055703809007"
HEADER = "kind,record_id_l,record_id_r,nik_l,nik_r,who,when,why,until"


def _list(*lines: str) -> pl.DataFrame:
    return load_constraints(pl.read_csv("\n".join([HEADER, *lines]).encode(), infer_schema=False))


def _links(*entries: tuple[int, int, str]) -> pl.DataFrame:
    rows = [
        {
            "row_l": left,
            "row_r": right,
            "kind": kind,
            "who": "Kasi Dafduk",
            "when": date(2026, 5, 4),
            "line": line,
        }
        for line, (left, right, kind) in enumerate(entries, start=1)
    ]
    return pl.DataFrame(rows, schema=LINKS)


RESIDENTS = tell(f"0 nik={A}\n1 nik={B}\n2 nik={C}\n3 nik={A}\n4 nik={B} verdict=suspect_truncated")[2]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_file_reads_like_a_frame(tmp_path: Path, suffix: str) -> None:
    entries = _list(
        "must_link,0,1,,,Kasi Dafduk,2026-05-04,berita acara 12,",
        "cannot_link,,,1,2,Kasi Dafduk,04-05-2026,,",
    )
    path = tmp_path / f"daftar{suffix}"
    written = entries.drop("line")
    written.write_csv(path) if suffix == ".csv" else written.write_parquet(path)
    assert load_constraints(path).equals(entries)
    assert entries["when"].to_list() == [date(2026, 5, 4)] * 2
    assert load_constraints(written.to_pandas()).equals(entries)


def test_every_fault_of_a_list_comes_at_once_and_names_no_nik() -> None:
    with pytest.raises(InputError) as caught:
        _list(
            f"same,0,,,{A},Kasi,2026-05-04,,",
            "must_link,0,1,5,,Kasi,2026-05-04,,",
            "cannot_link,2,2,,,,besok,,2026-13-01",
            f"cannot_link,2,,{B},,Kasi,2026-05-04,,",
        )
    message = str(caught.value)
    assert [part.split(":")[0] for part in message.removeprefix("constraints: ").split("; ")] == [
        "entry 1",
        "entry 2",
        "entry 3",
        "entry 3",
        "entry 3",
        "entry 3",
        "entry 4",
        "entry 4",
    ]
    assert A not in message
    assert B not in message


@pytest.mark.parametrize(
    ("when", "until"), [("207-01-01", ""), ("2026-05-04", "207-01-01"), ("2026-05-04", "9999-12-31")]
)
def test_days_that_no_run_could_keep_are_no_dates(when: str, until: str) -> None:
    with pytest.raises(
        InputError, match=r"is no date \(yyyy-mm-dd or dd-mm-yyyy\) from 1900-01-01 to 2199-12-31$"
    ):
        _list(f"must_link,0,1,,,Kasi,{when},,{until}")


FILES = {
    "unknown column": ("kind,record_id_l,record_id_r,who,when,reason\n", "unknown column 'reason'"),
    "missing column": ("kind,record_id_l,record_id_r,when\n", "column 'who' is missing"),
    "no header": (
        f"must_link,{A},SITI AMINAH,petugas,2026-01-01\n",
        f"no header row: the first row looks like data; allowed: {', '.join(CONSTRAINTS)}",
    ),
    "a name in the header": (
        "kind,record_id_l,record_id_r,who,when,SITI AMINAH\n",
        "1 unknown column; allowed",
    ),
}


@pytest.mark.parametrize(("text", "message"), FILES.values(), ids=FILES.keys())
def test_wrong_columns(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "daftar.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        load_constraints(path)
    assert A not in str(caught.value)
    assert "SITI" not in str(caught.value)


def test_columns_that_are_no_text() -> None:
    columns = {"kind": ["must_link"], "who": ["ANI"], "when": [["2026-06-30"]]}
    with pytest.raises(InputError, match=r"constraints: a column is no text"):
        load_constraints(pl.DataFrame(columns))


@pytest.mark.parametrize("name", ["tidak_ada.csv", "daftar.xlsx"])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"no such file|allowed: \.csv, \.parquet"):
        load_constraints(tmp_path / name)


def test_what_is_no_list_is_named() -> None:
    with pytest.raises(InputError, match="found int; allowed: a CSV or Parquet file, or a frame"):
        load_constraints(5)


def test_entries_become_links_between_rows() -> None:
    entries = _list(
        "must_link,2,1,,,Kasi,2026-05-04,,",
        f"cannot_link,,2,{A},,Kasi,2026-05-04,,",
        f"must_link,,,{B},6212999999999999,Kasi,2026-05-04,,",
        "must_link,0,99,,,Kasi,2026-05-04,,",
    )
    links, unmatched, _ = resolve_constraints(entries, RESIDENTS)
    assert links.select("row_l", "row_r", "kind", "line").rows() == [
        (0, 2, "cannot_link", 2),
        (1, 2, "must_link", 1),
        (2, 3, "cannot_link", 2),
    ]
    assert dict(links.schema) == LINKS
    assert unmatched == [3, 4]


def test_an_entry_lapses_after_its_day() -> None:
    entries = _list(
        "must_link,0,1,,,Kasi,2026-05-04,,2026-06-30", "must_link,1,2,,,Kasi,2026-05-04,,2026-06-29"
    )
    links, unmatched, _ = resolve_constraints(entries, RESIDENTS, reference_date=date(2026, 6, 30))
    assert links["line"].to_list() == [1]
    assert unmatched == []


def test_contradictions_are_named_through_chains() -> None:
    entries = _list(
        "must_link,0,1,,,Kasi,2026-05-04,,",
        "must_link,1,2,,,Kasi,2026-05-04,,",
        "must_link,2,4,,,Kasi,2026-05-04,,",
        "cannot_link,0,2,,,Kasi,2026-05-04,,",
    )
    with pytest.raises(InputError, match=r"entry 4 \(cannot_link\) contradicts must_link in entry 1, 2$"):
        resolve_constraints(entries, RESIDENTS)


def test_a_cannot_link_holds_through_chains() -> None:
    closed = closed_links(_links((0, 1, "must_link"), (1, 2, "cannot_link"), (2, 3, "must_link")))
    assert closed.filter(pl.col("kind") == "cannot_link").select("row_l", "row_r", "who").rows() == [
        (0, 2, None),
        (0, 3, None),
        (1, 2, "Kasi Dafduk"),
        (1, 3, None),
    ]


_entries = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from(["must_link", "cannot_link"])).filter(
        lambda entry: entry[0] < entry[1]
    ),
    max_size=8,
)


@settings(max_examples=50)
@given(_entries)
def test_closing_links_equals_plain_reasoning(entries: list[tuple[int, int, str]]) -> None:
    links = _links(*entries)
    same = {row: {row} for row in range(6)}
    for _ in range(6):
        for left, right, kind in entries:
            if kind == "must_link":
                joined = same[left] | same[right]
                for row in joined:
                    same[row] = same[row] | joined
    clash = any(kind == "cannot_link" and right in same[left] for left, right, kind in entries)
    assert bool(contradictions(links)) == clash
    if not clash:
        apart = {
            (a, b)
            for left, right, kind in entries
            if kind == "cannot_link"
            for a in same[left]
            for b in same[right]
        }
        closed = closed_links(links)
        found = set(closed.filter(pl.col("kind") == "cannot_link").select("row_l", "row_r").iter_rows())
        assert found == {(min(pair), max(pair)) for pair in apart}
        again = closed_links(
            pl.concat([links, closed.with_columns(line=pl.lit(0, pl.Int64))], how="diagonal")
        )
        assert again.select("row_l", "row_r", "kind").equals(closed.select("row_l", "row_r", "kind"))


def test_a_person_with_a_forbidden_link_is_looked_at() -> None:
    story = f"""0 nik={A} class=unique
        1 nik={B} class=belum
        2 nik={C} class=belum
        0~1 same_person confirmed 20
        1~2 same_person confirmed 20"""
    decisions = decided(story, constraints=_links((0, 2, "cannot_link")))
    assert outcome(decisions) == dict.fromkeys(range(3), ("verify", None))
    assert decisions["rule"].unique().to_list() == ["forbidden_link"]
    assert all("cannot_link" in codes for codes in decisions["reasons"])
    for lang, opening, change in (
        (
            "id",
            "Verifikasi: petugas telah menyatakan",
            "Berubah bila pernyataan petugas dicabut atau berakhir.",
        ),
        (
            "en",
            "Verify: an officer has stated",
            "Changes if the officer's statement is withdrawn or expires.",
        ),
    ):
        for text in decisions[f"reasons_{lang}"]:
            assert text.startswith(opening)
            assert text.endswith(change)
            assert not re.search(r"[{}]|  |\d{7}|AMINAH|RUSMINI|None|null", text)


def test_a_review_that_an_officer_has_answered_with_no_is_settled() -> None:
    story = f"""0 nik={A} class=unique
        1 nik={B} class=belum
        0~1 same_person review 8"""
    assert decided(story).height == 2
    assert decided(story, constraints=_links((0, 1, "cannot_link"))).is_empty()


def test_an_override_of_two_presumed_people_carries_who_and_when() -> None:
    story = f"""0 nik={A} class=unique recorded_on=2012-01-01
        1 nik={B} class=unique recorded_on=2016-01-01
        0~1 same_person confirmed 20"""
    assert outcome(decided(story)) == dict.fromkeys(range(2), ("adjudicate", None))
    links = _links((0, 1, "must_link"))
    decisions = decided(story, constraints=links)
    assert outcome(decisions) == {0: ("keep", 0), 1: ("propose_deactivation", 0)}
    assert all("must_link" in codes for codes in decisions["reasons"])
    assert (
        decisions["reasons_id"]
        .str.contains("Dinyatakan oleh Kasi Dafduk pada 04-05-2026 (daftar petugas, butir 1).", literal=True)
        .all()
    )
    said = "Stated by Kasi Dafduk on 2026-05-04 (officers' list, entry 1)."
    assert decisions["reasons_en"].str.contains(said, literal=True).all()
    until = links.with_columns(until=pl.lit(date(2027, 1, 31)))
    told = decided(story, constraints=until)["reasons_id"]
    assert told.str.contains("berlaku sampai 31-01-2027 (daftar petugas, butir 1).", literal=True).all()


def test_records_joined_by_an_officer_alone_are_decided_too() -> None:
    story = f"""0 nik={A} class=unique
        1 nik={B} class=belum
        people 0+1"""
    decisions = decided(story, constraints=_links((0, 1, "must_link")))
    assert outcome(decisions) == {0: ("keep", 0), 1: ("propose_deactivation", 0)}
    assert decisions["kind"].to_list() == ["C", "C"]
    assert decisions["weight_log2"].to_list() == [None, None]
