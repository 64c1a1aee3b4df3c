"""verdicts: answers of the villages read into a state, taken back, and what they come to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.config import LimitsConfig
from nikdedup.errors import InputError, argument, door
from nikdedup.masking import mask_numbers
from nikdedup.publish import held, shown
from nikdedup.residents.read import read_bytes
from nikdedup.run.open import open as open_run
from nikdedup.run.result import Result
from nikdedup.run.worklist import LIST, ROWS_FILE
from nikdedup.schema import holds_residents
from nikdedup.village import (
    ENTRIES,
    GIVEN_OUT,
    ROWS,
    Agreement,
    Book,
    FileBook,
    Known,
    Line,
    Told,
    agreement_of,
    constraints_of,
    grids_of,
    is_number,
    lines_of,
    read_table,
    standing_answers,
)

OPEN: dict[str, pl.DataType] = {
    "kecamatan": pl.String(),
    "desa": pl.String(),
    "problem": pl.String(),
    "file": pl.String(),
    "sheet": pl.String(),
    "cell": pl.String(),
}
"""Answers that stay open: why and where."""


@dataclass(frozen=True)
class ListOut:
    """A list that was given out. number: what it is known by. text: of its description."""

    number: str
    rows: pl.DataFrame
    run: str
    text: str


@dataclass(frozen=True)
class Imported:
    """What came of reading files. taken: new answers; known: those that the state had; shown: found without a key.

    open: OPEN, by desa. constraints: what the next run is told, pairs and statuses; unnamed: answers about records that
    the run does not have; torn: pairs that contradict others. keys: record keys of the new answers.
    """

    taken: int
    known: int
    shown: int
    open: pl.DataFrame
    constraints: int
    unnamed: int
    torn: int
    by_answer: dict[str, int] = field(default_factory=dict)
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Status:
    """How the answers of a state stand. villages: a line per desa with out, back, late, open and disagreed."""

    villages: pl.DataFrame
    agreement: Agreement
    answers: int
    taken_back: int


@door
def import_verdicts(
    files: Sequence[str | Path],
    into: str | Path,
    *,
    who: str,
    at: str,
    lists: str | Path | None = None,
    run: Path | None = None,
    limits: LimitsConfig | None = None,
    book: Book | None = None,
) -> Imported:
    """Read lists that villages have sent back into a state; the same files again change nothing.

    Args:
        files: workbooks and CSV files, in the order in which they came.
        into: the state; where it is new it is made from the run that the lists were made from.
        who: reads them in.
        at: when, UTC, as 2026-11-29T01:00:00Z.
        lists: folder that `worklist` wrote; else it is looked for beside the files, and in the state.
        run: the run that the state is read as; else the one that its lists were made from.
        limits: what a file may ask of the machine.
        book: where the answers are kept; else in the folder itself, which then is no state of nights.

    Raises:
        InputError: for a file that is no list, or the list of another run or office; nothing is read in then.
        BusyError: where somebody else writes to the state.
    """
    state, paths = Path(into), [Path(one) for one in files]
    if not paths:
        raise InputError("verdicts import needs a file at least")
    if held(state) is not None:
        raise InputError(f"{argument('into')} {shown(state)}: is a run; name a state or a new folder")
    if state.exists() and not state.is_dir():
        raise InputError(f"{argument('into')} {shown(state)}: is a file; name a folder")
    book = book or FileBook(state)
    if state.is_dir() and not book.exists and not (state / "state.json").is_file() and any(state.iterdir()):
        raise InputError(
            f"{argument('into')} {shown(state)}: is not empty and not a state; nothing was touched"
        )
    found = _lists_of(paths, book, None if lists is None else Path(lists))
    known = Known.of(_rows_of(found, book))
    read = [(path, _read(path, known, limits or LimitsConfig())) for path in paths]
    begun = book.about()["run"] if book.exists else next(one.run for one in found)
    result = run_of(book, run or Path(begun))
    with book.holding():
        book.begin(begun)
        for one in found:
            book.give_out(one.number, one.rows, one.text)
        taken = _kept(book, known, read, result, who, at)
        if taken.keys:
            book.tell("verdicts", who=who, at=at, files=len(paths), keys=taken.keys)
    return taken


def _lists_of(paths: Sequence[Path], book: Book, named: Path | None) -> list[ListOut]:
    """Return the lists that lie in a folder that was named, else beside the files; InputError without any."""
    places = [named] if named is not None else list(dict.fromkeys(path.absolute().parent for path in paths))
    found = [one for place in places if (one := _list_of(place)) is not None]
    if named is not None and not found:
        raise InputError(f"{argument('lists')} {named.name}: holds no worklist ({LIST} is missing)")
    if not found and (not book.exists or book.rows().is_empty()):
        raise InputError(
            f"no list is known that these files answer; name the folder that worklist wrote: {argument('lists')}"
        )
    return found


def _list_of(folder: Path) -> ListOut | None:
    path = folder / LIST
    if not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8")
        told = json.loads(text)
        number, run = str(told["list"]), str(told["run"])
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{folder.name}: {LIST} is damaged") from None
    if not is_number(number):
        raise InputError(f"{folder.name}: {LIST} is damaged")
    rows = read_table(folder / ROWS_FILE, GIVEN_OUT, f"{folder.name}: {ROWS_FILE}")
    return ListOut(number, rows, run, text)


def _rows_of(found: Sequence[ListOut], book: Book) -> pl.DataFrame:
    """Return the rows of all lists, those given out before among them, each once."""
    columns = list(ROWS)
    before = [book.rows().select(columns)] if book.exists else []
    rows = pl.concat([pl.DataFrame(schema=ROWS), *before, *(one.rows.select(columns) for one in found)])
    return rows.unique("key", keep="first", maintain_order=True)


def _read(path: Path, known: Known, limits: LimitsConfig) -> tuple[str, list[Line]]:
    """Return digest and lines of a file; InputError where nothing of it is on a list that is known."""
    lines = [line for grid in grids_of(path, limits) for line in lines_of(grid, known)]
    if not lines:
        raise InputError(f"{path.name}: holds no list; allowed: what worklist wrote, filled in")
    if all(line.at is None for line in lines):
        raise InputError(f"{path.name}: the list of another run or another office; nothing was read in")
    return hashlib.sha256(read_bytes(path)).hexdigest(), lines


def _kept(
    book: Book,
    known: Known,
    read: Sequence[tuple[Path, tuple[str, list[Line]]]],
    result: Result,
    who: str,
    at: str,
) -> Imported:
    """Add what is new to the book, and say what came of it."""
    before = book.entries()
    made = [
        _entry(line, known, mask_numbers(path.name), digest, who, at)
        for path, (digest, lines) in read
        for line in lines
        if line.problem != "blank"
    ]
    entries = pl.DataFrame(made, schema=ENTRIES).unique("entry", keep="first", maintain_order=True)
    held = before.filter(pl.col("back_at").is_null())
    new = entries.join(held, on="entry", how="anti")
    if len(new):
        book.keep(pl.concat([before, new]))
    answered = new.filter(pl.col("answer").is_not_null())
    told = write_constraints(book, result)
    return Imported(
        taken=len(answered),
        known=len(entries) - len(new),
        shown=int((answered["matched"] == "shown").sum()),
        open=_open(read, known, book),
        constraints=len(told.constraints),
        unnamed=told.unnamed,
        torn=told.torn,
        keys=tuple(answered["record_key"]),
        by_answer=dict(answered.group_by("answer").len().sort("answer").iter_rows()),
    )


def _entry(line: Line, known: Known, file: str, digest: str, who: str, at: str) -> dict[str, Any]:
    """Return a line as ENTRIES has it."""
    row = {} if line.at is None else known.rows.row(line.at, named=True)
    about = ("key", "part", "kecamatan_code", "desa_code", "desa", "record_key", "content", "other_key",
             "other_content", "kind", "action", "weight_log2")  # fmt: skip
    said = {
        **{name: row.get(name) for name in about},
        "list": row["key"].split("-")[0] if row else None,
        "answer": line.code,
        "problem": line.problem,
        "nik": line.nik if line.nik not in (row.get("nik"), row.get("other_nik")) else None,
        "day": line.day,
        "note": line.note or None,
        "matched": line.by,
        "file": file,
        "file_sha256": digest,
        "sheet": line.sheet,
        "cell": line.cell,
        "who": who,
        "at": at,
    }
    # The same row with the same answer of the same day is the same entry, whichever copy of the file it stands in.
    named = (
        (said["key"], line.code, str(line.day), line.nik, line.note)
        if line.code
        else (digest, line.sheet, line.cell)
    )
    return {**said, "entry": hashlib.blake2b(repr(named).encode(), digest_size=8).hexdigest()}


def _open(read: Sequence[tuple[Path, tuple[str, list[Line]]]], known: Known, book: Book) -> pl.DataFrame:
    """Return OPEN of the files: what could not be read, blanks, and what two villages disagree about."""
    answered = set(standing_answers(book.entries())[0]["key"])
    lines = []
    for path, (_, found) in read:
        for line in found:
            row = {} if line.at is None else known.rows.row(line.at, named=True)
            if line.problem and not (line.problem == "blank" and row.get("key") in answered):
                place = (row.get("kecamatan"), row.get("desa"), line.problem)
                lines.append((*place, mask_numbers(path.name), line.sheet, line.cell))
    _, disagree = standing_answers(book.entries())
    for one in disagree.iter_rows(named=True):
        lines.append((None, one["desa"], "disagree", one["file"], one["sheet"], one["cell"]))
    return pl.DataFrame(lines, schema=OPEN, orient="row").sort("desa", maintain_order=True, nulls_last=True)


@door
def take_back(
    files: Sequence[str | Path],
    state: str | Path,
    *,
    who: str,
    at: str,
    run: Path | None = None,
    book: Book | None = None,
) -> tuple[str, ...]:
    """Take back all answers of files, which stay in the book, marked; returns their record keys.

    Args:
        files: names of files as they were read in, or the files themselves.
        state: the state that they were read into.
        who: takes them back.
        at: when, UTC.
        run: the run that the state is read as; else the one that its lists were made from.
        book: where the answers are kept; else in the folder itself, which then is no state of nights.

    Raises:
        InputError: where the state has no answers of a file.
    """
    book = book or FileBook(Path(state))
    result = run_of(book, run or Path(book.about()["run"]))
    with book.holding():
        entries = book.entries()
        names = [mask_numbers(Path(one).name) for one in files]
        holds = pl.col("back_at").is_null()
        for name in names:
            if entries.filter(holds & (pl.col("file") == name)).is_empty():
                raise InputError(f"{name}: no answers of this file are held by {book.name}")
        mine = holds & pl.col("file").is_in(names)
        taken = entries.filter(mine)
        marked = entries.with_columns(
            back_who=pl.when(mine).then(pl.lit(who)).otherwise("back_who"),
            back_at=pl.when(mine).then(pl.lit(at)).otherwise("back_at"),
        )
        book.keep(marked)
        write_constraints(book, result)
        keys = tuple(taken.filter(pl.col("answer").is_not_null())["record_key"])
        if keys:
            book.tell("verdicts_undone", who=who, at=at, files=len(files), keys=keys)
    return keys


def write_constraints(book: Book, result: Result) -> Told:
    """Keep the constraints of the next run in the book, and return them."""
    by_id = result.config.record_id is not None
    residents = result.residents.select("record_key", "record_id", "nik_clean", "nik_verdict")
    told = constraints_of(book.entries(), residents, by_id=by_id)
    book.keep_constraints(told.constraints)
    return told


def run_of(book: Book, run: Path) -> Result:
    """Return the run that a state is read as; InputError where it is gone or was kept without residents."""
    if held(run) is None:
        raise InputError(f"{book.name}: the run {run.name} that its lists came from is gone")
    result = open_run(run)
    if not holds_residents(result.residents):
        raise InputError(f"{run.name}: was written without residents; run dedupe again")
    return result


@door
def status(state: str | Path | Book, *, today: date, target: float = 0.995) -> Status:
    """Return how the answers of a state stand.

    Args:
        state: the state that answers were read into, or its book.
        today: what is late is told from it.
        target: share of one person that pairs above a threshold should have.
    """
    book = FileBook(Path(state)) if isinstance(state, str | Path) else state
    book.about()
    entries, rows = book.entries(), book.rows().filter("asked")
    agreed, disagree = standing_answers(entries)
    late = (pl.col("due").str.to_date("%Y-%m-%d") < today).fill_null(False)
    unread = entries.filter(pl.col("answer").is_null() & pl.col("back_at").is_null())
    # The same question on a later list is one question: it is out once, and an answer on either list answers it.
    rows = rows.with_columns(_question()).unique("question", keep="last", maintain_order=True)
    asked = [frame.select(_question()).to_series() for frame in (agreed, unread, disagree)]
    back, unread_, differ = (pl.col("question").is_in(one.drop_nulls().unique().implode()) for one in asked)
    villages = (
        rows.with_columns(back=back, unread=unread_ & ~back, disagree=differ)
        .group_by("kecamatan_code", "kecamatan", "desa_code", "desa")
        .agg(
            out=pl.len().cast(pl.Int64),
            back=pl.col("back").sum().cast(pl.Int64),
            late=(~pl.col("back") & late).sum().cast(pl.Int64),
            open=(~pl.col("back")).sum().cast(pl.Int64),
            unread=pl.col("unread").sum().cast(pl.Int64),
            disagree=pl.col("disagree").sum().cast(pl.Int64),
        )
        .sort("kecamatan_code", "desa_code", nulls_last=True)
    )
    undone = int((entries["answer"].is_not_null() & entries["back_at"].is_not_null()).sum())
    return Status(villages, agreement_of(entries, target), len(agreed), undone)


def _question() -> pl.Expr:
    """Return what is asked of a village: about a record, or about two that may be one person."""
    named = [
        pl.col(name).fill_null("")
        for name in ("desa_code", "kecamatan_code", "record_key", "other_key", "content")
    ]
    return pl.concat_str(*named, separator="\x1f").alias("question")
