"""recordlinkage on the same file, its standard way: `python -m benchmarks.recordlinkage_peer FILE OUT`.

Candidates by blocks and a sorted neighbourhood, Jaro-Winkler and exact comparisons, the unsupervised ECM
classifier; as its guides show, all of it in pandas. Writes scored pairs; persons are their components.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from benchmarks.splink_peer import cleaned

if TYPE_CHECKING:
    import pandas as pd

OWN_PROBABILITY = 0.5
"""What `ECMClassifier.predict` calls a match."""
AGREES = 0.85
"""Jaro-Winkler similarity from which two texts agree; ECM takes yes or no per field."""
WINDOW = 9


def candidates(table: pd.DataFrame) -> pd.MultiIndex:
    """Return pairs that share date and phonetic name, or NIK, or stand close in the names of one birth year.

    Few and good on purpose: with all pairs of one birth date and sex among them ECM learns the blocks
    instead of the matches (F1 0.04 on 100 k `hard`).
    """
    import recordlinkage

    index = recordlinkage.Index()
    index.block(["dob", "name_sound"])
    index.block("nik")
    index.sortedneighbourhood("name", window=WINDOW, block_on=["birth_year"])
    return index.index(table)


def features(table: pd.DataFrame, pairs: pd.MultiIndex) -> pd.DataFrame:
    """Return agreement per field, 0 or 1, one row per pair."""
    import recordlinkage

    compare = recordlinkage.Compare()
    for column in ("name", "mother", "father", "place"):
        compare.string(column, column, method="jarowinkler", threshold=AGREES, missing_value=0, label=column)
    compare.string("nik", "nik", method="levenshtein", threshold=0.9, missing_value=0, label="nik")
    for column in ("dob", "sex", "kk"):
        compare.exact(column, column, missing_value=0, label=column)
    return compare.compute(pairs, table)


def dedupe(file: Path, out: Path) -> None:
    """Write `pairs.parquet` (row_l, row_r, score as log2 odds) to `out`; pairs below 1 % are left out."""
    import numpy as np
    import recordlinkage
    from recordlinkage.preprocessing import phonetic

    table = cleaned(file).with_columns(pl.col("dob").cast(pl.String)).to_pandas().set_index("row")
    table["name_sound"] = phonetic(table["name"].fillna(""), method="soundex")
    pairs = candidates(table)
    agreement = features(table, pairs)
    classifier = recordlinkage.ECMClassifier()
    classifier.fit(agreement)
    probability = np.clip(classifier.prob(agreement).to_numpy(), 1e-15, 1 - 1e-15)
    sides = (pairs.get_level_values(side).to_numpy() for side in (0, 1))
    left, right = (np.asarray(side, dtype=np.int64) for side in sides)
    scored = pl.DataFrame(
        {
            "row_l": np.minimum(left, right),
            "row_r": np.maximum(left, right),
            "score": np.log2(probability / (1 - probability)),
        }
    )
    out.mkdir(parents=True, exist_ok=True)
    scored.filter(probability >= 0.01).sort("row_l", "row_r").write_parquet(out / "pairs.parquet")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recordlinkage_peer")
    parser.add_argument("file", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    dedupe(arguments.file, arguments.out)


if __name__ == "__main__":
    main()
