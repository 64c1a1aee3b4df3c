"""What readers find: one whole run, whatever a writer is at; and one plain line where somebody has edited it."""

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nikdedup
from nikdedup import InputError, Result
from nikdedup.publish import OUTPUTS, opened, opened_whole
from nikdedup.publish.found import Source
from nikdedup.publish.layout import aside
from nikdedup.publish.publishing import _told
from nikdedup.publish.record import SCHEMA_VERSION
from nikdedup.publish.run_json import read

Call = Callable[..., Any]


FAR = pl.lit(3_000_000, pl.Int32).cast(pl.Date)
"""A day in the year 10183, which Python does not know."""


def edited(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what run.json says."""
    told = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    change(told)
    (folder / "run.json").write_text(json.dumps(told), encoding="utf-8")


def forged(folder: Path, name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Change a table, and its digest in run.json with it."""
    path = folder / f"{name}.parquet"
    change(pl.read_parquet(path)).write_parquet(path)
    edited(folder, lambda told: told["files"].update({path.name: _told(path).model_dump()}))


# A run that changes places.


@pytest.fixture
def half_way(small_run: Path) -> Path:
    """A folder as a killed writer leaves it: some files in place, some in the folder aside."""
    place = aside(small_run, (small_run / "run.json").read_bytes())
    place.mkdir()
    for name in OUTPUTS[::2]:
        os.replace(small_run / name, place / name)
    return small_run


def test_all_readers_read_a_run_half_way(half_way: Path, nikdedup_cli: Call, small_extract: Path) -> None:
    result = nikdedup.open(half_way)
    assert len(result.residents) == 600
    truth = small_extract.with_name("small.truth.parquet")
    assert nikdedup.evaluate(half_way, truth) == nikdedup.evaluate(result, truth)
    row = result.pairs["row_l"][0]
    for command in (
        ["recheck", half_way],
        ["evaluate", half_way, truth],
        ["explain", half_way, row, row + 1],
    ):
        assert nikdedup_cli(*command).code == 0, command


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="modes are of POSIX, and not for root")
def test_a_folder_that_may_not_be_written_is_read(half_way: Path) -> None:
    half_way.chmod(0o500)
    try:
        assert nikdedup.open(half_way).recheck().ok
    finally:
        half_way.chmod(0o700)


