"""An extract in parts gives byte for byte what the whole gives, and leaves nothing behind."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nikdedup import InputError, RunError, dedupe, generate
from nikdedup import open as open_run
from nikdedup.run import dedupe as flow
from nikdedup.run import parts as steps
from nikdedup.run.resources import Cut
from tests import dying
from tests.run.cutting import cut

Call = Callable[..., Any]
LEAN = {"residents": False, "report": False}


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Have the smallest extract cut into parts of 250 rows; return the folder for temporary files."""
    return cut(monkeypatch, tmp_path / "scratch")


@pytest.fixture
def with_workers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Do the same, and have two worker processes see to the parts."""
    return cut(monkeypatch, tmp_path / "scratch", workers=2)


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,200 residents of the hard profile in two files: the first cut by Excel, with titles and totals inside."""
    out = tmp_path_factory.mktemp("hard")
    generate(out / "all.parquet", rows=1_200, seed=17, profile="hard")
    frame = pl.read_parquet(out / "all.parquet")
    cut = frame[:500].with_columns(pl.col("NIK").str.slice(0, 15) + "0")
    header = pl.DataFrame({name: [name] for name in frame.columns})
    folder = out / "parts"
    folder.mkdir()
    pl.concat([cut[:90], header, cut[90:]]).write_parquet(folder / "a.parquet", row_group_size=110)
    frame[500:].write_parquet(folder / "b.parquet", row_group_size=400)
    return folder


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a run, and run.json without what a clock says."""
    run = json.loads((folder / "run.json").read_bytes())
    run.pop("timing")
    files = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}
    return files | {"run.json": json.dumps(run).encode()}


def constraints(path: Path, frame: pl.DataFrame) -> Path:
    niks = frame["NIK"].drop_nulls().to_list()
    lines = [
        "kind,record_id_l,record_id_r,nik_l,nik_r,who,when,why,until",
        "must_link,3,1100,,,Kasi Dafduk,2026-05-04,berita acara,",
        f"cannot_link,,,{niks[100]},{niks[200]},Kasi Dafduk,2026-05-04,berita acara,",
        "must_link,nobody,5,,,Kasi Dafduk,2026-05-04,berita acara,",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def one_file(folder: Path) -> Any:
    return folder / "b.parquet"


def linked(folder: Path) -> Any:
    return {"link": (folder / "b.parquet", register_and_list(folder)[1])}


def register_and_list(folder: Path) -> list[Path]:
    """A register and a list drawn from it, some of whose lines stand in it twice, and which has a column more."""
    frame = pl.read_parquet(folder / "b.parquet")
    some = pl.concat(
        [frame[100:400], frame[150:170], frame[600:].with_columns(TMPT_LHR=pl.lit("PURUK CAHU"))]
    )
    path = folder.parent / "list.parquet"
    some.with_columns(GOL_DARAH=pl.lit("O")).write_parquet(path)
    return [folder / "b.parquet", path]


def register_and_csv(folder: Path) -> list[Path]:
    """The list as CSV, with cells that run over several lines."""
    register, drawn = register_and_list(folder)
    address = pl.when(pl.int_range(pl.len()) % 7 == 0).then(pl.lit('JL "MERDEKA",\nGG 4')).otherwise("ALAMAT")
    pl.read_parquet(drawn).with_columns(ALAMAT=address).write_csv(folder.parent / "list.csv")
    return [register, folder.parent / "list.csv"]


def csv(folder: Path) -> Path:
    return register_and_csv(folder)[1]


def two_sheets(folder: Path) -> Path:
    import xlsxwriter

    frame = pl.read_parquet(folder / "b.parquet")
    with xlsxwriter.Workbook(folder.parent / "book.xlsx") as book:
        for name, rows in (("Murung", frame[:300]), ("Laung", frame[300:420])):
            rows.write_excel(book, name)
    return folder.parent / "book.xlsx"


def frame_of(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "b.parquet")


def with_ids(folder: Path) -> pl.DataFrame:
    """Record ids in no order of the rows."""
    codes = (pl.int_range(pl.len()) * 389 % 709).cast(pl.String)
    return frame_of(folder).with_columns(KODE=pl.concat_str(pl.lit("R"), codes))


SHAPES: dict[str, tuple[Callable[[Path], Any], dict[str, Any]]] = {
    "plain": (lambda folder: folder, {}),
    "without residents": (lambda folder: folder, LEAN),
    "residents": (one_file, {"report": False}),
    "report": (lambda folder: folder, {"residents": False}),
    "record ids": (with_ids, {"record_id": "KODE"}),
    "pseudonyms": (with_ids, {"record_id": "NIK", "record_id_pseudonym": True, "report": False}),
    "link": (linked, {}),
    "link without residents": (linked, LEAN),
    "overlap": (register_and_list, {}),
    "overlap without residents": (register_and_list, LEAN),
    "overlap with CSV": (register_and_csv, {}),
    "CSV": (csv, {}),
    "frame": (frame_of, {}),
    "workbook": (two_sheets, {"report": False}),
    "a reference date": (lambda folder: folder, {"reference_date": "2026-01-31", "report": False}),
    "opaque ids": (lambda folder: folder, {"nik_scheme": "opaque", "report": False}),
    "officers": (lambda folder: folder, {"constraints": True, "report": False}),
}


WORKERS = {"plain": 2, "overlap with CSV": 3, "record ids": 1}
"""Of some shapes, how many worker processes see to the parts; those of others are seen to in place."""


@pytest.mark.parametrize("shape", SHAPES)
def test_parts_change_no_byte(
    shape: str, extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One part, few and many of them, one thread and two, in place and in worker processes; every shape of run."""
    make, options = SHAPES[shape]
    options = {"threads": 2, **options}
    if shape == "pseudonyms":
        frame = with_ids(extract)
        make = lambda _: frame.with_columns(NIK=pl.col("NIK"), LAIN="KODE")  # noqa: E731
        options["record_id"] = "LAIN"
    if "constraints" in options:
        options["constraints"] = constraints(tmp_path / "told.csv", frame_of(extract))
    data = make(extract)
    data = data if isinstance(data, dict) else {"data": data}
    dedupe(**data, **options).write(tmp_path / "whole")
    wanted = bytes_of(tmp_path / "whole")
    for name, rows, workers in (("many", 180, WORKERS.get(shape, 0)), ("few", 401, 0)):
        with monkeypatch.context() as patched:
            scratch = cut(patched, tmp_path / f"scratch {name}", rows=rows, workers=workers)
            result = dedupe(**data, **{**options, "threads": max(1, workers)})
            result.write(tmp_path / name)
            found = bytes_of(tmp_path / name)
            assert found.keys() == wanted.keys()
            assert [one for one in wanted if found[one] != wanted[one]] == []
            del result
            gc.collect()
            assert list(scratch.iterdir()) == []


