"""A Result: every kind of input, every kind of table out, the folder it is kept in, and back."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import nikdedup
from nikdedup import ConfigError, InputError, Result, dedupe, schema
from nikdedup.run.result import TABLES

IDS = {
    "residents": ("record_id", "nik", "no_kk", "nik_clean", "no_kk_clean"),
    "people": ("record_id", "person_id"),
    "pairs": ("record_id_l", "record_id_r"),
    "decisions": ("decision_id", "case_id", "record_id", "person_id"),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_those_of_the_contract(name: str, small_result: Result) -> None:
    frame = getattr(small_result, name)
    expected: dict[str, Any] = {
        "people": schema.PEOPLE,
        "pairs": schema.PAIRS,
        "decisions": schema.DECISIONS,
        "residents": {
            **schema.IDENTITY,
            "record_key": pl.String(),
            **{field: pl.String() for field in schema.FIELDS if field in frame.columns},
            **schema.CLEAN,
            **schema.VERDICTS,
        },
    }[name]
    assert dict(frame.schema) == expected


@pytest.mark.parametrize("name", TABLES)
def test_identifiers_stay_text(name: str, small_result: Result) -> None:
    frame = small_result.to_pandas(name)
    table = small_result.to_arrow(name)
    assert isinstance(frame, pd.DataFrame)
    assert isinstance(table, pa.Table)
    for column in IDS[name]:
        assert {type(value) for value in frame[column].dropna()} <= {str}
        assert table.schema.field(column).type in (pa.string(), pa.large_string())
    assert len(frame) == table.num_rows == len(getattr(small_result, name))


def test_a_table_that_does_not_exist(small_result: Result) -> None:
    for ask in (small_result.to_pandas, small_result.to_arrow):
        with pytest.raises(InputError) as caught:
            ask("persons")
        assert str(caught.value) == "no table 'persons'; allowed: residents, people, pairs, decisions"


INPUTS: list[Any] = [
    pytest.param(lambda path: path, id="path"),
    pytest.param(str, id="path as text"),
    pytest.param(lambda path: path.parent / "small.par*", id="glob"),
    pytest.param(pl.read_parquet, id="polars"),
    pytest.param(pl.scan_parquet, id="polars, lazy"),
    pytest.param(pd.read_parquet, id="pandas"),
    pytest.param(lambda path: pl.read_parquet(path).to_arrow(), id="pyarrow"),
]


@pytest.mark.parametrize("given", INPUTS)
def test_every_kind_of_input_gives_the_same(
    given: Callable[[Path], Any], small_extract: Path, small_result: Result
) -> None:
    found = dedupe(given(small_extract))
    assert found.people.equals(small_result.people)
    assert found.pairs.equals(small_result.pairs)
    assert found.decisions.select(pl.exclude("^reasons_..$")).equals(
        small_result.decisions.select(pl.exclude("^reasons_..$"))
    )


def test_a_list_of_paths_is_one_extract(small_extract: Path, small_result: Result, tmp_path: Path) -> None:
    frame = pl.read_parquet(small_extract)
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    frame.head(250).write_parquet(paths[0])
    frame.tail(350).write_parquet(paths[1])
    found = dedupe(paths)
    assert found.people.equals(small_result.people)
    assert found.residents["source_file"].to_list() == ["a.parquet"] * 250 + ["b.parquet"] * 350


def test_the_frame_that_was_given_is_not_changed(small_extract: Path) -> None:
    frame = pd.read_parquet(small_extract)
    before = frame.copy(deep=True)
    dedupe(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_link_compares_only_across(small_extract: Path) -> None:
    frame = pl.read_parquet(small_extract)
    found = dedupe(link=(frame, frame))
    assert found.pairs.filter((pl.col("row_l") < 600) == (pl.col("row_r") < 600)).is_empty()
    assert found.run["counts"]["confirmed_pairs"] >= 600


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({}, "dedupe takes either data or link=(a, b)", id="neither"),
        pytest.param({"data": 1, "link": (1, 2)}, "dedupe takes either data or link=(a, b)", id="both"),
        pytest.param({"link": (1,)}, "link takes two or more inputs; found 1", id="one to link"),
        pytest.param({"link": "ab"}, "link takes two or more inputs; found str", id="a text to link"),
    ],
)
def test_what_dedupe_takes(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        dedupe(**options)
    assert str(caught.value) == message


@pytest.mark.parametrize("residents", [True, False], ids=["with residents", "without residents"])
def test_open_gives_the_result_back(residents: bool, small_extract: Path, tmp_path: Path) -> None:
    made = dedupe(small_extract, lang="en", residents=residents, report=residents, review_log2=-5)
    folder = made.write(str(tmp_path / "new" / "deep" / "run"))
    again = nikdedup.open(folder)
    for name in TABLES:
        if name != "residents" or residents:
            assert again._table(name).equals(made._table(name)), name
    assert again.run == made.run
    assert again.config == made.config
    assert again.summary() == made.summary()
    assert (repr(again), again._repr_html_()) == (repr(made), made._repr_html_())
    if not residents:
        assert again.residents.columns == ["row", "record_id"]
        assert not (folder / "residents.parquet").exists()


def test_open_and_write_again_gives_the_same_bytes(small_run: Path, tmp_path: Path) -> None:
    copy = nikdedup.open(small_run).write(tmp_path / "copy")
    for path in small_run.iterdir():
        if path.name != "run.json":
            assert (copy / path.name).read_bytes() == path.read_bytes(), path.name
    told = [json.loads((folder / "run.json").read_text(encoding="utf-8")) for folder in (small_run, copy)]
    for one in told:
        assert one.pop("timing").keys() >= {"read", "match", "write"}
    assert told[0] == told[1]


def test_an_opened_run_explains_like_the_one_in_memory(small_run: Path, small_result: Result) -> None:
    again = nikdedup.open(small_run)
    stored = small_result.pairs.row(0, named=True)
    for pair in ((stored["row_l"], stored["row_r"]), (3, 411)):
        assert again.explain(*pair).as_dict() == small_result.explain(*pair).as_dict()
    person = small_result.decisions["person_id"][0]
    assert again.explain_person(person).text() == small_result.explain_person(person).text()


def test_a_run_without_residents_cannot_make_its_report_again(small_extract: Path, tmp_path: Path) -> None:
    again = nikdedup.open(dedupe(small_extract, residents=False).write(tmp_path / "run"))
    with pytest.raises(InputError) as caught:
        again.write(tmp_path / "other")
    assert str(caught.value) == (
        "write: this run was kept without residents (residents = False); run dedupe again"
    )
    assert not (tmp_path / "other").exists()


def test_report_and_workbook_go_when_the_new_run_has_none(small_extract: Path, small_run: Path) -> None:
    dedupe(small_extract, report=False).write(small_run)
    assert not {"report.html", "decisions.xlsx"} & {path.name for path in small_run.iterdir()}
    assert nikdedup.open(small_run).run["options"]["report"] is False


def test_write_into_a_foreign_folder(small_result: Result, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("x", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        small_result.write(tmp_path)
    assert str(caught.value) == (
        f"out {tmp_path.name}: is not empty and not a nikdedup run; nothing was touched"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_repr_and_summary_tell_counts(small_result: Result) -> None:
    counts = small_result.run["counts"]
    assert repr(small_result) == (
        f"Result(600 records, {counts['people']} people, {counts['confirmed_pairs']} confirmed "
        f"and {counts['review_pairs']} review pairs)"
    )
    assert str(counts["people"]) in small_result.summary("en")
    assert small_result.summary("en") != small_result.summary("id")
    assert small_result.summary() == small_result.summary("id")


def test_what_a_screen_shows_holds_no_identity(small_result: Result) -> None:
    shown = "".join(
        [
            repr(small_result),
            small_result._repr_html_(),
            small_result.summary("id"),
            small_result.summary("en"),
            json.dumps(small_result.run),
        ]
    )
    for column in ("nik", "no_kk", "nama_lgkp", "nama_lgkp_ibu"):
        for value in small_result.residents[column].drop_nulls().unique():
            if len(value) > 9:
                assert value not in shown, column


def test_a_plain_script_without_a_guard(small_extract: Path, tmp_path: Path) -> None:
    """Nothing starts the script again in a child process."""
    script = tmp_path / "plain.py"
    script.write_text(
        "import sys\nimport nikdedup\nprint('begins')\n"
        "result = nikdedup.dedupe(sys.argv[1], threads=2)\nprint(result)\nresult.write(sys.argv[2])\n",
        encoding="utf-8",
    )
    command = [sys.executable, str(script), str(small_extract), str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.count("begins") == 1
    assert "Result(600 records" in done.stdout
    assert done.stderr == ""
    assert nikdedup.open(tmp_path / "run").run["counts"]["records"] == 600