def test_readers_write_nothing(half_way: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write anywhere, so that this looks at the calls instead."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("read-only")

    for name in ("replace", "rename", "unlink", "mkdir", "rmdir", "remove"):
        monkeypatch.setattr(os, name, refuse)
    before = {path: path.stat().st_mtime_ns for path in half_way.rglob("*")}
    assert nikdedup.open(half_way).recheck().ok
    assert {path: path.stat().st_mtime_ns for path in half_way.rglob("*")} == before


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a file that is open in its place")
def test_what_is_open_stays_what_it_was(kept_run: Path, small_run: Path) -> None:
    with opened_whole(small_run) as run:
        for name in OUTPUTS:
            (small_run / name).unlink()
            (small_run / name).write_bytes(b"of another run")
        assert run.decisions.equals(nikdedup.open(kept_run).decisions)


def test_a_run_published_while_files_are_opened_is_read_instead(
    small_run: Path, small_result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader has looked at run.json and at two tables, then a whole run is published: it begins anew."""
    from nikdedup.publish import opening

    open_one, other = (
        opening._open,
        replace(small_result, record=small_result.record.model_copy(update={"reference_date": "2020-01-01"})),
    )
    looked: list[str] = []

    def slowly(name: str, run: Any) -> Any:
        looked.append(name)
        if len(looked) == 2:
            other.write(small_run)
        return open_one(name, run)

    monkeypatch.setattr(opening, "_open", slowly)
    assert nikdedup.open(small_run).run["reference_date"] == "2020-01-01"
    assert len(looked) == 12


def test_a_folder_that_never_rests_is_given_up(small_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nikdedup.publish import opening

    def stirred(name: str, run: Any) -> Any:
        edited(small_run, lambda told: told.update(stirred=told.get("stirred", 0) + 1))
        return open_one(name, run)

    open_one = opening._open
    monkeypatch.setattr(opening, "_open", stirred)
    monkeypatch.setattr(opening, "_ATTEMPTS", 3)
    with pytest.raises(InputError, match="other runs are published there all the time; try again"):
        nikdedup.open(small_run)


# A run that somebody has edited.


@pytest.mark.parametrize(
    "name",
    ["../residents.parquet", "/etc/passwd", "a/b.parquet", "..", "run.json", "C:\\x.parquet", "notes.txt"],
)
def test_files_of_a_run_are_those_a_run_writes(name: str, small_run: Path, nikdedup_cli: Call) -> None:
    edited(small_run, lambda told: told["files"].update({name: told["files"]["people.parquet"]}))
    with pytest.raises(InputError) as caught:
        nikdedup.open(small_run)
    assert str(caught.value) == (
        f"run: run.json names 1 files that are no run's; allowed are {', '.join(OUTPUTS)}"
    )
    done = nikdedup_cli("recheck", small_run)
    assert (done.code, len(done.err.splitlines())) == (2, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            lambda told: told["counts"].update(records="600"),
            "run: run.json is damaged (counts.records: input should be a valid integer); run dedupe again",
            id="text for a number",
        ),
        pytest.param(
            lambda told: told.update(reference_date="2026-13-45"),
            "run: run.json is damaged (reference_date: no such day); run dedupe again",
            id="no such day",
        ),
        pytest.param(
            lambda told: told["input"]["mapping"].update({"SITI AMINAH": 3}),
            "run: run.json is damaged (input.mapping.…: input should be a valid array); run dedupe again",
            id="a name that is not ours is not repeated",
        ),
        pytest.param(
            lambda told: told.pop("quality"),
            "run: run.json is damaged (quality: field required); run dedupe again",
            id="a part is missing",
        ),
        pytest.param(
            lambda told: told.update(files=[]),
            "run: not a finished nikdedup run (run.json is missing or unreadable)",
            id="no files",
        ),
    ],
)
def test_run_json_is_validated(
    change: Callable[[dict[str, Any]], object], message: str, small_run: Path
) -> None:
    edited(small_run, change)
    with pytest.raises(InputError) as caught:
        nikdedup.open(small_run)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["[" * 100_000, '{"nikdedup": 1e999, "files": {}}', '{"files": {}}', "NaN"])
def test_a_run_json_that_is_none(text: str, small_run: Path) -> None:
    (small_run / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="not a finished nikdedup run"):
        nikdedup.open(small_run)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        pytest.param("people", lambda t: t.drop("person_id"), "people.parquet: person_id missing", id="no column"),
        pytest.param("pairs", lambda t: t.with_columns(row_l=pl.lit("0")), "pairs.parquet: row_l", id="another type"),
        pytest.param("decisions", lambda t: t.with_columns(row=None), "decisions.parquet: row", id="null"),
        pytest.param("decisions", lambda t: t.with_columns(row=pl.lit(600, pl.Int64)), "speaks of rows", id="no row"),
        pytest.param("pairs", lambda t: t.with_columns(row_r=pl.lit(-1, pl.Int64)), "speaks of rows", id="below 0"),
        pytest.param("residents", lambda t: t.with_columns(nik=pl.lit(1)), "residents.parquet: nik", id="NIK a number"),
        pytest.param("residents", lambda t: t.head(9), "residents.parquet holds other rows", id="rows missing"),
        pytest.param("pairs", lambda t: t.with_columns(weight_log2=None), "pairs.parquet: weight_log2", id="no weight"),
        pytest.param("pairs", lambda t: t.with_columns(probability=1.5), "beyond its range", id="no chance"),
        pytest.param("decisions", lambda t: t.with_columns(weight_log2=1e400 * 0), "weight_log2 missing", id="NaN"),
        pytest.param("residents", lambda t: t.with_columns(tgl_ubah_clean=FAR), "tgl_ubah_clean missing", id="no day"),
        pytest.param("residents", lambda t: t.with_columns(flags=pl.lit([""])), "flags missing", id="no code"),
        pytest.param("pairs", lambda t: t.with_columns(passes=pl.lit([None, "nik"])), "passes missing", id="null code"),
        pytest.param("people", lambda t: t.reverse(), "people.parquet holds other rows", id="rows in disorder"),
    ],
)  # fmt: skip
def test_tables_are_validated(
    name: str,
    change: Callable[[pl.DataFrame], pl.DataFrame],
    message: str,
    small_run: Path,
    nikdedup_cli: Call,
) -> None:
    forged(small_run, name, change)
    with pytest.raises(InputError, match=message.replace(".", r"\.")):
        nikdedup.open(small_run)
    done = nikdedup_cli("recheck", small_run)
    assert (done.code, len(done.err.splitlines())) == (2, 1)


def test_columns_of_no_run_are_not_read(small_run: Path, small_result: Result) -> None:
    """One bears the name of what a reader makes for itself, with other things in it."""
    forged(small_run, "residents", lambda t: t.with_columns(birth_default=pl.lit("x"), catatan=pl.lit(1)))
    forged(small_run, "people", lambda t: t.with_columns(nik=pl.lit(1)))
    result = nikdedup.open(small_run)
    assert result.residents.equals(small_result.residents)
    assert result.people.equals(small_result.people)
    assert result.recheck().ok


def test_a_table_that_is_no_file_is_no_run(small_run: Path) -> None:
    (small_run / "people.parquet").unlink()
    os.mkdir(small_run / "people.parquet")
    with pytest.raises(InputError, match="does not match run"):
        nikdedup.open(small_run)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
@pytest.mark.parametrize(
    ("name", "message"), [("people.parquet", "does not match run"), ("run.json", "cannot be read .a pipe")]
)
def test_a_pipe_is_not_waited_for(
    name: str, message: str, small_run: Path, small_extract: Path, nikdedup_cli: Call
) -> None:
    (small_run / name).unlink()
    os.mkfifo(small_run / name)
    with pytest.raises(InputError, match=message):
        nikdedup.open(small_run)
    with pytest.raises(InputError, match=message):
        nikdedup.evaluate(small_run, small_extract.with_name("small.truth.parquet"))
    if name == "run.json":
        done = nikdedup_cli("dedupe", small_extract, "--out", small_run)
        assert (done.code, len(done.err.splitlines())) == (2, 1)
        assert "run.json cannot be read (a pipe, not a file)" in done.err


WRONG = (None, True, -1, 10**30, "x", "", [], {}, [1], ["x"], {"a": 1}, [[1, 2]], 3.5, "2026-13-45", [None])


def places(told: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where something stands in run.json; of a list or a table of like things the first two."""
    if at:
        yield at
    keys = list(told) if isinstance(told, dict) else range(len(told)) if isinstance(told, list) else []
    for key in keys if not at or len(keys) < 12 else list(keys)[:2]:
        yield from places(told[key], (*at, key))


def with_wrong(told: Any, at: tuple[Any, ...], value: Any) -> Any:
    if not at:
        return value
    changed = told.copy()
    changed[at[0]] = with_wrong(told[at[0]], at[1:], value)
    return changed


def no_wrong_type_is_a_crash(result: Result, folder: Path, every: int) -> int:
    """Put wrong values everywhere in run.json: it is refused, or every reader takes it."""
    told = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    cases = [(at, value) for at in places(told) for value in WRONG]
    random.Random(5).shuffle(cases)
    taken, crashed = 0, []
    row_l, row_r = result.pairs.row(0)[:2]
    for at, value in cases[::every]:
        try:
            run = read(json.dumps(with_wrong(told, at, value)).encode(), "run")
        except InputError:
            continue
        if run is None:
            continue
        taken += 1
        again = replace(result, record=run)
        try:
            again.summary("en")
            again._repr_html_()
            again.explain(row_l, row_r)
            again.recheck()
        except InputError:
            continue
        except Exception as fault:
            crashed.append(f"{at} = {value!r}: {fault!r}")
    assert not crashed, crashed
    return taken


def test_no_wrong_type_is_a_crash(small_result: Result, kept_run: Path) -> None:
    assert no_wrong_type_is_a_crash(small_result, kept_run, 100) > 5


@pytest.mark.slow
def test_no_wrong_type_is_a_crash_in_many_places(small_result: Result, kept_run: Path) -> None:
    assert no_wrong_type_is_a_crash(small_result, kept_run, 4) > 100


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "run: a newer nikdedup wrote this run (schema_version 2); allowed: up to 1; update nikdedup"),
        (
            "id",
            "run: hasil ini ditulis nikdedup yang lebih baru (schema_version 2); yang boleh: paling tinggi 1; "
            "perbarui nikdedup",
        ),
    ],
)
def test_a_run_of_a_newer_version_is_refused(
    lang: str, said: str, small_run: Path, nikdedup_cli: Call
) -> None:
    """Also where it holds files and parts that are not known yet: what it says first is that it is newer."""
    assert nikdedup.open(small_run).run["schema_version"] == SCHEMA_VERSION == 1
    edited(small_run, lambda told: told.update(schema_version=2, counts="otherwise"))
    edited(small_run, lambda told: told["files"].update({"households.parquet": {}}))
    done = nikdedup_cli("recheck", small_run, "--lang", lang)
    assert (done.code, done.out, done.err) == (2, "", f"nikdedup: {said}\n")


