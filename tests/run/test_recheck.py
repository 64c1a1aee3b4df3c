"""A run computed again: all decisions come out as stored, and whatever was changed since is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nikdedup
from nikdedup import InputError, Result, dedupe
from nikdedup.run.recheck import differences
from nikdedup.run.result import recheck_folder

Call = Callable[..., Any]
HEADER = "kind,record_id_l,record_id_r,nik_l,nik_r,who,when,why,until"


def spoil(folder: Path, name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    path = folder / f"{name}.parquet"
    change(pl.read_parquet(path)).write_parquet(path)


def test_every_decision_is_reproduced(kept_run: Path, small_result: Result, nikdedup_cli: Call) -> None:
    count = len(small_result.decisions)
    assert count > 10
    done = nikdedup_cli("recheck", kept_run, "--lang", "en")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{count} decisions computed again from pairs and residents: all equal.\n"
    assert nikdedup_cli("recheck", kept_run).out == (
        f"{count} keputusan dihitung ulang dari pairs dan residents: semuanya sama.\n"
    )
    assert small_result.recheck().ok
    assert nikdedup.open(kept_run).recheck().ok


TAMPERED: dict[str, tuple[pl.Expr, str]] = {
    "action": (pl.lit("keep"), "action"),
    "survivor": (pl.lit(None, pl.Int64), "survivor_row"),
    "a sentence": (pl.col("reasons_id") + " ", "reasons_id"),
    "a reason code": (pl.lit([], pl.List(pl.String)), "reasons"),
    "weight": (pl.col("weight_log2") + 1, "weight_log2"),
}


@pytest.mark.parametrize(("value", "column"), TAMPERED.values(), ids=TAMPERED.keys())
def test_one_changed_decision_is_found(
    value: pl.Expr, column: str, small_run: Path, nikdedup_cli: Call
) -> None:
    decisions = pl.read_parquet(small_run / "decisions.parquet")
    row = decisions.filter(action="propose_deactivation")["row"][0]
    here = pl.col("row") == row
    spoil(
        small_run,
        "decisions",
        lambda t: t.with_columns(pl.when(here).then(value).otherwise(column).alias(column)),
    )
    done = nikdedup_cli("recheck", small_run, "--lang", "en")
    assert (done.code, done.err) == (1, "")
    lines = done.out.splitlines()
    assert lines[0] == "decisions.parquet is not as this run wrote it."
    assert lines[1].endswith(": 1 differs.")
    assert lines[3].split() == [column, "1", str(row)]
    assert len(lines) == 4


def test_a_change_that_hides_its_digest_is_found_too(small_run: Path, nikdedup_cli: Call) -> None:
    """Who rewrites run.json as well still cannot make the decision come out."""
    from nikdedup.publish.publishing import _told

    forge = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("verify")).otherwise("rule").alias("rule")
    spoil(small_run, "decisions", lambda table: table.with_columns(forge))
    told = json.loads((small_run / "run.json").read_text(encoding="utf-8"))
    told["files"]["decisions.parquet"] = _told(small_run / "decisions.parquet").model_dump()
    (small_run / "run.json").write_text(json.dumps(told), encoding="utf-8")
    done = nikdedup_cli("recheck", small_run)
    assert done.code == 1
    assert "1 berbeda." in done.out
    assert "tidak lagi seperti" not in done.out


def test_a_missing_and_an_invented_decision_are_found(small_run: Path) -> None:
    decisions = pl.read_parquet(small_run / "decisions.parquet")
    free = next(row for row in range(600) if row not in set(decisions["row"]))
    gone = decisions["row"][0]
    invented = decisions.tail(1).with_columns(row=pl.lit(free, pl.Int64))
    spoil(small_run, "decisions", lambda table: pl.concat([table.filter(pl.col("row") != gone), invented]))
    found = recheck_folder(small_run)
    assert sorted(found.differing.rows()) == sorted([(gone, "not_stored"), (free, "not_reproduced")])
    assert found.rows == sorted([gone, free])
    assert "(not stored)" in found.text("en")


def test_a_row_decided_twice_is_no_match(small_result: Result) -> None:
    stored = small_result.decisions
    found = differences(pl.concat([stored, stored.head(1)]), stored)
    assert found["row"].unique().to_list() == [stored["row"][0]]
    assert differences(stored, stored).is_empty()


@pytest.mark.parametrize("name", ["pairs", "residents", "people"])
def test_changed_evidence_is_found(name: str, small_run: Path, nikdedup_cli: Call) -> None:
    changes = {
        "pairs": lambda table: table.with_columns(pl.col("weight_log2") - 1),
        "residents": lambda table: table.with_columns(recorded=pl.lit("no")),
        "people": lambda table: table.with_columns(person_id="P" + pl.col("record_id")),
    }
    spoil(small_run, name, changes[name])
    done = nikdedup_cli("recheck", small_run, "--lang", "en")
    assert done.code == 1
    assert f"{name}.parquet is not as this run wrote it." in done.out
    assert " differ." in done.out


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param(["residents"], "residents.parquet missing, the folder is not whole", id="residents"),
        pytest.param(["pairs", "people"], "people.parquet, pairs.parquet missing", id="two"),
    ],
)
def test_what_is_missing_is_said(files: list[str], message: str, small_run: Path, nikdedup_cli: Call) -> None:
    for name in files:
        (small_run / f"{name}.parquet").unlink()
    done = nikdedup_cli("recheck", small_run)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert len(done.err.splitlines()) == 1


def test_a_run_without_residents_says_so(small_extract: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    out = tmp_path / "run"
    nikdedup_cli("dedupe", small_extract, "--out", out, "--no-residents", "--no-report")
    done = nikdedup_cli("recheck", out)
    assert done.code == 2
    assert "the run was written without it (--no-residents)" in done.err
    with pytest.raises(InputError, match="without residents"):
        nikdedup.open(out).recheck()


def test_no_run_at_all(tmp_path: Path, nikdedup_cli: Call) -> None:
    done = nikdedup_cli("recheck", tmp_path)
    assert done.code == 2
    assert "not a finished nikdedup run" in done.err


def test_an_unreadable_table_is_one_plain_line(small_run: Path, nikdedup_cli: Call) -> None:
    (small_run / "pairs.parquet").write_bytes(b"PAR1 and nothing else")
    done = nikdedup_cli("recheck", small_run)
    assert done.code == 2
    assert "a table is not readable" in done.err


POLICY = """
[[rule]]
name = "closer"
scope = "person"
others = "verify"
reasons = ["similar_not_sure"]
text_id = "Verifikasi: dua data."
text_en = "Verify: two records."

