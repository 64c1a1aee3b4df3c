"""Splink 5 on the same file, tuned as its guides advise: `python -m benchmarks.splink_peer FILE OUT`.

Reads the extract, cleans it, trains (u by random sampling, m by EM on two blocking rules whose blocks
hold between 1 and 99 % matches), predicts, clusters, and writes scored pairs and persons, as `nikdedup
dedupe` does from the same file. Tried on 100 k `hard` (seed 901001, 1.5e6 pairs for u) at the best
threshold, these settings giving F1 0.84: EM on blocks of birth date and sex, name, mother and year 0.78;
on date and first word, name and year, name and mother 0.82; village as a further comparison 0.84; mother
and father as one comparison 0.80; more Jaro-Winkler levels 0.84; m learned from the truth itself 0.84.
With `--library` the NIK is compared by the library's own Levenshtein levels, without levels for its parts:
0.83. With `--lean` the block of birth date and sex, three quarters of all candidates, gives way to birth
date and initial, a seventh as many pairs: 0.83.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import Any

import polars as pl

U_PAIRS = 5e6
"""Half of what the guides call adequate while a model is tested: time weighs in the comparison too."""
EM_PAIRS = 5e6
RULES_RECALL = 0.4
"""Assumed share of true pairs found by the deterministic rules; EM starts from it."""
KEEP_WEIGHT = -5.0
"""Pairs scored below are not kept: no threshold of use lies there."""
OWN_PROBABILITY = 0.95
"""Match probability of the persons written, as in Splink's examples; the best one is judged as well."""


def cleaned(file: Path) -> pl.DataFrame:
    """Return one row per record: text folded, placeholders null, dates read, keys for blocking."""
    nik = pl.when(pl.col("NIK").str.contains(r"^[1-9]\d{15}$")).then(pl.col("NIK"))
    birth = pl.col("TGL_LHR").str.to_date("%d-%m-%Y", strict=False)
    table = pl.read_parquet(file).select(
        pl.int_range(pl.len()).alias("row"),
        _words("NAMA_LGKP").alias("name"),
        pl.col("JENIS_KLMIN").str.slice(0, 1).alias("sex"),
        birth.alias("dob"),
        birth.dt.year().alias("birth_year"),
        _words("TMPT_LHR").alias("place"),
        _words("NAMA_LGKP_IBU").alias("mother"),
        _words("NAMA_LGKP_AYAH").alias("father"),
        nik.alias("nik"),
        pl.col("NO_KK").alias("kk"),
    )
    words = pl.col("name").str.split(" ")
    return table.with_columns(
        words.list.sort().list.join(" ").alias("name_sorted"),
        words.list.last().alias("name_last"),
        *(pl.col(c).str.split(" ").list.first().alias(f"{c}_first") for c in ("name", "mother", "father")),
        pl.col("name").str.slice(0, 1).alias("initial"),
        pl.col("nik").str.slice(0, 12).alias("nik_head"),
        pl.col("nik").str.slice(6, 6).alias("nik_birth"),
    )


def _words(column: str) -> pl.Expr:
    """Fold a text to upper-case words; placeholders and blanks become null."""
    text = pl.col(column).str.to_uppercase().str.replace_all(r"[^A-Z0-9]+", " ").str.strip_chars()
    return pl.when(text != "").then(text)


def comparisons(library: bool) -> list[Any]:
    """Return the eight comparisons; exact levels of names, dates and places weigh by term frequency."""
    from splink import comparison_library as cl

    return [
        _name("name", [0.95, 0.88, 0.8], sorted_words="name_sorted"),
        _birth_date(),
        _name("mother", [0.95, 0.88]),
        _name("father", [0.95, 0.88]),
        cl.LevenshteinAtThresholds("nik", [1, 2]) if library else _nik(),
        cl.ExactMatch("kk"),
        cl.JaroWinklerAtThresholds("place", [0.9]).configure(term_frequency_adjustments=True),
        cl.ExactMatch("sex"),
    ]


def _name(column: str, thresholds: list[float], *, sorted_words: str | None = None) -> Any:
    """Compare a name: equal, same words in another order, Jaro-Winkler levels, equal first word."""
    from splink import comparison_level_library as cll
    from splink import comparison_library as cl

    return cl.CustomComparison(
        [
            cll.NullLevel(column),
            cll.ExactMatchLevel(column, term_frequency_adjustments=True),
            *([cll.ExactMatchLevel(sorted_words)] if sorted_words else []),
            *(cll.JaroWinklerLevel(column, threshold) for threshold in thresholds),
            cll.ExactMatchLevel(f"{column}_first", term_frequency_adjustments=True),
            cll.ElseLevel(),
        ],
        output_column_name=column,
    )


