"""What came back from a village: the answers in its sheets, by the key of each row, or by what the row shows.

Columns may have been moved or renamed, rows sorted or deleted, sheets put together. A row without a sound key is
known by NIK, name and birth as the list shows them, where they mean one row; else it stays open. What cannot be read
is never guessed: it is listed with its cell.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import polars as pl
from rapidfuzz import fuzz

from nikdedup.village.grids import Grid
from nikdedup.village.lists import sound_key
from nikdedup.village.words import read_answer

PROBLEMS = (
    "blank", "unknown_word", "no_nik", "edited_key", "other_list", "ambiguous", "unknown_row", "conflict",
)  # fmt: skip
"""Why an answer stays open."""
_HEADS: dict[str, tuple[str, ...]] = {
    "key": ("kunci baris", "kunci", "row key"),
    "nik": ("nik", "no nik"),
    "name": ("nama", "nama lengkap", "name"),
    "born": ("tempat tgl lahir", "tgl lahir", "tanggal lahir", "place date of birth", "birth date"),
    "verdict": ("hasil verifikasi", "hasil", "result", "verifikasi"),
    "date": ("tanggal", "tgl", "date"),
    "note": (
        "catatan nik lain pindah ke akta",
        "catatan",
        "note other nik moved to certificate",
        "note",
        "ket",
    ),
    "number": ("no",),
    "part": ("bagian", "part"),
    "no_kk": ("no kk", "family card"),
    "sex": ("l p", "sex"),
    "address": ("alamat", "address"),
    "rt_rw": ("rt rw",),
    "mother": ("nama ibu", "mother"),
    "status": ("status rekam", "recording"),
    "reason": ("keterangan", "remark"),
    "kecamatan": ("kecamatan",),
    "desa": ("desa", "desa kelurahan"),
}
"""Columns of a list and what their heads are called, without signs."""
LEAST_LIKE = 80.0
"""Percent of letters that a misspelt head has in common with the right one."""
_LONGEST = 60
"""Letters of the longest head, and some more."""
_KEY = re.compile(r"[0-9A-F]{8}-[0-9A-F]{12}-[0-9A-F]{2}")
_ALMOST = re.compile(r"[0-9A-Z]{6,10}\s*-\s*[0-9A-Z]{9,15}\s*-\s*[0-9A-Z]{1,4}")
_QUIET = re.compile(r"^(lihat no|see no|pembanding$|for comparison$)", re.IGNORECASE)
_SERIAL = re.compile(r"[45]\d{4}(?:\.\d+)?")
"""Days from 2009 to 2064, as a sheet has them whose cells lost their format."""
_DAY = re.compile(r"(?<!\d)(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})(?!\d)")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")


class Line(NamedTuple):
    """An answered or half answered row. cell: of the answer. number: of the list's row, or None; see `problem`."""

    sheet: str | None
    cell: str
    at: int | None  # row of the list that it answers
    by: str  # "key" or "shown"
    problem: str | None  # one of PROBLEMS; None where `code` is an answer
    code: str | None
    nik: str | None
    day: date | None
    note: str


@dataclass(frozen=True)
class Known:
    """The rows of all lists that a state has given out, and how to find them. rows: ROWS and list."""

    rows: pl.DataFrame
    by_key: dict[str, int]
    by_shown: dict[tuple[str, str, str], list[int]]
    numbers: frozenset[str]

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Known:
        """Index the rows of the lists."""
        shown: dict[tuple[str, str, str], list[int]] = {}
        columns = rows.select("nik", "name", "birth", "birth_text").iter_rows()
        for at, (nik, name, birth, birth_text) in enumerate(columns):
            born = f"{birth.day:02d}-{birth.month:02d}-{birth.year:04d}" if birth else birth_text
            shown.setdefault(_shown(nik or "", name or "", born or ""), []).append(at)
        keys = {key: at for at, key in enumerate(rows["key"])}
        return cls(rows, keys, shown, frozenset(key.split("-")[0] for key in keys))


def _shown(nik: str, name: str, born: str) -> tuple[str, str, str]:
    """Return NIK ends, letters of the name and digits of the birth date, as a masked list shows them."""
    digits = re.sub(r"[^0-9•]", "", nik)
    ends = f"{digits[:6]}{digits[-2:]}" if len(digits) >= 12 else ""
    found = _day_in(born)
    return ends, re.sub(r"[^A-Z]", "", name.upper()), found.isoformat() if found else ""


