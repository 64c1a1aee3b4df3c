"""The book of verdicts: every answer that came back, who gave it, when and in which file; nothing in it is changed.

An answer that is taken back stays in the book, marked. `Book` is what the other files go by. `FileBook` keeps it in a
folder where there is no ledger: answers and the lists that were given out, each file replaced in one step.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import polars as pl

from nikdedup.errors import InputError
from nikdedup.publish import one_writer, shown, write_parquet, written_whole
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
    "nik": pl.String(),  # a NIK that the village wrote beside it, other than those that the row is about
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
FOLDER, BOOK, ABOUT, LISTS, CONSTRAINTS = (
    "verdicts",
    "verdicts.parquet",
    "about.json",
    "lists",
    "constraints.csv",
)
GIVEN_OUT: dict[str, pl.DataType] = {**ROWS, "file": pl.String(), "sheet": pl.String()}
"""Columns of a list that was given out."""
_NUMBER = re.compile(r"[0-9A-F]{8}")


class Book(Protocol):
    """A book of verdicts, wherever it is kept; it is changed while it is held."""

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def exists(self) -> bool:
        """Whether it was begun."""

    def holding(self) -> AbstractContextManager[None]:
        """Hold it alone; BusyError while somebody else does."""

    def about(self) -> dict[str, str]:
        """Return which run it was begun from; InputError where it was not begun."""

    def begin(self, run: str) -> None:
        """Begin it, of a run's folder; as it is where it was begun before."""

    def entries(self) -> pl.DataFrame:
        """Return ENTRIES in the order in which they came, those taken back too."""

    def keep(self, entries: pl.DataFrame) -> None:
        """Keep these entries in the place of all; only more of them, or marks of taking back."""

    def rows(self) -> pl.DataFrame:
        """Return the rows of all lists that were given out, GIVEN_OUT with list and due."""

    def give_out(self, number: str, rows: pl.DataFrame, description: str) -> None:
        """Keep a list that was given out; as it is where it was kept before."""

    def keep_constraints(self, constraints: pl.DataFrame) -> None:
        """Keep what the answers come to for the next run, in the place of what they came to before."""

    def tell(
        self,
        what: Literal["verdicts", "verdicts_undone"],
        *,
        who: str,
        at: str,
        files: int,
        keys: Iterable[str],
    ) -> None:
        """Write down who has read answers in or taken them back, where there is an audit. keys: of their records."""


@dataclass(frozen=True)
class FileBook:
    """A book in a folder of its own below a folder that is no state of nights."""

    state: Path

    @property
    def name(self) -> str:
        """What messages call it."""
        return shown(self.state)

    @property
    def folder(self) -> Path:
        """Where the files of the book lie."""
        return self.state / FOLDER

    @property
    def exists(self) -> bool:
        """Whether a book was begun there."""
        return (self.folder / ABOUT).is_file()

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Hold it alone; BusyError while somebody else does."""
        if (self.state / "state.json").is_file():
            raise InputError(
                f"{self.name}: has a ledger; its answers are read in by nikdedup.nightly.book_of"
            )
        with one_writer(self.state, "into"):
            yield

    def entries(self) -> pl.DataFrame:
        """Return ENTRIES in the order in which they came, those taken back too."""
        path = self.folder / BOOK
        return self._read(path, ENTRIES) if path.is_file() else pl.DataFrame(schema=ENTRIES)

    def keep(self, entries: pl.DataFrame) -> None:
        """Keep these entries in the place of all; only more of them, or marks of taking back."""
        self._write(BOOK, entries.select(pl.col(name).cast(kind) for name, kind in ENTRIES.items()))

    def rows(self) -> pl.DataFrame:
        """Return the rows of all lists that were given out, GIVEN_OUT with list and due."""
        numbers = [path.stem for path in sorted((self.folder / LISTS).glob("*.parquet"))]
        return rows_of_lists(self.folder, {number: self.description(number) for number in numbers})

    def description(self, number: str) -> dict[str, str | None]:
        """Return what a list was made with."""
        path = self.folder / LISTS / f"{number}.json"
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}

    def about(self) -> dict[str, str]:
        """Return which run the book was begun from."""
        if not self.state.is_dir():
            raise InputError(
                f"{self.name}: {'is a file' if self.state.exists() else 'no such folder'}; "
                "name the state that verdicts were read into"
            )
        try:
            return dict(json.loads((self.folder / ABOUT).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise InputError(f"{self.name}: no verdicts were read in yet") from None
        except (OSError, ValueError, TypeError):
            raise InputError(f"{self.name}: {ABOUT} is damaged") from None

    def begin(self, run: str) -> None:
        """Begin the book, of a run's folder; as it is where it was begun before."""
        (self.folder / LISTS).mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.exists:
            told = json.dumps({"nikdedup": 1, "run": run}, indent=1) + "\n"
            written_whole([(self.folder / ABOUT, lambda path: path.write_text(told, encoding="utf-8"))])

    def keep_constraints(self, constraints: pl.DataFrame) -> None:
        """Keep what the answers come to for the next run, in the place of what they came to before."""
        written_whole([(self.folder / CONSTRAINTS, constraints.write_csv)])

    def tell(
        self,
        what: Literal["verdicts", "verdicts_undone"],
        *,
        who: str,
        at: str,
        files: int,
        keys: Iterable[str],
    ) -> None:
        """Write nothing: a folder without a ledger has no audit, and the entries say who and when."""

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
        return read_table(path, schema, f"{self.name}: {path.name}")


def rows_of_lists(folder: Path, lists: Mapping[str, Mapping[str, str | None]]) -> pl.DataFrame:
    """Return the rows of lists, GIVEN_OUT with list and due.

    Args:
        folder: of a book, where its lists lie.
        lists: their numbers, and what each was made with.

    Raises:
        InputError: where one is gone or damaged.
    """
    found = [pl.DataFrame(schema={**GIVEN_OUT, "list": pl.String(), "due": pl.String()})]
    for number, told in sorted(lists.items()):
        path = folder / LISTS / f"{number}.parquet"
        rows = read_table(path, GIVEN_OUT, f"{shown(folder.parent)}: {path.name}").select(list(GIVEN_OUT))
        found.append(rows.with_columns(list=pl.lit(number), due=pl.lit(told.get("due"), pl.String)))
    return pl.concat(found)


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
