"""Numbers that other systems keep in place of words, read as the words that their tables have for them.

Only under headers of those systems (`data/codes.toml`): the same number says something else under another one.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import polars as pl

from nikdedup.residents.read.wording import header_key


@cache
def code_tables() -> dict[str, dict[str, str]]:
    """Return header key -> number -> what it says."""
    table = tomllib.loads((files("nikdedup") / "data" / "codes.toml").read_text(encoding="utf-8"))
    return {header_key(header): one["codes"] for one in table["table"] for header in one["headers"]}


def decoded(text: pl.Expr, header: str) -> pl.Expr:
    """Return the cells of a column with numbers that its header has a table for as words; all else as it came.

    >>> cells = pl.DataFrame({"status_dasar": ["1", "02", "PINDAH", "7", None]})
    >>> cells.select(decoded(pl.col("status_dasar"), "status_dasar")).to_series().to_list()
    ['HIDUP', 'MATI', 'PINDAH', '7', None]
    """
    codes = code_tables().get(header_key(header))
    if codes is None:
        return text
    number = text.str.strip_chars().str.strip_chars_start("0")
    return pl.coalesce(number.replace_strict(codes, default=None, return_dtype=pl.String), text)