def lines_of(grid: Grid, known: Known) -> list[Line]:
    """Return the rows of a sheet in which somebody is meant to answer.

    Args:
        grid: a sheet that came back.
        known: the lists that were given out.

    Returns:
        Its lines in order; none where the sheet is no list at all.
    """
    columns = _columns(grid.rows)
    if columns is None:
        return []
    head, places = columns
    found = []
    for number, row in enumerate(grid.rows[head + 1 :], head + 2):
        line = _line(row, number, grid.sheet, places, known)
        if line is not None:
            found.append(line)
    return _conflicts(found)


def _columns(rows: Sequence[list[str]]) -> tuple[int, dict[str, int]] | None:
    """Return the row of the heads (-1 without one) and where each column stands; None where nothing is a list.

    What a column holds goes before what it is called. Only a row of keys makes answers of a column whose head does
    not say so: a status column of an extract, or the NIKs of proposals, reads like answers too.
    """
    head: int = -1
    places: dict[str, int] = {}
    for at, row in enumerate(rows[:40]):
        named = _named(row)
        if len(named) > max(2, len(places)):
            head, places = at, named
    body = rows[head + 1 :]
    if (keys := _most(body, lambda text: bool(_ALMOST.fullmatch(text.upper())))) is not None:
        places = {one: where for one, where in places.items() if where != keys} | {"key": keys}
    if (
        "verdict" not in places
        and "key" in places
        and (said := _verdicts(body, set(places.values()))) is not None
    ):
        places["verdict"] = said
    return (head, places) if "verdict" in places and ("key" in places or "name" in places) else None


def _named(row: Sequence[str]) -> dict[str, int]:
    """Return the columns that a row of heads names, misspelt ones too, the surest first."""
    scored = [(*one, column) for column, text in enumerate(row) for one in _heads_like(text)]
    places: dict[str, int] = {}
    for _, name, column in sorted(scored, key=lambda one: (-one[0], one[2])):
        if name not in places and column not in places.values():
            places[name] = column
    return places


@lru_cache(maxsize=1 << 14)
def _heads_like(text: str) -> tuple[tuple[float, str], ...]:
    """Return the heads that a text may be, misspelt, each with how alike it is."""
    plain = _plain(text)
    if not plain or len(plain) > _LONGEST:
        return ()
    scored = ((max(fuzz.ratio(plain, one) for one in heads), name) for name, heads in _HEADS.items())
    return tuple(one for one in scored if one[0] >= LEAST_LIKE)


