"""Rows of an extract that are no records: repeated headers, totals, group titles, footers, blanks.

A row with a name or a NIK is a record, whatever else is wrong with it. Only what
stands in those cells of a header, of its line of column numbers, or of a totals
line is told apart from a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from nikdedup.residents.reading.wording import header_key, variants

REASONS = ("title", "header_repeated", "total", "blank", "footer", "continued")
"""continued: the rest of a long cell, joined to the record above."""

TOTAL = r"(?i)^\W*(?:(?:sub|grand)[\s-]*)?(?:jumlah|total)(?:\W|$)"
FOOTER = (
    r"(?i)^\W*(?:hal(?:aman)?|page|lembar)\W*\d"
    r"|^\W*(?:dicetak|tanggal cetak|tgl\.? cetak|printed|mengetahui|keterangan\s*:|catatan\s*:)"
)
COLUMN_NUMBER = r"^\(?\d{1,2}\)?$"
NUMBER = r"^[\d.,\s]+$"


def reasons(fields: pl.DataFrame, headers: Mapping[str, Sequence[str]], others: pl.DataFrame) -> pl.DataFrame:
    """Return `index` (UInt32) and `reason` of the rows that are no records, in order of `index`.

    fields: mapped fields as text, null where blank. headers: field -> the header or headers it came from.
    others: unmapped columns of the same rows as text, possibly none.
    """
    doubtful = fields.select(pl.arg_where(_doubtful(fields))).to_series()
    named = _said(headers, "nama_lgkp")
    doubtful = doubtful.filter(fields.select("nama_lgkp")[doubtful].select(_no_plain_name(named)).to_series())
    rows = fields[doubtful]
    rest = (others[doubtful] if others.width else others).rename(
        {c: f"_other_{i}" for i, c in enumerate(others.columns)}
    )
    table = rows.hstack(rest).with_columns(index=doubtful)
    reason = _reason(rows.columns, rest.columns, headers)
    return table.select("index", reason=reason).drop_nulls("reason")


def _doubtful(fields: pl.DataFrame) -> pl.Expr:
    """Rows worth a closer look: no name, or in the NIK's place nothing, little, or no digit first."""
    no_name = pl.col("nama_lgkp").is_null()
    if "nik" not in fields.columns:
        return pl.repeat(True, pl.len(), dtype=pl.Boolean)
    nik = pl.col("nik")
    return no_name | nik.is_null() | (nik.str.len_bytes() < 8) | (nik > ":") | (nik < "0")


def _no_plain_name(header_keys: set[str]) -> pl.Expr:
    """Names that may be none: empty, a number, a word of totals or footers, or their own header."""
    name = pl.col("nama_lgkp")
    odd = [name.str.contains(pattern) for pattern in (NUMBER, COLUMN_NUMBER, TOTAL, FOOTER)]
    return name.is_null() | _any([*odd, _key(name).is_in(sorted(header_keys))])


def _key(cell: pl.Expr) -> pl.Expr:
    """`header_key` of each cell, for headers without diacritics."""
    return cell.str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")


def _said(headers: Mapping[str, Sequence[str]], field: str) -> set[str]:
    """Return the keys under which a repeated header of this field is known."""
    return {header_key(header) for header in [*headers.get(field, ()), *variants()[field]]}


def _reason(fields: list[str], others: list[str], headers: Mapping[str, Sequence[str]]) -> pl.Expr:
    cells = [pl.col(c) for c in [*fields, *others]]
    filled = _count(pl.col(c).is_not_null() for c in fields)
    nik = pl.col("nik") if "nik" in fields else pl.lit(None, pl.String)
    name = pl.col("nama_lgkp")
    anonymous = name.is_null() & nik.is_null()
    return (
        pl.when(_is_header(fields, headers, filled))
        .then(pl.lit("header_repeated"))
        .when(_says(TOTAL, cells) & _is_nobody(fields, name, nik, TOTAL))
        .then(pl.lit("total"))
        .when(_says(FOOTER, cells) & _is_nobody(fields, name, nik, FOOTER))
        .then(pl.lit("footer"))
        .when(anonymous & (filled == 0) & ~_any(pl.col(c).str.contains(r"[^\d\s.]") for c in others))
        .then(pl.lit("blank"))
        .when(anonymous & (filled < 2))
        .then(pl.lit("title"))
    )


def _is_header(fields: list[str], headers: Mapping[str, Sequence[str]], filled: pl.Expr) -> pl.Expr:
    """At least half of the filled cells, with the name's or two, say their own header; or all are numbers."""
    match = {f: _key(pl.col(f)).is_in(sorted(_said(headers, f))) for f in fields}
    matches = _count(match.values())
    numbers = _count(pl.col(f).str.contains(COLUMN_NUMBER) for f in fields)
    named = pl.col("nama_lgkp").is_not_null()
    own = match["nama_lgkp"].fill_null(False) | ((matches > 1) & ~named)
    return (own & (2 * matches >= filled)) | (named & (numbers == filled) & (filled > 1))


def _says(words: str, cells: list[pl.Expr]) -> pl.Expr:
    return _any(cell.str.contains(words) for cell in cells)


def _is_nobody(fields: list[str], name: pl.Expr, nik: pl.Expr, words: str) -> pl.Expr:
    """No name but those words or a number, and neither a NIK, a birth nor a family card."""
    no_name = name.is_null() | name.str.contains(words) | name.str.contains(NUMBER)
    digits = nik.fill_null("").str.count_matches(r"\d")
    evidence = [pl.col(f) for f in ("tgl_lhr", "ttl", "no_kk") if f in fields]
    alive = _any(e.str.count_matches(r"\d") >= 6 for e in evidence)
    return no_name & (digits < 8) & ~alive


def _any(tests: Iterable[pl.Expr]) -> pl.Expr:
    found = [test.fill_null(False) for test in tests]
    return pl.any_horizontal(found) if found else pl.lit(False)


def _count(tests: Iterable[pl.Expr]) -> pl.Expr:
    return pl.sum_horizontal([test.fill_null(False).cast(pl.UInt32) for test in tests])