def test_what_a_run_said_is_written_again_as_it_was(tmp_path: Path) -> None:
    """A default that a reader asks for is nothing that an old run has said."""
    old = Path(__file__).parents[1] / "cases" / "run_0_1"
    nikdedup.open(old).write(tmp_path / "again")
    before, after = (json.loads((one / "run.json").read_text("utf-8")) for one in (old, tmp_path / "again"))
    for told in (before, after):
        del told["timing"], told["files"]
    assert "schema_version" not in after
    assert after == before


def test_a_file_named_by_a_nik_is_masked_in_the_model_itself() -> None:
    assert Source(file="6212014107609001.csv", rows=1).file == "621201••••••••01.csv"


def test_a_run_of_version_0_1_opens(tmp_path: Path, nikdedup_cli: Call) -> None:
    """100 made-up records, published by version 0.1; tables were readable by others then."""
    old = Path(shutil.copytree(Path(__file__).parents[1] / "cases" / "run_0_1", tmp_path / "old"))
    result = nikdedup.open(old)
    assert (len(result.people), result.run["nikdedup"]) == (100, "0.1.0")
    assert result.decisions["record_id"].null_count() == 0
    assert nikdedup_cli("recheck", old).code in (0, 1)  # another version may decide otherwise, and says so
    assert result.summary("en").startswith("Duplicate check")
    row_l, row_r = result.pairs.row(0)[:2]
    assert result.explain(row_l, row_r).text()
    with opened(old) as run:
        assert run.changed == ()
