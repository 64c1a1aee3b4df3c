"""What a run will need of memory and disk, told from the size of its input before work begins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nikdedup.config import Config, LimitsConfig
from nikdedup.errors import ConfigError, InputError
from nikdedup.residents import only_parquet
from nikdedup.residents.read import expand, footer, suffix
from nikdedup.runtime.files import open_file

BASE_BYTES = 450_000_000
"""Libraries, word lists, report and workbook, for any number of records."""
RECORD_BYTES = 2_200
"""Per record, all stages held in memory.

Measured with `nikdedup generate` (25 columns), 2 threads, Linux: peak of the whole process 318 MB at
2,000 records, 470 at 100,000, 2,113 at 1,000,000 with residents and report; 390, 1,474 and, at 10 million
records, 10,368 without. Base and slope lie 10 to 30 % above.
"""
INPUT_BYTES = {"parquet": 0, "csv": 2, "gz": 12, "workbook": 45}
"""Memory per byte of an input file while it is read (measured: 100,000 records of CSV, 20,000 of Excel)."""
FILE_RECORD_BYTES = {"gz": 65, "workbook": 140}
"""Bytes of one record in packed files, whose lines cannot be counted from outside."""
OUTPUT_RECORD_BYTES = 200
"""Disk per record of the input; measured: 100 for all files of a run."""
SCRATCH_RECORD_BYTES = 250
"""Disk per record for what slices put aside; measured: 156 at 10 million records."""
SLICED_FROM = 2_000_000
"""Records from which on slices in worker processes are faster than the whole in one."""
SLICE_ROWS = (1 << 19, 1 << 18, 1 << 17, 1 << 16)
"""Rows of a slice, the largest first: each slice costs a start of 0.1 to 0.2 s."""
SURVEY_BASE_BYTES, SURVEY_RECORD_BYTES = 200_000_000, 190
WORKER_BYTES, WORKER_ROW_BYTES = 250_000_000, 900
MATCH_BASE_BYTES, MATCH_RECORD_BYTES = 300_000_000, 400
"""Memory of a run in slices: of the surveying process, of each worker, and of matching.

Measured as above, summed over the processes: 1 million records with one worker and slices of 65,536 rows 655 MB, with
two workers 893, with slices of 262,144 rows 1,186 and of 524,288 rows 1,618; 10 million records 3,840 to 3,960.
"""
_LOOK_BYTES = 1 << 16


def records_of(data: Any) -> int:
    """Return about how many records the inputs hold, without reading them.

    Exact for Parquet and for frames that know their length; by the length of the first lines for CSV, by
    the size of the file for packed ones. What cannot be told (a lazy frame, a damaged file) counts 0.
    Raises InputError as `expand`.
    """
    return sum(_records(item) for _, item in expand(data))


def memory_needed(data: Any, records: int) -> int:
    """Return the bytes of memory that a run over `records` records of these inputs takes at its peak."""
    paths = [item for _, item in expand(data) if isinstance(item, Path)]
    reading = max((path.stat().st_size * INPUT_BYTES[_kind(path)] for path in paths), default=0)
    return BASE_BYTES + RECORD_BYTES * records + reading


@dataclass(frozen=True)
class Slicing:
    """How a large extract is cut: rows of a slice, and how many workers understand slices at a time."""

    workers: int
    rows: int

    def memory_needed(self, records: int) -> int:
        """Return the bytes of memory that all processes together take at their peak.

        That is while slices are understood, or while their sketches are matched.
        """
        understanding = SURVEY_BASE_BYTES + SURVEY_RECORD_BYTES * records
        understanding += self.workers * (WORKER_BYTES + WORKER_ROW_BYTES * min(self.rows, records))
        return max(understanding, MATCH_BASE_BYTES + MATCH_RECORD_BYTES * records)


def slicing_of(data: Any, config: Config, *, threads: int) -> Slicing | None:
    """Return how an extract is cut into slices; None where it is held in memory as a whole.

    Slices are for Parquet files of one INPUT of which no residents are kept: where they are many, for it is faster,
    or where the whole does not fit in `config.run.memory`. As many workers as there is work for, and the largest
    slices, that fit; without a limit, no more than the whole would take.
    """
    if not _sliceable(data, config):
        return None
    records = records_of(data)
    whole = memory_needed(data, records)
    memory = config.run.memory or whole
    files = len(expand(data))
    if records < max(SLICED_FROM, files * SLICE_ROWS[-1]) and whole <= memory:
        return None  # slices of many small files cost more than they save
    most = [min(threads, -(-records // rows)) for rows in SLICE_ROWS]
    ways = [
        Slicing(workers, rows)
        for workers in range(max(most), 0, -1)
        for rows, work in zip(SLICE_ROWS, most, strict=True)
        if workers <= work
    ]
    return next((way for way in ways if way.memory_needed(records) <= memory), None)


def _sliceable(data: Any, config: Config) -> bool:
    kept = config.run.residents or config.run.report
    return not (kept or config.record_id or config.sample) and only_parquet(data)


def scratch_needed(records: int) -> int:
    """Return the bytes that the slices of so many rows put aside while a run goes on."""
    return SCRATCH_RECORD_BYTES * records


def disk_needed(records: int) -> int:
    """Return the bytes that a run over so many records writes."""
    return OUTPUT_RECORD_BYTES * records


def check_memory(data: Any, config: Config, *, option: str = "memory", records: int | None = None) -> None:
    """Raise ConfigError where the run needs more memory than `config.run.memory` allows, whole or in slices.

    option: the setting as the caller wrote it. records: how many there are, once that is known.
    """
    if config.run.memory is None:
        return
    found = records_of(data) if records is None else records
    found = min(found, config.sample or found)
    need = memory_needed(data, found)
    if _sliceable(data, config):
        need = min(need, Slicing(1, SLICE_ROWS[-1]).memory_needed(found))
    if need > config.run.memory:
        raise ConfigError(
            f"{option}: {config.run.memory // 10**6} MB are allowed; about {-(-need // 10**6)} MB are needed "
            f"for {found} records; allow more, or give fewer records"
        )


def _records(item: Any) -> int:
    if not isinstance(item, Path):
        return _length(item)
    kind = _kind(item)
    if kind in FILE_RECORD_BYTES:
        return item.stat().st_size // FILE_RECORD_BYTES[kind]
    if kind == "parquet":
        try:
            return int(footer(item).num_rows)
        except InputError:
            return 0
    return item.stat().st_size // _line_bytes(item)


def _length(frame: Any) -> int:
    try:
        return len(frame)
    except TypeError:
        return 0


def _line_bytes(path: Path) -> int:
    """Return the mean length of the first lines of a text file, in bytes, at least 1."""
    try:
        with open_file(path) as file:
            text = file.read(_LOOK_BYTES)
    except OSError:
        return 1 << 62
    return max(1, len(text) // max(1, text.count(b"\n")))


def _kind(path: Path) -> str:
    end = suffix(path)
    if end in (".parquet", ".pq"):
        return "parquet"
    if end in (".xlsx", ".xlsm", ".xls", ".xlsb"):
        return "workbook"
    return "gz" if end.endswith(".gz") else "csv"


def files_of(data: Iterable[str], limits: LimitsConfig) -> list[Path]:
    """Return the files that the inputs name; InputError where they are more than the limit."""
    return [item for _, item in expand(list(data), limits) if isinstance(item, Path)]
