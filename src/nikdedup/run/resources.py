"""What a run will need of memory and disk, told from the size of its input before work begins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nikdedup.config import Config
from nikdedup.errors import ConfigError, argument
from nikdedup.run.inputs import Inputs, Kind
from nikdedup.runtime.threads import processors

BASE_BYTES = 450_000_000
"""Libraries, word lists, report and workbook, for any number of records."""
RECORD_BYTES = 2_200
"""Per record, all stages held in memory.

Measured with `nikdedup generate` (25 columns), 2 threads, Linux: peak of the whole process 318 MB at
2,000 records, 470 at 100,000, 2,113 at 1,000,000 with residents and report; 390, 1,474 and, at 10 million
records, 10,368 without. Base and slope lie 10 to 30 % above.
"""
INPUT_BYTES: dict[Kind, int] = {"parquet": 0, "frame": 0, "csv": 2, "gz": 12, "workbook": 45}
"""Memory per byte of an input file while it is read (measured: 100,000 records of CSV, 20,000 of Excel)."""
READ_RECORD_BYTES = 800
"""Memory per record of a source that is read as a whole before its records are put aside in parts.

Measured as `RECORD_BYTES`, 1 million records, with `SURVEY_BASE_BYTES` and `INPUT_BYTES` in it: CSV that cannot be cut
1,485 MB at its peak, the same packed 1,577, a polars frame 674 with the frame itself.
"""
BLOCK_BASE_BYTES, BLOCK_ROW_BYTES = 520_000_000, 2_200
"""Memory while a CSV file is read in blocks of as many rows as a part has. Measured, 1 million records of 256 bytes:
615 MB with 65,536 rows, 750 with 131,072, 996 with 262,144."""
OUTPUT_RECORD_BYTES = 200
"""Disk per record of the input; measured: 100 for all files of a run."""
SCRATCH_RECORD_BYTES = 250
"""Disk per record for what parts put aside; measured: 156 at 10 million records, 180 at 1 million."""
SCRATCH_RESIDENT_BYTES, SCRATCH_READ_BYTES = 500, 300
"""The same for residents that are kept, and for records that are read from anything but Parquet.

Measured at 1 million records of 25 columns: 341 and 190 more, at the peak.
"""
PARTS_FROM = 2_000_000
"""Records of Parquet from which on parts in worker processes are faster than the whole in one."""
PART_ROWS = (1 << 19, 1 << 18, 1 << 17, 1 << 16)
"""Rows of a part, the largest first: each part costs a start of 0.1 to 0.2 s."""
KEPT_ROWS = 1 << 17
"""Most rows of a part whose residents are kept: this process holds one after the other while it writes them."""
SURVEY_BASE_BYTES, SURVEY_RECORD_BYTES = 250_000_000, 190
WORKER_BYTES, WORKER_ROW_BYTES, WORKER_KEPT_ROW_BYTES = 250_000_000, 900, 1_400
MATCH_BASE_BYTES, MATCH_RECORD_BYTES = 350_000_000, 400
FURTHER_BYTES = 60
"""Memory per record of a further column of evidence while it is matched: its text, its number and its count."""
KEEP_BASE_BYTES, KEEP_RECORD_BYTES, KEEP_ROW_BYTES = 500_000_000, 250, 4_000
"""Memory of a run in parts: of the surveying process, of each worker, of matching, and of writing the residents.

