"""An extract in slices gives byte for byte what the whole gives, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nikdedup import Config, ConfigError, InputError, RunError, dedupe, generate
from nikdedup.run import resources as budget
from nikdedup.run import sliced
from nikdedup.run.resources import Slicing, slicing_of
from tests import dying

Call = Callable[..., Any]
LEAN = {"residents": False, "report": False}
TABLES = ("people.parquet", "pairs.parquet", "decisions.parquet")


@pytest.fixture
def in_slices(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Have the smallest extract cut into slices of 250 rows; return the folder for temporary files."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setattr(budget, "SLICED_FROM", 1)
    monkeypatch.setattr(budget, "SLICE_ROWS", (250,))
    return scratch


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
    """Return the tables of a run, and run.json without what a clock or the digests of files say."""
    run = json.loads((folder / "run.json").read_bytes())
    run.pop("timing")
    return {name: (folder / name).read_bytes() for name in TABLES} | {"run": json.dumps(run).encode()}


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


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="as shipped"),
        pytest.param({"threads": 3}, id="three workers"),
        pytest.param({"reference_date": "2026-01-31"}, id="a reference date"),
        pytest.param({"nik_scheme": "opaque"}, id="opaque ids"),
        pytest.param({"constraints": True}, id="officers"),
    ],
)
def test_slices_change_no_byte(
    options: dict[str, Any], extract: Path, in_slices: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"threads": 2, **options}
    if "constraints" in options:
        options["constraints"] = constraints(tmp_path / "told.csv", pl.read_parquet(extract / "b.parquet"))
    cut = dedupe(extract, **LEAN, **options)
    assert cut.residents.columns == ["row", "record_id"]
    cut.write(tmp_path / "slices")
    monkeypatch.setattr(budget, "SLICED_FROM", 10**9)
    dedupe(extract, **LEAN, **options).write(tmp_path / "whole")
    found, wanted = bytes_of(tmp_path / "slices"), bytes_of(tmp_path / "whole")
    assert [name for name in wanted if found[name] != wanted[name]] == []
    assert list(in_slices.iterdir()) == []


def test_slices_read_by_the_same_births(
    extract: Path, in_slices: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No date says what the extract speaks of, and the first file has two-digit years alone."""
    (tmp_path / "undated").mkdir()
    short = pl.col("TGL_LHR").str.replace(r"-\d\d(\d\d)$", "-$1")
    for file, how in (("a", short), ("b", pl.col("TGL_LHR"))):
        frame = pl.read_parquet(extract / f"{file}.parquet").with_columns(how)
        frame.drop("TGL_ENTRI", "TGL_UBAH", "EKTP_CREATED", strict=False).write_parquet(
            tmp_path / "undated" / f"{file}.parquet", row_group_size=100
        )
    dedupe(tmp_path / "undated", threads=2, **LEAN).write(tmp_path / "slices")
    monkeypatch.setattr(budget, "SLICED_FROM", 10**9)
    whole = dedupe(tmp_path / "undated", threads=2, **LEAN)
    whole.write(tmp_path / "whole")
    assert whole.run["reference_date"] is None
    assert "birth_two_digit_year" in whole.run["quality"]["flags"]
    assert bytes_of(tmp_path / "slices") == bytes_of(tmp_path / "whole")


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
    in_slices: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    make(folder, pl.read_parquet(small_extract).cast(pl.String))
    monkeypatch.setattr(budget, "SLICE_ROWS", (1,) if make is nobody_twice else (250,))
    day = {"reference_date": "2026-06-30", "threads": 2}
    dedupe(folder, **LEAN, **day).write(tmp_path / "slices")
    monkeypatch.setattr(budget, "SLICED_FROM", 10**9)
    dedupe(folder, **LEAN, **day).write(tmp_path / "whole")
    assert bytes_of(tmp_path / "slices") == bytes_of(tmp_path / "whole")


