"""Pairs with their two records, as one table: a line for each record, or left and right columns.

Masked unless identities are asked for. Values are the clean ones, the originals where there is no clean one. What
differs is told by the values themselves, before they are masked.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from nikdedup.masking import mask_numbers
from nikdedup.show.compared import MASKS, note_of, text_of
from nikdedup.show.differing import differences, shown_values
from nikdedup.show.mask import mask_text
from nikdedup.show.places import shown_place

PARTS = (
    "nik", "no_kk", "nama_lgkp", "jenis_klmin", "tgl_lhr", "tmpt_lhr", "nama_lgkp_ibu", "nama_lgkp_ayah",
    "alamat", "no_rt", "no_rw", "wilayah", "recorded",
)  # fmt: skip
"""Fields of a record that are shown, in this order."""
ABOUT = ("kind", "band", "relation", "weight_log2", "probability", "differs")
"""What is said of a pair."""
OWN = ("row", "record_id", "place", "action")
"""What is said of a record besides its fields."""
NOTED = ("nik", "no_kk", "tgl_lhr")
"""Fields of which it is said in which digits or parts they differ: `note_<field>`."""
_OPEN = ("recorded",)
"""Fields that say nothing of who it is."""


def paired_records(
    pairs: pl.DataFrame,
    residents: pl.DataFrame,
    decisions: pl.DataFrame,
    *,
    show_identities: bool,
    lang: str,
) -> pl.DataFrame:
    """Return the pairs with OWN and PARTS of both sides (suffix _l and _r), and with ABOUT, in their order.

    `differs` names the fields in which the two differ, in words; `apart` has them as a list, `blank` those that one of
    the two leaves blank, `note_<field>` of NOTED where two values differ.

    Args:
        pairs: as schema.PAIRS, with the kind.
        residents: the published table, of which the rows of the pairs are read.
        decisions: as schema.DECISIONS.
        show_identities: whether NIKs and names stand in full; masked otherwise.
        lang: `id` or `en`.
    """
    rows = pl.concat([pairs["row_l"], pairs["row_r"]]).unique()
    own = residents.filter(pl.col("row").is_in(rows.implode()))
    there = [part for part in PARTS if {part, f"{part}_clean"} & set(own.columns)]
    values = shown_values(own, there)
    sides = values.join(own.select("row", place=shown_place(own.columns, lang)), on="row", how="left")
    sides = sides.join(decisions.select("row", "action"), on="row", how="left").drop_nulls("row")
    table = pairs.with_columns(differs=differences(pairs.select(row="row_l", other_row="row_r"), own, lang))
    for side in "lr":
        one = sides.select(pl.all().name.suffix(f"_{side}"))
        table = table.join(one, on=f"row_{side}", how="left", maintain_order="left")
    table = table.with_columns(
        _named(there, _apart).alias("apart"),
        _named(there, _blank).alias("blank"),
        *(_notes(table, part, lang).alias(f"note_{part}") for part in NOTED),
    )
    shown = [(f"{part}_{side}", part) for part in there if part not in _OPEN for side in "lr"]
    table = table.with_columns(_shown(table[name], part, show_identities, lang) for name, part in shown)
    if not show_identities:
        table = table.with_columns(
            _told(table[f"{name}_{side}"], mask_numbers) for name in ("record_id", "place") for side in "lr"
        )
    both = [f"{name}_{side}" for side in "lr" for name in (*OWN, *there)]
    return table.select(*ABOUT, "apart", "blank", *(f"note_{part}" for part in NOTED), *both)


def as_two_rows(table: pl.DataFrame) -> pl.DataFrame:
    """Return a line for each record: `pair` counts pairs from 0, `side` is l or r."""
    names = [name[:-2] for name in table.columns if name.endswith("_l")]
    numbered = table.with_row_index("pair").with_columns(pl.col("pair").cast(pl.Int64))
    lines = [
        numbered.select(
            "pair",
            pl.lit(side).alias("side"),
            *ABOUT,
            *(pl.col(f"{name}_{side}").alias(name) for name in names),
        )
        for side in "lr"
    ]
    return pl.concat(lines).sort("pair", "side", maintain_order=True)


def as_columns(table: pl.DataFrame) -> pl.DataFrame:
    """Return a line for each pair, of each field the left value beside the right one."""
    names = [name[:-2] for name in table.columns if name.endswith("_l")]
    return table.select(*ABOUT, *(f"{name}_{side}" for name in names for side in "lr"))


def _apart(part: str) -> pl.Expr:
    return pl.col(f"{part}_l") != pl.col(f"{part}_r")


def _blank(part: str) -> pl.Expr:
    return pl.col(f"{part}_l").is_null() ^ pl.col(f"{part}_r").is_null()


def _named(parts: list[str], holds: Callable[[str], pl.Expr]) -> pl.Expr:
    """Return the list of those parts of which something holds."""
    said = [pl.when(holds(part).fill_null(False)).then(pl.lit(part)) for part in parts]
    return pl.concat_list(said).list.drop_nulls()


def _notes(table: pl.DataFrame, part: str, lang: str) -> pl.Series:
    """Return in which digits or parts two values of a field differ; null where they do not, or in too many."""
    names = [f"{part}_{side}" for side in "lr"]
    if not set(names) <= set(table.columns):
        return pl.Series([None] * len(table), dtype=pl.String)
    pairs = table.select(names).iter_rows()
    return pl.Series([note_of(part, a or "", b or "", lang) or None for a, b in pairs], dtype=pl.String)


def _shown(values: pl.Series, part: str, show_identities: bool, lang: str) -> pl.Series:
    """Return a column as it may be shown."""
    if part in MASKS or show_identities:
        return _told(values, lambda text: text_of(text, part, show_identities, lang))
    return _told(values, mask_text)


def _told(values: pl.Series, telling: Callable[[str], str]) -> pl.Series:
    """Return what is told of each value; each distinct one is looked at once."""
    told = {text: telling(text) for text in values.drop_nulls().unique().to_list()}
    return values.replace_strict(told, default=None, return_dtype=pl.String) if told else values
