"""Two records side by side, field by field, with what differs marked; no weights, no judgement."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from nikdedup.columnar.pandas_frame import pandas_frame
from nikdedup.masking import mask_numbers
from nikdedup.show import numbers
from nikdedup.show.cell import cell, head
from nikdedup.show.compared import MASKS, note_of, text_of
from nikdedup.show.differing import shown_values
from nikdedup.show.figures import Table
from nikdedup.show.mask import mask_state, mask_text
from nikdedup.show.places import named, places
from nikdedup.show.summary import aligned
from nikdedup.show.texts import items, label, say

if TYPE_CHECKING:
    import pandas as pd

_FIELDS = (
    "nik", "no_kk", "nama_lgkp", "jenis_klmin", "tgl_lhr", "tmpt_lhr", "nama_lgkp_ibu", "nama_lgkp_ayah",
    "alamat", "no_rt", "no_rw", "wilayah", "stat_kwn", "stat_hbkel", "flag_status", "recorded",
    "tgl_entri", "tgl_ubah", "ektp_created",
)  # fmt: skip
_NAMED = {
    "recorded": "recorded",
    "flag_status": "meaning",
    "stat_kwn": "marital",
    "stat_hbkel": "family_place",
}
"""Fields whose codes have names, with the group of them."""
_DATES = ("tgl_entri", "tgl_ubah", "ektp_created")
COLUMNS = {
    "field": pl.String(), "name": pl.String(), "a": pl.String(), "b": pl.String(), "differs": pl.Boolean(),
    "note": pl.String(),
}  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Two records side by side; `.frame`, `.text()`, `.to_pandas()`, HTML in a notebook. Masked unless asked for."""

    row_a: int
    row_b: int
    frame: pl.DataFrame = field(repr=False)
    """A line for each field that one of the two fills: field, name, a, b, differs (null where one is blank), note."""
    places: dict[int, str] = field(repr=False)
    lang: Literal["id", "en"] = "id"
    masked: bool = True

    @property
    def differing(self) -> list[str]:
        """The fields in which the two differ."""
        return self.frame.filter("differs")["field"].to_list()

    def __repr__(self) -> str:
        differing = f"{len(self.differing)} of {len(self.frame)} fields differ"
        return f"Comparison(rows {self.row_a} and {self.row_b}, {differing})"

    def to_pandas(self) -> pd.DataFrame:
        """Return the frame as a plain frame of pandas."""
        return pandas_frame(self.frame)

    def text(self) -> str:
        """Return the two records for a terminal; a star stands where they differ."""
        rows = tuple(
            (
                "*" if one["differs"] else "",
                one["name"],
                one["a"] or numbers.NONE,
                one["b"] or numbers.NONE,
                one["note"] or "",
            )
            for one in self.frame.iter_rows(named=True)
        )
        headers = ("", say("explain.field", self.lang), str(self.row_a), str(self.row_b), "")
        table = Table("", headers, (headers, *rows), text_columns=5)
        return "\n".join(
            [self._title(), *(line.rstrip() for line in aligned(table)), *self._notes()]
        ).replace("−", "-")

    def _title(self) -> str:
        a, b = (named(row, self.places.get(row, ""), self.lang) for row in (self.row_a, self.row_b))
        return say("explain.title", self.lang, a=a, b=b)

    def _notes(self) -> list[str]:
        return [say("explain.masked", self.lang)] if self.masked and len(self.frame) else []

    def _repr_html_(self) -> str:
        lines = []
        for one in self.frame.iter_rows(named=True):
            kind = " class=d" if one["differs"] else " class=o" if one["differs"] is None else ""
            note = f"<br><small>{escape(one['note'])}</small>" if one["note"] else ""
            a, b = (escape(one[side] or numbers.NONE) for side in "ab")
            lines.append(f"<tr><td>{escape(one['name'])}</td><td{kind}>{a}</td><td{kind}>{b}{note}</td></tr>")
        top = f"<tr><th>{escape(say('explain.field', self.lang))}</th><th>{self.row_a}</th><th>{self.row_b}</th></tr>"
        small = "".join(f"<p><small>{escape(note)}</small></p>" for note in self._notes())
        then = [f"result.explain({self.row_a}, {self.row_b})"]
        drawn = f"<table>{top}{''.join(lines)}</table>" if lines else ""
        return cell(head(self._title()), drawn, small, then=then, lang=self.lang)


def compare_records(
    row_a: int, row_b: int, residents: pl.DataFrame, *, further: list[str], show_identities: bool, lang: str
) -> Comparison:
    """Return two residents side by side.

    Args:
        row_a: row of one record.
        row_b: row of the other.
        residents: published lines of the two.
        further: further columns of evidence that the run has compared.
        show_identities: whether NIKs and names stand in full; masked otherwise.
        lang: `id` or `en`.
    """
    there = [name for name in (*_FIELDS, *further) if {name, f"{name}_clean"} & set(residents.columns)]
    values = shown_values(residents, there)
    sides: dict[int, dict[str, Any]] = values.rows_by_key("row", named=True, unique=True)
    lines = []
    for name in there:
        a, b = sides[row_a][name], sides[row_b][name]
        if a is not None or b is not None:
            shown = [None if one is None else _shown(one, name, show_identities, lang) for one in (a, b)]
            differs = None if a is None or b is None else a != b
            lines.append(
                (name, _name(name, lang), *shown, differs, note_of(name, a or "", b or "", lang) or None)
            )
    frame = pl.DataFrame(lines, schema=COLUMNS, orient="row")
    where = {row: mask_numbers(place) for row, place in places(residents, [row_a, row_b], lang).items()}
    return Comparison(row_a, row_b, frame, where, "en" if lang == "en" else "id", not show_identities)


def _name(name: str, lang: str) -> str:
    told = items("differs", lang).get(name) or label("part", name, lang)
    return told[0].upper() + told[1:]


def _shown(text: str, name: str, show_identities: bool, lang: str) -> str:
    if name in _NAMED:
        return label(_NAMED[name], mask_state(text), lang)
    if name in _DATES:
        return numbers.day(text, lang)
    if name in MASKS or show_identities:
        return text_of(text, name, show_identities, lang)
    return mask_text(text)