def test_who_is_decided_is_counted_among_equals_that_are_not(
    small_extract: Path, in_slices: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    monkeypatch.setattr(budget, "SLICED_FROM", 10**9)
    assert cut.decisions.equals(dedupe(tmp_path / "all.parquet", **options).decisions)
    assert cut.decisions.filter(row=len(frame) + 1)["record_key"].item().endswith("-2")


def test_a_file_that_changes_meanwhile_is_told(
    small_extract: Path, in_slices: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "changing.parquet"
    frame = pl.read_parquet(small_extract)
    frame.write_parquet(path)
    surveyed = sliced._surveyed

    def meanwhile(*given: Any) -> Any:
        frame.reverse().write_parquet(path)
        return surveyed(*given)

    monkeypatch.setattr(sliced, "_surveyed", meanwhile)
    with pytest.raises(InputError, match=r"^changing\.parquet: was changed while it was read"):
        dedupe(path, threads=2, **LEAN)


def test_a_stopped_run_leaves_nothing(extract: Path, tmp_path: Path) -> None:
    """SIGTERM, as `systemctl stop` and `timeout` send it, ends workers and takes away what slices put aside."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    script = (
        "import sys, time\nfrom nikdedup import cli\nfrom nikdedup.run import resources as budget, sliced\n"
        "budget.SLICED_FROM, budget.SLICE_ROWS = 1, (250,)\n"
        "sliced._surveyed = lambda *given: (print('now', flush=True), time.sleep(60))\n"
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


def test_the_order_of_a_run_is_told(extract: Path, in_slices: Path) -> None:
    stages: list[str] = []
    result = dedupe(extract, progress=stages.append, **LEAN)
    assert stages == ["read", "understand", "match", "settle"]
    assert set(result.timing) == set(stages)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        pytest.param({"residents": True, "report": False}, "residents are kept", id="residents"),
        pytest.param({"residents": False, "report": True}, "the report shows them", id="report"),
        pytest.param({**LEAN, "record_id": "NIK"}, "ids of one's own", id="record id"),
        pytest.param({**LEAN, "sample": 10}, "a sample is small", id="sample"),
    ],
)
def test_what_is_held_as_a_whole(
    options: dict[str, Any], reason: str, small_extract: Path, in_slices: Path
) -> None:
    assert slicing_of(small_extract, Config().with_options(**options), threads=2) is None, reason


@pytest.mark.parametrize("threads", [1, 2, 8, 64])
def test_workers_have_work_and_memory(
    threads: int, small_extract: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Config().with_options(**LEAN)
    for records in (2_000_000, 10_000_000):
        monkeypatch.setattr(budget, "records_of", lambda data, records=records: records)
        found = slicing_of(small_extract, plain, threads=threads)
        assert found is not None
        assert found.workers <= min(threads, -(-records // found.rows))
        assert found.memory_needed(records) <= budget.memory_needed(small_extract, records)
    assert found == Slicing(2, 1 << 19) or threads != 2
    monkeypatch.setattr(budget, "records_of", lambda data: 1_999_999)
    assert slicing_of(small_extract, plain, threads=threads) is None


def test_the_largest_slices_that_fit_are_taken(small_extract: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "records_of", lambda data: 10**6)
    needs = [Slicing(workers, rows).memory_needed(10**6) for workers in (2, 1) for rows in budget.SLICE_ROWS]
    assert needs[:4] == sorted(needs[:4], reverse=True)
    plain = Config().with_options(**LEAN)
    assert slicing_of(small_extract, plain, threads=2) is None  # it fits as a whole
    for memory, expected in (
        (needs[1], Slicing(2, 1 << 18)),
        (needs[3], Slicing(2, 1 << 16)),
        (needs[7], Slicing(1, 1 << 16)),
        (needs[7] - 1, None),
    ):
        found = slicing_of(small_extract, plain.with_options(memory=memory), threads=2)
        assert found == expected
    with pytest.raises(ConfigError, match="about 700 MB are needed for 1000000 records"):
        budget.check_memory(small_extract, plain.with_options(memory="699MB"))


@pytest.mark.parametrize("task", ["_look", "_understand", "_once_more"])
def test_a_killed_worker_ends_the_run(
    task: str, extract: Path, in_slices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sliced, task, dying.stopped)
    with pytest.raises(RunError, match="a worker process was stopped before its end"):
        dedupe(extract, threads=2, **LEAN)
    assert list(in_slices.iterdir()) == []


def test_a_full_disk_is_told(extract: Path, in_slices: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sliced, "_understand", dying.full)
    with pytest.raises(
        RunError, match=r"could not be written \(No space left on device\); nothing was published"
    ):
        dedupe(extract, threads=2, **LEAN)
    monkeypatch.setattr(sliced, "scratch_needed", lambda records: 10**18)
    with pytest.raises(InputError, match="the folder for temporary files has"):
        dedupe(extract, threads=2, **LEAN)


def test_a_killed_worker_leaves_the_earlier_run(
    extract: Path, in_slices: Path, tmp_path: Path, nikdedup_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    command = ("dedupe", extract, "--out", out, "--no-residents", "--no-report", "--threads", 2)
    assert nikdedup_cli(*command).code == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    monkeypatch.setattr(sliced, "_understand", dying.stopped)
    done = nikdedup_cli(*command)
    assert done.code == 1
    assert done.err.strip().splitlines()[-1].startswith("nikdedup: a worker process was stopped")
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_script_needs_no_guard(extract: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import nikdedup\nfrom nikdedup.run import resources as budget\n"
        "budget.SLICED_FROM, budget.SLICE_ROWS = 1, (400,)\n"
        f"print(nikdedup.dedupe({str(extract)!r}, residents=False, report=False, threads=2))\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Result(1200 records, ")
