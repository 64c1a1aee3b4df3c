"""What an office has settled stays settled: apply the decisions, or answer them, and run again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nikdedup import InputError, Result, dedupe, generate

Call = Callable[..., Any]
HEADER = "kind,record_id_l,record_id_r,nik_l,nik_r,who,when,why,until"
DAY = "2026-06-30"
SETTLING = ("keep", "propose_deactivation")


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3,000 residents of the hard profile: some 90 people of two records or more and some pairs for review."""
    out = tmp_path_factory.mktemp("again") / "hard.parquet"
    generate(out, rows=3_000, seed=41, profile="hard")
    frame = pl.read_parquet(out).with_row_index("ID").cast({"ID": pl.String})
    frame.write_parquet(out)
    return out


@pytest.fixture(scope="module")
def first(extract: Path) -> Result:
    return dedupe(extract, record_id="ID", reference_date=DAY)


def told(path: Path, entries: list[tuple[str, object, object]], until: str = "") -> Path:
    lines = [
        f"{kind},{left},{right},,,Kasi Dafduk,2026-05-04,berita acara,{until}"
        for kind, left, right in entries
    ]
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def settled(result: Result) -> pl.DataFrame:
    """Decisions of cases in which every record is kept or proposed for deactivation, by a rule that displaces."""
    decisions = result.decisions
    whole = decisions.group_by("case_id").agg(pl.col("action").is_in(SETTLING).all().alias("whole"))
    return decisions.join(whole.filter("whole"), on="case_id", how="semi").filter(
        pl.col("survivor_row").is_not_null()
    )


def test_taking_out_what_is_displaced_leaves_nothing_to_decide(extract: Path, first: Result) -> None:
    done = settled(first)
    assert len(done) > 100
    gone = first.decisions.filter(action="propose_deactivation")["record_id"]
    left = pl.read_parquet(extract).filter(~pl.col("ID").is_in(gone.implode()))
    again = dedupe(left, record_id="ID", reference_date=DAY)
    kept = done.filter(action="keep")["record_id"]
    assert again.decisions.filter(pl.col("record_id").is_in(kept.implode())).is_empty()
    assert set(again.decisions["record_id"]) <= set(first.decisions["record_id"])


def test_answers_as_constraints_change_nothing_and_close_what_was_open(
    extract: Path, first: Result, tmp_path: Path
) -> None:
    """The office confirms every person and answers every pair for review with no."""
    people = first.people.join(first.decisions.select("row"), on="row", how="semi")
    grouped = (
        people.group_by("person_id")
        .agg(pl.col("record_id").sort())
        .filter(pl.col("record_id").list.len() > 1)
    )
    yes = [
        ("must_link", ids[0], other) for ids in grouped.sort("person_id")["record_id"] for other in ids[1:]
    ]
    home = dict(first.people.select("record_id", "person_id").iter_rows())
    review = first.pairs.filter(band="review").select("record_id_l", "record_id_r").rows()
    no = [("cannot_link", left, right) for left, right in review if home[left] != home[right]]
    assert len(yes) > 80
    assert len(no) > 10
    listed = told(tmp_path / "jawaban.csv", yes + no)
    again = dedupe(extract, record_id="ID", reference_date=DAY, constraints=listed)
    same = ["record_id", "action", "survivor_row", "kind"]
    confirmed = first.decisions.filter(pl.col("record_id").is_in(people["record_id"].implode()))
    many = {record for ids in grouped["record_id"] for record in ids}
    before = {row[0]: row[1:] for row in confirmed.select(same).iter_rows() if row[0] in many}
    after = {row[0]: row[1:] for row in again.decisions.select(same).iter_rows()}
    assert {record: after.get(record) for record in before} == before
    assert set(after) <= set(first.decisions["record_id"])
    assert not set(again.pairs.filter(band="review").select("record_id_l", "record_id_r").rows()) & {
        (left, right) for _, left, right in no
    }
    assert all(
        "must_link" in codes
        for codes in again.decisions.filter(pl.col("record_id").is_in(list(many)))["reasons"]
    )


