"""The book of verdicts: every answer that came back, who gave it, when and in which file; nothing in it is changed.

An answer that is taken back stays in the book, marked. `Book` is what the other files go by; `FileBook` keeps it as two
Parquet files and the lists that were given out, each replaced in one step.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from nikdedup.errors import InputError
from nikdedup.publish import write_parquet, written_whole
from nikdedup.village.lists import ROWS

ENTRIES: dict[str, pl.DataType] = {
    "entry": pl.String(),  # what the entry is known by: row, answer and file
    "key": pl.String(),  # of the list's row
    "list": pl.String(),
    "part": pl.String(),
    "kecamatan_code": pl.String(),
    "desa_code": pl.String(),  # of the village that answered
    "desa": pl.String(),
    "record_key": pl.String(),
    "content": pl.String(),  # of the record as it was shown
    "other_key": pl.String(),
    "other_content": pl.String(),
    "kind": pl.String(),
    "action": pl.String(),
    "weight_log2": pl.Float64(),
    "answer": pl.String(),  # code; null where the cell could not be read
    "problem": pl.String(),  # why not, one of PROBLEMS
    "nik": pl.String(),  # another NIK that the village wrote beside it
    "day": pl.Date(),  # as the village wrote it
    "note": pl.String(),
    "matched": pl.String(),  # key, or shown: by what the row showed
    "file": pl.String(),
    "file_sha256": pl.String(),
    "sheet": pl.String(),
    "cell": pl.String(),
    "who": pl.String(),  # who read it in
    "at": pl.String(),  # when, UTC
    "back_who": pl.String(),  # who took it back; null while it holds
    "back_at": pl.String(),
}
FOLDER, BOOK, ABOUT, LISTS = "verdicts", "verdicts.parquet", "about.json", "lists"
_NUMBER = re.compile(r"[0-9A-F]{8}")


class Book(Protocol):
    """What the village needs of a ledger."""

    def entries(self) -> pl.DataFrame:
        """Return ENTRIES in the order in which they came, those taken back too."""

    def keep(self, entries: pl.DataFrame) -> None:
        """Keep these entries in the place of all; only more of them, or marks of taking back."""

    def rows(self) -> pl.DataFrame:
        """Return the rows of all lists that were given out, ROWS with list and due."""


@dataclass(frozen=True)
class FileBook:
    """A book in a folder of its own below a state."""

    state: Path

    @property
    def folder(self) -> Path:
        """Where the files of the book lie."""
        return self.state / FOLDER

    @property
    def exists(self) -> bool:
        """Whether a book was begun there."""
        return (self.folder / ABOUT).is_file()

    def entries(self) -> pl.DataFrame:
        """Return ENTRIES in the order in which they came, those taken back too."""
        path = self.folder / BOOK
        return self._read(path, ENTRIES) if path.is_file() else pl.DataFrame(schema=ENTRIES)

    def keep(self, entries: pl.DataFrame) -> None:
        """Keep these entries in the place of all; only more of them, or marks of taking back."""
        self._write(BOOK, entries.select(pl.col(name).cast(kind) for name, kind in ENTRIES.items()))

    def rows(self) -> pl.DataFrame:
        """Return the rows of all lists that were given out, ROWS with list, file, sheet and due."""
        schema = {**ROWS, "file": pl.String(), "sheet": pl.String(), "list": pl.String(), "due": pl.String()}
        found = [
            self._read(path, {**ROWS, "file": pl.String(), "sheet": pl.String()}).with_columns(
                list=pl.lit(path.stem), due=pl.lit(self.description(path.stem).get("due"), pl.String)
            )
            for path in sorted((self.folder / LISTS).glob("*.parquet"))
        ]
        return pl.concat([pl.DataFrame(schema=schema), *(one.select(list(schema)) for one in found)])

    def description(self, number: str) -> dict[str, str | None]:
        """Return what a list was made with."""
        path = self.folder / LISTS / f"{number}.json"
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}

    def about(self) -> dict[str, str]:
        """Return which run the book was begun from."""
        try:
            return dict(json.loads((self.folder / ABOUT).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise InputError(f"{self.state.name}: no verdicts were read in yet") from None
        except (OSError, ValueError):
            raise InputError(f"{self.state.name}: {ABOUT} is damaged") from None

    def begin(self, run: str) -> None:
        """Begin the book, of a run's folder; as it is where it was begun before."""
        (self.folder / LISTS).mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.exists:
            told = json.dumps({"nikdedup": 1, "run": run}, indent=1) + "\n"
            written_whole([(self.folder / ABOUT, lambda path: path.write_text(told, encoding="utf-8"))])

    def give_out(self, number: str, rows: pl.DataFrame, description: str) -> None:
        """Keep a list that was given out; as it is where it was kept before."""
        place = self.folder / LISTS
        if not (place / f"{number}.parquet").is_file():
            written_whole(
                [
                    (place / f"{number}.json", lambda path: path.write_text(description, encoding="utf-8")),
                    (place / f"{number}.parquet", lambda path: write_parquet(rows, path)),
                ]
            )

    def _write(self, name: str, frame: pl.DataFrame) -> None:
        written_whole([(self.folder / name, lambda path: write_parquet(frame, path))])

    def _read(self, path: Path, schema: dict[str, pl.DataType]) -> pl.DataFrame:
        return read_table(path, schema, f"{self.state.name}: {path.name}")


def read_table(path: Path, schema: dict[str, pl.DataType], name: str) -> pl.DataFrame:
    """Return a table of ours.

    Args:
        path: a Parquet file.
        schema: columns that it must have.
        name: what the message calls it.

    Raises:
        InputError: where it is damaged or another table.
    """
    try:
        frame = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as fault:
        raise InputError(f"{name}: not readable ({type(fault).__name__})") from None
    if any(frame.schema.get(column) != kind for column, kind in schema.items()):
        raise InputError(f"{name}: written by another version")
    return frame


def is_number(text: str) -> bool:
    """Say whether a text is the number of a list.

    Args:
        text: as it stands in a description.
    """
    return bool(_NUMBER.fullmatch(text))
