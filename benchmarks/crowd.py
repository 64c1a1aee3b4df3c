"""What one value on too many records costs: `python -m benchmarks.crowd`.

An import put 1 July of one year into the birth date of 200,000 of 300,000 residents; their NIKs stayed. The same
extract is judged as it was and with the crowd: seconds, memory, precision and
recall, and the pairs that no budget allowed to look at. Then 100,000 residents of whom a column, or several, were
filled with one value: seconds, memory and what is left to review, with residents, workbook and report. Writes CROWD.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import polars as pl

from benchmarks.data import FOLDER, extract, nikdedup_command
from benchmarks.machine import commit, versions
from benchmarks.measure import measure
from nikdedup.lab.evaluation import evaluate
from nikdedup.lab.scorecard import Evaluation

FILE = Path(__file__).resolve().parent / "CROWD.md"
ROWS, CROWD, SEED = 300_000, 200_000, 906_001
MOST_SLOWER, MOST_LARGER = 4.0, 2.0
"""How many times the seconds and the memory of the same extract without the crowd it may take."""

FILLED_ROWS, FILLED_SEED = 100_000, 906_002
MOST_CPU_S, MOST_GB = 20.0, 2.0
"""What one value on all records, or copies of them, may cost at the most."""

_HEAD = """# One value on too many records

Written by `python -m benchmarks.crowd`. A birth date of most records is taken as missing, and from the NIK where there
is one; *skipped* are the pairs of blocks above the budget (`match.max_block`) that stayed too large when they were
split by name and by mother.
"""
_FILLED_HEAD = """
## Columns filled with one value, copies, values nearly alike

`dedupe` with residents, workbook and report. What stands on so many records says nothing and is taken as missing
(`nikdedup.residents.damage.crowds`); the health check `values_vary` names it. Of a record with more than eight
exact copies one is compared (`nikdedup.match.features.copies`); the health check `few_copies` counts them.
"""
ONE = {
    "NIK": "6212014107909001",
    "NAMA_LGKP": "SITI AMINAH",
    "TGL_LHR": "01-07-1990",
    "TMPT_LHR": "PURUK CAHU",
    "NO_KK": "6212010101019001",
    "NAMA_LGKP_IBU": "RUSMINI",
    "NAMA_LGKP_AYAH": "ALI RAHMAN",
    "ALAMAT": "JL MERDEKA 1",
}
SPELLINGS = (
    "SITI AMINAH", "SITTI AMINAH", "SITI AMINA", "SITTI AMINA", "ST AMINAH", "SITY AMINAH", "SITI AMINNAH",
    "SITTY AMINAH", "SITI AMENAH", "SITIE AMINAH", "SITI AMIINAH", "SITII AMINAH", "SITI HAMINAH", "SITI AMINAT",
    "SITI AMINAK", "SITI AMIYAH", "SITI AMNAH", "SETI AMINAH", "SITI OMINAH", "SITIAMINAH",
)  # fmt: skip
FEW = ("NIK", "NAMA_LGKP", "TGL_LHR", "JENIS_KLMIN")
PARENTS = ("NAMA_LGKP_IBU", "NAMA_LGKP_AYAH")
FILLED: dict[str, tuple[str, ...]] = {
    "name and birth date": ("NAMA_LGKP", "TGL_LHR"),
    "card and parents": ("NO_KK", *PARENTS),
    "NIK": ("NIK",),
    "name, birth date, card and parents": ("NAMA_LGKP", "TGL_LHR", "NO_KK", *PARENTS),
    "birth date and place": ("TGL_LHR", "TMPT_LHR"),
    "mother": ("NAMA_LGKP_IBU",),
    "address": ("ALAMAT",),
}


def crowded(frame: pl.DataFrame, crowd: int) -> pl.DataFrame:
    """Return the extract with the first `crowd` records born on 1 July 1970; their NIKs stay."""
    return frame.with_columns(
        TGL_LHR=pl.when(pl.int_range(pl.len()) < crowd).then(pl.lit("01-07-1970")).otherwise("TGL_LHR")
    )


def judged(file: Path, truth: Path) -> tuple[float, float, Evaluation, int]:
    """Return seconds, GB, evaluation and skipped pairs of one run at shipped settings."""
    with tempfile.TemporaryDirectory(prefix="crowd-", dir=file.parent) as folder:
        run = Path(folder) / "run"
        cost = measure(
            [*nikdedup_command(), "dedupe", str(file), "--out", str(run), "--no-residents", "--no-report"]
        )
        if cost.exit_code not in _DONE:
            raise SystemExit(f"dedupe {file.name}: {cost.error}")
        passes = json.loads((run / "run.json").read_text(encoding="utf-8"))["passes"]
        skipped = sum(one["skipped_pairs"] for one in passes)
        return cost.wall_s, cost.peak_bytes / 1e9, evaluate(run, truth), skipped


_DONE = (0, 3)
"""Exit codes of a run that is published; 3 where a health check failed, as it should here."""


def filled(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return extracts of which one value stands on all records, by what it is."""
    extracts = {
        name: frame.with_columns(pl.lit(ONE[column]).alias(column) for column in columns)
        for name, columns in FILLED.items()
    }
    few = frame.select(FEW)
    card = [pl.lit(ONE[column]).alias(column) for column in ("NO_KK", *PARENTS)]
    extracts["card and parents, few columns"] = few.with_columns(card)
    one = [pl.lit(ONE[column]).alias(column) for column in ("NIK", "TGL_LHR")]
    extracts["NIK and birth date, few columns"] = few.select("NAMA_LGKP").with_columns(one)
    extracts["everything but a number"] = pl.concat([frame.head(1)] * len(frame)).with_columns(
        NO_URUT=pl.int_range(len(frame)).cast(pl.String)
    )
    extracts["everything"] = pl.concat([frame.head(1)] * len(frame))
    return extracts


