"""Texts that a spreadsheet could run as a formula, and how they are kept from it.

Source: docs/domain.md 9; OWASP, CSV injection.
"""

from __future__ import annotations

import polars as pl

from nikdedup.columnar.distinct import taken
from nikdedup.columnar.text import beginning_outside

_FORMULA = r"(?s)^[\s\u{FEFF}]*(?:[=@＝＠]|[+\-＋－].*[A-Za-z(|!])"
"""A lone sign ("-") is none, nor is a signed number or a telephone (+62 812)."""
_CONSTANT = r"""^\s*="[^"]*"\s*$"""
"""Formulas of nothing but a text, by which exports keep the digits of a number: there is nothing to run."""


def may_run(text: pl.Expr) -> pl.Expr:
    """Return whether a spreadsheet could run a text as a formula; null where there is none."""
    return text.str.contains(_FORMULA) & ~text.str.contains(_CONSTANT)


def neutral(text: pl.Expr) -> pl.Expr:
    """Return the text with an apostrophe in front where a spreadsheet could run it as a formula.

    Cells of a workbook are text cells already; the apostrophe still protects when a sheet is saved as CSV and opened
    again.
    """
    return pl.when(may_run(text)).then(pl.concat_str(pl.lit("'"), text)).otherwise(text).name.keep()


def neutralised(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table in whose texts nothing can run as a formula, see `neutral`.

    Args:
        table: any table; columns of other types stay.
    """
    texts = (column for column in table.iter_columns() if column.dtype == pl.String)
    return table.with_columns(neutral(pl.col(one.name)) for one in texts if _odd_beginnings(one))


def _odd_beginnings(texts: pl.Series) -> bool:
    """Return whether a text begins otherwise than with an ASCII letter or digit; no other can run, see _FORMULA."""
    odd = beginning_outside(texts, "A", "z")
    return len(odd) > 0 and len(beginning_outside(taken(texts, odd), "0", "9")) > 0
