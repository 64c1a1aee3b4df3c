"""Which record or case a question means: what tables, workbook and explanations call them, and nothing else.

A text may be a record number, a record id, a decision id or a place ("daftar.xlsx:Murung:12", "Murung:12",
"daftar.xlsx:12", "baris 12"). All readings are looked at; where they lead to two records the question is
refused, since an explanation of another pair would be believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Integral

import polars as pl

from nikdedup.errors import InputError, argument
from nikdedup.masking import mask_numbers
from nikdedup.publish import RunRecord
from nikdedup.schema import holds_residents

_PLACE = re.compile(r"(?P<origin>.*\S)\s*[:/]\s*(?P<line>\d{1,9})", flags=re.DOTALL)
_LINE = re.compile(
    r"(?:baris|row)\s+(?P<line>\d{1,9})(?:[,\s]*\(?(?P<origin>[^()]+)\)?)?", flags=re.IGNORECASE
)
_COLUMN = re.compile(r"(?P<column>row|record_id)\s*=\s*(?P<value>.+)", flags=re.DOTALL)
_MOST_NAMED = 5
"""Sources or records that a message lists at most."""
ALLOWED = "a record number, a record id, FILE:SHEET:ROW, SHEET:ROW or FILE:ROW"


@dataclass(frozen=True)
class Asked:
    """The tables of a run, asked for records and cases; residents None where the run kept none."""

    people: pl.DataFrame
    decisions: pl.DataFrame
    residents: pl.DataFrame | None
    run: RunRecord

    def row(self, record: int | str, *, also: str = "") -> int:
        """Return the row of a record; InputError where there is none or more than one.

        A number is a row. A text is read in every way there is; `row=12` and `record_id=12` say which was meant.
        also: what else is allowed where the record is asked for, for messages.
        """
        if isinstance(record, Integral) and not isinstance(record, bool):
            return self._numbered(int(record))
        if not isinstance(record, str):
            found = type(record).__name__
            raise InputError(
                f"a record is asked for by {found}; allowed: a number (its row), or a text: {ALLOWED}"
            )
        text = " ".join(record.split()).removeprefix("'")  # the workbook's mark of what is no formula
        read = list(self._readings(text))
        if len({row for row, _ in read}) == 1:
            return read[0][0]
        raise InputError(_ambiguous(text, dict(read)) if read else self._unknown(text, also))

    def case(self, asked: int | str) -> str:
        """Return the case id that is asked for, or the case of a record; InputError where there is none."""
        if isinstance(asked, str) and asked.strip() in self.decisions["case_id"]:
            return asked.strip()
        row = self.row(asked, also="a case id, ")
        found = self.decisions.filter(pl.col("row") == row)["case_id"]
        if found.is_empty():
            raise InputError(
                f"row {row} is in no case, nothing is proposed for it; give two records to compare them"
            )
        return str(found[0])

    def alone(self, asked: int | str) -> int | None:
        """Return the row of a record that is in no case, but of which something is declared; else None."""
        if isinstance(asked, str) and asked.strip() in self.decisions["case_id"]:
            return None
        row = self.row(asked, also="a case id, ")
        told = self.run.officers is not None and any(row == one[0] for one in self.run.officers.statuses)
        return row if told and self.decisions.filter(pl.col("row") == row).is_empty() else None

    def _numbered(self, row: int) -> int:
        if self.people.filter(pl.col("row") == row).is_empty():
            raise InputError(f"row {row}: no such row; allowed {self._rows()}")
        return row

    def _rows(self) -> str:
        return _span(self.people["row"])

    def _readings(self, text: str) -> Iterator[tuple[int, str]]:
        """Give every record that a text can mean, and as what it was read."""
        if column := _COLUMN.fullmatch(text):
            yield from self._column(column["column"], column["value"].strip())
            return
        yield from self._column("row", text)
        yield from self._column("record_id", text)
        for row in self.decisions.filter(pl.col("decision_id") == text)["row"]:
            yield row, "decision id"
        place = _PLACE.fullmatch(text) or _LINE.fullmatch(text)
        if place and self.places is not None:
            yield from self._at(self.places, place["origin"] or "", int(place["line"]))

    def _column(self, column: str, value: str) -> Iterator[tuple[int, str]]:
        if column == "record_id":
            found = self.people.filter(pl.col("record_id") == value)
        elif value.isascii() and value.isdecimal() and len(value) < 19:
            found = self.people.filter(pl.col("row") == int(value))
        else:
            return
        yield from ((row, "record number" if column == "row" else column) for row in found["row"])

    @property
    def places(self) -> pl.DataFrame | None:
        """Return row, file, sheet and line of every record; None where the run kept no residents."""
        if not holds_residents(self.residents):
            return None
        given = self.residents.columns
        names = {new: pl.col(old) if old in given else pl.lit(None, pl.String) for new, old in _NAMES.items()}
        return self.residents.select("row", "source_row", **names)

    def _at(self, places: pl.DataFrame, origin: str, line: int) -> Iterator[tuple[int, str]]:
        wanted = _origin(origin)
        for row, _, file, sheet in places.filter(pl.col("source_row") == line).iter_rows():
            if not wanted or wanted in _origins(file, sheet):
                yield row, f"{_named(file, sheet)}:{line}"

    def _unknown(self, text: str, also: str) -> str:
        """Say that nothing is called so, and what there is."""
        if text.isascii() and text.isdecimal():
            return f"row {text}: no such row; allowed {self._rows()}"
        if text in self.decisions["case_id"]:
            return f"{text} is a case; give it alone, or two records"
        place = _PLACE.fullmatch(text) or _LINE.fullmatch(text)
        if place:
            return f"{text}: {self._no_place(_origin(place['origin'] or ''), int(place['line']))}"
        wrong = f"no record of this run; allowed: {also}{ALLOWED}; its rows are {self._rows()}"
        # Other texts may be somebody's name, and are not repeated.
        return f"{text}: {wrong}" if re.fullmatch(r"\S*\d\S*", text) else wrong

    def _no_place(self, wanted: str, line: int) -> str:
        if self.places is None:
            without = argument("residents", False)
            return f"places are not kept in this run ({without}); give record numbers, {self._rows()}"
        return self._not_there(wanted, line)

    def _not_there(self, wanted: str, line: int) -> str:
        """Say why no record stands in a line of a source: no such source, no record, or beyond its end."""
        sources = self.run.input.sources
        known = [one for one in sources if not wanted or wanted in _origins(one.file, one.sheet)]
        if not known:
            names = [_named(one.file, one.sheet) for one in sources]
            more = ", …" if len(names) > _MOST_NAMED else ""
            return f"no such file or sheet; this run has {', '.join(names[:_MOST_NAMED])}{more}"
        for one in self.run.input.skipped:
            if one.row == line and (not wanted or wanted in _origins(one.file, one.sheet)):
                return f"that row is no record ({one.reason.replace('_', ' ')}); {self._lines(wanted)}"
        return f"no record in that row; {self._lines(wanted)}"

    def _lines(self, wanted: str) -> str:
        """Say in which lines of a source its records stand."""
        places = self.places
        if places is None:
            return self._rows()
        sources = places.select("file", "sheet").unique().iter_rows()
        mine = pl.DataFrame(
            [one for one in sources if not wanted or wanted in _origins(*one)],
            schema={"file": pl.String, "sheet": pl.String}, orient="row",
        )  # fmt: skip
        lines = places.join(mine, on=["file", "sheet"], nulls_equal=True)["source_row"]
        return f"its records stand in rows {_span(lines)}"


_NAMES = {"file": "source_file", "sheet": "source_sheet"}


def _span(numbers: pl.Series) -> str:
    """Return the first and the last of some numbers, in words."""
    return f"{numbers.min()!r} to {numbers.max()!r}" if len(numbers) else "none"


def _ambiguous(text: str, told: dict[int, str]) -> str:
    """Say which records a text can mean, and how to say which.

    >>> _ambiguous("12", {12: "record number", 40: "record_id"})
    '12: 2 records are called so; allowed: row=12 (record number), row=40 (record_id)'
    """
    names = ", ".join(f"row={row} ({how})" for row, how in list(told.items())[:_MOST_NAMED])
    more = ", …" if len(told) > _MOST_NAMED else ""
    return f"{text}: {len(told)} records are called so; allowed: {names}{more}"


def _named(file: str | None, sheet: str | None) -> str:
    return ":".join(name for name in (file, sheet) if name) or "one table"


def _origin(*names: str | None) -> str:
    """Return a file, a sheet or both in the form they are compared: small letters, one colon between.

    >>> _origin("Daftar.xlsx / Murung"), _origin("Daftar.xlsx", "Murung"), _origin(None, None)
    ('daftar.xlsx:murung', 'daftar.xlsx:murung', '')
    """
    told = ":".join(name for name in names if name)
    return re.sub(r"\s*[:/]\s*", ":", " ".join(told.split())).casefold()


def _origins(file: str | None, sheet: str | None) -> set[str]:
    """Return every way in which a source may be named, as it is and as explanations mask it."""
    names = {_origin(file, sheet), _origin(file), _origin(sheet)} - {""}
    return names | {mask_numbers(name) for name in names}
