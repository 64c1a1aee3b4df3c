"""How many damaged cells are recognised, and how many healthy rows are accused.

`python -m benchmarks.damage [--cases 10000]` makes healthy synthetic residents, damages them one way after
another in files of the size an office handles (FILE_ROWS records), reads them the way `dedupe` does, and
writes benchmarks/DAMAGE.md. Everything is seeded: the same call gives the same figures.

Recognised means: the damaged row carries the reason code of the damage; where a text can be read without
loss, that it is read right. Accused are healthy rows, in the damaged files and in files without any damage,
that carry such a code or are read wrong.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.damage_kinds import DAMAGES, MADE, SEED, Damage, Figure, Frame, Mask, healthy_records
from benchmarks.damage_rows import bip_layout, repeated_headers, write_headers, write_printout
from nikdedup.config import Config
from nikdedup.residents.read.extract import read
from nikdedup.residents.understanding import understand

FILE_ROWS = 500
HEALTHY_ROWS = 100_000
FLOOR = 0.95
"""Least share recognised."""
MOST_ACCUSED = 1e-4
LABELLED_ROWS = 60
READING = {"record_id": "ID", "reference_date": "2026-06-30"}
OUT = Path(__file__).with_name("DAMAGE.md")


def measure(damage: Damage, healthy: Frame, *, cases: int, seed: int = SEED) -> Figure:
    """Damage files until there are enough cases; count the recognised, and the healthy rows accused."""
    rng = np.random.default_rng([seed, DAMAGES.index(damage)])
    files, hurt, start, total = [], [], 0, 0
    while total < cases and start + FILE_ROWS <= len(healthy):
        frame, where = damage.make(healthy.slice(start, FILE_ROWS), rng)
        files.append(frame)
        hurt.append(where)
        total += int(where.sum())
        start += FILE_ROWS
    found = _understood(files, damage, hurt)
    truth = _understood([healthy.slice(at, FILE_ROWS) for at in range(0, start, FILE_ROWS)])
    where = np.concatenate(hurt)
    carries = _carries(found, damage.codes)
    same = np.ones(len(found), bool)
    for column in damage.right:
        same &= found[column].eq_missing(truth[column]).to_numpy()
    recognised = (carries if damage.codes else np.ones(len(found), bool)) & same
    accused = carries if damage.codes else ~same
    count = np.cumsum(where) <= cases
    whole = int((where & count).sum())
    unhurt = ~where & (not damage.everywhere)
    return Figure(
        damage.name, whole, int((recognised & where & count).sum()), int(unhurt.sum()),
        int((accused & unhurt).sum()), damage.note,
    )  # fmt: skip


def _carries(residents: Frame, codes: Sequence[str]) -> Mask:
    found = np.zeros(len(residents), bool)
    for code in codes:
        found |= residents["flags"].list.contains(code).to_numpy()
    return found


def _understood(files: Sequence[Frame], damage: Damage | None = None, hurt: Sequence[Mask] = ()) -> Frame:
    """Read files as an office would hand them over, and return their residents in the order of ID.

    hurt: which rows of each file are damaged.
    """
    config = Config.of(READING | (damage.config if damage else {}))
    with tempfile.TemporaryDirectory() as folder:
        data: list[Any] = list(files)
        if damage and damage.in_workbook:
            data = [
                _workbook(Path(folder) / f"{i:04d}.xlsx", file, damage, where)
                for i, (file, where) in enumerate(zip(files, hurt, strict=True))
            ]
        extract = read(data, config=config)
    residents = understand(extract, config)[1]
    return residents.sort(pl.col("record_id").cast(pl.Int64))


def _workbook(path: Path, frame: Frame, damage: Damage, where: Mask) -> Path:
    """Write a sheet with some columns as number cells, the others as text cells, and perhaps hidden rows."""
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": MADE})
        sheet = book.add_worksheet("DATA")
        for row in np.flatnonzero(where) + 1 if damage.hides else ():
            sheet.set_row(row, None, None, {"hidden": True})
        for i, name in enumerate(frame.columns):
            sheet.write_string(0, i, name)
            for row, text in enumerate(frame[name], 1):
                if text is not None:
                    (
                        sheet.write_number(row, i, int(text))
                        if name in damage.numbers
                        else sheet.write_string(row, i, text)
                    )
    return path


def healthy_accused(healthy: Frame) -> tuple[int, dict[str, int]]:
    """Return healthy rows and, for every damage, how many of them carry one of its codes.

    Half of the rows stand in small files, half in large ones.
    """
    half = len(healthy) // 2
    small = [healthy.slice(at, FILE_ROWS) for at in range(0, half, FILE_ROWS)]
    large = [healthy.slice(at, 10 * FILE_ROWS) for at in range(half, len(healthy), 10 * FILE_ROWS)]
    residents = _understood([*small, *large])
    return len(residents), {one.name: int(_carries(residents, one.codes).sum()) for one in DAMAGES}


def run(cases: int, healthy_rows: int = HEALTHY_ROWS, only: str = "") -> list[Figure]:
    """Measure every damage, and accuse healthy rows of each."""
    healthy = healthy_records(max(healthy_rows, 6 * cases))
    clean, accused = healthy_accused(healthy.head(healthy_rows))
    figures = []
    for damage in DAMAGES:
        if only in damage.name:
            one = measure(damage, healthy, cases=cases)
            # Where nothing but the reading is judged, rows of undamaged files have nothing to be judged by.
            rows, extra = (clean, accused[damage.name]) if damage.codes else (0, 0)
            figures.append(
                Figure(one.name, one.cases, one.recognised, one.healthy + rows, one.accused + extra, one.note)
            )
    for step in (repeated_headers, bip_layout):
        figures.append(step(healthy, cases=cases))
    return figures


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table."""
    text = io.StringIO()
    text.write("| damage | cases | recognised | healthy rows | accused | accused per 10,000 |\n")
    text.write("|---|---|---|---|---|---|\n")
    for one in figures:
        text.write(
            f"| {one.name} | {one.cases:,} | {one.share:.2%} | {one.healthy:,} | {one.accused:,} "
            f"| {f'{one.accused_share * 1e4:.2f}' if one.healthy else '-'} |\n"
        )
    return text.getvalue()