def _birth_date() -> Any:
    """Compare birth dates: equal, day and month swapped, one character off, same year, same day and month."""
    from splink import comparison_level_library as cll
    from splink import comparison_library as cl

    same_year, same_day = (
        "year(dob_l) = year(dob_r)",
        "month(dob_l) = month(dob_r) and day(dob_l) = day(dob_r)",
    )
    swapped = f"{same_year} and month(dob_l) = day(dob_r) and day(dob_l) = month(dob_r)"
    one_off = "levenshtein(cast(dob_l as varchar), cast(dob_r as varchar)) <= 1"
    return cl.CustomComparison(
        [
            cll.NullLevel("dob"),
            cll.ExactMatchLevel("dob", term_frequency_adjustments=True),
            cll.CustomLevel(swapped, "day and month swapped"),
            cll.CustomLevel(one_off, "one character off"),
            cll.CustomLevel(same_year, "same year"),
            cll.CustomLevel(same_day, "same day and month"),
            cll.ElseLevel(),
        ],
        output_column_name="dob",
    )


def _nik() -> Any:
    """Compare NIKs: equal, all but the serial equal, one character off, same date part."""
    from splink import comparison_level_library as cll
    from splink import comparison_library as cl

    return cl.CustomComparison(
        [
            cll.NullLevel("nik"),
            cll.ExactMatchLevel("nik"),
            cll.ExactMatchLevel("nik_head"),
            cll.LevenshteinLevel("nik", 1),
            cll.ExactMatchLevel("nik_birth"),
            cll.ElseLevel(),
        ],
        output_column_name="nik",
    )


def blocking_rules(lean: bool) -> list[Any]:
    """Return the rules that make candidate pairs: 0.91 of the true pairs of 100 k `hard`, 0.89 lean."""
    from splink import block_on

    birth_date = ("dob", "initial") if lean else ("dob", "sex")
    keys = [
        birth_date, ("nik",), ("nik_head",), ("nik_birth", "name_first"), ("name", "birth_year"),
        ("name", "place"), ("name", "mother"), ("name_sorted", "birth_year"), ("name_first", "mother"),
        ("name_first", "kk"), ("name_first", "birth_year", "sex", "place"), ("mother", "dob"),
        ("mother", "father", "sex", "birth_year"), ("mother", "birth_year", "sex", "name_last"),
    ]  # fmt: skip
    return [block_on(*key) for key in keys]


def dedupe(file: Path, out: Path, *, library: bool = False, lean: bool = False) -> None:
    """Write `pairs.parquet` (row_l, row_r, score in log2) and `people.parquet` (cluster_id, row) to `out`."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="row",
        comparisons=comparisons(library),
        blocking_rules_to_generate_predictions=blocking_rules(lean),
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI().register(cleaned(file).to_arrow()), settings, log_level=logging.CRITICAL)
    certain: list[Any] = [block_on("nik", "name_first"), block_on("name", "dob", "mother")]
    linker.training.estimate_probability_two_random_records_match(certain, recall=RULES_RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=U_PAIRS, seed=1)
    for rule in (block_on("nik"), block_on("dob", "name_first")):
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True, max_pairs=EM_PAIRS
        )
    scored = linker.inference.predict(threshold_match_weight=KEEP_WEIGHT)
    persons = linker.clustering.cluster_pairwise_predictions_at_threshold(scored, OWN_PROBABILITY)
    out.mkdir(parents=True, exist_ok=True)
    pairs = pl.DataFrame(scored.as_pyarrow_table()).select("row_l", "row_r", score="match_weight")
    pairs.sort("row_l", "row_r").write_parquet(out / "pairs.parquet")
    pl.DataFrame(persons.as_pyarrow_table()).select("cluster_id", "row").write_parquet(out / "people.parquet")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.splink_peer")
    parser.add_argument("file", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--library", action="store_true", help="compare the NIK by the library's own levels")
    parser.add_argument("--lean", action="store_true", help="block on birth date and initial, not sex")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    dedupe(arguments.file, arguments.out, library=arguments.library, lean=arguments.lean)


if __name__ == "__main__":
    main()
