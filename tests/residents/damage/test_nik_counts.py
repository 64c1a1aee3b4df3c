"""NIKs against the columns beside them: each count belongs to the source of the rows it was made in."""

from datetime import date

import polars as pl

from nikdedup.residents.damage.nik_counts import nik_checks

DAY = date(1980, 7, 1)
FLAGS = [
    ("a.csv", []),
    ("a.csv", ["name_digits", "nik_is_kk"]),
    ("a.csv", []),
    ("b.csv", ["birth_unreadable", "nik_is_kk"]),
    ("b.csv", []),
    ("b.csv", ["name_digits"]),
    ("b.csv", ["birth_impossible"]),
    ("b.csv", ["nik_of_other_row"]),
]


def test_reasons_are_counted_in_the_source_of_their_rows() -> None:
    rows = len(FLAGS)
    foreign = pl.Series(["nik_is_kk" in flags or "nik_of_other_row" in flags for _, flags in FLAGS])
    residents = pl.DataFrame(
        {
            "source_file": [file for file, _ in FLAGS],
            "source_sheet": pl.Series([None] * rows, dtype=pl.String),
            "flags": pl.Series([flags for _, flags in FLAGS], dtype=pl.List(pl.String)),
            "nik_verdict": "valid",
            "nik_birth": pl.Series([DAY] * rows).zip_with(~foreign, pl.Series([None] * rows, dtype=pl.Date)),
            "tgl_lhr_clean": DAY,
            "nik_sex": "L",
            "jenis_klmin_clean": "L",
            "birth_from_nik": False,
        }
    )
    counts = nik_checks(residents).select("rows", "is_kk", "birth_known", "birth_agrees", "birth_unreadable")
    assert counts.rows() == [(3, 1, 3, 2, 0), (5, 1, 5, 3, 2)]
