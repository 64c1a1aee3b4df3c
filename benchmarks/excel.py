"""What is lost when an extract goes through Excel: `python -m benchmarks.excel --seeds 1 2`.

An office opens the extract in Excel with Indonesian settings and saves it as CSV: NIK and No. KK keep 15
digits and lose a leading 0, dates of birth get the names of months, other dates short ones with two digits of
the year, RT and RW lose their zeros, and the text is cp1252 with semicolons. The same extract is judged as it
was and as it came back, at shipped settings. Writes EXCEL.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from benchmarks.accuracy import judged_file
from benchmarks.data import FOLDER, extract
from benchmarks.machine import commit, versions
from nikdedup.lab.scorecard import Evaluation

FILE = Path(__file__).resolve().parent / "EXCEL.md"
SEEDS = (903001, 903002)
LEAST_PRECISION = 0.98
MOST_LOST = 0.06
"""F1 of the damaged extract may be that much below the F1 of the same extract undamaged."""

MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
    "November", "Desember",
)  # fmt: skip
NUMBERS = ("NIK", "NO_KK")
SMALL_NUMBERS = ("NO_RT", "NO_RW")
EVENTS = ("EKTP_CREATED", "TGL_ENTRI", "TGL_UBAH")

_HEAD = f"""# Through Excel

Written by `python -m benchmarks.excel`. Each extract is judged twice at shipped settings: as generated, and as
Excel with Indonesian settings saves it: 15 digits of NIK and No. KK, month names in the dates, cp1252. Allowed
are a precision of {LEAST_PRECISION} and an F1 at most {MOST_LOST} below that of the undamaged extract.
NIKs that two people share (*B*) cannot be named any more: equal 15 digits are no equal NIK.
"""


def through_excel(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the extract as its cells read after Excel; columns that it does not hold are passed over."""
    columns = [name for name in frame.columns if frame.schema[name] == pl.String]
    changed = {name: _number(name) for name in NUMBERS} | {name: _small(name) for name in SMALL_NUMBERS}
    short = [month[:3] for month in MONTHS]
    changed |= {"TGL_LHR": _date("TGL_LHR", MONTHS, sign=" ", year="%Y")}
    changed |= {name: _date(name, short, sign="-", year="%y") for name in EVENTS}
    return frame.with_columns(
        expression.alias(name) for name, expression in changed.items() if name in columns
    )


def _number(name: str) -> pl.Expr:
    """Keep 15 digits of what reads as a number; zeros in front go, and later digits become 0."""
    digits = pl.col(name).str.strip_chars_start("0")
    cut = digits.str.head(15) + pl.when(digits.str.len_bytes() > 15).then(pl.lit("0")).otherwise(pl.lit(""))
    plain = pl.col(name).str.contains(r"^\d+$")
    return pl.when(plain & (digits != "")).then(cut).when(plain).then(pl.lit("0")).otherwise(pl.col(name))


def _small(name: str) -> pl.Expr:
    whole = pl.col(name).str.contains(r"^\d+$")
    return (
        pl.when(whole).then(pl.col(name).cast(pl.Int64, strict=False).cast(pl.String)).otherwise(pl.col(name))
    )


def _date(name: str, months: Sequence[str], *, sign: str, year: str) -> pl.Expr:
    """Write dd-mm-yyyy with the name of the month; what Excel does not take for a date stays text."""
    day = pl.col(name).str.to_date("%d-%m-%Y", strict=False)
    names = day.dt.month().replace_strict(dict(enumerate(months, 1)), return_dtype=pl.String, default=None)
    parts = (day.dt.day().cast(pl.String), names, day.dt.to_string(year))
    return pl.concat_str(parts, separator=sign).fill_null(pl.col(name))


def write_as_excel(frame: pl.DataFrame, path: Path) -> Path:
    """Write the extract as Excel saves a CSV here: semicolons, cp1252, a question mark for other signs."""
    text = through_excel(frame).write_csv(separator=";", line_terminator="\r\n")
    path.write_bytes(text.encode("cp1252", errors="replace"))
    return path


def judged_twice(
    profile: str, rows: int, seed: int, *, folder: Path = FOLDER
) -> tuple[Evaluation, Evaluation]:
    """Return the evaluation of an extract undamaged, and of the same one after Excel."""
    file, truth = extract(profile, rows, seed, folder=folder)
    damaged = write_as_excel(pl.read_parquet(file), file.with_suffix(".excel.csv"))
    try:
        return judged_file(file, truth), judged_file(damaged, truth)
    finally:
        damaged.unlink()


def table(lines: list[tuple[str, int, Evaluation, Evaluation]]) -> str:
    """Return the Markdown table, a line per extract."""
    text = ["| profile | seed | F1 before | P | R | F1 | F1 lost | review | with review | B | within |"]
    text.append("|---|---" + "|--:" * 9 + "|")
    for profile, seed, before, after in lines:
        lost = (before.f1 or 0) - (after.f1 or 0)
        within = (after.precision.value or 0) >= LEAST_PRECISION and lost <= MOST_LOST
        shares = [after.precision.value, after.recall.value, after.f1, lost]
        text.append(
            f"| {profile} | {seed} | {before.f1 or 0:.4f} | "
            + " | ".join(f"{share or 0:.4f}" for share in shares)
            + f" | {after.review_pairs:,} | {after.recall_with_review.value or 0:.4f}"
            f" | {after.shared_niks.hits} of {after.shared_niks.of} | {'yes' if within else 'NO'} |"
        )
    return "\n".join(text) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Judge every profile and seed before and after Excel, and write EXCEL.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.excel")
    parser.add_argument("--profiles", nargs="+", default=["hard", "murung-raya"])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args(arguments)
    lines = []
    for profile in options.profiles:
        for seed in options.seeds:
            before, after = judged_twice(profile, options.rows, seed)
            lines.append((profile, seed, before, after))
            print(table(lines[-1:]), file=sys.stderr, flush=True)
    made = f"Commit {commit()}, {', '.join(f'{k} {v}' for k, v in versions().items())}; {options.rows:,} records.\n"
    text = "\n".join([_HEAD, made, table(lines)])
    print(text)
    if not options.no_write:
        FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
