"""Which true pairs a run does not join, and why: `python -m benchmarks.losses EXTRACT TRUTH`.

Each true pair is joined, put to people, or lost. Review: by its weight alone, by a veto, or because clustering refused
the join. Lost: no pass brings the two together; one does, but the prefilter or the budget of a block left the pair out
although its weight is enough; or the weight is below the threshold of review. Below stand the levels of birth, name and
mother of these pairs, and those of the false joins: what a change of the model would have to move.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

import nikdedup
from nikdedup.match.levels import LEVEL_NAMES
from nikdedup.run import scored
from nikdedup.run.result import Result

FIELDS = ("nik_birth_sex", "name", "mother")
MOST_LINES = 12
JOINED = "joined"
Scorer = Callable[[int, int], dict[str, Any]]


def scorer_of(result: Result) -> Scorer:
    """Return what scores any two rows of a run as it would have."""
    scorer = scored.scorer_of(result)
    if scorer is None:
        raise ValueError("a run without residents cannot be scored")
    return scorer


def true_pairs(people: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of records of one true person: row_l, row_r, kind, and whether the run joined them.

    people: schema.PEOPLE. truth: record_id, true_person_id and, where it is known, kind.
    """
    kind = pl.col("kind") if "kind" in truth.columns else pl.lit(None, dtype=pl.String).alias("kind")
    both = people.join(truth.select("record_id", "true_person_id", kind), on="record_id")
    twice = both.filter(pl.len().over("true_person_id") > 1)
    pairs = twice.join(twice, on="true_person_id", suffix="_r").filter(pl.col("row") < pl.col("row_r"))
    joined = (pl.col("person_id") == pl.col("person_id_r")).alias(JOINED)
    named = pl.coalesce("kind_r", "kind").alias("kind")
    return pairs.select(pl.col("row").alias("row_l"), "row_r", named, joined).sort("row_l", "row_r")


def losses(result: Result, truth: pl.DataFrame) -> pl.DataFrame:
    """Return a line for each true pair: row_l, row_r, kind, cause, and for those not joined the levels of FIELDS."""
    pairs = true_pairs(result.people, truth)
    score = scorer_of(result)
    stored = result.pairs.filter(pl.col("band") == "review").select("row_l", "row_r")
    review = set(stored.iter_rows())
    refused = {(join[0], join[1]): join[2] for join in result.run["refused"]["joins"]}
    limits = result.run["thresholds"]
    lines = []
    for row_l, row_r, kind, joined in pairs.iter_rows():
        cause, levels = JOINED, dict.fromkeys(FIELDS)
        if not joined:
            told = score(row_l, row_r)
            levels = {field: LEVEL_NAMES[field][told[f"level_{field}"]] for field in FIELDS}
            cause = _cause(told, (row_l, row_r) in review, refused.get((row_l, row_r)), limits)
        lines.append({"row_l": row_l, "row_r": row_r, "kind": kind, "cause": cause, **levels})
    return pl.DataFrame(lines, schema_overrides=dict.fromkeys(("kind", *FIELDS), pl.String))


def _cause(told: dict[str, Any], in_review: bool, refused: str | None, limits: dict[str, float]) -> str:
    """Return why a true pair is not joined. told: as `pair_scorer` says it."""
    if refused:
        return f"review: clustering refused, {refused}"
    if in_review:
        if told["held"]:
            weak = ", weight too" if told["weight_log2"] < limits["confirmed_log2"] else ""
            return f"review: veto {' + '.join(told['held'])}{weak}"
        return (
            "review: weight"
            if told["weight_log2"] < limits["confirmed_log2"]
            else "review: parted in a chain"
        )
    if told["weight_log2"] < limits["review_log2"]:
        return "lost: weight below review" if told["passes"] else "lost: no pass, weight below review too"
    return "lost: prefilter or budget" if told["passes"] else "lost: no pass"


