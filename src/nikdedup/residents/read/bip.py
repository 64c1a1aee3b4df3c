"""The Buku Induk Penduduk printout: a row for each family, its members below, long statuses wrapped.

Source: layout "ektp" of the BIP workbooks. The family's row has the KK number first and an address
such as `JL. A RT/RW : 002/000 DUSUN : -`; older layouts differ in their columns, which are found by
header like any other, but not in this.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from nikdedup.residents.read.columns import NAME
from nikdedup.residents.read.header import Header
from nikdedup.residents.read.wording import field_named

FAMILY_ROW = r"(?i)^\D{0,20}\d{15,16}\b.*?\bRT\W{0,3}RW\b"
_PARTS = {
    "no_kk": r"(?i)^\D{0,20}(\d{15,16})\b",
    "alamat": r"(?i)^\D{0,20}\d{15,16}\W*(?:ALAMAT\W+)?(.*?)[\s,;:]*\bRT\W{0,3}RW\b",
    "rt_rw": r"(?i)\bRT\W{0,3}RW\W*(\d{1,3}\s*/\s*\d{1,3})",
    "dusun": r"(?i)\bDUSUN\s*:\s*(.*?)[\s,;]*(?:KODE\s*POS.*)?$",
    "kode_pos": r"(?i)\bKODE\s*POS\W*(\d{5})\b",
}
"""Field of the family -> pattern of it in the row's cells joined by spaces."""


@dataclass(frozen=True)
class Members:
    """A sheet with each family's fields on the rows of its members.

    text, numeric: the sheet's cells, further columns for the family; header likewise.
    dropped: 0-based row -> reason, for the family rows (title) and the wrapped lines (continued).
    """

    text: pl.DataFrame
    numeric: pl.DataFrame
    header: Header
    dropped: dict[int, str]


def carry_families(
    text: pl.DataFrame, numeric: pl.DataFrame, header: Header, known: dict[str, str]
) -> Members | None:
    """Return the sheet with family fields carried down to the members; None if it is no such printout.

    text: cells as text, all rows. numeric: same shape, not null where the cell is a number.
    known: header key -> field. A sheet that has a column for the KK number is no such printout.
    """
    keys = [field_named(name, known) or "" for name in header.names]
    fields = dict(zip(keys, text.columns, strict=True))
    if "no_kk" in fields or not {"nik", NAME} <= fields.keys():
        return None
    stripped = [pl.col(c).str.strip_chars() for c in text.columns]
    rows = text.with_columns(
        _line=pl.concat_str(stripped, separator=" ", ignore_nulls=True),
        _member=_is_member(text.columns, fields),
        _digits=pl.col(fields["nik"]).fill_null("").str.count_matches(r"\d"),
    )
    rows = rows.with_columns(_family=pl.col("_line").str.contains(FAMILY_ROW) & (pl.col("_digits") < 15))
    if not rows["_family"].any():
        return None
    carried = _carried(rows, numeric, text.columns, fields)
    text, wrapped = _unwrap(rows.select(*text.columns, "_member"), fields)
    names = [name for name in carried.columns if name != "_numeric"]
    places = {name: str(text.width + i) for i, name in enumerate(names)}
    no_number = pl.lit(None, pl.Boolean)
    kinds = ((pl.col("_numeric") if n == "no_kk" else no_number).alias(place) for n, place in places.items())
    return Members(
        text=text.hstack(carried.select(names).rename(places)),
        numeric=numeric.hstack(carried.select(kinds)),
        header=Header(header.index, header.height, [*header.names, *(name.upper() for name in names)]),
        dropped=dict.fromkeys(rows["_family"].arg_true(), "title") | dict.fromkeys(wrapped, "continued"),
    )


def _is_member(columns: list[str], fields: dict[str, str]) -> pl.Expr:
    """Rows with a NIK; or with four cells, no word in the NIK's place and no number in the name's."""
    nik, name = pl.col(fields["nik"]).fill_null(""), pl.col(fields[NAME]).fill_null("")
    filled = pl.sum_horizontal(pl.col(c).is_not_null() for c in columns)
    person = (filled >= 4) & ~nik.str.contains(r"[A-Za-z]") & ~name.str.contains(r"^\W*\d+\W*$")
    return (nik.str.count_matches(r"\d") >= 8) | person


def _carried(
    rows: pl.DataFrame, numeric: pl.DataFrame, columns: list[str], fields: dict[str, str]
) -> pl.DataFrame:
    """Return, on each member's row, the fields of the family row above that the members' header lacks.

    `_numeric` is true where the family's KK number came from a number cell.
    """
    rows = rows.hstack(numeric.rename(lambda c: f"n{c}"))
    filled = [(pl.col(c).is_not_null(), pl.col(f"n{c}").is_not_null()) for c in columns]
    number_cell = pl.coalesce(pl.when(cell).then(number) for cell, number in filled)
    family, group = pl.col("_family"), pl.cum_sum("_family")
    found = {
        name: pl.when(family).then(pl.col("_line").str.extract(pattern))
        for name, pattern in _PARTS.items()
        if name not in fields
    } | {"_numeric": pl.when(family & number_cell).then(True)}
    member = pl.col("_member") & ~family
    return rows.select(
        pl.when(member).then(value.first().over(group)).alias(name) for name, value in found.items()
    )


def _unwrap(rows: pl.DataFrame, fields: dict[str, str]) -> tuple[pl.DataFrame, list[int]]:
    """Join lines that hold nothing but the rest of a status to the member above; return also their rows.

    rows: the cells and `_member`. A status is cut at a space or after an underscore, so the parts
    join with a space unless an underscore is there.
    """
    text = rows.drop("_member")
    status = fields.get("ektp_status")
    if status is None:
        return text, []
    blank = {c: pl.col(c).fill_null("").str.strip_chars() == "" for c in text.columns}
    parts = rows.select(
        at=pl.int_range(pl.len(), dtype=pl.UInt32),
        rest=pl.all_horizontal(empty for c, empty in blank.items() if c != status) & ~blank[status],
        member="_member",
        part=pl.col(status).str.strip_chars(),
    )
    parts = parts.with_columns(owner=pl.when("member").then("at").forward_fill())
    parts = parts.filter(pl.col("owner").is_not_null(), pl.col("member") | pl.col("rest"))
    whole = parts.group_by("owner", maintain_order=True).agg(
        part=pl.col("part").drop_nulls().str.join(" ").str.replace_all("_ ", "_", literal=True),
        lines=pl.len(),
    )
    whole = whole.filter(pl.col("lines") > 1)
    at = pl.int_range(text.height, dtype=pl.UInt32, eager=True)
    full = at.replace_strict(whole["owner"], whole["part"], default=None, return_dtype=pl.String)
    text = text.with_columns(pl.coalesce(full, pl.col(status)).alias(status))
    return text, parts.filter("rest")["at"].to_list()
