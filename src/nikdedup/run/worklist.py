"""worklist(): what is asked of every village, as workbooks to be printed and filled in, and as CSV."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Literal

import polars as pl

from nikdedup.config import reference_day
from nikdedup.errors import ConfigError, InputError, argument, door
from nikdedup.publish import make_folder, write_parquet
from nikdedup.run.coverage import rolled
from nikdedup.run.result import Result
from nikdedup.show import check_name, say, write_all
from nikdedup.village import Book, Lists, lists_of

LIST, ROWS_FILE = "worklist.json", "worklist.parquet"
Per = Literal["kecamatan", "desa"]


@dataclass(frozen=True)
class Worklist:
    """Lists of a run and how they are printed. run: the folder they were made from."""

    lists: Lists
    run: Path
    lang: Literal["id", "en"] = "id"
    per: Per = "kecamatan"
    due: date | None = None
    paper: Literal["a4", "f4"] = "a4"
    show_identities: bool = False

    @door
    def write(self, out: str | Path) -> list[Path]:
        """Write a workbook and a CSV file per kecamatan or desa, and what answers are read by; returns the workbooks.

        out: a folder that is new or empty: a list that somebody fills in is never written over. All or nothing; every
        file is readable by its owner only.
        """
        folder = Path(out)
        check_name(folder, "out")
        if folder.is_dir() and any(folder.iterdir()):
            raise InputError(f"{argument('out')} {folder.name}: is not empty; name a new folder")
        files = [(folder / name, write) for name, write in self._files()]
        make_folder(folder)
        write_all(files)
        return [path for path, _ in files if path.suffix == ".xlsx"]

    def _files(self) -> Iterator[tuple[str, Callable[[Path], object]]]:
        from nikdedup.show.village import (
            Printed,
            Village,
            list_rows,
            sheet_names,
            write_csv_list,
            write_worklist,
        )

        printed = Printed(self.lists.day, self.lang, self.due, self.paper)
        places, names = [], self._names()
        for name, part in names:
            villages = part.partition_by("kecamatan_code", "desa_code", maintain_order=True)
            titles = [self._title(one) for one in villages]
            sheets = sheet_names(titles)
            shown = [list_rows(one, self.lang, show_identities=self.show_identities) for one in villages]
            kecamatan = [one["kecamatan"][0] or say("village.unknown", self.lang) for one in villages]
            made = [Village(*told) for told in zip(sheets, titles, kecamatan, shown, strict=True)]
            yield f"{name}.xlsx", partial(write_worklist, villages=made, printed=printed)
            yield f"{name}.csv", partial(write_csv_list, villages=made, lang=self.lang)
            places += [(f"{name}.xlsx", sheet, len(one)) for sheet, one in zip(sheets, villages, strict=True)]
        rows = pl.concat([part for _, part in names]) if names else self.lists.rows
        place = {"file": [file for file, _, n in places for _ in range(n)]}
        place["sheet"] = [sheet for _, sheet, n in places for _ in range(n)]
        yield (
            ROWS_FILE,
            partial(write_parquet, rows.hstack(pl.DataFrame(place, schema=dict.fromkeys(place, pl.String)))),
        )
        yield LIST, self._write_description

    def _names(self) -> list[tuple[str, pl.DataFrame]]:
        """Return name and rows of each workbook; residents whose desa is unknown have one of their own."""
        rows = self.lists.rows
        known, lost = (
            rows.filter(pl.col("desa_code").is_not_null()),
            rows.filter(pl.col("desa_code").is_null()),
        )
        found: list[tuple[str, pl.DataFrame]] = []
        for part in known.partition_by(f"{self.per}_code", maintain_order=True):
            code, name = part[f"{self.per}_code"][0], part[self.per][0]
            found.append((_file_name(code, name), part))
        if not lost.is_empty():
            found.append((say("list.no_desa_file", self.lang), lost))
        return found

    def _title(self, village: pl.DataFrame) -> str:
        """Return what a sheet is called: the desa, or that it is not known, with the kecamatan."""
        if village["desa"][0] is not None:
            return str(village["desa"][0])
        return " ".join([say("list.no_desa", self.lang), *village["kecamatan"].drop_nulls().unique()])

    def _write_description(self, path: Path) -> None:
        told = {
            "nikdedup": 1,
            "list": self.lists.number,
            "run": str(self.run.absolute()),
            "day": self.lists.day.isoformat(),
            "turning_before": self.lists.turning_before and self.lists.turning_before.isoformat(),
            "due": self.due and self.due.isoformat(),
            "lang": self.lang,
            "show_identities": self.show_identities,
        }
        path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def give_out(self, book: Book, out: Path) -> None:
        """Keep what was written to a folder in a state's book: answers are then read without that folder."""
        text = (out / LIST).read_text(encoding="utf-8")
        with book.holding():
            book.begin(str(self.run))
            book.give_out(self.lists.number, pl.read_parquet(out / ROWS_FILE), text)

    def text(self, files: int) -> str:
        """Return how much there is to do, in one line."""
        rows = self.lists.rows
        figures = {"rows": len(rows), "villages": len(self.lists.villages), "asked": int(rows["asked"].sum())}
        return say("list.written", self.lang, **figures, files=files)


def _file_name(code: str, name: str) -> str:
    """Return a name that every system takes.

    >>> _file_name("621201", "MURUNG"), _file_name("ANTAH/BERANTAH", "Berantah")
    ('621201-murung', 'antah-berantah-berantah')
    """
    return re.sub(r"[^a-z0-9]+", "-", f"{code} {name}".lower()).strip("-")[:80] or "daftar"


@door
def worklist(
    result: Result,
    run: Path,
    *,
    turning_before: date | None = None,
    due: date | None = None,
    per: Per = "kecamatan",
    paper: Literal["a4", "f4"] = "a4",
    lang: Literal["id", "en"] | None = None,
    show_identities: bool = False,
    judged: pl.DataFrame | None = None,
) -> Worklist:
    """Return the lists of all villages of a run.

    run: the folder the result was opened from. turning_before: also list who turns 17 before this day. judged: what was
    answered already, see `lists_of`. InputError where the run kept no residents or has no reference date.
    """
    roll = rolled(result)
    found = lists_of(
        roll, result.decisions, result.record.input.fingerprint, turning_before=turning_before, judged=judged
    )
    return Worklist(found, run, lang or result.config.run.lang, per, due, paper, show_identities)


def day_of(name: str, text: str | None) -> date | None:
    """Return a day as an option has it; ConfigError names the option. None stays None."""
    try:
        return None if text is None else reference_day(text)
    except ValueError as fault:
        raise ConfigError(f"{argument(name, text)}; allowed: {fault}") from None