def test_residents_of_parts_are_read_when_they_are_asked_for(
    extract: Path, in_parts: Path, tmp_path: Path
) -> None:
    result = dedupe(extract, threads=2)
    result.write(tmp_path / "run")
    assert "frame" not in vars(result.known)  # neither report nor workbook have needed all of them
    assert result.residents.equals(open_run(tmp_path / "run").residents)
    left, right = result.pairs["row_l"][0], result.pairs["row_r"][0]
    assert result.explain(left, right).text() == open_run(tmp_path / "run").explain(left, right).text()
    assert result.recheck().ok


def test_record_ids_of_parts_are_looked_at_together(extract: Path, in_parts: Path) -> None:
    frame = with_ids(extract)
    twice = pl.when(pl.int_range(pl.len()) == 600).then(pl.lit("R0")).otherwise("KODE")
    with pytest.raises(InputError, match=r"1 value is not unique, first in row 1 and row 601"):
        dedupe(frame.with_columns(KODE=twice), record_id="KODE")
    blank = pl.when(pl.int_range(pl.len()) < 600).then("KODE")
    with pytest.raises(InputError, match=r"blank in 100 records, first in row 601"):
        dedupe(frame.with_columns(KODE=blank), record_id="KODE")
    numbers = pl.concat_str(pl.lit("62120141076"), (pl.int_range(pl.len()) + 19001).cast(pl.String))
    with pytest.raises(InputError, match="700 of 700 values look like NIKs or numbers of cards"):
        dedupe(frame.with_columns(KODE=numbers), record_id="KODE")