def copied(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return extracts of records that stand in them many times over, all in all as many as the frame has."""
    found = {}
    for times in (20, 100, 1_000):
        people = frame.head(len(frame) // times)
        found[f"{len(people):,} residents, {times:,} copies of each"] = pl.concat([people] * times)
    return found


def alike(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return extracts of which the records are nearly alike in one column, or all in one group."""
    row = pl.int_range(len(frame))
    spellings = pl.Series(SPELLINGS)
    spelt = pl.lit(spellings).gather(row % len(spellings)).alias("NAMA_LGKP")
    syllables = pl.Series(["BA", "DI", "GU", "KE", "LO", "MA", "NI", "RU", "SE", "TO"])
    letters = [pl.lit(syllables).gather(row // 10**place % 10) for place in range(6)]
    unique = pl.concat_str(*letters[:3], pl.lit(" "), *letters[3:]).alias("NAMA_LGKP")
    born = pl.lit(ONE["TGL_LHR"]).alias("TGL_LHR")
    few = frame.select(FEW)
    return {
        "twenty spellings of one name": frame.with_columns(spelt),
        "twenty spellings of one name, one birth date": frame.with_columns(spelt, born),
        "one birth date, all names different": frame.with_columns(unique, born),
        "one address, all names different": frame.with_columns(unique, pl.lit(ONE["ALAMAT"]).alias("ALAMAT")),
        "one card": frame.with_columns(pl.lit(ONE["NO_KK"]).alias("NO_KK")),
        "names of 100 words": few.with_columns(
            pl.concat_str(*[unique.shift(k * 7).fill_null("SITI") for k in range(50)], separator=" ").alias(
                "NAMA_LGKP"
            )
        ).head(len(frame) // 10),
    }


def measured(file: Path) -> tuple[float, float, float, int, str]:
    """Return seconds, processor seconds, GB, pairs to review and failed health checks of a whole run."""
    with tempfile.TemporaryDirectory(prefix="crowd-", dir=file.parent) as folder:
        run = Path(folder) / "run"
        cost = measure(
            [*nikdedup_command(), "dedupe", str(file), "--out", str(run), "--reference-date", "2026-06-30"]
        )
        if cost.exit_code not in _DONE:
            raise SystemExit(f"dedupe {file.name}: {cost.error}")
        told = json.loads((run / "run.json").read_text(encoding="utf-8"))
        failed = ", ".join(one["check"] for one in told["health"] if not one["ok"])
        return cost.wall_s, cost.cpu_s, cost.peak_bytes / 1e9, told["counts"]["review_pairs"], failed


def filled_table(rows: int) -> tuple[list[str], bool]:
    """Return the table of extracts with one value on all records, and whether all of them keep within bounds."""
    source, _ = extract("murung-raya", rows, FILLED_SEED, folder=FOLDER)
    lines = [
        "| one value on all | s | processor s | GB | to review | health checks that fail |",
        "|---|--:|--:|--:|--:|---|",
    ]
    within = True
    plain = pl.read_parquet(source)
    for name, frame in (filled(plain) | copied(plain) | alike(plain)).items():
        file = source.with_name(f"{source.stem}-filled.parquet")
        frame.write_parquet(file)
        seconds, cpu, gb, review, failed = measured(file)
        file.unlink()
        lines.append(f"| {name} | {seconds:.1f} | {cpu:.1f} | {gb:.2f} | {review:,} | {failed or '-'} |")
        print(lines[-1])
        within &= cpu <= MOST_CPU_S and gb <= MOST_GB
    return lines, within


def main(arguments: list[str] | None = None) -> int:
    """Write CROWD.md; return 1 where the crowd breaks time or memory."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--crowd", type=int, default=CROWD)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only-filled", action="store_true", help="measure those alone; writes nothing")
    parser.add_argument("--filled", type=int, default=FILLED_ROWS, help="records of the filled extracts")
    options = parser.parse_args(arguments)
    if options.only_filled:
        return int(not filled_table(options.filled)[1])
    file, truth = extract("hard", options.rows, options.seed, folder=FOLDER)
    crowd = file.with_name(f"{file.stem}-crowd.parquet")
    crowded(pl.read_parquet(file), options.crowd).write_parquet(crowd)
    plain, packed = judged(file, truth), judged(crowd, truth)
    lines = [
        "| extract | s | GB | P | R | F1 | with review | skipped pairs |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, (seconds, gb, found, skipped) in (("as generated", plain), ("with the crowd", packed)):
        shares = [found.precision.value, found.recall.value, found.f1, found.recall_with_review.value]
        told = " | ".join(f"{share or 0:.4f}" for share in shares)
        lines.append(f"| {name} | {seconds:.1f} | {gb:.2f} | {told} | {skipped:,} |")
    print("\n".join(lines))
    table, within = filled_table(options.filled)
    made = (
        f"Commit {commit()}, {versions()}; `hard`, {options.rows:,} records, {options.crowd:,} on one date; "
        f"`murung-raya`, {options.filled:,} records, filled."
    )
    FILE.write_text("\n".join([_HEAD, made, "", *lines, _FILLED_HEAD, *table, ""]), encoding="utf-8")
    return int(not within or packed[0] > MOST_SLOWER * plain[0] or packed[1] > MOST_LARGER * plain[1])


if __name__ == "__main__":
    sys.exit(main())
