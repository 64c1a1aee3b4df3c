"""A cell as the one value that was meant: quotes of a formula taken off, a name that was wrapped on one line.

Excel is kept from counting with ="6212...", and cells are wrapped with Alt+Enter; neither changes what a cell says.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from nikdedup.columnar.distinct import map_distinct
from nikdedup.columnar.text import may_hold
from nikdedup.residents.status import key, list_of, recording_class

FORMULA = r'^\s*=\s*(?:T\()?\\?["“”]?([^"“”()\\]*?)\\?["“”]?\)?\s*$'
"""A formula of nothing but a text or a number: ="6212...", =T("6212..."), =6212..."""
_BREAKS = ["\n", "\r", "\v", "\f", "\x85", "\u2028", "_x000D_", "<br"]
_BREAK = r"(?i)\s*(?:[\n\r\v\f\x85\u2028]|_x000D_|<br\s*/?>)+\s*"
_WRAPPED = ("nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah", "tmpt_lhr", "ttl")
"""Fields of which a cell holds one value, however many lines it is written on."""


def without_formula_signs(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return the frame with cells of some columns such as ="6212..." as the text in them; other formulas stay.

    >>> without_formula_signs(pl.DataFrame({"nik": ['="6212014107609001"', "=A1+1"]}), ["nik"])["nik"].to_list()
    ['6212014107609001', '=A1+1']
    """
    may_be = frame.select(((col := pl.col(name)) >= "=").and_(col < ">").any() for name in columns)
    doubtful = [name for name in columns if may_be[name][0]]
    constant = {name: pl.col(name).str.contains(r'["“”]|^\s*=\s*\d+\s*$') for name in doubtful}
    return frame.with_columns(
        pl.when(is_text & pl.col(name).str.contains(FORMULA))
        .then(pl.col(name).str.extract(FORMULA))
        .otherwise(pl.col(name))
        .alias(name)
        for name, is_text in constant.items()
    )


def statuses_apart(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the fields with each text of a column that holds both statuses under the one it speaks of.

    frame: `ektp_status` and `flag_status` of the same column. What neither list has stays under both.

    >>> both = pl.DataFrame({"ektp_status": ["BELUM REKAM", "MENINGGAL"], "flag_status": ["BELUM REKAM", "MENINGGAL"]})
    >>> statuses_apart(both).rows()
    [('BELUM REKAM', None), (None, 'MENINGGAL')]
    """
    life = list_of("life")

    def of_life(text: str) -> bool:
        return key(text) in life and recording_class(text) == "unknown"

    is_life = map_distinct(frame["ektp_status"], of_life, pl.Boolean())
    is_recording = map_distinct(
        frame["ektp_status"], lambda text: recording_class(text) != "unknown", pl.Boolean()
    )
    return frame.with_columns(
        pl.when(~is_life).then(pl.col("ektp_status")).alias("ektp_status"),
        pl.when(~is_recording).then(pl.col("flag_status")).alias("flag_status"),
    )


def on_one_line(frame: pl.DataFrame, *, printed: bool = True) -> pl.DataFrame:
    r"""Return the fields with the lines of a wrapped name or place joined by a space.

    printed: signs of every program are looked for; of an export, line feeds alone.
    Left as they are: cells with lines that are numbered, and those of rows with two NIKs, which hold two people.

    >>> people = pl.DataFrame({"nik": ["6212014107609001", "6212014107609001\n6212010107609002"]})
    >>> people = people.with_columns(nama_lgkp=pl.Series(["EDI\nSUPRAPTO", "SITI\nBUDI"]))
    >>> on_one_line(people)["nama_lgkp"].to_list()
    ['EDI SUPRAPTO', 'SITI\nBUDI']
    """
    names = [name for name in _WRAPPED if name in frame.columns]
    if not printed:
        names = [name for name in names if may_hold(frame[name], b"\n")]
    cells = {name: pl.col(name).str for name in names}
    broken = frame.select(
        (text.contains_any(_BREAKS) if printed else text.contains("\n", literal=True)).any().alias(name)
        for name, text in cells.items()
    )
    several = pl.col("nik").str.count_matches(r"\d") > 24 if "nik" in frame.columns else pl.lit(False)
    return frame.with_columns(
        pl.when(several.fill_null(False) | pl.col(name).str.contains(r"(?m)^\s*\d+\s*[.)]"))
        .then(pl.col(name))
        .otherwise(pl.col(name).str.strip_chars().str.replace_all(_BREAK, " "))
        .alias(name)
        for name in names
        if broken[name][0]
    )