def test_parts_are_read_by_the_same_births(
    extract: Path, in_parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No date says what the extract speaks of, and the first file has two-digit years alone."""
    (tmp_path / "undated").mkdir()
    short = pl.col("TGL_LHR").str.replace(r"-\d\d(\d\d)$", "-$1")
    for file, how in (("a", short), ("b", pl.col("TGL_LHR"))):
        frame = pl.read_parquet(extract / f"{file}.parquet").with_columns(how)
        frame.drop("TGL_ENTRI", "TGL_UBAH", "EKTP_CREATED", strict=False).write_parquet(
            tmp_path / "undated" / f"{file}.parquet", row_group_size=100
        )
    dedupe(tmp_path / "undated", threads=2).write(tmp_path / "parts")
    monkeypatch.undo()
    whole = dedupe(tmp_path / "undated", threads=2)
    whole.write(tmp_path / "whole")
    assert whole.run["reference_date"] is None
    assert "birth_two_digit_year" in whole.run["quality"]["flags"]
    assert bytes_of(tmp_path / "parts") == bytes_of(tmp_path / "whole")


def nobody_twice(folder: Path, frame: pl.DataFrame) -> None:
    frame.unique("NIK", keep="none", maintain_order=True)[::9].write_parquet(folder / "a.parquet")


def nothing_but_a_total_first(folder: Path, frame: pl.DataFrame) -> None:
    """The first slice has no record; the damage of the others must be found all the same."""
    at = pl.int_range(pl.len())
    dragged = pl.when(at.is_between(100, 120)).then(pl.lit("6212014107609001")).otherwise("NIK")
    days = pl.col("TGL_LHR").str.to_date("%d-%m-%Y", strict=False).dt.to_string("%m/%d/%Y")
    pl.DataFrame({name: ["JUMLAH" if name == "NAMA_LGKP" else None] for name in frame.columns}).cast(
        pl.String
    ).write_parquet(folder / "a.parquet")
    frame.with_columns(NIK=dragged, TGL_LHR=days).write_parquet(folder / "b.parquet")


def an_empty_part(folder: Path, frame: pl.DataFrame) -> None:
    frame.clear().write_parquet(folder / "a.parquet")
    frame.write_parquet(folder / "b.parquet")


def names_alone(folder: Path, frame: pl.DataFrame) -> None:
    frame.select("NAMA_LGKP").write_parquet(folder / "a.parquet")


def copies(folder: Path, frame: pl.DataFrame) -> None:
    """Of some records, complete copies and copies of another status, in slices far from each other."""
    some = frame[:60]
    later = some.with_columns(EKTP_STATUS=pl.lit("SUDAH REKAM"), ALAMAT=pl.lit("JL LAIN"))
    nameless = pl.DataFrame({name: ["ANI" if name == "NAMA_LGKP" else None] for name in frame.columns})
    pl.concat([frame, later, nameless.cast(pl.String), some[::-1], nameless.cast(pl.String)]).write_parquet(
        folder / "a.parquet"
    )


@pytest.mark.parametrize(
    "make", [copies, nobody_twice, nothing_but_a_total_first, an_empty_part, names_alone]
)
def test_odd_extracts_change_no_byte(
    make: Callable[[Path, pl.DataFrame], None],
    small_extract: Path,
    in_parts: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    make(folder, pl.read_parquet(small_extract).cast(pl.String))
    if make is nobody_twice:
        monkeypatch.setattr(flow, "cut_of", lambda *_, **__: Cut(2, 1))
    day = {"reference_date": "2026-06-30", "threads": 2}
    dedupe(folder, **LEAN, **day).write(tmp_path / "parts")
    monkeypatch.undo()
    dedupe(folder, **LEAN, **day).write(tmp_path / "whole")
    assert bytes_of(tmp_path / "parts") == bytes_of(tmp_path / "whole")


def test_who_is_decided_is_counted_among_equals_that_are_not(
    small_extract: Path, in_parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pl.read_parquet(small_extract).cast(pl.String)
    nameless = pl.DataFrame({name: ["ANI" if name == "NAMA_LGKP" else None] for name in frame.columns})
    pl.concat([nameless.cast(pl.String), frame, nameless.cast(pl.String)]).write_parquet(
        tmp_path / "all.parquet"
    )
    told = tmp_path / "told.csv"
    header = "kind,record_id_l,record_id_r,nik_l,nik_r,who,when,why,until"
    told.write_text(
        f"{header}\nmust_link,5,{len(frame) + 1},,,Kasi,2026-05-04,berita acara,\n", encoding="utf-8"
    )
    options = {**LEAN, "reference_date": "2026-06-30", "threads": 2, "constraints": told}
    cut = dedupe(tmp_path / "all.parquet", **options)
    monkeypatch.undo()
    assert cut.decisions.equals(dedupe(tmp_path / "all.parquet", **options).decisions)
    assert cut.decisions.filter(row=len(frame) + 1)["record_key"].item().endswith("-2")


def test_a_file_that_changes_meanwhile_is_told(
    small_extract: Path, with_workers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "changing.parquet"
    frame = pl.read_parquet(small_extract)
    frame.write_parquet(path)
    surveyed = steps.surveyed

    def meanwhile(*given: Any) -> Any:
        frame.reverse().write_parquet(path)
        return surveyed(*given)

    monkeypatch.setattr(steps, "surveyed", meanwhile)
    with pytest.raises(InputError, match=r"^changing\.parquet: was changed while it was read"):
        dedupe(path, threads=2, **LEAN)


def test_a_stopped_run_leaves_nothing(extract: Path, tmp_path: Path) -> None:
    """SIGTERM, as `systemctl stop` and `timeout` send it, ends workers and takes away what slices put aside."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    script = (
        "import sys, time\nfrom nikdedup import cli\nfrom nikdedup.run import dedupe, parts\n"
        "from nikdedup.run.resources import Cut\n"
        "dedupe.cut_of = lambda *given, **more: Cut(2, 250)\n"
        "parts.surveyed = lambda *given: (print('now', flush=True), time.sleep(60))\n"
        f"sys.argv = ['nikdedup', 'dedupe', {str(extract)!r}, '--out', {str(tmp_path / 'run')!r},"
        " '--no-residents', '--no-report', '--threads', '2']\ncli.main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(scratch)},
    ) as run:  # fmt: skip
        assert run.stdout is not None
        assert run.stdout.readline() == "now\n"
        assert list(scratch.iterdir())
        run.terminate()
        _, told = run.communicate(timeout=60)
    assert run.returncode == 130
    assert told.splitlines()[-1] == "nikdedup: stopped; nothing was published"
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "run").exists()