Measured as above, summed over the processes, 1 million records: without residents one worker and parts of 65,536 rows
731 MB, two workers and 262,144 rows 1,113; with residents and report one worker and 65,536 rows 933, two and 131,072
rows 1,114: while they are understood 572 and 1,074 of it, while they are written 932 and 1,113. 10 million records with
residents, two threads and a limit of 4.5 GB: 3,866 MB while they are matched, 5.3 GB of disk put aside.
"""


def memory_needed(inputs: Inputs, records: int) -> int:
    """Return the bytes of memory that a run over `records` records takes at its peak, worked on as one part."""
    return BASE_BYTES + RECORD_BYTES * records + _unpacking(inputs)


def _unpacking(inputs: Inputs) -> int:
    """Return the bytes of memory that the largest file takes while it is read, beside its records."""
    return max((size * INPUT_BYTES[kind] for kind, of in inputs.sizes.items() for size, _ in of), default=0)


def _reading(kind: Kind, size: int, records: int, rows: int) -> int:
    """Return the bytes of memory that a file or frame takes while its records are put aside in parts of so many rows.

    Parquet is read part by part later on, CSV is put aside in blocks; all else, and CSV that cannot be cut (rows=0),
    is read as a whole.
    """
    if kind == "parquet":
        return 0
    if kind == "csv" and rows:
        return BLOCK_BASE_BYTES + BLOCK_ROW_BYTES * min(rows, records)
    return SURVEY_BASE_BYTES + READ_RECORD_BYTES * records + INPUT_BYTES[kind] * size


@dataclass(frozen=True)
class Cut:
    """How an extract is cut into parts: rows of a part, and how many workers see to parts at a time."""

    workers: int
    rows: int

    def memory_needed(self, inputs: Inputs, records: int, config: Config) -> int:
        """Return the bytes of memory that all processes together take at their peak.

        That is while a source is read that is not left in its file, while parts are understood, while they are matched,
        or while residents are written.
        """
        rows, kept = min(self.rows, records), config.run.residents or config.run.report
        a_row = WORKER_KEPT_ROW_BYTES if kept else WORKER_ROW_BYTES
        survey = SURVEY_BASE_BYTES + SURVEY_RECORD_BYTES * records
        return max(
            *(_reading(kind, size, count, rows) for kind, of in inputs.sizes.items() for size, count in of),
            survey + self.workers * (WORKER_BYTES + a_row * rows),
            MATCH_BASE_BYTES + (MATCH_RECORD_BYTES + FURTHER_BYTES * len(config.evidence)) * records,
            (KEEP_BASE_BYTES + KEEP_RECORD_BYTES * records + KEEP_ROW_BYTES * rows) * kept,
        )


def cut_of(inputs: Inputs, config: Config, *, threads: int) -> Cut | None:
    """Return how an extract is cut into parts; None where it is one part, worked on in memory.

    It is cut where Parquet files hold many records, for that is faster, or where the whole does not fit in
    `config.run.memory`. As many workers as there is work for, and the largest parts, that fit; without a limit, no
    more than the whole would take. A sample is one part.
    """
    if config.sample:
        return None
    records = inputs.records
    whole = memory_needed(inputs, records)
    memory = config.run.memory or whole
    many = set(inputs.sizes) == {"parquet"} and records >= max(PARTS_FROM, len(inputs.items) * PART_ROWS[-1])
    if not many and whole <= memory:
        return None  # parts of many small files cost more than they save
    kept = config.run.residents or config.run.report
    sizes = [rows for rows in PART_ROWS if rows <= KEPT_ROWS or not kept]
    most = [min(threads, -(-records // rows)) for rows in sizes]
    ways = [
        Cut(workers, rows)
        for workers in range(max(most, default=0), 0, -1)
        for rows, work in zip(sizes, most, strict=True)
        if workers <= work
    ]
    return next((way for way in ways if way.memory_needed(inputs, records, config) <= memory), None)


def scratch_needed(inputs: Inputs, config: Config) -> int:
    """Return the bytes that the parts of an extract put aside while a run goes on."""
    kept = config.run.residents or config.run.report
    read = set(inputs.sizes) != {"parquet"}
    a_record = SCRATCH_RECORD_BYTES + SCRATCH_RESIDENT_BYTES * kept + SCRATCH_READ_BYTES * read
    return a_record * inputs.records


def files_at_once(config: Config, records: int, *, most: int) -> int:
    """Return how many files are written at a time, at most `most`: one where the whole run has no room in memory."""
    bounded = config.run.memory is not None and config.run.memory < BASE_BYTES + RECORD_BYTES * records
    return 1 if bounded else min(config.run.threads or processors(), most)


def disk_needed(records: int) -> int:
    """Return the bytes that a run over so many records writes."""
    return OUTPUT_RECORD_BYTES * records


def check_memory(inputs: Inputs, config: Config, *, records: int | None = None) -> None:
    """Raise ConfigError where the run needs more memory than `config.run.memory` allows, whole or in parts.

    records: how many there are, once the whole is read as one part.
    """
    if config.run.memory is None:
        return
    found = inputs.records if records is None else records
    found = min(found, config.sample or found)
    need = memory_needed(inputs, found)
    if records is None and not config.sample:
        need = min(need, Cut(1, PART_ROWS[-1]).memory_needed(inputs, found, config))
    if need > config.run.memory:
        raise ConfigError(
            f"{argument('memory')}: {config.run.memory // 10**6} MB are allowed; "
            f"about {-(-need // 10**6)} MB are needed for {found} records; allow more, or give fewer records"
        )


def check_whole(path: Path, config: Config) -> None:
    """Raise ConfigError where a CSV file that cannot be cut needs more memory than `config.run.memory` to be read."""
    if config.run.memory is None:
        return
    [(size, records)] = Inputs(((0, path),)).sizes["csv"]
    need = _reading("csv", size, records, rows=0)
    if need > config.run.memory:
        raise ConfigError(
            f"{argument('memory')}: {config.run.memory // 10**6} MB are allowed; about {-(-need // 10**6)} MB are "
            f"needed to read {path.name}, which cannot be cut; allow more, or save it as Parquet"
        )