def test_keeping_two_records_apart_never_joins_them_by_another_way(
    extract: Path, first: Result, tmp_path: Path
) -> None:
    """One more cannot_link at a time: its two records are two people, and nobody is joined who was not before."""
    confirmed = first.pairs.filter(band="confirmed").select("record_id_l", "record_id_r").rows()
    before = dict(first.people.select("record_id", "person_id").iter_rows())
    for left, right in confirmed[:: len(confirmed) // 4]:
        listed = told(tmp_path / "pisah.csv", [("cannot_link", left, right)])
        result = dedupe(extract, record_id="ID", reference_date=DAY, constraints=listed)
        after = dict(result.people.select("record_id", "person_id").iter_rows())
        assert after[left] != after[right]
        groups = result.people.group_by("person_id").agg("record_id")["record_id"]
        assert all(len({before[record] for record in group}) == 1 for group in groups)


def test_contradicting_entries_stop_the_run_before_anything_is_read(
    tmp_path: Path, nikdedup_cli: Call
) -> None:
    listed = told(tmp_path / "daftar.csv", [("must_link", 1, 2), ("must_link", 2, 3), ("cannot_link", 1, 3)])
    config = tmp_path / "config.toml"
    config.write_text(f"[settle]\nconstraints = '{listed.as_posix()}'\n", encoding="utf-8")
    source = tmp_path / "rusak.csv"
    source.write_text("NIK;NAMA\n", encoding="utf-8")
    done = nikdedup_cli("dedupe", source, "--out", tmp_path / "run", "--config", config)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1] == (
        "nikdedup: constraints: entry 3 (cannot_link) contradicts must_link in entry 1, 2"
    )
    assert not (tmp_path / "run").exists()


def test_two_names_of_one_record_contradict_each_other_too(small_extract: Path, tmp_path: Path) -> None:
    frame = pl.read_parquet(small_extract)
    unique = frame.filter(pl.col("NIK").is_unique() & pl.col("NIK").str.starts_with("62"))["NIK"]
    number = frame["NIK"].to_list().index(unique[0])
    listed = tmp_path / "daftar.csv"
    listed.write_text(
        f"{HEADER}\nmust_link,,{number + 1},{unique[0]},,Kasi,2026-05-04,,\n"
        f"cannot_link,{number},{number + 1},,,Kasi,2026-05-04,,\n",
        encoding="utf-8",
    )
    with pytest.raises(
        InputError, match=r"entry 2 \(cannot_link\) contradicts must_link in entry 1$"
    ) as caught:
        dedupe(small_extract, constraints=listed)
    assert unique[0] not in str(caught.value)


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        (
            "id",
            [
                "Daftar petugas: 3 butir, 1 berlaku.",
                "  - sudah lewat masa berlakunya: butir 2",
                "  - data yang disebut tidak ada dalam berkas: butir 3",
            ],
        ),
        (
            "en",
            [
                "Officers' list: 3 entries, 1 in force.",
                "  - expired: entry 2",
                "  - names a record that is not in the extract: entry 3",
            ],
        ),
    ],
)
def test_what_has_expired_or_is_not_there_is_told(
    lang: str, lines: list[str], small_extract: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    listed = tmp_path / "daftar.csv"
    listed.write_text(
        f"{HEADER}\nmust_link,1,2,,,Kasi Dafduk,2026-05-04,,{DAY}\nmust_link,3,4,,,Kasi Dafduk,2026-05-04,,2026-06-29\n"
        f"must_link,5,99999,,,Kasi Dafduk,2026-05-04,,\n",
        encoding="utf-8",
    )
    config = tmp_path / "config.toml"
    config.write_text(f"[settle]\nconstraints = '{listed.as_posix()}'\n", encoding="utf-8")
    out = tmp_path / "run"
    done = nikdedup_cli(
        "dedupe",
        small_extract,
        "--out",
        out,
        "--config",
        config,
        "--reference-date",
        DAY,
        "--lang",
        lang,
        "--no-report",
    )
    assert done.code == 0, done.err
    told_lines = done.out.splitlines()
    start = told_lines.index(lines[0])
    assert told_lines[start : start + 3] == lines
    decisions = pl.read_parquet(out / "decisions.parquet")
    joined = decisions.filter(pl.col("row").is_in([1, 2]))
    assert joined["person_id"].n_unique() == 1
    assert (
        joined["reasons_id"]
        .str.contains("berlaku sampai 30-06-2026 (daftar petugas, butir 1)", literal=True)
        .all()
    )
    assert not set(decisions.filter(pl.col("reasons").list.contains("must_link"))["row"]) - {1, 2}
    assert (
        "Pernyataan petugas: satu orang (Kasi Dafduk"
        in nikdedup_cli("explain", out, 1, 2, "--lang", "id").out
    )


def test_officers_overrule_the_presumption_of_two_people(
    extract: Path, first: Result, tmp_path: Path
) -> None:
    """An override is a must_link: who stated it and when stands in the reasons of both records."""
    presumed = first.decisions.filter(rule="review_two_passed").drop_nulls("other_row")
    left = presumed["record_id"][0]
    right = first.people.filter(row=presumed["other_row"][0])["record_id"][0]
    listed = told(tmp_path / "putusan.csv", [("must_link", left, right)])
    again = dedupe(extract, record_id="ID", reference_date=DAY, constraints=listed)
    both = again.decisions.filter(pl.col("record_id").is_in([left, right]))
    assert both["person_id"].n_unique() == 1
    assert "adjudicate" not in set(both["action"])
    assert (
        both["reasons_en"]
        .str.contains("Stated by Kasi Dafduk on 2026-05-04 (officers' list, entry 1).", literal=True)
        .all()
    )