def test_the_order_of_a_run_is_told(extract: Path, in_parts: Path) -> None:
    stages: list[str] = []
    result = dedupe(extract, progress=stages.append, **LEAN)
    assert stages == ["read", "understand", "match", "settle"]
    assert set(result.timing) == set(stages)


@pytest.mark.parametrize("task", ["look", "understand", "once_more"])
def test_a_killed_worker_ends_the_run(
    task: str, extract: Path, with_workers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, task, dying.stopped)
    with pytest.raises(RunError, match="a worker process was stopped before its end"):
        dedupe(extract, threads=2, **LEAN)
    assert list(with_workers.iterdir()) == []


def test_a_full_disk_is_told(extract: Path, with_workers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "understand", dying.full)
    with pytest.raises(
        RunError, match=r"could not be written \(No space left on device\); nothing was published"
    ):
        dedupe(extract, threads=2, **LEAN)
    monkeypatch.setattr(flow, "scratch_needed", lambda *_: 10**18)
    with pytest.raises(InputError, match="the folder for temporary files has"):
        dedupe(extract, threads=2, **LEAN)


def test_a_killed_worker_leaves_the_earlier_run(
    extract: Path, with_workers: Path, tmp_path: Path, nikdedup_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    command = ("dedupe", extract, "--out", out, "--no-residents", "--no-report", "--threads", 2)
    assert nikdedup_cli(*command).code == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    monkeypatch.setattr(steps, "understand", dying.stopped)
    done = nikdedup_cli(*command)
    assert done.code == 1
    assert done.err.strip().splitlines()[-1].startswith("nikdedup: a worker process was stopped")
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_script_needs_no_guard(extract: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import nikdedup\nfrom nikdedup.run import resources\n"
        "resources.PARTS_FROM, resources.PART_ROWS = 1, (400,)\n"
        f"print(nikdedup.dedupe({str(extract)!r}, residents=False, report=False, threads=2))\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Result(1200 records, ")