[[rule]]
name = "shared_nik_all"
scope = "shared_nik"
others = "separate"
reasons = ["nik_shared"]
text_id = "Pisahkan."
text_en = "Separate."

[[rule]]
name = "review_all"
scope = "review"
others = "verify"
reasons = ["similar_not_sure"]
text_id = "Verifikasi."
text_en = "Verify."
"""


def test_a_run_is_rechecked_when_its_policy_and_list_are_gone(
    small_extract: Path, small_result: Result, tmp_path: Path, nikdedup_cli: Call
) -> None:
    """run.json keeps the policy and what officers declared, so that the folder is enough."""
    left, right = small_result.pairs.filter(band="confirmed").select("row_l", "row_r").row(0)
    other = small_result.pairs.filter(band="confirmed").row(-1, named=True)
    listed = tmp_path / "daftar.csv"
    listed.write_text(
        f"{HEADER}\ncannot_link,{left},{right},,,Kasi Dafduk,2026-05-04,akta berbeda,2027-05-04\n"
        f"must_link,{other['row_l']},{other['row_r']},,,Kasi Dafduk,2026-05-04,,\n",
        encoding="utf-8",
    )
    policy = tmp_path / "kebijakan.toml"
    policy.write_text(POLICY, encoding="utf-8")
    config = tmp_path / "config.toml"
    config.write_text(
        f"[settle]\npolicy = '{policy.as_posix()}'\nconstraints = '{listed.as_posix()}'\n", encoding="utf-8"
    )
    out = tmp_path / "run"
    assert nikdedup_cli("dedupe", small_extract, "--out", out, "--config", config).code == 0
    assert "closer" in set(pl.read_parquet(out / "decisions.parquet")["rule"])
    told = (out / "run.json").read_text(encoding="utf-8")
    assert "akta berbeda" not in told
    listed.unlink()
    policy.unlink()
    assert nikdedup_cli("recheck", out).code == 0


def test_sources_that_overlap_or_lost_digits_are_understood_as_they_were(
    small_extract: Path, tmp_path: Path
) -> None:
    """The reader's notes on each source (cells that are numbers, which input) survive in run.json."""
    frame = pl.read_parquet(small_extract)
    first, second = tmp_path / "KK 6212014107609001.csv", tmp_path / "b.xlsx"  # run.json masks the number
    frame.head(400).write_csv(first)
    nik = next(name for name in frame.columns if "NIK" in name.upper())
    cut = frame.slice(300, 200).with_columns(
        pl.col(nik).str.replace_all(r"\D", "").cast(pl.Int64, strict=False).alias(nik)
    )
    cut = cut.with_columns((pl.col(nik) // 10 * 10).alias(nik))
    cut.write_excel(second)
    result = dedupe([first, second, first], reference_date="2026-06-30")
    assert result.residents["flags"].list.contains("source_overlap").any()
    assert (result.residents["nik_verdict"] == "suspect_truncated").any()
    out = result.write(tmp_path / "run")
    assert "6212014107609001" not in (out / "run.json").read_text(encoding="utf-8")
    again = recheck_folder(out)
    assert again.ok, again.text("en")
