"""Where an extract goes: Parquet or CSV, in one file or in parts, visible only when whole."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl


class Sink:
    """Writes frames one after the other, cutting files at fixed rows; `publish` moves them into place."""

    def __init__(self, work: Path, out: Path, rows: int, parts: int) -> None:
        self._work, self._out = work, out
        self._bounds = [rows * (part + 1) // parts for part in range(parts)]
        width = max(4, len(str(parts - 1)))
        self._names = (
            [out.name] if parts == 1 else [f"part-{part:0{width}d}.parquet" for part in range(parts)]
        )
        self._part, self._written = 0, 0
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def write(self, frame: pl.DataFrame) -> None:
        """Append rows, going on to the next part where one is full."""
        while len(frame):
            if self._written == self._bounds[self._part]:
                self._close()
                self._part += 1
            take = frame.head(self._bounds[self._part] - self._written)
            self._append(take)
            self._written += len(take)
            frame = frame.slice(len(take))

    def publish(self) -> list[Path]:
        """Move the files to where they were asked for; return their paths."""
        self._close()
        folder = self._out if len(self._names) > 1 else self._out.parent
        folder.mkdir(parents=True, exist_ok=True)
        for name in self._names:
            os.replace(self._work / f"out-{name}", folder / name)
        return [folder / name for name in self._names]

    def _append(self, frame: pl.DataFrame) -> None:
        name = self._names[self._part]
        if name.lower().endswith(".csv"):
            if self._writer is None:
                self._writer = (self._work / f"out-{name}").open("wb")
                frame.head(0).write_csv(self._writer)
            frame.write_csv(self._writer, include_header=False)
            return
        import pyarrow.parquet as pq

        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._work / f"out-{name}", table.schema, compression="zstd")
        self._writer.write_table(table, row_group_size=131_072)

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
