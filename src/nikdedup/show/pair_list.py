"""Pairs as a notebook shows them and as an office works through them: what differs is marked."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from nikdedup.columnar.pandas_frame import pandas_frame
from nikdedup.errors import door
from nikdedup.show import numbers
from nikdedup.show.cell import cell, head
from nikdedup.show.extract_file import check_target, write_all
from nikdedup.show.figures import Table, kind_name
from nikdedup.show.pair_book import write_pair_book
from nikdedup.show.pair_table import NOTED, PARTS, as_columns, as_two_rows
from nikdedup.show.summary import aligned
from nikdedup.show.texts import items, label, say

if TYPE_CHECKING:
    import pandas as pd

_LITTLE = ("no_rt", "no_rw")
"""Fields that a line across the page has no room for."""
_WHOLE = ("nik", "no_kk", "tgl_lhr")
"""Fields that do not break into lines."""
MOST_SHOWN = 20
"""Pairs that a notebook or a terminal shows; all of them stand in `.frame`."""


@dataclass(frozen=True)
class PairList:
    """Pairs of records with what differs; `.frame`, `.text()`, `.to_pandas()`, `.to_excel()`, HTML in a notebook.

    Everything, the frame too, is masked unless the caller asked for identities.
    """

    table: pl.DataFrame = field(repr=False)
    """As `paired_records` returns it."""
    side_by_side: bool = False
    lang: Literal["id", "en"] = "id"
    masked: bool = True

    @property
    def frame(self) -> pl.DataFrame:
        """Two lines for each pair (`pair`, `side` l or r); where side by side one, with columns `_l` and `_r`."""
        return as_columns(self.table) if self.side_by_side else as_two_rows(self.table)

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        bands = self.table["band"].fill_null("none").value_counts().sort("band")
        counts = ", ".join(f"{n} {band}" for band, n in bands.iter_rows())
        return f"PairList({len(self)} pairs{f': {counts}' if counts else ''})"

    def to_pandas(self) -> pd.DataFrame:
        """Return the frame as a plain frame of pandas: whole numbers `Int64`, texts `string`."""
        return pandas_frame(self.frame)

    @door
    def to_excel(self, path: str | Path) -> Path:
        """Write the pairs as a workbook, two lines each with what differs in bold and cells for an answer.

        Args:
            path: an .xlsx file, readable by its owner only.

        Returns:
            The path of the file.

        Raises:
            InputError: for another ending, or a place where no file may be written.
            RunError: where the disk is full or the file is open in Excel; an earlier file is as it was.
        """
        target = Path(path)
        check_target(target, "path", (".xlsx",))
        write_all([(target, lambda partial: write_pair_book(partial, self.table, self.lang))])
        return target

    def text(self) -> str:
        """Return the first pairs for a terminal: where they stand, how sure, and what differs."""
        lang = self.lang
        keys = ("pair", "kind", "band", "weight", "differs")
        rows = tuple(
            (
                f"{pair['row_l']} – {pair['row_r']}", *_about(pair, lang),
                numbers.decimal(pair["weight_log2"], lang, signed=True), pair["differs"] or numbers.NONE,
            )
            for pair in self.table.head(MOST_SHOWN).iter_rows(named=True)
        )  # fmt: skip
        headers = tuple(say(f"pairs.{key}", lang) for key in keys)
        lines = aligned(Table("", headers, (headers, *rows), text_columns=5)) if rows else []
        return "\n".join([self._title(), *lines, *self._more()]).replace("−", "-")

    def _title(self) -> str:
        return say("pairs.title", self.lang, n=numbers.integer(len(self), self.lang))

    def _more(self) -> list[str]:
        rest = len(self) - MOST_SHOWN
        return [say("pairs.more", self.lang, n=numbers.integer(rest, self.lang))] if rest > 0 else []

    def _repr_html_(self) -> str:
        shown = self.table.head(MOST_SHOWN)
        drawn = _blocks(shown, self.lang) if self.side_by_side else _two_rows(shown, self.lang)
        notes = [*self._more(), *([say("explain.masked", self.lang)] if self.masked and len(self) else [])]
        first = self.table.select("row_l", "row_r").head(1).rows()
        then = [call for a, b in first for call in (f"result.explain({a}, {b})", f"result.compare({a}, {b})")]
        small = "".join(f"<p><small>{escape(note)}</small></p>" for note in notes)
        return cell(head(self._title()), drawn, small, then=then, lang=self.lang)


def _about(pair: dict[str, Any], lang: str) -> tuple[str, str]:
    kind = kind_name(pair["kind"], lang) if pair["kind"] else numbers.NONE
    return kind, label("band", pair["band"] or "null", lang)


def _parts(table: pl.DataFrame) -> list[str]:
    """Return the fields in which something stands."""
    there = [part for part in PARTS if f"{part}_l" in table.columns]
    return [
        part
        for part in there
        if table.select(pl.col(f"{part}_l", f"{part}_r").is_not_null().any()).row(0).count(True)
    ]


def _value(pair: dict[str, Any], part: str, side: str, lang: str) -> str:
    value = pair[f"{part}_{side}"]
    if part == "recorded":
        return label("recorded", value or "unknown", lang)
    return str(value) if value is not None else numbers.NONE


def _marked(pair: dict[str, Any], part: str, text: str) -> str:
    """Return a cell, marked where the other record has another value, or none."""
    apart, blank = pair["apart"] or [], pair["blank"] or []
    kinds = [name for name, parts in (("d", apart), ("o", blank), ("w", _WHOLE)) if part in parts]
    return f"<td class='{' '.join(kinds)}'>{escape(text)}" if kinds else f"<td>{escape(text)}"


def _note(pair: dict[str, Any], part: str) -> str:
    note = pair[f"note_{part}"] if part in NOTED else None
    return f"<br><small>{escape(note)}</small>" if note else ""


def _sure(pair: dict[str, Any], lang: str, *, short: bool = False) -> str:
    """Return kind, band and weight of a pair, one below the other; short: of the kind its letter."""
    weight = numbers.decimal(pair["weight_log2"], lang, digits=1, signed=True)
    kind, band = _about(pair, lang)
    letter = f'<b title="{escape(kind)}">{escape(pair["kind"] or numbers.NONE)}</b> {weight}'
    return f"{letter}<br>{escape(band)}" if short else "<br>".join(map(escape, (kind, band, weight)))


def _two_rows(table: pl.DataFrame, lang: str) -> str:
    """Return a table with two lines for each pair."""
    names, parts = items("differs", lang), [part for part in _parts(table) if part not in _LITTLE]
    titles = [
        say("pairs.pair", lang),
        say("pairs.record", lang),
        *(names[part] for part in parts),
        say("report.action", lang),
    ]
    lines = ["<tr>" + "".join(f"<th>{escape(title)}</th>" for title in titles) + "</tr>"]
    for pair in table.iter_rows(named=True):
        for side in "lr":
            about = f"<td rowspan=2 class=w>{_sure(pair, lang, short=True)}</td>" if side == "l" else ""
            place = f"<td>{pair[f'row_{side}']}<br><small>{escape(pair[f'place_{side}'] or '')}</small></td>"
            cells = (
                _marked(pair, part, _value(pair, part, side, lang))
                + (_note(pair, part) if side == "r" else "") + "</td>"
                for part in parts
            )  # fmt: skip
            action = label("action", pair[f"action_{side}"], lang) or numbers.NONE
            group = " class=g" if side == "l" else ""
            lines.append(f"<tr{group}>{about}{place}{''.join(cells)}<td>{escape(action)}</td></tr>")
    return f"<table>{''.join(lines)}</table>" if len(table) else ""


def _blocks(table: pl.DataFrame, lang: str) -> str:
    """Return a small table for each pair: a field a line, left beside right."""
    blocks = "".join(_block(pair, _parts(table), lang) for pair in table.iter_rows(named=True))
    return f"<div class=s>{blocks}</div>" if blocks else ""


def _block(pair: dict[str, Any], parts: list[str], lang: str) -> str:
    names = items("differs", lang)
    sides = "".join(
        f"<th>{pair[f'row_{side}']}<br><small>{escape(pair[f'place_{side}'] or '')}</small></th>"
        for side in "lr"
    )
    lines = [f"<tr><td>{_sure(pair, lang)}</td>{sides}</tr>"]
    for part in parts:
        left, right = (_marked(pair, part, _value(pair, part, side, lang)) for side in "lr")
        lines.append(f"<tr><td>{escape(names[part])}</td>{left}</td>{right}{_note(pair, part)}</td></tr>")
    actions = "".join(
        f"<td>{escape(label('action', pair[f'action_{side}'], lang) or numbers.NONE)}</td>" for side in "lr"
    )
    lines.append(f"<tr><td>{escape(say('report.action', lang))}</td>{actions}</tr>")
    return f"<table>{''.join(lines)}</table>"
