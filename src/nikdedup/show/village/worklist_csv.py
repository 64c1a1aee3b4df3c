"""Worklists as CSV, to be filled by hand: the columns of the workbook, the key of each row among them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from nikdedup.show.extract_file import writer
from nikdedup.show.texts import say
from nikdedup.show.village.printed_rows import WIDTHS
from nikdedup.show.village.worklist_book import Village


def write_csv_list(path: Path, villages: Sequence[Village], lang: str) -> None:
    """Write the rows of all villages under each other, with desa and kecamatan in front.

    Args:
        path: file to be written.
        villages: whose rows are written.
        lang: of the headers.
    """
    frames = [
        one.rows.select(
            pl.lit(one.kecamatan).alias("kecamatan"), pl.lit(one.desa).alias("desa"), *WIDTHS
        ).with_columns(pl.col("born").str.replace_all("\n", " "))
        for one in villages
    ]
    headers = [say("village.by_kecamatan", lang).upper(), say("village.by_desa", lang).upper()]
    headers += [say(f"list.column_{name}", lang) for name in WIDTHS]
    writer(headers, pl.concat(frames), ".csv")(path)