def write_labelled(folder: Path, *, rows: int = LABELLED_ROWS, seed: int = SEED) -> None:
    """Write one labelled file per damage: a column LABEL holds `damaged` or nothing, further ones the truth.

    CSV; Parquet where the damage is a type, a workbook where it is in number cells. The two files in which rows
    are damaged, not cells, have their truth in rows.truth.csv.
    """
    folder.mkdir(parents=True, exist_ok=True)
    healthy = healthy_records(rows, seed)
    for damage in DAMAGES:
        frame, where = damage.make(healthy, np.random.default_rng([seed, DAMAGES.index(damage)]))
        truth = healthy.select(TRUE_NIK="NIK", TRUE_TGL="TGL_LHR")
        label = pl.Series("LABEL", ["damaged" if hurt else None for hurt in where], dtype=pl.String())
        frame = frame.with_columns(label).hstack(truth)
        if damage.in_workbook:
            _workbook(folder / f"{damage.slug}.xlsx", frame, damage, where)
        elif frame.schema["NIK"].is_float():
            frame.write_parquet(folder / f"{damage.slug}.parquet")
        else:
            frame.write_csv(folder / f"{damage.slug}.csv", separator=";")
    healthy.write_csv(folder / "rows.truth.csv", separator=";")
    write_headers(folder / "header_rows_repeated_inside.csv", healthy, np.random.default_rng(seed))
    write_printout(folder / "bip_layout_b.xlsx", healthy.sort("NO_KK"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--only", default="", help="measure damages whose name holds this, write nothing")
    parser.add_argument("--labelled", type=Path, metavar="DIR", help="write labelled files to DIR instead")
    options = parser.parse_args()
    if options.labelled:
        write_labelled(options.labelled)
        return
    begin = time.perf_counter()
    figures = run(options.cases, only=options.only)
    print(table(figures))
    print(f"{time.perf_counter() - begin:.0f} s")
    if not options.only:
        OUT.write_text(_page(figures), encoding="utf-8")


def _page(figures: Sequence[Figure]) -> str:
    notes = "".join(f"- {one.name}: {one.note}\n" for one in figures if one.note)
    return (
        "# Damage recognised\n\n"
        f"Made by `python -m benchmarks.damage`, seed {SEED}, files of {FILE_ROWS} records. "
        "What recognised and accused mean stands in benchmarks/damage.py. All people are synthetic.\n\n"
        + table(figures) + ("\n" + notes if notes else "")
    )  # fmt: skip


if __name__ == "__main__":
    main()