def false_joins(result: Result, truth: pl.DataFrame) -> pl.DataFrame:
    """Return the levels of FIELDS of the confirmed pairs that are two people."""
    person = truth.select("record_id", "true_person_id")
    sides = (
        result.pairs.filter(pl.col("band") == "confirmed")
        .join(person, left_on="record_id_l", right_on="record_id")
        .join(person, left_on="record_id_r", right_on="record_id", suffix="_r")
        .filter(pl.col("true_person_id") != pl.col("true_person_id_r"))
    )
    return sides.select(
        pl.col(f"level_{field}").replace_strict(LEVEL_NAMES[field], return_dtype=pl.String).alias(field)
        for field in FIELDS
    )


def table(found: pl.DataFrame) -> str:
    """Return the Markdown table of causes, the commonest first, review and loss apart."""
    counts = Counter(found["cause"].to_list())
    order = sorted(counts, key=lambda cause: (cause.split(":")[0], -counts[cause], cause))
    lines = ["| cause | true pairs | share |", "|---|--:|--:|"]
    for name, some in _totals(counts).items():
        lines.append(f"| **{name}** | {some:,} | {some / len(found):.4f} |")
        lines += [
            f"| {cause} | {counts[cause]:,} | {counts[cause] / len(found):.4f} |"
            for cause in order
            if cause != JOINED and cause.startswith(f"{name}:")
        ]
    return "\n".join(lines) + "\n"


def _totals(counts: Counter[str]) -> dict[str, int]:
    totals: dict[str, int] = dict.fromkeys((JOINED, "review", "lost"), 0)
    for cause, number in counts.items():
        totals[cause.split(":")[0]] += number
    return totals


def levels_table(found: pl.DataFrame, title: str) -> str:
    """Return the commonest combinations of levels as a Markdown table."""
    lines = [
        f"### {title} ({len(found):,})\n",
        f"| {' | '.join(FIELDS)} | pairs |",
        "|---" * len(FIELDS) + "|--:|",
    ]
    common = found.group_by(FIELDS).len().sort("len", *FIELDS, descending=[True, *(False for _ in FIELDS)])
    lines += [
        f"| {' | '.join(map(str, row[:-1]))} | {row[-1]:,} |" for row in common.head(MOST_LINES).iter_rows()
    ]
    return "\n".join(lines) + "\n"


def report(result: Result, truth: pl.DataFrame) -> str:
    """Return all tables of one run as Markdown."""
    found = losses(result, truth)
    parts = [table(found)]
    for name in ("lost", "review"):
        some = found.filter(pl.col("cause").str.starts_with(f"{name}:"))
        if len(some):
            parts.append(levels_table(some, f"Levels of true pairs, {name}"))
    false = false_joins(result, truth)
    return "\n".join([*parts, levels_table(false, "Levels of confirmed pairs that are two people")])


def main(arguments: list[str] | None = None) -> int:
    """Run dedupe on an extract, or on a FEBRL set, and print where its true pairs went."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.losses", description=__doc__)
    parser.add_argument("extract", type=Path, nargs="?")
    parser.add_argument("truth", type=Path, nargs="?", help="Parquet with record_id, true_person_id, kind")
    parser.add_argument("--config", type=Path, help="TOML file of settings")
    parser.add_argument("--febrl", type=int, choices=(1, 2, 3, 4), help="a FEBRL set instead of files")
    options = parser.parse_args(arguments)
    if options.febrl:
        from benchmarks.febrl import linked, truth_of

        result, links = linked(options.febrl)
        truth = truth_of(result.people["record_id"], links)
    elif options.extract and options.truth:
        settings = {"config": options.config} if options.config else {}
        result, truth = nikdedup.dedupe(options.extract, **settings), pl.read_parquet(options.truth)
    else:
        parser.error("an extract and its truth, or --febrl")
    print(report(result, truth))
    return 0


if __name__ == "__main__":
    sys.exit(main())
