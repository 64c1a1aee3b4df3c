"""What is done with a broken input, and what may come of it: a result, or one of our errors in one line."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
from hypothesis import strategies as st

import nikdedup
from nikdedup.errors import NikdedupError
from tests.fuzz import mutations

DAY = "2026-06-30"
Made = st.SearchStrategy[tuple[str, bytes]]


class Finding(Exception):
    """What must not come of any input."""


def read_file(path: Path) -> str:
    """Read a file; work on one of four to the end."""
    if zlib.crc32(path.read_bytes()) % 4:
        return outcome(lambda: nikdedup.read(path))
    return outcome(lambda: nikdedup.dedupe(path, reference_date=DAY).summary())


def read_settings(path: Path) -> str:
    """Run a small extract under a broken config, or with a broken file that the config names."""
    people = pl.DataFrame({"NIK": ["6212010107909001", "6212010107909002"], "NAMA": ["ALI", "ALI"]})
    named = {"policy.toml": "policy", "constraints.csv": "constraints", "regions.csv": "region_codes"}
    options = {named[path.name]: str(path)} if path.name in named else {}
    config = None if options else str(path)
    return outcome(lambda: nikdedup.dedupe(people, config=config, **options).summary())  # type: ignore[arg-type]


def open_run(path: Path) -> str:
    """Open a run of which one file is broken, and ask it everything; of two broken tables run.json vouches for one."""
    run = path.parent / "run"
    shutil.copytree(path.parent.parent / "sound" / "run", run)
    shutil.copy(path, run / path.name)
    raw = path.read_bytes()
    if path.name != "run.json" and zlib.crc32(raw) % 2:
        told = json.loads((run / "run.json").read_bytes())
        told["files"][path.name] = {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
        (run / "run.json").write_text(json.dumps(told))

    result: list[nikdedup.Result] = []
    if (told := outcome(lambda: result.append(nikdedup.open(run)))) != "done":
        return told
    [one] = result
    case = (one.decisions["case_id"].to_list() or [None])[0] or "K-0"
    questions: list[Callable[[], object]] = [
        one.summary,
        lambda: one.recheck().text(),
        lambda: one.explain(0, 1).text(),
        lambda: one.explain(case).text(),
        lambda: one.explain_person(0).svg(),
        lambda: one.profile.text(),
        lambda: nikdedup.evaluate(run, path.parent.parent / "sound" / "a.truth.parquet").text(),
    ]
    return " | ".join(sorted({outcome(question) for question in questions}))


def judge(path: Path) -> str:
    """Judge a run by a broken truth."""
    return outcome(lambda: nikdedup.evaluate(path.parent.parent / "sound" / "run", path).text())


TARGETS: dict[str, Callable[[Path], str]] = {
    "csv": read_file,
    "workbook": read_file,
    "parquet": read_file,
    "settings": read_settings,
    "run": open_run,
    "truth": judge,
}


def run_python(path: Path) -> str:
    """Run a program, by which the harness itself is tested."""
    exec(path.read_text())
    return "done"


def outcome(work: Callable[[], object]) -> str:
    """Return "done", or the line of an error of ours; Finding for an error that is no line."""
    try:
        work()
    except NikdedupError as fault:
        line = str(fault)
        if "\n" in line or "unexpected failure" in line or not line or fault.exit_code not in (2, 4):
            raise Finding(f"{type(fault).__name__}: {line}") from None
        return line
    return "done"


def sound_inputs(folder: Path) -> dict[str, Made]:
    """Return for each target the strategy of its broken inputs; the sound ones are made in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.redirect_stdout(io.StringIO()):
        nikdedup.generate(folder / "a.parquet", rows=60, seed=7, profile="hard")  # with pairs and decisions
    people = pl.read_parquet(folder / "a.parquet")
    nikdedup.dedupe(people, reference_date=DAY).write(folder / "run")
    text = people.head(12).write_csv(separator=";").encode() + b'6212010107909001;"A;""B""\nC";MUH. "ALI";;\n'
    return {
        "csv": mutations.csv_file(text),
        "workbook": mutations.workbook(_workbook(people)),
        "parquet": mutations.parquet(
            [_parquet(people, compression) for compression in ("zstd", "uncompressed")]
        ),
        "settings": mutations.settings_file(_settings()),
        "run": _run_files(folder / "run"),
        "truth": _truths(pl.read_parquet(folder / "a.truth.parquet")),
    }


def _workbook(people: pl.DataFrame) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["DAFTAR PENDUDUK"])
    book.active.append(people.columns)
    for row in people.head(10).iter_rows():
        book.active.append(row)
    book.active.merge_cells("B3:B5")
    book.active.row_dimensions[4].hidden = True
    book.create_sheet("Rekap").append(["Jumlah", 10])
    book.save(file)
    return file.getvalue()


def _parquet(people: pl.DataFrame, compression: str) -> bytes:
    file = io.BytesIO()
    day = pl.col("TGL_LHR").str.to_date("%d-%m-%Y", strict=False)
    typed = people.with_columns(
        NO_RT=pl.col("NO_RT").cast(pl.Int32, strict=False),
        TGL_UBAH=day,
        TGL_ENTRI=day.cast(pl.Datetime("ms")),
    )
    typed.write_parquet(file, compression=compression, row_group_size=15)  # type: ignore[arg-type]
    return file.getvalue()


def _settings() -> dict[str, bytes]:
    root = Path(__file__).parents[2]
    config = b"""reference_date = 2026-06-30
counts_as_recorded = ["captured", "unique"]
date_formats = ["%d.%m.%Y"]
[columns]
nama_lgkp = ["NAMA"]
[status]
"SUDAH FOTO" = "captured"
[flag_codes.stat_ktp]
"1" = "alive"
[match]
review_log2 = -3.0
[limits]
cell_bytes = 5000
[run]
memory = "4GB"
"""
    return {
        "config.toml": config,
        "policy.toml": (root / "src/nikdedup/data/policy.toml").read_bytes()[-6000:],
        "constraints.csv": b"kind,record_id_l,record_id_r,who,when,why,until\n"
        b"must_link,0,1,petugas,2026-01-01,,2027-01-01\n",
        "regions.csv": b"code,name\n621299,KECAMATAN BARU\n",
    }


def _run_files(run: Path) -> Made:
    """Return broken files of a finished run, one at a time."""
    files: list[Made] = [
        mutations.run_json((run / "run.json").read_bytes()).map(lambda raw: ("run.json", raw))
    ]
    for name in ("people", "pairs", "decisions", "residents"):
        file = f"{name}.parquet"
        frame = pl.read_parquet(run / file)
        files.append(mutations.table(frame).map(lambda table, file=file: (file, _table(table))))
        files.append(
            mutations.spoilt((run / file).read_bytes(), mutations.SIGNS[-16:]).map(
                lambda raw, file=file: (file, raw)
            )
        )
    return st.one_of(files)


def _truths(truth: pl.DataFrame) -> Made:
    """Return broken files of truth, Parquet and CSV."""
    named = {"a.parquet": _table(truth), "a.csv": truth.write_csv().encode()}
    files = [mutations.table(truth).map(lambda table: ("a.parquet", _table(table)))]
    for name, raw in named.items():
        files.append(mutations.spoilt(raw, mutations.SIGNS).map(lambda spoilt, name=name: (name, spoilt)))
    return st.one_of(files)


def _table(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_parquet(file)
    return file.getvalue()