def _plain(text: str) -> str:
    """Return the words of a head in small letters, without signs."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def _most(rows: Sequence[list[str]], is_one: Callable[[str], bool]) -> int | None:
    """Return the column with most cells that are one; None where no cell is."""
    counts = Counter(column for row in rows for column, text in enumerate(row) if text and is_one(text))
    return max(counts, key=lambda column: (counts[column], -column)) if counts else None


def _verdicts(rows: Sequence[list[str]], named: set[int]) -> int | None:
    """Return the column of the answers by what it holds: answers, and nothing that the list itself prints.

    named: columns that are known to be others.
    """
    cells = [
        (column, text) for row in rows for column, text in enumerate(row) if text and column not in named
    ]
    filled = Counter(column for column, text in cells if not _QUIET.match(text))
    printed = Counter(column for column, text in cells if _plain(text) in _printed())
    read = Counter(column for column, text in cells if len(text) < 60 and read_answer(text).code)
    sure = [
        one for one in read if read[one] >= max(1, 0.5 * filled[one]) and printed[one] < 0.5 * filled[one]
    ]
    return max(sure, key=lambda column: (read[column], column)) if sure else None


@cache
def _printed() -> frozenset[str]:
    """Return the words by which a list says part and recording status, in both languages, as `_plain` has them."""
    groups = (("show.toml", "recording"), ("show.toml", "recorded"), ("village.toml", "part_short"))
    tables = [
        tomllib.loads((files("nikdedup") / "data" / name).read_text(encoding="utf-8"))[group]
        for name, group in groups
    ]
    return frozenset(_plain(text) for table in tables for both in table.values() for text in both.values())


def _line(
    row: Sequence[str], number: int, sheet: str | None, places: dict[str, int], known: Known
) -> Line | None:
    """Return what a row says; None for a row that answers nothing and is not asked."""
    cells = {name: row[at] if at < len(row) else "" for name, at in places.items()}
    text = cells["verdict"]
    if _plain(text) in _HEADS["verdict"] and len(_named(row)) > 2:
        return None  # the heads of a second list below the first
    if _QUIET.match(text):
        text = ""
    at, by, problem = _row_of(cells, known, sheet)
    extra = [one for i, one in enumerate(row) if one and i not in places.values()]
    note = "; ".join(one for one in (cells.get("note", ""), *extra) if one)
    asked = at is not None and known.rows["asked"][at]
    if not text and not asked and problem != "other_list":
        return None
    place = f"{_letters(places['verdict'])}{number}"
    read = read_answer(text)
    if problem is None:
        problem = "blank" if not text else None if read.code else "unknown_word"
    day = _day_of(cells.get("date", "")) or _day_in(text)
    nik, code = read.nik or read_answer(note).nik, read.code
    if problem is None and at is not None:
        code, problem = _as_asked(code, nik, known.rows.row(at, named=True))
    return Line(sheet, place, at, by, problem, None if problem else code, nik, day, note)


def _as_asked(code: str | None, nik: str | None, row: dict[str, Any]) -> tuple[str | None, str | None]:
    """Return the answer to what a row asks, and what is wrong with it.

    Recorded under another NIK is a double of that NIK; a double of nobody stays open.
    """
    if code == "recorded" and nik is not None and nik != row["nik"]:
        return "double", None
    if code in ("double", "same") and nik is None and row["other_key"] is None:
        return code, "no_nik"
    return code, None


def _row_of(cells: dict[str, str], known: Known, sheet: str | None) -> tuple[int | None, str, str | None]:
    """Return the row of the lists that a row is, by what it was known, and what is wrong where it is none."""
    text = cells.get("key", "").strip().upper()
    if _KEY.fullmatch(text) and sound_key(text):
        if text in known.by_key:
            return known.by_key[text], "key", None
        return None, "key", "other_list" if text.split("-")[0] not in known.numbers else "unknown_row"
    asked = _shown(cells.get("nik", ""), cells.get("name", ""), cells.get("born", ""))
    if not asked[1]:
        return None, "shown", "edited_key" if text else "unknown_row"
    found = known.by_shown.get(asked, [])
    for fits in (_is_asked, _of_sheet(sheet or cells.get("desa")), _of_number(cells.get("number"))):
        found = [at for at in found if fits(known.rows, at)] or found
    if len(found) == 1:
        return found[0], "shown", None
    return None, "shown", "ambiguous" if found else "edited_key" if text else "unknown_row"


def _is_asked(rows: pl.DataFrame, at: int) -> bool:
    return bool(rows["asked"][at])


def _of_sheet(name: str | None) -> Callable[[pl.DataFrame, int], bool]:
    """Return whether a row is of the desa that a sheet is called after; a long name is cut off there."""
    letters = re.sub(r"[^A-Z]", "", (name or "").upper())
    return lambda rows, at: (
        len(letters) > 2 and re.sub(r"[^A-Z]", "", rows["desa"][at] or "").startswith(letters)
    )


def _of_number(text: str | None) -> Callable[[pl.DataFrame, int], bool]:
    """Return whether a row has a number in its village."""
    return lambda rows, at: str(rows["number"][at]) == text


def _conflicts(lines: list[Line]) -> list[Line]:
    """Return lines of which those of one row that say different things on one day are all open."""
    said: dict[tuple[int, date | None], set[str]] = {}
    for line in lines:
        if line.at is not None and line.code:
            said.setdefault((line.at, line.day), set()).add(line.code)
    wrong = {which for which, codes in said.items() if len(codes) > 1}
    return [
        line._replace(problem="conflict", code=None) if (line.at, line.day) in wrong and line.code else line
        for line in lines
    ]


def _day_in(text: str) -> date | None:
    """Return the day that a text holds, day first or as 2026-06-30; None without one."""
    for pattern, order in ((_ISO, (0, 1, 2)), (_DAY, (2, 1, 0))):
        if found := pattern.search(text):
            try:
                return date(*(int(found.groups()[i]) for i in order))
            except ValueError:
                return None
    return None


def _day_of(text: str) -> date | None:
    """Return the day in a cell of the column of days, which may hold the number that Excel counts days by."""
    if _SERIAL.fullmatch(text):
        return date(1899, 12, 30) + timedelta(days=int(text.split(".")[0]))
    return _day_in(text)


def _letters(column: int) -> str:
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
