"""What is handed over and does not lie here as files: addresses, data sets and streams of pyarrow, made files of.

The folder that they are put into goes when nobody holds any of its files.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import weakref
from pathlib import Path
from typing import Any

from nikdedup.errors import InputError
from nikdedup.residents.read.addresses import copied
from nikdedup.residents.read.partfile import PartFile

STREAM = "stream.parquet"
BATCH_ROWS = 1 << 16


class Held:
    """A folder of its own that lives as long as this does."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="nikdedup-"))
        self._end = weakref.finalize(self, _removed, str(self.path), os.getpid())


def _removed(path: str, owner: int) -> None:
    if os.getpid() == owner:  # a process that was parted from this one does not take it away
        shutil.rmtree(path, ignore_errors=True)


def fetched(address: str) -> tuple[Path, Held]:
    """Return the file or folder that an address names, here, and what holds it."""
    held = Held()
    return copied(address, held.path / "0"), held


def holding(path: Path, held: Held) -> PartFile:
    """Return a file that holds its folder."""
    if isinstance(path, PartFile):
        path.holder = held
        return path
    return PartFile.of(path, holder=held)


def is_stream(item: Any) -> bool:
    """Say whether an input is a stream of record batches of pyarrow, which can be read once."""
    pyarrow = sys.modules.get("pyarrow")
    return pyarrow is not None and isinstance(item, pyarrow.RecordBatchReader)


def stream_file(reader: Any) -> PartFile:
    """Return a Parquet file of a stream, of which no more than a batch was held."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    held = Held()
    path = held.path / STREAM
    try:
        with ParquetWriter(path, reader.schema, compression="lz4") as writer:
            for batch in reader:
                writer.write_batch(batch, row_group_size=BATCH_ROWS)
    except (pa.ArrowException, OSError, ValueError, TypeError) as fault:
        raise InputError(f"data: the stream cannot be read to its end ({type(fault).__name__})") from None
    return PartFile.of(path, own=False, frame=True, holder=held)


def is_dataset(item: Any) -> bool:
    """Say whether an input is a data set of pyarrow."""
    dataset = sys.modules.get("pyarrow.dataset")
    return dataset is not None and isinstance(item, dataset.Dataset)


def dataset_items(found: Any) -> list[Any]:
    """Return the Parquet files of a data set that lies here, each with its partition columns; else its table."""
    import pyarrow as pa
    from pyarrow import fs
    from pyarrow.dataset import FileSystemDataset, get_partition_keys

    here = isinstance(found, FileSystemDataset) and isinstance(found.filesystem, fs.LocalFileSystem)
    asked = bool(getattr(found, "_scan_options", None))  # a filter on it
    try:
        if not (here and found.format.default_extname == "parquet" and not asked):
            return [found.to_table()]
        parts = sorted(found.get_fragments(), key=lambda one: one.path)
        root = os.path.commonpath([os.path.dirname(one.path) for one in parts]) if parts else ""
        if not parts or any(len(one.row_groups) != one.metadata.num_row_groups for one in parts):
            return [found.to_table()]
        return [
            PartFile.of(
                Path(one.path),
                inside=Path(one.path).relative_to(root).as_posix(),
                keys=tuple(
                    (name, None if value is None else str(value))
                    for name, value in get_partition_keys(one.partition_expression).items()
                ),
                columns=tuple(found.schema.names),
            )
            for one in parts
        ]
    except (pa.ArrowException, OSError, ValueError) as fault:
        raise InputError(f"data: the data set cannot be read ({type(fault).__name__})") from None
