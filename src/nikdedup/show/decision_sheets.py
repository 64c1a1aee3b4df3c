"""What stands on the sheets of decisions.xlsx: a line for each decision beside its counterpart, in desk order.

One sheet per action, the records of a case one below the other. Up to KETERANGAN the columns of the printed page;
behind it the counterpart and the keys by which replies find their way back. What a sheet shows of a record (its
number, its place, its case) is what `explain` takes.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from nikdedup import schema
from nikdedup.show.differing import differing
from nikdedup.show.formulas import neutralised
from nikdedup.show.places import shown_place
from nikdedup.show.texts import items, label, say

SPLIT_ROWS = 100_000
"""An action of more rows than this is split into one sheet per kecamatan."""

_WORK = (
    "propose_deactivation", "close_kk", "drop_copy", "correct_nik", "separate", "adjudicate", "verify", "record",
)  # fmt: skip
ACTIONS = (*_WORK, *(action for action in schema.ACTIONS if action not in (*_WORK, "keep")), "keep")
"""Order of the sheets: what needs work first."""

WIDTHS: dict[str, float] = {
    "nik": 17.5,
    "no_kk": 17.5,
    "name": 19,
    "sex": 4.5,
    "birth": 11,
    "mother": 15,
    "kecamatan": 11.5,
    "desa": 12,
    "rt_rw": 8,
    "status": 13,
    "row": 8,
    "source": 14,
    "action": 10.5,
    "differs": 17,
    "reason": 52,
    "remark": 19,
    "other_row": 10,
    "other_nik": 17.5,
    "other_name": 24,
    "other_source": 26,
    "record_id": 16,
    "case": 16,
    "decision": 20,
}
"""Columns in their order, with their width in characters."""

PRINTED = list(WIDTHS).index("remark") + 1
_LAST_ROW = 1_048_575  # rows of an Excel sheet, header included, counted from 0
_FIELDS: dict[str, tuple[str, ...]] = {
    "nik": ("nik",),
    "no_kk": ("no_kk",),
    "name": ("nama_lgkp",),
    "sex": ("jenis_klmin",),
    "birth": ("tgl_lhr",),
    "mother": ("nama_lgkp_ibu",),
    "kecamatan": ("wilayah",),
    "desa": ("wilayah",),
    "rt_rw": ("no_rt", "no_rw"),
    "status": ("recorded",),
}
"""Columns that are bold where one of these fields differs from that of the counterpart."""
MARKED = {name: f"{name}_differs" for name in _FIELDS}
"""Columns that can be bold -> the column of truth values that says where they are."""


def sheet_table(decisions: pl.DataFrame, residents: pl.DataFrame, lang: str) -> pl.DataFrame:
    """Return one line per decision, the columns of WIDTHS as they are printed, sorted for the desk.

    Birth is a date where it is known; `birth_text` is what the file says where it is
    not. `sheet` and `area` (kecamatan) say where the line belongs; `<column>_differs`
    whether the counterpart has something else there. Sorted by kecamatan,
    desa, RW, RT and row, the order in which a village is walked; the records of a case
    follow the first of them on their sheet.
    """
    needed = pl.concat([decisions["row"], decisions["other_row"].drop_nulls()]).unique()
    residents = residents.filter(pl.col("row").is_in(needed.implode()))
    shown = _resident_columns(residents, lang)
    other = shown.select(
        pl.col("row").alias("other_row"),
        pl.col("nik").alias("other_nik"),
        pl.col("name").alias("other_name"),
        pl.col("source").alias("other_source"),
    )
    labels = {action: label("action", action, lang) for action in ACTIONS}
    apart = differing(decisions, residents, lang)
    marks = apart.fields.select(
        pl.any_horizontal(fields).alias(MARKED[name]) for name, fields in _FIELDS.items()
    )
    table = (
        decisions.select(
            "row",
            "other_row",
            pl.col("action").alias("sheet"),
            pl.col("action").replace(labels).alias("action"),
            apart.told,
            *marks,
            pl.col(f"reasons_{lang}").alias("reason"),
            pl.lit("").alias("remark"),
            "record_id",
            pl.col("case_id").alias("case"),
            pl.col("decision_id").alias("decision"),
        )
        .join(shown, on="row", how="left", maintain_order="left")
        .join(other, on="other_row", how="left", maintain_order="left")
        .sort("area", "desa", "rw", "rt", "row", nulls_last=True)
        .with_row_index("walk")
        .sort(pl.col("walk").min().over("sheet", "case"), "walk")
    )
    return neutralised(table)


def shown_columns(table: pl.DataFrame) -> list[str]:
    """Return the columns of the sheets: those of WIDTHS, the record ids only where they say more than the row."""
    own = table.filter(pl.col("record_id") != pl.col("row").cast(pl.String)).height
    return [name for name in WIDTHS if own or name != "record_id"]


def _resident_columns(residents: pl.DataFrame, lang: str) -> pl.DataFrame:
    """Return what a sheet shows of every resident, from whichever columns the extract has."""

    def first(*names: str) -> pl.Expr:
        found = [pl.col(name).cast(pl.String) for name in names if name in residents.columns]
        return pl.coalesce(*found, pl.lit(None, pl.String))

    code = first("wilayah_clean")
    rt, rw = first("no_rt_clean", "no_rt"), first("no_rw_clean", "no_rw")
    recorded = {name: text.upper() for name, text in items("recorded", lang).items()}
    birth = pl.col("tgl_lhr_clean") if "tgl_lhr_clean" in residents.columns else pl.lit(None, pl.Date)
    return residents.select(
        "row",
        first("nik_clean", "nik").alias("nik"),
        first("no_kk_clean", "no_kk").alias("no_kk"),
        first("nama_lgkp", "nama_lgkp_clean").alias("name"),
        first("jenis_klmin_clean", "jenis_klmin").alias("sex"),
        birth.alias("birth"),
        first("tgl_lhr", "ttl").alias("birth_text"),
        first("nama_lgkp_ibu", "nama_lgkp_ibu_clean").alias("mother"),
        pl.coalesce(first("kec_name"), _dotted(code, 6)).alias("kecamatan"),
        pl.coalesce(first("kel_name"), _dotted(code, 10)).alias("desa"),
        pl.coalesce(
            pl.when(rt.is_not_null()).then(pl.concat_str(rt, pl.lit("/"), rw.fill_null("-"))),
            first("rt_rw"),
        ).alias("rt_rw"),
        rt.alias("rt"),
        rw.alias("rw"),
        pl.coalesce(first("ektp_status"), first("recorded").replace(recorded)).alias("status"),
        shown_place(residents.columns, lang).alias("source"),
        pl.coalesce(first("kec_name"), code.str.slice(0, 6)).alias("area"),
    )


def _dotted(code: pl.Expr, digits: int) -> pl.Expr:
    """Write a region code as the ministry does (62.12.01.2001); null if it is shorter than `digits`."""
    part = code.str.slice(0, digits).str.replace(r"^(\d\d)(\d\d)(\d\d)(\d{4})?$", "${1}.${2}.${3}.${4}")
    return pl.when(code.str.len_chars() >= digits).then(part.str.strip_chars_end("."))


def sheets_of(table: pl.DataFrame, lang: str) -> Iterator[tuple[str, pl.DataFrame]]:
    """Give name and rows of every sheet; one empty sheet if there are no decisions."""
    taken: set[str] = set()
    for action in dict.fromkeys((*ACTIONS, *table["sheet"].unique().sort())):
        rows = table.filter(pl.col("sheet") == action)
        title = label("sheet", action, lang).upper()
        if rows.height <= SPLIT_ROWS:
            parts = [(title, rows)] if rows.height else []
        else:
            areas = rows.partition_by("area", maintain_order=True)
            parts = [(f"{title} {_area_title(part, lang)}", part) for part in areas]
        for name, part in parts:
            for start in range(0, part.height, _LAST_ROW):
                yield _sheet_name(name, taken), part.slice(start, _LAST_ROW)
    if not taken:
        yield say("sheet.none", lang), table.head(0)


def _area_title(part: pl.DataFrame, lang: str) -> str:
    """Return the kecamatan of a part, cleared of what a sheet name must not hold."""
    name = part["kecamatan"][0] or say("sheet.no_kecamatan", lang)
    return "".join(" " if sign in "[]:*?/\\'" else sign for sign in name)


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return a name of at most 31 characters that no sheet has yet (Excel ignores case)."""
    number, found = 1, name[:31].strip()
    while found.lower() in taken:
        number += 1
        found = f"{name[: 31 - len(str(number)) - 1].strip()} {number}"
    taken.add(found.lower())
    return found
