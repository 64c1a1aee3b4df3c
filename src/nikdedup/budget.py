"""What a run will need of memory and disk, told from the size of its input before work begins."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.config import Config
from nikdedup.errors import ConfigError
from nikdedup.residents.reading.inputs import expand, suffix

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
SCRATCH_RECORD_BYTES = 300
"""Disk per record for what slices put aside."""
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


def scratch_needed(records: int) -> int:
    """Return the bytes that the slices of so many rows put aside while a run goes on."""
    return SCRATCH_RECORD_BYTES * records


def disk_needed(records: int) -> int:
    """Return the bytes that a run over so many records writes."""
    return OUTPUT_RECORD_BYTES * records


def check_memory(data: Any, config: Config, *, option: str = "memory", records: int | None = None) -> None:
    """Raise ConfigError where the run needs more memory than `config.run.memory` allows.

    option: the setting as the caller wrote it. records: how many there are, once that is known.
    """
    if config.run.memory is None:
        return
    found = records_of(data) if records is None else records
    found = min(found, config.sample or found)
    need = memory_needed(data, found)
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
            counted = pl.scan_parquet(item, glob=False, hive_partitioning=False).select(pl.len())
            return int(counted.collect().item())
        except (pl.exceptions.PolarsError, OSError):
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
        with path.open("rb") as file:
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


def files_of(data: Iterable[str]) -> list[Path]:
    """Return the files that the inputs name."""
    return [item for _, item in expand(list(data)) if isinstance(item, Path)]
